/* facts.h - what holds now for the doors, made of the site, the bundles in use and the instance's key.
 *
 * One immutable set behind one pointer; a reload publishes another. Whoever acquired a set keeps its site, directory and
 * policies alive until it releases it. */
#ifndef SERVE_FACTS_H
#define SERVE_FACTS_H

#include "engine/engine.h"
#include "http/port.h"
#include "serve/clerk.h"
#include "site/site.h"

struct facts_set; /* opaque: one set */
struct facts_board; /* opaque: where the present one hangs */

/* Resolves the secrets of keys and tokens. Takes the site when it succeeds; the error names what is missing. */
/* The clerk reads them; NULL: this process itself. */
int facts_create(struct site *site, struct clerk *clerk, struct slice instance_key, int64_t started_wall, struct facts_set **out,
                 struct error *e);
void facts_discard(struct facts_set **f); /* never published; NULL is fine; clears *f */
const struct site *facts_site(const struct facts_set *f);
const struct site *facts_site_of(const struct facts *f); /* of an acquired one */

struct facts_board *facts_board_create(void);
void facts_board_destroy(struct facts_board **b); /* all but the board's own references are released */
/* Adds the bundles that the engine has now, what of the active one is not bound, and why the files are not in force
 * (`broken`, empty: they are); replaces the present set. Takes *f. */
void facts_publish(struct facts_board *b, struct facts_set **f, struct engine *e, struct slice broken);
/* The same site with the engine's bundles of now. */
void facts_renew(struct facts_board *b, struct engine *e, struct slice broken);

const struct facts *facts_acquire(struct facts_board *b); /* any thread */
void facts_release(const struct facts *f); /* any thread */

#endif
