/* bundle.c - framing and counting bundles. What they compile to is bundle_compile.c. */
#include "engine/bundle.h"

#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/digest.h"
#include "base/vec.h"
#include "engine/bundle_inner.h"

#define FIRST_LINE "tocsin bundle 1\n"

/* --- framing -------------------------------------------------------------------------------------------------------- */

static const struct {
    struct slice name;
    enum bundle_kind kind;
} kinds[] = {
#define X(sym, code, text) { { text, sizeof(text) - 1 }, BUNDLE_##sym },
    BUNDLE_KINDS(X)
#undef X
};

struct slice bundle_kind_name(enum bundle_kind kind)
{
    CHECK(kind >= 1 && (size_t)kind <= COUNT_OF(kinds));
    return kinds[kind - 1].name;
}

static enum bundle_kind kind_named(struct slice name)
{
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (slice_eq(kinds[i].name, name)) return kinds[i].kind;
    return BUNDLE_UNSET;
}

void bundle_add_file(struct buf *out, const struct bundle_file *f)
{
    CHECK(slice_find_char(f->name, '\n') == f->name.n);
    if (out->len == 0) buf_add(out, S(FIRST_LINE));
    buf_add(out, bundle_kind_name(f->kind));
    buf_add_char(out, ' ');
    buf_add_int(out, (int64_t)f->bytes.n);
    buf_add_char(out, ' ');
    buf_add(out, f->name);
    buf_add_char(out, '\n');
    buf_add(out, f->bytes);
    buf_add_char(out, '\n');
}

/* One `KIND LENGTH NAME` line and what it announces, cut off *rest. */
static bool cut_file(struct slice *rest, struct bundle_file *f)
{
    struct slice line = slice_cut(rest, '\n');
    int64_t n;
    f->kind = kind_named(slice_cut(&line, ' '));
    if (f->kind == BUNDLE_UNSET || !slice_cut_uint(&line, &n) || !slice_cut_prefix(&line, S(" "))) return false;
    if ((uint64_t)n >= rest->n || rest->p[n] != '\n') return false;
    f->name = line;
    f->bytes = slice_upto(*rest, (size_t)n);
    *rest = slice_from(*rest, (size_t)n + 1);
    return true;
}

int bundle_files(struct slice bytes, struct bundle_file *out, size_t max, struct error *e)
{
    if (!slice_cut_prefix(&bytes, S(FIRST_LINE))) return fail(e, ERR_SYNTAX, "these bytes are no bundle of version 1");
    size_t n = 0;
    while (bytes.n > 0) {
        if (n == max) return fail(e, ERR_SYNTAX, "the bundle holds more than %zu files", max);
        if (!cut_file(&bytes, &out[n++])) return fail(e, ERR_SYNTAX, "file %zu of the bundle is cut off or damaged", n);
    }
    return (int)n;
}

int64_t bundle_hash(struct slice bytes)
{
    uint8_t digest[DIGEST_BLAKE2B_MIN];
    int64_t hash;
    digest_blake2b((struct slice){ 0 }, bytes, digest, sizeof digest);
    memcpy(&hash, digest, sizeof hash);
    return hash;
}

/* --- counting ------------------------------------------------------------------------------------------------------- */

struct live_bundle *bundle_make(struct slice bytes)
{
    struct live_bundle *b = mem_alloc(sizeof *b);
    atomic_init(&b->references, 1);
    b->bytes.max = BUNDLE_MAX_BYTES;
    buf_add(&b->bytes, bytes);
    b->arena = arena_create(BUNDLE_ARENA);
    b->routing = &b->own_routing;
    return b;
}

struct live_bundle *bundle_of_parts(const struct policy *policy, const struct routing *routing, struct slice bytes)
{
    struct live_bundle *b = bundle_make(bytes);
    b->name = policy->title;
    b->policy = policy;
    b->routing = routing;
    return b;
}

struct live_bundle *bundle_take(struct live_bundle *b)
{
    atomic_fetch_add(&b->references, 1);
    return b;
}

void bundle_release(struct live_bundle **bp)
{
    struct live_bundle *b = *bp;
    *bp = NULL;
    if (b == NULL || atomic_fetch_sub(&b->references, 1) > 1) return;
    if (b->drop != NULL) b->drop(b);
    arena_destroy(&b->arena);
    buf_release(&b->bytes);
    mem_free(b);
}

const struct policy *bundle_policy_of(const struct live_bundle *b)
{
    return b->policy;
}

const struct routing *bundle_routing_of(const struct live_bundle *b)
{
    return b->routing;
}

struct slice bundle_bytes(const struct live_bundle *b)
{
    return buf_slice(&b->bytes);
}

struct slice bundle_name(const struct live_bundle *b)
{
    return b->name;
}

bundle_id bundle_id_of(const struct live_bundle *b)
{
    return atomic_load(&b->id);
}

void bundle_set_id(struct live_bundle *b, bundle_id id)
{
    atomic_store(&b->id, id);
}
