/* page.c - head, foot and sentences of the two pages. */
#include "procedures/page.h"

#include "base/digest.h"
#include "procedures/page_parts.h"
#include "procedures/place.h"
#include "procedures/source.h"

/* Nothing is fetched and nothing runs, whatever a document holds. */
static const char head_open[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n<title>";

struct slice page_title(const struct compiled *c)
{
    return c->policy.title.n > 0 ? c->policy.title : c->file_name;
}

static void add_hash(const struct compiled *c, struct buf *out)
{
    uint8_t hash[DIGEST_SHA256_BYTES];
    digest_sha256(c->source->bytes, hash);
    buf_add_hex(out, (struct slice){ (const char *)hash, sizeof hash });
}

void page_head(const struct compiled *c, const char *what, struct buf *out)
{
    buf_add_str(out, head_open);
    visible_add_html(out, page_title(c));
    buf_addf(out, " – %s</title>\n<style>\n%s</style>\n</head>\n<body>\n<header class=\"top\">\n<h1>", what,
             page_style);
    visible_add_html(out, page_title(c));
    buf_addf(out, "</h1>\n<p class=\"facts\">%s of ", what);
    visible_add_html(out, c->file_name);
    buf_addf(out, ": %u lines, %zu bytes, SHA-256 ", c->lines, c->bytes);
    add_hash(c, out);
    buf_add_str(out, "</p>\n</header>\n<main>\n");
}

void page_anchor(const struct compiled *c, unsigned line, struct buf *out)
{
    if (c->set != NULL) buf_addf(out, "D%zu", POLICY_FILE(line) + 1);
    buf_addf(out, "L%u", POLICY_LINE(line));
}

void page_foot(struct buf *out)
{
    buf_add_str(out, "</main>\n<footer>Made by Tocsin from the bytes of the document. Sentences without a line are "
                     "Tocsin&#39;s own rules.</footer>\n</body>\n</html>\n");
}

void page_draft(const struct compiled *c, struct buf *out)
{
    const struct policy_book *b = &c->policy.book;
    const size_t open = policy_unfilled(&c->policy);
    if (c->errors > 0)
        buf_addf(out, "<p class=\"draft\">%u error%s: a server refuses this document.</p>\n", c->errors,
                 c->errors == 1 ? "" : "s");
    if (open == 0) return;
    buf_add_str(out, "<p class=\"draft\">Draft policy: ");
    for (size_t i = 0, n = 0; i < b->n_control; i++) {
        if (!b->control[i].placeholder) continue;
        if (n++ > 0) buf_add_str(out, ", ");
        visible_add_html(out, b->control[i].key);
    }
    buf_addf(out, " %s not filled in.</p>\n", open == 1 ? "is" : "are");
}

static void add_place(const struct compiled *c, unsigned line, bool linked, struct buf *out)
{
    struct buf place = { 0 };
    buf_add_str(out, " (");
    if (linked) buf_add_str(out, "<a href=\"#");
    if (linked) page_anchor(c, line, out);
    if (linked) buf_add_str(out, "\">");
    place_add(c, line, &place);
    visible_add_html(out, buf_slice(&place));
    buf_add_str(out, linked ? "</a>)" : ")");
    buf_release(&place);
}

static void add_reading(const struct compiled *c, const struct reading *r, bool linked, struct buf *out)
{
    struct slice text = r->text;
    const bool stopped = slice_has_suffix(text, S("."));
    if (stopped) text.n--;
    buf_addf(out, "<li%s>", r->depth > 0 ? " class=\"sub\"" : "");
    visible_add_html(out, text);
    if (r->line > 0) add_place(c, r->line, linked, out);
    buf_add_str(out, stopped ? ".</li>\n" : "</li>\n");
}

bool page_part_is_empty(const struct readings *all, enum reading_part part)
{
    for (size_t i = 0; i < all->n; i++)
        if (all->v[i].part == part) return false;
    return true;
}

void page_part(const struct compiled *c, const struct readings *all, enum reading_part part, bool linked,
               struct buf *out)
{
    buf_add_str(out, "<ul class=\"told\">\n");
    for (size_t i = 0; i < all->n; i++)
        if (all->v[i].part == part) add_reading(c, &all->v[i], linked, out);
    buf_add_str(out, "</ul>\n");
}
