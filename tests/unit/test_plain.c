/* test_plain.c - what is read without a tree is read as with one, to the byte; the unusual is left alone (R149, R153). */
#include "harness.h"

#include "base/buf.h"
#include "base/check.h"
#include "ingest/known.h"
#include "ingest/plain.h"
#include "same_post.h"

#define LABELS "\"labels\":{\"alertname\":\"A\",\"job\":\"node\"}"

static const struct {
    const char *what, *body;
    bool plain;
} rows[] = {
    { "one alert", "[{" LABELS "}]", true },
    { "as Prometheus writes it",
      "[{\"annotations\":{\"summary\":\"5xx\"},\"endsAt\":\"2026-01-01T00:01:00.5Z\",\"startsAt\":\"2026-01-01T00:00:00Z\","
      "\"generatorURL\":\"http://p/g?a=b\\u0026c\"," LABELS "}]",
      true },
    { "five", "[{" LABELS "},{" LABELS "},{" LABELS "},{\"labels\":{\"b\":\"a longer one\"}},{" LABELS "}]", true },
    { "blanks everywhere", " [ { \"labels\" :\t{ \"a\" : \"x\" ,\r\n\"b\":\"y\" } } , {" LABELS "} ]\n", true },
    { "names out of order, one of them twice", "[{\"labels\":{\"b\":\"1\",\"a\":\"2\",\"b\":\"3\"}}]", true },
    { "a label without a value", "[{\"labels\":{\"a\":\"x\",\"b\":\"\"}}]", true },
    { "escapes", "[{" LABELS ",\"annotations\":{\"summary\":\"a\\n\\\"b\\\" \\u003c\\/\\\\ \\u001F\\t\"}}]", true },
    { "escapes in a label", "[{\"labels\":{\"a\":\"\\\"\\u0041\"},\"annotations\":{\"b\":\"\\u0026\"}}]", true },
    { "UTF-8", "[{\"labels\":{\"a\":\"Z\xc3\xbcrich \xf0\x9f\x94\xa5\"},\"annotations\":{\"b\":\"\xe2\x82\xac\"}}]",
      true },
    { "no annotations in them", "[{" LABELS ",\"annotations\":{}}]", true },
    { "a time that is not said", "[{" LABELS ",\"startsAt\":\"\",\"endsAt\":\"0001-01-01T00:00:00Z\"}]", true },
    { "a name that is none", "[{\"labels\":{\"a-b\":\"x\"}}]", false },
    { "an escape beyond ASCII", "[{\"labels\":{\"a\":\"\\u00fc\"}}]", false },
    { "an escaped NUL", "[{\"labels\":{\"a\":\"\\u0000\"}}]", false },
    { "an escape that is none", "[{\"labels\":{\"a\":\"\\x\"}}]", false },
    { "half an escape", "[{\"labels\":{\"a\":\"\\u00", false },
    { "half a text", "[{\"labels\":{\"a", false },
    { "a backslash at the end", "[{\"labels\":{\"a\\", false },
    { "no UTF-8", "[{\"labels\":{\"a\":\"\xff\"}}]", false },
    { "a surrogate as UTF-8", "[{\"labels\":{\"a\":\"\xed\xa0\x80\"}}]", false },
    { "a control byte", "[{\"labels\":{\"a\":\"x\ty\"}}]", false },
    { "a key of ours in other letters", "[{\"Labels\":{\"a\":\"x\"}}]", false },
    { "a key twice", "[{" LABELS "," LABELS "}]", false },
    { "a key of others", "[{" LABELS ",\"status\":\"firing\"}]", false },
    { "null", "[{" LABELS ",\"annotations\":null}]", false },
    { "a number", "[{\"labels\":{\"a\":1}}]", false },
    { "no labels", "[{\"startsAt\":\"2026-01-01T00:00:00Z\"}]", false },
    { "labels without values", "[{\"labels\":{\"a\":\"\"}}]", false },
    { "no time", "[{" LABELS ",\"endsAt\":\"soon\"}]", false },
    { "an end before the start",
      "[{" LABELS ",\"startsAt\":\"2026-01-02T00:00:00Z\",\"endsAt\":\"2026-01-01T00:00:00Z\"}]", false },
    { "no URI", "[{" LABELS ",\"generatorURL\":\"no uri\"}]", false },
    { "an empty alert", "[{}]", false },
    { "an empty list", "[]", false },
    { "a comma too many", "[{" LABELS "},]", false },
    { "a comma too many inside", "[{\"labels\":{\"a\":\"x\",}}]", false },
    { "a comma missing", "[{" LABELS "}{" LABELS "}]", false },
    { "something behind it", "[{" LABELS "}]]", false },
    { "not the end", "[{" LABELS "}", false },
    { "a good one before a bad one", "[{" LABELS "},{\"labels\":{\"1\":\"x\"}}]", false },
};

/* With `known` a body is read plainly where it can be; without, never. */
static void assert_same(struct slice body)
{
    struct arena *a = arena_create((size_t)8 << 20);
    struct known *k = known_create();
    struct alertmanager_post fresh, again;

    alertmanager_parse(a, body, NULL, &fresh);
    alertmanager_parse(a, body, k, &again);
    if (!same_post(&fresh, &again)) fail_msg("read otherwise: %.*s", (int)body.n, body.p);
    known_destroy(&k);
    arena_destroy(&a);
}

static void what_is_usual_is_read_plainly(void **state)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct arena *a = arena_create((size_t)8 << 20);
        struct known *k = known_create();
        struct signal *v;
        size_t n;
        if (plain_read(a, slice_of(rows[i].body), k, &v, &n) != rows[i].plain) fail_msg("%s", rows[i].what);
        assert_same(slice_of(rows[i].body));
        known_destroy(&k);
        arena_destroy(&a);
    }
    (void)state;
}

/* One byte of each body at a time is another, or missing. */
static void a_changed_byte_is_read_the_same(void **state)
{
    static const char others[] = "\"\\{}[],: u0\n\x01\x7f\x80\xc3";
    struct buf body = { 0 };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct slice whole = slice_of(rows[i].body);
        for (size_t at = 0; at < whole.n; at++)
            for (size_t k = 0; k < sizeof others; k++) { /* the last, the NUL at its end, stands for none */
                buf_reset(&body);
                buf_add(&body, slice_upto(whole, at));
                if (others[k] != '\0') buf_add_char(&body, others[k]);
                buf_add(&body, slice_from(whole, at + 1));
                assert_same(buf_slice(&body));
            }
    }
    buf_release(&body);
    (void)state;
}

/* Texts of all lengths around the words in which they are looked at, and as many labels as are taken, and one more. */
static void lengths_are_read_the_same(void **state)
{
    struct buf body = { .max = 1 << 16 };
    for (size_t n = 0; n < 40; n++)
        for (const char *last = "x\\\"\x1f"; *last != '\0'; last++) {
            buf_reset(&body);
            buf_add_str(&body, "[{\"labels\":{\"a\":\"");
            for (size_t i = 0; i < n; i++) buf_add_char(&body, 'x');
            buf_add_char(&body, *last);
            buf_add_str(&body, "\"},\"annotations\":{\"b\":\"y\"}}]");
            assert_same(buf_slice(&body));
        }
    for (int n = 63; n <= 66; n++) {
        buf_reset(&body);
        buf_add_str(&body, "[{\"labels\":{\"n0\":\"x\"");
        for (int i = 1; i < n; i++) buf_addf(&body, ",\"n%d\":\"x\"", i);
        buf_add_str(&body, "}}]");
        assert_same(buf_slice(&body));
    }
    buf_release(&body);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_usual_is_read_plainly),
        cmocka_unit_test(a_changed_byte_is_read_the_same),
        cmocka_unit_test(lengths_are_read_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
