/* memory_reader.c - reading in memory: a view is the read lock.
 * Plain on purpose: each list sorts its table. Who needs speed has a file. */
#include "store/memory.h"

#include "base/check.h"
#include "core/alert.h"

struct memory_reader {
    struct store_reader reader;
    struct memory_store *m;
};

static struct memory_store *store_of(struct store_reader *r)
{
    return ((struct memory_reader *)r)->m;
}

static void reader_close(struct store_reader *r)
{
    mem_free(r);
}

static int reader_begin(struct store_reader *r, struct error *e)
{
    (void)e;
    pthread_rwlock_rdlock(&store_of(r)->lock);
    return 0;
}

static void reader_end(struct store_reader *r)
{
    pthread_rwlock_unlock(&store_of(r)->lock);
}

static bool in_list(const struct list_def *l, const struct store_query *q, const int64_t *v)
{
    if (l->of >= 0 && v[l->of] != q->of) return false;
    if (l->zero >= 0 && v[l->zero] != 0) return false;
    return l->newest ? v[l->page] < q->from : v[l->page] > q->from;
}

static int reader_list(struct store_reader *r, const struct store_query *q, struct store_each_row *each,
                       struct error *e)
{
    const struct list_def l = store_list_def(q->list);
    struct cells rows = { 0 };
    int rc = 0;
    memory_sorted(store_of(r), l.kind, &rows);
    size_t told = 0;
    for (size_t i = 0; rc == 0 && told < q->limit && i < rows.n; i++) {
        const struct cell *cell = rows.v[l.newest ? rows.n - 1 - i : i];
        if (!in_list(&l, q, cell->v)) continue;
        rc = memory_tell(l.kind, cell, each, e);
        told++;
    }
    vec_release(&rows);
    return rc;
}

static int reader_row(struct store_reader *r, enum row_kind kind, const int64_t *key, struct store_each_row *each,
                      struct error *e)
{
    const struct cell *cell = memory_find(store_of(r), kind, key);
    if (cell == NULL) return fail(e, ERR_NOT_FOUND, "there is no %s %lld", row_defs[kind].table, (long long)key[0]);
    return memory_tell(kind, cell, each, e);
}

/* ---- entries ---- */

static int compare_entries(const void *a, const void *b, void *ctx)
{
    const struct entry *x = *(const struct entry *const *)a, *y = *(const struct entry *const *)b;
    (void)ctx;
    if (x->incident != y->incident) return x->incident < y->incident ? -1 : 1;
    return (x->seq > y->seq) - (x->seq < y->seq);
}

struct entry_pick {
    bool all;
    incident_id incident;
    int64_t after;
    size_t limit;
};

/* The one behind `after`, where it is the next: what the chain asks for. */
static const struct entry *find_entry(const struct memory_store *m, incident_id incident, int64_t seq)
{
    int64_t place;
    return imap_get(m->seqs, (struct ikey){ incident, seq }, &place) && place >= 0 ? &m->entries.v[place] : NULL;
}

static int tell_entries(const struct memory_store *m, struct entry_pick p, struct store_each_entry *each,
                        struct error *e)
{
    VEC(const struct entry *) picked = { 0 };
    int rc = 0;
    for (size_t i = 0; i < m->entries.n; i++) {
        const struct entry *en = &m->entries.v[i];
        if (p.all || (en->incident == p.incident && en->seq > p.after)) *vec_push(&picked) = en;
    }
    sort_stable(picked.v, picked.n, sizeof picked.v[0], compare_entries, NULL);
    for (size_t i = 0; rc == 0 && i < picked.n && i < p.limit; i++) rc = each->entry(each, picked.v[i], e);
    vec_release(&picked);
    return rc;
}

static int reader_entries(struct store_reader *r, incident_id incident, int64_t after, size_t limit,
                          struct store_each_entry *each, struct error *e)
{
    const struct entry *next = limit == 1 ? find_entry(store_of(r), incident, after + 1) : NULL;
    if (next != NULL) return each->entry(each, next, e);
    return tell_entries(store_of(r), (struct entry_pick){ false, incident, after, limit }, each, e);
}

static int reader_all_entries(struct store_reader *r, struct store_each_entry *each, struct error *e)
{
    return tell_entries(store_of(r), (struct entry_pick){ true, 0, 0, SIZE_MAX }, each, e);
}

/* ---- alerts ---- */

static int tell_alert(const struct memory_store *m, const struct cell *alert, struct store_each_alert *each,
                      struct error *e)
{
    const struct cell *live = memory_find(m, ROW_ALERT_LIVE, &alert->v[0]);
    const struct alert_live first = alert_first_live((const struct alert *)alert->v),
                            l = live == NULL ? first : *(const struct alert_live *)live->v;
    const struct cell *notes = memory_find(m, ROW_ANNOTATIONS, &l.annotations);
    const struct store_alert a = { .id = l.id,
                                   .starts_wall = l.starts_wall,
                                   .ends_wall = l.ends_wall,
                                   .updated_wall = l.updated_wall,
                                   .labels = alert->text,
                                   .annotations = notes == NULL ? (struct slice){ NULL, 0 } : notes->text,
                                   .sender = ((const struct alert *)alert->v)->sender };
    return each->alert(each, &a, e);
}

static int reader_firing(struct store_reader *r, alert_id after, size_t limit, struct store_each_alert *each,
                         struct error *e)
{
    struct cells rows = { 0 };
    size_t told = 0;
    int rc = 0;
    memory_sorted(store_of(r), ROW_ALERT, &rows);
    for (size_t i = 0; rc == 0 && i < rows.n && told < limit; i++) {
        const struct alert *a = (const struct alert *)rows.v[i]->v;
        if (a->id <= after || a->state != ALERT_FIRING) continue;
        told++;
        rc = tell_alert(store_of(r), rows.v[i], each, e);
    }
    vec_release(&rows);
    return rc;
}

static int reader_all_rows(struct store_reader *r, enum row_kind kind, struct store_each_row *each, struct error *e)
{
    struct cells rows = { 0 };
    int rc = 0;
    memory_sorted(store_of(r), kind, &rows);
    for (size_t i = 0; rc == 0 && i < rows.n; i++) rc = memory_tell(kind, rows.v[i], each, e);
    vec_release(&rows);
    return rc;
}

static int reader_history(struct store_reader *r, int64_t after, size_t limit, struct store_each_entry *each,
                          struct error *e)
{
    const struct memory_store *m = store_of(r);
    int rc = 0;
    for (size_t i = (size_t)after; rc == 0 && i < m->entries.n && i - (size_t)after < limit; i++)
        rc = each->entry(each, &m->entries.v[i], e);
    return rc;
}

static int reader_backup(struct store_reader *r, const char *path, struct store_progress *p, struct error *e)
{
    (void)r, (void)p;
    return fail(e, ERR_INVALID, "cannot copy to %s: a store in memory has no file", path);
}

static const struct store_reader_ops reader_ops = {
    .close = reader_close,
    .begin = reader_begin,
    .end = reader_end,
    .list = reader_list,
    .row = reader_row,
    .entries = reader_entries,
    .firing = reader_firing,
    .all_rows = reader_all_rows,
    .all_entries = reader_all_entries,
    .history = reader_history,
    .backup = reader_backup,
};

int memory_reader_open(struct store *s, struct store_reader **out, struct error *e)
{
    struct memory_reader *r = mem_alloc(sizeof *r);
    (void)e;
    r->reader.ops = &reader_ops;
    r->m = (struct memory_store *)s;
    *out = &r->reader;
    return 0;
}
