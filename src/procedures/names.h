/* names.h - the words for what a compiled document holds, from the X-macros of core/policy.h. Private to procedures/. */
#ifndef PROCEDURES_NAMES_H
#define PROCEDURES_NAMES_H

#include "core/policy.h"

const char *evidence_name(enum evidence value);
const char *communication_name(enum communication_kind value);
const char *field_name(enum field_kind value);
const char *rule_when_name(enum rule_when value);
const char *trigger_name(enum trigger_kind value);
const char *tree_node_name(enum tree_node_kind value);
const char *threshold_sign(enum threshold_op op); /* "<", ">", "<=", ">=" */

#endif
