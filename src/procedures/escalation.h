/* escalation.h - what the files of the escalation section share: sentences, rewrites, and the checks at the end. */
#ifndef PROCEDURES_ESCALATION_H
#define PROCEDURES_ESCALATION_H

#include "procedures/compiler.h"

void rule_read(struct compiler *c, const struct node *n); /* one sentence: a rule, an error or a note */
void rule_add(struct compiler *c, const struct node *n, struct policy_rule rule); /* fills line, text and id */

/* The nearest sentence of the grammar, made of what the text names: a line to paste (G4). */
struct slice rule_rewrite(struct compiler *c, struct slice text);

#endif
