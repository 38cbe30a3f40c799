/* message.c - messages as JSON and back. One table row a field: building, reading and checking follow from it. */
#include "ipc/message.h"

#include <string.h>
#include <yyjson.h>

#include "base/check.h"
#include "base/json.h"
#include "ipc/frame.h"

#define X(sym, code, text) \
    case MESSAGE_##sym: return text;
const char *message_type_name(enum message_type t)
{
    switch (t) {
    case MESSAGE_UNSET: break; MESSAGE_TYPES(X)
    }
    return "unset";
}
#undef X
#define X(sym, code, text) \
    case MESSAGE_FOR_##sym: return text;
const char *message_purpose_name(enum message_purpose p)
{
    switch (p) {
    case MESSAGE_FOR_UNSET: break; MESSAGE_PURPOSES(X)
    }
    return "unset";
}
#undef X
#define X(sym, code, text) \
    case MESSAGE_URGENCY_##sym: return text;
const char *message_urgency_name(enum message_urgency u)
{
    switch (u) {
    case MESSAGE_URGENCY_UNSET: break; MESSAGE_URGENCIES(X)
    }
    return "unset";
}
#undef X
#define X(sym, code, text) \
    case MESSAGE_OUTCOME_##sym: return text;
const char *message_outcome_name(enum message_outcome o)
{
    switch (o) {
    case MESSAGE_OUTCOME_UNSET: break; MESSAGE_OUTCOMES(X)
    }
    return "unset";
}
#undef X

enum field_kind { FIELD_TEXT, FIELD_OPTIONAL_TEXT, FIELD_NUMBER, FIELD_WORD, FIELD_CREDITS };

struct word {
    const char *name;
    int value;
};

struct field {
    const char *name;
    enum field_kind kind;
    size_t at; /* inside struct message */
    int64_t least; /* FIELD_NUMBER */
    const struct word *words; /* FIELD_WORD: ends with a NULL name */
};

#define X(sym, code, text) { text, code },
static const struct word type_words[] = { MESSAGE_TYPES(X){ NULL, 0 } };
static const struct word purpose_words[] = { MESSAGE_PURPOSES(X){ NULL, 0 } };
static const struct word urgency_words[] = { MESSAGE_URGENCIES(X){ NULL, 0 } };
static const struct word outcome_words[] = { MESSAGE_OUTCOMES(X){ NULL, 0 } };
#undef X

#define AT(member) offsetof(struct message, member)

/* Which attempt. */
#define ATTEMPT_FIELDS                                                                                                \
    { "delivery", FIELD_NUMBER, AT(send.delivery), 1, NULL }, { "attempt", FIELD_NUMBER, AT(send.attempt), 1, NULL }, \
        { "since", FIELD_NUMBER, AT(send.since), 0, NULL },                                                           \
    {                                                                                                                 \
        "channel", FIELD_TEXT, AT(send.channel), 0, NULL                                                              \
    }

static const struct field go_fields[] = { ATTEMPT_FIELDS, { 0 } };
static const struct field send_fields[] = {
    ATTEMPT_FIELDS,
    { "address", FIELD_OPTIONAL_TEXT, AT(send.address), 0, NULL },
    { "purpose", FIELD_WORD, AT(send.purpose), 0, purpose_words },
    { "severity", FIELD_NUMBER, AT(send.severity), 0, NULL },
    { "urgency", FIELD_WORD, AT(send.urgency), 0, urgency_words },
    { "deadline_ms", FIELD_NUMBER, AT(send.deadline_ms), 0, NULL },
    { "subject", FIELD_OPTIONAL_TEXT, AT(send.subject), 0, NULL },
    { "text", FIELD_OPTIONAL_TEXT, AT(send.text), 0, NULL },
    { "short", FIELD_OPTIONAL_TEXT, AT(send.short_text), 0, NULL },
    { "voice", FIELD_OPTIONAL_TEXT, AT(send.voice), 0, NULL },
    { "html", FIELD_OPTIONAL_TEXT, AT(send.html), 0, NULL },
    { "thread", FIELD_OPTIONAL_TEXT, AT(send.thread), 0, NULL },
    { "incident", FIELD_NUMBER, AT(send.incident), 0, NULL },
    { "page", FIELD_NUMBER, AT(send.page), 0, NULL },
    { "ack_url", FIELD_OPTIONAL_TEXT, AT(send.ack_url), 0, NULL },
    { "reply_to", FIELD_OPTIONAL_TEXT, AT(send.reply_to), 0, NULL },
    { "update", FIELD_NUMBER, AT(send.update), 0, NULL },
    { 0 },
};
static const struct field hello_fields[] = {
    { "site_hash", FIELD_TEXT, AT(hello.site_hash), 0, NULL },
    { "channels", FIELD_CREDITS, 0, 0, NULL },
    { 0 },
};
static const struct field credit_fields[] = {
    { "channel", FIELD_TEXT, AT(credit.channel), 0, NULL },
    { "n", FIELD_NUMBER, AT(credit.n), 0, NULL },
    { 0 },
};
static const struct field result_fields[] = {
    { "delivery", FIELD_NUMBER, AT(result.delivery), 1, NULL },
    { "attempt", FIELD_NUMBER, AT(result.attempt), 1, NULL },
    { "since", FIELD_NUMBER, AT(result.since), 0, NULL },
    { "outcome", FIELD_WORD, AT(result.outcome), 0, outcome_words },
    { "code", FIELD_NUMBER, AT(result.code), INT64_MIN, NULL },
    { "detail", FIELD_OPTIONAL_TEXT, AT(result.detail), 0, NULL },
    { "provider_id", FIELD_OPTIONAL_TEXT, AT(result.provider_id), 0, NULL },
    { "retry_after_ms", FIELD_NUMBER, AT(result.retry_after_ms), 0, NULL },
    { 0 },
};
static const struct field serial_fields[] = {
    { "serial", FIELD_NUMBER, AT(serial), 0, NULL },
    { 0 },
};
static const struct field press_fields[] = {
    { "serial", FIELD_NUMBER, AT(serial), 0, NULL },
    { "token", FIELD_TEXT, AT(press.token), 0, NULL },
    { 0 },
};
static const struct field pressed_fields[] = {
    { "serial", FIELD_NUMBER, AT(serial), 0, NULL },
    { "text", FIELD_TEXT, AT(press.text), 0, NULL },
    { 0 },
};

static const struct field *fields_of(enum message_type t)
{
    switch (t) {
    case MESSAGE_UNSET: break;
    case MESSAGE_SEND:
    case MESSAGE_PREPARE: return send_fields;
    case MESSAGE_GO: return go_fields;
    case MESSAGE_HELLO: return hello_fields;
    case MESSAGE_CREDIT: return credit_fields;
    case MESSAGE_RESULT: return result_fields;
    case MESSAGE_PRESS: return press_fields;
    case MESSAGE_PRESSED: return pressed_fields;
    case MESSAGE_RELOAD:
    case MESSAGE_PING:
    case MESSAGE_DROP:
    case MESSAGE_PONG: return serial_fields;
    }
    return NULL;
}

/* --- building ----------------------------------------------------------------------------------------------------- */

static void add_text(struct buf *out, struct slice text)
{
    if (slice_is_utf8(text, NULL)) {
        buf_add_json(out, text);
        return;
    }
    struct buf mended = { .max = text.n * 3 + 1 };
    while (text.n > 0) {
        struct slice from = text;
        bool bad = slice_cut_rune(&text) < 0;
        buf_add(&mended, bad ? S("\xef\xbf\xbd") : slice_upto(from, from.n - text.n));
    }
    buf_add_json(out, buf_slice(&mended));
    buf_release(&mended);
}

static const char *word_of(const struct word *words, int value)
{
    for (; words->name != NULL; words++)
        if (words->value == value) return words->name;
    CHECK(!"a value with a name");
    return "";
}

static void add_credits(struct buf *out, const struct message_hello *h)
{
    buf_add_char(out, '[');
    for (size_t i = 0; i < h->n_channels; i++) {
        buf_add_str(out, i == 0 ? "{\"channel\":" : ",{\"channel\":");
        add_text(out, h->channels[i].channel);
        buf_add_str(out, ",\"n\":");
        buf_add_int(out, h->channels[i].n);
        if (h->channels[i].problem.n > 0) {
            buf_add_str(out, ",\"problem\":");
            add_text(out, h->channels[i].problem);
        }
        buf_add_char(out, '}');
    }
    buf_add_char(out, ']');
}

static void add_field(struct buf *out, const struct message *m, const struct field *f)
{
    const char *at = (const char *)m + f->at;
    buf_add(out, S(",\""));
    buf_add_str(out, f->name);
    buf_add(out, S("\":"));
    switch (f->kind) {
    case FIELD_TEXT: add_text(out, *(const struct slice *)at); break;
    case FIELD_OPTIONAL_TEXT:
        if (((const struct slice *)at)->n == 0)
            buf_add_str(out, "null");
        else
            add_text(out, *(const struct slice *)at);
        break;
    case FIELD_NUMBER: buf_add_int(out, *(const int64_t *)at); break;
    case FIELD_WORD: add_text(out, slice_of(word_of(f->words, *(const int *)at))); break;
    case FIELD_CREDITS: add_credits(out, &m->hello); break;
    }
}

void message_build(const struct message *m, struct buf *out)
{
    const struct field *f = fields_of(m->type);
    CHECK(f != NULL);
    buf_add(out, S("{\"type\":"));
    add_text(out, slice_of(message_type_name(m->type)));
    for (; f->name != NULL; f++) add_field(out, m, f);
    buf_add_char(out, '}');
}

/* --- parsing ------------------------------------------------------------------------------------------------------ */

static int copy_text(yyjson_val *v, struct arena *a, struct slice *out, struct error *e)
{
    *out = arena_copy(a, json_slice(v));
    return out->p == NULL ? fail(e, ERR_LIMIT, "a message larger than its arena") : 0;
}

static int fail_field(const char *name, const char *wanted, struct error *e)
{
    return fail(e, ERR_INVALID, "field %s of a message: %s was expected", name, wanted);
}

static bool read_number(yyjson_val *v, int64_t least, int64_t *out)
{
    if (!yyjson_is_int(v) || (yyjson_is_uint(v) && yyjson_get_uint(v) > INT64_MAX)) return false;
    *out = yyjson_get_sint(v);
    return *out >= least;
}

static bool read_word(yyjson_val *v, const struct word *words, int *out)
{
    for (; words->name != NULL; words++) {
        if (!yyjson_equals_str(v, words->name)) continue;
        *out = words->value;
        return true;
    }
    return false;
}

static int read_credits(yyjson_val *v, struct arena *a, struct message_hello *h, struct error *e)
{
    size_t i, n;
    yyjson_val *item;
    if (!yyjson_is_arr(v)) return fail_field("channels", "an array", e);
    struct message_credit *credits = arena_array(a, struct message_credit, yyjson_arr_size(v));
    if (credits == NULL) return fail(e, ERR_LIMIT, "a message larger than its arena");
    yyjson_arr_foreach(v, i, n, item)
    {
        yyjson_val *channel = yyjson_obj_get(item, "channel");
        if (!yyjson_is_str(channel) || !read_number(yyjson_obj_get(item, "n"), 0, &credits[i].n))
            return fail_field("channels", "an array of {channel, n}", e);
        yyjson_val *problem = yyjson_obj_get(item, "problem");
        if (problem != NULL && !yyjson_is_str(problem)) return fail_field("problem", "a text", e);
        int rc = copy_text(channel, a, &credits[i].channel, e);
        if (rc == 0 && problem != NULL) rc = copy_text(problem, a, &credits[i].problem, e);
        if (rc < 0) return rc;
    }
    h->channels = credits;
    h->n_channels = yyjson_arr_size(v);
    return 0;
}

static int read_field(yyjson_val *root, const struct field *f, struct arena *a, struct message *out, struct error *e)
{
    yyjson_val *v = yyjson_obj_get(root, f->name);
    char *at = (char *)out + f->at;
    switch (f->kind) {
    case FIELD_OPTIONAL_TEXT:
        if (v == NULL || yyjson_is_null(v)) return 0;
        if (!yyjson_is_str(v)) return fail_field(f->name, "a text or null", e);
        return copy_text(v, a, (struct slice *)(void *)at, e);
    case FIELD_TEXT:
        if (!yyjson_is_str(v) || yyjson_get_len(v) == 0) return fail_field(f->name, "a text", e);
        return copy_text(v, a, (struct slice *)(void *)at, e);
    case FIELD_NUMBER:
        return read_number(v, f->least, (int64_t *)(void *)at) ? 0 : fail_field(f->name, "a whole number in range", e);
    case FIELD_WORD:
        return read_word(v, f->words, (int *)(void *)at) ? 0 : fail_field(f->name, "one of the known words", e);
    case FIELD_CREDITS: return read_credits(v, a, &out->hello, e);
    }
    return 0;
}

static int read_message(yyjson_val *root, struct arena *a, struct message *out, struct error *e)
{
    yyjson_val *type = yyjson_obj_get(root, "type");
    int number = 0, rc = 0;
    if (!yyjson_is_obj(root)) return fail(e, ERR_INVALID, "a message is a JSON object");
    if (!yyjson_is_str(type)) return fail_field("type", "a text", e);
    if (!read_word(type, type_words, &number)) {
        struct slice shown = slice_upto(json_slice(type), 40);
        return fail(e, ERR_NOT_FOUND, "a message of unknown type \"%.*s\"", (int)shown.n, shown.p);
    }
    out->type = (enum message_type)number;
    for (const struct field *f = fields_of(out->type); f->name != NULL && rc == 0; f++)
        rc = read_field(root, f, a, out, e);
    return rc;
}

int message_parse(struct slice json, struct arena *a, struct message *out, struct error *e)
{
    yyjson_read_err why;
    *out = (struct message){ 0 };
    if (json.n == 0 || json.n > FRAME_MAX) return fail(e, ERR_SYNTAX, "a message of %zu bytes", json.n);
    yyjson_doc *doc = json_read(json, 0, &why);
    if (doc == NULL) return fail(e, ERR_SYNTAX, "a message that is not JSON: %s at byte %zu", why.msg, why.pos + 1);
    int rc = read_message(yyjson_doc_get_root(doc), a, out, e);
    yyjson_doc_free(doc);
    if (rc < 0) *out = (struct message){ 0 };
    return rc;
}
