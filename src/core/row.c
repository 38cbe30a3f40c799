/* row.c - the field lists of row.h as tables. */
#include "core/row.h"

#include "base/check.h"

#define F(name, flags, what) { #name, flags, what },
#define X(sym, name, number, text) static const struct field_def name##_fields[] = { sym##_FIELDS(F) };
ROW_KINDS(X)
#undef X
#undef F

#define F(name, flags, what) +(((flags)&ROW_KEY) != 0)
#define X(sym, name, number, text) \
    [ROW_##sym] = { #name, name##_fields, COUNT_OF(name##_fields), 0 sym##_FIELDS(F), text },
const struct row_def row_defs[ROW_KIND_MAX] = { ROW_KINDS(X) };
#undef X
#undef F

struct ikey row_key(enum row_kind kind, const int64_t *v)
{
    const struct row_def *def = &row_defs[kind];
    CHECK(def->table != NULL && def->n_keys >= 1 && def->n_keys <= 4);
    if (def->n_keys == 1) return (struct ikey){ v[0], 0 };
    if (def->n_keys == 2) return (struct ikey){ v[0], v[1] };
    int64_t b = 0; /* the further keys are small enumerations and indexes */
    for (size_t i = 1; i < def->n_keys; i++) {
        CHECK(v[i] >= 0 && v[i] < (INT64_C(1) << 20));
        b = (b << 20) | v[i];
    }
    return (struct ikey){ v[0], b };
}

static uint64_t hash_int(uint64_t h, int64_t v)
{
    h ^= (uint64_t)v;
    h *= UINT64_C(0x9e3779b97f4a7c15);
    return h ^ (h >> 29);
}

uint64_t row_hash(uint64_t h, const struct row *r)
{
    h = hash_int(h, r->kind);
    for (size_t i = 0; i < row_defs[r->kind].n_fields; i++) h = hash_int(h, r->v[i]);
    return hash_int(h, (int64_t)fnv1a64(FNV1A64_START, r->text));
}

#define F(name, flags, what) .name = row->name,
struct alert_live alert_first_live(const struct alert *row)
{
    return (struct alert_live){ .id = row->id, ALERT_LIVE_VALUES(F) };
}
#undef F
