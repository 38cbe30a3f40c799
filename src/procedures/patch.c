/* patch.c - byte patches: making, applying, printing. Linear in the document and the patches. */
#include "procedures/patch.h"

#include <string.h>

#include "base/check.h"

static struct slice span_of(struct slice document, const struct patch *p)
{
    return slice_upto(slice_from(document, p->offset), p->length);
}

struct patch patch_of_span(struct slice document, size_t offset, size_t length, struct slice after)
{
    struct patch p = { .offset = offset, .length = length, .after = after };
    CHECK(offset <= document.n && length <= document.n - offset);
    compiled_node_hash(span_of(document, &p), p.hash);
    return p;
}

struct patch patch_of_node(const struct compiled *c, const struct compiled_node *n, struct slice after)
{
    struct patch p = { .offset = n->offset, .length = n->length, .after = after, .line = n->line, .col = n->col };
    (void)c;
    memcpy(p.hash, n->hash, sizeof p.hash);
    return p;
}

static int refuse(const struct patch *p, size_t index, struct slice found, struct patch_refusal *why, struct error *e)
{
    if (why != NULL) *why = (struct patch_refusal){ index, found };
    return fail_at(
        e, ERR_CONFLICT, p->line, p->col,
        "the document says something else by now in the %zu bytes from %zu: look at both versions, edit again",
        p->length, p->offset);
}

int patches_apply(struct slice document, const struct patch *v, size_t n, struct buf *out, struct patch_refusal *why,
                  struct error *e)
{
    size_t done = 0;
    for (size_t i = 0; i < n; i++) {
        uint8_t hash[COMPILED_NODE_HASH];
        const bool inside = v[i].offset <= document.n && v[i].length <= document.n - v[i].offset;
        const struct slice found = span_of(document, &v[i]);
        if (!inside) return refuse(&v[i], i, found, why, e);
        if (v[i].offset < done) return fail(e, ERR_INVALID, "patch %zu overlaps the one before it", i + 1);
        compiled_node_hash(found, hash);
        if (memcmp(hash, v[i].hash, sizeof hash) != 0) return refuse(&v[i], i, found, why, e);
        done = v[i].offset + v[i].length;
    }
    done = 0;
    for (size_t i = 0; i < n; i++) {
        buf_add(out, slice_upto(slice_from(document, done), v[i].offset - done));
        buf_add(out, v[i].after);
        done = v[i].offset + v[i].length;
    }
    buf_add(out, slice_from(document, done));
    return out->overflow ? fail(e, ERR_LIMIT, "the patched document is larger than its limit") : 0;
}

/* --- as a unified diff ---------------------------------------------------------------------------------------------- */

enum { CONTEXT = 3 };

struct unified {
    struct slice document;
    const struct patch *v;
    size_t n, at; /* patches, the next one */
    struct buf *out;
};

static size_t line_end(struct slice document, size_t offset)
{
    const size_t n = slice_find_char(slice_from(document, offset), '\n');
    return offset + n < document.n ? offset + n + 1 : document.n;
}

static void add_line(struct unified *u, char sign, struct slice line)
{
    buf_add_char(u->out, sign);
    buf_add(u->out, line);
    if (!slice_has_suffix(line, S("\n"))) buf_add_str(u->out, "\n\\ No newline at end of file\n");
}

/* The line at [from, to) with its patches; they all begin in it. */
static void add_changed(struct unified *u, size_t from, size_t to)
{
    struct buf line = { .max = 2 * PROCEDURES_MAX_BYTES };
    add_line(u, '-', slice_upto(slice_from(u->document, from), to - from));
    while (u->at < u->n && u->v[u->at].offset < to) {
        const struct patch *p = &u->v[u->at++];
        buf_add(&line, slice_upto(slice_from(u->document, from), p->offset - from));
        buf_add(&line, p->after);
        from = p->offset + p->length;
    }
    buf_add(&line, slice_upto(slice_from(u->document, from), to - from));
    add_line(u, '+', buf_slice(&line));
    buf_release(&line);
}

struct hunk {
    size_t offset; /* of its first byte */
    unsigned first, last_changed; /* lines */
};

/* The hunk with the lines around it; `lines` are all of the document. */
static void add_hunk(struct unified *u, const struct hunk *h, unsigned lines)
{
    const unsigned last = h->last_changed + CONTEXT < lines ? h->last_changed + CONTEXT : lines;
    size_t at = h->offset;
    buf_addf(u->out, "@@ -%u,%u +%u,%u @@\n", h->first, last - h->first + 1, h->first, last - h->first + 1);
    for (unsigned line = h->first; line <= last; line++) {
        const size_t end = line_end(u->document, at);
        const bool changed = u->at < u->n && u->v[u->at].offset < end;
        if (changed)
            add_changed(u, at, end);
        else
            add_line(u, ' ', slice_upto(slice_from(u->document, at), end - at));
        at = end;
    }
}

static unsigned lines_of(struct slice document)
{
    unsigned n = 0;
    for (size_t at = 0; at < document.n; at = line_end(document, at)) n++;
    return n;
}

void patches_print_unified(struct slice document, const struct patch *v, size_t n, struct slice name, struct buf *out)
{
    struct unified u = { document, v, n, 0, out };
    size_t recent[CONTEXT + 1] = { 0 }, seen = 0; /* recent: offsets of the last lines, by number modulo */
    struct hunk h = { 0 };
    const unsigned lines = lines_of(document);
    unsigned line = 0;

    if (n > 0) buf_addf(out, "--- %.*s\n+++ %.*s\n", (int)name.n, name.p, (int)name.n, name.p);
    for (size_t at = 0; at < document.n; at = line_end(document, at)) {
        const size_t end = line_end(document, at), before = seen;
        recent[++line % (CONTEXT + 1)] = at;
        while (seen < n && v[seen].offset < end) seen++;
        if (seen == before) continue;
        if (h.first > 0 && line > h.last_changed + 2 * CONTEXT) {
            add_hunk(&u, &h, lines);
            h.first = 0;
        }
        if (h.first == 0) {
            h.first = line > CONTEXT ? line - CONTEXT : 1;
            h.offset = recent[h.first % (CONTEXT + 1)];
        }
        h.last_changed = line;
    }
    if (h.first > 0) add_hunk(&u, &h, lines);
}

void patches_print_json(struct slice document, const struct patch *v, size_t n, struct buf *out)
{
    buf_add_char(out, '[');
    for (size_t i = 0; i < n; i++) {
        buf_addf(out, "%s{\"line\":%u,\"column\":%u,\"offset\":%zu,\"length\":%zu,\"before\":", i > 0 ? "," : "",
                 v[i].line, v[i].col, v[i].offset, v[i].length);
        buf_add_json(out, span_of(document, &v[i]));
        buf_add_str(out, ",\"after\":");
        buf_add_json(out, v[i].after);
        buf_add_char(out, '}');
    }
    buf_add_char(out, ']');
}
