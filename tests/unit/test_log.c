/* test_log.c - one line a record, whatever the message holds. */
#include "harness.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "base/buf.h"
#include "base/civil.h"
#include "sys/log.h"

/* Standard error as a file, for the time of one test. */
struct captured {
    int saved, file;
};

static struct captured capture_begin(void)
{
    char name[] = "/tmp/tocsin-log-XXXXXX";
    struct captured c = { .saved = dup(2), .file = mkstemp(name) };
    unlink(name);
    dup2(c.file, 2);
    return c;
}

static struct buf capture_end(struct captured c)
{
    struct buf out = { 0 };
    char bytes[16384];
    dup2(c.saved, 2);
    ssize_t n = pread(c.file, bytes, sizeof bytes, 0);
    buf_add(&out, (struct slice){ bytes, n < 0 ? 0 : (size_t)n });
    close(c.saved);
    close(c.file);
    return out;
}

static size_t lines_of(const struct buf *b)
{
    size_t n = 0;
    for (size_t i = 0; i < b->len; i++) n += b->p[i] == '\n';
    return n;
}

static void a_record_has_time_level_component_and_message(void **state)
{
    struct captured c = capture_begin();
    log_start(LOG_LEVEL_INFO);
    log_info("engine", "recovered incidents=%d", 3);
    log_debug("engine", "not shown");
    struct buf out = capture_end(c);
    struct slice line = buf_slice(&out), stamp = slice_cut(&line, ' ');
    int64_t ms;
    assert_int_equal(civil_parse_rfc3339(stamp, &ms, NULL), 0);
    assert_int_equal(stamp.n, sizeof "2026-01-05T03:00:00.250Z" - 1);
    assert_true(slice_eq(line, S("info engine recovered incidents=3\n")));
    buf_release(&out);
    (void)state;
}

static void nothing_makes_a_second_line(void **state)
{
    struct captured c = capture_begin();
    log_start(LOG_LEVEL_INFO);
    log_warning("http", "bad request: %s", "GET /\r\n2026 error http forged\x1b[31m\xff \xe2\x80\xa8");
    struct log_pair pair = { "name", S("a \"b\"\nc=d") };
    log_pairs(LOG_LEVEL_ERROR, "ingest", "refused", &pair, 1);
    struct buf out = capture_end(c);
    assert_int_equal(lines_of(&out), 2);
    assert_non_null(strstr(buf_str(&out), "GET /\\x0d\\x0a2026 error http forged\\x1b[31m\\xff \\xe2\\x80\\xa8\n"));
    assert_non_null(strstr(buf_str(&out), "error ingest refused name=\"a \\\"b\\\"\\x0ac=d\"\n"));
    buf_release(&out);
    (void)state;
}

static void values_are_quoted_when_needed(void **state)
{
    const struct log_pair pairs[] = { { "id", S("INC-1") }, { "empty", S("") }, { "eq", S("a=b") }, { "ü", S("ö") } };
    struct captured c = capture_begin();
    log_start(LOG_LEVEL_INFO);
    log_pairs(LOG_LEVEL_INFO, "x", "y", pairs, COUNT_OF(pairs));
    struct buf out = capture_end(c);
    assert_non_null(strstr(buf_str(&out), "info x y id=INC-1 empty=\"\" eq=\"a=b\" ü=ö\n"));
    buf_release(&out);
    (void)state;
}

static void too_long_a_message_is_cut_to_one_line(void **state)
{
    static char text[20000];
    memset(text, 'a', sizeof text - 1);
    struct captured c = capture_begin();
    log_start(LOG_LEVEL_INFO);
    log_info("x", "%s", text);
    log_pairs(LOG_LEVEL_INFO, "x", text, NULL, 0);
    struct buf out = capture_end(c);
    assert_int_equal(lines_of(&out), 2);
    assert_true(out.len < 10000);
    buf_release(&out);
    (void)state;
}

static void the_journal_gets_prefixes(void **state)
{
    struct stat st;
    char stream[64];
    struct captured c = capture_begin();
    assert_int_equal(fstat(2, &st), 0);
    snprintf(stream, sizeof stream, "%llu:%llu", (unsigned long long)st.st_dev, (unsigned long long)st.st_ino);
    setenv("JOURNAL_STREAM", stream, 1);
    log_start(LOG_LEVEL_DEBUG);
    log_error("a", "b");
    log_debug("a", "c");
    setenv("JOURNAL_STREAM", "1:1", 1); /* inherited from somebody else */
    log_start(LOG_LEVEL_ERROR);
    log_warning("a", "not shown");
    log_error("a", "d");
    struct buf out = capture_end(c);
    unsetenv("JOURNAL_STREAM");
    assert_true(slice_has_prefix(buf_slice(&out), S("<3>a b\n<7>a c\n2")));
    assert_true(slice_has_suffix(buf_slice(&out), S(" error a d\n")));
    assert_int_equal(lines_of(&out), 3);
    buf_release(&out);
    (void)state;
}

static void levels_have_names(void **state)
{
    enum log_level level = LOG_UNSET;
    assert_true(log_parse_level(S("Debug"), &level) && level == LOG_LEVEL_DEBUG);
    assert_false(log_parse_level(S("loud"), &level));
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_has_time_level_component_and_message),
        cmocka_unit_test(nothing_makes_a_second_line),
        cmocka_unit_test(values_are_quoted_when_needed),
        cmocka_unit_test(too_long_a_message_is_cut_to_one_line),
        cmocka_unit_test(the_journal_gets_prefixes),
        cmocka_unit_test(levels_have_names),
    };
    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
