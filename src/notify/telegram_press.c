/* telegram_press.c - calls of the Bot API, and the presses of buttons that getUpdates brings.
 * Not here: when it is asked (serve/courier_poll.c), what a press does (the server checks the token).
 */
#include <inttypes.h>
#include <yyjson.h>

#include "base/check.h"
#include "base/json.h"
#include "notify/http_post.h"
#include "notify/telegram.h"

enum { BODY_MAX = 16 << 10, URL_MAX = 2048, ANSWER_MAX = 200, QUERY_MAX = 128, TOKEN_MAX = 64 };

static bool token_is_valid(struct slice s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];

        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) continue;
        if (c != ':' && c != '_' && c != '-') return false;
    }
    return s.n > 0;
}

int telegram_request(const struct notifier_channel *c, const char *call, const struct buf *json, struct arena *a,
                     struct request *out, struct error *e)
{
    struct buf url = { .max = URL_MAX };
    int rc;

    if (!token_is_valid(c->token)) return fail(e, ERR_INVALID, "the Telegram channel's token is not one of a bot");
    buf_addf(&url, "%.*s/bot%.*s/%s", (int)c->url.n, c->url.p, (int)c->token.n, c->token.p, call);
    rc = http_post_make(c, buf_slice(&url), (struct slice){ 0 }, json, a, out, e);
    buf_release(&url);
    return rc;
}

int telegram_poll_build(const struct notifier_channel *c, int64_t offset, int64_t wait_s, struct arena *a,
                        struct request *out, struct error *e)
{
    struct buf json = { .max = BODY_MAX };
    int rc;

    buf_addf(&json, "{\"offset\":%" PRId64 ",\"timeout\":%" PRId64 ",\"allowed_updates\":[\"callback_query\"]}", offset,
             wait_s);
    rc = telegram_request(c, "getUpdates", &json, a, out, e);
    buf_release(&json);
    return rc;
}

int telegram_answer_build(const struct notifier_channel *c, struct slice query, struct slice text, struct arena *a,
                          struct request *out, struct error *e)
{
    struct buf json = { .max = BODY_MAX };
    int rc;

    buf_add(&json, S("{\"callback_query_id\":"));
    buf_add_json(&json, query);
    buf_add(&json, S(",\"show_alert\":true,\"text\":"));
    buf_add_json(&json, text);
    buf_add_char(&json, '}');
    rc = telegram_request(c, "answerCallbackQuery", &json, a, out, e);
    buf_release(&json);
    return rc;
}

static struct slice kept(yyjson_val *v, size_t max, struct arena *a)
{
    struct slice text = http_json_text(v);

    return text.n > max ? (struct slice){ 0 } : arena_copy(a, text);
}

static void press_read(yyjson_val *query, struct arena *a, struct telegram_press *out)
{
    yyjson_val *from = yyjson_obj_get(yyjson_obj_get(query, "from"), "id");
    yyjson_val *chat = yyjson_obj_get(yyjson_obj_get(yyjson_obj_get(query, "message"), "chat"), "id");

    out->query = kept(yyjson_obj_get(query, "id"), QUERY_MAX, a);
    out->token = kept(yyjson_obj_get(query, "data"), TOKEN_MAX, a);
    out->in_private = yyjson_is_int(from) && yyjson_is_int(chat) && yyjson_get_sint(from) == yyjson_get_sint(chat);
}

bool telegram_updates_read(const struct response *r, struct arena *a, struct telegram_press out[TELEGRAM_PRESSES_MAX],
                           size_t *n, int64_t *offset)
{
    yyjson_doc *doc = r->status == 200 && r->body.n > 0 ? json_read(r->body, 0, NULL) : NULL;
    yyjson_val *list = yyjson_obj_get(yyjson_doc_get_root(doc), "result"), *update;
    yyjson_arr_iter it = yyjson_arr_iter_with(list);
    bool good = yyjson_is_arr(list);

    *n = 0;
    while ((update = yyjson_arr_iter_next(&it)) != NULL && *n < TELEGRAM_PRESSES_MAX) {
        yyjson_val *id = yyjson_obj_get(update, "update_id"), *query = yyjson_obj_get(update, "callback_query");

        if (yyjson_is_int(id) && yyjson_get_sint(id) >= *offset && yyjson_get_sint(id) < INT64_MAX)
            *offset = yyjson_get_sint(id) + 1;
        if (query != NULL) press_read(query, a, &out[(*n)++]);
    }
    yyjson_doc_free(doc);
    return good;
}
