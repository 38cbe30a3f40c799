/* compile.h - a procedures document (Markdown) becomes the policy that the server executes, or diagnostics.
 *
 * Pure: no file, no clock; the same bytes give the same result on every node (R4). Every source line gets exactly one
 * class and every doubt one diagnostic, so nothing is dropped silently (G3). Lines are 1-based; columns are 1-based
 * bytes of the line as it stands in the file, also where mojibake was repaired (G14); a byte-order mark is not counted.
 * Hard limits: 1 MiB, 20,000 lines, nesting depth 16, UTF-8 without NUL.
 * Never true: a document with errors is safe to run. Who activates one asks `compiled->errors` first. */
#ifndef PROCEDURES_COMPILE_H
#define PROCEDURES_COMPILE_H

#include "base/error.h"
#include "core/policy.h"

struct arena;
struct source;
struct procedures_set;

#define PROCEDURES_MAX_BYTES ((size_t)1 << 20)
#define PROCEDURES_MAX_LINES 20000u
#define PROCEDURES_MAX_DEPTH 16

#define DIAGNOSTIC_LEVELS(X) X(ERROR, 1, "error") X(WARNING, 2, "warning") X(NOTE, 3, "note")

enum diagnostic_level {
    DIAGNOSTIC_UNSET = 0,
#define X(sym, code, text) DIAGNOSTIC_##sym = code,
    DIAGNOSTIC_LEVELS(X)
#undef X
        DIAGNOSTIC_LEVELS_END
};

/* What a suggestion is: words of advice; a line, whose list mark may be another where it is put; a line with all it has.
 * A line is meant for the place of lines `line` to `last`: there the diagnostic is gone, and no error comes. */
enum paste { PASTE_NOT = 0, PASTE_LINE, PASTE_WHOLE };

struct diagnostic {
    enum diagnostic_level level;
    struct slice code; /* "E-ESCALATION", "W-CHAIN-END", "N-NOT-EXECUTED"; stable, documented, never reused */
    unsigned line, col;
    unsigned last; /* the last line of what is meant: more than `line` where an item is wrapped */
    unsigned width; /* bytes of the raw line that are meant, for the underline; at least 1 */
    struct slice message; /* what is wrong and what was expected */
    struct slice suggestion; /* a line to paste, or what to do; may be empty */
    enum paste paste;
};

/* R3: the classes of all lines add up to the document's lines. */
#define LINE_CLASSES(X)            \
    X(COMPILED, 1, "compiled")     \
    X(PROSE, 2, "reference prose") \
    X(STRUCTURE, 3, "structure")   \
    X(REJECTED, 4, "rejected")

enum line_class {
    CLASS_UNSET = 0,
#define X(sym, code, text) CLASS_##sym = code,
    LINE_CLASSES(X)
#undef X
        LINE_CLASSES_END
};

/* One ambiguity of this document and how it was settled (G10). The numbers are those of the documentation. */
struct interpretation {
    struct slice code; /* "A15" */
    unsigned line;
    struct slice reading, rejected, explicit_form; /* chosen; not chosen; the sentence that would say so */
};

/* Where a compiled element stands (G6): the bytes that a person would reword, without list marker, task box and {#id}.
 * A patch replaces bytes[offset, offset + length) and is refused when their hash is another by then (G11). A row of a
 * table stands for each of its cells, a fence for its template. */
#define COMPILED_NODE_HASH 8
struct compiled_node {
    struct slice kind, id; /* "criterion", "rule", "role" …; the id is unique among its kind */
    bool named; /* the document says the id ({#id}): it outlives another wording; else it is made of the words */
    unsigned line, col, last; /* of its first byte; its last line */
    size_t offset, length; /* in the document's bytes, a byte-order mark counted */
    uint8_t hash[COMPILED_NODE_HASH]; /* the first bytes of BLAKE2b-256 of those bytes as they stand, not repaired */
};

struct compile_options {
    bool strict; /* W-CLOCK-LOST is an error (G5) */
    /* The organisation's policy that this document extends: its levels and parties are known here, and what only a
     * whole policy has (an end of the chain) is not asked for. NULL = a document of its own. Must outlive the result. */
    const struct policy *base;
    /* Documents for everybody that were compiled before this one: the experts that they name are types of incident here
     * too (R26). Read while compiling only. */
    const struct policy *const *beside;
    size_t n_beside;
    bool shared; /* stands beside the organisation's for everybody: more often a runbook than a plan */
    bool
        part; /* one of several documents: what only the whole of them shows is asked by whoever merges them (merge_whole.c) */
    /* Days since 1970-01-01, for review dates (R134); 0 = not judged: then nothing here depends on the day. */
    int64_t today;
};

struct compiled {
    struct arena *arena; /* owns everything below, and a copy of the document */
    struct slice file_name;
    struct policy policy;
    size_t bytes; /* of the document */
    unsigned lines;
    unsigned headings[7]; /* by level 1..6 */
    unsigned repaired_runs, repaired_lines; /* mojibake */
    bool runbook; /* read alone, and as a runbook: it has labels of one and no organisation's section */
    unsigned escalation_line, escalation_col; /* of the first heading of escalation rules; 0 = none */
    const uint8_t *classes; /* enum line_class of line i + 1 */
    unsigned class_counts[LINE_CLASSES_END];
    const struct diagnostic *diagnostics; /* by line, then column */
    size_t n_diagnostics;
    unsigned errors, warnings, notes;
    const struct interpretation *interpretations; /* by line */
    size_t n_interpretations;
    const struct compiled_node *nodes; /* by offset */
    size_t n_nodes;
    const struct source *source; /* for whoever prints; opaque */
    const struct procedures_set *set; /* of several documents (merge.h): the policy's lines carry a file; else NULL */
    const struct policy
        *set_policy; /* made by procedures_set_compiled(): which policy of the set this shows; else NULL */
};

/* NULL only when a hard limit is broken or the bytes are not UTF-8: then `e` says where (line, column, byte offset).
 * Everything else gives a result with its diagnostics. `text` is copied; `options` may be NULL. */
struct compiled *procedures_compile(struct slice text, struct slice file_name, const struct compile_options *options,
                                    struct error *e);
void compiled_destroy(struct compiled **c); /* NULL is fine; clears *c */

/* A line of the document: as written (without its end), and with mojibake repaired. Empty beyond the document. In a set
 * the line of a policy's element (with its file) is that document's. */
struct slice compiled_line_raw(const struct compiled *c, unsigned line);
struct slice compiled_line_text(const struct compiled *c, unsigned line);

/* The bytes of a node; NULL when no such node was compiled. */
struct slice compiled_node_bytes(const struct compiled *c, const struct compiled_node *n);
const struct compiled_node *compiled_node_find(const struct compiled *c, struct slice kind, struct slice id);
void compiled_node_hash(struct slice bytes, uint8_t out[COMPILED_NODE_HASH]);

/* Two lines settled in the same way make one entry of a report, with both lines. */
bool interpretation_same(const struct interpretation *a, const struct interpretation *b);
bool interpretation_said(const struct compiled *c, size_t i); /* an earlier one is the same */

const char *diagnostic_level_name(enum diagnostic_level level);
const char *line_class_name(enum line_class class);

#endif
