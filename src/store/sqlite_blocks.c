/* sqlite_blocks.c - where alerts are found: which blocks of 64 ids hold alerts of an incident, and which hold any that fire.
 *
 * Indexes would be entered once an alert, each in a tree of its own, and new alerts come by the hundred: of their commit the
 * two were two fifths (docs/decisions/0019-alerts-in-blocks.md). A block is entered once, and who reads looks through it.
 * Not here: the statements that read (sql.c), the rows themselves (sqlite.c).
 * Always, in what is committed: a block of an incident's alerts is in alert_block, one with a firing alert in firing_block.
 * alert_block may hold more (an alert went to another incident); firing_block not once the alerts of a batch were put. */
#include "store/sqlite.h"

#include "base/vec.h"
#include "core/alert.h"

/* >> of a negative number rounds down in SQLite; so does this. */
static int64_t block_of(alert_id id)
{
    return id >= 0 ? id >> SQL_BLOCK_BITS : ~(~id >> SQL_BLOCK_BITS);
}

void sqlite_blocks_forget(struct sqlite_blocks *b)
{
    b->firing = SQLITE_NO_BLOCK;
    for (size_t i = 0; i < COUNT_OF(b->of); i++) b->of[i].block = SQLITE_NO_BLOCK;
    vec_clear(&b->ended);
}

void sqlite_blocks_release(struct sqlite_blocks *b)
{
    vec_release(&b->ended);
}

/* A statement whose parameters are these. */
static int enter(struct sqlite_conn *c, enum sql_fixed which, const int64_t *v, int n, struct error *e)
{
    sqlite3_stmt *s = conn_stmt(c, SQL_FIXED, which, e);
    if (s == NULL) return e->code;
    for (int i = 0; i < n; i++) bind_i64(s, i + 1, v[i]);
    return conn_run(c, s, e);
}

static int note_incident(struct sqlite_conn *c, struct sqlite_blocks *b, incident_id incident, int64_t block,
                         struct error *e)
{
    struct sqlite_block_of *of = &b->of[(uint64_t)incident % COUNT_OF(b->of)];
    if (of->incident == incident && of->block == block) return 0;
    *of = (struct sqlite_block_of){ incident, block };
    return enter(c, SQL_ENTER_BLOCK, (const int64_t[]){ incident, block }, 2, e);
}

static int note_firing(struct sqlite_conn *c, struct sqlite_blocks *b, int64_t block, struct error *e)
{
    if (b->firing == block) return 0;
    b->firing = block;
    return enter(c, SQL_ENTER_FIRING, &block, 1, e);
}

int sqlite_blocks_note(struct sqlite_conn *c, struct sqlite_blocks *b, const struct alert *a, struct error *e)
{
    const int64_t block = block_of(a->id);
    const int rc = note_incident(c, b, a->incident, block, e);
    if (rc < 0 || a->state == ALERT_FIRING) return rc < 0 ? rc : note_firing(c, b, block, e);
    if (b->ended.n == 0 || b->ended.v[b->ended.n - 1] != block) *vec_push(&b->ended) = block;
    return 0;
}

int sqlite_blocks_settle(struct sqlite_conn *c, struct sqlite_blocks *b, struct error *e)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < b->ended.n; i++) rc = enter(c, SQL_LEAVE_FIRING, &b->ended.v[i], 1, e);
    if (b->ended.n > 0) b->firing = SQLITE_NO_BLOCK; /* it may be one that was left */
    vec_clear(&b->ended);
    return rc;
}
