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
    size_t entry; /* place of its last entry in the batch */
    int64_t level_at, level_after,
        level_rule; /* the last level paged: when, its place in time in the document, its rule */
    int64_t level_step; /* how often that rule came in a row */
    bool excused; /* since then a page failed, or nobody could be paged */
    int64_t climbed_at; /* the last time anything paged further up (I11), and in which step */
    uint64_t climbed_step;
    bool alarmed;
    int64_t eased_at; /* no page up to then needs an alarm (P5) */
    int64_t urgent_at; /* since when it is a SEV1 that waits for somebody (I4); 0: it is not */
    int64_t urgent_slack; /* ms that we were away since then, and what catching up may cost */
    uint64_t kept; /* commits when it was last written down in `undone` */
};

/* What its rows add up to; made afresh by each sweep. */
struct incident_sum {
    int64_t firing; /* alerts */
    int64_t timers[32]; /* armed, by kind */
    uint64_t touched; /* step */
};

struct page_sum {
    int64_t hopes; /* deliveries that are open or accepted */
    int64_t waiting, begun; /* deliveries that wait and say for what; that have begun */
    uint64_t touched;
};

struct undo {
    size_t place;
    struct incident_book book;
};

struct heard { /* a sender, or a heartbeat alone (I21) */
    int64_t at; /* when it last said that something fires; 0: its last word was another one */
    int64_t lease; /* for how long that holds, the shortest */
    int64_t away; /* ms that we were away since then */
};

/* One message to one address of a person. */
struct told {
    int64_t at, person, kind, address;
    int weight; /* 3: a SEV1's page, an alarm; 2: the first page of a chain; 1: anything else */
    uint64_t batch; /* `commits` when it was begun */
    incident_id incident;
};

struct invariants {
    struct imap *index; /* incident → place in books */
    VEC(struct incident_book) books;
    VEC(struct undo) undone; /* books as they were at the last commit */
    int64_t system_seq, last_page, last_delivery;
    int64_t kept_system_seq, kept_last_page, kept_last_delivery; /* at the last commit */
    struct smap *credits; /* channel → given minus begun */
    struct smap *senders; /* name → place in heard */
    struct imap *beats; /* heartbeat's alert → place in heard */
    VEC(struct heard) heard;
    /* sums of rows, by what they are about */
    struct imap *sums_index, *pages_index; /* incident, page → place */
    VEC(struct incident_sum) sums;
    VEC(struct page_sum) pages;
    struct imap *alerts; /* alert → incident it fires for, 0 = it does not */
    struct imap *deliveries; /* delivery → its part in its page's sum */
    struct imap *timers; /* key → when it should run */
    VEC(incident_id) touched; /* of this step */
    VEC(page_id) touched_pages;
    VEC(incident_id) urgent; /* SEV1 that wait */
    VEC(page_id) untaken; /* whose five minutes run (P5) */
    VEC(struct told) told; /* messages to people that began in the last minute */
    uint64_t step, commits;
    bool starting; /* a new world's rows are there, but it has not started */
    bool begun; /* a start whose first step was seen: all of it is judged as one */
    bool slept; /* since the last step */
    int64_t started_at, clock_set_at;
    /* of this step, from before it */
    size_t entries, sends; /* that were in the batch already */
    int64_t timer_due, timer_owed; /* 0: no timer of the store's */
    struct incident acted_on; /* the incident of the act; id 0 = none */
    bool page_is_over; /* the page that the act names */
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
struct incident_book *book_of(struct invariants *v, incident_id id); /* to read */
struct incident_book *book_edit(struct invariants *v, incident_id id);
/* The due time of an armed timer, 0 = not armed. */
int64_t armed(const struct world *w, enum subject_kind on, int64_t subject, enum timer_kind kind, int64_t rule);
bool incident_works(const struct incident *i); /* NULL: no */

/* invariants_sum.c: keeps the sums, notes what was touched; I2, I12, I26 */
#define SWEEP_EVERY 256
void sums_follow(struct checking *c); /* what the batch marked, or everything when it is time */
bool sums_are_whole(const struct checking *c); /* this step looks at everything */
const struct incident_sum *sum_of(const struct invariants *v, incident_id id);
const struct page_sum *page_sum_of(const struct invariants *v, page_id id);
int64_t timer_owed_at(const struct invariants *v, const struct timer_key *k); /* 0: not armed */
void sums_release(struct invariants *v);
int64_t listens_since(const struct checking *c); /* what was due before this instant is not late: nobody could look */
bool is_civil(int64_t timer_kind); /* moves with the clock that people read */

void check_pages(struct checking *c); /* I5, I7, I8, I9, I10, I11, I13, I20, I24: invariants_page.c */
void check_budget(struct checking *c, const struct delivery *d); /* R154, as it begins: invariants_budget.c */
void check_bundled(struct checking *c, const struct delivery *d); /* I3, R154 */
void told_forget(struct invariants *v); /* what began in the batch that is lost */
void check_unsent(struct checking *c, const struct page *p); /* I9 */
void check_silences(struct checking *c); /* R152: invariants_silence.c; before check_pages */
void check_loud(struct checking *c); /* P5: invariants_loud.c; before check_pages */
void check_time(struct checking *c); /* I4's bound, I12, I21, I28, I29: invariants_time.c */
void note_urgency(struct checking *c, const struct incident *i);

/* Every row of a kind, as its struct. */
#define EACH_ROW(c, KIND, type, name) \
    struct row name##_row;            \
    const struct type *name;          \
    for (size_t name##_at = 0;        \
         world_next_row((c)->w, KIND, &name##_at, &name##_row) && (name = (const struct type *)name##_row.v, true);)

#endif
