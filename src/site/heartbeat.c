/* heartbeat.c - `heartbeat:` the URL outside that Tocsin calls while nothing of its own fails.
 * Not here: when that is (engine/audit.h), the request (notify/heartbeat.c).
 * Always: the rules of channels hold for the URL; where it is a secret it stands here by reference. */
#include <stddef.h>

#include "base/check.h"
#include "core/ids.h"
#include "site/channel_parts.h"

#define EVERY_LEAST (10 * SECOND)
#define EVERY_MOST HOUR

static void url_read(struct loader *l, const struct node *n, void *section)
{
    struct site_heartbeat *h = section;

    if (n->kind == NODE_MAP)
        secret_read(l, n, &h->request.url_secret);
    else
        http_url_read(l, n, "https://hc.example.org/ping/tocsin", &h->request.url);
}

static void every_read(struct loader *l, const struct node *n, void *section)
{
    struct site_heartbeat *h = section;
    struct slice text;
    int64_t ms;

    if (!text_read(l, n, &text)) return;
    if (span_of(text, &ms) && ms >= EVERY_LEAST && ms <= EVERY_MOST)
        h->every_ms = ms;
    else
        node_error(l, n, "`%.*s` is no time between two heartbeats: write 60s or 5m, from 10s to 1h",
                   (int)slice_upto(text, 20).n, text.p);
}

static void ca_read(struct loader *l, const struct node *n, void *section)
{
    struct slice text;

    if (text_read(l, n, &text)) ((struct site_heartbeat *)section)->request.ca = path_resolve(l, text);
}

static const struct key heartbeat_keys[] = {
    { "url", KEY_READ, 0, url_read, true,
      "Where to POST: https://hc.example.org/ping/tocsin, or { credential: NAME } or { env: NAME } where it is a secret." },
    { "every", KEY_READ, 0, every_read, false, "How often: 60s when left out; from 10s to 1h." },
    { "ca", KEY_READ, 0, ca_read, false, "File of authorities to trust instead of the system's." },
};
const struct key_table heartbeat_table = { "heartbeat", heartbeat_keys, COUNT_OF(heartbeat_keys) };

void heartbeat_load(struct loader *l)
{
    const struct node *n = node_child(l->root, S("heartbeat"));

    if (n == NULL) return;
    l->site->heartbeat.every_ms = MINUTE;
    if (!section_read(l, n, &heartbeat_table, &l->site->heartbeat)) l->site->heartbeat.every_ms = 0;
}
