/* telegram.c - Telegram by the Bot API: sendMessage, with a button that acknowledges and one that opens the page.
 * Not here: what comes back from the button (telegram_press.c).
 * Always: the token stands in the URL, as Telegram wants it, so no error and no detail ever shows the URL; texts are
 * plain (no parse_mode), so nothing in an alert can change how they look.
 */
#include "notify/telegram.h"

#include <inttypes.h>
#include <yyjson.h>

#include "base/check.h"
#include "base/json.h"
#include "core/ids.h"
#include "notify/chat_text.h"
#include "notify/http_post.h"
#include "notify/judge.h"

/* Telegram takes 4,096 characters. */
enum { TEXT_MAX = 3500, BODY_MAX = 64 << 10, TOKEN_BYTES = 36 /* of a page's link: engine/token.h */ };

/* A number (negative: a group), or @name of a public channel. */
static bool chat_is_valid(struct slice s)
{
    int64_t number;

    if (slice_to_int(s, &number)) return true;
    if (!slice_cut_prefix(&s, S("@")) || s.n == 0 || s.n > 64) return false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_')) return false;
    }
    return true;
}

/* Telegram refuses the whole message for a button to a name without a dot ("localhost"). The text has the link too. */
static bool url_suits_a_button(struct slice url)
{
    struct slice host = url;

    if (!slice_cut_prefix(&host, S("https://")) && !slice_cut_prefix(&host, S("http://"))) return false;
    host = slice_cut(&host, '/');
    return slice_find_char(host, '.') < host.n;
}

/* The token of the page's link, when it fits a button. In a group anybody could press it: the link is asked for there. */
static struct slice button_token(const struct message_send *m)
{
    size_t at = slice_find(m->ack_url, S("/a/"));
    struct slice token = at < m->ack_url.n ? slice_from(m->ack_url, at + 3) : (struct slice){ 0 };

    return token.n == TOKEN_BYTES && !slice_has_prefix(m->address, S("-")) && m->address.p[0] != '@'
               ? token
               : (struct slice){ 0 };
}

static void buttons_add(struct buf *b, const struct message_send *m)
{
    struct slice token = button_token(m);
    bool opens = url_suits_a_button(m->ack_url);

    if (token.n == 0 && !opens) return;
    buf_add(b, S(",\"reply_markup\":{\"inline_keyboard\":["));
    if (token.n > 0) {
        buf_add(b, S("[{\"text\":\"Acknowledge\",\"callback_data\":"));
        buf_add_json(b, token);
        buf_add(b, opens ? S("}],") : S("}]"));
    }
    if (opens) {
        buf_add_str(b, token.n > 0 ? "[{\"text\":\"Open\",\"url\":" : "[{\"text\":\"Acknowledge\",\"url\":");
        buf_add_json(b, m->ack_url);
        buf_add(b, S("}]"));
    }
    buf_add(b, S("]}"));
}

static void json_add(struct buf *b, const struct message_send *m)
{
    struct buf text = { .max = BODY_MAX };
    int64_t number;

    chat_text_add(&text, m, TEXT_MAX);
    buf_add(b, S("{\"chat_id\":"));
    if (slice_to_int(m->address, &number))
        buf_add_int(b, number);
    else
        buf_add_json(b, m->address);
    buf_add(b, S(",\"text\":"));
    buf_add_json(b, buf_slice(&text));
    /* Nobody but the reader is to open an acknowledge link. */
    buf_add(b, S(",\"disable_web_page_preview\":true"));
    if (m->urgency == MESSAGE_URGENCY_QUIET) buf_add(b, S(",\"disable_notification\":true"));
    if (slice_to_int(m->reply_to, &number) && m->purpose != MESSAGE_FOR_PAGE)
        buf_addf(b, ",\"reply_to_message_id\":%" PRId64 ",\"allow_sending_without_reply\":true", number);
    buttons_add(b, m);
    buf_add_char(b, '}');
    if (text.overflow) b->overflow = true;
    buf_release(&text);
}

static int telegram_build(const struct notifier_channel *c, const struct message_send *m, int64_t wall_ms,
                          struct arena *a, struct request *out, struct error *e)
{
    struct buf json = { .max = BODY_MAX };
    int rc;

    (void)wall_ms;
    if (!chat_is_valid(m->address))
        return fail(e, ERR_INVALID, "the recipient is no Telegram chat: a number, or @name of a public channel");
    json_add(&json, m);
    rc = telegram_request(c, "sendMessage", &json, a, out, e);
    buf_release(&json);
    return rc;
}

static void body_judge(yyjson_val *root, struct arena *a, struct verdict *out)
{
    yyjson_val *words = yyjson_obj_get(root, "description");
    yyjson_val *id = yyjson_obj_get(yyjson_obj_get(root, "result"), "message_id");
    int64_t retry_s = yyjson_get_sint(yyjson_obj_get(yyjson_obj_get(root, "parameters"), "retry_after"));
    struct buf number = { .max = 32 };

    if (out->outcome == MESSAGE_OUTCOME_ACCEPTED && !yyjson_is_true(yyjson_obj_get(root, "ok"))) {
        out->outcome = MESSAGE_OUTCOME_UNCERTAIN;
        out->detail = S("the answer is not Telegram's");
    }
    if (yyjson_is_str(words)) out->detail = judge_detail("Telegram answered", http_json_text(words), a);
    if (retry_s > 0) out->retry_after_ms = retry_s < DAY / SECOND ? retry_s * SECOND : DAY;
    if (out->outcome == MESSAGE_OUTCOME_ACCEPTED && yyjson_is_int(id)) {
        buf_add_int(&number, yyjson_get_sint(id));
        out->provider_id = arena_copy(a, buf_slice(&number));
        out->detail = S("sent");
    }
    buf_release(&number);
}

static void telegram_judge(const struct response *r, struct arena *a, struct verdict *out)
{
    yyjson_doc *doc;

    http_judge(r, a, out);
    if (r->status == 0) return;
    doc = r->body.n > 0 ? json_read(r->body, 0, NULL) : NULL;
    body_judge(yyjson_doc_get_root(doc), a, out);
    yyjson_doc_free(doc);
}

const struct notifier_ops notifier_telegram = { .name = "telegram", .build = telegram_build, .judge = telegram_judge };
