/* test_buf.c - the capped builder, errors, and arenas. */
#include "harness.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/check.h"
#include "base/error.h"

static void numbers_and_texts_are_added(void **state)
{
    struct buf b = { 0 };
    assert_string_equal(buf_str(&b), "");
    buf_add_int(&b, INT64_MIN);
    buf_add_char(&b, ' ');
    buf_add_int(&b, INT64_MAX);
    buf_add_char(&b, ' ');
    buf_add_uint_pad(&b, 7, 3);
    buf_add_uint_pad(&b, 12345, 2);
    buf_add_str(&b, " ");
    buf_add_hex64(&b, UINT64_C(0x0123456789abcdef));
    buf_addf(&b, " %s", "x");
    assert_string_equal(buf_str(&b), "-9223372036854775808 9223372036854775807 00712345 0123456789abcdef x");
    buf_reset(&b);
    assert_string_equal(buf_str(&b), "");
    buf_release(&b);
    buf_release(&b);
    (void)state;
}

static void past_the_cap_nothing_is_added_any_more(void **state)
{
    struct buf b = { .max = 5 };
    buf_add_str(&b, "12345");
    assert_false(b.overflow);
    buf_add_str(&b, "");
    assert_false(b.overflow);
    buf_add_str(&b, "6");
    assert_true(b.overflow);
    buf_addf(&b, "%d", 7);
    assert_string_equal(buf_str(&b), "12345");
    buf_reset(&b);
    buf_addf(&b, "%s", "123456");
    assert_true(b.overflow);
    assert_int_equal(b.len, 0);
    buf_release(&b);
    (void)state;
}

/* RFC 8259, section 7. */
static void json_strings_are_escaped(void **state)
{
    struct buf b = { 0 };
    buf_add_json(&b, S("a\"\\/\n\r\t\b\f\x01\x1f\x7f\0z \xe2\x86\x92"));
    assert_string_equal(buf_str(&b), "\"a\\\"\\\\/\\n\\r\\t\\b\\f\\u0001\\u001f\x7f\\u0000z \xe2\x86\x92\"");
    buf_reset(&b);
    buf_add_json(&b, (struct slice){ 0 });
    assert_string_equal(buf_str(&b), "\"\"");
    buf_release(&b);
    (void)state;
}

/* Plain bytes are passed over eight at a time: every byte, at every place of a text that has one beside it. */
static void every_byte_is_escaped_wherever_it_stands(void **state)
{
    struct buf alone = { 0 }, among = { 0 };
    char text[20];

    for (int c = 0; c < 256; c++)
        for (size_t at = 0; at < sizeof text; at++) {
            memset(text, at % 2 == 0 ? 'a' : 0xff, sizeof text);
            text[at] = (char)c;
            buf_reset(&alone);
            buf_add_json(&alone, (struct slice){ &text[at], 1 });
            buf_reset(&among);
            buf_add_json(&among, (struct slice){ text, sizeof text });
            assert_int_equal(among.len, alone.len + sizeof text - 1);
            assert_memory_equal(among.p + 1 + at, alone.p + 1, alone.len - 2);
        }
    buf_release(&alone);
    buf_release(&among);
    (void)state;
}

static void errors_are_cut_at_a_code_point(void **state)
{
    struct error e = { 0 };
    char text[sizeof e.detail * 2] = { 0 };
    assert_int_equal(fail_at(&e, ERR_SYNTAX, 3, 7, "expected %s", "x"), ERR_SYNTAX);
    assert_true(e.code == ERR_SYNTAX && e.line == 3 && e.col == 7);
    assert_string_equal(e.detail, "expected x");
    assert_int_equal(fail(NULL, ERR_LIMIT, "nobody listens"), ERR_LIMIT);
    for (size_t shift = 0; shift < 3; shift++) {
        memset(text, 'a', shift);
        for (size_t i = shift; i + 3 < sizeof text; i += 3) memcpy(text + i, "\xe2\x86\x92", 3);
        fail(&e, ERR_IO, "%s", text);
        assert_true(slice_is_utf8(slice_of(e.detail), NULL));
        assert_true(strlen(e.detail) > sizeof e.detail - 5);
    }
    assert_string_equal(error_code_name(ERR_BUSY), "try again later");
    (void)state;
}

static void arenas_are_zeroed_limited_and_reusable(void **state)
{
    struct arena *a = arena_create(1 << 20);
    for (int round = 0; round < 3; round++) {
        for (size_t n = 1; n < 2000; n += 37) {
            char *p = arena_alloc(a, n);
            assert_non_null(p);
            assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
            for (size_t i = 0; i < n; i++) assert_int_equal(p[i], 0);
            memset(p, 0xaa, n);
        }
        assert_null(arena_alloc(a, 1 << 20)); /* past the limit */
        assert_non_null(arena_alloc(a, 1)); /* but not spoilt */
        arena_reset(a);
        assert_int_equal(arena_used(a), 0);
    }
    assert_null(arena_alloc(a, SIZE_MAX));
    struct slice copy = arena_copy(a, S("abc"));
    assert_true(slice_eq(copy, S("abc")) && copy.p[3] == '\0');
    assert_string_equal(arena_str(a, S("xyz")), "xyz");
    assert_string_equal(arena_str(a, (struct slice){ 0 }), "");
    arena_destroy(&a);
    arena_destroy(&a);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_and_texts_are_added),
        cmocka_unit_test(past_the_cap_nothing_is_added_any_more),
        cmocka_unit_test(json_strings_are_escaped),
        cmocka_unit_test(every_byte_is_escaped_wherever_it_stands),
        cmocka_unit_test(errors_are_cut_at_a_code_point),
        cmocka_unit_test(arenas_are_zeroed_limited_and_reusable),
    };
    return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
