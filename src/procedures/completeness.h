/* completeness.h - how complete a document is by itself, and what lowers that (R137, the compile-time half).
 *
 * Not here: what only a running site knows (bound channels, verified contacts, drills that were held). Freshness is judged
 * by whoever compiled with a calendar. Each question counts one point; the score is the share of points held, rounded down. */
#ifndef PROCEDURES_COMPLETENESS_H
#define PROCEDURES_COMPLETENESS_H

#include "procedures/compile.h"

#define COMPLETENESS_QUESTIONS 21

struct completeness_lack {
    unsigned line; /* 0: nothing in the document */
    struct slice text; /* "no decision trees"; a literal */
};

struct completeness {
    int percent;
    size_t asked, held;
    struct completeness_lack lacks[COMPLETENESS_QUESTIONS];
    size_t n_lacks;
};

struct completeness completeness_of(const struct compiled *c);

#endif
