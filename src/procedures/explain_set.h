/* explain_set.h - what the printers of one document do with a policy of several (procedures_set_compiled). Private. */
#ifndef PROCEDURES_EXPLAIN_SET_H
#define PROCEDURES_EXPLAIN_SET_H

#include "base/buf.h"
#include "procedures/compile.h"
#include "procedures/json_out.h"

typedef void document_print_fn(const struct compiled *c, struct buf *out);

/* The documents, whose view this is, the counts; behind the title. */
void set_head_print(const struct compiled *c, struct buf *out);
/* Behind the organisation's policy: what differs for each team. Nothing for a team's own view. */
void set_teams_print(const struct compiled *c, struct buf *out);
/* The members `documents`, `view`, `teams` of the JSON contract. */
void set_print_json(struct json *j, const struct compiled *c);

/* Each document by itself, under its name; as JSON a list. */
void set_each_document(const struct compiled *c, document_print_fn *print, struct buf *out);
void set_each_document_json(const struct compiled *c, document_print_fn *print, struct buf *out);

/* "team shop, services cart and checkout" */
void set_view_name(const struct policy_view *v, struct buf *out);
const struct policy_view *set_view_of(const struct compiled *c); /* NULL: the organisation's policy */

#endif
