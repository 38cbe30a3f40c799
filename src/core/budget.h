/* budget.h - how much one address of a person is sent in a minute: three messages, what follows is bundled (R154).
 *
 * Not here: what a bundle says (template.c), when it leaves (world_budget.c). Messages have a weight, and a message is
 * limited only by those that weigh at least as much: a SEV1's page never waits behind less severe ones, an incident's
 * first page never behind reminders and stand-downs (decision 0011). A repeat of a message is the same message.
 * Always: a collected delivery stands in its reach's list `collected`, a carried one in `carried`; both are rebuilt from
 * the rows at a start. */
#ifndef CORE_BUDGET_H
#define CORE_BUDGET_H

#include "core/delivery.h"

#define BUDGET_MESSAGES 3
#define BUDGET_WINDOW MINUTE
#define BUDGET_STAND_DOWN (5 * SECOND) /* the longest that a stand-down is collected: it is told within 10 s (R157) */

/* What a message weighs, from the lightest. */
enum weight {
    WEIGHT_UNSET = 0,
    WEIGHT_OTHER = 1, /* further levels, reminders, notifications, stand-downs */
    WEIGHT_FIRST = 2, /* a page that begins an incident's chain */
    WEIGHT_GRAVEST = 3, /* a SEV1's page; an alarm about Tocsin itself */
    WEIGHT_MAX
};

/* When the last messages of each weight began (steady ms, in no order; 0 = none). */
struct budget {
    int64_t begun[WEIGHT_MAX][BUDGET_MESSAGES];
};

/* Also out of order: the newest are kept. */
void budget_spend(struct budget *b, enum weight weight, int64_t at);
/* From when on a message of this weight may begin; at or before `at`: now. */
int64_t budget_opens(const struct budget *b, enum weight weight);

/* One address of a person, by one kind. */
struct reach {
    struct budget budget;
    id_list collected; /* deliveries that wait to be bundled */
    id_list carried; /* those that a message of another delivery carries and whose fate is not known */
};

enum weight delivery_weight(const struct world *w, const struct delivery *d);
/* NULL: it goes to nobody in person (a post), and nothing limits it. Made when first asked for. */
struct reach *reach_of(struct world *w, const struct delivery *d);
/* The deliveries that this one carries, one after the other: NULL behind the last. */
const struct delivery *reach_carried(const struct world *w, const struct delivery *carrier, size_t *at);
void reaches_release(struct world *w);

#endif
