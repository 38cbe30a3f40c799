/* names.c - names of kinds. Nothing here decides anything. */
#include "procedures/names.h"

const char *evidence_name(enum evidence value)
{
    switch (value) {
#define X(sym, code, text) \
    case EVIDENCE_##sym: return text;
        EVIDENCE_KINDS(X)
#undef X
    case EVIDENCE_UNSET: break;
    }
    return "unset";
}

const char *communication_name(enum communication_kind value)
{
    switch (value) {
#define X(sym, code, text) \
    case COMMUNICATION_##sym: return text;
        COMMUNICATION_KINDS(X)
#undef X
    case COMMUNICATION_UNSET: break;
    }
    return "unset";
}

const char *field_name(enum field_kind value)
{
    switch (value) {
#define X(sym, code, text) \
    case FIELD_##sym: return text;
        FIELD_KINDS(X)
#undef X
    case FIELD_UNSET: break;
    }
    return "unset";
}

const char *rule_when_name(enum rule_when value)
{
    switch (value) {
#define X(sym, code, text) \
    case RULE_##sym: return text;
        RULE_WHENS(X)
#undef X
    case RULE_UNSET: break;
    }
    return "unset";
}

const char *trigger_name(enum trigger_kind value)
{
    switch (value) {
#define X(sym, code, text) \
    case TRIGGER_##sym: return text;
        TRIGGER_KINDS(X)
#undef X
    case TRIGGER_UNSET: break;
    }
    return "unset";
}

const char *tree_node_name(enum tree_node_kind value)
{
    switch (value) {
#define X(sym, code, text) \
    case TREE_NODE_##sym: return text;
        TREE_NODE_KINDS(X)
#undef X
    case TREE_NODE_UNSET: break;
    }
    return "unset";
}

const char *threshold_sign(enum threshold_op op)
{
    switch (op) {
    case OP_LESS: return "<";
    case OP_MORE: return ">";
    case OP_AT_MOST: return "<=";
    case OP_AT_LEAST: return ">=";
    case OP_UNSET: break;
    }
    return "unset";
}
