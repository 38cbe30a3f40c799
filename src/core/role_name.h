/* role_name.h - one id for the many ways people write a role or a party.
 *
 * "Primary On-Call Engineer", "Primary On-Call" and "on-call engineer" are all `primary` (A8). The compiler asks for
 * headings, contacts and targets, the site for the keys under `roles:`; both sides of a binding therefore agree. What
 * is no known role becomes the slug of its text: "Database administrators" is `database-administrators`. */
#ifndef CORE_ROLE_NAME_H
#define CORE_ROLE_NAME_H

#include "base/slice.h"

struct arena;

/* The role's id. A known role's id is a literal; a slug is allocated in `a` ({NULL,0} past its limit, or without any
 * letter or digit). Letters outside ASCII stay as they are. */
struct slice role_id(struct arena *a, struct slice written);

#endif
