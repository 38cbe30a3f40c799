/* chat_text.h - the one text of a message for channels that have neither subject nor buttons of their own. Pure.
 *
 * Private to notify/. */
#ifndef NOTIFY_CHAT_TEXT_H
#define NOTIFY_CHAT_TEXT_H

#include "base/buf.h"
#include "ipc/message.h"

/* Subject, text, and the acknowledge link where the text does not hold it. The text is cut between characters at about
 * `max` bytes; the link never is. */
void chat_text_add(struct buf *b, const struct message_send *m, size_t max);

/* The first bytes of the text, at most `max`, cut between UTF-8 characters. */
struct slice chat_text_cut(struct slice text, size_t max);

#endif
