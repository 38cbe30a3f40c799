/* test_digest.c - hashes against the published vectors, base64 and hex. */
#include "harness.h"

#include "base/check.h"
#include "base/digest.h"

static void assert_hex(const uint8_t *bytes, size_t n, const char *hex)
{
    struct buf out = { 0 };
    buf_add_hex(&out, (struct slice){ (const char *)bytes, n });
    assert_string_equal(buf_str(&out), hex);
    buf_release(&out);
}

static void published_vectors(void **state)
{
    uint8_t out[64];
    digest_sha256(S("abc"), out); /* FIPS 180-4 */
    assert_hex(out, 32, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    digest_sha256((struct slice){ 0 }, out);
    assert_hex(out, 32, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    digest_hmac_sha256(S("Jefe"), S("what do ya want for nothing?"), out); /* RFC 4231, case 2 */
    assert_hex(out, 32, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    digest_blake2b((struct slice){ 0 }, S("abc"), out, 64); /* RFC 7693, appendix A */
    assert_hex(out, 64,
               "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
               "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923");
    digest_blake2b((struct slice){ 0 }, S("abc"), out, 32);
    assert_hex(out, 32, "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
    (void)state;
}

static void keys_and_sizes_change_everything(void **state)
{
    static const char key[64] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde";
    uint8_t plain[32], keyed[32], other[32], small[16];
    digest_blake2b((struct slice){ 0 }, S("page"), plain, 32);
    digest_blake2b((struct slice){ key, 32 }, S("page"), keyed, 32);
    digest_blake2b((struct slice){ key, 64 }, S("page"), other, 32);
    digest_blake2b((struct slice){ key, 32 }, S("page"), small, 16);
    assert_memory_not_equal(plain, keyed, 32);
    assert_memory_not_equal(keyed, other, 32);
    assert_memory_not_equal(keyed, small, 16); /* not a cut of the longer one */
    (void)state;
}

static void comparison(void **state)
{
    assert_true(digest_equal(S("token"), S("token")));
    assert_false(digest_equal(S("token"), S("tokem")));
    assert_false(digest_equal(S("token"), S("toke")));
    assert_true(digest_equal((struct slice){ 0 }, S("")));
    (void)state;
}

static void base64_both_ways(void **state)
{
    static const struct {
        const char *bytes, *standard, *url;
    } rows[] = {
        { "", "", "" },
        { "f", "Zg==", "Zg" },
        { "fo", "Zm8=", "Zm8" },
        { "foo", "Zm9v", "Zm9v" },
        { "foob", "Zm9vYg==", "Zm9vYg" },
        { "\xfb\xff", "+/8=", "-_8" },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buf out = { 0 }, back = { 0 };
        digest_add_base64(&out, slice_of(rows[i].bytes), BASE64_STANDARD);
        assert_string_equal(buf_str(&out), rows[i].standard);
        assert_int_equal(digest_decode_base64(slice_of(rows[i].standard), BASE64_STANDARD, &back, NULL), 0);
        assert_string_equal(buf_str(&back), rows[i].bytes);
        buf_reset(&out);
        buf_reset(&back);
        digest_add_base64(&out, slice_of(rows[i].bytes), BASE64_URL);
        assert_string_equal(buf_str(&out), rows[i].url);
        assert_int_equal(digest_decode_base64(slice_of(rows[i].url), BASE64_URL, &back, NULL), 0);
        assert_string_equal(buf_str(&back), rows[i].bytes);
        buf_release(&out);
        buf_release(&back);
    }
    (void)state;
}

static void url_base64_may_be_padded(void **state)
{
    struct buf out = { 0 };
    assert_int_equal(digest_decode_base64(S("-_8="), BASE64_URL, &out, NULL), 0);
    assert_string_equal(buf_str(&out), "\xfb\xff");
    buf_release(&out);
    (void)state;
}

static void bad_texts_are_refused_and_add_nothing(void **state)
{
    static const struct {
        const char *text;
        enum base64_form form;
    } rows[] = {
        { "Zg", BASE64_STANDARD },   { "Zg=", BASE64_STANDARD }, { "Zg===", BASE64_STANDARD },
        { "Z", BASE64_URL },         { "Zm9v!", BASE64_URL },    { "+/8", BASE64_URL },
        { "-_8=", BASE64_STANDARD }, { "====", BASE64_URL },     { "Zm9v\n", BASE64_STANDARD },
        { "Zm=v", BASE64_STANDARD }, { "=", BASE64_URL },
    };
    struct buf out = { 0 };
    struct error e = { 0 };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(digest_decode_base64(slice_of(rows[i].text), rows[i].form, &out, &e), ERR_SYNTAX);
    assert_int_equal(digest_decode_hex(S("0g"), &out, &e), ERR_SYNTAX);
    assert_int_equal(digest_decode_hex(S("abc"), &out, &e), ERR_SYNTAX);
    assert_int_equal(out.len, 0);
    assert_int_equal(digest_decode_hex(S("00Ff10"), &out, &e), 0);
    assert_memory_equal(out.p, "\x00\xff\x10", 3);
    assert_int_equal(digest_decode_hex(S(""), &out, &e), 0);
    buf_release(&out);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_vectors),
        cmocka_unit_test(keys_and_sizes_change_everything),
        cmocka_unit_test(comparison),
        cmocka_unit_test(base64_both_ways),
        cmocka_unit_test(url_base64_may_be_padded),
        cmocka_unit_test(bad_texts_are_refused_and_add_nothing),
    };
    return cmocka_run_group_tests_name("digest", tests, NULL, NULL);
}
