/* invariants_inner.h - the checker's own books. Private to invariants*.c. */
#ifndef ENGINE_INVARIANTS_INNER_H
#define ENGINE_INVARIANTS_INNER_H

#include "base/map.h"
#include "base/vec.h"
#include "core/delivery.h"
#include "core/page.h"
#include "engine/invariants.h"

/* What we wrote down about an incident while its entries and pages went by. */
struct incident_book {
    struct incident folded; /* its timeline, folded (I19) */
    int64_t seq;
    int64_t level_at, level_after,
        level_rule; /* the last level paged: when, its place in time in the document, its rule */
    int64_t level_step; /* how often that rule came in a row */
    bool excused; /* since then a page failed, or nobody could be paged */
    int64_t climbed_at; /* the last time anything paged further up (I11), and in which step */
    uint64_t climbed_step;
    bool alarmed;
    uint64_t step; /* what follows is of this step, counted anew each time */
    int64_t firing; /* alerts */
    uint32_t armed; /* bit k: a timer of kind k is */
};

struct invariants {
    struct imap *index; /* incident → place in books */
    VEC(struct incident_book) books;
    struct smap *credits; /* channel → given minus begun */
    int64_t system_seq;
    uint64_t step;
    /* of this step, from before it */
    int64_t timer_due; /* 0: no timer of the store's */
    struct incident acted_on; /* the incident of the act; id 0 = none */
};

struct checking {
    struct invariants *v;
    const struct world *w;
    const struct event *ev;
    const struct effects *fx;
    struct buf *broken;
};

/* A line "I13 INC-4: …". */
void broken(struct checking *c, const char *which, incident_id id, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
struct incident_book *book_of(struct invariants *v, incident_id id);
/* Looking at every delivery and page after every step would cost the square of a life: those that changed always are,
 * all of them now and then. */
#define SWEEP_EVERY 64
/* The due time of an armed timer, 0 = not armed. */
int64_t armed(const struct world *w, enum subject_kind on, int64_t subject, enum timer_kind kind, int64_t rule);
bool is_armed(struct incident_book *b, enum timer_kind kind); /* any rule */

void check_pages(struct checking *c); /* I5, I7, I8, I9, I10, I11, I13, I20: invariants_page.c */

/* Every row of a kind, as its struct. */
#define EACH_ROW(c, KIND, type, name) \
    struct row name##_row;            \
    const struct type *name;          \
    for (size_t name##_at = 0;        \
         world_next_row((c)->w, KIND, &name##_at, &name##_row) && (name = (const struct type *)name##_row.v, true);)

#endif
