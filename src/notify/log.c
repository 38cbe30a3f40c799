/* log.c - the channel that needs nobody else: one line a message, into a file (JSON) or on standard output (words).
 * Not here: writing it (serve/courier_file.c appends with O_APPEND and waits for the disk).
 * Always: one message is one line, whatever its texts hold.
 */
#include "notify/notifier.h"

#include <inttypes.h>

#include "base/check.h"
#include "base/civil.h"
#include "notify/judge.h"

enum { LINE_MAX_BYTES = 64 << 10, WORDS_MAX = 2000 };

static void json_text(struct buf *b, const char *name, struct slice value)
{
    buf_addf(b, ",\"%s\":", name);
    buf_add_json(b, value);
}

static void json_int(struct buf *b, const char *name, int64_t value)
{
    buf_addf(b, ",\"%s\":%" PRId64, name, value);
}

static void line_add_json(struct buf *b, const struct notifier_channel *c, const struct message_send *m,
                          int64_t wall_ms)
{
    buf_add(b, S("{\"at\":\""));
    civil_format_rfc3339(b, wall_ms, 0, true);
    buf_add(b, S("\""));
    json_text(b, "channel", c->name);
    json_text(b, "purpose", slice_of(message_purpose_name(m->purpose)));
    json_text(b, "urgency", slice_of(message_urgency_name(m->urgency)));
    json_int(b, "incident", m->incident);
    json_int(b, "page", m->page);
    json_int(b, "delivery", m->delivery);
    json_int(b, "attempt", m->attempt);
    json_int(b, "severity", m->severity);
    json_text(b, "to", m->address);
    json_text(b, "subject", m->subject);
    json_text(b, "text", m->text);
    if (m->ack_url.n > 0) json_text(b, "ack_url", m->ack_url);
    buf_add(b, S("}\n"));
}

static void words_add(struct buf *b, const char *before, struct slice value, struct arena *a)
{
    if (value.n == 0) return;
    buf_add_str(b, before);
    buf_add(b, judge_line(value, WORDS_MAX, a));
}

/* The lines of a text behind each other; empty ones are left out. */
static void lines_add(struct buf *b, const char *before, struct slice text, struct arena *a)
{
    while (text.n > 0) {
        struct slice line = slice_cut(&text, '\n');

        if (judge_line(line, WORDS_MAX, a).n == 0) continue;
        words_add(b, before, line, a);
        before = " / ";
    }
}

static void line_add_words(struct buf *b, const struct notifier_channel *c, const struct message_send *m,
                           int64_t wall_ms, struct arena *a)
{
    civil_format_rfc3339(b, wall_ms, 0, false);
    words_add(b, " ", c->name, a);
    words_add(b, ": ", slice_of(message_purpose_name(m->purpose)), a);
    words_add(b, " to ", m->address, a);
    words_add(b, ": ", m->subject, a);
    lines_add(b, " | ", m->text, a);
    /* Most texts hold the link already; a page without one could not be answered. */
    if (slice_find(m->text, m->ack_url) == m->text.n) words_add(b, " | acknowledge: ", m->ack_url, a);
    buf_add_char(b, '\n');
}

static int log_build(const struct notifier_channel *c, const struct message_send *m, int64_t wall_ms, struct arena *a,
                     struct request *out, struct error *e)
{
    struct buf b = { .max = LINE_MAX_BYTES };
    int rc = 0;

    *out = (struct request){ .kind = REQUEST_FILE };
    if (c->path.n > 0)
        line_add_json(&b, c, m, wall_ms);
    else
        line_add_words(&b, c, m, wall_ms, a);
    out->target = c->path.n > 0 ? arena_str(a, c->path) : NULL;
    out->body = arena_copy(a, buf_slice(&b));
    if (b.overflow || out->body.p == NULL || (c->path.n > 0 && out->target == NULL))
        rc = fail(e, ERR_LIMIT, "the message is longer than a log line may be (%d bytes)", LINE_MAX_BYTES);
    buf_release(&b);
    return rc;
}

static void log_judge(const struct response *r, struct arena *a, struct verdict *out)
{
    *out = (struct verdict){ .outcome = judge_fault(r->fault, r->reach == REACH_NOTHING) };
    if (r->fault == FAULT_NONE && r->reach == REACH_ALL) {
        out->outcome = MESSAGE_OUTCOME_ACCEPTED;
        out->detail = S("written");
        return;
    }
    out->detail = judge_detail(fault_text(r->fault), r->problem, a);
}

const struct notifier_ops notifier_log = { .name = "log", .build = log_build, .judge = log_judge };
