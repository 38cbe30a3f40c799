/* draft.h - an alert as its sender wrote it, before it is judged, and the signal that it becomes.
 *
 * Private to ingest/: two readers fill drafts, one of any JSON (alertmanager.c), one of what nearly all senders write
 * (plain.c). What is valid and what a signal holds is said here once. Slices point into the body or the arena. */
#ifndef INGEST_DRAFT_H
#define INGEST_DRAFT_H

#include "base/buf.h"
#include "ingest/alertmanager.h"

struct label_set {
    size_t n;
    bool mixed; /* not in ascending order of names */
    struct label v[ALERT_MAX_LABELS]; /* of these the first n count */
};

struct draft {
    struct slice url, status;
    int64_t starts, ends; /* 0 = not said */
    size_t n_ends; /* how often endsAt stands there */
    bool has_labels; /* the key is there and not null */
    bool too_many; /* of labels or annotations */
    bool escapes; /* annotations or the URL may need escapes where they are written as JSON */
    struct label_set labels, annotations; /* names are unique; draft_is_valid() sorts */
};

void draft_begin(struct draft *d);
/* Adds one, or replaces the value of its name: the last wins. */
void draft_put(struct draft *d, struct label_set *to, struct label l);

/* Why an alert is not taken. */
struct objection {
    const char *what; /* NULL: nothing is wrong */
    struct slice name; /* of a label; {NULL, 0}: none in particular */
};

/* Sorts both sets and drops labels without a value. */
struct objection draft_judge(struct draft *d);
bool draft_url_is_uri(struct slice url); /* what url.ParseRequestURI takes: a path, or anything behind a scheme */

/* Of a valid draft; all but the fingerprint, for which see below. `json` is scratch. False: the arena's limit. */
bool draft_signal(struct arena *a, struct buf *json, const struct draft *d, struct signal *out);
/* Sets the fingerprints of all signals of a body. */
void signals_fingerprint(struct signal *v, size_t n);

/* A time read before: alerts of one body mostly say the same one again. */
struct read_before {
    struct slice text;
    int64_t at;
};

/* 0, or ERR_SYNTAX as alertmanager_time(). */
int time_read(struct read_before *before, struct slice text, int64_t *out, struct error *e);

#endif
