/* document.h - the document as a flat list of nodes in reading order: headings, items, texts, table rows, fences …
 *
 * A node is what one sentence pattern is tried on. Hard-wrapped items are joined with one blank; two label lines
 * without a blank line between are two nodes; lines `INT "."` directly under a label are its items whatever the first
 * number (G13). Texts are repaired, without emphasis marks, directives and task boxes. */
#ifndef PROCEDURES_DOCUMENT_H
#define PROCEDURES_DOCUMENT_H

#include "procedures/blocks.h"

enum node_kind {
    NODE_UNSET = 0,
    NODE_HEADING,
    NODE_ITEM,
    NODE_TEXT,
    NODE_ROW, /* of a pipe table; the delimiter row is no node */
    NODE_FENCE,
    NODE_OTHER, /* indented code, HTML, quotes: prose for every section */
    NODE_BREAK,
    NODE_FRONT,
};

struct node {
    enum node_kind kind;
    unsigned line, last; /* inclusive; a fence includes its fence lines */
    unsigned col; /* of the text */
    int level; /* heading 1..6; item: depth of its list, 1 = outermost */
    bool ordered, task, header; /* header: first row of a table */
    bool odd_start; /* the first item of a list under a label that does not begin with 1 (W-LIST-START) */
    int64_t number; /* of an ordered item */
    struct slice text; /* plain; a row: the whole line; a fence: its info string */
    struct slice label; /* "Symptoms" of `**Symptoms:** …` or `**Symptoms**: …`; empty without one */
    struct slice rest; /* what stands behind the label; the whole text without a label */
    bool labelled; /* the label has a colon or stands alone */
    struct slice id, role, check; /* {#id}, {role=…}, {check=after-last} */
    size_t table; /* a row: node index of its table's header */
};

struct document {
    struct node *v;
    size_t n, cap;
    unsigned *tables; /* delimiter rows: lines of structure */
    size_t n_tables;
};

/* ERR_LIMIT when blocks nest too deep. The nodes' array is released with document_release, texts belong to the arena. */
int document_read(struct document *out, struct arena *a, const struct source *s, struct error *e);
void document_release(struct document *d);

/* The cells of a row, blanks trimmed, emphasis stripped; at most `max`. Returns how many were written. */
size_t row_cells(struct arena *a, struct slice row, struct slice *cells, size_t max);

/* The text without `**`, `__` and backticks around words. The same slice when there are none. */
struct slice text_plain(struct arena *a, struct slice text);

/* `| --- | :-: |`: the line under a table's header. */
bool is_delimiter_row(struct slice text);

#endif
