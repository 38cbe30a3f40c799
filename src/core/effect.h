/* effect.h - what follows from an event: the only way anything gets out of the rules.
 *
 * Effects are values with ids, never pointers into the world. They borrow from the batch (their slices live in the
 * effects' own arena until effects_reset) and are acted on only after the batch's commit: rows and entries are the
 * commit; replies leave and deliveries start behind it. A second batch never mixes with a first one's effects. */
#ifndef CORE_EFFECT_H
#define CORE_EFFECT_H

#include "base/arena.h"
#include "base/vec.h"
#include "core/event.h"

/* A row to save (or to delete): read it with world_row() when the batch ends. Unique within a batch. */
struct mark {
    enum row_kind kind;
    bool deleted;
    int64_t key[4]; /* the KEY fields in order */
};

/* One timeline entry: append-only. `seq` counts within the incident from 1 without gaps (I19); incident 0 is the
 * system's own timeline. `changes` is how the incident's row changed by it: pairs of field index and new value. */
struct change {
    int64_t field, value;
};

/* An entry's link in its incident's chain (P6). Made at the commit (engine/chain.h), never by the rules. */
#define SEAL_BYTES 32
#define SEAL_SALT_BYTES 16
enum { SEAL_HASHED = 1, SEAL_SALTED = 2, SEAL_WHOLE = 3 }; /* parts: sealed at all; its text was not taken out since */
struct seal {
    int64_t id; /* place in the whole history, all incidents together; the store gives it */
    int64_t parts;
    uint8_t previous[SEAL_BYTES], salt[SEAL_SALT_BYTES], text_hash[SEAL_BYTES], hash[SEAL_BYTES];
};

struct entry {
    incident_id incident;
    int64_t seq, at, wall;
    symbol actor; /* who; 0 = Tocsin itself */
    int64_t via; /* enum act_via, 0 = Tocsin itself */
    int64_t kind; /* enum entry_kind (timeline.h) */
    int64_t ref; /* the page, delivery, alert, silence … that it is about; 0 = none */
    int64_t rule, line; /* escalation rule's number and the document's line, 0 = none */
    struct slice text; /* one sentence for people */
    const struct change *changes;
    size_t n_changes;
    const struct seal *seal; /* NULL: none (the rules never set it) */
};

/* An attempt to begin: its row is in the same commit, its text is rendered from the committed rows. */
struct send {
    delivery_id delivery;
    int64_t attempt;
};

/* A text to take out of the record: the entry stays, and so does what the chain needs of it (P6). */
struct erasure {
    incident_id incident;
    int64_t seq;
};

/* The answer to an act or to alerts. */
struct reply {
    uint64_t reply_to;
    int code; /* 0 or an ERR_ code */
    incident_id incident; /* the one it was about, 0 = none */
    int64_t id; /* what was made: silence, bundle … */
    struct slice text; /* a sentence: what happened, or why not and what instead */
};

struct effects {
    struct arena *arena; /* owned */
    VEC(struct mark) marks;
    VEC(struct entry) entries;
    size_t offered; /* the entries before this one went to a store that failed, or to the spool: they stay as they are */
    VEC(struct send) sends;
    VEC(struct reply) replies;
    VEC(struct erasure) erasures; /* after the entries, in the same commit */
    bool news; /* some alert of this batch was more than a repeat of what is known (alert_is_repeated) */
};

void effects_init(struct effects *fx);
void effects_reset(struct effects *fx); /* before the next batch */
void effects_release(struct effects *fx);
bool effects_empty(const struct effects *fx);
/* Continues the trace hash: entries and sends in order, integers only (I30). Rows are hashed with row_hash(). */
uint64_t effects_hash(uint64_t h, const struct effects *fx);

#endif
