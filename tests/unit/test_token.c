/* test_token.c - links of pages (R146): who made them, for which page, until when. */
#include "harness.h"

#include "base/check.h"
#include "engine/token.h"

static const char key_bytes[] = "0123456789abcdef0123456789abcdef";
#define KEY ((struct slice){ key_bytes, TOKEN_KEY_BYTES })

static void a_token_names_its_page_until_it_expires(void **state)
{
    static const struct {
        page_id page;
        int64_t made, expires, now;
        enum token_verdict verdict;
    } rows[] = {
        { 1, 0, 1000, 0, TOKEN_GOOD },
        { 7, 1767581000123, 1767582000000, 1767582000000, TOKEN_GOOD },
        { 7, 1767581000123, 1767582000000, 1767582000999, TOKEN_GOOD },
        { 7, 1767581000123, 1767582000000, 1767582001000, TOKEN_EXPIRED },
        { (INT64_C(1) << 40) - 1, INT64_MAX - 1, 1767582000000, 0, TOKEN_GOOD },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buf token = { 0 };
        const struct token_page made = token_page(rows[i].page, rows[i].made);
        struct token_page page = { 0 };
        int64_t expires = 0;
        token_add(&token, KEY, made, rows[i].expires);
        assert_int_equal(token.len, TOKEN_CHARS);
        assert_int_equal(token_check(KEY, buf_slice(&token), rows[i].now, &page, &expires), rows[i].verdict);
        assert_true(token_is_of(&page, rows[i].page, rows[i].made));
        assert_false(token_is_of(&page, rows[i].page, rows[i].made + 1)); /* another page that was given its number */
        assert_false(token_is_of(&page, rows[i].page + 1, rows[i].made));
        assert_int_equal(expires, rows[i].expires / 1000 * 1000);
        buf_release(&token);
    }
    (void)state;
}

static void one_changed_character_makes_it_nobodys(void **state)
{
    struct buf token = { 0 };
    struct token_page page = { 0 };
    token_add(&token, KEY, token_page(42, 1767581000123), 1767582000000);
    for (size_t i = 0; i < token.len; i++) {
        char was = token.p[i];
        token.p[i] = was == 'A' ? 'B' : 'A';
        assert_int_equal(token_check(KEY, buf_slice(&token), 0, &page, NULL), TOKEN_WRONG);
        token.p[i] = was;
    }
    assert_int_equal(page.id, 0);
    assert_int_equal(token_check(KEY, slice_upto(buf_slice(&token), 35), 0, &page, NULL), TOKEN_WRONG);
    assert_int_equal(token_check(KEY, S(""), 0, &page, NULL), TOKEN_WRONG);
    assert_int_equal(token_check(KEY, S("************************************"), 0, &page, NULL), TOKEN_WRONG);
    assert_int_equal(token_check(S("another key, of thirty-two bytes"), buf_slice(&token), 0, &page, NULL),
                     TOKEN_WRONG);
    buf_release(&token);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_names_its_page_until_it_expires),
        cmocka_unit_test(one_changed_character_makes_it_nobodys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
