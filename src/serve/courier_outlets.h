/* courier_outlets.h - the site's channels with their secrets in hand: what the courier can send by.
 *
 * Read from site.yaml and the credentials by the courier itself, so that no other process ever holds a provider's
 * secret. Immutable; a reload makes another set. Secrets live in it and are wiped when it is destroyed. */
#ifndef SERVE_COURIER_OUTLETS_H
#define SERVE_COURIER_OUTLETS_H

#include "notify/notifier.h"

struct outlet {
    const struct notifier_ops *ops; /* never NULL */
    struct notifier_channel as;
    struct slice to; /* recipient of what names none: the channel's `to:`; may be empty */
    struct error problem; /* code 0: usable; else why not (a credential that cannot be read) */
};

struct outlets {
    struct slice site_hash; /* hex */
    struct outlet *v;
    size_t n;
    void *owner; /* courier_outlets.c's */
};

/* All or nothing as far as the file goes: on failure the site's mistakes are appended to `report`, a line each. A
 * secret that cannot be read spoils its channel alone. */
int outlets_load(const char *site_path, const char *state_dir, struct outlets **out, struct buf *report);
void outlets_destroy(struct outlets **o); /* NULL is fine; clears *o */

const struct site *outlets_site(const struct outlets *o);
const struct outlet *outlets_find(const struct outlets *o, struct slice name); /* NULL: no such channel */

/* Does the text hold one of the outlet's secrets? */
bool outlet_leaks(const struct outlet *o, struct slice text);

#endif
