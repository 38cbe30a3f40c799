/* sarif.c - rules from the table of codes, results from diagnostics. */
#include "procedures/sarif.h"

#include "procedures/codes.h"
#include "procedures/paste.h"

#define SCHEMA "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

static void put_message(struct json *j, const char *key, struct slice text)
{
    put_open(j, key, '{');
    put_text(j, "text", text);
    put_close(j);
}

static void put_rules(struct json *j)
{
    put_open(j, "rules", '[');
    for (const struct code_def *d = code_defs; d->code != NULL; d++) {
        put_open(j, NULL, '{');
        put_text(j, "id", slice_of(d->code));
        put_message(j, "shortDescription", slice_of(d->meaning));
        put_message(j, "help", slice_of(d->cure));
        put_open(j, "defaultConfiguration", '{');
        put_text(j, "level", slice_of(diagnostic_level_name(code_level(d))));
        put_close(j);
        put_close(j);
    }
    put_close(j);
}

void sarif_begin(struct sarif *s, struct buf *out)
{
    struct json *j = &s->json;
    *j = (struct json){ .out = out };
    put_open(j, NULL, '{');
    put_text(j, "$schema", S(SCHEMA));
    put_text(j, "version", S("2.1.0"));
    put_open(j, "runs", '[');
    put_open(j, NULL, '{');
    put_open(j, "tool", '{');
    put_open(j, "driver", '{');
    put_text(j, "name", S("tocsin"));
    put_text(j, "version", S(TOCSIN_VERSION));
    put_rules(j);
    put_close(j);
    put_close(j);
    put_text(j, "columnKind", S("unicodeCodePoints"));
    put_open(j, "results", '[');
}

/* RFC 3986: what is neither unreserved nor a slash is escaped; an absolute path names its scheme. */
static void put_uri(struct json *j, struct slice path)
{
    struct buf uri = { 0 };
    if (slice_has_prefix(path, S("/"))) buf_add_str(&uri, "file://");
    while (slice_cut_prefix(&path, S("./"))) continue;
    for (size_t i = 0; i < path.n; i++) {
        const char c = path.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        bool plain = letter || slice_find_char(S("-._~/"), c) < 5;
        if (plain)
            buf_add_char(&uri, c);
        else
            buf_addf(&uri, "%%%02X", (unsigned)(unsigned char)c);
    }
    put_text(j, "uri", buf_slice(&uri));
    buf_release(&uri);
}

static void put_region(struct json *j, const struct sarif_result *r)
{
    if (r->line == 0) return;
    put_open(j, "region", '{');
    put_int(j, "startLine", r->line);
    if (r->col > 0) put_int(j, "startColumn", r->col);
    if (r->end_col > r->col) put_int(j, "endColumn", r->end_col);
    put_close(j);
}

static void put_place(struct json *j, struct slice file)
{
    put_open(j, "artifactLocation", '{');
    put_uri(j, file);
    put_close(j);
}

/* 3.55: whole lines, first to last, give way to the line that is offered. */
static void put_fix(struct json *j, const struct sarif_result *r)
{
    if (r->replacement.n == 0) return;
    put_open(j, "fixes", '[');
    put_open(j, NULL, '{');
    put_message(j, "description", S("put the line that is offered"));
    put_open(j, "artifactChanges", '[');
    put_open(j, NULL, '{');
    put_place(j, r->file);
    put_open(j, "replacements", '[');
    put_open(j, NULL, '{');
    put_open(j, "deletedRegion", '{');
    put_int(j, "startLine", r->line);
    put_int(j, "startColumn", 1);
    put_int(j, "endLine", r->last);
    put_int(j, "endColumn", r->last_col);
    put_close(j);
    put_message(j, "insertedContent", r->replacement);
    for (int i = 0; i < 6; i++) put_close(j);
}

static void put_result_message(struct json *j, const struct sarif_result *r)
{
    struct buf text = { 0 };
    buf_add(&text, r->message);
    if (r->suggestion.n > 0) buf_add_str(&text, ". Help: ");
    buf_add(&text, r->suggestion);
    put_message(j, "message", buf_slice(&text));
    buf_release(&text);
}

void sarif_add(struct sarif *s, const struct sarif_result *r)
{
    struct json *j = &s->json;
    const int index = code_index(r->code);
    put_open(j, NULL, '{');
    if (r->code.n > 0) put_text(j, "ruleId", r->code);
    if (index >= 0) put_int(j, "ruleIndex", index);
    put_text(j, "level", slice_of(diagnostic_level_name(r->level)));
    put_result_message(j, r);
    put_open(j, "locations", '[');
    put_open(j, NULL, '{');
    put_open(j, "physicalLocation", '{');
    put_place(j, r->file);
    put_region(j, r);
    put_close(j);
    put_close(j);
    put_close(j);
    put_fix(j, r);
    put_close(j);
}

/* Code points in the first `n` bytes. */
static unsigned runes(struct slice line, size_t n)
{
    unsigned count = 0;
    line = slice_upto(line, n);
    for (size_t i = 0; i < line.n; i++) count += ((unsigned char)line.p[i] & 0xc0) != 0x80;
    return count;
}

void sarif_add_document(struct sarif *s, const struct compiled *c, bool notes)
{
    for (size_t i = 0; i < c->n_diagnostics; i++) {
        const struct diagnostic *d = &c->diagnostics[i];
        const unsigned last_line = d->last > d->line ? d->last : d->line;
        struct slice raw = compiled_line_raw(c, d->line), last = compiled_line_raw(c, last_line);
        struct buf line = { .max = 2 * PROCEDURES_MAX_BYTES };
        if (d->level == DIAGNOSTIC_NOTE && !notes) continue;
        diagnostic_replacement(c, d, &line);
        sarif_add(s, &(struct sarif_result){
                         .file = c->file_name,
                         .code = d->code,
                         .level = d->level,
                         .line = d->line,
                         .col = runes(raw, d->col - 1) + 1,
                         .end_col = runes(raw, d->col - 1 + d->width) + 1,
                         .message = d->message,
                         .suggestion = d->suggestion,
                         .replacement = buf_slice(&line),
                         .last = last_line,
                         .last_col = runes(last, last.n) + 1,
                     });
        buf_release(&line);
    }
}

void sarif_end(struct sarif *s)
{
    while (s->json.depth > 0) put_close(&s->json);
    buf_add_char(s->json.out, '\n');
}
