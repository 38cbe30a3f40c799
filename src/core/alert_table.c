/* alert_table.c - cells in slabs, found by id and by labels, and the heap of their ends. */
#include "core/alert_table.h"

#include <string.h>

#include "base/check.h"
#include "base/places.h"
#include "core/alert_table_labels.h"

enum { SLAB = 256 };

struct alert_table {
    uint64_t hash_key;
    VEC(struct alert_cell *) slabs;
    uint32_t taken; /* cells of the slabs that were ever used */
    uint32_t freed; /* one given back + 1, linked by ends_place */
    size_t count;
    int64_t found_id; /* what was asked for last, and the answer: the rules ask a dozen times on end */
    uint32_t found;
    struct alert_cell *found_cell;
    struct places by_id, by_labels;
    VEC(struct alert_shared) shared; /* the first is all zero */
    VEC(uint32_t) next; /* of each: what the last alert that had it was given instead */
    struct places by_shared;
    VEC(uint32_t) ends; /* the heap: numbers of cells */
    struct label_names names;
};

struct alert_table *alert_table_create(uint64_t hash_key)
{
    struct alert_table *t = mem_alloc(sizeof *t);
    t->hash_key = hash_key;
    label_names_init(&t->names, hash_key);
    *vec_push(&t->shared) = (struct alert_shared){ 0 };
    *vec_push(&t->next) = 0;
    return t;
}

static struct alert_cell *cell(const struct alert_table *t, uint32_t n)
{
    return &t->slabs.v[n / SLAB][n % SLAB];
}

/* --- blocks --- */

static size_t changes_size(const struct alert_cell *c)
{
    return c->has_changes ? sizeof(struct alert_changes) : 0;
}

static const unsigned char *labels_in(const struct alert_cell *c)
{
    return c->block + changes_size(c);
}

static void give_block(struct alert_table *t, struct alert_cell *c)
{
    if (c->block == NULL) return;
    blocks_give(&t->names.blocks, c->block, changes_size(c) + labels_bytes(&t->names, labels_in(c)));
}

struct alert_changes alert_table_changes(const struct alert_cell *c)
{
    struct alert_changes changes = { 0 };
    if (c->has_changes) memcpy(&changes, c->block, sizeof changes);
    return changes;
}

void alert_table_put_changes(struct alert_table *t, struct alert_cell *c, struct alert_changes changes)
{
    CHECK(c->block != NULL);
    if (!c->has_changes) {
        const size_t n = labels_bytes(&t->names, c->block);
        unsigned char *block = blocks_take(&t->names.blocks, sizeof changes + n);
        memcpy(block + sizeof changes, c->block, n);
        give_block(t, c);
        c->block = block;
        c->has_changes = 1;
    }
    memcpy(c->block, &changes, sizeof changes);
}

/* --- life --- */

void alert_table_destroy(struct alert_table **t)
{
    if (*t == NULL) return;
    for (uint32_t n = 0; n < (*t)->taken; n++) give_block(*t, cell(*t, n));
    for (size_t i = 0; i < (*t)->slabs.n; i++) mem_free((*t)->slabs.v[i]);
    vec_release(&(*t)->slabs);
    vec_release(&(*t)->ends);
    places_release(&(*t)->by_id);
    places_release(&(*t)->by_labels);
    places_release(&(*t)->by_shared);
    vec_release(&(*t)->shared);
    vec_release(&(*t)->next);
    label_names_release(&(*t)->names);
    mem_free(*t);
    *t = NULL;
}

/* --- finding --- */

/* Ids are counters: as they are, those that stay long would lie in one run, and each new one that comes round to it
 * would walk along it. */
static uint32_t id_tag(int64_t id)
{
    return (uint32_t)((uint64_t)id * UINT64_C(0x9e3779b97f4a7c15) >> 32);
}

/* Labels are the senders': a key keeps them from choosing where they fall. */
static uint32_t labels_tag(const struct alert_table *t, uint64_t fingerprint)
{
    uint64_t x = (fingerprint ^ t->hash_key) * UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)((x ^ x >> 29) * UINT64_C(0xd6e8feb86659fd93) >> 32);
}

static struct alert_cell *found(struct alert_table *t, int64_t id, uint32_t n)
{
    t->found_id = id;
    t->found = n;
    return t->found_cell = cell(t, n);
}

static struct alert_cell *search(struct alert_table *t, int64_t id)
{
    uint32_t n;
    for (size_t probe = 0; places_next(&t->by_id, id_tag(id), &probe, &n);)
        if (cell(t, n)->row.id == id) return found(t, id, n);
    return NULL;
}

struct alert_cell *alert_table_find(struct alert_table *t, int64_t id)
{
    return id == t->found_id ? t->found_cell : search(t, id);
}

static uint32_t number_of(struct alert_table *t, const struct alert_cell *c)
{
    const bool there = alert_table_find(t, c->row.id) == c;
    CHECK(there);
    return t->found;
}

size_t alert_table_count(const struct alert_table *t)
{
    return t->count;
}

struct alert_cell *alert_table_named(struct alert_table *t, uint64_t fingerprint, struct slice labels_text)
{
    const struct alert_cell *newest = NULL;
    uint32_t n, at = 0;
    for (size_t probe = 0; places_next(&t->by_labels, labels_tag(t, fingerprint), &probe, &n);) {
        const struct alert_cell *c = cell(t, n);
        if (!labels_are(&t->names, labels_in(c), labels_text)) continue;
        if (newest != NULL && newest->row.id > c->row.id) continue;
        newest = c;
        at = n;
    }
    return newest == NULL ? NULL : found(t, newest->row.id, at);
}

void alert_table_expect(const struct alert_table *t, uint64_t fingerprint, int64_t id)
{
    places_expect(&t->by_labels, labels_tag(t, fingerprint));
    places_expect(&t->by_id, id_tag(id));
}

struct alert_cell *alert_table_next(const struct alert_table *t, size_t *at)
{
    while (*at < t->taken) {
        struct alert_cell *c = cell(t, (uint32_t)(*at)++);
        if (c->row.id != 0) return c;
    }
    return NULL;
}

/* --- coming and going --- */

static uint32_t take_cell(struct alert_table *t)
{
    uint32_t n = t->freed;
    if (n != 0) {
        t->freed = cell(t, n - 1)->ends_place;
        memset(cell(t, n - 1), 0, sizeof(struct alert_cell));
        return n - 1;
    }
    CHECK(t->taken < UINT32_MAX - 1);
    if (t->taken % SLAB == 0) *vec_push(&t->slabs) = mem_alloc(SLAB * sizeof(struct alert_cell));
    return t->taken++;
}

struct alert_cell *alert_table_add(struct alert_table *t, int64_t id)
{
    CHECK(id > 0 && id < INT64_C(1) << 39 && alert_table_find(t, id) == NULL);
    const uint32_t n = take_cell(t);
    struct alert_cell *c = found(t, id, n);
    c->row.id = id;
    places_add(&t->by_id, id_tag(id), n);
    t->count++;
    return c;
}

void alert_table_name(struct alert_table *t, struct alert_cell *c, uint64_t fingerprint, struct slice labels_text)
{
    const uint32_t n = number_of(t, c);
    CHECK(c->block == NULL);
    c->block = labels_packed(&t->names, labels_text);
    places_add(&t->by_labels, labels_tag(t, fingerprint), n);
}

static uint64_t fingerprint(const struct alert_table *t, const struct alert_cell *c)
{
    struct label l[LABELS_MAX];
    size_t n = labels_unpacked(&t->names, labels_in(c), l);
    uint64_t h = FNV1A64_START;
    for (size_t i = 0; i < n; i++) {
        h = fnv1a64(fnv1a64(h, l[i].name), S("\xff"));
        h = fnv1a64(fnv1a64(h, l[i].value), S("\xff"));
    }
    return h;
}

void alert_table_remove(struct alert_table *t, struct alert_cell *c)
{
    const uint32_t n = number_of(t, c);
    alert_table_end_never(t, c);
    if (c->block != NULL) places_remove(&t->by_labels, labels_tag(t, fingerprint(t, c)), n);
    places_remove(&t->by_id, id_tag(c->row.id), n);
    t->found_id = 0;
    t->found_cell = NULL;
    give_block(t, c);
    memset(c, 0, sizeof *c);
    c->ends_place = t->freed;
    t->freed = n + 1;
    t->count--;
}

/* --- labels --- */

size_t alert_table_labels(const struct alert_table *t, const struct alert_cell *c, struct label out[LABELS_MAX])
{
    return c->block == NULL ? 0 : labels_unpacked(&t->names, labels_in(c), out);
}

static size_t text_size(const struct label *l, size_t n)
{
    size_t size = 0;
    for (size_t i = 0; i < n; i++) size += l[i].name.n + l[i].value.n + 2;
    return size;
}

static char *put_part(char *to, struct slice part)
{
    if (part.n > 0) memcpy(to, part.p, part.n);
    to[part.n] = '\xff';
    return to + part.n + 1;
}

void alert_table_labels_text(const struct alert_table *t, const struct alert_cell *c, struct buf *out)
{
    struct label l[LABELS_MAX];
    const size_t n = alert_table_labels(t, c, l);
    char *to = buf_room(out, text_size(l, n));
    for (size_t i = 0; to != NULL && i < n; i++) to = put_part(put_part(to, l[i].name), l[i].value);
}

size_t alert_table_labels_size(const struct alert_table *t, const struct alert_cell *c)
{
    struct label l[LABELS_MAX];
    return text_size(l, alert_table_labels(t, c, l));
}

/* --- what they share --- */

const struct alert_shared *alert_table_shared(const struct alert_table *t, const struct alert_kept *k)
{
    return &t->shared.v[k->shared];
}

static bool is_shared(const struct alert_table *t, uint64_t n, const struct alert_shared *shared)
{
    return memcmp(&t->shared.v[n], shared, sizeof *shared) == 0;
}

static uint32_t shared_number(struct alert_table *t, const struct alert_shared *shared)
{
    const struct slice bytes = { (const char *)shared, sizeof *shared };
    const uint32_t tag = labels_tag(t, hash_bytes(t->hash_key, bytes));
    uint32_t n;
    for (size_t probe = 0; places_next(&t->by_shared, tag, &probe, &n);)
        if (is_shared(t, n, shared)) return n;
    CHECK(t->shared.n < UINT32_MAX);
    n = (uint32_t)t->shared.n;
    *vec_push(&t->shared) = *shared;
    *vec_push(&t->next) = 0;
    places_add(&t->by_shared, tag, n);
    return n;
}

/* New alerts take the same way: from nothing to a name and a sender, and on to what they are judged to be. */
void alert_table_share(struct alert_table *t, struct alert_kept *k, const struct alert_shared *shared)
{
    if (is_shared(t, k->shared, shared)) return;
    uint32_t n = t->next.v[k->shared];
    if (!is_shared(t, n, shared)) n = shared_number(t, shared);
    t->next.v[k->shared] = n;
    k->shared = n;
}

/* --- the heap of ends --- */

static bool ends_before(const struct alert_cell *a, const struct alert_cell *b)
{
    return a->ends_at != b->ends_at ? a->ends_at < b->ends_at : a->row.id < b->row.id;
}

static void place(struct alert_table *t, size_t i, uint32_t n)
{
    t->ends.v[i] = n;
    cell(t, n)->ends_place = (uint32_t)i + 1;
}

static void sift_up(struct alert_table *t, size_t i)
{
    const uint32_t n = t->ends.v[i];
    for (; i > 0 && ends_before(cell(t, n), cell(t, t->ends.v[(i - 1) / 2])); i = (i - 1) / 2)
        place(t, i, t->ends.v[(i - 1) / 2]);
    place(t, i, n);
}

static void sift_down(struct alert_table *t, size_t i)
{
    const uint32_t n = t->ends.v[i];
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= t->ends.n) break;
        if (child + 1 < t->ends.n && ends_before(cell(t, t->ends.v[child + 1]), cell(t, t->ends.v[child]))) child++;
        if (!ends_before(cell(t, t->ends.v[child]), cell(t, n))) break;
        place(t, i, t->ends.v[child]);
        i = child;
    }
    place(t, i, n);
}

bool alert_table_end_never(struct alert_table *t, struct alert_cell *c)
{
    if (c->ends_place == 0) return false;
    const size_t i = c->ends_place - 1;
    const uint32_t last = t->ends.v[--t->ends.n];
    c->ends_place = 0;
    if (i == t->ends.n) return true;
    place(t, i, last);
    sift_up(t, i);
    sift_down(t, cell(t, last)->ends_place - 1);
    return true;
}

void alert_table_end_at(struct alert_table *t, struct alert_cell *c, int64_t at)
{
    const uint32_t n = number_of(t, c);
    CHECK(at >= -(INT64_C(1) << 50) && at < INT64_C(1) << 50);
    alert_table_end_never(t, c);
    c->ends_at = at;
    *vec_push(&t->ends) = n;
    sift_up(t, t->ends.n - 1);
}

const struct alert_cell *alert_table_first_end(const struct alert_table *t)
{
    return t->ends.n == 0 ? NULL : cell(t, t->ends.v[0]);
}

/* --- rows --- */

#define ROW(name, flags, what) .name = c->row.name,
#define LIVE(name, flags, what) .name = c->live.name,
#define CHANGE(name, flags, what) .name = changes.name,
#define SHARED(name, flags, what) .name = shared->name,
struct alert alert_table_row(const struct alert_table *t, const struct alert_cell *c)
{
    const struct alert_changes changes = alert_table_changes(c);
    const struct alert_shared *shared = alert_table_shared(t, &c->row);
    return (struct alert){ .id = c->row.id,
                           ALERT_SHARED(SHARED) ALERT_VALUES(ROW) ALERT_CHANGES(CHANGE) ALERT_LIVE_VALUES(LIVE) };
}
#undef SHARED
#undef ROW
#undef LIVE
#undef CHANGE

#define F(name, flags, what) .name = k->name,
struct alert_live live_unpacked(const struct live_kept *k, int64_t id)
{
    return (struct alert_live){ .id = id, ALERT_LIVE_VALUES(F) };
}
#undef F

#define F(name, flags, what) k->name = row->name;
#define SAME(name, flags, what) &&k->name == row->name
#define SHARED(name, flags, what) .name = row->name,
bool alert_table_pack(struct alert_table *t, struct alert_kept *k, const struct alert *row)
{
    alert_table_share(t, k, &(struct alert_shared){ ALERT_SHARED(SHARED) });
    k->id = row->id;
    ALERT_VALUES(F)
    return k->id == row->id ALERT_VALUES(SAME);
}

bool live_pack(struct live_kept *k, const struct alert_live *row)
{
    ALERT_LIVE_VALUES(F)
    return true ALERT_LIVE_VALUES(SAME);
}
#undef SHARED
#undef SAME
#undef F
