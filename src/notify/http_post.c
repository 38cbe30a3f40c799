/* http_post.c - one JSON body by POST, and what an HTTP status means for a delivery.
 * Not here: the bodies (a file a channel), the connection (serve/courier_easy.c).
 * Always: a header value holds no line break, and no error names a URL or a token.
 */
#include "notify/http_post.h"

#include <inttypes.h>
#include <yyjson.h>

#include "base/buf.h"
#include "base/check.h"
#include "base/civil.h"
#include "base/json.h"
#include "core/ids.h"
#include "notify/judge.h"

enum { HEADERS_MAX = 2, HEADER_MAX_BYTES = 4096, DETAIL_BODY_MAX = 120 };

static bool is_one_line(struct slice s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] <= 0x20 || (unsigned char)s.p[i] >= 0x7f) return false;
    return true;
}

static const char *bearer_header(struct slice token, struct arena *a)
{
    struct buf b = { .max = HEADER_MAX_BYTES };
    const char *line;

    buf_addf(&b, "Authorization: Bearer %.*s", (int)token.n, token.p);
    line = b.overflow ? NULL : arena_str(a, buf_slice(&b));
    buf_release(&b);
    return line;
}

int http_post_make(const struct notifier_channel *c, struct slice url, struct slice bearer, const struct buf *json,
                   struct arena *a, struct request *out, struct error *e)
{
    const char **headers = arena_array(a, const char *, HEADERS_MAX);

    *out = (struct request){ .kind = REQUEST_HTTP, .target = arena_str(a, url), .tls = TLS_REQUIRED };
    if (!slice_has_prefix_nocase(url, S("https://")) && !slice_has_prefix_nocase(url, S("http://")))
        return fail(e, ERR_INVALID, "the channel's url begins with neither https:// nor http://");
    if (!is_one_line(url)) return fail(e, ERR_INVALID, "the channel's url holds a blank or a line break");
    if (!is_one_line(bearer)) return fail(e, ERR_INVALID, "the channel's token holds a blank or a line break");
    if (headers == NULL || json->overflow) return fail(e, ERR_LIMIT, "the message is larger than a request may be");
    headers[out->n_headers++] = "Content-Type: application/json; charset=utf-8";
    if (bearer.n > 0) headers[out->n_headers++] = bearer_header(bearer, a);
    out->headers = headers;
    out->body = arena_copy(a, buf_slice(json));
    out->ca_file = c->ca_file.n > 0 ? arena_str(a, c->ca_file) : NULL;
    if (out->target == NULL || out->body.p == NULL || headers[out->n_headers - 1] == NULL ||
        (c->ca_file.n > 0 && out->ca_file == NULL))
        return fail(e, ERR_LIMIT, "the message is larger than a request may be");
    return 0;
}

struct slice http_json_text(struct yyjson_val *v)
{
    return json_slice(v);
}

/* Redirects are not followed: an address that moved is for a person to confirm. 5xx may have done its work. */
static const struct status_row statuses[] = {
    { 200, 299, MESSAGE_OUTCOME_ACCEPTED },  { 300, 399, MESSAGE_OUTCOME_REFUSED },
    { 408, 408, MESSAGE_OUTCOME_NOT_SENT },  { 425, 425, MESSAGE_OUTCOME_NOT_SENT },
    { 429, 429, MESSAGE_OUTCOME_NOT_SENT },  { 400, 499, MESSAGE_OUTCOME_REFUSED },
    { 500, 599, MESSAGE_OUTCOME_UNCERTAIN }, { 0 },
};

/* The value of the last header of that name. */
static struct slice header_value(struct slice head, struct slice name)
{
    struct slice found = { 0 };

    while (head.n > 0) {
        struct slice line = slice_cut(&head, '\n'), key = slice_cut(&line, ':');

        if (slice_eq_nocase(key, name)) found = line;
    }
    while (found.n > 0 && (found.p[0] == ' ' || found.p[0] == '\t')) found = slice_from(found, 1);
    while (found.n > 0 && (found.p[found.n - 1] == ' ' || found.p[found.n - 1] == '\r')) found.n--;
    return found;
}

static bool month_parse(struct slice s, int32_t *month)
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

    for (int32_t i = 0; i < 12; i++)
        if (slice_eq(s, (struct slice){ names + 3 * i, 3 })) {
            *month = i + 1;
            return true;
        }
    return false;
}

static bool number_cut(struct slice *s, char sep, int32_t *out)
{
    struct slice part = slice_cut(s, sep);
    int64_t value;

    if (!slice_cut_uint(&part, &value) || part.n > 0 || value > 9999) return false;
    *out = (int32_t)value;
    return true;
}

/* "Sun, 06 Nov 1994 08:49:37 GMT": the one form of RFC 9110 that may still be sent. */
static bool http_date_parse(struct slice s, int64_t *utc_s)
{
    struct civil c = { 0 };

    slice_cut(&s, ' ');
    if (!number_cut(&s, ' ', &c.day) || !month_parse(slice_cut(&s, ' '), &c.month) || !number_cut(&s, ' ', &c.year) ||
        !number_cut(&s, ':', &c.hour) || !number_cut(&s, ':', &c.minute) || !number_cut(&s, ' ', &c.second) ||
        !slice_eq(s, S("GMT")) || !civil_is_valid(c))
        return false;
    *utc_s = civil_seconds(c);
    return true;
}

int64_t http_retry_after(struct slice value, int64_t wall_ms)
{
    struct slice rest = value;
    int64_t seconds;

    if (value.n == 0) return 0;
    if (slice_cut_uint(&rest, &seconds) && rest.n == 0) return seconds < DAY / SECOND ? seconds * SECOND : DAY;
    if (!http_date_parse(value, &seconds) || seconds * SECOND <= wall_ms) return 0;
    return seconds * SECOND - wall_ms < DAY ? seconds * SECOND - wall_ms : DAY;
}

void http_judge(const struct response *r, struct arena *a, struct verdict *out)
{
    struct buf words = { .max = 64 };

    *out = (struct verdict){ .code = r->status };
    if (r->status == 0) {
        out->outcome = judge_fault(r->fault, r->reach == REACH_NOTHING);
        out->detail = judge_detail(fault_text(r->fault), r->problem, a);
        return;
    }
    out->outcome = judge_status(statuses, r->status);
    out->retry_after_ms = http_retry_after(header_value(r->head, S("retry-after")), r->wall_ms);
    buf_addf(&words, "HTTP status %" PRId64, r->status);
    out->detail = judge_detail(buf_str(&words), slice_upto(r->body, DETAIL_BODY_MAX), a);
    buf_release(&words);
}
