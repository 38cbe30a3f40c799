/* front.h - what a document's front matter says about its place among others: whose it is, what it replaces, and by
 * whose leave it is weaker than the organisation's.
 *
 *   ---
 *   team: platform                 # a document of that team; without it: the organisation's
 *   services: dashboard, reports   # only for these of its services
 *   replaces: escalation rules     # these sections stand instead of the organisation's; all others add to them
 *   weaker: escalation rules       # these may page later, quieter or fewer people …
 *   approved_by: Grace Hopper      # … because she said so,
 *   reason: two people until March # for this reason,
 *   until: 2026-03-31              # to this day and no longer
 *   scenario: Database Down        # of a runbook that is for everybody: attach it to this one, whatever its title
 *   ---
 *
 * Flat `key: value` lines; lists with commas, brackets or as `- item` lines below. Other keys are other tools'. Pure. */
#ifndef PROCEDURES_FRONT_H
#define PROCEDURES_FRONT_H

#include "base/slice.h"
#include "procedures/section.h"

struct arena;

struct front_list {
    struct slice v[32];
    unsigned lines[32];
    size_t n;
};

struct front_value {
    struct slice text;
    unsigned line; /* 0 = not written */
};

struct front {
    struct front_value team, approved_by, reason, until;
    struct front_value scenario; /* of a runbook: which scenario it belongs to */
    struct front_list services, replaces, weaker;
};

/* `document` must outlive the slices. A document without front matter has an empty one. */
void front_read(struct slice document, struct front *out);

/* "2026-03-31" as days since 1970-01-01; false when it is no such date. */
bool front_date(struct slice text, int64_t *days);

#endif
