/* escalation.h - what the files of the escalation section share: sentences, rewrites, and the checks at the end. */
#ifndef PROCEDURES_ESCALATION_H
#define PROCEDURES_ESCALATION_H

#include "procedures/compiler.h"

#define ESCALATION_RULES_MAX 256 /* that a policy holds */

void rule_read(struct compiler *c, const struct node *n); /* one sentence: a rule, an error or a note */

/* Reads `sentence`, made from what the node says in another form, and adds its rule. False when it is no sentence. */
bool rule_try(struct compiler *c, const struct node *n, struct slice sentence);

bool ladder_read(struct compiler *c, const struct node *n); /* a step of a ladder; false when it is none */
void matrix_row_read(struct compiler *c, const struct node *n, const struct node *header);

/* A role, contact or group of this document, or one that every document may name without saying who it is. */
bool party_is_known(const struct compiler *c, struct slice id);

/* The nearest sentence of the grammar, made of what the text names: a line to paste (G4). */
struct slice rule_rewrite(struct compiler *c, struct slice text);
/* The text itself as a list item where it is a sentence, else the nearest one. */
struct slice rule_offer(struct compiler *c, struct slice text);

#endif
