/* webhook.c - outgoing webhooks per Standard Webhooks: a JSON body, and a signature over its id, time and bytes.
 * Not here: the connection and its limits (serve/courier_easy.c), what the answer means (http_post.c), repeats (the
 * server decides them again).
 * Always: the id is the delivery's and the same in every attempt, so that a receiver can drop a repeat.
 */
#include "notify/webhook.h"

#include <inttypes.h>

#include "base/check.h"
#include "base/civil.h"
#include "base/digest.h"
#include "core/ids.h"
#include "notify/http_post.h"

enum { BODY_MAX = 256 << 10, HEADERS_MAX = 6 };

/* Pages and posts of one instance have ids of their own; INC-42's seventh delivery is inc-42.d7. */
static void id_add(struct buf *b, const struct message_send *m)
{
    if (m->incident > 0) buf_addf(b, "inc-%" PRId64 ".", m->incident);
    buf_addf(b, "d%" PRId64, m->delivery);
}

static int secret_decode(struct slice one, struct buf *key, struct error *e)
{
    struct error inner;

    slice_cut_prefix(&one, S("whsec_"));
    if (one.n == 0 || digest_decode_base64(one, BASE64_STANDARD, key, &inner) < 0)
        return fail(e, ERR_INVALID, "the webhook's secret is not whsec_ and base64, as Standard Webhooks want it");
    return 0;
}

static int sign_one(struct slice one, struct slice content, struct buf *out, struct error *e)
{
    struct buf key = { .max = 1024 };
    uint8_t mac[DIGEST_SHA256_BYTES];
    int rc;

    if ((rc = secret_decode(one, &key, e)) < 0) goto out;
    digest_hmac_sha256(buf_slice(&key), content, mac);
    if (out->len > 0) buf_add_char(out, ' ');
    buf_add(out, S("v1,"));
    digest_add_base64(out, (struct slice){ (const char *)mac, sizeof mac }, BASE64_STANDARD);
out:
    buf_release(&key);
    return rc;
}

int webhook_sign(struct slice secrets, struct slice id, int64_t timestamp_s, struct slice body, struct buf *out,
                 struct error *e)
{
    struct buf content = { .max = BODY_MAX + 1024 };
    size_t before = out->len;
    int rc = 0;

    buf_add(&content, id);
    buf_addf(&content, ".%" PRId64 ".", timestamp_s);
    buf_add(&content, body);
    while (rc == 0 && secrets.n > 0) {
        struct slice one = slice_cut(&secrets, ' ');

        if (one.n > 0) rc = sign_one(one, buf_slice(&content), out, e);
    }
    if (rc == 0 && out->len == before) rc = fail(e, ERR_INVALID, "the webhook has no secret to sign with");
    if (rc == 0 && content.overflow) rc = fail(e, ERR_LIMIT, "the webhook's body is longer than %d bytes", BODY_MAX);
    buf_release(&content);
    return rc;
}

static void data_text(struct buf *b, const char *name, struct slice value)
{
    buf_addf(b, ",\"%s\":", name);
    if (value.n > 0)
        buf_add_json(b, value);
    else
        buf_add(b, S("null"));
}

static void data_id(struct buf *b, const char *name, const char *prefix, int64_t id)
{
    if (id > 0)
        buf_addf(b, ",\"%s\":\"%s%" PRId64 "\"", name, prefix, id);
    else
        buf_addf(b, ",\"%s\":null", name);
}

static void body_add(struct buf *b, const struct notifier_channel *c, const struct message_send *m, int64_t wall_ms)
{
    buf_addf(b, "{\"type\":\"tocsin.%s\",\"timestamp\":\"", message_purpose_name(m->purpose));
    civil_format_rfc3339(b, wall_ms, 0, true);
    buf_addf(b, "\",\"data\":{\"delivery\":%" PRId64 ",\"attempt\":%" PRId64, m->delivery, m->attempt);
    data_id(b, "incident", "INC-", m->incident);
    data_id(b, "page", "", m->page);
    buf_addf(b, ",\"severity\":%" PRId64, m->severity);
    data_text(b, "urgency", slice_of(message_urgency_name(m->urgency)));
    data_text(b, "channel", c->name);
    data_text(b, "to", m->address);
    data_text(b, "thread", m->thread);
    data_text(b, "subject", m->subject);
    data_text(b, "text", m->text);
    data_text(b, "short", m->short_text);
    data_text(b, "html", m->html);
    data_text(b, "ack_url", m->ack_url);
    buf_add(b, S("}}"));
}

/* "Name: value"; values here are made of digits, base64 and fixed words, so no line break can come in. */
static void header_add(struct arena *a, const char **headers, size_t *n, const char *name, struct slice value)
{
    struct buf b = { .max = 8192 };
    struct slice line;

    buf_addf(&b, "%s: ", name);
    buf_add(&b, value);
    line = arena_copy(a, buf_slice(&b));
    CHECK(*n < HEADERS_MAX);
    headers[(*n)++] = b.overflow ? NULL : line.p;
    buf_release(&b);
}

static int headers_make(const struct notifier_channel *c, const struct message_send *m, int64_t wall_ms,
                        struct arena *a, struct request *out, struct error *e)
{
    const char **headers = arena_array(a, const char *, HEADERS_MAX);
    struct buf id = { .max = 128 }, stamp = { .max = 32 }, signature = { .max = 4096 };
    int rc = 0;

    if (headers == NULL) return fail(e, ERR_LIMIT, "the message is larger than a request may be");
    id_add(&id, m);
    buf_add_int(&stamp, wall_ms / SECOND);
    if (c->secret.n > 0 && (rc = webhook_sign(c->secret, buf_slice(&id), wall_ms / SECOND, out->body, &signature, e)))
        goto out;
    header_add(a, headers, &out->n_headers, "Content-Type", S("application/json; charset=utf-8"));
    header_add(a, headers, &out->n_headers, "webhook-id", buf_slice(&id));
    header_add(a, headers, &out->n_headers, "webhook-timestamp", buf_slice(&stamp));
    if (signature.len > 0) header_add(a, headers, &out->n_headers, "webhook-signature", buf_slice(&signature));
    for (size_t i = 0; i < out->n_headers; i++)
        if (headers[i] == NULL) rc = fail(e, ERR_LIMIT, "the webhook has too many secrets");
    out->headers = headers;
out:
    buf_release(&id);
    buf_release(&stamp);
    buf_release(&signature);
    return rc;
}

static int webhook_build(const struct notifier_channel *c, const struct message_send *m, int64_t wall_ms,
                         struct arena *a, struct request *out, struct error *e)
{
    struct buf b = { .max = BODY_MAX };
    int rc;

    *out = (struct request){ .kind = REQUEST_HTTP, .target = arena_str(a, c->url), .tls = TLS_REQUIRED };
    if (!slice_has_prefix_nocase(c->url, S("https://")) && !slice_has_prefix_nocase(c->url, S("http://")))
        return fail(e, ERR_INVALID, "the webhook's url begins with neither https:// nor http://");
    body_add(&b, c, m, wall_ms);
    out->body = arena_copy(a, buf_slice(&b));
    out->ca_file = c->ca_file.n > 0 ? arena_str(a, c->ca_file) : NULL;
    if (b.overflow || out->body.p == NULL || out->target == NULL)
        rc = fail(e, ERR_LIMIT, "the message is longer than a webhook's body may be (%d bytes)", BODY_MAX);
    else
        rc = headers_make(c, m, wall_ms, a, out, e);
    buf_release(&b);
    return rc;
}

const struct notifier_ops notifier_webhook = { .name = "webhook", .build = webhook_build, .judge = http_judge };
