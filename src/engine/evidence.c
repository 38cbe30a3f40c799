/* evidence.c - one walk over the history in the order in which it was written; the strands (a timeline each) and the
 * system's chain are checked side by side, then the incidents' rows.
 * Always: constant memory but for one folded row an incident. */
#include "engine/evidence.h"

#include <inttypes.h>
#include <string.h>

#include "base/check.h"
#include "base/map.h"
#include "core/timeline.h"
#include "store/store.h"

#define HASHES_MAX ((size_t)256 << 20)

struct strand {
    incident_id incident;
    int64_t seq, place; /* of its last entry */
    bool sealed; /* since some entry: from then on all must be */
    bool broken;
    uint8_t hash[SEAL_BYTES];
    struct incident folded;
};

struct check {
    struct store_each_entry each;
    struct store_each_row rows;
    struct store_reader *reader;
    const struct evidence_options *o;
    struct evidence_report *out;
    struct sealer sealer;
    struct imap *index; /* incident -> place in strands */
    VEC(struct strand) strands;
    size_t got; /* entries of the present page */
    int64_t place; /* of the last one */
    /* the system's chain */
    struct chain_link link; /* the one that is being filled; id 0: not read */
    struct chain_link done; /* the one before */
    uint8_t done_hash[SEAL_BYTES], link_previous[SEAL_BYTES], link_hash[SEAL_BYTES];
    struct buf hashes, symbols;
    bool chain_broken, ended;
};

static void find(struct check *c, incident_id incident, int64_t seq, int64_t place, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

static void find(struct check *c, incident_id incident, int64_t seq, int64_t place, const char *fmt, ...)
{
    struct finding *f = vec_push(&c->out->findings);
    va_list ap;
    *f = (struct finding){ .incident = incident, .seq = seq, .place = place };
    va_start(ap, fmt);
    buf_vaddf(&f->what, fmt, ap);
    va_end(ap);
}

/* --- strands -------------------------------------------------------------------------------------------------------- */

static struct strand *strand_of(struct check *c, incident_id incident)
{
    int64_t place;
    if (imap_get(c->index, (struct ikey){ incident, 0 }, &place)) return &c->strands.v[place];
    imap_put(c->index, (struct ikey){ incident, 0 }, (int64_t)c->strands.n);
    struct strand *s = vec_push(&c->strands);
    *s = (struct strand){ .incident = incident };
    return s;
}

/* Why this entry cannot stand here; NULL: it can. */
static const char *judge(struct check *c, const struct strand *s, const struct entry *en)
{
    const bool sealed = (en->seal->parts & SEAL_HASHED) != 0;
    if (en->seq != s->seq + 1)
        return en->seq <= s->seq ? "it stands twice, or out of order" : "the entries before it are missing";
    if (!sealed && !s->sealed) return NULL; /* older than the chain */
    const char *wrong = seal_judge(&c->sealer, en);
    if (wrong == NULL && memcmp(en->seal->previous, s->hash, SEAL_BYTES) != 0)
        wrong = "its predecessor is not the entry that stands before it";
    return wrong;
}

static void strand_add(struct check *c, const struct entry *en)
{
    struct strand *s = strand_of(c, en->incident);
    const bool sealed = (en->seal->parts & SEAL_HASHED) != 0;
    const char *wrong = s->broken ? NULL : judge(c, s, en);
    c->out->entries++;
    c->out->unsealed += !sealed;
    c->out->without_text += sealed && (en->seal->parts & SEAL_SALTED) == 0;
    if (wrong != NULL) {
        s->broken = true;
        find(c, en->incident, en->seq, en->seal->id, "%s", wrong);
    }
    s->seq = en->seq;
    s->place = en->seal->id;
    s->sealed = s->sealed || sealed;
    if (sealed) memcpy(s->hash, en->seal->hash, SEAL_BYTES);
    timeline_replay(&s->folded, en);
}

/* --- the system's chain --------------------------------------------------------------------------------------------- */

static void break_chain(struct check *c, int64_t place, const char *fmt, int64_t n)
{
    if (c->chain_broken) return;
    c->chain_broken = true;
    find(c, 0, 0, place, fmt, n);
}

static void take_link(struct check *c, const struct row *r)
{
    memcpy(&c->link, r->v, sizeof c->link);
    if (r->text.n != 2 * SEAL_BYTES) {
        break_chain(c, 0, "link %" PRId64 " of the system's chain has no hash", c->link.id);
        return;
    }
    memcpy(c->link_previous, r->text.p, SEAL_BYTES);
    memcpy(c->link_hash, r->text.p + SEAL_BYTES, SEAL_BYTES);
}

/* The link after `done` in c->link; ended when there is none. */
static int next_link(struct check *c, struct error *e)
{
    struct row row;
    const int64_t key = c->done.id + 1;
    if (c->link.id != 0 || c->ended) return 0;
    const int rc = store_read_row(c->reader, ROW_LINK, &key, &row, e);
    c->ended = rc == ERR_NOT_FOUND;
    if (rc == 0) take_link(c, &row);
    return c->ended ? 0 : rc;
}

static int add_symbols(struct check *c, struct error *e)
{
    struct row row;
    buf_reset(&c->symbols);
    for (symbol s = c->done.symbols + 1; s <= c->link.symbols; s++) {
        const int rc = store_read_row(c->reader, ROW_SYMBOL, &s, &row, e);
        if (rc < 0 && rc != ERR_NOT_FOUND) return rc;
        if (rc == 0 && row.text.n > 0) seal_add_symbol(&c->symbols, s, row.text);
        if (c->symbols.overflow) return fail(e, ERR_LIMIT, "link %" PRId64 " covers too many texts", c->link.id);
    }
    return 0;
}

static bool is_named(const struct check *c)
{
    struct buf hex = { 0 };
    buf_add_hex(&hex, (struct slice){ (const char *)c->link_hash, SEAL_BYTES });
    const bool named = c->o->head.n > 0 && slice_eq(buf_slice(&hex), c->o->head);
    buf_release(&hex);
    return named;
}

/* All entries of the link are in: its hash, and on to the next. */
static int close_link(struct check *c, struct error *e)
{
    uint8_t hash[SEAL_BYTES];
    const int rc = add_symbols(c, e);
    if (rc < 0) return rc;
    if (c->hashes.overflow) return fail(e, ERR_LIMIT, "link %" PRId64 " covers too many entries", c->link.id);
    if (memcmp(c->link_previous, c->done_hash, SEAL_BYTES) != 0)
        break_chain(c, c->link.entries, "link %" PRId64 " of the system's chain does not follow the one before it",
                    c->link.id);
    seal_link(&c->sealer, &c->link, c->link_previous, buf_slice(&c->hashes), buf_slice(&c->symbols), hash);
    if (memcmp(hash, c->link_hash, SEAL_BYTES) != 0)
        break_chain(c, c->link.entries,
                    "link %" PRId64 " of the system's chain does not fit the entries and texts it covers", c->link.id);
    if (!c->chain_broken && is_named(c)) c->out->named = c->link;
    c->done = c->out->last = c->link;
    memcpy(c->done_hash, c->link_hash, SEAL_BYTES);
    memcpy(c->out->head, c->link_hash, SEAL_BYTES);
    c->link.id = 0;
    c->out->links++;
    buf_reset(&c->hashes);
    return 0;
}

static int chain_add(struct check *c, const struct entry *en, struct error *e)
{
    int rc = 0;
    if (c->chain_broken || (en->seal->parts & SEAL_HASHED) == 0) return 0;
    rc = next_link(c, e);
    if (rc < 0) return rc;
    if (c->ended)
        break_chain(c, en->seal->id, "entry %" PRId64 " of the history stands behind the last link", en->seal->id);
    else if (en->seal->id > c->link.entries)
        break_chain(c, en->seal->id, "what was sealed at place %" PRId64 " of the history is missing", c->link.entries);
    if (c->chain_broken) return 0;
    buf_add(&c->hashes, (struct slice){ (const char *)en->seal->hash, SEAL_BYTES });
    return en->seal->id == c->link.entries ? close_link(c, e) : 0;
}

static int end_chain(struct check *c, struct error *e)
{
    if (c->chain_broken) return 0;
    const int rc = next_link(c, e);
    if (rc == 0 && c->link.id != 0)
        break_chain(c, c->link.entries, "the history ends before link %" PRId64 ": entries are missing at its end",
                    c->link.id);
    return rc;
}

/* Links behind a gap in their numbers would be overlooked by the walk. */
static int count_link(struct store_each_row *self, const struct row *r, struct error *e)
{
    struct check *c = (struct check *)((char *)self - offsetof(struct check, rows));
    (void)e;
    if (!c->chain_broken && r->v[0] > c->done.id)
        break_chain(c, 0, "link %" PRId64 " of the system's chain stands behind a missing one", r->v[0]);
    return 0;
}

/* --- the walk ------------------------------------------------------------------------------------------------------- */

static int on_entry(struct store_each_entry *self, const struct entry *en, struct error *e)
{
    struct check *c = (struct check *)self;
    c->got++;
    c->place = en->seal->id;
    strand_add(c, en);
    return c->o->incident == 0 ? chain_add(c, en, e) : 0;
}

static int walk_history(struct check *c, struct error *e)
{
    int rc;
    do {
        c->got = 0;
        rc = store_read_history(c->reader, c->place, 0, &c->each, e);
    } while (rc == 0 && c->got == STORE_PAGE_MAX);
    return rc == 0 ? end_chain(c, e) : rc;
}

static int walk_timeline(struct check *c, incident_id id, struct error *e)
{
    struct strand *s = strand_of(c, id);
    int rc;
    do {
        c->got = 0;
        rc = store_read_entries(c->reader, id, s->seq, 0, &c->each, e);
    } while (rc == 0 && c->got == STORE_PAGE_MAX);
    return rc;
}

/* --- rows ----------------------------------------------------------------------------------------------------------- */

static void compare_row(struct check *c, struct strand *s, const struct incident *row)
{
    const struct row_def *def = &row_defs[ROW_INCIDENT];
    const int64_t *is = &row->id, *was = &s->folded.id;
    s->folded.id = row->id; /* the id is the timeline's, not a change */
    for (size_t i = 0; i < def->n_fields; i++) {
        if ((def->fields[i].flags & ROW_LIVE) != 0 || is[i] == was[i]) continue;
        find(c, row->id, 0, 0, "its row says %s = %" PRId64 ", its timeline %" PRId64, def->fields[i].name, is[i],
             was[i]);
        return;
    }
    if (row->seq != s->seq)
        find(c, row->id, s->seq, s->place, "its timeline ends here, its row counts %" PRId64 " entries", row->seq);
}

static int on_incident(struct store_each_row *self, const struct row *r, struct error *e)
{
    struct check *c = (struct check *)((char *)self - offsetof(struct check, rows));
    struct incident row;
    int64_t place;
    (void)e;
    memcpy(&row, r->v, sizeof row);
    if (c->o->incident != 0 && row.id != c->o->incident) return 0;
    c->out->incidents++;
    if (!imap_get(c->index, (struct ikey){ row.id, 0 }, &place)) {
        find(c, row.id, 0, 0, "it has no timeline");
        return 0;
    }
    struct strand *s = &c->strands.v[place];
    if (!s->broken) compare_row(c, s, &row);
    s->broken = true; /* looked at: what is left has no row */
    return 0;
}

static void find_rowless(struct check *c)
{
    for (size_t i = 0; i < c->strands.n; i++) {
        const struct strand *s = &c->strands.v[i];
        if (s->incident != 0 && !s->broken) find(c, s->incident, 0, 0, "it has a timeline and no row");
    }
}

static int compare_findings(const void *a, const void *b, void *ctx)
{
    const struct finding *x = a, *y = b;
    (void)ctx;
    return (x->incident > y->incident) - (x->incident < y->incident);
}

static int look(struct check *c, struct error *e)
{
    int rc = c->o->incident == 0 ? walk_history(c, e) : walk_timeline(c, c->o->incident, e);
    c->rows.row = count_link;
    if (rc == 0 && c->o->incident == 0) rc = store_read_all(c->reader, ROW_LINK, &c->rows, e);
    c->rows.row = on_incident;
    if (rc == 0) rc = store_read_all(c->reader, ROW_INCIDENT, &c->rows, e);
    if (rc < 0) return rc;
    find_rowless(c);
    if (c->o->head.n > 0 && c->out->named.id == 0)
        find(c, 0, 0, 0, "no sound link of the system's chain has the head that was named");
    sort_stable(c->out->findings.v, c->out->findings.n, sizeof c->out->findings.v[0], compare_findings, NULL);
    return 0;
}

int evidence_check(struct store_reader *r, const struct evidence_options *o, struct evidence_report *out,
                   struct error *e)
{
    struct check c = { .each = { on_entry }, .reader = r, .o = o, .out = out, .sealer = { .key = o->key } };
    *out = (struct evidence_report){ 0 };
    c.index = imap_create(0);
    c.hashes.max = c.symbols.max = HASHES_MAX;
    const int rc = look(&c, e);
    imap_destroy(&c.index);
    vec_release(&c.strands);
    buf_release(&c.sealer.scratch);
    buf_release(&c.hashes);
    buf_release(&c.symbols);
    return rc;
}

void evidence_release(struct evidence_report *v)
{
    for (size_t i = 0; i < v->findings.n; i++) buf_release(&v->findings.v[i].what);
    vec_release(&v->findings);
}
