/* reading_parts.h - what the files that make sentences share. Private to reading*.c. */
#ifndef PROCEDURES_READING_PARTS_H
#define PROCEDURES_READING_PARTS_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/check.h"
#include "base/vec.h"
#include "procedures/names.h"
#include "procedures/reading.h"

struct teller {
    struct arena *arena;
    const struct compiled *c;
    const struct policy *p;
    enum reading_part part;
    VEC(struct reading) list;
};

/* For "%.*s". */
#define ARG(s) (int)(s).n, (s).p == NULL ? "" : (s).p

void tell(struct teller *t, unsigned line, int depth, const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Pieces of sentences, in the teller's arena. */
struct slice words(struct teller *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
struct slice words_time(struct teller *t, int64_t ms); /* "5 minutes", "1 hour 30 minutes", "0 minutes" */
struct slice words_period(struct teller *t, int64_t ms); /* "month" for 30 days; else as words_time */
struct slice words_levels(struct teller *t, level_set set); /* "SEV1, SEV2 and SEV4"; "every severity" */
struct slice words_kind(struct slice kind); /* "phone", "Slack", "mail" … */
struct slice words_kinds(struct teller *t, const struct slice *kinds, size_t n); /* "phone, then Slack" */
struct slice words_place(struct teller *t, struct slice kind, struct slice target, struct slice text);
const char *words_s(size_t n); /* "" for 1, else "s" */

void tell_severities(struct teller *t);
void tell_paging(struct teller *t);
void tell_team(struct teller *t);
void tell_contacts(struct teller *t);
void tell_timeline(struct teller *t);
void tell_communication(struct teller *t);
void tell_templates(struct teller *t);
void tell_scenarios(struct teller *t);
void tell_trees(struct teller *t);
void tell_afterwards(struct teller *t);
void tell_measures(struct teller *t);
void tell_drills(struct teller *t);
void tell_reviews(struct teller *t);
void tell_tools(struct teller *t);
void tell_control(struct teller *t);

#endif
