/* map.c - insertion-ordered hash maps: a dense array of entries in order, and an open-addressed index into it.
 *
 * Removing leaves a hole in the array (its value is HOLE); holes are squeezed out when the index is built anew, which
 * keeps the order. Beside the index stands a byte a slot: EMPTY, GONE (removed, and something stands behind it), or seven
 * bits of the hash, so that a look for what is not there touches neither index nor entries. Eight tags are looked at as
 * one word. An entry is three words: maps of a hundred thousand are the rule here. smap keeps a hash in the key and its
 * bytes in a second array beside. */
#include "base/map.h"

#include <string.h>

#include "base/check.h"
#include "base/vec.h"

#define EMPTY 0
#define GONE 1
#define GROUP 8 /* tags looked at as one; the first so many stand behind the last once more */
#define EACH_BYTE UINT64_C(0x0101010101010101)
#define ABSENT SIZE_MAX
#define HOLE INT64_MIN /* never a value: callers keep ids, counts and addresses */

struct entry {
    struct ikey k; /* smap keeps its hash in k.a, the length in k.b */
    int64_t value;
};

struct table {
    uint64_t hash_key;
    VEC(struct entry) entries;
    VEC(struct slice) bytes; /* smap only: owned; beside entries */
    bool has_bytes;
    size_t live;
    uint32_t *index; /* entry number, where the tag is neither EMPTY nor GONE */
    uint8_t *tags; /* in the index's allocation */
    size_t size; /* of the index: a power of two */
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
    return mix(((uint64_t)k.a ^ t->hash_key) + (uint64_t)k.b * UINT64_C(0x9e3779b97f4a7c15));
}

static uint8_t tag_of(uint64_t hash)
{
    return (uint8_t)(hash >> 56 | 0x80);
}

/* The tags of eight slots from this one on, the first in the lowest byte. */
static uint64_t group_at(const struct table *t, size_t slot)
{
    uint64_t g;
    memcpy(&g, t->tags + slot, sizeof g);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    g = __builtin_bswap64(g);
#endif
    return g;
}

/* The high bit of each byte that is zero, exact up to the first of them; behind it also of bytes that are 1. */
static uint64_t zero_bytes(uint64_t g)
{
    return (g - EACH_BYTE) & ~g & EACH_BYTE << 7;
}

static size_t first_of(uint64_t bytes)
{
    return (size_t)__builtin_ctzll(bytes) / 8;
}

static void tag_set(struct table *t, size_t slot, uint8_t tag)
{
    t->tags[slot] = tag;
    if (slot < GROUP) t->tags[t->size + slot] = tag;
}

static bool entry_matches(const struct table *t, size_t i, struct ikey k, const struct slice *bytes)
{
    const struct entry *e = &t->entries.v[i];
    if (e->value == HOLE || e->k.a != k.a || e->k.b != k.b) return false;
    return bytes == NULL || slice_eq(t->bytes.v[i], *bytes);
}

/* The index slot that holds the key, or ABSENT. A byte that is taken for the tag and is not is another's (GONE and EMPTY
 * differ from every tag in their high bit), and what it leads to another key. */
static inline size_t find_slot(const struct table *t, uint64_t hash, struct ikey k, const struct slice *bytes)
{
    if (t->size == 0) return ABSENT;
    const uint64_t tags = EACH_BYTE * tag_of(hash);
    for (size_t at = (size_t)hash & (t->size - 1);; at = (at + GROUP) & (t->size - 1)) {
        const uint64_t g = group_at(t, at);
        for (uint64_t like = zero_bytes(g ^ tags); like != 0; like &= like - 1) {
            const size_t slot = (at + first_of(like)) & (t->size - 1);
            if (entry_matches(t, t->index[slot], k, bytes)) return slot;
        }
        if (zero_bytes(g) != 0) return ABSENT;
    }
}

static void index_add(struct table *t, size_t entry, uint64_t hash)
{
    size_t at = (size_t)hash & (t->size - 1);
    uint64_t empty;
    while ((empty = zero_bytes(group_at(t, at))) == 0) at = (at + GROUP) & (t->size - 1);
    at = (at + first_of(empty)) & (t->size - 1);
    t->index[at] = (uint32_t)entry;
    tag_set(t, at, tag_of(hash));
}

/* A slot before an empty one is empty again: what comes and goes leaves nothing to step over. */
static void index_remove(struct table *t, size_t slot)
{
    const size_t mask = t->size - 1;
    tag_set(t, slot, GONE);
    if (t->tags[(slot + 1) & mask] != EMPTY) return;
    for (; t->tags[slot] == GONE; slot = (slot - 1) & mask) tag_set(t, slot, EMPTY);
}

static void squeeze(struct table *t)
{
    size_t n = 0;
    for (size_t i = 0; i < t->entries.n; i++) {
        if (t->entries.v[i].value == HOLE) continue;
        if (t->has_bytes) t->bytes.v[n] = t->bytes.v[i];
        t->entries.v[n++] = t->entries.v[i];
    }
    t->entries.n = n;
    if (t->has_bytes) t->bytes.n = n;
}

/* Squeezes out the holes and builds an index with room for as many again. */
static void rebuild(struct table *t)
{
    size_t size = 16;
    squeeze(t);
    while (size * 3 < (t->entries.n + 1) * 8) size *= 2;
    mem_free(t->index);
    t->index = mem_alloc(size * (sizeof *t->index + sizeof *t->tags) + GROUP);
    t->tags = (uint8_t *)(t->index + size);
    t->size = size;
    for (size_t i = 0; i < t->entries.n; i++) index_add(t, i, key_hash(t, t->entries.v[i].k));
}

static inline int64_t *table_find(const struct table *t, uint64_t hash, struct ikey k, const struct slice *bytes)
{
    size_t slot = find_slot(t, hash, k, bytes);
    return slot == ABSENT ? NULL : &t->entries.v[t->index[slot]].value;
}

static void table_insert(struct table *t, uint64_t hash, struct ikey k, int64_t value)
{
    CHECK(t->entries.n < UINT32_MAX && value != HOLE);
    if ((t->entries.n + 1) * 4 > t->size * 3) rebuild(t);
    *vec_push(&t->entries) = (struct entry){ k, value };
    t->live++;
    index_add(t, t->entries.n - 1, hash);
}

static bool table_remove(struct table *t, struct ikey k, const struct slice *bytes)
{
    size_t slot = find_slot(t, key_hash(t, k), k, bytes);
    if (slot == ABSENT) return false;
    size_t i = t->index[slot];
    index_remove(t, slot);
    t->entries.v[i].value = HOLE;
    if (t->has_bytes) {
        mem_free((void *)(uintptr_t)t->bytes.v[i].p);
        t->bytes.v[i] = (struct slice){ 0 };
    }
    t->live--;
    return true;
}

/* The next entry that is no hole; its number is *at - 1 afterwards. */
static const struct entry *table_next(const struct table *t, size_t *at)
{
    while (*at < t->entries.n) {
        const struct entry *e = &t->entries.v[(*at)++];
        if (e->value != HOLE) return e;
    }
    return NULL;
}

static void table_release(struct table *t)
{
    for (size_t i = 0; i < t->bytes.n; i++) mem_free((void *)(uintptr_t)t->bytes.v[i].p);
    vec_release(&t->bytes);
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

void imap_clear(struct imap *m)
{
    if (m->t.entries.n > 0) memset(m->t.tags, EMPTY, m->t.size + GROUP);
    vec_clear(&m->t.entries);
    m->t.live = 0;
}

size_t imap_count(const struct imap *m)
{
    return m->t.live;
}

bool imap_get(const struct imap *m, struct ikey k, int64_t *value)
{
    const int64_t *v = table_find(&m->t, key_hash(&m->t, k), k, NULL);
    if (v != NULL && value != NULL) *value = *v;
    return v != NULL;
}

void imap_put(struct imap *m, struct ikey k, int64_t value)
{
    const uint64_t hash = key_hash(&m->t, k);
    int64_t *v = table_find(&m->t, hash, k, NULL);
    CHECK(value != HOLE);
    if (v != NULL)
        *v = value;
    else
        table_insert(&m->t, hash, k, value);
}

int64_t imap_add(struct imap *m, struct ikey k, int64_t by)
{
    const uint64_t hash = key_hash(&m->t, k);
    int64_t *v = table_find(&m->t, hash, k, NULL);
    const int64_t sum = v == NULL ? by : *v + by;
    CHECK(sum != HOLE);
    if (v == NULL)
        table_insert(&m->t, hash, k, sum);
    else
        *v = sum;
    return sum;
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
    m->t.has_bytes = true;
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
    return (struct ikey){ (int64_t)hash_bytes(m->t.hash_key, k), (int64_t)k.n };
}

bool smap_get(const struct smap *m, struct slice k, int64_t *value)
{
    const struct ikey key = bytes_key(m, k);
    const int64_t *v = table_find(&m->t, key_hash(&m->t, key), key, &k);
    if (v != NULL && value != NULL) *value = *v;
    return v != NULL;
}

void smap_put(struct smap *m, struct slice k, int64_t value)
{
    const struct ikey key = bytes_key(m, k);
    const uint64_t hash = key_hash(&m->t, key);
    int64_t *v = table_find(&m->t, hash, key, &k);
    CHECK(value != HOLE);
    if (v != NULL) {
        *v = value;
        return;
    }
    char *copy = mem_alloc(k.n + 1);
    if (k.n > 0) memcpy(copy, k.p, k.n);
    table_insert(&m->t, hash, key, value);
    *vec_push(&m->t.bytes) = (struct slice){ copy, k.n };
}

bool smap_remove(struct smap *m, struct slice k)
{
    return table_remove(&m->t, bytes_key(m, k), &k);
}

bool smap_next(const struct smap *m, size_t *at, struct slice *k, int64_t *value)
{
    const struct entry *e = table_next(&m->t, at);
    if (e == NULL) return false;
    if (k != NULL) *k = m->t.bytes.v[*at - 1];
    if (value != NULL) *value = e->value;
    return true;
}
