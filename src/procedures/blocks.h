/* blocks.h - what kind of Markdown block stands where: kinds and line numbers from cmark-gfm, nothing else.
 *
 * cmark reads a masked copy: the characters that make blocks stay, all others become x. Inline syntax costs it time
 * that hostile input can make quadratic, and we need none of it: texts, columns and spans come from our own scan of
 * the lines. Pipe tables, task boxes and directives are found by that scan too (document.c). */
#ifndef PROCEDURES_BLOCKS_H
#define PROCEDURES_BLOCKS_H

#include "base/vec.h"
#include "procedures/source.h"

enum block_kind {
    BLOCK_UNSET = 0,
    BLOCK_HEADING,
    BLOCK_ITEM, /* a list item; its text is the paragraph that follows with in_item */
    BLOCK_PARAGRAPH,
    BLOCK_FENCE,
    BLOCK_CODE, /* indented */
    BLOCK_HTML,
    BLOCK_BREAK,
    BLOCK_QUOTE,
    BLOCK_FRONT, /* YAML front matter */
};

struct block {
    enum block_kind kind;
    unsigned line, last; /* inclusive */
    int level; /* of a heading */
    int depth; /* lists around it, 0 outside */
    bool in_item; /* a paragraph that is the first child of an item */
    bool ordered; /* an item */
    bool quoted; /* inside a blockquote */
};

struct blocks {
    struct block *v;
    size_t n, cap;
};

/* In document order. ERR_LIMIT when blocks nest deeper than the limit. */
int blocks_read(struct blocks *out, const struct source *s, struct error *e);

/* Length of the block markers (`>`, bullets, numbers) and blanks that a line begins with; *depth counts the markers.
 * A `>` behind a bullet or a number with a figure behind it is a comparison, no quote. */
size_t block_prefix(struct slice text, int *depth);

/* A line of at least three equal `-`, `*` or `_`, blanks aside. */
bool is_break_line(struct slice text);

/* Length of an ordered list marker ("3. ", "3) ") at the start of text, blanks behind it included; 0 = none. */
size_t ordered_marker(struct slice text, int64_t *number);

#endif
