/* canary.c - the channel that leads nowhere: whatever is sent by it is taken at once.
 * What a message on it proves is the way to here and back (core/world_canary.c). No site names it.
 */
#include "base/check.h"
#include "notify/notifier.h"

static int canary_build(const struct notifier_channel *c, const struct message_send *m, int64_t wall_ms,
                        struct arena *a, struct request *out, struct error *e)
{
    (void)c, (void)m, (void)wall_ms, (void)a, (void)e;
    *out = (struct request){ .kind = REQUEST_NOWHERE };
    return 0;
}

static void canary_judge(const struct response *r, struct arena *a, struct verdict *out)
{
    (void)r, (void)a;
    *out = (struct verdict){ .outcome = MESSAGE_OUTCOME_ACCEPTED, .detail = S("turned around") };
}

const struct notifier_ops notifier_canary = { .name = "canary", .build = canary_build, .judge = canary_judge };
