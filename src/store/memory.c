/* memory.c - the writing side in memory.
 * Not here: what recovery needs (memory_load.c), reading for other threads (memory_reader.c).
 * Always: until the commit nobody sees a change; the commit cannot fail. */
#include "store/memory.h"

#include <string.h>

#include "base/check.h"

static struct memory_store *self_of(struct store *s)
{
    return (struct memory_store *)s;
}

/* Two numbers; of a longer key the further ones are hashed, and looked at again where it counts (table_put). */
static struct ikey cell_key(enum row_kind kind, const int64_t *v)
{
    const size_t n = row_defs[kind].n_keys;
    if (n <= 2) return row_key(kind, v);
    uint64_t rest = 0;
    for (size_t i = 1; i < n; i++) {
        rest = (rest ^ (uint64_t)v[i]) * UINT64_C(0x9e3779b97f4a7c15);
        rest ^= rest >> 29;
    }
    return (struct ikey){ v[0], (int64_t)rest };
}

static struct slice bytes_copy(struct slice s)
{
    if (s.n == 0) return (struct slice){ NULL, 0 };
    char *p = mem_alloc(s.n);
    memcpy(p, s.p, s.n);
    return (struct slice){ p, s.n };
}

static void cell_destroy(struct cell **cell)
{
    if (*cell == NULL) return;
    mem_free((void *)(*cell)->text.p);
    mem_free(*cell);
    *cell = NULL;
}

/* ---- tables ---- */

const struct cell *memory_find(const struct memory_store *m, enum row_kind kind, const int64_t *key)
{
    int64_t place;
    return imap_get(m->tables[kind].index, cell_key(kind, key), &place) ? m->tables[kind].cells.v[place] : NULL;
}

/* Timers come and go by the thousand: the places that they left are given up together. */
static void close_gaps(struct memory_table *t)
{
    struct ikey key;
    size_t n = 0;
    for (size_t i = 0; i < t->cells.n; i++)
        if (t->cells.v[i] != NULL) t->cells.v[n++] = t->cells.v[i];
    t->cells.n = n;
    n = 0;
    for (size_t at = 0; imap_next(t->index, &at, &key, NULL);) imap_put(t->index, key, (int64_t)n++);
}

static void table_put(struct memory_store *m, const struct row *r)
{
    struct memory_table *t = &m->tables[r->kind];
    const struct ikey key = cell_key(r->kind, r->v);
    int64_t place;
    const bool is_new = !imap_get(t->index, key, &place);
    if (is_new) {
        if (t->cells.n > 64 && t->cells.n > 2 * imap_count(t->index)) close_gaps(t);
        place = (int64_t)t->cells.n;
        imap_put(t->index, key, place);
        *vec_push(&t->cells) = mem_alloc(sizeof(struct cell) + row_defs[r->kind].n_fields * sizeof(int64_t));
    }
    struct cell *cell = t->cells.v[place];
    if (!is_new) CHECK(memcmp(cell->v, r->v, row_defs[r->kind].n_keys * sizeof r->v[0]) == 0);
    memcpy(cell->v, r->v, row_defs[r->kind].n_fields * sizeof r->v[0]);
    if (r->kind == ROW_LINK && r->v[0] > m->last_link) m->last_link = r->v[0];
    if (!row_defs[r->kind].has_text) return;
    mem_free((void *)cell->text.p);
    cell->text = bytes_copy(r->text);
}

/* The server removes none; whatever did would leave the one before as the last. */
static int64_t highest_link(const struct memory_table *t)
{
    int64_t highest = 0;
    for (size_t i = 0; i < t->cells.n; i++)
        if (t->cells.v[i] != NULL && t->cells.v[i]->v[0] > highest) highest = t->cells.v[i]->v[0];
    return highest;
}

static void table_remove(struct memory_store *m, enum row_kind kind, const int64_t *key)
{
    struct memory_table *t = &m->tables[kind];
    int64_t place;
    if (!imap_get(t->index, cell_key(kind, key), &place)) return;
    imap_remove(t->index, cell_key(kind, key));
    cell_destroy(&t->cells.v[place]);
    if (kind == ROW_LINK && key[0] == m->last_link) m->last_link = highest_link(t);
}

static int compare_cells(const void *a, const void *b, void *ctx)
{
    const struct cell *x = *(struct cell *const *)a, *y = *(struct cell *const *)b;
    const size_t *n_keys = ctx;
    for (size_t i = 0; i < *n_keys; i++)
        if (x->v[i] != y->v[i]) return x->v[i] < y->v[i] ? -1 : 1;
    return 0;
}

void memory_sorted(const struct memory_store *m, enum row_kind kind, struct cells *out)
{
    size_t n_keys = row_defs[kind].n_keys;
    for (size_t i = 0; i < m->tables[kind].cells.n; i++)
        if (m->tables[kind].cells.v[i] != NULL) *vec_push(out) = m->tables[kind].cells.v[i];
    sort_stable(out->v, out->n, sizeof out->v[0], compare_cells, &n_keys);
}

int memory_tell(enum row_kind kind, const struct cell *cell, struct store_each_row *each, struct error *e)
{
    return each->row(each, &(struct row){ .kind = kind, .v = cell->v, .text = cell->text }, e);
}

/* ---- transactions ---- */

static int memory_begin(struct store *s, struct error *e)
{
    (void)s, (void)e;
    return 0;
}

/* The numbers, and the text behind them. */
static struct row row_copy(struct arena *a, enum row_kind kind, const int64_t *v, size_t n, struct slice text)
{
    int64_t *copy = arena_alloc(a, n * sizeof v[0] + text.n);
    char *bytes = (char *)(copy + n);
    memcpy(copy, v, n * sizeof v[0]);
    if (text.n > 0) memcpy(bytes, text.p, text.n);
    return (struct row){ .kind = kind, .v = copy, .text = { bytes, text.n } };
}

static int memory_put(struct store *s, const struct row *r, struct error *e)
{
    struct memory_store *m = self_of(s);
    (void)e;
    struct memory_change *c = vec_push(&m->changes);
    c->what = CHANGE_PUT;
    c->row = row_copy(m->pending, r->kind, r->v, row_defs[r->kind].n_fields, r->text);
    return 0;
}

static int memory_remove(struct store *s, enum row_kind kind, const int64_t *key, struct error *e)
{
    struct memory_store *m = self_of(s);
    (void)e;
    struct memory_change *c = vec_push(&m->changes);
    c->what = CHANGE_DELETE;
    c->row = row_copy(m->pending, kind, key, row_defs[kind].n_keys, (struct slice){ 0 });
    return 0;
}

static struct entry entry_copy(struct arena *a, const struct entry *en, int64_t id)
{
    struct entry copy = *en;
    struct change *changes = arena_array(a, struct change, en->n_changes);
    if (en->n_changes > 0) memcpy(changes, en->changes, en->n_changes * sizeof changes[0]);
    copy.changes = changes;
    copy.text = arena_copy(a, en->text);
    struct seal *seal = arena_array(a, struct seal, 1);
    if (en->seal != NULL) *seal = *en->seal;
    seal->id = id;
    copy.seal = seal;
    return copy;
}

static int memory_append(struct store *s, const struct entry *en, struct error *e)
{
    struct memory_store *m = self_of(s);
    const struct ikey key = { en->incident, en->seq };
    if (imap_get(m->seqs, key, NULL))
        return fail(e, ERR_CONFLICT,
                    "cannot write to memory: entry %lld of incident %lld is there already: this is a fault"
                    " in Tocsin; report it with this line",
                    (long long)en->seq, (long long)en->incident);
    imap_put(m->seqs, key, -1); /* not committed */
    struct memory_change *c = vec_push(&m->changes);
    struct entry *copy = arena_array(m->pending, struct entry, 1);
    *copy = entry_copy(m->pending, en, 0);
    c->what = CHANGE_ENTRY;
    c->entry = copy;
    return 0;
}

static int memory_erase(struct store *s, incident_id incident, int64_t seq, struct error *e)
{
    struct memory_store *m = self_of(s);
    (void)e;
    *vec_push(&m->changes) = (struct memory_change){ .what = CHANGE_ERASE, .erased = { incident, seq } };
    return 0;
}

static void forget_changes(struct memory_store *m)
{
    vec_clear(&m->changes);
    arena_reset(m->pending);
}

/* There is nothing that it could do earlier or later. */
static void memory_rest(struct store *s)
{
    (void)s;
}

static void memory_rollback(struct store *s)
{
    struct memory_store *m = self_of(s);
    for (size_t i = 0; i < m->changes.n; i++) {
        if (m->changes.v[i].what != CHANGE_ENTRY) continue;
        const struct entry *en = m->changes.v[i].entry;
        imap_remove(m->seqs, (struct ikey){ en->incident, en->seq });
    }
    forget_changes(m);
}

static void keep_entry(struct memory_store *m, const struct entry *en)
{
    const struct entry copy = entry_copy(m->kept, en, (int64_t)m->entries.n + 1);
    imap_put(m->seqs, (struct ikey){ en->incident, en->seq }, (int64_t)m->entries.n);
    *vec_push(&m->entries) = copy;
}

static void erase_text(struct memory_store *m, incident_id incident, int64_t seq)
{
    for (size_t i = 0; i < m->entries.n; i++) {
        struct entry *en = &m->entries.v[i];
        if (en->incident != incident || en->seq != seq) continue;
        struct seal *seal = arena_array(m->kept, struct seal, 1);
        *seal = *en->seal;
        seal->parts &= ~(int64_t)SEAL_SALTED;
        memset(seal->salt, 0, sizeof seal->salt);
        en->seal = seal;
        en->text = (struct slice){ 0 };
    }
}

static int memory_commit(struct store *s, struct error *e)
{
    struct memory_store *m = self_of(s);
    (void)e;
    pthread_rwlock_wrlock(&m->lock);
    for (size_t i = 0; i < m->changes.n; i++) {
        const struct memory_change *c = &m->changes.v[i];
        switch (c->what) {
        case CHANGE_PUT: table_put(m, &c->row); break;
        case CHANGE_DELETE: table_remove(m, c->row.kind, c->row.v); break;
        case CHANGE_ENTRY: keep_entry(m, c->entry); break;
        case CHANGE_ERASE: erase_text(m, c->erased.incident, c->erased.seq); break;
        }
    }
    pthread_rwlock_unlock(&m->lock);
    forget_changes(m);
    return 0;
}

/* ---- life ---- */

static void memory_close(struct store *s)
{
    struct memory_store *m = self_of(s);
    for (int k = 0; k < ROW_KIND_MAX; k++) {
        struct memory_table *t = &m->tables[k];
        for (size_t i = 0; i < t->cells.n; i++) cell_destroy(&t->cells.v[i]);
        vec_release(&t->cells);
        imap_destroy(&t->index);
    }
    vec_release(&m->entries);
    vec_release(&m->changes);
    imap_destroy(&m->seqs);
    arena_destroy(&m->kept);
    arena_destroy(&m->pending);
    pthread_rwlock_destroy(&m->lock);
    mem_free(m);
}

static const struct store_ops memory_ops = {
    .name = "memory",
    .close = memory_close,
    .load = memory_load,
    .begin = memory_begin,
    .put = memory_put,
    .remove = memory_remove,
    .append = memory_append,
    .erase = memory_erase,
    .commit = memory_commit,
    .rollback = memory_rollback,
    .rest = memory_rest,
    .reader_open = memory_reader_open,
};

int store_memory_open(struct store **out, struct error *e)
{
    struct memory_store *m = mem_alloc(sizeof *m);
    (void)e;
    m->store.ops = &memory_ops;
    int rc = pthread_rwlock_init(&m->lock, NULL);
    CHECK(rc == 0);
    for (int k = 0; k < ROW_KIND_MAX; k++) m->tables[k].index = imap_create(0); /* keys are our own numbers */
    m->seqs = imap_create(0);
    m->kept = arena_create(0);
    m->pending = arena_create(0);
    *out = &m->store;
    return 0;
}
