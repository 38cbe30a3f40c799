/* span.c - where each compiled element stands in the document's own bytes (G6), for previews, comparisons and patches.
 * Not here: ids (diagnose.c), patches. Spans are of the raw bytes: mojibake is repaired for reading only. */
#include <string.h>

#include "base/digest.h"
#include "procedures/compiler.h"

/* How much of a line, up to `end`, a {#id} at its end takes; 0 without one. Braces of a placeholder stay. */
static size_t directive_length(const struct node *n, struct slice line)
{
    size_t open = line.n;
    if (n->id.n == 0 || !slice_has_suffix(line, S("}"))) return 0;
    while (open > 0 && line.p[open - 1] != '{') open--;
    if (open == 0) return 0;
    struct slice body = { line.p + open, line.n - open - 1 };
    if (!slice_cut_prefix(&body, S("#")) && !slice_cut_prefix(&body, S("id="))) return 0;
    return slice_eq(body, n->id) ? line.n - open + 1 : 0;
}

/* `## Levels ##`: the hashes that close a heading are no words of it. */
static struct slice closing_cut(const struct node *n, struct slice line)
{
    struct slice head = line;
    while (n->kind == NODE_HEADING && slice_has_suffix(head, S("#"))) head.n--;
    return head.n < line.n && slice_has_suffix(head, S(" ")) ? slice_trim(head) : line;
}

static struct slice task_cut(const struct node *n, struct slice text)
{
    bool task = n->task && (slice_has_prefix(text, S("[ ] ")) || slice_has_prefix_nocase(text, S("[x] ")));
    return task ? slice_from(text, 4) : text;
}

static struct slice trim_end(struct slice s)
{
    while (s.n > 0 && slice_find_char(S(" \t"), s.p[s.n - 1]) < 2) s.n--;
    return s;
}

/* The last byte's line: a directive that stands alone on the last line of a wrapped item leaves the line above. */
static struct slice last_line(const struct compiler *c, const struct node *n, unsigned *line)
{
    *line = n->last;
    struct slice text = trim_end(source_line(c->source, n->last)->raw);
    if (n->kind == NODE_FENCE) return text;
    text = closing_cut(n, text);
    text = trim_end(slice_upto(text, text.n - directive_length(n, text)));
    if (slice_trim(text).n > 0 || n->last == n->line) return text;
    *line = n->last - 1;
    return trim_end(source_line(c->source, *line)->raw);
}

void compiled_node_hash(struct slice bytes, uint8_t out[COMPILED_NODE_HASH])
{
    uint8_t digest[32];
    digest_blake2b((struct slice){ 0 }, bytes, digest, sizeof digest);
    memcpy(out, digest, COMPILED_NODE_HASH);
}

void node_keep(struct compiler *c, const char *kind, struct slice id, const struct node *n)
{
    struct compiled_node out = { .kind = slice_of(kind), .id = id, .line = n->line, .named = n->id.n > 0 };
    struct slice first = source_line(c->source, n->line)->raw;
    /* A setext heading's underline is no words of it. */
    struct node own = *n;
    if (own.kind == NODE_HEADING && own.last > own.line) own.last--;
    struct slice end = last_line(c, &own, &out.last);
    first = task_cut(n, slice_from(first, n->kind == NODE_FENCE || n->col == 0 ? 0 : n->col - 1));
    while (first.n > 0 && slice_find_char(S(" \t"), first.p[0]) < 2) first = slice_from(first, 1);
    const char *base = c->source->bytes.p, *stop = end.p + end.n;
    out.offset = (size_t)(first.p - base);
    out.length = stop > first.p ? (size_t)(stop - first.p) : 0;
    out.col = 1 + (unsigned)(first.p - source_line(c->source, n->line)->raw.p);
    compiled_node_hash((struct slice){ first.p, out.length }, out.hash);
    *vec_push(&c->nodes) = out;
}

static int by_offset(const void *a, const void *b, void *ctx)
{
    const struct compiled_node *x = a, *y = b;
    (void)ctx;
    return (x->offset > y->offset) - (x->offset < y->offset);
}

void nodes_finish(struct compiler *c)
{
    sort_stable(c->nodes.v, c->nodes.n, sizeof *c->nodes.v, by_offset, NULL);
}

struct slice compiled_node_bytes(const struct compiled *c, const struct compiled_node *n)
{
    return slice_upto(slice_from(c->source->bytes, n->offset), n->length);
}

const struct compiled_node *compiled_node_find(const struct compiled *c, struct slice kind, struct slice id)
{
    for (size_t i = 0; i < c->n_nodes; i++)
        if (slice_eq(c->nodes[i].kind, kind) && slice_eq(c->nodes[i].id, id)) return &c->nodes[i];
    return NULL;
}
