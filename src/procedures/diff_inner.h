/* diff_inner.h - what the files of the comparison share: elements, matched lists, and how to say what changed.
 *
 * Private to procedures/diff*.c. One function an area compares the lists of its part of the policy by list_compare(),
 * which tells what was added, removed, moved and reworded; a list's own `compare` tells the other fields. */
#ifndef PROCEDURES_DIFF_INNER_H
#define PROCEDURES_DIFF_INNER_H

#include "base/arena.h"
#include "base/check.h"
#include "base/map.h"
#include "base/vec.h"
#include "procedures/diff.h"

#define ARG(s) (int)(s).n, (s).p == NULL ? "" : (s).p

struct carried { /* beside a change: what an element that changes its list is known by */
    struct slice noun, folded, where;
};

struct differ {
    struct arena *arena;
    const struct policy *old, *new;
    enum diff_area area; /* of what is told next */
    VEC(struct change) changes;
    VEC(struct carried) carried; /* one a change */
};

/* Adds a change of the present area; the sentence is printf-like. The pointer dies at the next. */
struct change *change_tell(struct differ *d, enum change_kind kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

struct slice diff_say(struct differ *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
struct slice diff_span(struct differ *d, int64_t ms); /* "3 min", "1 h 30 min", "at once", "no limit" */
struct slice diff_levels(struct differ *d, const struct policy *p, level_set set); /* "SEV1/SEV2", "every level" */
struct slice diff_quoted(struct differ *d, struct slice text); /* "…", cut where it is long */

/* Folded for comparison: plain words in lower case, blanks joined, closing punctuation gone. Words that hold anything
 * but letters (options, paths, names of variables) keep their case. */
struct slice text_fold(struct arena *a, struct slice text);

struct element { /* one thing of a list, as matching sees it */
    struct slice id;
    struct slice key; /* what it is about, equal for the same thing with other values; may be empty */
    struct slice text, folded; /* as people read it; list_compare() folds */
    int class; /* elements of different classes are never paired by place */
    unsigned line;
    const void *item;
    size_t at; /* index in its list */
    long match; /* index in the other list, -1 = none */
    bool moved; /* matched, and not in the order of the others */
};

enum wordings {
    WORDS_ACT = 1, /* people act on them: another wording is another behaviour */
    WORDS_NAME, /* they only name: another wording does the same */
};

enum order {
    ORDER_IDLE = 1, /* the list is a set, or sorted by something else */
    ORDER_ACTS, /* done in this order */
};

struct list {
    struct slice noun; /* "mitigation step" */
    struct slice where; /* "Complete Service Outage"; empty at the top */
    enum wordings words;
    enum order order;
    bool by_place; /* unmatched elements between the same neighbours are paired: for short things */
    bool compare_tells; /* what `compare` found needs no telling as other words too */
    size_t size; /* of an item */
    struct element (*element)(struct differ *d, const struct policy *p, const void *item);
    /* The fields of a pair, beside text and place; NULL = there are none. */
    void (*compare)(struct differ *d, const struct list *l, const struct element *old, const struct element *new);
    const void *old_v;
    size_t old_n;
    const void *new_v;
    size_t new_n;
};

/* Sets match and moved of both lists (diff_match.c). */
void elements_match(struct differ *d, const struct list *l, struct element *old, struct element *new);
void list_compare(struct differ *d, const struct list *l);

/* Values of one field of a pair. `what` is the sentence up to the values: "Triage is due" → "Triage is due 10 min (was
 * 15 min)". Nothing is told when they are equal. */
void compare_text(struct differ *d, const struct element *old, const struct element *new, struct slice what,
                  struct slice before, struct slice after);
void compare_span(struct differ *d, const struct element *old, const struct element *new, struct slice what,
                  int64_t before, int64_t after);

void diff_severities(struct differ *d);
void diff_team(struct differ *d);
void diff_contacts(struct differ *d);
void diff_timeline(struct differ *d);
void diff_communication(struct differ *d);
void diff_templates(struct differ *d);
void diff_escalation(struct differ *d);
void diff_scenarios(struct differ *d);
void diff_trees(struct differ *d);
void diff_afterwards(struct differ *d);
void diff_thresholds(struct differ *d);
void diff_tools(struct differ *d);
void diff_training(struct differ *d);
void diff_reviews(struct differ *d);
void diff_control(struct differ *d);
void diff_version(struct differ *d, const struct compiled *old, const struct compiled *new); /* after all others */
/* Lines of reference prose that came and went, whatever their place. */
void diff_prose(struct differ *d, const struct compiled *old, const struct compiled *new);

/* Elements of the lists that several areas have. */
struct element item_element(struct differ *d, const struct policy *p, const void *item); /* struct policy_item */
struct element step_element(struct differ *d, const struct policy *p, const void *item); /* struct policy_step */
void step_compare(struct differ *d, const struct list *l, const struct element *old, const struct element *new);

#endif
