/* heartbeat.c - the call to the site's heartbeat URL: a POST that says which instance is alive.
 * Not here: when (engine/auditor.c). No site names this channel: the courier has it beside the site's (courier_outlets.c).
 */
#include "base/check.h"
#include "notify/http_post.h"

static int beat_build(const struct notifier_channel *c, const struct message_send *m, int64_t wall_ms, struct arena *a,
                      struct request *out, struct error *e)
{
    struct buf json = { 0 };
    int rc;

    (void)m;
    buf_addf(&json, "{\"tocsin\":\"alive\",\"at\":%lld}", (long long)(wall_ms / 1000));
    rc = http_post_make(c, c->url, (struct slice){ 0 }, &json, a, out, e);
    buf_release(&json);
    return rc;
}

const struct notifier_ops notifier_heartbeat = { .name = "heartbeat", .build = beat_build, .judge = http_judge };
