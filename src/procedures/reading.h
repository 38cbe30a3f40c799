/* reading.h - what the machine understood, in plain sentences, each with the line that says so.
 *
 * The one source of `tocsin explain`, of the preview and of the printed page (R16, R17): those only lay out. Every
 * compiled item has at least one sentence. What no line says (a default, a rule of the product) has line 0. Texts and
 * list live in the caller's arena; parts of the texts in the document. */
#ifndef PROCEDURES_READING_H
#define PROCEDURES_READING_H

#include "procedures/compile.h"

/* symbol, title, carried out by this version */
#define READING_PARTS(X)                        \
    X(SEVERITIES, "How bad it is", true)        \
    X(PAGING, "Who is paged, and when", true)   \
    X(TEAM, "Who does what", true)              \
    X(CONTACTS, "How people are reached", true) \
    X(TIMELINE, "What is due when", true)       \
    X(COMMUNICATION, "Who is told", true)       \
    X(TEMPLATES, "What is sent", true)          \
    X(SCENARIOS, "Runbooks", false)             \
    X(TREES, "Decision trees", false)           \
    X(AFTERWARDS, "After the incident", false)  \
    X(MEASURES, "What is measured", false)      \
    X(DRILLS, "Training and drills", false)     \
    X(REVIEWS, "Reviews", false)                \
    X(TOOLS, "Tools", false)                    \
    X(CONTROL, "The document itself", true)

enum reading_part {
    READING_UNSET = 0,
#define X(sym, title, executed) READING_##sym,
    READING_PARTS(X)
#undef X
        READING_PARTS_END
};

struct reading {
    enum reading_part part;
    unsigned line; /* 0: no line says this */
    int depth; /* 0: a sentence of its own, 1: belongs to the one above */
    struct slice text; /* ends with a full stop */
};

struct readings {
    const struct reading *v; /* by part, then in the document's order */
    size_t n;
};

struct arena;
struct readings readings_make(const struct compiled *c, struct arena *a);

const char *reading_part_title(enum reading_part part);
bool reading_part_executed(enum reading_part part); /* false: compiled, shown, compared, not carried out */

#endif
