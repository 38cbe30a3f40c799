/* slack_webhook.c - incoming webhooks in Slack's shape, {"text": …}: Slack's own, Mattermost, Rocket.Chat, Discord's
 * …/slack.
 * Not here: Slack's Web API (slack.c). The URL is the secret: the site names it by reference alone.
 * Always: the place is the webhook's own, whatever the recipient's address says.
 */
#include "base/check.h"
#include "notify/http_post.h"
#include "notify/slack.h"

/* Discord takes 2,000 characters; the escapes count. */
enum { TEXT_MAX = 1500, BODY_MAX = 64 << 10 };

static int hook_build(const struct notifier_channel *c, const struct message_send *m, int64_t wall_ms, struct arena *a,
                      struct request *out, struct error *e)
{
    struct buf json = { .max = BODY_MAX };
    int rc;

    (void)wall_ms;
    buf_add(&json, S("{\"text\":"));
    slack_text_add(&json, m, TEXT_MAX);
    buf_add_char(&json, '}');
    rc = http_post_make(c, c->url, (struct slice){ 0 }, &json, a, out, e);
    buf_release(&json);
    return rc;
}

const struct notifier_ops notifier_slack_webhook = {
    .name = "slack_webhook",
    .build = hook_build,
    .judge = http_judge,
};
