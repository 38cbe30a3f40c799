/* evidence.h - checks a history from its first row to its last: is it what was sealed, whole and in order (P6, I19)?
 *
 * Reads alone, beside a server that runs. It looks at each entry's seal and place in its incident's chain, at each link
 * of the system's chain with the entries and symbols it covers, and folds each incident's timeline to compare it with
 * the incident's row. Of each incident the first broken place is told, of the system's chain too: what comes behind a
 * broken place is no news.
 *
 * Not covered: rows beside the timeline (pages, attempts, alerts), but for symbols and incidents; the end of a history
 * that was cut off whole links at a time: only a head that was noted elsewhere tells that (`head`). */
#ifndef ENGINE_EVIDENCE_H
#define ENGINE_EVIDENCE_H

#include "base/vec.h"
#include "engine/seal.h"

struct store_reader;

struct evidence_options {
    struct slice key; /* SEAL_KEY_BYTES */
    incident_id incident; /* this one alone, the system's chain is not looked at; 0: all */
    struct slice head; /* hexadecimal, of a link that must be there; empty: none */
};

struct finding {
    incident_id incident; /* 0: the system's timeline or chain, see `what` */
    int64_t seq; /* of the entry; 0: no entry in particular */
    int64_t place; /* in the whole history (timeline.id); 0: none */
    struct buf what; /* a sentence without a stop: what differs */
};

struct evidence_report {
    int64_t incidents, entries, links, unsealed, without_text; /* looked at */
    struct chain_link last; /* id 0: there is none */
    uint8_t head[SEAL_BYTES]; /* the last link's hash */
    struct chain_link named; /* the link whose hash is `head`; id 0: none */
    VEC(struct finding) findings;
};

/* 0 when everything could be looked at, sound or not: ask findings.n. Otherwise the store's error. Needs a read
 * transaction of one view (store_read_begin_unlimited). */
int evidence_check(struct store_reader *r, const struct evidence_options *o, struct evidence_report *out,
                   struct error *e);
void evidence_release(struct evidence_report *v);

#endif
