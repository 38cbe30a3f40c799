/* near.h - which known name was probably meant. Pure. */
#ifndef PROCEDURES_NEAR_H
#define PROCEDURES_NEAR_H

#include "base/slice.h"

#define NEAR_NAME_MAX 40 /* bytes; longer names are near to nothing */

/* The name of `known` that is the fewest edits (of one byte: put, take, change) from `name`, if these are at most two and
 * fewer than a quarter of its bytes; empty otherwise. Case does not count. The earlier wins. */
struct slice near_name(const struct slice *known, size_t n, struct slice name);

#endif
