/* ntfy.c - push by ntfy: JSON to the server's root, a topic a person.
 * Not here: the ntfy app, which shows the message and presses the button.
 * Always: the button is a POST to the page's own link: it acknowledges, while opening the message only shows the page.
 */
#include <inttypes.h>
#include <yyjson.h>

#include "base/check.h"
#include "base/json.h"
#include "notify/chat_text.h"
#include "notify/http_post.h"
#include "notify/judge.h"

/* ntfy turns more than 4,096 bytes into an attachment. */
enum { TEXT_MAX = 3500, TITLE_MAX = 200, TOPIC_MAX = 64, BODY_MAX = 64 << 10 };

static bool topic_is_valid(struct slice s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];

        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-')
            continue;
        return false;
    }
    return s.n > 0 && s.n <= TOPIC_MAX;
}

/* ntfy's 1 to 5; 4 and 5 come through "do not disturb" where the person allowed it. */
static int priority_of(const struct message_send *m)
{
    if (m->purpose == MESSAGE_FOR_STAND_DOWN || m->purpose == MESSAGE_FOR_POST) return 3;
    if (m->urgency == MESSAGE_URGENCY_RING) return m->severity <= 1 ? 5 : 4;
    return m->severity >= 4 ? 2 : 3;
}

static const char *tag_of(enum message_purpose p)
{
    switch (p) {
    case MESSAGE_FOR_UNSET:
    case MESSAGE_FOR_POST:
    case MESSAGE_FOR_NOTICE: break;
    case MESSAGE_FOR_PAGE: return "rotating_light";
    case MESSAGE_FOR_STAND_DOWN: return "white_check_mark";
    case MESSAGE_FOR_ALARM: return "warning";
    }
    return "loudspeaker";
}

static void member(struct buf *b, const char *name, struct slice value)
{
    buf_addf(b, ",\"%s\":", name);
    buf_add_json(b, value);
}

static void json_add(struct buf *b, const struct message_send *m)
{
    struct slice text = chat_text_cut(m->text, TEXT_MAX);

    buf_add(b, S("{\"topic\":"));
    buf_add_json(b, m->address);
    member(b, "title", chat_text_cut(m->subject, TITLE_MAX));
    member(b, "message", text.n > 0 ? text : m->subject);
    buf_addf(b, ",\"priority\":%d,\"tags\":[\"%s\"]", priority_of(m), tag_of(m->purpose));
    if (m->ack_url.n > 0) {
        member(b, "click", m->ack_url);
        buf_add(b,
                S(",\"actions\":[{\"action\":\"http\",\"label\":\"Acknowledge\",\"method\":\"POST\",\"clear\":true"));
        member(b, "url", m->ack_url);
        buf_add(b, S("}]"));
    }
    buf_add_char(b, '}');
}

static int ntfy_build(const struct notifier_channel *c, const struct message_send *m, int64_t wall_ms, struct arena *a,
                      struct request *out, struct error *e)
{
    struct buf json = { .max = BODY_MAX };
    int rc;

    (void)wall_ms;
    if (!topic_is_valid(m->address))
        return fail(e, ERR_INVALID, "the recipient is no ntfy topic: letters, digits, _ and -, at most %d", TOPIC_MAX);
    json_add(&json, m);
    rc = http_post_make(c, c->url, c->token, &json, a, out, e);
    buf_release(&json);
    return rc;
}

static void ntfy_judge(const struct response *r, struct arena *a, struct verdict *out)
{
    yyjson_doc *doc;
    yyjson_val *id;

    http_judge(r, a, out);
    if (out->outcome != MESSAGE_OUTCOME_ACCEPTED || r->body.n == 0) return;
    doc = json_read(r->body, 0, NULL);
    id = yyjson_obj_get(yyjson_doc_get_root(doc), "id");
    out->provider_id = judge_line(http_json_text(id), 64, a);
    yyjson_doc_free(doc);
}

const struct notifier_ops notifier_ntfy = { .name = "ntfy", .build = ntfy_build, .judge = ntfy_judge };
