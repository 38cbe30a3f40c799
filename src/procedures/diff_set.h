/* diff_set.h - what two sets of documents do differently: for everybody, then for each team beyond that (R9).
 *
 * A team is compared with what held for it: its view in the old set, or the organisation's policy where it had none. What
 * changes for everybody is told once, first. Pure; everything lives in the arena and borrows from both sets. */
#ifndef PROCEDURES_DIFF_SET_H
#define PROCEDURES_DIFF_SET_H

#include "procedures/diff.h"
#include "procedures/merge.h"

struct view_diff {
    const struct policy_view *view; /* of either set; NULL: for everybody */
    const char *was; /* "new", "gone": the view; "" */
    struct compiled old, new; /* what was compared */
    struct policy_diff d;
};

struct set_diff {
    struct view_diff *v; /* the first is for everybody; of the others those in which something differs */
    size_t n;
    size_t behaviour, wording; /* of all */
};

/* Both organisations' documents must have compiled. */
void procedures_diff_sets(struct arena *a, const struct procedures_set *old, const struct procedures_set *new,
                          struct set_diff *out);

/* As diff_print_*, which they are for sets of one document. `how` needs neither old nor new. */
void set_diff_print_text(const struct set_diff *d, const struct diff_print *how, struct buf *out);
void set_diff_print_markdown(const struct set_diff *d, const struct diff_print *how, struct buf *out);
void set_diff_print_json(const struct set_diff *d, const struct diff_print *how, struct buf *out);

#endif
