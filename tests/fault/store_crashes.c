/* store_crashes.c - the process dies under the SQLite store, or the file is damaged: what was answered stays (P1). */
#include "contract/store_kit.h"

#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"

static void assert_says(const struct error *e, const char *words)
{
    if (slice_find(slice_of(e->detail), slice_of(words)) == slice_of(e->detail).n)
        fail_msg("no \"%s\" in: %s", words, e->detail);
}

/* Half a transaction large enough to have left the page cache, then death. */
static int die_in_a_transaction(struct kit *k)
{
    struct error e = { 0 };
    struct arena *a = arena_create(0);
    char *big = arena_alloc(a, 1 << 20);
    if (store_open(k->where, &k->store, &e) < 0 || store_begin(k->store, &e) < 0) return 1;
    for (int64_t i = 1; i <= 24; i++)
        store_put_row(k->store, &(struct row){ .kind = ROW_BUNDLE, .v = (int64_t[9]){ i }, .text = { big, 1 << 20 } });
    return k->store != NULL ? 0 : 2;
}

static void half_a_transaction_dies_with_its_process(void **state)
{
    struct kit *k = *state;
    struct arena *a = arena_create(0);
    struct row kept = kit_row(a, ROW_INCIDENT, 1);
    int status;
    kit_put(k, &kept);
    struct buf before = kit_dump(k);
    store_close(&k->store);
    pid_t child = fork();
    if (child == 0) _exit(die_in_a_transaction(k));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    struct stat wal;
    struct buf name = { 0 };
    buf_addf(&name, "%s-wal", k->where);
    assert_int_equal(stat(buf_str(&name), &wal), 0);
    assert_true(wal.st_size > 1 << 20); /* the half was on disk */
    struct error e = { 0 };
    MUST(store_open(k->where, &k->store, &e), e);
    struct buf after = kit_dump(k);
    assert_string_equal(buf_str(&before), buf_str(&after));
    buf_release(&before);
    buf_release(&after);
    buf_release(&name);
    arena_destroy(&a);
}

/* Commits for ever; after each commit its number goes down the pipe. */
static int commit_for_ever(struct kit *k, int out)
{
    struct error e = { 0 };
    if (store_open(k->where, &k->store, &e) < 0) return 1;
    for (int64_t n = 1;; n++) {
        if (store_begin(k->store, &e) < 0) return 2;
        for (int64_t row = 1; row <= 20; row++)
            store_put_row(k->store, &(struct row){ .kind = ROW_COUNTER, .v = (int64_t[]){ row, n } });
        if (store_commit(k->store, &e) < 0) return 3;
        if (write(out, &n, sizeof n) != sizeof n) return 4;
    }
}

/* P1: what was answered is there, and whole, after kill -9. */
static void kill_9_loses_no_answered_commit(void **state)
{
    struct kit *k = *state;
    for (int cycle = 1; cycle <= 10; cycle++) {
        int fds[2], status;
        int64_t answered = 0, n;
        struct error e = { 0 };
        store_close(&k->store);
        assert_int_equal(pipe(fds), 0);
        pid_t child = fork();
        if (child == 0) _exit(commit_for_ever(k, fds[1]));
        close(fds[1]);
        while (answered < cycle * 7 && read(fds[0], &n, sizeof n) == sizeof n) answered = n;
        kill(child, SIGKILL);
        waitpid(child, &status, 0);
        while (read(fds[0], &n, sizeof n) == sizeof n) answered = n;
        close(fds[0]);
        assert_true(WIFSIGNALED(status));
        MUST(store_open(k->where, &k->store, &e), e);
        struct kit_rows c;
        kit_load(k, &c);
        assert_int_equal(c.rows.n, 20);
        for (size_t i = 0; i < c.rows.n; i++) {
            assert_int_equal(c.rows.v[i].v[1], c.rows.v[0].v[1]);
            assert_true(c.rows.v[i].v[1] >= answered);
        }
        kit_rows_release(&c);
    }
}

static void a_damaged_file_answers_with_an_error(void **state)
{
    struct kit *k = *state;
    struct error e = { 0 };
    struct arena *a = arena_create(0);
    struct kit_rows c;
    MUST(store_begin(k->store, &e), e);
    for (int64_t i = 1; i <= 2000; i++) {
        struct row r = kit_row(a, ROW_SYMBOL, i);
        store_put_row(k->store, &r);
    }
    MUST(store_commit(k->store, &e), e);
    store_close(&k->store);
    FILE *f = fopen(k->where, "r+");
    assert_non_null(f);
    fseek(f, 0, SEEK_END);
    long size = ftell(f);
    for (long at = 4096 * 25; at + 4096 <= size; at += 4096) { /* the schema stays, the rows go */
        fseek(f, at, SEEK_SET);
        for (int i = 0; i < 4096; i++) fputc(0x5a, f);
    }
    fclose(f);
    kit_rows_init(&c);
    int rc = store_open(k->where, &k->store, &e);
    if (rc == 0) rc = store_load(k->store, &c.each, &e);
    assert_int_equal(rc, ERR_IO);
    assert_says(&e, "the file is damaged");
    assert_says(&e, k->where);
    kit_rows_release(&c);
    arena_destroy(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_SQLITE(half_a_transaction_dies_with_its_process),
        ON_SQLITE(kill_9_loses_no_answered_commit),
        ON_SQLITE(a_damaged_file_answers_with_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
