/* webhook4.c - reads Alertmanager's webhook.
 * Not here: the alerts themselves (alertmanager.c), who sent them (api/).
 * Always: a body whose alerts cannot be found is refused whole; an alert that is not valid does not keep the others out.
 */
#include "ingest/webhook4.h"

#include <yyjson.h>

#include "base/buf.h"
#include "ingest/json_text.h"

static void refuse(struct arena *a, struct webhook4_post *out, int status, const char *what, const char *more)
{
    struct buf text = { .max = 1024 }, json = { .max = 4096 };

    buf_addf(&text, "the body is no webhook of Alertmanager: %s%s", what, more);
    buf_addf(&json, "{\"code\":%d,\"message\":", status);
    buf_add_json(&json, buf_slice(&text));
    buf_add_char(&json, '}');
    out->alerts.status = status;
    out->alerts.answer = arena_copy(a, buf_slice(&json));
    buf_release(&text);
    buf_release(&json);
}

static void group_take(struct arena *a, yyjson_val *root, int64_t now_wall, struct webhook4_post *out)
{
    yyjson_val *alerts = yyjson_obj_get(root, "alerts"), *left_out = yyjson_obj_get(root, "truncatedAlerts");
    struct alertmanager_terms terms = { .now_wall = now_wall, .lease_ms = WEBHOOK4_LEASE_MS };

    if (!yyjson_is_arr(alerts)) {
        refuse(a, out, 400, "it has no list `alerts`", "");
        return;
    }
    terms.resolved = yyjson_equals_str(yyjson_obj_get(root, "status"), "resolved");
    alertmanager_take(a, alerts, &terms, &out->alerts);
    if (yyjson_is_int(left_out) && yyjson_get_sint(left_out) > 0) out->truncated = yyjson_get_sint(left_out);
}

void webhook4_parse(struct arena *a, struct slice body, int64_t now_wall, struct webhook4_post *out)
{
    struct error e = { 0 };
    yyjson_doc *doc = NULL;

    *out = (struct webhook4_post){ .alerts = { .status = 200 } };
    if (body.n > ALERT_MAX_BODY)
        refuse(a, out, 413, "it is larger than 4 MiB", "");
    else if ((doc = json_text_read(a, &body, ALERT_MAX_DEPTH, &e)) == NULL)
        refuse(a, out, 400, "", e.detail);
    else if (!yyjson_is_obj(yyjson_doc_get_root(doc)))
        refuse(a, out, 400, "it is no JSON object", "");
    else
        group_take(a, yyjson_doc_get_root(doc), now_wall, out);
    yyjson_doc_free(doc);
}
