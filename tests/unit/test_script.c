/* test_script.c - the reader of rehearsal scripts: what is read, and what every refusal says and where. */
#include "harness.h"

#include "engine/script.h"

#include "base/arena.h"
#include "base/check.h"

#define START "start 2026-01-05T03:00:00Z\n"

static void test_times(void **state)
{
    static const struct {
        const char *text;
        int64_t t;
    } rows[] = {
        { "T+00:00", 0 },
        { "T+05:00", 5 * MINUTE },
        { "T+04:59.999", 5 * MINUTE - 1 },
        { "T+00:00.5", 500 },
        { "T+90:00", 90 * MINUTE },
        { "T+1:30:00", 90 * MINUTE },
        { "T+26:00:00.001", 26 * HOUR + 1 },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct arena *a = arena_create(0);
        struct buf text = { 0 };
        struct script s;
        struct error e = { 0 };
        buf_addf(&text, START "%s restart\n", rows[i].text);
        assert_int_equal(script_read(a, S("x"), buf_slice(&text), &s, &e), 0);
        assert_int_equal(s.v[0].t, rows[i].t);
        buf_release(&text);
        arena_destroy(&a);
    }
}

static void test_printed_times(void **state)
{
    static const struct {
        int64_t t;
        const char *text;
    } rows[] = {
        { 0, "T+00:00.000" },
        { 5 * MINUTE + 1, "T+05:00.001" },
        { HOUR, "T+1:00:00.000" },
        { 26 * HOUR - 1, "T+25:59:59.999" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buf b = { 0 };
        script_print_time(rows[i].t, &b);
        assert_string_equal(buf_str(&b), rows[i].text);
        buf_release(&b);
    }
}

/* The line after START is line 2. `says` is a part of the message. */
static void test_refusals(void **state)
{
    static const struct {
        const char *line;
        unsigned col;
        const char *says;
    } rows[] = {
        { "T+5 restart", 1, "expected T+MM:SS" },
        { "T+00:60 restart", 1, "expected T+MM:SS" },
        { "T+1:60:00 restart", 1, "expected T+MM:SS" },
        { "T+00:00.1234 restart", 1, "expected T+MM:SS" },
        { "00:00 restart", 1, "expected T+MM:SS" },
        { "T+00:00", 8, "expected what happens then" },
        { "T+00:00 acc ada", 9, "expected alert, resolve" },
        { "T+00:00 alert", 14, "expected labels" },
        { "T+00:00 alert alertname", 15, "expected NAME=VALUE" },
        { "T+00:00 alert =x", 15, "expected NAME=VALUE" },
        { "T+00:00 alert a=", 15, "expected NAME=VALUE" },
        { "T+00:00 alert a=b a=c", 19, "stands here twice" },
        { "T+00:00 alert a=\"b", 15, "close it with" },
        { "T+00:00 ack ada joan", 17, "is too much here" },
        { "T+00:00 classify", 17, "expected: classify CATEGORY" },
        { "T+00:00 note", 13, "expected: note" },
        { "T+00:00 merge INC-2", 20, "expected: merge INC-n into INC-m" },
        { "T+00:00 merge INC-2 into x", 26, "like INC-1" },
        { "T+00:00 silence for 1h", 17, "expected matchers" },
        { "T+00:00 silence a=~\"(\" for 1h", 17, "" },
        { "T+00:00 silence a=b for soon", 25, "like 1h or 30m" },
        { "T+00:00 ack ada by", 19, "expected a person" },
        { "T+00:00 publish", 16, "expected: publish update, status-page, notice or postmortem" },
        { "T+00:00 publish news", 17, "expected: publish update" },
        { "T+00:00 publish update next soon", 29, "is too much here" },
        { "T+00:00 publish notice next 30m", 24, "is too much here" },
        { "T+00:00 expect updates 2", 25, "expected: expect [no] updates NUMBER of NUMBER" },
        { "T+00:00 scenario", 17, "expected: scenario ID [INC-n]" },
        { "T+00:00 scenario outage now", 25, "is too much here" },
        { "T+00:00 expect prompt \"status\" twice", 32, "is too much here" },
        { "T+00:00 channel mail breaks", 22, "works, fails, busy or hangs" },
        { "T+00:00 person ada asleep", 20, "unreachable" },
        { "T+00:00 down", 13, "expected: down 20m" },
        { "T+00:00 down 0m", 16, "expected: down 20m" },
        { "T+00:00 clock 1h", 15, "clock +1h" },
        { "T+00:00 courier", 16, "courier lost" },
        { "T+00:00 expect", 15, "expected one of" },
        { "T+00:00 expect miracles", 16, "expected one of" },
        { "T+00:00 expect state", 21, "expected: expect [no] state WORD" },
        { "T+00:00 expect pages many", 22, "expected a number" },
        { "T+00:00 expect page ada by", 27, "a kind of contact" },
        { "T+00:00 expect no page ada since T+00:01", 34, "an earlier time" },
        { "start 2026-01-05T03:00:00Z", 1, "stands once" },
        { "T+05:00 restart\nT+04:00 restart", 1, "earlier than line 2" },
        { "T+05:00 down 10m\nT+06:00 ack ada", 9, "is down until T+15:00.000" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct arena *a = arena_create(0);
        struct buf text = { 0 };
        struct script s;
        struct error e = { 0 };
        buf_addf(&text, START "%s\n", rows[i].line);
        const int rc = script_read(a, S("x"), buf_slice(&text), &s, &e);
        if (rc != ERR_SYNTAX || e.line < 2 || e.col != rows[i].col || strstr(e.detail, rows[i].says) == NULL)
            fail_msg("%s: %d %u:%u %s", rows[i].line, rc, e.line, e.col, e.detail);
        buf_release(&text);
        arena_destroy(&a);
    }
}

static void test_whole(void **state)
{
    static const char text[] =
        "# a comment\n\n" START "T+00:00 alert from vmalert alertname=\"Disk \\\"full\\\"\" instance=h1 # why not\n"
        "T+00:01 severity SEV1 INC-3 \"it is worse\" by grace refused\n"
        "T+00:02 expect no page \"Incident Commander\" by phone INC-3 since T+00:01\r\n"
        "T+00:03 resolve\nT+00:04 resolve instance=h1\n"
        "T+00:05 silence a=\"b c\",d=~\"e|f\" for 1h30m \"why\"\n";
    struct arena *a = arena_create(0);
    struct script s;
    struct error e = { 0 };
    (void)state;
    if (script_read(a, S("x"), slice_of(text), &s, &e) != 0) fail_msg("%u:%u %s", e.line, e.col, e.detail);
    assert_int_equal(s.n, 6);
    assert_true(slice_eq(s.v[0].name, S("vmalert")) && s.v[0].n_labels == 2);
    assert_true(slice_eq(s.v[0].labels[0].value, S("Disk \"full\"")));
    assert_true(s.v[1].act.kind == ACT_SEVERITY && s.v[1].act.incident == 3 && s.v[1].refused);
    assert_true(slice_eq(s.v[1].act.text, S("it is worse")) && slice_eq(s.v[1].act.actor, S("grace")));
    assert_true(s.v[2].expect.none && s.v[2].expect.incident == 3 && s.v[2].expect.since == SECOND);
    assert_true(slice_eq(s.v[2].expect.what, S("Incident Commander")) && slice_eq(s.v[2].expect.value, S("phone")));
    assert_true(s.v[3].verb == SCRIPT_ACT && s.v[3].act.kind == ACT_RESOLVE);
    assert_true(s.v[4].verb == SCRIPT_RECOVER && s.v[4].line == 8);
    assert_true(slice_eq(s.v[5].act.matchers, S("a=\"b c\",d=~\"e|f\"")) && s.v[5].lasts == 90 * MINUTE);
    arena_destroy(&a);
}

static void test_limits(void **state)
{
    struct arena *a = arena_create(0);
    struct buf text = { .max = SCRIPT_MAX_BYTES + 10 };
    struct script s;
    struct error e = { 0 };
    (void)state;
    buf_add_str(&text, START);
    for (unsigned i = 0; i <= SCRIPT_MAX_COMMANDS; i++) buf_add_str(&text, "T+00:00 restart\n");
    assert_int_equal(script_read(a, S("x"), buf_slice(&text), &s, &e), ERR_LIMIT);
    assert_int_equal(e.line, SCRIPT_MAX_COMMANDS + 2);
    while (text.len <= SCRIPT_MAX_BYTES) buf_add_char(&text, '\n');
    assert_int_equal(script_read(a, S("x"), buf_slice(&text), &s, &e), ERR_LIMIT);
    assert_int_equal(script_read(a, S("x"), S("\xff"), &s, &e), ERR_SYNTAX);
    assert_int_equal(script_read(a, S("x"), S(""), &s, &e), ERR_SYNTAX);
    buf_release(&text);
    arena_destroy(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_times), cmocka_unit_test(test_printed_times), cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_whole), cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
