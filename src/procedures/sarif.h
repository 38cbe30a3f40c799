/* sarif.h - diagnostics as SARIF 2.1.0, so that code hosts annotate pull requests (OASIS sarif-v2.1.0).
 *
 * One run for all files. Every code of codes.h is a rule with its help; every result has a region with columns counted
 * in code points of the line as it stands in the file. Pure: text into a buffer, which outlives the writer. */
#ifndef PROCEDURES_SARIF_H
#define PROCEDURES_SARIF_H

#include "procedures/compile.h"
#include "procedures/json_out.h"

struct sarif {
    struct json json;
};

/* Also for what is found outside of documents: a site, a routing. 0 for columns that are not known. */
struct sarif_result {
    struct slice file, code;
    enum diagnostic_level level;
    unsigned line, col, end_col;
    struct slice message, suggestion; /* the suggestion may be empty */
    struct slice replacement; /* a fix: text for the place of lines `line` to `last`; empty: none */
    unsigned last, last_col; /* the last of them, and the column behind its end */
};

void sarif_begin(struct sarif *s, struct buf *out);
void sarif_add(struct sarif *s, const struct sarif_result *r);
void sarif_add_document(struct sarif *s, const struct compiled *c, bool notes);
void sarif_end(struct sarif *s);

#endif
