/* world_budget.h - bundling: which delivery waits to be told together with others, and who carries whom (R154).
 *
 * For world_delivery.c alone, which begins and ends deliveries. */
#ifndef CORE_WORLD_BUDGET_H
#define CORE_WORLD_BUDGET_H

#include "core/world_parts.h"

#include "core/budget.h"

/* May it begin now? If not it is collected: a timer looks at it again when there is room. */
bool budget_admits(struct world *w, struct delivery *d);
/* Its first attempt begins: it counts, and what is collected for the same address comes along. */
void budget_begun(struct world *w, const struct delivery *d);
/* The time of a collected delivery has come: the weightiest at its address carries all others. Whose turn it is now. */
delivery_id budget_due(struct world *w, delivery_id id);
/* It is not collected, not carried any more: before its state changes to something else. */
void budget_leave(struct world *w, struct delivery *d);
/* Its carrier will not leave: collected again, and decided in the next instant. */
void budget_return(struct world *w, struct delivery *d);
/* Start: the messages of the last minute, what is collected and carried. */
void budget_loaded(struct world *w, struct delivery *d);
/* Is one of the page's deliveries collected? *until (may be NULL): when it is looked at again. */
bool budget_holds_page(const struct world *w, const struct page *p, int64_t *until);

#endif
