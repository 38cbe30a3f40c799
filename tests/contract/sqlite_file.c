/* sqlite_file.c - what the SQLite adapter promises beyond the contract: its statements, its file, its refusals. */
#include "contract/store_kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"
#include "base/vec.h"
#include "core/alert.h"
#include "store/sqlite.h"
#include "sys/clock.h"

/* ---- statements ---- */

/* SQLite numbers $n by first appearance, PostgreSQL by the number: both must mean the same. */
static void assert_parameters(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *s = NULL;
    struct buf name = { 0 };
    if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK) fail_msg("%s: %s", sqlite3_errmsg(db), sql);
    int n = sqlite3_bind_parameter_count(s);
    for (int i = 1; i <= n; i++) {
        buf_reset(&name);
        buf_addf(&name, "$%d", i);
        if (sqlite3_bind_parameter_index(s, buf_str(&name)) != i) fail_msg("%s is not number %d: %s", name.p, i, sql);
    }
    sqlite3_finalize(s);
    buf_release(&name);
}

static void every_parameter_has_its_own_number(void **state)
{
    struct kit *k = *state;
    struct error e = { 0 };
    struct sqlite_conn c;
    struct buf sql = { 0 };
    size_t statements = 0;
    MUST(conn_open(&c, k->where, SQLITE_OPEN_READONLY, &e), e);
    for (int op = 0; op < SQL_OP_MAX; op++)
        for (int which = 0; which < SQL_WHICH_MAX; which++) {
            buf_reset(&sql);
            if (!sql_build((enum sql_op)op, which, &sql)) continue;
            assert_parameters(c.db, buf_str(&sql));
            statements++;
        }
    assert_true(statements >= 5 * 17 + STORE_LIST_MAX + SQL_FIXED_MAX);
    conn_close(&c);
    buf_release(&sql);
}

/* Every table by an index that is there: none is read over, and none is made for the moment. */
static void assert_searches(sqlite3 *db, enum sql_op op, int which)
{
    struct buf sql = { 0 };
    sqlite3_stmt *s = NULL;
    buf_add_str(&sql, "EXPLAIN QUERY PLAN ");
    sql_build(op, which, &sql);
    assert_int_equal(sqlite3_prepare_v2(db, buf_str(&sql), -1, &s, NULL), SQLITE_OK);
    while (sqlite3_step(s) == SQLITE_ROW) {
        const struct slice step = slice_of((const char *)sqlite3_column_text(s, 3));
        if (!slice_has_prefix(step, S("SEARCH")) || slice_find(step, S("AUTOMATIC")) < step.n)
            fail_msg("%.*s: %s", (int)step.n, step.p, buf_str(&sql));
    }
    sqlite3_finalize(s);
    buf_release(&sql);
}

static void a_list_by_incident_uses_an_index(void **state)
{
    static const enum store_list lists[] = { STORE_INCIDENTS_OPEN, STORE_PAGES,    STORE_DELIVERIES,
                                             STORE_ALERTS,         STORE_ATTEMPTS, STORE_HOLDERS,
                                             STORE_CHECKS,         STORE_TIMERS,   STORE_SILENCES_ACTIVE };
    struct kit *k = *state;
    struct error e = { 0 };
    struct sqlite_conn c;
    MUST(conn_open(&c, k->where, SQLITE_OPEN_READONLY, &e), e);
    for (size_t i = 0; i < COUNT_OF(lists); i++) assert_searches(c.db, SQL_LIST, lists[i]);
    conn_close(&c);
}

struct count_alerts {
    struct store_each_alert each;
    int64_t n;
};

static int count_alert(struct store_each_alert *self, const struct store_alert *a, struct error *e)
{
    (void)a, (void)e;
    ((struct count_alerts *)self)->n++;
    return 0;
}

/* A statement is interrupted by itself, whether it tells rows or not (P1: a long view keeps the log from shrinking). */
static void a_statement_ends_at_the_readers_deadline(void **state)
{
    enum { MANY = 20000 };
    struct kit *k = *state;
    struct error e = { 0 };
    struct count_alerts count = { { count_alert }, 0 };
    struct store_reader *r = kit_reader(k);
    MUST(store_begin(k->store, &e), e);
    for (int64_t id = 1; id <= MANY; id++) {
        const struct alert a = { .id = id, .state = ALERT_FIRING };
        store_put_row(k->store, &(struct row){ .kind = ROW_ALERT, .v = &a.id });
    }
    MUST(store_commit(k->store, &e), e);
    clock_destroy(&r->clock);
    r->clock = clock_create_fake((struct moment){ 1000, 1000 }, S("boot"));
    MUST(store_read_begin(r, &e), e);
    clock_advance(r->clock, STORE_READ_MS);
    assert_int_equal(r->ops->firing(r, 0, MANY, &count.each, &e), ERR_LIMIT);
    assert_true(count.n < MANY);
    store_read_end(r, &e);
}

/* History is not read over: what fires is found by its blocks, however much has ended. */
static void firing_alerts_are_found_without_a_scan(void **state)
{
    struct kit *k = *state;
    struct error e = { 0 };
    struct sqlite_conn c;
    MUST(conn_open(&c, k->where, SQLITE_OPEN_READONLY, &e), e);
    assert_searches(c.db, SQL_FIXED, SQL_FIRING);
    conn_close(&c);
}

/* ---- the file ---- */

/* What a new file says of itself, asked by another program. */
static int64_t asked(const char *path, const char *sql)
{
    struct error e = { 0 };
    struct sqlite_conn c;
    int64_t v;
    MUST(conn_open(&c, path, SQLITE_OPEN_READWRITE, &e), e);
    sqlite3_db_config(c.db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)NULL);
    MUST(conn_int(&c, sql, &v, &e), e);
    conn_close(&c);
    return v;
}

/* Five alerts, in the edges of a few blocks and of a few incidents, that fire or end. */
static void put_few_alerts(struct kit *k, uint64_t *chance)
{
    static const int64_t ids[] = { -65, -64, 0, 63, 64 };
    for (int i = 0; i < 5; i++) {
        *chance = *chance * 6364136223846793005u + 1442695040888963407u;
        const uint64_t by = *chance >> 33;
        const struct alert a = { .id = ids[by % COUNT_OF(ids)],
                                 .incident = (int64_t)(by >> 8) % 3 * 64,
                                 .state = (by >> 16) % 3 == 0 ? ALERT_FIRING : ALERT_RESOLVED };
        store_put_row(k->store, &(struct row){ .kind = ROW_ALERT, .v = &a.id });
    }
}

/* Whatever came, went and was rolled back: all that fires is in a block that is known, no other block is looked through for
 * it, and an incident's alerts are all found. */
static void blocks_are_where_the_alerts_are(void **state)
{
    static const char *const none[] = {
        "SELECT count(*) FROM (SELECT id >> 6 FROM alert WHERE state = 1 EXCEPT SELECT block FROM firing_block)",
        "SELECT count(*) FROM (SELECT block FROM firing_block EXCEPT SELECT id >> 6 FROM alert WHERE state = 1)",
        "SELECT count(*) FROM (SELECT incident, id >> 6 FROM alert EXCEPT SELECT incident, block FROM alert_block)",
    };
    struct kit *k = *state;
    struct error e = { 0 };
    uint64_t chance = 1;
    for (int batch = 0; batch < 60; batch++) {
        MUST(store_begin(k->store, &e), e);
        put_few_alerts(k, &chance);
        if (batch % 3 == 0)
            store_rollback(k->store);
        else
            MUST(store_commit(k->store, &e), e);
        for (size_t i = 0; i < COUNT_OF(none); i++)
            if (asked(k->where, none[i]) != 0) fail_msg("batch %d: %s", batch, none[i]);
        if (batch % 20 == 19) kit_reopen(k);
    }
}

static void a_new_file_says_whose_it_is(void **state)
{
    struct kit *k = *state;
    assert_int_equal(asked(k->where, "PRAGMA application_id"), SQLITE_APPLICATION_ID);
    assert_int_equal(asked(k->where, "PRAGMA user_version"), schema_version);
}

/* All that a database is while its tables are empty, a word a line. */
static void describe(struct sqlite_conn *c, struct buf *out)
{
    static const char *const questions[] = {
        "SELECT type, name, tbl_name, rootpage, sql FROM sqlite_schema ORDER BY rowid",
        "PRAGMA application_id", "PRAGMA user_version", "PRAGMA page_size",      "PRAGMA page_count",
        "PRAGMA encoding",       "PRAGMA auto_vacuum",  "PRAGMA freelist_count", "PRAGMA integrity_check",
    };
    for (size_t i = 0; i < COUNT_OF(questions); i++) {
        sqlite3_stmt *s = NULL;
        assert_int_equal(sqlite3_prepare_v2(c->db, questions[i], -1, &s, NULL), SQLITE_OK);
        while (sqlite3_step(s) == SQLITE_ROW)
            for (int col = 0; col < sqlite3_column_count(s); col++)
                buf_addf(out, "%s\n", (const char *)sqlite3_column_text(s, col));
        sqlite3_finalize(s);
    }
}

/* A start copies its database from an image made at build time, and no migration runs. */
static void a_new_file_is_what_the_migrations_make(void **state)
{
    const struct kit *k = *state;
    struct error e = { 0 };
    struct sqlite_conn migrated, made;
    struct buf a = { 0 }, b = { 0 };
    assert_true(sqlite_image.n > 0);
    MUST(conn_open(&migrated, ":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, &e), e);
    MUST(conn_exec(&migrated, SQLITE_SET_PAGE, "set up", &e), e);
    MUST(sqlite_migrate(&migrated, schema_migrations, schema_version, &e), e);
    MUST(conn_open(&made, k->where, SQLITE_OPEN_READONLY, &e), e);
    describe(&migrated, &a);
    describe(&made, &b);
    assert_string_equal(buf_str(&a), buf_str(&b));
    conn_close(&migrated);
    conn_close(&made);
    buf_release(&a);
    buf_release(&b);
}

/* Changes the file by hand while no server runs, then opens it. */
static int open_after(struct kit *k, const char *sql, struct error *e)
{
    struct sqlite_conn c;
    store_close(&k->store);
    MUST(conn_open(&c, k->where, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, e), *e);
    MUST(conn_exec(&c, sql, "change", e), *e);
    conn_close(&c);
    return store_open(k->where, &k->store, e);
}

static void assert_says(const struct error *e, const char *words)
{
    if (slice_find(slice_of(e->detail), slice_of(words)) == slice_of(e->detail).n)
        fail_msg("no \"%s\" in: %s", words, e->detail);
}

static void changed_files_are_refused_by_name(void **state)
{
    static const struct {
        const char *change, *words;
    } rows[] = {
        { "PRAGMA user_version = 99", "schema is version 99, made by a newer Tocsin" },
        { "PRAGMA application_id = 7", "the database of another program" },
        { "PRAGMA user_version = 0", "its schema has no version" },
        { "ALTER TABLE page DROP COLUMN turn", "table page has no column turn" },
        { "ALTER TABLE symbol_row DROP COLUMN text", "table symbol_row has no column text" },
        { "ALTER TABLE page ADD COLUMN colour INTEGER",
          "table page has a column colour that this version does not know" },
        { "DROP TABLE timer", "table timer has no column subject" },
        { "DROP TABLE counter; CREATE TABLE counter(id INTEGER NOT NULL PRIMARY KEY, last TEXT) STRICT",
          "column counter.last is TEXT" },
        { "DROP TABLE counter; CREATE TABLE counter(id INTEGER NOT NULL, last INTEGER NOT NULL) STRICT",
          "column counter.id is INTEGER at place 0 of the key" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct kit k;
        struct error e = { 0 };
        kit_open_sqlite(&k);
        assert_int_equal(open_after(&k, rows[i].change, &e), ERR_INVALID);
        assert_null(k.store);
        assert_says(&e, rows[i].words);
        assert_says(&e, k.where);
        kit_close(&k);
    }
}

static void write_file(const char *path, struct slice bytes)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes.p, 1, bytes.n, f), bytes.n);
    fclose(f);
}

static void a_file_that_is_no_database_is_refused_and_left_alone(void **state)
{
    struct kit *k = *state;
    struct error e = { 0 };
    struct stat before, after;
    store_close(&k->store);
    struct buf text = { 0 };
    for (int i = 0; i < 200; i++) buf_add_str(&text, "# a letter to the editor\n");
    write_file(k->where, buf_slice(&text));
    assert_int_equal(stat(k->where, &before), 0);
    assert_int_equal(store_open(k->where, &k->store, &e), ERR_INVALID);
    assert_says(&e, "it is no database");
    assert_int_equal(stat(k->where, &after), 0);
    assert_int_equal(before.st_size, after.st_size);
    buf_release(&text);
}

static void paths_that_cannot_be_are_named(void **state)
{
    static const struct {
        const char *tail;
        int code;
        const char *words;
    } rows[] = {
        { "/none/tocsin.db", ERR_NOT_FOUND, "there is no directory" },
        { "/tocsin.db/x.db", ERR_NOT_FOUND, "there is no directory" },
        { "", ERR_INVALID, "it is no file" },
    };
    struct kit *k = *state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct store *s;
        struct error e = { 0 };
        struct buf path = { 0 };
        buf_addf(&path, "%s%s", buf_str(&k->dir), rows[i].tail);
        assert_int_equal(store_open(buf_str(&path), &s, &e), rows[i].code);
        assert_null(s);
        assert_says(&e, rows[i].words);
        assert_says(&e, buf_str(&path));
        buf_release(&path);
    }
}

static void names_of_other_stores_are_refused(void **state)
{
    static const struct {
        const char *where, *words;
    } rows[] = {
        { "", "no store named" },
        { "postgresql://db/tocsin", "this version keeps its data in a file" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct store *s;
        struct error e = { 0 };
        assert_int_equal(store_open(rows[i].where, &s, &e), ERR_INVALID);
        assert_says(&e, rows[i].words);
    }
}

/* Runs `f` in a child without root's powers; returns its exit status. */
static int as_nobody(int (*f)(struct kit *k), struct kit *k)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) _exit(geteuid() == 0 && setresuid(65534, 65534, 65534) < 0 ? 99 : f(k));
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int refused_for(struct kit *k, const char *words)
{
    struct error e = { 0 };
    if (store_open(k->where, &k->store, &e) != ERR_DENIED) return 1;
    if (slice_find(slice_of(e.detail), slice_of(words)) == slice_of(e.detail).n) return 2;
    return slice_find(slice_of(e.detail), slice_of(k->where)) == slice_of(e.detail).n ? 3 : 0;
}

static int refused_directory(struct kit *k)
{
    return refused_for(k, "the store needs to write beside its file");
}

static int refused_file(struct kit *k)
{
    return refused_for(k, "make it writable for the user Tocsin runs as");
}

static void read_only_places_are_refused(void **state)
{
    struct kit *k = *state;
    store_close(&k->store);
    assert_int_equal(chmod(buf_str(&k->dir), 0555), 0);
    assert_int_equal(as_nobody(refused_directory, k), 0);
    assert_int_equal(chmod(buf_str(&k->dir), 0777), 0);
    assert_int_equal(chmod(k->where, 0444), 0);
    assert_int_equal(as_nobody(refused_file, k), 0);
}

static void a_second_server_is_refused(void **state)
{
    struct kit *k = *state;
    struct store *second;
    struct error e = { 0 };
    struct buf pid = { 0 };
    buf_addf(&pid, "process %ld uses it", (long)getpid());
    assert_int_equal(store_open(k->where, &second, &e), ERR_CONFLICT);
    assert_says(&e, buf_str(&pid));
    assert_says(&e, k->where);
    kit_reopen(k); /* the refusal took nothing away */
    buf_release(&pid);
}

static void another_program_that_writes_makes_us_busy_not_broken(void **state)
{
    struct kit *k = *state;
    struct error e = { 0 };
    struct sqlite_conn c;
    struct arena *a = arena_create(0);
    struct row r = kit_row(a, ROW_PAGE, 1);
    MUST(conn_open(&c, k->where, SQLITE_OPEN_READWRITE, &e), e);
    sqlite3_db_config(c.db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)NULL);
    MUST(conn_exec(&c, "BEGIN IMMEDIATE", "hold", &e), e);
    assert_int_equal(store_begin(k->store, &e), ERR_BUSY);
    assert_says(&e, "another program holds it");
    MUST(conn_exec(&c, "ROLLBACK", "let go", &e), e);
    kit_put(k, &r);
    conn_close(&c);
    arena_destroy(&a);
}

/* ---- migrations ---- */

static const struct migration two[] = {
    { "CREATE TABLE old(id @int NOT NULL PRIMARY KEY, v @bytes NOT NULL) @strict; INSERT INTO old VALUES(1, x'ff');" },
    { "ALTER TABLE old ADD COLUMN more @int; UPDATE old SET more = 5;" },
};
static const struct migration broken[] = {
    { "" }, { "UPDATE old SET v = x'00'; INSERT INTO old VALUES(1, x'00');" }, /* the key is there */
};

static void a_migration_copies_first_and_keeps_the_rows(void **state)
{
    struct kit *k = *state;
    struct error e = { 0 };
    struct sqlite_conn c;
    struct buf path = { 0 }, copy = { 0 };
    int64_t v;
    buf_addf(&path, "%s/other.db", buf_str(&k->dir));
    buf_addf(&copy, "%s.before-v2", buf_str(&path));
    MUST(conn_open(&c, buf_str(&path), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, &e), e);
    MUST(sqlite_migrate(&c, two, 1, &e), e);
    assert_int_equal(access(buf_str(&copy), F_OK), -1); /* nothing to lose yet */
    MUST(sqlite_migrate(&c, two, 2, &e), e);
    MUST(sqlite_migrate(&c, two, 2, &e), e); /* nothing left to do */
    MUST(conn_int(&c, "SELECT more FROM old WHERE v = x'ff'", &v, &e), e);
    assert_int_equal(v, 5);
    conn_close(&c);
    assert_int_equal(asked(buf_str(&copy), "PRAGMA user_version"), 1);
    assert_int_equal(asked(buf_str(&copy), "SELECT count(*) FROM old WHERE v = x'ff'"), 1);
    buf_release(&path);
    buf_release(&copy);
}

static void a_migration_that_fails_changes_nothing(void **state)
{
    struct kit *k = *state;
    struct error e = { 0 };
    struct sqlite_conn c;
    struct buf path = { 0 };
    int64_t v;
    buf_addf(&path, "%s/other.db", buf_str(&k->dir));
    MUST(conn_open(&c, buf_str(&path), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, &e), e);
    MUST(sqlite_migrate(&c, two, 1, &e), e);
    assert_int_equal(sqlite_migrate(&c, broken, 2, &e), ERR_CONFLICT);
    assert_says(&e, "cannot migrate");
    MUST(conn_int(&c, "PRAGMA user_version", &v, &e), e);
    assert_int_equal(v, 1);
    MUST(conn_int(&c, "SELECT count(*) FROM old WHERE v = x'ff'", &v, &e), e);
    assert_int_equal(v, 1);
    conn_close(&c);
    buf_release(&path);
}

struct told {
    struct store_progress progress;
    int n;
    int64_t done, pages;
};

static void note_progress(struct store_progress *self, int64_t done, int64_t pages)
{
    struct told *t = (struct told *)self;
    assert_true(done > t->done && done < pages);
    assert_true(t->n == 0 || pages == t->pages); /* one view from the first page to the last */
    t->done = done;
    t->pages = pages;
    t->n++;
}

/* 12 MB: how far it is, in pages, while it copies; and the copy is whole. */
static void a_backup_tells_how_far_it_is(void **state)
{
    struct kit *k = *state;
    struct error e = { 0 };
    struct told t = { .progress = { note_progress } };
    struct buf path = { 0 }, text = { 0 };
    struct sqlite_conn c;
    int64_t rows;
    for (int i = 0; i < 4000; i++) buf_add_char(&text, 'x');
    MUST(store_begin(k->store, &e), e);
    for (int64_t id = 1; id <= 3000; id++)
        store_put_row(k->store, &(struct row){ .kind = ROW_SYMBOL, .v = &id, .text = buf_slice(&text) });
    MUST(store_commit(k->store, &e), e);
    buf_addf(&path, "%s/copy", buf_str(&k->dir));
    MUST(store_backup(kit_reader(k), buf_str(&path), &t.progress, &e), e);
    assert_true(t.n >= 1 && t.pages >= 3000);
    MUST(conn_open(&c, buf_str(&path), SQLITE_OPEN_READONLY, &e), e);
    MUST(conn_int(&c, "SELECT count(*) FROM symbol_row", &rows, &e), e);
    assert_int_equal(rows, 3000);
    MUST(conn_int(&c, "SELECT held FROM instance", &rows, &e), e);
    assert_int_equal(rows, 1);
    conn_close(&c);
    buf_release(&path);
    buf_release(&text);
}

/* ---- the log ---- */

/* What kill -9 leaves at this moment of a file of the store, under another name. Returns its size. */
static long leave_behind(const struct kit *k, const char *tail)
{
    struct buf from = { 0 }, to = { 0 };
    char bytes[4096];
    size_t n;
    buf_addf(&from, "%s%s", k->where, tail);
    buf_addf(&to, "%s/left%s", buf_str(&k->dir), tail);
    FILE *in = fopen(buf_str(&from), "rb"), *out = fopen(buf_str(&to), "wb");
    assert_true(in != NULL && out != NULL);
    while ((n = fread(bytes, 1, sizeof bytes, in)) > 0) assert_int_equal(fwrite(bytes, 1, n, out), n);
    const long size = ftell(in);
    assert_int_equal(fclose(in) + fclose(out), 0);
    buf_release(&from);
    buf_release(&to);
    return size;
}

static void write_and_rest(struct kit *k, int64_t n, void (*write)(struct store *s, int64_t n))
{
    struct error e = { 0 };
    MUST(store_begin(k->store, &e), e);
    write(k->store, n);
    MUST(store_commit(k->store, &e), e);
    store_rest(k->store);
}

static void assert_start_reads_the_same(struct kit *k)
{
    struct error e = { 0 };
    struct kit left = { .durable = true };
    struct buf path = { 0 }, now = kit_dump(k);
    buf_addf(&path, "%s/left", buf_str(&k->dir));
    left.where = buf_str(&path);
    MUST(store_open(left.where, &left.store, &e), e);
    struct buf then = kit_dump(&left);
    assert_string_equal(buf_str(&now), buf_str(&then));
    write_and_rest(&left, 99, kit_write_small);
    store_close(&left.store);
    buf_release(&path);
    buf_release(&now);
    buf_release(&then);
}

/* Room is made in the log before it is needed: zeros behind the last frame, and a start behind a crash stops before them
 * (P1). The same once what lies behind are frames of before the checkpoint. */
static void a_log_with_room_in_it_is_read_to_its_last_frame(void **state)
{
    struct kit *k = *state;
    write_and_rest(k, 1, kit_write_small);
    for (int64_t n = 2; n <= 8; n++) {
        const long room = leave_behind(k, "-wal");
        leave_behind(k, "");
        assert_true(room >= 256 << 10);
        assert_start_reads_the_same(k);
        write_and_rest(k, n, n == 4 ? kit_write_large : kit_write_small);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_SQLITE(every_parameter_has_its_own_number),
        ON_SQLITE(a_list_by_incident_uses_an_index),
        ON_SQLITE(a_statement_ends_at_the_readers_deadline),
        ON_SQLITE(firing_alerts_are_found_without_a_scan),
        ON_SQLITE(blocks_are_where_the_alerts_are),
        ON_SQLITE(a_new_file_says_whose_it_is),
        ON_SQLITE(a_new_file_is_what_the_migrations_make),
        ON_SQLITE(changed_files_are_refused_by_name),
        ON_SQLITE(a_file_that_is_no_database_is_refused_and_left_alone),
        ON_SQLITE(paths_that_cannot_be_are_named),
        ON_SQLITE(names_of_other_stores_are_refused),
        ON_SQLITE(read_only_places_are_refused),
        ON_SQLITE(a_second_server_is_refused),
        ON_SQLITE(another_program_that_writes_makes_us_busy_not_broken),
        ON_SQLITE(a_backup_tells_how_far_it_is),
        ON_SQLITE(a_log_with_room_in_it_is_read_to_its_last_frame),
        ON_SQLITE(a_migration_copies_first_and_keeps_the_rows),
        ON_SQLITE(a_migration_that_fails_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
