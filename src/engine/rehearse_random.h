/* rehearse_random.h - plays random nights over a site and its procedures, and finds every way in which a page would
 * reach nobody.
 *
 * One seed is one night, and a script that anybody can read: an alert or a declaration, people who answer or do not, a
 * channel that fails, people who cannot be reached. The same seed gives the same night on every machine (I30). Findings
 * are sentences, grouped: how often, and the first seed that shows it. */
#ifndef ENGINE_REHEARSE_RANDOM_H
#define ENGINE_REHEARSE_RANDOM_H

#include "engine/rehearse.h"

struct finding {
    struct slice text; /* a sentence, in the findings' arena */
    int64_t line; /* of the procedures, with its file; 0 = none */
    struct slice file;
    uint64_t seed; /* the first that shows it */
    unsigned nights; /* in how many */
};

struct findings {
    struct arena *arena;
    VEC(struct finding) v; /* in the order in which they were found */
    unsigned nights, pages;
};

void findings_begin(struct findings *f);
void findings_end(struct findings *f);

/* The script of one night. */
void random_night(const struct stage_options *o, uint64_t seed, struct buf *out);
/* Plays it and adds what it shows. `report` may be NULL; else it is the caller's to release, and its script and texts
 * live in the findings' arena. */
void random_play(const struct stage_options *o, uint64_t seed, struct findings *f, struct rehearsal_report *report);
void findings_print(const struct findings *f, struct buf *out); /* most frequent first */

#endif
