/* chat_text.c - subject, text and link as one text.
 * Not here: escaping, which each provider wants otherwise.
 */
#include "notify/chat_text.h"

struct slice chat_text_cut(struct slice text, size_t max)
{
    if (text.n <= max) return text;
    while (max > 0 && ((unsigned char)text.p[max] & 0xc0) == 0x80) max--;
    return slice_upto(text, max);
}

void chat_text_add(struct buf *b, const struct message_send *m, size_t max)
{
    struct slice text = chat_text_cut(m->text, max);

    while (text.n > 0 && text.p[text.n - 1] == '\n') text.n--;
    /* A page's text begins with its headline; saying it twice helps nobody on a small screen. */
    if (!slice_has_prefix(text, m->subject)) {
        buf_add(b, m->subject);
        if (text.n > 0) buf_add_char(b, '\n');
    }
    buf_add(b, text);
    if (m->text.n > max) buf_add(b, S(" …"));
    if (m->ack_url.n > 0 && slice_find(text, m->ack_url) == text.n) {
        buf_add(b, S("\nAcknowledge: "));
        buf_add(b, m->ack_url);
    }
}
