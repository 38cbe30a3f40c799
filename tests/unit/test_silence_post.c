/* test_silence_post.c - Alertmanager's body of a silence: what it becomes, and the words of each refusal (R153).
 * That the words are Alertmanager's own is shown by tests/peers/alertmanager_peer.py; these rows keep them. */
#include "harness.h"

#include "base/buf.h"
#include "ingest/silence_post.h"

#define NOW INT64_C(1795402050000) /* 2026-11-23T02:47:30Z */
#define ENDS INT64_C(2111021250000) /* 2036-11-23T02:47:30Z */
#define REST ",\"createdBy\":\"ada\",\"comment\":\"c\"}"
#define TIMES ",\"startsAt\":\"2026-11-23T02:00:00Z\",\"endsAt\":\"2036-11-23T02:47:30Z\""
#define BODY(matchers) "{\"matchers\":[" matchers "]" TIMES REST
#define MATCHER(name, value, more) "{\"name\":\"" name "\",\"value\":\"" value "\"" more "}"
#define IS ",\"isRegex\":false"
#define LIKE ",\"isRegex\":true"

static const struct {
    const char *body, *matchers;
} taken[] = {
    { BODY(MATCHER("a", "b", IS)), "{a=\"b\"}" },
    { BODY(MATCHER("a", "b.*", LIKE) "," MATCHER("c", "d", IS ",\"isEqual\":false")), "{a=~\"b.*\",c!=\"d\"}" },
    { BODY(MATCHER("env", "prod", LIKE ",\"isEqual\":false")), "{env!~\"prod\"}" },
    { BODY(MATCHER("a", "quote \\\" and \\\\", IS)), "{a=\"quote \\\" and \\\\\"}" },
    { "{\"MATCHERS\":[" MATCHER("a", "b", IS) "]" TIMES REST, "{a=\"b\"}" },
};

static const struct {
    const char *body;
    int status;
    const char *answer;
} refused[] = {
    { " ", 422, "{\"code\":602,\"message\":\"silence in body is required\"}" },
    { "null", 422, "{\"code\":602,\"message\":\"comment in body is required\"}" },
    { "{\"comment\":\"c\"}", 422, "{\"code\":602,\"message\":\"createdBy in body is required\"}" },
    { "5", 400,
      "{\"code\":400,\"message\":\"parsing silence body from \\\"\\\" failed, because json: cannot unmarshal number into Go "
      "value of type struct { ID string \\\"json:\\\\\\\"id,omitempty\\\\\\\"\\\" }\"}" },
    { "{\"comment\":[]}", 400,
      "{\"code\":400,\"message\":\"parsing silence body from \\\"\\\" failed, because json: cannot unmarshal array into Go "
      "struct field Silence.comment of type string\"}" },
    { BODY(""), 422, "{\"code\":612,\"message\":\"matchers in body should have at least 1 items\"}" },
    { BODY("{\"name\":\"a\",\"value\":\"b\"}"), 422,
      "{\"code\":602,\"message\":\"matchers.0.isRegex in body is required\"}" },
    { BODY(MATCHER("a", "b", IS) ",{\"isRegex\":false}"), 422,
      "{\"code\":602,\"message\":\"matchers.1.name in body is required\"}" },
    { BODY("{\"name\":\"a\"" IS "}"), 422, "{\"code\":602,\"message\":\"matchers.0.value in body is required\"}" },
    { BODY(MATCHER("1a", "b", IS)), 400,
      "\"silence invalid: invalid label matcher 0: invalid label name \\\"1a\\\"\"\n" },
    { BODY(MATCHER("a", "(", LIKE)), 400,
      "\"silence invalid: invalid label matcher 0: invalid regular expression \\\"(\\\": error parsing regexp\"\n" },
    { BODY(MATCHER("a", ".*", LIKE)), 400,
      "\"silence invalid: at least one matcher must not match the empty string\"\n" },
    { "{\"matchers\":[" MATCHER("a", "b",
                                IS) "],\"startsAt\":\"2036-11-23T02:47:30Z\",\"endsAt\":\"2036-11-23T02:47:30Z\"" REST,
      400, "\"Failed to create silence: start time must be before end time\"\n" },
    { "{\"matchers\":[" MATCHER("a", "b",
                                IS) "],\"startsAt\":\"2026-11-23T01:47:30Z\",\"endsAt\":\"2026-11-23T02:47:30Z\"" REST,
      400, "\"Failed to create silence: end time can't be in the past\"\n" },
};

static void assert_slice(struct slice got, const char *wanted)
{
    if (!slice_eq(got, slice_of(wanted))) fail_msg("%.*s\nwanted: %s", (int)got.n, got.p, wanted);
}

static void R153_a_good_body_is_what_the_act_carries(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++) {
        struct arena *a = arena_create(1 << 20);
        struct silence_post post;
        silence_post_parse(a, slice_of(taken[i].body), NOW, &post);
        assert_int_equal(post.status, 200);
        assert_slice(post.matchers, taken[i].matchers);
        assert_slice(post.comment, "c");
        assert_slice(post.created_by, "ada");
        assert_true(post.starts < NOW && post.ends == ENDS);
        arena_destroy(&a);
    }
}

static void R153_each_refusal_has_alertmanagers_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct arena *a = arena_create(1 << 20);
        struct silence_post post;
        silence_post_parse(a, slice_of(refused[i].body), NOW, &post);
        assert_slice(post.answer, refused[i].answer);
        assert_int_equal(post.status, refused[i].status);
        arena_destroy(&a);
    }
}

/* To keep the first 64 would silence more than was asked for. */
static void more_matchers_than_fit_are_refused_not_cut(void **state)
{
    struct arena *a = arena_create(1 << 20);
    struct buf body = { .max = 1 << 16 };
    struct silence_post post;

    (void)state;
    buf_add_str(&body, "{\"matchers\":[");
    for (int i = 0; i <= SILENCE_MAX_MATCHERS; i++) buf_addf(&body, "%s" MATCHER("a%d", "b", IS), i > 0 ? "," : "", i);
    buf_add_str(&body, "]" TIMES REST);
    silence_post_parse(a, buf_slice(&body), NOW, &post);
    assert_int_equal(post.status, 422);
    assert_slice(post.answer, "{\"code\":612,\"message\":\"matchers in body should have at most 64 items\"}");
    buf_release(&body);
    arena_destroy(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R153_a_good_body_is_what_the_act_carries),
        cmocka_unit_test(R153_each_refusal_has_alertmanagers_words),
        cmocka_unit_test(more_matchers_than_fit_are_refused_not_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
