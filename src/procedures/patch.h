/* patch.h - edits of a document as replacements of spans of its bytes; every other byte stays (R7, R14, G11).
 *
 * A patch names a span by offset and length and carries the hash of the bytes that its author saw there. Where the
 * document says something else by now the patch is refused, and whoever asked is shown both: what they saw, what stands
 * there. Nothing is relocated and nothing is merged: no serialiser of Markdown exists. Pure. */
#ifndef PROCEDURES_PATCH_H
#define PROCEDURES_PATCH_H

#include "base/buf.h"
#include "procedures/compile.h"

struct patch {
    size_t offset, length; /* bytes of the document, a byte-order mark counted; length 0 inserts */
    uint8_t hash[COMPILED_NODE_HASH]; /* compiled_node_hash() of those bytes */
    struct slice after; /* what is to stand there */
    unsigned line, col; /* of the first byte, for people; 0 = not known */
};

struct patch_refusal {
    size_t index; /* of the patch */
    struct slice found; /* the bytes that stand in its span now; borrowed from the document */
};

/* A patch of the bytes that stand there now. The span must lie within the document. */
struct patch patch_of_span(struct slice document, size_t offset, size_t length, struct slice after);
/* One compiled element with other words: the sentence of a rule, a step. `after` is borrowed. */
struct patch patch_of_node(const struct compiled *c, const struct compiled_node *n, struct slice after);

/* The document with all patches, into `out` (its max is the caller's), or none of them: ERR_CONFLICT when a span holds
 * other bytes or lies outside (`why` may be NULL), ERR_INVALID when patches overlap or do not stand in order, ERR_LIMIT
 * when the result is too large. */
int patches_apply(struct slice document, const struct patch *v, size_t n, struct buf *out, struct patch_refusal *why,
                  struct error *e);

/* The same as a unified diff that patch(1) takes. Patches that apply; they replace no line feed. */
void patches_print_unified(struct slice document, const struct patch *v, size_t n, struct slice name, struct buf *out);
/* [{ "line", "column", "offset", "length", "before", "after" }]: offsets in bytes from 0, lines and columns from 1. */
void patches_print_json(struct slice document, const struct patch *v, size_t n, struct buf *out);

#endif
