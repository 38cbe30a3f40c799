/* slack.c - Slack by its Web API: chat.postMessage to a channel or, by member id, to a person.
 * Not here: incoming webhooks (slack_webhook.c), buttons that come back (no interactivity in this version: the link is).
 * Always: a page is a message of its own; what follows about the same incident in the same place is its thread; a post
 * is brought up to date in place (chat.update). Slack
 * says "no" with status 200 and ok:false, so the error's name decides.
 */
#include "notify/slack.h"

#include <yyjson.h>

#include "base/check.h"
#include "base/json.h"
#include "notify/chat_text.h"
#include "notify/http_post.h"
#include "notify/judge.h"

/* Slack advises 4,000 characters and cuts at 40,000. */
enum { TEXT_MAX = 3500, BODY_MAX = 64 << 10 };

void slack_text_add(struct buf *json, const struct message_send *m, size_t max)
{
    struct buf plain = { .max = BODY_MAX }, escaped = { .max = BODY_MAX };

    chat_text_add(&plain, m, max);
    for (size_t i = 0; i < plain.len; i++) {
        char c = plain.p[i];

        if (c == '&')
            buf_add(&escaped, S("&amp;"));
        else if (c == '<')
            buf_add(&escaped, S("&lt;"));
        else if (c == '>')
            buf_add(&escaped, S("&gt;"));
        else
            buf_add_char(&escaped, c);
    }
    if (plain.overflow || escaped.overflow) json->overflow = true;
    buf_add_json(json, buf_slice(&escaped));
    buf_release(&plain);
    buf_release(&escaped);
}

static int slack_build(const struct notifier_channel *c, const struct message_send *m, int64_t wall_ms, struct arena *a,
                       struct request *out, struct error *e)
{
    struct buf url = { .max = 2048 }, json = { .max = BODY_MAX };
    struct slice room = m->reply_to, ts = slice_cut(&room, '@'); /* as body_judge() made it */
    const bool update = m->update != 0 && room.n > 0;
    bool in_thread = ts.n > 0 && !update && m->purpose != MESSAGE_FOR_PAGE && m->purpose != MESSAGE_FOR_ALARM;
    int rc;

    (void)wall_ms;
    buf_add(&url, c->url);
    buf_add(&url, update ? S("/chat.update") : S("/chat.postMessage"));
    buf_add(&json, S("{\"channel\":"));
    buf_add_json(&json, update ? room : m->address); /* a post goes to a name, an update to an id alone */
    if (update) {
        buf_add(&json, S(",\"ts\":"));
        buf_add_json(&json, ts);
    }
    buf_add(&json, S(",\"text\":"));
    slack_text_add(&json, m, TEXT_MAX);
    if (in_thread) {
        buf_add(&json, S(",\"thread_ts\":"));
        buf_add_json(&json, ts);
    }
    /* Nobody but the reader is to open an acknowledge link. */
    buf_add(&json, S(",\"unfurl_links\":false,\"unfurl_media\":false}"));
    if (m->address.n == 0)
        rc = fail(e, ERR_INVALID, "the message names no Slack channel: say `channel` in the site");
    else if (c->token.n == 0)
        rc = fail(e, ERR_INVALID, "the Slack channel has no token");
    else
        rc = http_post_make(c, buf_slice(&url), c->token, &json, a, out, e);
    buf_release(&url);
    buf_release(&json);
    return rc;
}

struct error_row {
    const char *name;
    enum message_outcome outcome;
    const char *advice; /* NULL: the name says it */
};

/* Slack's names. What they do not hold is refused: Slack did not take it, and the next way is tried at once. */
static const struct error_row errors[] = {
    { "ratelimited", MESSAGE_OUTCOME_NOT_SENT, NULL },
    { "rate_limited", MESSAGE_OUTCOME_NOT_SENT, NULL },
    { "message_limit_exceeded", MESSAGE_OUTCOME_NOT_SENT, NULL },
    { "service_unavailable", MESSAGE_OUTCOME_NOT_SENT, NULL },
    { "request_timeout", MESSAGE_OUTCOME_NOT_SENT, NULL },
    { "team_added_to_org", MESSAGE_OUTCOME_NOT_SENT, NULL },
    { "external_channel_migrating", MESSAGE_OUTCOME_NOT_SENT, NULL },
    /* "It is possible some aspect of the operation succeeded before the error was raised." */
    { "fatal_error", MESSAGE_OUTCOME_UNCERTAIN, NULL },
    { "internal_error", MESSAGE_OUTCOME_UNCERTAIN, NULL },
    { "not_authed", MESSAGE_OUTCOME_REFUSED, "the token is missing or no bot token (xoxb-…)" },
    { "invalid_auth", MESSAGE_OUTCOME_REFUSED, "the token is not valid" },
    { "account_inactive", MESSAGE_OUTCOME_REFUSED, "the token's app or account was removed" },
    { "token_revoked", MESSAGE_OUTCOME_REFUSED, "make a new token" },
    { "token_expired", MESSAGE_OUTCOME_REFUSED, "make a new token" },
    { "missing_scope", MESSAGE_OUTCOME_REFUSED, "the app needs the scope chat:write" },
    { "channel_not_found", MESSAGE_OUTCOME_REFUSED,
      "no such channel for this app; a person is best named by the member id (U…)" },
    { "user_not_found", MESSAGE_OUTCOME_REFUSED, "name the person by the member id (U…)" },
    { "not_in_channel", MESSAGE_OUTCOME_REFUSED, "invite the app to the channel" },
    { "cant_update_message", MESSAGE_OUTCOME_REFUSED, "it was posted by another app or token" },
    { "edit_window_closed", MESSAGE_OUTCOME_REFUSED, "the workspace does not let messages be edited any more" },
    { "message_not_found", MESSAGE_OUTCOME_REFUSED, "the message was deleted" },
    { "is_archived", MESSAGE_OUTCOME_REFUSED, "the channel is archived" },
    { "msg_too_long", MESSAGE_OUTCOME_REFUSED, NULL },
    { "no_text", MESSAGE_OUTCOME_REFUSED, NULL },
    { "invalid_blocks", MESSAGE_OUTCOME_REFUSED, NULL },
    { "restricted_action", MESSAGE_OUTCOME_REFUSED, "the workspace does not let this app post there" },
};

static void error_judge(struct slice name, struct arena *a, struct verdict *out)
{
    struct buf words = { .max = 512 };

    out->outcome = MESSAGE_OUTCOME_REFUSED;
    buf_add(&words, name);
    for (size_t i = 0; i < COUNT_OF(errors); i++) {
        if (!slice_eq(name, slice_of(errors[i].name))) continue;
        out->outcome = errors[i].outcome;
        if (errors[i].advice != NULL) buf_addf(&words, ": %s", errors[i].advice);
    }
    out->detail = judge_detail("Slack answered", buf_slice(&words), a);
    buf_release(&words);
}

/* "1700000000.000100@C024BE91L": what threads and updates need. */
static struct slice provider_id(struct slice ts, struct slice room, struct arena *a)
{
    struct buf id = { .max = 256 };
    struct slice line;

    buf_add(&id, ts);
    if (ts.n > 0 && room.n > 0) {
        buf_add_char(&id, '@');
        buf_add(&id, room);
    }
    line = judge_line(buf_slice(&id), 64, a);
    buf_release(&id);
    return line;
}

static void body_judge(yyjson_val *root, struct arena *a, struct verdict *out)
{
    yyjson_val *ok = yyjson_obj_get(root, "ok");
    yyjson_val *name = yyjson_obj_get(root, "error"), *ts = yyjson_obj_get(root, "ts");
    yyjson_val *room = yyjson_obj_get(root, "channel");

    if (yyjson_is_true(ok)) {
        out->provider_id = provider_id(http_json_text(ts), http_json_text(room), a);
        out->detail = S("posted");
    } else if (yyjson_is_false(ok) && yyjson_is_str(name)) {
        error_judge(http_json_text(name), a, out);
    } else {
        out->outcome = MESSAGE_OUTCOME_UNCERTAIN;
        out->detail = S("the answer is not Slack's");
    }
}

static void slack_judge(const struct response *r, struct arena *a, struct verdict *out)
{
    yyjson_doc *doc;

    http_judge(r, a, out);
    if (out->outcome != MESSAGE_OUTCOME_ACCEPTED) return;
    doc = r->body.n > 0 ? json_read(r->body, 0, NULL) : NULL;
    body_judge(yyjson_doc_get_root(doc), a, out);
    yyjson_doc_free(doc);
}

const struct notifier_ops notifier_slack = { .name = "slack", .build = slack_build, .judge = slack_judge };
