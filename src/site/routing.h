/* routing.h - routing.yaml: the rules that turn alerts into incidents, read into core/routing.h's structs.
 *
 * A part of the bundle: its bytes are stored with the procedures', so it is read from bytes too. Whole or not at all. */
#ifndef SITE_ROUTING_H
#define SITE_ROUTING_H

#include "core/routing.h"
#include "site/problems.h"

struct arena;
struct site;

/* *out lives in `a`; release it with routing_release() before the arena dies. Services must exist in the site; with
 * site NULL (a bundle kept from before) they are taken as they are. 0, or ERR_SYNTAX with the problems added. */
int routing_load_bytes(struct arena *a, struct slice file, struct slice bytes, const struct site *site,
                       struct routing *out, struct problems *p);
/* The file that the site names; no file named is an empty routing, a named one that is not there an error. */
int routing_load(struct arena *a, const struct site *site, struct routing *out, struct problems *p);

#endif
