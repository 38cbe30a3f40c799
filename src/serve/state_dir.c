/* state_dir.c - choosing, making, locking. */
#include "serve/state_dir.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sys/entropy.h"
#include "sys/files.h"

#define DEFAULT_DIR "/var/lib/tocsin"
#define LOCK_WAIT_MS 5000
#define LOCK_LOOK_MS 50

static struct slice choose(const char *named, struct slice site)
{
    if (named != NULL) return slice_of(named);
    if (site.n > 0) return site;
    struct slice systemd = slice_of(getenv("STATE_DIRECTORY")); /* several are separated by colons: the first */
    systemd = slice_cut(&systemd, ':');
    return systemd.n > 0 ? systemd : S(DEFAULT_DIR);
}

void state_dir_choose(const char *named, struct slice site, struct buf *out)
{
    buf_add(out, choose(named, site));
    while (out->len > 1 && out->p[out->len - 1] == '/') out->p[--out->len] = '\0';
}

static int key_read(struct state_dir *d, const char *path, struct error *e)
{
    struct buf bytes = { 0 };
    int rc = file_read(path, 4096, &bytes, e);
    if (rc == 0 && bytes.len != sizeof d->key)
        rc = fail(e, ERR_INVALID,
                  "%s holds %zu bytes instead of %zu: restore it from a backup; without it the links of "
                  "pages already sent cannot acknowledge",
                  path, bytes.len, sizeof d->key);
    if (rc == 0) memcpy(d->key, bytes.p, sizeof d->key);
    if (bytes.p != NULL) explicit_bzero(bytes.p, bytes.cap);
    buf_release(&bytes);
    return rc;
}

static int key_open(struct state_dir *d, struct error *e)
{
    struct buf path = { 0 };
    buf_addf(&path, "%s/instance.key", buf_str(&d->path));
    int rc = key_read(d, buf_str(&path), e);
    if (rc == ERR_NOT_FOUND) {
        entropy_fill(d->key, sizeof d->key);
        rc = file_replace(buf_str(&path), (struct slice){ (const char *)d->key, sizeof d->key }, 0600, e);
    }
    buf_release(&path);
    return rc;
}

static void place(struct state_dir *d)
{
    struct slice runtime = slice_of(getenv("RUNTIME_DIRECTORY"));
    runtime = slice_cut(&runtime, ':');
    buf_addf(&d->database, "%s/tocsin.db", buf_str(&d->path));
    buf_add(&d->socket, runtime.n > 0 ? runtime : buf_slice(&d->path));
    buf_add_str(&d->socket, "/tocsin.sock");
}

/* The server before us may be ending at this moment: its lock goes with its last thread. */
static int lock_wait(struct state_dir *d, struct error *e)
{
    int rc = ERR_CONFLICT;
    for (int waited = 0; rc == ERR_CONFLICT && waited <= LOCK_WAIT_MS; waited += LOCK_LOOK_MS) {
        if (waited > 0) nanosleep(&(struct timespec){ .tv_nsec = LOCK_LOOK_MS * 1000000L }, NULL);
        rc = file_lock_dir(buf_str(&d->path), &d->lock, e);
    }
    return rc;
}

int state_dir_open(const char *named, struct slice site, struct state_dir *out, struct error *e)
{
    struct error why = { 0 };
    *out = (struct state_dir){ .lock = -1 };
    state_dir_choose(named, site, &out->path);
    place(out);
    int rc = file_make_dirs(buf_str(&out->path), 0700, &why);
    if (rc < 0) {
        fail(e, rc, "%s: name a directory that this user can write with --state DIR", why.detail);
        goto out;
    }
    rc = lock_wait(out, &why);
    if (rc < 0) {
        fail(e, rc, "%s: one server a state directory; stop the other, or name another with --state DIR", why.detail);
        goto out;
    }
    rc = key_open(out, e);
out:
    if (rc < 0) state_dir_close(out);
    return rc;
}

void state_dir_close(struct state_dir *d)
{
    if (d->lock >= 0) close(d->lock);
    d->lock = -1;
    explicit_bzero(d->key, sizeof d->key);
    buf_release(&d->path);
    buf_release(&d->database);
    buf_release(&d->socket);
}
