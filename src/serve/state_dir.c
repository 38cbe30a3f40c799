/* state_dir.c - choosing, making, locking. */
#include "serve/state_dir.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sys/entropy.h"
#include "sys/files.h"

#define DEFAULT_DIR "/var/lib/tocsin"
#define DEFAULT_RUNTIME "/run/tocsin"
#define SOCKET_NAME "tocsin.sock"
#define LOCK_WAIT_MS 5000
#define LOCK_LOOK_MS 50

/* systemd gives several directories separated by colons: the first is ours. */
static struct slice directory_in(const char *variable)
{
    struct slice all = slice_of(getenv(variable));
    return slice_cut(&all, ':');
}

/* Who is not root has nothing under /var/lib: the place for state of the XDG base directories. */
static void add_own(struct buf *out)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    if (geteuid() == 0 || home == NULL || home[0] != '/')
        buf_add_str(out, DEFAULT_DIR);
    else if (state != NULL && state[0] == '/')
        buf_addf(out, "%s/tocsin", state);
    else
        buf_addf(out, "%s/.local/state/tocsin", home);
}

void state_dir_choose(const char *named, struct slice site, struct buf *out)
{
    if (named != NULL)
        buf_add_str(out, named);
    else if (site.n > 0)
        buf_add(out, site);
    else if (directory_in("STATE_DIRECTORY").n > 0)
        buf_add(out, directory_in("STATE_DIRECTORY"));
    else
        add_own(out);
    while (out->len > 1 && out->p[out->len - 1] == '/') out->p[--out->len] = '\0';
}

/* The state directory is closed to others (0700), its socket is not: /run/tocsin is where the machine's own server
 * meets them. Any other state directory keeps its socket in itself, so that servers do not meet. */
static void add_socket(struct slice state, struct buf *out)
{
    const struct slice runtime = directory_in("RUNTIME_DIRECTORY");
    if (runtime.n > 0)
        buf_add(out, runtime);
    else if (slice_eq(state, S(DEFAULT_DIR)))
        buf_add_str(out, DEFAULT_RUNTIME);
    else
        buf_add(out, state);
    buf_add_str(out, "/" SOCKET_NAME);
}

void socket_choose(const char *named, struct buf *out)
{
    struct buf state = { 0 };
    if (named != NULL)
        buf_add_str(out, named);
    else if (access(DEFAULT_RUNTIME "/" SOCKET_NAME, F_OK) == 0)
        buf_add_str(out, DEFAULT_RUNTIME "/" SOCKET_NAME);
    else {
        state_dir_choose(NULL, (struct slice){ 0 }, &state);
        add_socket(buf_slice(&state), out);
    }
    buf_release(&state);
}

static int key_read(uint8_t key[INSTANCE_KEY_BYTES], const char *path, const char *without, struct error *e)
{
    struct buf bytes = { 0 };
    int rc = file_read(path, 4096, &bytes, e);
    if (rc == 0 && bytes.len != INSTANCE_KEY_BYTES)
        rc = fail(e, ERR_INVALID, "%s holds %zu bytes instead of %d: restore it from a backup; without it %s", path,
                  bytes.len, INSTANCE_KEY_BYTES, without);
    if (rc == 0) memcpy(key, bytes.p, INSTANCE_KEY_BYTES);
    if (bytes.p != NULL) explicit_bzero(bytes.p, bytes.cap);
    buf_release(&bytes);
    return rc;
}

struct key_file {
    const char *name, *without; /* what goes wrong when it is lost */
    uint8_t *key;
};

static struct key_file key_file(struct state_dir *d, size_t i)
{
    const struct key_file files[STATE_DIR_KEYS] = {
        { "instance.key", "the links of pages already sent cannot acknowledge", d->key },
        { "instance.id", "the store counts as a copy", d->id },
        { CHAIN_KEY_NAME, "the history that is there cannot be verified", d->chain_key },
    };
    return files[i];
}

static int keys_open(struct state_dir *d, struct error *e)
{
    struct buf path = { 0 };
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < STATE_DIR_KEYS; i++) {
        const struct key_file f = key_file(d, i);
        buf_reset(&path);
        buf_addf(&path, "%s/%s", buf_str(&d->path), f.name);
        rc = key_read(f.key, buf_str(&path), f.without, e);
        if (rc != ERR_NOT_FOUND) continue;
        entropy_fill(f.key, INSTANCE_KEY_BYTES);
        d->made[i] = true;
        if (f.key == d->chain_key) d->chain_key_made = true;
        rc = 0;
    }
    buf_release(&path);
    return rc;
}

/* Those that are missing are made together: a first start waits once for the directory, not three times. */
int state_dir_keep(struct state_dir *d, struct error *e)
{
    struct new_file missing[STATE_DIR_KEYS];
    struct buf paths[STATE_DIR_KEYS] = { 0 };
    size_t n = 0;
    for (size_t i = 0; i < STATE_DIR_KEYS; i++) {
        const struct key_file f = key_file(d, i);
        if (!d->made[i]) continue;
        buf_addf(&paths[i], "%s/%s", buf_str(&d->path), f.name);
        missing[n++] = (struct new_file){ buf_str(&paths[i]), { (const char *)f.key, INSTANCE_KEY_BYTES } };
    }
    const int rc = n > 0 ? files_make(missing, n, 0600, e) : 0;
    for (size_t i = 0; i < STATE_DIR_KEYS; i++) buf_release(&paths[i]);
    return rc;
}

static void place(struct state_dir *d)
{
    buf_addf(&d->database, "%s/" DATABASE_NAME, buf_str(&d->path));
    buf_addf(&d->spool, "%s/" SPOOL_NAME, buf_str(&d->path));
    add_socket(buf_slice(&d->path), &d->socket);
}

/* Where the socket goes; 0755, as systemd makes it: who may do what is decided by peer credentials. */
static int make_runtime(const struct state_dir *d, struct error *e)
{
    const struct slice path = buf_slice(&d->socket);
    struct buf folder = { 0 };
    buf_add(&folder, slice_upto(path, path.n - (sizeof "/" SOCKET_NAME - 1)));
    const int rc = file_make_dirs(buf_str(&folder), 0755, e);
    buf_release(&folder);
    return rc;
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
    rc = make_runtime(out, e);
    if (rc < 0) goto out;
    rc = lock_wait(out, &why);
    if (rc < 0) {
        fail(e, rc, "%s: %s", why.detail,
             rc == ERR_CONFLICT ? "one server a state directory; stop the other, or name another with --state DIR"
                                : "name a directory that this user can write with --state DIR");
        goto out;
    }
    rc = keys_open(out, e);
out:
    if (rc < 0) state_dir_close(out);
    return rc;
}

void state_dir_close(struct state_dir *d)
{
    if (d->lock >= 0) close(d->lock);
    d->lock = -1;
    explicit_bzero(d->key, sizeof d->key);
    explicit_bzero(d->chain_key, sizeof d->chain_key);
    buf_release(&d->path);
    buf_release(&d->database);
    buf_release(&d->spool);
    buf_release(&d->socket);
}
