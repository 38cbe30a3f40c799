/* script_inner.h - what script*.c share: words with their places, and the reading of one line. */
#ifndef ENGINE_SCRIPT_INNER_H
#define ENGINE_SCRIPT_INNER_H

#include "base/arena.h"
#include "base/check.h"
#include "base/error.h"
#include "engine/script.h"

struct word {
    struct slice raw; /* as written */
    struct slice text; /* quotes taken off */
    unsigned col;
    bool quoted; /* begins with a quote: a sentence, never a keyword */
};

#define LINE_MAX_WORDS 80

struct line {
    struct arena *arena;
    struct error *error;
    unsigned number;
    size_t n, at; /* words, and the next one to read */
    unsigned end; /* column behind the last word */
    struct word v[LINE_MAX_WORDS];
};

/* Splits a line into words; `#` at the start of a word that is nothing else begins a comment. */
int line_split(struct line *l, struct slice text);
const struct word *line_next(struct line *l); /* the next word, consumed; NULL at the end */
const struct word *line_peek(const struct line *l);
bool line_take(struct line *l, const char *keyword); /* consumes it when it is next */
/* An error at the word just consumed (or behind the last one when there is none). Returns ERR_SYNTAX. */
int line_fail(struct line *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int line_fail_next(struct line *l, const char *fmt, ...) __attribute__((format(printf, 2, 3))); /* at the next one */
int line_end(struct line *l, const char *form); /* nothing may follow */

bool read_time(struct slice s, int64_t *t); /* T+MM:SS[.mmm], T+H:MM:SS[.mmm] */
bool read_duration(struct slice s, int64_t *ms); /* 20m, 1h30m, 500ms */
bool read_incident(const struct word *w, incident_id *id); /* INC-7 */

int read_act(struct line *l, const char *word, struct script_command *c); /* ERR_NOT_FOUND: no such act */
int read_expect(struct line *l, struct script_command *c);
const char *script_act_forms(void);

#endif
