/* page.c - the words for pages. What happens to them: world_page.c. */
#include "core/page.h"

const char *page_reason_name(int64_t r)
{
    switch ((enum page_reason)r) {
    case PAGE_REASON_UNSET: break;
#define X(sym, code, text) \
    case PAGE_REASON_##sym: return text;
        PAGE_REASONS(X)
#undef X
    }
    return "unknown";
}

const char *page_state_name(int64_t s)
{
    switch ((enum page_state)s) {
    case PAGE_STATE_UNSET: break;
#define X(sym, code, text) \
    case PAGE_STATE_##sym: return text;
        PAGE_STATES(X)
#undef X
    }
    return "unknown";
}

bool page_is_open(const struct page *p)
{
    return p->state == PAGE_STATE_OPEN;
}
