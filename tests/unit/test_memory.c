/* test_memory.c - what memory_give_back() drops, and that nothing is missing afterwards. */
#include "harness.h"

#include <stdlib.h>
#include <string.h>

#include "sys/files.h"
#include "sys/memory.h"

enum { TABLE = 512 << 10, BLOCK = 100 << 10, PAGE = 4096 };

static const char table[TABLE] = { 'r' }; /* in the program's file; never written */
static char written[3 * PAGE] = { 'w' }; /* in the file too, and changed below */
static const char *const pointers[] = { "relocated", "when", "linked" };

static int64_t resident_kib(void)
{
    struct buf text = { 0 };
    int64_t kib = -1;
    assert_int_equal(file_read("/proc/self/smaps_rollup", 1 << 20, &text, NULL), 0);
    const char *at = strstr(buf_str(&text), "\nRss:");
    assert_non_null(at);
    kib = strtol(at + 5, NULL, 10);
    buf_release(&text);
    return kib;
}

static int sum_of_table(void)
{
    int sum = 0;
    for (size_t i = 0; i < TABLE; i += PAGE) sum += ((const volatile char *)table)[i];
    return sum;
}

static void what_was_only_read_is_dropped_and_what_was_written_stays(void **state)
{
    char *kept = malloc(BLOCK), *last = malloc(BLOCK);
    memset(kept, 'k', BLOCK);
    memset(last, 'l', BLOCK);
    memset(written, 'x', sizeof written);
    assert_int_equal(sum_of_table(), 'r');
    const int64_t before = resident_kib();
    free(last);
    memory_give_back();
    const int64_t after = resident_kib();
    assert_true(after + TABLE / 2048 < before); /* at least half of the table, whatever comes back at once */
    assert_int_equal(sum_of_table(), 'r');
    for (size_t i = 0; i < sizeof written; i++) assert_int_equal(written[i], 'x');
    for (size_t i = 0; i < BLOCK; i++) assert_int_equal(kept[i], 'k');
    assert_string_equal(pointers[0], "relocated");
    assert_string_equal(pointers[2], "linked");
    memory_give_back(); /* twice is fine */
    assert_int_equal(kept[BLOCK - 1], 'k');
    free(kept);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_only_read_is_dropped_and_what_was_written_stays),
    };
    memory_begin();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
