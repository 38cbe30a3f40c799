/* test_cli.c - command lines: what is understood, what is refused and how, and the requests that acts become. */
#include "harness.h"

#include "base/check.h"
#include "base/vec.h"
#include "cli/act.h"
#include "cli/help.h"
#include "cli/nearest.h"
#include "cli/screen.h"
#include "cli/value.h"

#define WORDS_MAX 12

/* Splits at blanks; no quoting: "_" stands for a blank inside a word. */
static int split(struct arena *a, const char *line, char **argv)
{
    struct slice left = slice_of(line);
    int n = 0;
    while (left.n > 0) {
        char *word = arena_str(a, slice_cut(&left, ' '));
        for (char *c = word; *c != '\0'; c++)
            if (*c == '_') *c = ' ';
        assert_true(n < WORDS_MAX);
        argv[n++] = word;
    }
    argv[n] = NULL;
    return n;
}

static int read_line(struct invocation *in, const char *line, struct error *e)
{
    char *argv[WORDS_MAX + 1];
    in->arena = arena_create(0);
    const int argc = split(in->arena, line, argv);
    const struct command *c = command_named(argv[0]);
    assert_non_null(c);
    return invocation_read(in, c, argc, argv, e);
}

/* --- acts: a command line is one request (core/act.h) --- */

static void acts_become_requests(void **state)
{
    static const struct {
        const char *line, *path, *body; /* without a body it is a DELETE, else a POST */
    } rows[] = {
        { "ack INC-42", "/api/v1/incidents/INC-42/ack", "{}" },
        { "ack 42 looking into it", "/api/v1/incidents/INC-42/ack", "{\"text\":\"looking into it\"}" },
        { "ack inc-42 --severity SEV1", "/api/v1/incidents/INC-42/ack", "{\"severity\":\"SEV1\"}" },
        { "ack --severity=SEV1 42", "/api/v1/incidents/INC-42/ack", "{\"severity\":\"SEV1\"}" },
        { "declare Checkout is down --severity SEV1 --service dashboard", "/api/v1/incidents",
          "{\"text\":\"Checkout is down\",\"severity\":\"SEV1\",\"service\":\"dashboard\"}" },
        { "declare --incident INC-7", "/api/v1/incidents/INC-7/declare", "{}" },
        { "severity 42", "/api/v1/incidents/INC-42/severity", "{}" },
        { "severity 42 SEV2 one customer affected", "/api/v1/incidents/INC-42/severity",
          "{\"severity\":\"SEV2\",\"text\":\"one customer affected\"}" },
        { "classify 42 security", "/api/v1/incidents/INC-42/classify", "{\"category\":\"security\"}" },
        { "assign 42 incident-commander", "/api/v1/incidents/INC-42/assign", "{\"role\":\"incident-commander\"}" },
        { "assign 42 incident-commander grace", "/api/v1/incidents/INC-42/assign",
          "{\"role\":\"incident-commander\",\"person\":\"grace\"}" },
        { "note 42 it said \"no\"", "/api/v1/incidents/INC-42/note", "{\"text\":\"it said \\\"no\\\"\"}" },
        { "note 42 -- --force was used", "/api/v1/incidents/INC-42/note", "{\"text\":\"--force was used\"}" },
        { "silence alertname=\"DiskFull\" --for 2h disk is replaced", "/api/v1/silences",
          "{\"matchers\":\"alertname=\\\"DiskFull\\\"\",\"text\":\"disk is replaced\",\"for\":\"2h\"}" },
        { "silence a=b --starts 2026-01-05T22:00:00+01:00 --ends 2026-01-06T04:00:00Z", "/api/v1/silences",
          "{\"matchers\":\"a=b\",\"starts\":\"2026-01-05T21:00:00.000Z\",\"ends\":\"2026-01-06T04:00:00.000Z\"}" },
        { "unsilence 3", "/api/v1/silences/3", "" },
        { "mitigate 42", "/api/v1/incidents/INC-42/mitigate", "{}" },
        { "resolve 42 index rebuilt", "/api/v1/incidents/INC-42/resolve", "{\"text\":\"index rebuilt\"}" },
        { "dismiss 42 planned", "/api/v1/incidents/INC-42/dismiss", "{\"text\":\"planned\"}" },
        { "merge 43 inc-42", "/api/v1/incidents/INC-43/merge", "{\"into\":\"INC-42\"}" },
        { "move 42 as agreed", "/api/v1/incidents/INC-42/move", "{\"text\":\"as agreed\"}" },
        { "activate --reason agreed", "/api/v1/procedures/activate", "{\"reason\":\"agreed\"}" },
        { "activate --reason agreed --bundle 3 --move-open --override W-A=x --override W-B=y",
          "/api/v1/procedures/activate",
          "{\"reason\":\"agreed\",\"bundle\":3,\"move-open\":true,\"override\":[\"W-A=x\",\"W-B=y\"]}" },
        { "reopen 42", "/api/v1/incidents/INC-42/reopen", "{}" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct invocation in = { 0 };
        const char *method;
        struct buf path = { 0 }, body = { 0 };
        struct error e = { 0 };
        if (read_line(&in, rows[i].line, &e) < 0) fail_msg("%s: %s", rows[i].line, e.detail);
        assert_int_equal(act_request(&in, &method, &path, &body, &e), 0);
        assert_string_equal(method, rows[i].body[0] == '\0' ? "DELETE" : "POST");
        assert_string_equal(buf_str(&path), rows[i].path);
        assert_string_equal(buf_str(&body), rows[i].body);
        buf_release(&path);
        buf_release(&body);
        arena_destroy(&in.arena);
    }
}

/* Every act that has a command uses all arguments of its descriptor, each once, under its own name. */
static void commands_take_what_acts_take(void **state)
{
    (void)state;
    for (size_t i = 0; commands[i] != NULL; i++) {
        struct arena *a = arena_create(0);
        size_t n, arguments = 0, taken = 0;
        if (commands[i]->act == ACT_UNSET) {
            arena_destroy(&a);
            continue;
        }
        const struct act_def *def = &act_defs[commands[i]->act];
        const struct parameter *all = command_parameters(commands[i], a, &n);
        assert_string_equal(commands[i]->name, def->name);
        for (; def->args[arguments].type != ARG_NONE; arguments++)
            for (size_t k = 0; k < n; k++) taken += strcmp(all[k].name, def->args[arguments].name) == 0;
        assert_int_equal(taken, arguments);
        arena_destroy(&a);
    }
}

/* --- what is refused, and what the message says --- */

static void refusals_say_what_would_do(void **state)
{
    static const struct {
        const char *line, *says;
    } rows[] = {
        { "ack", "incident is missing" },
        { "ack x", "write INC-42 or 42" },
        { "ack INC-0", "write INC-42 or 42" },
        { "ack 99999999999999999999", "write INC-42 or 42" },
        { "ack 42 --sverity SEV1", "--severity is near" },
        { "ack 42 --colour", "no option --colour" },
        { "ack 42 --severity", "needs a value" },
        { "ack 42 --severity SEV1 --severity SEV2", "twice" },
        { "ack 42 -x", "options are long ones" },
        { "dismiss 42", "text is missing" },
        { "merge 43", "into is missing" },
        { "merge 43 42 41", "one word too many" },
        { "show", "incident is missing" },
        { "show 1 2", "one word too many" },
        { "show 1 --format xml", "one of: text json" },
        { "incidents --all=yes", "takes no value" },
        { "incidents --limit many", "no number" },
        { "silence DiskFull", "is no matcher" },
        { "silence a=b --for soon", "30m, 2h" },
        { "silence a=b --for 0s", "30m, 2h" },
        { "alert", "label is missing" },
        { "alert alertname", "NAME=VALUE" },
        { "alert =x", "NAME=VALUE" },
        { "serve", "site is missing" },
        { "serve --site s.yaml --log loud", "one of: error warning info debug" },
        { "note 42 \xff", "not UTF-8" },
        { "help --completion fish", "one of: bash" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct invocation in = { 0 };
        struct error e = { 0 };
        if (read_line(&in, rows[i].line, &e) == 0) fail_msg("%s: was taken", rows[i].line);
        assert_int_equal(e.code, ERR_SYNTAX);
        if (strstr(e.detail, rows[i].says) == NULL)
            fail_msg("%s: says \"%s\", not \"%s\"", rows[i].line, e.detail, rows[i].says);
        arena_destroy(&in.arena);
    }
}

static void times_that_do_not_exist_are_refused(void **state)
{
    struct invocation in = { 0 };
    const char *method;
    struct buf path = { 0 }, body = { 0 };
    struct error e = { 0 };
    (void)state;
    assert_int_equal(read_line(&in, "silence a=b --starts 25:00", &e), 0);
    assert_int_equal(act_request(&in, &method, &path, &body, &e), ERR_SYNTAX);
    assert_non_null(strstr(e.detail, "03:00"));
    buf_release(&path);
    buf_release(&body);
    arena_destroy(&in.arena);
}

static void options_that_repeat_keep_their_order(void **state)
{
    struct invocation in = { 0 };
    struct error e = { 0 };
    (void)state;
    assert_int_equal(
        read_line(&in, "alert alertname=X --annotation summary=a b=c --annotation runbook=d --resolve", &e), 0);
    assert_int_equal(given_values(&in, "label")->n, 2);
    assert_string_equal(given_values(&in, "label")->v[1], "b=c");
    assert_int_equal(given_values(&in, "annotation")->n, 2);
    assert_string_equal(given_values(&in, "annotation")->v[0], "summary=a");
    assert_true(given_switch(&in, "resolve"));
    assert_null(given_value(&in, "for"));
    assert_false(in.json);
    arena_destroy(&in.arena);
}

/* --- values --- */

static void durations(void **state)
{
    static const struct {
        const char *text;
        int64_t ms;
    } rows[] = {
        { "90s", 90000 },
        { "30m", 1800000 },
        { "2h", 7200000 },
        { "1h30m", 5400000 },
        { "1d", 86400000 },
        { "1w", 604800000 },
        { "", 0 },
        { "2", 0 },
        { "h", 0 },
        { "2x", 0 },
        { "-2h", 0 },
        { "0m", 0 },
        { "9999999999999999w", 0 },
        { "1h ", 0 },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int64_t ms = 0;
        const bool good = value_duration(rows[i].text, &ms);
        if (good != (rows[i].ms > 0) || (good && ms != rows[i].ms)) fail_msg("%s: %lld", rows[i].text, (long long)ms);
    }
}

/* Now is 2026-01-05T03:00:00Z; the zone is UTC. */
static void points_in_time(void **state)
{
    static const int64_t now = INT64_C(1767582000000);
    static const struct {
        const char *text, *utc;
    } rows[] = {
        { "now", "2026-01-05T03:00:00Z" },
        { "+2h", "2026-01-05T05:00:00Z" },
        { "-30m", "2026-01-05T02:30:00Z" },
        { "22:15", "2026-01-05T22:15:00Z" },
        { "22:15:30", "2026-01-05T22:15:30Z" },
        { "2026-02-01 08:00", "2026-02-01T08:00:00Z" },
        { "2026-02-01T08:00", "2026-02-01T08:00:00Z" },
        { "2026-02-01T08:00:00+01:00", "2026-02-01T07:00:00Z" },
        { "2026-02-30 08:00", NULL },
        { "24:00", NULL },
        { "8:00", NULL },
        { "tomorrow", NULL },
        { "", NULL },
        { "+", NULL },
        { "2026-02-01", NULL },
        { "22:15x", NULL },
    };
    struct zone *utc = zone_create_utc();
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buf text = { 0 };
        struct error e = { 0 };
        int64_t at = 0;
        const int rc = value_time(rows[i].text, utc, now, &at, &e);
        if ((rc == 0) != (rows[i].utc != NULL)) fail_msg("%s: %d", rows[i].text, rc);
        civil_format_rfc3339(&text, at, 0, false);
        if (rc == 0) assert_string_equal(buf_str(&text), rows[i].utc);
        buf_release(&text);
    }
    zone_destroy(&utc);
}

static void nearest_commands(void **state)
{
    static const struct {
        const char *typed, *meant;
    } rows[] = {
        { "chek", "check" },
        { "ackn", "ack" },
        { "incident", "incidents" },
        { "shwo", "show" },
        { "resovle", "resolve" },
        { "oncal", "oncall" },
        { "severty", "severity" },
        { "dec", "declare" },
        { "xyzzy", NULL },
        { "a", NULL },
        { "supercalifragilisticexpialidocious", NULL },
        { "", NULL },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *near = command_nearest(rows[i].typed);
        if (rows[i].meant == NULL)
            assert_null(near);
        else
            assert_string_equal(near == NULL ? "(none)" : near, rows[i].meant);
    }
}

/* --- the table --- */

static void every_command_is_whole(void **state)
{
    (void)state;
    for (size_t i = 0; commands[i] != NULL; i++) {
        struct arena *a = arena_create(0);
        const struct command *c = commands[i];
        size_t n;
        const struct parameter *all = command_parameters(c, a, &n);
        assert_ptr_equal(command_named(c->name), c);
        assert_non_null(c->run);
        assert_true(strlen(command_summary(c)) > 0 && command_summary(c)[strlen(command_summary(c)) - 1] != '\n');
        if ((c->flags & WRITES) != 0) assert_true((c->flags & NEEDS_SERVER) != 0);
        for (size_t k = 0; k < n; k++) {
            assert_true(all[k].kind != VALUE_UNSET);
            assert_true(all[k].what[strlen(all[k].what) - 1] == '.' || strchr(all[k].what, '\xe2') != NULL);
            assert_true((all[k].kind == VALUE_CHOICE) == (all[k].choices != NULL));
            for (size_t j = 0; j < k; j++) assert_string_not_equal(all[j].name, all[k].name);
        }
        arena_destroy(&a);
    }
}

/* As a shell would, as far as the examples go: quotes, and an end at > or &&. */
static int shell_split(struct arena *a, const char *line, char **argv)
{
    struct slice left = slice_of(line);
    int n = 0;
    while ((left = slice_trim(left)).n > 0 && left.p[0] != '>' && left.p[0] != '&') {
        struct buf word = { 0 };
        char quote = '\0';
        for (; left.n > 0 && (quote != '\0' || left.p[0] != ' '); left = slice_from(left, 1)) {
            const char c = left.p[0];
            if (quote == '\0' && (c == '"' || c == '\''))
                quote = c;
            else if (c == quote)
                quote = '\0';
            else
                buf_add_char(&word, c);
        }
        assert_true(n < WORDS_MAX);
        argv[n++] = arena_str(a, buf_slice(&word));
        buf_release(&word);
    }
    argv[n] = NULL;
    return n;
}

static void understand(const struct command *c, const char *line)
{
    struct invocation in = { .arena = arena_create(0) };
    struct error e = { 0 };
    char *argv[WORDS_MAX + 1];
    const int argc = shell_split(in.arena, line, argv);
    assert_true(argc >= 2);
    assert_string_equal(argv[0], "tocsin");
    assert_string_equal(argv[1], c->name);
    if (invocation_read(&in, c, argc - 1, argv + 1, &e) < 0) fail_msg("%s: %s", line, e.detail);
    arena_destroy(&in.arena);
}

/* Every example is a line that its own command understands. */
static void examples_are_understood(void **state)
{
    (void)state;
    for (size_t i = 0; commands[i] != NULL; i++) {
        const struct command *c = commands[i];
        if (c->act != ACT_UNSET) understand(c, act_defs[c->act].example);
        for (const struct example *x = c->examples; x != NULL && x->line != NULL; x++)
            if (!slice_has_prefix(slice_of(x->line), S("tocsin check --site site.yaml &&"))) understand(c, x->line);
    }
    assert_null(command_named("tocsin"));
    assert_null(command_named(""));
}

/* Columns stand under each other in a terminal, whatever script a sender writes. */
static void tables_know_how_wide_letters_are(void **state)
{
    static const char *const heads[] = { "WHO", "WHAT" };
    static const struct {
        const char *text;
        size_t width;
    } rows[] = {
        { "Ada", 3 },
        { "", 0 },
        { "J\xc3\xb8rgen", 6 },
        { "\xe5\xb1\xb1\xe7\x94\xb0", 4 }, /* two ideographs */
        { "\xea\xb9\x80", 2 }, /* a Hangul syllable */
        { "\xef\xbc\xa1", 2 }, /* a fullwidth A */
        { "e\xcc\x81", 1 }, /* e with a combining acute */
        { "\xf0\x9f\x94\xa5", 2 }, /* an emoji */
        { "a\xe2\x80\x8b" "b", 2 }, /* a zero-width space */
        { "\xff", 1 }, /* no UTF-8: shown as one sign */
    };
    struct table *t = table_create(heads, COUNT_OF(heads));
    struct screen s = { 0 };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_int_equal(screen_width(slice_of(rows[i].text)), rows[i].width);
        table_cell(t, COLOUR_PLAIN, slice_of(rows[i].text));
        table_cell(t, COLOUR_PLAIN, S("|"));
    }
    table_print(t, &s, "");
    struct slice text = buf_slice(&s.out);
    slice_cut(&text, '\n');
    while (text.n > 0) {
        const struct slice line = slice_cut(&text, '\n');
        assert_int_equal(screen_width(slice_upto(line, slice_find_char(line, '|'))), 8); /* the widest and the gap */
    }
    table_destroy(&t);
    buf_release(&s.out);
    (void)state;
}

/* Nor can what a sender writes turn the line around it. */
static void what_comes_from_outside_moves_nothing(void **state)
{
    struct screen s = { 0 };
    screen_text(&s, S("a\033[2J\xe2\x80\xae" "b\xe2\x81\xa6" "c\xe2\x80\xa8" "d"));
    assert_string_equal(buf_str(&s.out), "a\xef\xbf\xbd[2J\xef\xbf\xbd" "b\xef\xbf\xbd" "c\xef\xbf\xbd" "d");
    buf_release(&s.out);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(acts_become_requests),
        cmocka_unit_test(commands_take_what_acts_take),
        cmocka_unit_test(refusals_say_what_would_do),
        cmocka_unit_test(times_that_do_not_exist_are_refused),
        cmocka_unit_test(options_that_repeat_keep_their_order),
        cmocka_unit_test(durations),
        cmocka_unit_test(points_in_time),
        cmocka_unit_test(nearest_commands),
        cmocka_unit_test(every_command_is_whole),
        cmocka_unit_test(examples_are_understood),
        cmocka_unit_test(tables_know_how_wide_letters_are),
        cmocka_unit_test(what_comes_from_outside_moves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
