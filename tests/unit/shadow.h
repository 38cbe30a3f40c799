/* shadow.h - what a store would hold: after each step a row of the world that reads otherwise than before must be
 * marked to be saved, or a restart would find what is no longer so (P1, I19).
 *
 * Not here: rows that are deleted; a row that only left memory looks the same. */
#ifndef TESTS_SHADOW_H
#define TESTS_SHADOW_H

#include "harness.h"

#include "base/map.h"
#include "core/world.h"

struct shadow {
    struct imap *rows[ROW_KIND_MAX]; /* key -> hash of the row; made when it is first looked at */
};

static inline bool shadow_is_marked(const struct effects *fx, enum row_kind kind, struct ikey k)
{
    for (size_t i = 0; i < fx->marks.n; i++) {
        const struct ikey marked = row_key(fx->marks.v[i].kind, fx->marks.v[i].key);
        if (marked.a != k.a || marked.b != k.b) continue;
        if (fx->marks.v[i].kind == kind) return true;
        if (kind == ROW_ALERT && fx->marks.v[i].kind == ROW_ALERT_LIVE) return true; /* newer than the other */
    }
    return false;
}

/* `loaded`: the rows come from a store, and nothing of them needs a mark. */
static inline void shadow_follow(struct shadow *s, const struct world *w, const struct effects *fx, bool loaded)
{
    for (int kind = 1; kind < ROW_KIND_MAX; kind++) {
        struct row r;
        if (row_defs[kind].table == NULL) continue;
        if (s->rows[kind] == NULL) s->rows[kind] = imap_create(1);
        for (size_t at = 0; world_next_row(w, (enum row_kind)kind, &at, &r);) {
            const struct ikey k = row_key((enum row_kind)kind, r.v);
            const int64_t now = (int64_t)row_hash(0, &r);
            int64_t before = 0;
            if (imap_get(s->rows[kind], k, &before) && before == now) continue;
            if (!loaded && !shadow_is_marked(fx, (enum row_kind)kind, k))
                fail_msg("%s %lld changed, and nothing saves it", row_defs[kind].table, (long long)r.v[0]);
            imap_put(s->rows[kind], k, now);
        }
    }
}

static inline void shadow_release(struct shadow *s)
{
    for (int kind = 1; kind < ROW_KIND_MAX; kind++) imap_destroy(&s->rows[kind]);
}

#endif
