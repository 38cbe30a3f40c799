/* store_kit.c - stores for the contract tests. */
#include "contract/store_kit.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/vec.h"

void kit_must(int rc, const struct error *e, const char *call, const char *file, int line)
{
    if (rc == 0) return;
    print_error("%s: %d %s\n", call, rc, e->detail);
    _fail(file, line);
}

void kit_open_memory(struct kit *k)
{
    struct error e = { 0 };
    *k = (struct kit){ .where = "memory:" };
    MUST(store_open(k->where, &k->store, &e), e);
}

struct buf kit_folder(const char *name)
{
    const char *tmp = getenv("TMPDIR");
    struct buf dir = { 0 };
    buf_addf(&dir, "%s/tocsin-%s-XXXXXX", tmp == NULL ? "/tmp" : tmp, name);
    buf_str(&dir);
    assert_non_null(mkdtemp(dir.p));
    return dir;
}

void kit_open_sqlite(struct kit *k)
{
    struct error e = { 0 };
    *k = (struct kit){ .durable = true, .dir = kit_folder("store") };
    buf_addf(&k->path, "%s/tocsin.db", buf_str(&k->dir));
    k->where = buf_str(&k->path);
    MUST(store_open(k->where, &k->store, &e), e);
}

static void remove_directory(const char *dir)
{
    struct buf path = { 0 };
    DIR *d = opendir(dir);
    struct dirent *f;
    while (d != NULL && (f = readdir(d)) != NULL) {
        buf_reset(&path);
        buf_addf(&path, "%s/%s", dir, f->d_name);
        unlink(buf_str(&path));
    }
    if (d != NULL) closedir(d);
    rmdir(dir);
    buf_release(&path);
}

void kit_close(struct kit *k)
{
    store_reader_close(&k->reader);
    store_close(&k->store);
    if (k->dir.len > 0) remove_directory(buf_str(&k->dir));
    buf_release(&k->dir);
    buf_release(&k->path);
}

void kit_reopen(struct kit *k)
{
    struct error e = { 0 };
    if (!k->durable) return;
    store_reader_close(&k->reader);
    store_close(&k->store);
    MUST(store_open(k->where, &k->store, &e), e);
}

struct store_reader *kit_reader(struct kit *k)
{
    struct error e = { 0 };
    if (k->reader == NULL) MUST(store_reader_open(k->store, &k->reader, &e), e);
    return k->reader;
}

struct row kit_row(struct arena *a, enum row_kind kind, int64_t seed)
{
    const struct row_def *def = &row_defs[kind];
    struct buf text = { 0 };
    int64_t *v = arena_array(a, int64_t, def->n_fields);
    for (size_t i = 0; i < def->n_fields; i++) v[i] = seed * 1000 + (int64_t)i;
    buf_addf(&text, "%s:%lld", def->table, (long long)seed);
    struct row r = { .kind = kind, .v = v, .text = def->has_text ? arena_copy(a, buf_slice(&text)) : S("") };
    buf_release(&text);
    return r;
}

struct entry kit_entry(incident_id incident, int64_t seq, struct slice text)
{
    static const struct change changes[] = { { 1, 2 }, { 5, INT64_MIN }, { 7, INT64_MAX } };
    return (struct entry){ .incident = incident,
                           .seq = seq,
                           .at = 103,
                           .wall = 104,
                           .actor = 105,
                           .via = 106,
                           .kind = 107,
                           .ref = 108,
                           .rule = 109,
                           .line = 110,
                           .text = text,
                           .changes = changes,
                           .n_changes = 3 };
}

void kit_put(struct kit *k, const struct row *r)
{
    struct error e = { 0 };
    MUST(store_begin(k->store, &e), e);
    store_put_row(k->store, r);
    MUST(store_commit(k->store, &e), e);
}

void kit_append(struct kit *k, const struct entry *en)
{
    struct error e = { 0 };
    MUST(store_begin(k->store, &e), e);
    store_append_entry(k->store, en);
    MUST(store_commit(k->store, &e), e);
}

void kit_write_small(struct store *s, int64_t n)
{
    struct arena *a = arena_create(0);
    struct entry en = kit_entry(1, n, S("written"));
    for (int64_t i = 1; i <= 5; i++) {
        struct row incident = kit_row(a, ROW_INCIDENT, n * 10 + i), notes = kit_row(a, ROW_ANNOTATIONS, n * 10 + i);
        store_put_row(s, &incident);
        store_put_row(s, &notes);
    }
    store_delete_row(s, ROW_ANNOTATIONS, (int64_t[]){ (n - 1) * 10 + 1 });
    store_append_entry(s, &en);
    arena_destroy(&a);
}

void kit_write_large(struct store *s, int64_t n)
{
    struct buf text = { .max = 2 << 20 };
    while (text.len < 1 << 20) buf_addf(&text, "%lld large ", (long long)n);
    for (int64_t i = 1; i <= 20; i++)
        store_put_row(s, &(struct row){ .kind = ROW_BUNDLE, .v = (int64_t[9]){ i, n }, .text = buf_slice(&text) });
    buf_release(&text);
}

struct buf kit_dump(struct kit *k)
{
    struct error e = { 0 };
    struct buf out = { .max = (size_t)64 << 20 };
    MUST(store_dump(k->store, &out, &e), e);
    return out;
}

static int copy_row(struct store_each_row *self, const struct row *r, struct error *e)
{
    struct kit_rows *c = (struct kit_rows *)self;
    size_t n = row_defs[r->kind].n_fields;
    (void)e;
    int64_t *v = arena_array(c->arena, int64_t, n);
    memcpy(v, r->v, n * sizeof v[0]);
    *vec_push(&c->rows) = (struct row){ .kind = r->kind, .v = v, .text = arena_copy(c->arena, r->text) };
    return 0;
}

void kit_rows_init(struct kit_rows *c)
{
    *c = (struct kit_rows){ .each = { copy_row }, .arena = arena_create(0) };
}

void kit_rows_release(struct kit_rows *c)
{
    arena_destroy(&c->arena);
    vec_release(&c->rows);
}

void kit_load(struct kit *k, struct kit_rows *out)
{
    struct error e = { 0 };
    kit_rows_init(out);
    MUST(store_load(k->store, &out->each, &e), e);
}

bool kit_rows_has(const struct kit_rows *c, enum row_kind kind, int64_t first_key)
{
    for (size_t i = 0; i < c->rows.n; i++)
        if (c->rows.v[i].kind == kind && c->rows.v[i].v[0] == first_key) return true;
    return false;
}

bool kit_rows_equal(const struct row *a, const struct row *b)
{
    return a->kind == b->kind && memcmp(a->v, b->v, row_defs[a->kind].n_fields * sizeof a->v[0]) == 0 &&
           slice_eq(a->text, b->text);
}

int kit_setup_memory(void **state)
{
    struct kit *k = mem_alloc(sizeof *k);
    kit_open_memory(k);
    *state = k;
    return 0;
}

int kit_setup_sqlite(void **state)
{
    struct kit *k = mem_alloc(sizeof *k);
    kit_open_sqlite(k);
    *state = k;
    return 0;
}

int kit_teardown(void **state)
{
    kit_close(*state);
    mem_free(*state);
    return 0;
}
