/* nearest.h - which known word somebody meant. Pure. */
#ifndef CLI_NEAREST_H
#define CLI_NEAREST_H

#include "base/slice.h"

struct nearest {
    struct slice meant;
    const char *best; /* NULL: nothing is near enough */
    size_t distance;
};

struct nearest nearest_start(struct slice meant);
void nearest_try(struct nearest *n, const char *known); /* the first of the nearest stays */

#endif
