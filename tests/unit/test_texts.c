/* test_texts.c - the texts a reader keeps: read once, bounded. */
#include "harness.h"

#include "base/buf.h"
#include "store/texts.h"

static void a_text_is_kept_until_it_is_too_much(void **state)
{
    struct store_texts *t = store_texts_create();
    struct slice got;
    struct buf big = { .max = STORE_TEXTS_MAX + 64 };
    (void)state;
    assert_false(store_texts_get(t, 7, &got));
    struct slice kept = store_texts_add(t, 7, S("ada"));
    assert_true(store_texts_get(t, 7, &got));
    assert_ptr_equal(got.p, kept.p);
    assert_true(slice_eq(got, S("ada")));
    store_texts_trim(t); /* not much yet */
    assert_true(store_texts_get(t, 7, &got));
    while (big.len <= STORE_TEXTS_MAX) buf_add(&big, S("0123456789abcdef0123456789abcdef"));
    store_texts_add(t, 8, buf_slice(&big));
    assert_true(store_texts_get(t, 7, &got)); /* borrowed texts live until the next trim */
    store_texts_trim(t);
    assert_false(store_texts_get(t, 7, &got));
    assert_false(store_texts_get(t, 8, &got));
    store_texts_add(t, 7, S("ada"));
    assert_true(store_texts_get(t, 7, &got));
    buf_release(&big);
    store_texts_destroy(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(a_text_is_kept_until_it_is_too_much) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
