/* http_post.h - what the notifiers share that POST JSON: the request, and the verdict by HTTP status alone. Pure.
 *
 * Private to notify/. A provider that says more in its body (ok:false, retry_after) judges that after http_judge(). */
#ifndef NOTIFY_HTTP_POST_H
#define NOTIFY_HTTP_POST_H

#include "base/buf.h"
#include "notify/notifier.h"

/* A POST of `json` to `url` (http:// or https://), with "Authorization: Bearer" where `bearer` is not empty. Everything
 * is copied into the arena. ERR_INVALID: url or bearer cannot be what they are meant for; ERR_LIMIT: too large. */
int http_post_make(const struct notifier_channel *c, struct slice url, struct slice bearer, const struct buf *json,
                   struct arena *a, struct request *out, struct error *e);

struct yyjson_val;

/* A JSON text, borrowed; empty when the value is none (an object has a length too, and no text). */
struct slice http_json_text(struct yyjson_val *v);

/* 2xx accepted; 3xx refused (never followed); 408, 425 and 429 not sent, with Retry-After; other 4xx refused; 5xx and all
 * else uncertain. Without a status: the fault decides. */
void http_judge(const struct response *r, struct arena *a, struct verdict *out);

/* What a Retry-After header asks for, from its value: seconds, or an HTTP date (RFC 9110, 10.2.3). 0: cannot be read,
 * or is past. At most a day. */
int64_t http_retry_after(struct slice value, int64_t wall_ms);

#endif
