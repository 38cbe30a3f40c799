/* slack.h - texts as Slack and those that speak like it want them. Pure. Private to notify/. */
#ifndef NOTIFY_SLACK_H
#define NOTIFY_SLACK_H

#include "base/buf.h"
#include "ipc/message.h"

/* Appends the message's text as a JSON string with & < > escaped, so that nothing in an alert becomes a mention of the
 * whole channel or a link that shows another name. */
void slack_text_add(struct buf *json, const struct message_send *m, size_t max);

#endif
