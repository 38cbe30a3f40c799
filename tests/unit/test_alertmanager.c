/* test_alertmanager.c - what POST /api/v2/alerts accepts and refuses, word for word as Alertmanager 0.25 (R149, R153).
 * Every answer below was seen from Debian's prometheus-alertmanager 0.25; rows marked "ours" differ on purpose. */
#include "harness.h"

#include <yyjson.h>

#include "base/check.h"
#include "ingest/known.h"
#include "same_post.h"

static struct slice parse(struct arena *a, struct slice body, struct alertmanager_post *post)
{
    alertmanager_parse(a, body, NULL, post);
    return post->answer;
}

#define BECAUSE "{\"code\":400,\"message\":\"parsing alerts body from \\\"\\\" failed, because "
#define STRINGS "of type string\"}"

static const struct {
    const char *what, *body;
    int status;
    size_t signals;
    const char *answer;
} rows[] = {
    { "nothing to say", "[]", 200, 0, "" },
    { "null is an empty list", "null", 200, 0, "" },
    { "one alert", "[{\"labels\":{\"a\":\"x\"}}]", 200, 1, "" },
    { "unknown keys are ignored", "[{\"labels\":{\"a\":\"x\"},\"foo\":[1,{}]}]", 200, 1, "" },
    { "keys in any case, as Go reads them", "[{\"Labels\":{\"a\":\"x\"},\"STARTSAT\":null}]", 200, 1, "" },
    { "what follows the list is ignored", "[{\"labels\":{\"a\":\"x\"}}] trailing", 200, 1, "" },
    { "blanks after it too", "[{\"labels\":{\"a\":\"x\"}}]  \n", 200, 1, "" },
    { "bad UTF-8 is repaired", "[{\"labels\":{\"a\":\"\xff\"}}]", 200, 1, "" },
    { "a lone surrogate too", "[{\"labels\":{\"a\":\"\\ud800\"}}]", 200, 1, "" },
    { "an empty body", "", 422, 0, "{\"code\":602,\"message\":\"alerts in body is required\"}" },
    { "a blank body", " \r\n", 422, 0, "{\"code\":602,\"message\":\"alerts in body is required\"}" },
    { "not a list", "{}", 400, 0,
      BECAUSE "json: cannot unmarshal object into Go value of type models.PostableAlerts\"}" },
    { "a text", "\"x\"", 400, 0,
      BECAUSE "json: cannot unmarshal string into Go value of type models.PostableAlerts\"}" },
    { "no JSON", "NaN", 400, 0, NULL },
    { "cut off", "[{\"labels\":{\"a\":\"x\"}", 400, 0, BECAUSE "unexpected EOF\"}" },
    { "cut off at once", "[", 400, 0, BECAUSE "unexpected EOF\"}" },
    { "a trailing comma", "[{\"labels\":{\"a\":\"x\"},}]", 400, 0, NULL },
    { "single quotes", "[{'labels':{}}]", 400, 0, NULL },
    { "a byte order mark", "\xef\xbb\xbf[]", 400, 0, NULL },
    { "a control byte in a text", "[{\"labels\":{\"a\":\"x\ny\"}}]", 400, 0, NULL },
    { "no labels key", "[{}]", 422, 0, "{\"code\":602,\"message\":\"0.labels in body is required\"}" },
    { "labels null", "[{\"labels\":{\"a\":\"x\"}},{\"labels\":null}]", 422, 0,
      "{\"code\":602,\"message\":\"1.labels in body is required\"}" },
    { "an alert null (ours: Alertmanager breaks the connection)", "[null]", 422, 0,
      "{\"code\":602,\"message\":\"0.labels in body is required\"}" },
    { "no labels", "[{\"labels\":{}}]", 400, 0, "\"at least one label pair required\"\n" },
    { "only empty labels", "[{\"labels\":{\"a\":\"\"}}]", 400, 0, "\"at least one label pair required\"\n" },
    { "the last of two equal keys is empty", "[{\"labels\":{\"a\":\"z\",\"a\":\"\"}}]", 400, 0,
      "\"at least one label pair required\"\n" },
    { "a bad name with an empty value is dropped first", "[{\"labels\":{\"1bad\":\"\"}}]", 400, 0,
      "\"at least one label pair required\"\n" },
    { "a null value is an empty one", "[{\"labels\":{\"a\":null}}]", 400, 0, "\"at least one label pair required\"\n" },
    { "a bad name", "[{\"labels\":{\"1bad\":\"x\"}}]", 400, 0, "\"invalid label set: invalid name \\\"1bad\\\"\"\n" },
    { "an empty name", "[{\"labels\":{\"\":\"x\"}}]", 400, 0, "\"invalid label set: invalid name \\\"\\\"\"\n" },
    { "a dash in a name", "[{\"labels\":{\"a-b\":\"x\"}}]", 400, 0,
      "\"invalid label set: invalid name \\\"a-b\\\"\"\n" },
    { "quotes in a name", "[{\"labels\":{\"a\\\"b\":\"x\"}}]", 400, 0,
      "\"invalid label set: invalid name \\\"a\\\\\\\"b\\\"\"\n" },
    { "control bytes in a name", "[{\"labels\":{\"a\\n\\u0001b\":\"x\"}}]", 400, 0,
      "\"invalid label set: invalid name \\\"a\\\\n\\\\x01b\\\"\"\n" },
    { "a bad annotation name", "[{\"labels\":{\"a\":\"x\"},\"annotations\":{\"1bad\":\"v\"}}]", 400, 0,
      "\"invalid annotations: invalid name \\\"1bad\\\"\"\n" },
    { "two of them refused, the third accepted",
      "[{\"labels\":{\"1\":\"x\"}},{\"labels\":{}},{\"labels\":{\"a\":\"x\"}}]", 400, 1,
      "\"invalid label set: invalid name \\\"1\\\"; at least one label pair required\"\n" },
    { "a number for a label", "[{\"labels\":{\"a\":1}}]", 400, 0,
      BECAUSE "json: cannot unmarshal number into Go struct field Alert.labels " STRINGS },
    { "a list for labels", "[{\"labels\":[]}]", 400, 0,
      BECAUSE "json: cannot unmarshal array into Go struct field Alert.labels of type models.LabelSet\"}" },
    { "a number for an annotation", "[{\"labels\":{\"a\":\"x\"},\"annotations\":{\"a\":1}}]", 400, 0,
      BECAUSE "json: cannot unmarshal number into Go struct field .annotations " STRINGS },
    { "a number for a URL", "[{\"labels\":{\"a\":\"x\"},\"generatorURL\":5}]", 400, 0,
      BECAUSE "json: cannot unmarshal number into Go struct field Alert.generatorURL " STRINGS },
    { "a number for a time", "[{\"labels\":{\"a\":\"x\"},\"startsAt\":5}]", 400, 0,
      BECAUSE "json: cannot unmarshal number into Go struct field .startsAt " STRINGS },
    { "no time", "[{\"labels\":{\"a\":\"x\"},\"startsAt\":\"junk\"}]", 400, 0, NULL },
    { "no such month", "[{\"labels\":{\"a\":\"x\"},\"startsAt\":\"2026-13-05T03:00:00Z\"}]", 400, 0, NULL },
    { "no URL", "[{\"labels\":{\"a\":\"x\"},\"generatorURL\":\"not a url\"}]", 422, 0,
      "{\"code\":601,\"message\":\"0.generatorURL in body must be of type uri: \\\"not a url\\\"\"}" },
    { "a path for a URL", "[{\"labels\":{\"a\":\"x\"},\"generatorURL\":\"/graph\"}]", 200, 1, "" },
    { "it ended before it began",
      "[{\"labels\":{\"a\":\"x\"},\"startsAt\":\"2026-01-05T03:00:00Z\",\"endsAt\":\"2026-01-05T02:00:00Z\"}]", 400, 0,
      "\"start time must be before end time\"\n" },
};

static void answers_are_alertmanagers(void **state)
{
    struct arena *a = arena_create(1u << 20);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct alertmanager_post post;
        struct slice answer = parse(a, slice_of(rows[i].body), &post);
        struct slice expected = rows[i].answer != NULL ? slice_of(rows[i].answer) : answer;
        if (post.status != rows[i].status || post.n != rows[i].signals || !slice_eq(answer, expected))
            fail_msg("%s: %d, %zu signals, %.*s", rows[i].what, post.status, post.n, (int)answer.n, answer.p);
        assert_true(rows[i].answer != NULL || slice_has_prefix(answer, S(BECAUSE)));
        arena_reset(a);
    }
    arena_destroy(&a);
    (void)state;
}

static void times_and_what_is_not_said(void **state)
{
    static const struct {
        const char *what, *starts, *ends;
        int64_t starts_ms, ends_ms;
    } times[] = {
        { "neither (ours: Alertmanager reads the empty text as 1970)", "", "", 0, 0 },
        { "year 0001 is unset", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z", 0, 0 },
        { "whole seconds", "2026-01-05T03:00:00Z", "", 1767582000000, 0 },
        { "nanoseconds are cut", "2026-01-05T03:00:00.123999999Z", "", 1767582000123, 0 },
        { "an offset", "2026-01-05T04:00:00+01:00", "", 1767582000000, 0 },
        { "no zone is UTC", "2026-01-05T03:00:00", "", 1767582000000, 0 },
        { "only an end: it began there", "", "2026-01-05T03:00:00.5Z", 1767582000500, 1767582000500 },
        { "a blank for T (ours: Alertmanager refuses it)", "2026-01-05 03:00:00Z", "", 1767582000000, 0 },
        { "far ahead, no end (ours: Alertmanager refuses it)", "2036-01-05T03:00:00Z", "", 2083114800000, 0 },
        { "both at once", "2026-01-05T03:00:00Z", "2026-01-05T03:00:00Z", 1767582000000, 1767582000000 },
    };
    struct arena *a = arena_create(1u << 20);
    for (size_t i = 0; i < COUNT_OF(times); i++) {
        struct alertmanager_post post;
        struct buf body = { 0 };
        buf_addf(&body, "[{\"labels\":{\"a\":\"x\"},\"startsAt\":\"%s\",\"endsAt\":\"%s\"}]", times[i].starts,
                 times[i].ends);
        parse(a, buf_slice(&body), &post);
        if (post.n != 1 || post.v[0].starts != times[i].starts_ms || post.v[0].ends != times[i].ends_ms)
            fail_msg("%s: %lld %lld", times[i].what, (long long)post.v[0].starts, (long long)post.v[0].ends);
        buf_release(&body);
    }
    arena_destroy(&a);
    (void)state;
}

/* A time that an alert before said is not read again, and is not taken for another's. */
static void alerts_of_one_body_have_their_own_times(void **state)
{
#define AT(name, starts, ends) "{\"labels\":{\"a\":\"" name "\"},\"startsAt\":\"" starts "\",\"endsAt\":\"" ends "\"}"
    static const int64_t expected[][2] = {
        { 1767582000000, 1767585600000 },
        { 1767582000000, 1767585600000 },
        { 1767585600000, 1767585600000 },
        { 1767582000000, 1767582000500 },
        { 0, 0 },
    };
    struct arena *a = arena_create(1u << 20);
    struct alertmanager_post post;
    parse(a,
          S("[" AT("1", "2026-01-05T03:00:00Z", "2026-01-05T04:00:00Z") "," AT(
              "2", "2026-01-05T03:00:00Z",
              "2026-01-05T04:00:00Z") "," AT("3", "2026-01-05T04:00:00Z",
                                             "2026-01-05T04:00:00Z") "," AT("4", "2026-01-05T03:00:00Z",
                                                                            "2026-01-05T03:00:00.5Z") "," AT("5", "",
                                                                                                             "") "]"),
          &post);
#undef AT
    assert_int_equal(post.n, COUNT_OF(expected));
    for (size_t i = 0; i < post.n; i++) {
        assert_int_equal(post.v[i].starts, expected[i][0]);
        assert_int_equal(post.v[i].ends, expected[i][1]);
    }
    arena_destroy(&a);
    (void)state;
}

/* R149: fingerprints as Alertmanager printed them for the same labels. */
static void fingerprints_are_alertmanagers(void **state)
{
    static const struct {
        const char *labels;
        uint64_t fingerprint;
    } prints[] = {
        { "{\"a\":\"x\"}", UINT64_C(0xd2c7718192a8a294) },
        { "{\"a\":\"caps\"}", UINT64_C(0x602667ffd0e3edb9) },
        { "{\"a\":\"z\",\"b\":\"z\"}", UINT64_C(0x53018ea9ab69145e) },
        { "{\"b\":\"z\",\"a\":\"z\"}", UINT64_C(0x53018ea9ab69145e) },
        { "{\"b\":\"z\",\"a\":\"q\",\"c\":\"\",\"a\":\"z\"}", UINT64_C(0x53018ea9ab69145e) },
    };
    struct arena *a = arena_create(1u << 20);
    for (size_t i = 0; i < COUNT_OF(prints); i++) {
        struct alertmanager_post post;
        struct buf body = { 0 };
        buf_addf(&body, "[{\"labels\":%s}]", prints[i].labels);
        parse(a, buf_slice(&body), &post);
        assert_int_equal(post.n, 1);
        assert_true(post.v[0].fingerprint == prints[i].fingerprint);
        buf_release(&body);
    }
    arena_destroy(&a);
    (void)state;
}

static void a_signal_holds_what_was_said(void **state)
{
    struct arena *a = arena_create(1u << 20);
    struct alertmanager_post post;
    parse(a,
          S("[{\"labels\":{\"z\":\"1\",\"alertname\":\"Disk \\u00e9\"},\"generatorURL\":\"http://p/g?a&b\","
            "\"annotations\":{\"title\":\"t\",\"description\":\"first\\nsecond\",\"empty\":\"\"}}]"),
          &post);
    assert_int_equal(post.n, 1);
    assert_int_equal(post.v[0].n_labels, 2);
    assert_true(slice_eq(post.v[0].labels[0].name, S("alertname")));
    assert_true(slice_eq(post.v[0].labels[0].value, S("Disk \xc3\xa9")));
    assert_true(slice_eq(post.v[0].labels_text, S("alertname\xff"
                                                  "Disk \xc3\xa9\xffz\xff"
                                                  "1\xff")));
    assert_true(slice_eq(post.v[0].annotations,
                         S("{\"annotations\":{\"description\":\"first\\nsecond\",\"empty\":\"\",\"title\":\"t\"},"
                           "\"generatorURL\":\"http://p/g?a&b\"}")));
    assert_true(slice_eq(post.v[0].summary, S("t")));
    parse(a, S("[{\"labels\":{\"a\":\"1\"},\"annotations\":{\"description\":\" first \\r\\nsecond\"}}]"), &post);
    assert_true(slice_eq(post.v[0].summary, S("first")));
    arena_destroy(&a);
    (void)state;
}

/* One alert with `labels` labels, a name of `name` bytes and a value of `value` bytes. */
static void build(struct buf *out, int labels, int name, int value)
{
    buf_reset(out);
    buf_add_str(out, "[{\"labels\":{");
    for (int i = 0; i < labels - 1; i++) buf_addf(out, "\"l%d\":\"v\",", i);
    buf_add_char(out, '"');
    for (int i = 0; i < name; i++) buf_add_char(out, 'n');
    buf_add_str(out, "\":\"");
    for (int i = 0; i < value; i++) buf_add_char(out, 'v');
    buf_add_str(out, "\"}}]");
}

static void limits_have_edges(void **state)
{
    static const struct {
        int labels, name, value, status;
        const char *words;
    } edges[] = {
        { 64, 1, 1, 200, "" },
        { 65, 1, 1, 400, "\"invalid label set: more than 64 labels\"\n" },
        { 1, 1024, 1, 200, "" },
        { 1, 1025, 1, 400, "\"invalid label set: name longer than 1024 bytes" },
        { 1, 1, 16384, 200, "" },
        { 1, 1, 16385, 400, "\"invalid label set: value longer than 16384 bytes of \\\"n\\\"\"\n" },
    };
    struct arena *a = arena_create(1u << 20);
    struct buf body = { 0 };
    for (size_t i = 0; i < COUNT_OF(edges); i++) {
        struct alertmanager_post post;
        build(&body, edges[i].labels, edges[i].name, edges[i].value);
        struct slice answer = parse(a, buf_slice(&body), &post);
        assert_int_equal(post.status, edges[i].status);
        assert_int_equal(post.n, edges[i].status == 200);
        assert_true(slice_has_prefix(answer, slice_of(edges[i].words)));
        arena_reset(a);
    }
    buf_release(&body);
    arena_destroy(&a);
    (void)state;
}

static void depth_and_size_have_edges(void **state)
{
    struct arena *a = arena_create(1u << 20);
    struct buf body = { .max = ALERT_MAX_BODY + 2 };
    struct alertmanager_post post;

    buf_add_str(&body, "[{\"labels\":{\"a\":\"x\"},\"deep\":");
    for (int i = 0; i < ALERT_MAX_DEPTH - 2; i++) buf_add_char(&body, '[');
    for (int i = 0; i < ALERT_MAX_DEPTH - 2; i++) buf_add_char(&body, ']');
    buf_add_str(&body, "}]");
    parse(a, buf_slice(&body), &post);
    assert_int_equal(post.status, 200);
    buf_reset(&body);
    for (int i = 0; i < ALERT_MAX_DEPTH + 1; i++) buf_add_char(&body, '[');
    assert_true(slice_eq(parse(a, buf_slice(&body), &post), S(BECAUSE "it is nested deeper than 64 levels\"}")));
    buf_reset(&body);
    buf_add_str(&body, "[]");
    while (body.len < ALERT_MAX_BODY) buf_add_char(&body, ' ');
    parse(a, buf_slice(&body), &post);
    assert_int_equal(post.status, 200);
    buf_add_char(&body, ' ');
    assert_true(slice_eq(parse(a, buf_slice(&body), &post),
                         S("{\"code\":413,\"message\":\"the body is larger than 4194304 bytes\"}")));
    assert_int_equal(post.status, 413);
    buf_release(&body);
    arena_destroy(&a);
    (void)state;
}

/* One POST body a line, as the peers sent it: 200, and every alert of it there, however often it is told. */
static size_t replay_capture(const char *path, size_t *alerts)
{
    struct known *known = known_create();
    FILE *f = fopen(path, "r");
    char *line = NULL;
    size_t room = 0, posts = 0;
    assert_non_null(f);
    while (getline(&line, &room, f) > 0) {
        yyjson_doc *doc = yyjson_read(line, strlen(line), 0);
        yyjson_val *root = yyjson_doc_get_root(doc);
        const char *method = yyjson_get_str(yyjson_obj_get(root, "m"));
        const char *to = yyjson_get_str(yyjson_obj_get(root, "p"));
        if (method != NULL && strcmp(method, "POST") == 0 && strstr(to, "/alerts") != NULL) {
            struct arena *a = arena_create(1u << 20);
            const struct slice body = slice_of(yyjson_get_str(yyjson_obj_get(root, "b")));
            struct alertmanager_post post, again;
            alertmanager_parse(a, body, NULL, &post);
            assert_int_equal(post.status, 200);
            for (int i = 0; i < 3; i++) {
                alertmanager_parse(a, body, known, &again);
                assert_true(same_post(&post, &again));
            }
            *alerts += post.n;
            posts++;
            arena_destroy(&a);
        }
        yyjson_doc_free(doc);
    }
    free(line);
    fclose(f);
    known_destroy(&known);
    return posts;
}

static void what_real_senders_sent_is_accepted(void **state)
{
    size_t alerts = 0;
    assert_int_equal(replay_capture(TOCSIN_TESTS "/data/peers/amtool-and-prometheus-capture.jsonl", &alerts), 8);
    assert_int_equal(alerts, 8);
    alerts = 0;
    assert_int_equal(replay_capture(TOCSIN_TESTS "/data/peers/vmalert-capture.jsonl", &alerts), 12);
    assert_int_equal(alerts, 12);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_are_alertmanagers),
        cmocka_unit_test(times_and_what_is_not_said),
        cmocka_unit_test(alerts_of_one_body_have_their_own_times),
        cmocka_unit_test(fingerprints_are_alertmanagers),
        cmocka_unit_test(a_signal_holds_what_was_said),
        cmocka_unit_test(limits_have_edges),
        cmocka_unit_test(depth_and_size_have_edges),
        cmocka_unit_test(what_real_senders_sent_is_accepted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
