/* store_kit.h - what the store's contract tests share: a store of one adapter, filled with rows whose fields all differ.
 *
 * Failures end the test where they happen, with the store's own sentence. */
#ifndef TESTS_CONTRACT_STORE_KIT_H
#define TESTS_CONTRACT_STORE_KIT_H

#include "harness.h"

#include "base/arena.h"
#include "store/store.h"

/* One adapter under test. */
struct kit {
    const char *where; /* "memory:" or a path in `dir` */
    bool durable; /* a second open finds the rows */
    struct store *store;
    struct store_reader *reader; /* opened by kit_reader */
    struct buf dir, path;
};

struct buf kit_folder(const char *name); /* a new directory under $TMPDIR, for the caller to remove and release */
void kit_open_memory(struct kit *k);
void kit_open_sqlite(struct kit *k); /* in a new directory under $TMPDIR */
void kit_close(struct kit *k); /* closes and removes the directory */
void kit_reopen(struct kit *k); /* durable stores: close and open; others: nothing */
struct store_reader *kit_reader(struct kit *k);

#define MUST(call, e) kit_must((call), &(e), #call, __FILE__, __LINE__)
void kit_must(int rc, const struct error *e, const char *call, const char *file, int line);

/* Every kind that has a table: for (…) with `kind` an int. */
#define EACH_KIND(kind)                             \
    for (int kind = 1; kind < ROW_KIND_MAX; kind++) \
        if (row_defs[kind].table != NULL)

/* A row with text "kind:key" (where it has one) and every field its own value: seed * 1000 + index. Borrows from a. */
struct row kit_row(struct arena *a, enum row_kind kind, int64_t seed);
struct entry kit_entry(incident_id incident, int64_t seq, struct slice text);
void kit_put(struct kit *k, const struct row *r); /* in a transaction of its own */
void kit_append(struct kit *k, const struct entry *en);

/* What a transaction may hold, n being its number: eleven rows and an entry; or 20 MiB, so that the page cache spills
 * before the commit and a checkpoint follows it. */
void kit_write_small(struct store *s, int64_t n);
void kit_write_large(struct store *s, int64_t n);

/* The dump as text; release with buf_release. */
struct buf kit_dump(struct kit *k);
/* Fixtures for cmocka: *state is a struct kit. */
int kit_setup_memory(void **state);
int kit_setup_sqlite(void **state);
int kit_teardown(void **state);
/* One test on each adapter, as two rows of struct CMUnitTest; or on SQLite alone. */
#define ON_MEMORY(f)                                           \
    {                                                          \
        "memory: " #f, f, kit_setup_memory, kit_teardown, NULL \
    }
#define ON_SQLITE(f)                                           \
    {                                                          \
        "sqlite: " #f, f, kit_setup_sqlite, kit_teardown, NULL \
    }
#define ON_EACH_STORE(f) ON_MEMORY(f), ON_SQLITE(f)

/* Rows a read told, copied. */
struct kit_rows {
    struct store_each_row each;
    struct arena *arena;
    struct {
        struct row *v;
        size_t n, cap;
    } rows;
};
void kit_rows_init(struct kit_rows *c);
void kit_rows_release(struct kit_rows *c);

void kit_load(struct kit *k, struct kit_rows *out); /* all that store_load tells */
bool kit_rows_has(const struct kit_rows *c, enum row_kind kind, int64_t first_key);

bool kit_rows_equal(const struct row *a, const struct row *b);

#endif
