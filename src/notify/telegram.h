/* telegram.h - the buttons of Telegram that come back: asking for presses, reading them, answering. Pure.
 *
 * Long polling: the courier asks and Telegram answers when somebody pressed, or after the time named. The bot must have
 * no other reader and no webhook of its own, else Telegram answers 409. */
#ifndef NOTIFY_TELEGRAM_H
#define NOTIFY_TELEGRAM_H

#include "base/buf.h"
#include "notify/notifier.h"

#define TELEGRAM_PRESSES_MAX 100 /* Telegram gives at most so many at a time */

struct telegram_press {
    struct slice query; /* to answer by */
    struct slice token; /* of the page's link; empty: not one of our buttons */
    bool in_private; /* pressed by the person whose chat it is; in a group it could be anybody */
};

/* A call of the Bot API. ERR_INVALID: the channel's token is not one of a bot. */
int telegram_request(const struct notifier_channel *c, const char *call, const struct buf *json, struct arena *a,
                     struct request *out, struct error *e);

int telegram_poll_build(const struct notifier_channel *c, int64_t offset, int64_t wait_s, struct arena *a,
                        struct request *out, struct error *e);
int telegram_answer_build(const struct notifier_channel *c, struct slice query, struct slice text, struct arena *a,
                          struct request *out, struct error *e);

/* The presses in an answer, in order; texts are copied into the arena. *offset moves behind the last. False: this is no
 * answer of Telegram. */
bool telegram_updates_read(const struct response *r, struct arena *a, struct telegram_press out[TELEGRAM_PRESSES_MAX],
                           size_t *n, int64_t *offset);

#endif
