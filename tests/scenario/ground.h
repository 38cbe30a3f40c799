/* ground.h - what the scenarios stand on: the compiled documents, the site and its smaller sister, the routing. */
#ifndef TESTS_SCENARIO_GROUND_H
#define TESTS_SCENARIO_GROUND_H

#include "base/arena.h"
#include "base/check.h"
#include "procedures/compile.h"
#include "site/routing.h"
#include "site/site.h"

/* Sanitizers make everything many times slower: fewer lives then. */
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

struct ground {
    struct arena *arena;
    struct compiled *reference, *example;
    struct site *site, *smaller; /* smaller: without Joan, Grace and Radia */
    struct site *turns, *other_turns; /* the same people by schedules; these edited */
    struct site *own; /* examples/site.yaml */
    struct routing routing, other_routing, own_routing;
};

/* Aborts the test with what is wrong. */
void ground_load(struct ground *g);
void ground_release(struct ground *g);
struct slice ground_text(struct ground *g, const char *path); /* a whole file, NUL-terminated */

#endif
