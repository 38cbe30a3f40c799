/* state.c - the tables: rows by key in order of insertion, and the marks of a batch. */
#include "core/state.h"

#include <string.h>

#include "core/state_parts.h"

static void *slot_tail(enum row_kind kind, struct slot *s)
{
    return &s->v[row_defs[kind].n_fields];
}

static struct slice *slot_text(enum row_kind kind, struct slot *s)
{
    CHECK(row_defs[kind].has_text);
    return slot_tail(kind, s);
}

static struct incident_extra **slot_extra(struct slot *s)
{
    return slot_tail(ROW_INCIDENT, s);
}

static size_t slot_size(enum row_kind kind)
{
    size_t tail = row_defs[kind].has_text ? sizeof(struct slice)
                  : kind == ROW_INCIDENT  ? sizeof(struct incident_extra *)
                  : kind == ROW_TIMER     ? sizeof(struct timer_kept) - sizeof(struct timer)
                                          : 0;
    return sizeof(struct slot) + row_defs[kind].n_fields * sizeof(int64_t) + tail;
}

/* The rules ask a dozen times on end for the few rows that an event is about. */
enum { RECENT = 16 };

static struct slot **recent_place(const struct world *w, enum row_kind kind, int64_t id)
{
    return &w->tables[kind].recent[(uint64_t)id % RECENT];
}

static struct slot *slot_find(const struct world *w, enum row_kind kind, struct ikey k)
{
    struct slot **recent = recent_place(w, kind, k.a);
    int64_t p;
    if (*recent != NULL && (*recent)->v[0] == k.a && k.b == 0) return *recent;
    if (!imap_get(w->tables[kind].rows, k, &p)) return NULL;
    struct slot *s = (struct slot *)(uintptr_t)p;
    if (row_defs[kind].n_keys == 1) *recent = s;
    return s;
}

static void recent_forget(struct world *w, enum row_kind kind, const struct slot *s)
{
    struct slot **recent = recent_place(w, kind, s->v[0]);
    if (*recent == s) *recent = NULL;
}

void *state_get(const struct world *w, enum row_kind kind, struct ikey k)
{
    struct slot *s = slot_find(w, kind, k);
    return s == NULL ? NULL : s->v;
}

static struct slice text_in(enum row_kind kind, struct slot *s)
{
    return row_defs[kind].has_text ? *slot_text(kind, s) : (struct slice){ 0 };
}

struct slice state_text(const struct world *w, enum row_kind kind, struct ikey k)
{
    struct slot *s = slot_find(w, kind, k);
    return s == NULL ? (struct slice){ 0 } : text_in(kind, s);
}

bool state_row(const struct world *w, enum row_kind kind, struct ikey k, struct row *out)
{
    struct slot *s = slot_find(w, kind, k);
    if (s != NULL) *out = (struct row){ kind, s->v, text_in(kind, s) };
    return s != NULL;
}

size_t state_count(const struct world *w, enum row_kind kind)
{
    return imap_count(w->tables[kind].rows);
}

void *state_next(const struct world *w, enum row_kind kind, size_t *at)
{
    int64_t p;
    return imap_next(w->tables[kind].rows, at, NULL, &p) ? ((struct slot *)(uintptr_t)p)->v : NULL;
}

bool state_next_row(const struct world *w, enum row_kind kind, size_t *at, struct row *out)
{
    int64_t p;
    if (!imap_next(w->tables[kind].rows, at, NULL, &p)) return false;
    struct slot *s = (struct slot *)(uintptr_t)p;
    *out = (struct row){ kind, s->v, text_in(kind, s) };
    return true;
}

/* A batch begins with the first mark: until then nothing of it is anywhere. */
static void batch_begin(struct world *w)
{
    if (w->fx->marks.n > 0) return;
    w->batch++;
    for (size_t kind = 1; kind < ROW_KIND_MAX; kind++) {
        if (w->tables[kind].gone == NULL) continue;
        imap_destroy(&w->tables[kind].gone);
    }
}

static size_t add_mark(struct world *w, enum row_kind kind, const int64_t *key)
{
    struct mark *m = vec_push(&w->fx->marks);
    CHECK(w->fx->marks.n < (size_t)1 << MARK_BITS);
    m->kind = kind;
    memcpy(m->key, key, row_defs[kind].n_keys * sizeof m->key[0]);
    return w->fx->marks.n - 1;
}

uint32_t state_mark_number(struct world *w, enum row_kind kind, int64_t id)
{
    batch_begin(w);
    return (uint32_t)add_mark(w, kind, &id);
}

static void mark(struct world *w, enum row_kind kind, struct slot *s)
{
    int64_t again;
    batch_begin(w);
    if (s->stamp >> MARK_BITS == w->batch) return;
    if (w->tables[kind].gone != NULL && imap_get(w->tables[kind].gone, row_key(kind, s->v), &again))
        w->fx->marks.v[again].deleted = false; /* deleted and made again in one batch: one row to save */
    else
        again = (int64_t)add_mark(w, kind, s->v);
    s->stamp = w->batch << MARK_BITS | (uint64_t)again;
}

static size_t mark_of(const struct slot *s)
{
    return s->stamp & (((uint64_t)1 << MARK_BITS) - 1);
}

static void incident_remember(struct world *w, struct slot *s)
{
    struct incident_extra *x = *slot_extra(s);
    if (x->step == w->step) return;
    x->step = w->step;
    memcpy(&x->before, s->v, sizeof x->before);
    *vec_push(&w->edited) = s->v[0];
}

void *state_edit(struct world *w, enum row_kind kind, struct ikey k)
{
    struct slot *s = slot_find(w, kind, k);
    CHECK(s != NULL);
    mark(w, kind, s);
    if (kind == ROW_INCIDENT) incident_remember(w, s);
    return s->v;
}

/* Slots come from slabs of their kind, so that a hundred thousand alerts cost no heap block each. */
static struct slot *slot_take(struct table *t, size_t size)
{
    struct slot *s = t->free;
    if (s != NULL) {
        t->free = (struct slot *)(uintptr_t)s->v[0];
        memset(s, 0, size);
        return s;
    }
    if (t->in_slab == t->slab_size) {
        t->slab_size = t->slab_size == 0 ? 16 : t->slab_size < 1024 ? t->slab_size * 2 : t->slab_size;
        *vec_push(&t->slabs) = mem_alloc(t->slab_size * size);
        t->in_slab = 0;
    }
    return (struct slot *)(void *)((char *)t->slabs.v[t->slabs.n - 1] + t->in_slab++ * size);
}

static struct slot *slot_make(struct world *w, enum row_kind kind, struct ikey k)
{
    struct slot *s = slot_take(&w->tables[kind], slot_size(kind));
    CHECK(slot_find(w, kind, k) == NULL);
    if (kind == ROW_INCIDENT) *slot_extra(s) = mem_alloc(sizeof(struct incident_extra));
    imap_put(w->tables[kind].rows, k, (int64_t)(uintptr_t)s);
    return s;
}

int64_t state_next_id(struct world *w, enum row_kind kind)
{
    struct ikey k = { kind, 0 };
    struct counter *c = state_get(w, ROW_COUNTER, k);
    if (c == NULL) c = state_add(w, ROW_COUNTER, (int64_t[]){ kind });
    c = state_edit(w, ROW_COUNTER, k);
    return ++c->last;
}

void *state_add(struct world *w, enum row_kind kind, const int64_t *key)
{
    int64_t keys[4] = { 0 };
    memcpy(keys, key, row_defs[kind].n_keys * sizeof keys[0]);
    if (row_defs[kind].n_keys == 1 && keys[0] == 0) keys[0] = state_next_id(w, kind);
    struct slot *s = slot_make(w, kind, row_key(kind, keys));
    memcpy(s->v, keys, row_defs[kind].n_keys * sizeof keys[0]);
    mark(w, kind, s);
    if (kind == ROW_INCIDENT) {
        struct incident_extra *x = *slot_extra(s); /* its row before was empty, the id too */
        x->step = w->step;
        *vec_push(&w->edited) = keys[0];
    }
    return s->v;
}

void state_set_text(struct world *w, enum row_kind kind, struct ikey k, struct slice text)
{
    struct slot *s = slot_find(w, kind, k);
    CHECK(s != NULL);
    struct slice *kept = slot_text(kind, s);
    char *copy = mem_alloc(text.n + 1);
    if (text.n > 0) memcpy(copy, text.p, text.n);
    w->bytes += (int64_t)text.n - (int64_t)kept->n;
    mem_free((void *)(uintptr_t)kept->p);
    *kept = (struct slice){ copy, text.n };
    if (w->fx != NULL) mark(w, kind, s);
}

static void extra_free(struct incident_extra *x)
{
    vec_release(&x->alerts);
    vec_release(&x->pages);
    vec_release(&x->deliveries);
    mem_free(x);
}

static void slot_free(struct world *w, enum row_kind kind, struct slot *s)
{
    struct table *t = &w->tables[kind];
    recent_forget(w, kind, s);
    if (kind == ROW_INCIDENT) extra_free(*slot_extra(s));
    if (row_defs[kind].has_text) {
        w->bytes -= (int64_t)slot_text(kind, s)->n;
        mem_free((void *)(uintptr_t)slot_text(kind, s)->p);
    }
    s->v[0] = (int64_t)(uintptr_t)t->free;
    t->free = s;
}

void state_delete(struct world *w, enum row_kind kind, struct ikey k)
{
    struct slot *s = slot_find(w, kind, k);
    if (s == NULL) return;
    mark(w, kind, s);
    w->fx->marks.v[mark_of(s)].deleted = true;
    if (w->tables[kind].gone == NULL) w->tables[kind].gone = imap_create(w->hash_key);
    imap_put(w->tables[kind].gone, k, (int64_t)mark_of(s));
    imap_remove(w->tables[kind].rows, k);
    slot_free(w, kind, s);
}

struct incident_extra *incident_extra(const struct world *w, incident_id id)
{
    struct slot *s = slot_find(w, ROW_INCIDENT, (struct ikey){ id, 0 });
    CHECK(s != NULL);
    return *slot_extra(s);
}

void state_init(struct world *w)
{
    for (size_t kind = 1; kind < ROW_KIND_MAX; kind++) {
        w->tables[kind].rows = imap_create(w->hash_key);
        w->tables[kind].recent = mem_alloc(RECENT * sizeof(struct slot *));
    }
    w->symbols = smap_create(w->hash_key);
    w->credits = smap_create(w->hash_key);
    w->annotation_sets = imap_create(w->hash_key);
    w->alerts = alert_table_create(w->hash_key);
    w->shown = mem_alloc(sizeof *w->shown);
    w->groups = imap_create(w->hash_key);
    w->silences = imap_create(w->hash_key);
    w->senders = imap_create(w->hash_key);
    w->annotation_uses = imap_create(w->hash_key);
    w->reaches = imap_create(w->hash_key);
    w->timers_armed = imap_create(w->hash_key);
    w->timer_counts = imap_create(w->hash_key);
}

void state_release(struct world *w)
{
    smap_destroy(&w->symbols);
    smap_destroy(&w->credits);
    imap_destroy(&w->annotation_sets);
    alert_table_destroy(&w->alerts);
    buf_release(&w->shown->text);
    mem_free(w->shown);
    imap_destroy(&w->groups);
    imap_destroy(&w->silences);
    imap_destroy(&w->senders);
    imap_destroy(&w->annotation_uses);
    vec_release(&w->touches);
    imap_destroy(&w->timers_armed);
    imap_destroy(&w->timer_counts);
    vec_release(&w->timers);
    vec_release(&w->bundles);
    vec_release(&w->waiting);
    vec_release(&w->edited);
    for (size_t kind = 1; kind < ROW_KIND_MAX; kind++) {
        int64_t p;
        for (size_t at = 0; imap_next(w->tables[kind].rows, &at, NULL, &p);)
            slot_free(w, (enum row_kind)kind, (struct slot *)(uintptr_t)p);
        imap_destroy(&w->tables[kind].rows);
        imap_destroy(&w->tables[kind].gone);
        mem_free(w->tables[kind].recent);
        for (size_t i = 0; i < w->tables[kind].slabs.n; i++) mem_free(w->tables[kind].slabs.v[i]);
        vec_release(&w->tables[kind].slabs);
    }
}

void state_load(struct world *w, const struct row *r)
{
    struct slot *s = slot_make(w, r->kind, row_key(r->kind, r->v));
    memcpy(s->v, r->v, row_defs[r->kind].n_fields * sizeof s->v[0]);
    if (row_defs[r->kind].has_text) state_set_text(w, r->kind, row_key(r->kind, r->v), r->text);
    texts_index_row(w, r);
    if (r->kind == ROW_TIMER) timer_track(w, (struct timer *)s->v);
    if (r->kind == ROW_BUNDLE && ((const struct bundle *)s->v)->active != 0) w->active = s->v[0];
}

bool state_is_marked(const struct world *w, enum row_kind kind, struct ikey k)
{
    const struct slot *s = slot_find(w, kind, k);
    return s != NULL && w->fx->marks.n > 0 && s->stamp >> MARK_BITS == w->batch;
}

void state_forget(struct world *w, enum row_kind kind, struct ikey k)
{
    struct slot *s = slot_find(w, kind, k);
    if (s == NULL) return;
    imap_remove(w->tables[kind].rows, k);
    slot_free(w, kind, s);
}

static int by_id(const void *a, const void *b, void *ctx)
{
    (void)ctx;
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

/* Rows come from the store in any order; incidents list what they hold by id. */
static void index_lists(struct world *w, size_t list)
{
    struct incident *i;
    for (size_t at = 0; (i = state_next(w, ROW_INCIDENT, &at)) != NULL;) {
        id_list *l = (id_list *)((char *)incident_extra(w, i->id) + list);
        sort_stable(l->v, l->n, sizeof l->v[0], by_id, NULL);
    }
}

/* Hangs each row of a kind on its incident. */
static void index_children(struct world *w, enum row_kind kind, size_t field, size_t list)
{
    int64_t *v;
    for (size_t at = 0; (v = state_next(w, kind, &at)) != NULL;) {
        if (incident_get(w, v[field]) == NULL) continue;
        *vec_push((id_list *)((char *)incident_extra(w, v[field]) + list)) = v[0];
    }
    index_lists(w, list);
}

void state_index(struct world *w)
{
    const struct alert_kept *a;
    for (size_t at = 0; (a = alert_next(w, &at)) != NULL;)
        if (incident_get(w, a->incident) != NULL) *vec_push(&incident_extra(w, a->incident)->alerts) = a->id;
    index_lists(w, offsetof(struct incident_extra, alerts));
    index_children(w, ROW_PAGE, offsetof(struct page, incident) / 8, offsetof(struct incident_extra, pages));
    index_children(w, ROW_DELIVERY, offsetof(struct delivery, incident) / 8,
                   offsetof(struct incident_extra, deliveries));
}

const struct policy *state_active_policy(const struct world *w)
{
    static const struct policy empty = { 0 };
    for (size_t i = 0; i < w->bundles.n; i++)
        if (w->bundles.v[i].id == w->active) return w->bundles.v[i].policy;
    return &empty;
}

const struct routing *state_active_routing(const struct world *w)
{
    for (size_t i = 0; i < w->bundles.n; i++)
        if (w->bundles.v[i].id == w->active) return w->bundles.v[i].routing;
    return NULL;
}

const struct policy *state_policy(const struct world *w, incident_id id)
{
    const struct incident *inc = incident_get(w, id);
    const struct policy *p = state_active_policy(w);
    for (size_t i = 0; inc != NULL && i < w->bundles.n; i++)
        if (w->bundles.v[i].id == inc->bundle) p = w->bundles.v[i].policy;
    if (inc == NULL || p->n_views == 0) return p;
    return policy_for(p, symbol_text(w, inc->team), symbol_text(w, inc->service));
}
