/* rehearse_init.c - tocsin rehearse --init: writes the starter scripts, all of them or none. */
#include <unistd.h>

#include "cli/client.h"
#include "cli/rehearse.h"
#include "engine/rehearse_init.h"
#include "sys/files.h"

#define FOLDER "rehearsals"

static const char *path_of(struct rehearsing *r, const char *folder, const struct starter *s)
{
    struct buf path = { 0 };
    buf_addf(&path, "%s/%.*s", folder, (int)s->name.n, s->name.p);
    const char *kept = arena_str(r->arena, buf_slice(&path));
    buf_release(&path);
    return kept;
}

/* Would one of them be overwritten? Says which. */
static bool is_there(struct rehearsing *r, const char *folder, const struct starters *all)
{
    for (size_t i = 0; i < all->n; i++) {
        const char *path = path_of(r, folder, &all->v[i]);
        if (access(path, F_OK) != 0) continue;
        r->status = command_fail(r->in, EXIT_USAGE,
                                 "%s is there already: nothing is written. --force overwrites, "
                                 "--dir writes elsewhere",
                                 path);
        return true;
    }
    return false;
}

static int write_all(struct rehearsing *r, const char *folder, const struct starters *all, struct error *e)
{
    int rc = file_make_dirs(folder, 0755, e);
    for (size_t i = 0; i < all->n && rc == 0; i++) {
        const char *path = path_of(r, folder, &all->v[i]);
        rc = file_replace(path, all->v[i].text, 0644, e);
        if (rc < 0) break;
        buf_addf(&r->screen.out, "%s: %u expectations", path, all->v[i].expectations);
        if (all->v[i].stumbles > 0) {
            buf_addf(&r->screen.out, ", but %u lines of it cannot be played on this site", all->v[i].stumbles);
            r->status = EXIT_REFUSED;
        }
        buf_add_char(&r->screen.out, '\n');
    }
    return rc;
}

void rehearse_init(struct rehearsing *r)
{
    const char *given = given_value(r->in, "dir"), *folder = given != NULL ? given : FOLDER;
    const struct stage_options o = rehearse_ground(r);
    const struct starters all = starters_make(&o, r->arena);
    struct error e = { 0 };
    if (!given_switch(r->in, "force") && is_there(r, folder, &all)) return;
    if (write_all(r, folder, &all, &e) < 0) r->status = command_fail(r->in, EXIT_USAGE, "%s", e.detail);
}
