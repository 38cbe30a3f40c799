/* judge.c - from status or fault to outcome.
 * Not here: which statuses a provider knows (mail.c, webhook.c).
 * Always: what is not placed is uncertain, because a page sent twice beats a page lost.
 */
#include "notify/judge.h"

#include "base/buf.h"
#include "base/check.h"

enum { DETAIL_MAX = 240 };

enum message_outcome judge_status(const struct status_row *rows, int64_t status)
{
    for (; rows->outcome != MESSAGE_OUTCOME_UNSET; rows++)
        if (status >= rows->from && status <= rows->to) return rows->outcome;
    return MESSAGE_OUTCOME_UNCERTAIN;
}

/* What a fault means while nothing can have arrived. Refused is what repeating cannot mend. */
static const enum message_outcome unsent[] = {
    [FAULT_UNSET] = MESSAGE_OUTCOME_UNCERTAIN,      [FAULT_NONE] = MESSAGE_OUTCOME_UNCERTAIN,
    [FAULT_ADDRESS] = MESSAGE_OUTCOME_REFUSED,      [FAULT_RESOLVE] = MESSAGE_OUTCOME_NOT_SENT,
    [FAULT_CONNECT] = MESSAGE_OUTCOME_NOT_SENT,     [FAULT_TLS] = MESSAGE_OUTCOME_NOT_SENT,
    [FAULT_CERTIFICATE] = MESSAGE_OUTCOME_NOT_SENT, [FAULT_LOGIN] = MESSAGE_OUTCOME_REFUSED,
    [FAULT_TIMEOUT] = MESSAGE_OUTCOME_NOT_SENT,     [FAULT_SEND] = MESSAGE_OUTCOME_NOT_SENT,
    [FAULT_RECEIVE] = MESSAGE_OUTCOME_NOT_SENT,     [FAULT_PROTOCOL] = MESSAGE_OUTCOME_NOT_SENT,
    [FAULT_TOO_LARGE] = MESSAGE_OUTCOME_NOT_SENT,   [FAULT_LOCAL] = MESSAGE_OUTCOME_NOT_SENT,
    [FAULT_CANCELLED] = MESSAGE_OUTCOME_NOT_SENT,   [FAULT_OTHER] = MESSAGE_OUTCOME_UNCERTAIN,
    [FAULT_FORBIDDEN] = MESSAGE_OUTCOME_REFUSED,
};

enum message_outcome judge_fault(enum fault f, bool may_repeat)
{
    if (!may_repeat || (size_t)f >= COUNT_OF(unsent)) return MESSAGE_OUTCOME_UNCERTAIN;
    return unsent[f];
}

static void line_add_rune(struct buf *b, struct slice *text)
{
    const char *start = text->p;
    int32_t rune = slice_cut_rune(text);

    if (rune < 0)
        buf_add_char(b, '?');
    else if (rune < 0x20 || (rune >= 0x7f && rune < 0xa0))
        buf_add_char(b, ' ');
    else
        buf_add(b, (struct slice){ start, (size_t)(text->p - start) });
}

struct slice judge_line(struct slice text, size_t max, struct arena *a)
{
    struct buf b = { .max = max };
    struct slice line;

    /* The cap drops the character that does not fit, and everything behind it. */
    while (text.n > 0 && !b.overflow) line_add_rune(&b, &text);
    while (b.len > 0 && b.p[b.len - 1] == ' ') b.len--;
    line = arena_copy(a, (struct slice){ b.p, b.len });
    buf_release(&b);
    return line;
}

struct slice judge_detail(const char *words, struct slice more, struct arena *a)
{
    struct buf b = { .max = 4096 };
    struct slice line;

    buf_add_str(&b, words);
    if (more.n > 0) {
        buf_add(&b, S(": "));
        buf_add(&b, slice_upto(more, DETAIL_MAX));
    }
    line = judge_line(buf_slice(&b), DETAIL_MAX, a);
    buf_release(&b);
    return line;
}
