/* event.c - the words for events and outcomes. */
#include "core/event.h"

const char *outcome_name(enum outcome o)
{
    switch (o) {
    case OUTCOME_UNSET: break;
#define X(sym, code, text) \
    case OUTCOME_##sym: return text;
        OUTCOMES(X)
#undef X
    }
    return "in flight";
}

const char *event_kind_name(enum event_kind k)
{
    switch (k) {
    case EVENT_UNSET: break;
#define X(sym, code, text) \
    case EVENT_##sym: return text;
        EVENT_KINDS(X)
#undef X
    }
    return "nothing";
}
