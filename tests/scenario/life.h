/* life.h - a random life of the whole core on a stage (engine/stage.h): alerts, people, providers, crashes, clocks.
 *
 * One seed is one life; the same seed gives the same life, whatever the hash key, compiler or machine (I30). The
 * invariants are the stage's own; a life that breaks one ends there and tells its last events. */
#ifndef TESTS_SCENARIO_LIFE_H
#define TESTS_SCENARIO_LIFE_H

#include "base/vec.h"
#include "engine/stage.h"

struct life_options {
    uint64_t seed, hash_key;
    size_t events;
    bool faultless; /* every provider accepts at once, nothing crashes: then every delivery is one attempt (I6) */
    const struct policy *policy, *other; /* `other` is activated now and then */
    const struct routing *routing;
    const struct directory *site, *smaller; /* `smaller`: the same, less some people */
};

struct flight { /* an attempt that was given to the courier */
    delivery_id delivery;
    int64_t attempt;
    enum outcome answered; /* UNSET: nobody knows, the courier died with it */
};

struct life {
    struct life_options o;
    struct stage stage;
    uint64_t random;
    VEC(struct flight) flying, landed; /* without and with an answer */
    VEC(struct slice) story; /* what happened, the last lines of it; in `arena` */
    struct arena *arena;
    size_t sends, pages, restarts;
};

/* Lives it to the end. Returns the trace; `broken` (with the story) stays empty when every guarantee held. */
uint64_t life_run(const struct life_options *o, struct buf *broken);

#endif
