/* confine.c - the paths of each process, and the line about its walls.
 * Not here: how a wall is built (sys/sandbox*.c); which calls a role may make (sys/sandbox_calls.c).
 */
#include "serve/confine.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/vec.h"
#include "sys/files.h"
#include "sys/log.h"
#include "sys/sandbox.h"
#include "sys/zoneinfo.h"

struct walls {
    struct arena *arena; /* of the paths made here */
    VEC(struct sandbox_path) paths;
};

static void add(struct walls *w, const char *path, enum sandbox_right right, const char *name)
{
    *(struct sandbox_path *)vec_push(&w->paths) = (struct sandbox_path){ path, right, name };
}

static const char *text_of(struct walls *w, struct slice s)
{
    char *copy = arena_alloc(w->arena, s.n + 1);
    for (size_t i = 0; i < s.n; i++) copy[i] = s.p[i];
    copy[s.n] = '\0';
    return copy;
}

/* The directory that a file lies in: a file that is replaced is another one to the kernel, its directory stays. */
static void add_folder_of(struct walls *w, struct slice file, enum sandbox_right right, const char *name)
{
    size_t n = file.n;
    if (file.n == 0) return;
    while (n > 0 && file.p[n - 1] != '/') n--;
    add(w, n > 0 ? text_of(w, slice_upto(file, n)) : ".", right, name);
}

static void tell(const char *who, bool whole, struct buf *told)
{
    if (whole)
        log_info(who, "confined: %s", buf_str(told));
    else
        log_warning(who, "not confined as it should be: %s", buf_str(told));
    buf_release(told);
}

static void confine(const char *who, enum sandbox_role role, struct walls *w)
{
    struct buf told = { 0 };
    sandbox_hide();
    bool whole = sandbox_calls(role, &told);
    buf_add_str(&told, "; ");
    if (!sandbox_files(role, w->paths.v, w->paths.n, &told)) whole = false;
    tell(who, whole, &told);
    vec_release(&w->paths);
    arena_destroy(&w->arena);
}

/* It opens no file; a wall of files would stand around its children too. */
void supervisor_confine(void)
{
    struct buf told = { 0 };
    sandbox_hide();
    tell("supervisor", sandbox_calls(SANDBOX_SUPERVISOR, &told), &told);
}

void clerk_confine(void)
{
    struct walls w = { .arena = arena_create(0) };
    add(&w, "/", SANDBOX_READ, "all files");
    confine("clerk", SANDBOX_CLERK, &w);
}

void server_confine(const struct state_dir *dir)
{
    struct walls w = { .arena = arena_create(0) };
    add(&w, buf_str(&dir->path), SANDBOX_WRITE, "state");
    add_folder_of(&w, buf_slice(&dir->socket), SANDBOX_WRITE, "socket");
    add(&w, zoneinfo_place(), SANDBOX_READ, "zoneinfo");
    confine("server", SANDBOX_SERVER, &w);
}

/* What name resolution, TLS and its modules read. */
static void add_system(struct walls *w)
{
    static const char *const places[] = { "/etc",
                                          "/usr",
                                          "/lib",
                                          "/lib64",
                                          "/run/systemd/resolve",
                                          "/run/resolvconf",
                                          "/run/NetworkManager",
                                          "/dev/urandom",
                                          "/proc/sys/kernel/random" };
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) add(w, places[i], SANDBOX_READ, "system");
}

static struct slice ca_of(const struct channel_config *c)
{
    return c->kind == CHANNEL_SMTP ? c->smtp.ca : c->kind == CHANNEL_WEBHOOK ? c->webhook.ca : c->chat.ca;
}

static void add_channels(struct walls *w, const struct site *s)
{
    for (size_t i = 0; i < s->dir.n_channels; i++) {
        const struct channel_config *c = &s->channels[i];
        if (c->kind == CHANNEL_LOG)
            add_folder_of(w, c->log.path, SANDBOX_APPEND, "log channels");
        else
            add_folder_of(w, ca_of(c), SANDBOX_READ, "authorities");
    }
}

void courier_confine(const struct site *s, const char *state_dir)
{
    struct walls w = { .arena = arena_create(0) };
    const char *credentials = getenv("CREDENTIALS_DIRECTORY");
    struct buf key = { 0 };
    state_dir_choose(state_dir, s->state_dir, &key);
    buf_add_str(&key, "/" RETURN_KEY_NAME);
    add_system(&w);
    add_folder_of(&w, s->path, SANDBOX_READ, "site");
    add_folder_of(&w, s->routing, SANDBOX_READ, "site");
    if (credentials != NULL && credentials[0] != '\0') add(&w, credentials, SANDBOX_READ, "credentials");
    add(&w, buf_str(&key), SANDBOX_READ, RETURN_KEY_NAME);
    add(&w, zoneinfo_place(), SANDBOX_READ, "zoneinfo");
    add_channels(&w, s);
    add_folder_of(&w, s->heartbeat.request.ca, SANDBOX_READ, "authorities");
    confine("courier", SANDBOX_COURIER, &w);
    buf_release(&key);
}

void confine_nothing(void)
{
    log_warning("serve", "not confined: one process has the rights of all; for debugging only");
}
