/* map.c - insertion-ordered hash maps: a dense array of entries in order, and an open-addressed index into it.
 *
 * Removing leaves a hole in the array (live = false); holes are squeezed out when they are half of it, which keeps
 * the order. The index stores entry number + 1; 0 is empty, TOMBSTONE was removed. */
#include "base/map.h"

#include <string.h>

#include "base/check.h"
#include "base/vec.h"

#define TOMBSTONE UINT32_MAX
#define ABSENT SIZE_MAX

struct entry {
    struct ikey k; /* smap keeps its hash in k.a */
    struct slice bytes; /* smap only: owned */
    int64_t value;
    bool live;
};

struct table {
    uint64_t hash_key;
    VEC(struct entry) entries;
    size_t live;
    uint32_t *index;
    size_t size, used; /* of the index: a power of two, and slots that are not empty */
};

struct imap {
    struct table t;
};
struct smap {
    struct table t;
};

static uint64_t mix(uint64_t x)
{
    x ^= x >> 32;
    x *= UINT64_C(0xd6e8feb86659fd93);
    x ^= x >> 32;
    x *= UINT64_C(0xd6e8feb86659fd93);
    return x ^ (x >> 32);
}

static uint64_t key_hash(const struct table *t, struct ikey k)
{
    return mix(mix((uint64_t)k.a ^ t->hash_key) + (uint64_t)k.b);
}

static bool entry_matches(const struct entry *e, struct ikey k, const struct slice *bytes)
{
    if (!e->live || e->k.a != k.a || e->k.b != k.b) return false;
    return bytes == NULL || slice_eq(e->bytes, *bytes);
}

/* The index slot that holds the key, or ABSENT. */
static size_t find_slot(const struct table *t, struct ikey k, const struct slice *bytes)
{
    if (t->size == 0) return ABSENT;
    for (size_t i = (size_t)key_hash(t, k);; i++) {
        size_t slot = i & (t->size - 1);
        if (t->index[slot] == 0) return ABSENT;
        if (t->index[slot] != TOMBSTONE && entry_matches(&t->entries.v[t->index[slot] - 1], k, bytes)) return slot;
    }
}

static void index_add(struct table *t, size_t entry)
{
    size_t i = (size_t)key_hash(t, t->entries.v[entry].k);
    while (t->index[i & (t->size - 1)] != 0) i++;
    t->index[i & (t->size - 1)] = (uint32_t)entry + 1;
    t->used++;
}

/* Squeezes out the holes and builds an index with room for as many again. */
static void rebuild(struct table *t)
{
    size_t n = 0, size = 16;
    for (size_t i = 0; i < t->entries.n; i++)
        if (t->entries.v[i].live) t->entries.v[n++] = t->entries.v[i];
    t->entries.n = n;
    while (size < (n + 1) * 3) size *= 2;
    mem_free(t->index);
    t->index = mem_alloc(size * sizeof *t->index);
    t->size = size;
    t->used = 0;
    for (size_t i = 0; i < n; i++) index_add(t, i);
}

static int64_t *table_find(const struct table *t, struct ikey k, const struct slice *bytes)
{
    size_t slot = find_slot(t, k, bytes);
    return slot == ABSENT ? NULL : &t->entries.v[t->index[slot] - 1].value;
}

static struct entry *table_insert(struct table *t, struct ikey k, int64_t value)
{
    CHECK(t->entries.n < TOMBSTONE - 1);
    if ((t->used + 1) * 4 > t->size * 3) rebuild(t);
    struct entry *e = vec_push(&t->entries);
    *e = (struct entry){ .k = k, .value = value, .live = true };
    t->live++;
    index_add(t, t->entries.n - 1);
    return e;
}

static bool table_remove(struct table *t, struct ikey k, const struct slice *bytes)
{
    size_t slot = find_slot(t, k, bytes);
    if (slot == ABSENT) return false;
    struct entry *e = &t->entries.v[t->index[slot] - 1];
    t->index[slot] = TOMBSTONE;
    mem_free((void *)(uintptr_t)e->bytes.p);
    *e = (struct entry){ .live = false };
    t->live--;
    return true;
}

static const struct entry *table_next(const struct table *t, size_t *at)
{
    while (*at < t->entries.n) {
        const struct entry *e = &t->entries.v[(*at)++];
        if (e->live) return e;
    }
    return NULL;
}

static void table_release(struct table *t)
{
    for (size_t i = 0; i < t->entries.n; i++) mem_free((void *)(uintptr_t)t->entries.v[i].bytes.p);
    vec_release(&t->entries);
    mem_free(t->index);
}

struct imap *imap_create(uint64_t hash_key)
{
    struct imap *m = mem_alloc(sizeof *m);
    m->t.hash_key = hash_key;
    return m;
}

void imap_destroy(struct imap **m)
{
    if (*m == NULL) return;
    table_release(&(*m)->t);
    mem_free(*m);
    *m = NULL;
}

size_t imap_count(const struct imap *m)
{
    return m->t.live;
}

bool imap_get(const struct imap *m, struct ikey k, int64_t *value)
{
    const int64_t *v = table_find(&m->t, k, NULL);
    if (v != NULL && value != NULL) *value = *v;
    return v != NULL;
}

void imap_put(struct imap *m, struct ikey k, int64_t value)
{
    int64_t *v = table_find(&m->t, k, NULL);
    if (v != NULL)
        *v = value;
    else
        table_insert(&m->t, k, value);
}

bool imap_remove(struct imap *m, struct ikey k)
{
    return table_remove(&m->t, k, NULL);
}

bool imap_next(const struct imap *m, size_t *at, struct ikey *k, int64_t *value)
{
    const struct entry *e = table_next(&m->t, at);
    if (e == NULL) return false;
    if (k != NULL) *k = e->k;
    if (value != NULL) *value = e->value;
    return true;
}

struct smap *smap_create(uint64_t hash_key)
{
    struct smap *m = mem_alloc(sizeof *m);
    m->t.hash_key = hash_key;
    return m;
}

void smap_destroy(struct smap **m)
{
    if (*m == NULL) return;
    table_release(&(*m)->t);
    mem_free(*m);
    *m = NULL;
}

size_t smap_count(const struct smap *m)
{
    return m->t.live;
}

static struct ikey bytes_key(const struct smap *m, struct slice k)
{
    return (struct ikey){ (int64_t)fnv1a64(FNV1A64_START ^ m->t.hash_key, k), (int64_t)k.n };
}

bool smap_get(const struct smap *m, struct slice k, int64_t *value)
{
    const int64_t *v = table_find(&m->t, bytes_key(m, k), &k);
    if (v != NULL && value != NULL) *value = *v;
    return v != NULL;
}

void smap_put(struct smap *m, struct slice k, int64_t value)
{
    int64_t *v = table_find(&m->t, bytes_key(m, k), &k);
    if (v != NULL) {
        *v = value;
        return;
    }
    char *copy = mem_alloc(k.n + 1);
    if (k.n > 0) memcpy(copy, k.p, k.n);
    table_insert(&m->t, bytes_key(m, k), value)->bytes = (struct slice){ copy, k.n };
}

bool smap_remove(struct smap *m, struct slice k)
{
    return table_remove(&m->t, bytes_key(m, k), &k);
}

bool smap_next(const struct smap *m, size_t *at, struct slice *k, int64_t *value)
{
    const struct entry *e = table_next(&m->t, at);
    if (e == NULL) return false;
    if (k != NULL) *k = e->bytes;
    if (value != NULL) *value = e->value;
    return true;
}
