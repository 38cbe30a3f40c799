/* diff.h - what two documents do differently: who is paged when, which steps, which paths, told in sentences (R9).
 *
 * Pure. Compares the compiled forms, so that moved lines, repaired mojibake and other prose are no difference. Elements
 * are matched by id, then by what they are about, then by text, then by an unambiguous place (G6). A change of behaviour
 * is one of what the server does or of what people are told to do; everything else ("reads differently, does the same":
 * titles, headings, hints, case and punctuation, reference prose) is kept apart as wording.
 * Order: by area as in the document, then by place in the new one, then what is gone. Never true: a change without a
 * line in at least one of the documents, unless it is about the document as a whole. */
#ifndef PROCEDURES_DIFF_H
#define PROCEDURES_DIFF_H

#include "base/buf.h"
#include "procedures/compile.h"

/* Symbol, code, name for people. In the order of reports. */
#define DIFF_AREAS(X)                           \
    X(SEVERITIES, 1, "Severity levels")         \
    X(TEAM, 2, "Team")                          \
    X(CONTACTS, 3, "Contacts and channels")     \
    X(TIMELINE, 4, "Response timeline")         \
    X(SCENARIOS, 5, "Scenarios")                \
    X(TREES, 6, "Decision trees")               \
    X(COMMUNICATION, 7, "Communication")        \
    X(TEMPLATES, 8, "Templates")                \
    X(AFTERWARDS, 9, "Post-incident")           \
    X(THRESHOLDS, 10, "Metrics and thresholds") \
    X(ESCALATION, 11, "Escalation")             \
    X(TOOLS, 12, "Tools")                       \
    X(TRAINING, 13, "Training and drills")      \
    X(REVIEWS, 14, "Reviews")                   \
    X(DOCUMENT, 15, "Document")

enum diff_area {
    AREA_UNSET = 0,
#define X(sym, code, text) AREA_##sym = code,
    DIFF_AREAS(X)
#undef X
};

#define CHANGE_KINDS(X)      \
    X(ADDED, 1, "added")     \
    X(REMOVED, 2, "removed") \
    X(CHANGED, 3, "changed") \
    X(MOVED, 4, "moved")     \
    X(REWORDED, 5, "reworded")

enum change_kind {
    CHANGE_UNSET = 0,
#define X(sym, code, text) CHANGE_##sym = code,
    CHANGE_KINDS(X)
#undef X
};

struct change {
    enum change_kind kind;
    enum diff_area area;
    bool wording; /* reads differently, does the same */
    struct slice text; /* one sentence, without its line */
    struct slice id; /* of the element, in the new document where it is there */
    struct slice before, after; /* the values, where there are two */
    unsigned old_line, new_line; /* 0 = not there */
    bool stays; /* a version or a date that stayed although the behaviour is another; counted as wording */
};

struct policy_diff {
    const struct change *v;
    size_t n;
    size_t behaviour, wording; /* how many of each */
};

/* Everything in `out` lives in `a`, and borrows from both documents. Of a policy of several documents
 * (procedures_set_compiled) it compares the prose of all, of a team's view none. */
void procedures_diff(struct arena *a, const struct compiled *old, const struct compiled *new, struct policy_diff *out);

const char *diff_area_name(enum diff_area area);
const char *change_kind_name(enum change_kind kind);

struct diff_print {
    struct slice old_name, new_name; /* files, for the head */
    const struct compiled *old, *new; /* to name files where there are several; NULL: lines alone */
    bool colour;
    bool quiet; /* no wording */
};
void diff_print_text(const struct policy_diff *d, const struct diff_print *how, struct buf *out);
void diff_print_markdown(const struct policy_diff *d, const struct diff_print *how, struct buf *out);
/* The errors of a document that does not compile, as a list for the same comment. */
void diff_print_errors_markdown(const struct compiled *c, struct buf *out);
void diff_print_json(const struct policy_diff *d, const struct diff_print *how, struct buf *out);

#endif
