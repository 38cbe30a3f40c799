/* test_api.c - what the doors show and do: alerts, incidents, why, acts by their descriptors, the responder's view.
 * R146 (links), R153 (Alertmanager's reads), R164 (why). */
#include "http_fixture.h"

#include <pwd.h>
#include <yyjson.h>

#include "api/acts.h"
#include "api/routes.h"
#include "core/alert.h"
#include "core/delivery.h"
#include "core/incident.h"
#include "core/page.h"
#include "core/policy.h"
#include "core/timeline.h"
#include "engine/audit.h"
#include "engine/token.h"

/* ---- a small organisation ---- */

static struct contact ada_contacts[] = { { .kind = { "mail", 4 }, .address = { "ada@example.org", 15 } } };
static struct contact grace_contacts[] = { { .kind = { "phone", 5 }, .address = { "+49 (0)30-12 34", 15 } } };
static struct person people[] = {
    { .id = { "ada", 3 }, .name = { "Ada <Byron>", 11 }, .contacts = ada_contacts, .n_contacts = 1 },
    { .id = { "grace", 5 },
      .name = { "Grace Hopper", 12 },
      .login = { "no-such-login", 13 },
      .contacts = grace_contacts,
      .n_contacts = 1 },
};
static int nobody_services[] = { 0 };
static struct role_binding roles[] = {
    { .role = { "primary", 7 }, .schedule = -1, .people = (int[]){ 0 }, .n_people = 1 },
    { .role = { "secondary", 9 }, .schedule = -1, .people = (int[]){ 1 }, .n_people = 1 },
};
static struct team teams[] = { { .id = { "platform", 8 },
                                 .name = { "Platform", 8 },
                                 .services = nobody_services,
                                 .n_services = 1,
                                 .roles = roles,
                                 .n_roles = 2 } };
static struct service services[] = { { .id = { "dashboard", 9 }, .name = { "The Dashboard", 13 }, .team = 0 } };
static struct channel channels[] = { { .id = { "mail", 4 }, .kind = { "mail", 4 } } };
static struct directory directory = { .organisation = { "x", 1 },
                                      .zone_name = { "UTC", 3 },
                                      .people = people,
                                      .n_people = 2,
                                      .teams = teams,
                                      .n_teams = 1,
                                      .services = services,
                                      .n_services = 1,
                                      .channels = channels,
                                      .n_channels = 1 };
static struct policy_severity severities[] = { { .level = 1, .label = { "SEV1", 4 } },
                                               { .level = 2, .label = { "SEV2", 4 } } };
static struct policy_rule rules[] = { { .id = { "no-response-5m", 14 },
                                        .text = { "No response in 5 minutes: Secondary", 35 },
                                        .when = RULE_NO_RESPONSE,
                                        .after_ms = 300000,
                                        .line = 210 } };
static struct policy_role policy_roles[] = { { .id = { "primary", 7 }, .name = { "Primary On-Call", 15 } } };
static struct policy policy = { .title = { "Procedures", 10 },
                                .severities = severities,
                                .n_severities = 2,
                                .rules = rules,
                                .n_rules = 1,
                                .roles = policy_roles,
                                .n_roles = 1 };
static struct bundle_policy bundles[] = { { .id = 1, .policy = &policy } };
static struct secret tokens[4];
static struct fake_house house;
static char login[64];

enum {
    SYM_ADA = 1,
    SYM_PLATFORM,
    SYM_DASHBOARD,
    SYM_TITLE,
    SYM_PRIMARY,
    SYM_MAIL,
    SYM_ADDRESS,
    SYM_LOOPBACK,
    SYM_NAME,
    SYM_GRACE,
    SYM_SUMMARY
};

static void put(enum row_kind kind, const void *v, struct slice text)
{
    struct row r = { .kind = kind, .v = v, .text = text };
    store_put_row(house.store, &r);
}

static void put_symbols(void)
{
    static const struct {
        int64_t id;
        const char *text;
    } rows[] = {
        { SYM_ADA, "ada" },
        { SYM_PLATFORM, "platform" },
        { SYM_DASHBOARD, "dashboard" },
        { SYM_TITLE, "Latency <script>alert(1)</script>" },
        { SYM_PRIMARY, "primary" },
        { SYM_MAIL, "mail" },
        { SYM_ADDRESS, "ada@example.org" },
        { SYM_LOOPBACK, "loopback" },
        { SYM_NAME, "HighLatency" },
        { SYM_GRACE, "grace" },
        { SYM_SUMMARY, "p99 is 4 s" },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) put(ROW_SYMBOL, &rows[i].id, slice_of(rows[i].text));
}

static struct incident the_incident = { .id = 42,
                                        .state = INCIDENT_OPEN,
                                        .service = SYM_DASHBOARD,
                                        .team = SYM_PLATFORM,
                                        .bundle = 1,
                                        .title = SYM_TITLE,
                                        .impact = SYM_SUMMARY,
                                        .severity = 2,
                                        .severity_source = 2,
                                        .opened_at = 1,
                                        .opened_wall = FAKE_WALL - 720000,
                                        .detected_wall = FAKE_WALL - 720000,
                                        .alerts = 1,
                                        .firing = 1,
                                        .seq = 1 };
#define PAGE_MADE (FAKE_WALL - 700000)
static struct page the_page = { .id = 7,
                                .incident = 42,
                                .kind = PAGE_PAGE,
                                .reason = PAGE_REASON_NO_RESPONSE,
                                .rule = 1,
                                .line = 210,
                                .role = SYM_PRIMARY,
                                .person = SYM_ADA,
                                .scope = 3,
                                .rings = 1,
                                .state = PAGE_STATE_OPEN,
                                .created_wall = PAGE_MADE };

static void put_story(void)
{
    static const struct delivery delivery = { .id = 9,
                                              .incident = 42,
                                              .page = 7,
                                              .purpose = 1,
                                              .person = SYM_ADA,
                                              .kind = SYM_MAIL,
                                              .channel = SYM_MAIL,
                                              .address = SYM_ADDRESS,
                                              .state = 4,
                                              .attempts = 1,
                                              .outcome = 1,
                                              .line = 210 };
    static const struct attempt attempt = { .delivery = 9,
                                            .n = 1,
                                            .started_wall = FAKE_WALL - 690000,
                                            .outcome = 1,
                                            .code = 250,
                                            .finished_wall = FAKE_WALL - 689000 };
    static const struct annotations notes = { .id = 1 };
    static const struct alert alert = {
        .id = 1, .sender = SYM_LOOPBACK, .incident = 42, .name = SYM_NAME, .state = ALERT_FIRING
    };
    static const struct alert_live live = { .id = 1,
                                            .state = ALERT_FIRING,
                                            .starts_wall = FAKE_WALL - 720000,
                                            .ends_wall = FAKE_WALL + 3600000,
                                            .updated_wall = FAKE_WALL,
                                            .annotations = 1 };
    static const struct silence silence = {
        .id = 3, .starts_wall = FAKE_WALL - 1, .ends_wall = FAKE_WALL + 60000, .by = SYM_ADA
    };
    static const struct entry entry = {
        .incident = 42, .seq = 1, .at = 1, .wall = FAKE_WALL - 720000, .kind = ENTRY_LOGGED, .text = { "Logged", 6 }
    };
    put(ROW_INCIDENT, &the_incident, S(""));
    put(ROW_PAGE, &the_page, S(""));
    put(ROW_DELIVERY, &delivery, S(""));
    put(ROW_ATTEMPT, &attempt, S("250 2.0.0 queued"));
    put(ROW_ANNOTATIONS, &notes, S("{\"annotations\":{\"summary\":\"s\"},\"generatorURL\":\"http://p\"}"));
    put(ROW_ALERT, &alert, S("a\xffx\xff"));
    put(ROW_ALERT_LIVE, &live, S(""));
    put(ROW_SILENCE, &silence, S("{a=~\"x|y\"}"));
    store_append_entry(house.store, &entry);
}

static void commit(void (*what)(void))
{
    struct error e = { 0 };
    assert_int_equal(store_begin(house.store, &e), 0);
    what();
    if (store_commit(house.store, &e) < 0) fail_msg("%s", e.detail);
}

static void put_all(void)
{
    put_symbols();
    put_story();
}

static int start(void **state)
{
    static const struct {
        const char *name, *secret;
        enum access scope;
        bool person;
    } given[] = {
        { "looker", "read-me", ACCESS_READ, false },
        { "ci", "write-me", ACCESS_WRITE, true },
        { "ghost", "write-nobody", ACCESS_WRITE, false },
        { "code-host", "rule-me", ACCESS_ADMIN, true },
    };
    const struct passwd *me = getpwuid(geteuid());
    (void)state;
    snprintf(login, sizeof login, "%s", me != NULL ? me->pw_name : "");
    people[0].login = slice_of(login);
    for (size_t i = 0; i < COUNT_OF(given); i++) {
        tokens[i] = (struct secret){ .name = slice_of(given[i].name), .scope = given[i].scope };
        if (given[i].person) tokens[i].person = S("grace");
        secret_hash(slice_of(given[i].secret), tokens[i].hash);
    }
    house.facts.tokens = tokens;
    house.facts.n_tokens = COUNT_OF(tokens);
    house.facts.bundles = bundles;
    house.facts.n_bundles = 1;
    house.facts.allow_loopback = true;
    fake_start(&house, &api_main_routes, &api_responder_routes, &directory, NULL);
    commit(put_all);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    fake_stop(&house);
    return 0;
}

/* ---- reading ---- */

#define SILENCE_3                                                                                                                \
    "{\"id\":\"00000000-0000-4000-8000-000000000003\",\"status\":{\"state\":\"active\"},"                                        \
    "\"updatedAt\":\"2026-01-05T02:59:59.999Z\",\"comment\":\"\",\"createdBy\":\"ada\",\"endsAt\":\"2026-01-05T03:01:00.000Z\"," \
    "\"matchers\":[{\"isEqual\":true,\"isRegex\":true,\"name\":\"a\",\"value\":\"x|y\"}],\"startsAt\":\"2026-01-05T02:59:59.999Z\"}"

static const struct {
    const char *what, *target;
    int status;
    const char *body; /* the whole */
} reads[] = {
    { "alerts, silenced ones too", "/api/v2/alerts", 200,
      "[{\"annotations\":{\"summary\":\"s\"},\"generatorURL\":\"http://p\",\"endsAt\":\"2026-01-05T04:00:00.000Z\","
      "\"fingerprint\":\"d2c7718192a8a294\",\"receivers\":[{\"name\":\"tocsin\"}],\"startsAt\":\"2026-01-05T02:48:00.000Z\","
      "\"status\":{\"inhibitedBy\":[],\"silencedBy\":[\"00000000-0000-4000-8000-000000000003\"],\"state\":\"suppressed\"},"
      "\"updatedAt\":\"2026-01-05T03:00:00.000Z\",\"labels\":{\"a\":\"x\"}}]\n" },
    { "alerts without the silenced", "/api/v2/alerts?silenced=false&active=true", 200, "[]\n" },
    { "a filter that does not fit", "/api/v2/alerts?filter=a%3Dz", 200, "[]\n" },
    { "another receiver", "/api/v2/alerts?receiver=other", 200, "[]\n" },
    { "a filter that is none", "/api/v2/alerts?filter=bad%7B", 400, "\"bad matcher format: bad{\"\n" },
    { "a name without operator", "/api/v2/alerts?filter=foo", 400, "\"bad matcher format: foo\"\n" },
    { "silences", "/api/v2/silences", 200, "[" SILENCE_3 "]\n" },
    { "silences with this matcher", "/api/v2/silences?filter=a%3D~%22x%7Cy%22", 200, "[" SILENCE_3 "]\n" },
    { "an expression is not matched against a matcher, there or here", "/api/v2/silences?filter=a%3D~%22x.*%22", 200,
      "[]\n" },
    { "silences of another", "/api/v2/silences?filter=b%3Dx", 200, "[]\n" },
    { "one silence", "/api/v2/silence/00000000-0000-4000-8000-000000000003", 200, SILENCE_3 "\n" },
    { "one that is not there", "/api/v2/silence/11111111-2222-3333-4444-555555555555", 404, "" },
    { "one whose id is none", "/api/v2/silence/xx", 422,
      "{\"code\":601,\"message\":\"silenceID in path must be of type uuid: \\\"xx\\\"\"}" },
    { "receivers", "/api/v2/receivers", 200, "[{\"name\":\"tocsin\"}]\n" },
};

static void reads_of_alerts_are_alertmanagers(void **state)
{
    for (size_t i = 0; i < COUNT_OF(reads); i++) {
        struct client_answer a = { 0 };
        client_request(&house, house.tcp_port, "GET", reads[i].target, "", S(""), &a);
        if (a.status != reads[i].status || !slice_eq(a.body, slice_of(reads[i].body)))
            fail_msg("%s: %d %.*s", reads[i].what, a.status, (int)a.body.n, a.body.p);
        buf_release(&a.bytes);
    }
    (void)state;
}

static void assert_holds(const char *target, const char *piece)
{
    struct client_answer a = { 0 };
    client_request(&house, 0, "GET", target, "", S(""), &a);
    if (a.status != 200 || slice_find(a.body, slice_of(piece)) == a.body.n)
        fail_msg("%s: %d, not there: %s\n%.*s", target, a.status, piece, (int)a.body.n, a.body.p);
    buf_release(&a.bytes);
}

static void incidents_are_told_in_full(void **state)
{
    assert_holds("/api/v1/incidents", "{\"incidents\":[{\"id\":\"INC-42\",\"number\":42,\"state\":\"open\",");
    assert_holds("/api/v1/incidents?state=all&limit=1", "\"before\":\"INC-42\",\"broken\":null,\"unwatched\":null}");
    assert_holds("/api/v1/incidents?before=INC-42",
                 "{\"incidents\":[],\"before\":null,\"broken\":null,\"unwatched\":null}");
    assert_holds("/api/v1/incidents/42", "\"severity\":\"SEV2?\",\"severity_level\":2,");
    assert_holds("/api/v1/incidents/INC-42",
                 "\"pages\":[{\"page\":7,\"person\":{\"id\":\"ada\",\"name\":\"Ada <Byron>\"}");
    assert_holds("/api/v1/incidents/inc-42", "\"alert_list\":[{\"name\":\"HighLatency\",");
    assert_holds("/api/v1/incidents/42/timeline", "{\"incident\":\"INC-42\",\"entries\":[{\"seq\":1,");
    assert_holds("/api/v1/silences",
                 "{\"silences\":[{\"id\":3,\"matchers\":\"{a=~\\\"x|y\\\"}\",\"state\":\"active\",");
    assert_holds("/api/v1/oncall",
                 "{\"role\":\"primary\",\"bound_by\":\"team\",\"schedule\":null,\"people\":[{\"id\":\"ada\",");
    (void)state;
}

/* Every act and every route of ours is described, by the tables themselves. */
static void openapi_describes_the_tables(void **state)
{
    struct client_answer a = { 0 };
    client_request(&house, 0, "GET", "/api/v1/openapi.json", "", S(""), &a);
    assert_int_equal(a.status, 200);
    yyjson_doc *doc = yyjson_read(a.body.p, a.body.n, 0);
    yyjson_val *paths = yyjson_obj_get(yyjson_doc_get_root(doc), "paths");
    assert_true(yyjson_obj_size(paths) > 15);
    for (size_t k = 1; k < ACT_KIND_MAX; k++) {
        struct buf path = { 0 };
        buf_addf(&path, "/api/v1/incidents/{id}/%s", act_defs[k].name);
        bool there = yyjson_obj_getn(paths, path.p, path.len) != NULL;
        assert_true(there == act_is_of_incident((enum act_kind)k));
        buf_release(&path);
    }
    assert_non_null(yyjson_obj_get(yyjson_obj_get(paths, "/api/v1/silences"), "post"));
    assert_non_null(yyjson_obj_get(yyjson_obj_get(paths, "/api/v1/silences/{id}"), "delete"));
    yyjson_doc_free(doc);
    buf_release(&a.bytes);
    (void)state;
}

/* R164: the rule, its line, who bound the role, and every attempt's outcome. */
static void why_names_rule_line_and_attempts(void **state)
{
    assert_holds(
        "/api/v1/incidents/INC-42/why",
        "\"rule\":{\"number\":1,\"id\":\"no-response-5m\",\"text\":\"No response in 5 minutes: Secondary\",\"line\":210}");
    assert_holds("/api/v1/incidents/INC-42/why", "\"reason\":\"no response\"");
    assert_holds("/api/v1/incidents/INC-42/why", "\"role\":\"primary\",\"bound_by\":\"team\",\"schedule\":null");
    assert_holds(
        "/api/v1/incidents/INC-42/why",
        "\"attempts\":[{\"n\":1,\"started_at\":\"2026-01-05T02:48:30.000Z\",\"finished_at\":\"2026-01-05T02:48:31.000Z\","
        "\"outcome\":\"accepted\",\"code\":250,\"detail\":\"250 2.0.0 queued\"}]");
    (void)state;
}

/* ---- who may ---- */

static const struct {
    const char *what, *method, *target, *fields, *body;
    int port, status;
    const char *actor;
} who[] = {
    { "nobody reads", "GET", "/api/v1/incidents", "", "", 1, 403, NULL }, /* loopback is an ingest identity */
    { "a reader reads", "GET", "/api/v1/incidents", "Authorization: Bearer read-me\r\n", "", 1, 200, NULL },
    { "a reader does not act", "POST", "/api/v1/incidents/42/ack", "Authorization: Bearer read-me\r\n", "", 1, 403,
      NULL },
    { "a token with a person acts", "POST", "/api/v1/incidents/42/ack", "Authorization: Bearer write-me\r\n", "", 1,
      200, "grace" },
    { "a token without one only reads", "POST", "/api/v1/incidents/42/ack", "Authorization: Bearer write-nobody\r\n",
      "", 1, 403, NULL },
    { "an unknown token", "GET", "/api/v1/incidents", "Authorization: Bearer no\r\n", "", 1, 403, NULL },
    { "loopback may not silence", "POST", "/api/v2/silences", "", "{}", 1, 403, NULL },
    { "the socket knows its peer", "POST", "/api/v1/incidents/42/ack", "", "", 0, 200, "ada" },
    { "the owner reloads", "POST", "/api/v1/reload", "", "", 0, 200, NULL },
    { "a token of less scope does not", "POST", "/api/v1/reload", "Authorization: Bearer write-me\r\n", "", 1, 403,
      NULL },
    { "R11: the socket activates", "POST", "/api/v1/procedures/activate", "", "{\"reason\":\"x\"}", 0, 200, "ada" },
    { "R11: a token of scope admin activates", "POST", "/api/v1/procedures/activate",
      "Authorization: Bearer rule-me\r\n", "{\"reason\":\"x\"}", 1, 200, "grace" },
    { "R11: one of scope write does not, whoever has it", "POST", "/api/v1/procedures/activate",
      "Authorization: Bearer write-me\r\n", "{\"reason\":\"x\"}", 1, 403, "" },
    { "but proposes", "PUT", "/api/v1/procedures/p.md?before=0", "Authorization: Bearer write-me\r\n", "x", 1, 404,
      "" },
};

static void identity_decides(void **state)
{
    for (size_t i = 0; i < COUNT_OF(who); i++) {
        struct client_answer a = { 0 };
        house.actor[0] = '\0';
        client_request(&house, who[i].port == 0 ? 0 : house.tcp_port, who[i].method, who[i].target, who[i].fields,
                       slice_of(who[i].body), &a);
        if (a.status != who[i].status) fail_msg("%s: %d %.*s", who[i].what, a.status, (int)a.body.n, a.body.p);
        if (who[i].actor != NULL) assert_string_equal(house.actor, who[i].actor);
        buf_release(&a.bytes);
    }
    (void)state;
}

/* ---- acts ---- */

static const struct {
    const char *what, *method, *target, *body;
    int status;
    const char *answer;
} acts[] = {
    { "declared", "POST", "/api/v1/incidents", "{\"text\":\"Checkout is down\",\"severity\":\"SEV1\"}", 201,
      "{\"text\":\"done\",\"incident\":\"INC-42\",\"id\":0}\n" },
    { "no JSON", "POST", "/api/v1/incidents", "{", 400, NULL },
    { "a list", "POST", "/api/v1/incidents", "[]", 400,
      "{\"error\":\"bad_request\",\"detail\":\"the body is no JSON object\",\"try\":\"\"}\n" },
    { "an unknown argument", "POST", "/api/v1/incidents/42/note", "{\"note\":\"x\"}", 422,
      "{\"error\":\"invalid\",\"detail\":\"`note` is no argument of note; it takes incident, text\",\"try\":\"\"}\n" },
    { "a missing one", "POST", "/api/v1/incidents/42/note", "", 422,
      "{\"error\":\"invalid\",\"detail\":\"`text` is missing: What to write down.\",\"try\":\"\"}\n" },
    { "a wrong form", "POST", "/api/v1/incidents/42/merge", "{\"into\":\"soon\"}", 422,
      "{\"error\":\"invalid\",\"detail\":\"`into` is an incident such as \\\"INC-42\\\"\",\"try\":\"\"}\n" },
    { "two incidents", "POST", "/api/v1/incidents/42/note", "{\"incident\":41,\"text\":\"x\"}", 422,
      "{\"error\":\"invalid\",\"detail\":\"the path names another incident than the body\",\"try\":\"\"}\n" },
    { "no such act", "POST", "/api/v1/incidents/42/explode", "", 404, NULL },
    { "a silence is no act on an incident", "POST", "/api/v1/incidents/42/silence", "{\"matchers\":\"a=b\"}", 404,
      NULL },
    { "no incident", "POST", "/api/v1/incidents/x/ack", "", 404, NULL },
    { "a silence", "POST", "/api/v1/silences", "{\"matchers\":[\"a=b\",\"c=~d.*\"],\"for\":\"1h30m\",\"text\":\"why\"}",
      201, NULL },
    { "a silence without matchers", "POST", "/api/v1/silences", "{\"matchers\":[]}", 422, NULL },
    { "matchers that are no texts", "POST", "/api/v1/silences", "{\"matchers\":[[\"a=b\"]]}", 422, NULL },
    { "nor lists among texts", "POST", "/api/v1/silences", "{\"matchers\":[\"a=b\",[\"c=d\"]]}", 422, NULL },
    { "nor objects", "POST", "/api/v1/silences", "{\"matchers\":[{\"a\":1},{\"b\":[1]}]}", 422, NULL },
    { "a bad matcher", "POST", "/api/v1/silences", "{\"matchers\":\"a\"}", 422,
      "{\"error\":\"invalid\",\"detail\":\"bad matcher format: a\",\"try\":\"\"}\n" },
    { "a bad duration", "POST", "/api/v1/silences", "{\"matchers\":\"a=b\",\"for\":\"soon\"}", 422, NULL },
    { "an end in the past", "POST", "/api/v1/silences", "{\"matchers\":\"a=b\",\"ends\":\"2026-01-05T02:00:00Z\"}", 422,
      NULL },
    { "amtool's silence", "POST", "/api/v2/silences",
      "{\"comment\":\"test\",\"createdBy\":\"root\",\"endsAt\":\"2026-01-05T04:00:00.022Z\",\"matchers\":[{\"isEqual\":true,"
      "\"isRegex\":false,\"name\":\"alertname\",\"value\":\"foo\"}],\"startsAt\":\"2026-01-05T02:43:56.022Z\"}",
      200, "{\"silenceID\":\"00000000-0000-4000-8000-000000000000\"}\n" },
    { "without a comment", "POST", "/api/v2/silences", "{}", 422,
      "{\"code\":602,\"message\":\"comment in body is required\"}" },
    { "objects where texts belong", "POST", "/api/v2/silences",
      "{\"comment\":{\"a\":1},\"createdBy\":[1],\"endsAt\":{\"a\":1},\"matchers\":[{\"name\":[1],\"value\":{\"a\":1}}],"
      "\"startsAt\":[1,2]}",
      400, NULL },
    { "without matchers", "POST", "/api/v2/silences",
      "{\"comment\":\"\",\"createdBy\":\"\",\"endsAt\":\"\",\"matchers\":[],\"startsAt\":\"\"}", 422,
      "{\"code\":612,\"message\":\"matchers in body should have at least 1 items\"}" },
    { "amtool's end of one", "DELETE", "/api/v2/silence/00000000-0000-4000-8000-000000000003", "", 200, "" },
    { "an end of nothing", "DELETE", "/api/v2/silence/11111111-2222-3333-4444-555555555555", "", 404, NULL },
    { "its end", "DELETE", "/api/v1/silences/3", "", 200, NULL },
    { "a silence that is none", "DELETE", "/api/v1/silences/x", "", 404, NULL },
};

static void acts_are_read_by_their_descriptors(void **state)
{
    house.text = S("done");
    house.incident = 42;
    for (size_t i = 0; i < COUNT_OF(acts); i++) {
        struct client_answer a = { 0 };
        client_request(&house, 0, acts[i].method, acts[i].target, "", slice_of(acts[i].body), &a);
        if (a.status != acts[i].status || (acts[i].answer != NULL && !slice_eq(a.body, slice_of(acts[i].answer))))
            fail_msg("%s: %d %.*s", acts[i].what, a.status, (int)a.body.n, a.body.p);
        buf_release(&a.bytes);
    }
    (void)state;
}

static void erase_entry(void)
{
    store_erase_text(house.store, 42, 1);
}

/* The world holds no timelines: whether a text is out already is seen in the store, before the act. */
static void a_redaction_knows_what_is_out(void **state)
{
    static const struct {
        const char *body;
        bool out;
    } rows[] = {
        { "{\"entry\":1,\"text\":\"a name\"}", false },
        { "{\"entry\":1,\"text\":\"a name\"}", true },
        { "{\"entry\":99,\"text\":\"a name\"}", false }, /* which is not there: the world says so */
        { "{\"entry\":0,\"text\":\"a name\"}", false },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct client_answer a = { 0 };
        client_request(&house, 0, "POST", "/api/v1/incidents/42/redact", "", slice_of(rows[i].body), &a);
        if (a.status != 200 || house.last_act.kind != ACT_REDACT || house.last_act.entry_out != rows[i].out)
            fail_msg("row %zu: %d %.*s", i, a.status, (int)a.body.n, a.body.p);
        assert_true(house.last_act.administrator);
        buf_release(&a.bytes);
        if (i == 0) commit(erase_entry);
    }
    (void)state;
}

static void arguments_land_where_they_belong(void **state)
{
    struct arena *a = arena_create(1 << 20);
    struct act act = { 0 };
    struct error e = { 0 };
    int64_t now = FAKE_WALL;

    assert_int_equal(act_from_json(a, &act_defs[ACT_SILENCE],
                                   S("{\"matchers\":[\"b=~x\",\"a!=\\\"1\\\"\"],\"for\":\"1h30m\"}"), now, &act, &e),
                     0);
    assert_true(slice_eq(act.matchers, S("{b=~\"x\",a!=\"1\"}")));
    assert_int_equal(act.ends, now + 90 * MINUTE);
    act = (struct act){ 0 };
    assert_int_equal(act_from_json(a, &act_defs[ACT_SILENCE], S("{\"matchers\":\"a=b\"}"), now, &act, &e), 0);
    assert_int_equal(act.ends, now + DAY);
    act = (struct act){ 0 };
    assert_int_equal(act_from_json(a, &act_defs[ACT_MERGE], S("{\"incident\":\"INC-43\",\"into\":42}"), now, &act, &e),
                     0);
    assert_true(act.kind == ACT_MERGE && act.incident == 43 && act.into == 42);
    act = (struct act){ 0 };
    assert_int_equal(act_from_json(a, &act_defs[ACT_SEVERITY], S("{\"incident\":1,\"severity\":2}"), now, &act, &e), 0);
    assert_int_equal(act.severity, 2);
    act = (struct act){ 0 };
    assert_int_equal(act_from_json(a, &act_defs[ACT_DETECTED], S("{\"incident\":1,\"when\":\"2026-01-05T02:55:00Z\"}"),
                                   now, &act, &e),
                     0);
    assert_int_equal(act.when, now - 5 * MINUTE);
    arena_destroy(&a);
    (void)state;
}

/* The one table from codes to statuses. */
static void codes_become_statuses(void **state)
{
    static const struct {
        int code, status;
    } codes[] = {
        { 0, 200 },        { ERR_NOT_FOUND, 404 },   { ERR_CONFLICT, 409 }, { ERR_DENIED, 403 }, { ERR_INVALID, 422 },
        { ERR_BUSY, 503 }, { ERR_UNAVAILABLE, 503 }, { ERR_UNKNOWN, 503 },  { ERR_BUG, 500 },
    };
    for (size_t i = 0; i < COUNT_OF(codes); i++) {
        struct client_answer a = { 0 };
        house.code = codes[i].code;
        client_request(&house, 0, "POST", "/api/v1/incidents/42/ack", "", S(""), &a);
        assert_int_equal(a.status, codes[i].status);
        buf_release(&a.bytes);
    }
    house.code = 0;
    (void)state;
}

/* ---- the responder (R146) ---- */

static void link_made(page_id page, int64_t made, int64_t expires, char out[64])
{
    struct buf token = { 0 };
    token_add(&token, house.facts.instance_key, token_page(page, made), expires);
    snprintf(out, 64, "/a/%s", buf_str(&token));
    buf_release(&token);
}

static void link_of(page_id page, int64_t expires, char out[64])
{
    link_made(page, PAGE_MADE, expires, out);
}

static void looking_acknowledges_nothing(void **state)
{
    static const char *const methods[] = { "GET", "HEAD", "GET" };
    char link[64];
    size_t before = house.events;
    link_of(7, FAKE_WALL + DAY, link);
    for (size_t i = 0; i < COUNT_OF(methods); i++) {
        struct client_answer a = { 0 };
        client_request(&house, house.responder_port, methods[i], link, "Connection: close\r\n", S(""), &a);
        assert_int_equal(a.status, 200);
        assert_true(slice_find(a.head, S("Referrer-Policy: no-referrer")) < a.head.n);
        assert_true(slice_find(a.head, S("X-Robots-Tag: noindex")) < a.head.n);
        assert_true(slice_find(a.head, S("Cache-Control: no-store")) < a.head.n);
        assert_true(slice_find(a.head, S("Content-Security-Policy: default-src 'none'")) < a.head.n);
        assert_true(slice_find_nocase(a.head, S("Set-Cookie")) == a.head.n);
        buf_release(&a.bytes);
    }
    assert_int_equal(house.events, before);
    (void)state;
}

static struct {
    bool fails, unwatched, held;
} found;

static void fake_audit(void *ctx, struct audit *out)
{
    (void)ctx;
    audit_reset(out, FAKE_WALL);
    if (house.failing) audit_store_fails(out);
    if (found.fails) audit_note(out, AUDIT_ON_CALL, AUDIT_FAILING, "Web: nobody who can be reached is primary");
    if (found.unwatched) audit_note(out, AUDIT_HEARTBEAT, AUDIT_WARNING, "no `heartbeat` in site.yaml");
    audit_note(out, AUDIT_HEARTBEAT, AUDIT_OK, "sent");
}

static bool fake_held(void *ctx)
{
    (void)ctx;
    return found.held;
}

/* Tocsin's own trouble stands above every list and in every responder's view: what the self-audit found, a restored copy
 * that is held, and that nobody watches Tocsin where no heartbeat URL is set (P5). */
static void trouble_stands_above_everything(void **state)
{
    static const struct {
        bool fails, unwatched, held;
        const char *broken, *unwatched_text, *view[2]; /* in the list; in the view, "" = nothing of the kind */
    } rows[] = {
        { false, false, false, "null", "null", { "", "" } },
        { false, true, false, "null", "\"no `heartbeat` in site.yaml\"", { "", "no `heartbeat` in site.yaml" } },
        { true,
          true,
          false,
          "\"the self-audit fails: on_call: Web: nobody",
          "\"no `heartbeat` in site.yaml\"",
          { "on_call: Web: nobody", "Nobody watches Tocsin:" } },
        { false, false, true, "\"this is a restored copy and HELD", "null", { "restored copy and HELD", "" } },
    };
    static const char *const unstored = "\"broken\":\"the store cannot be written: what came since is in memory only";
    char link[64], wanted[128];
    link_of(7, FAKE_WALL + DAY, link);
    house.port.audit = fake_audit;
    house.port.held = fake_held;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct client_answer a = { 0 };
        found.fails = rows[i].fails;
        found.unwatched = rows[i].unwatched;
        found.held = rows[i].held;
        client_request(&house, 0, "GET", "/api/v1/incidents", "", S(""), &a);
        snprintf(wanted, sizeof wanted, "\"broken\":%s", rows[i].broken);
        assert_true(slice_find(a.body, slice_of(wanted)) < a.body.n);
        snprintf(wanted, sizeof wanted, "\"unwatched\":%s", rows[i].unwatched_text);
        assert_true(slice_find(a.body, slice_of(wanted)) < a.body.n);
        buf_release(&a.bytes);
        client_request(&house, house.responder_port, "GET", link, "", S(""), &a);
        assert_int_equal(slice_find(a.body, S("<p class=\"note bad\" role=\"alert\">")) < a.body.n,
                         rows[i].view[0][0] != 0);
        assert_int_equal(slice_find(a.body, S("<p class=\"note warn\">")) < a.body.n, rows[i].view[1][0] != 0);
        for (size_t k = 0; k < 2; k++) assert_true(slice_find(a.body, slice_of(rows[i].view[k])) < a.body.n);
        buf_release(&a.bytes);
    }
    found.held = false;
    house.failing = true; /* whoever looks for the incident that rings must not think that there is none (P1) */
    assert_holds("/api/v1/incidents", unstored);
    house.failing = false;
    house.port.audit = NULL;
    house.port.held = NULL;
    (void)state;
}

/* P1: while commits fail readers see what was stored before; the incident that rings may be in memory only. */
static void an_incident_that_is_not_stored_may_be_in_memory(void **state)
{
    static const char *const paths[] = { "", "/why", "/timeline" };
    for (size_t i = 0; i < 2 * COUNT_OF(paths); i++) {
        struct client_answer a = { 0 };
        char target[64];
        house.failing = i % 2 != 0;
        snprintf(target, sizeof target, "/api/v1/incidents/INC-99%s", paths[i / 2]);
        client_request(&house, 0, "GET", target, "", S(""), &a);
        assert_int_equal(a.status, house.failing ? 503 : 404);
        assert_true(slice_find(a.body, house.failing ? S("in memory only") : S("there is no such incident")) <
                    a.body.n);
        assert_int_equal(slice_find(a.body, S("tocsin status")) < a.body.n, house.failing);
        buf_release(&a.bytes);
    }
    house.failing = false;
    assert_holds("/api/v1/incidents/42", "\"severity\":\"SEV2?\"");
    (void)state;
}

static void the_view_says_what_matters_and_escapes_it(void **state)
{
    static const char *const pieces[] = {
        "SEV2?",
        "INC-42",
        "Latency &lt;script&gt;alert(1)&lt;/script&gt;",
        "The Dashboard",
        "p99 is 4 s",
        "02:48 UTC on Mon 5 January 2026, 12 minutes ago",
        "logged, nobody has acknowledged it",
        "Ada &lt;Byron&gt; as Primary On-Call",
        "<button type=\"submit\" name=\"do\" value=\"ack\">Acknowledge</button>",
        "name=\"do\" value=\"confirm\">Acknowledge and confirm SEV2</button>", /* R34 */
        "<option value=\"\">the next by the procedures</option><option value=\"grace\">Grace Hopper, ",
        "<h2>To dial by hand</h2>", /* R28 */
        "<a href=\"tel:+4930-1234\">+49 (0)30-12 34</a>",
    };
    struct client_answer a = { 0 };
    char link[64];
    link_of(7, FAKE_WALL + DAY, link);
    client_request(&house, house.responder_port, "GET", link, "", S(""), &a);
    for (size_t i = 0; i < COUNT_OF(pieces); i++)
        if (slice_find(a.body, slice_of(pieces[i])) == a.body.n)
            fail_msg("not there: %s\n%.*s", pieces[i], (int)a.body.n, a.body.p);
    assert_true(slice_find_nocase(a.body, S("<script")) == a.body.n);
    assert_true(slice_find(a.body, S("http")) == a.body.n); /* nothing from elsewhere */
    buf_release(&a.bytes);
    (void)state;
}

static void acknowledge_in_store(void)
{
    struct incident i = the_incident;
    struct page p = the_page;
    i.acknowledged_at = 2;
    i.acknowledged_wall = FAKE_WALL;
    i.acknowledged_by = house.code == 0 ? SYM_ADA : SYM_GRACE;
    p.state = PAGE_STATE_ACKNOWLEDGED;
    put(ROW_INCIDENT, &i, S(""));
    put(ROW_PAGE, &p, S(""));
}

static void put_again(void)
{
    put(ROW_INCIDENT, &the_incident, S(""));
    put(ROW_PAGE, &the_page, S(""));
}

/* INC-43's page was told in the message of delivery 9. */
static void put_bundle(void)
{
    struct incident i = the_incident;
    struct page p = the_page;
    const struct delivery d = { .id = 10, .incident = 43, .page = 8, .purpose = 1, .person = SYM_ADA, .carrier = 9 };
    i.id = 43;
    p.id = 8;
    p.incident = 43;
    put(ROW_INCIDENT, &i, S(""));
    put(ROW_PAGE, &p, S(""));
    put(ROW_DELIVERY, &d, S(""));
}

/* What the engine would have committed before its reply. */
static void commit_acknowledgement(struct fake_house *h, const struct act *act, struct reply *reply)
{
    (void)h;
    assert_int_equal(act->kind, ACT_ACKNOWLEDGE);
    assert_int_equal(act->via, VIA_LINK);
    assert_int_equal(act->incident, 42);
    assert_int_equal(act->page, 7);
    commit(acknowledge_in_store);
    reply->text = reply->code == 0 ? S("Acknowledged INC-42") : S("INC-42 was acknowledged by Grace Hopper just now");
}

static void pressing_acknowledges_or_says_by_whom(void **state)
{
    static const struct {
        int code, status;
        const char *notice, *taken;
    } rows[] = {
        { 0, 200, "<p class=\"note\" role=\"status\">Acknowledged INC-42", "by Ada &lt;Byron&gt; at 03:00 UTC" },
        { ERR_CONFLICT, 409, "<p class=\"note warn\" role=\"status\">INC-42 was acknowledged by Grace Hopper just now",
          "by Grace Hopper at 03:00 UTC" },
    };
    char link[64];
    link_of(7, FAKE_WALL + DAY, link);
    house.on_act = commit_acknowledgement;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct client_answer a = { 0 };
        house.code = rows[i].code;
        client_request(&house, house.responder_port, "POST", link, "", S(""), &a);
        assert_int_equal(a.status, rows[i].status);
        assert_string_equal(house.actor, "ada");
        assert_true(slice_find(a.body, slice_of(rows[i].notice)) < a.body.n);
        assert_true(slice_find(a.body, slice_of(rows[i].taken)) < a.body.n);
        assert_true(slice_find(a.body, S(">Acknowledge<")) == a.body.n);
        /* Whoever has it may still say how grave it is, and pass it on; nobody else has anything to press. */
        assert_int_equal(slice_find(a.body, S("<button")) < a.body.n, rows[i].code == 0);
        buf_release(&a.bytes);
    }
    house.on_act = NULL;
    house.code = 0;
    commit(put_again);
    (void)state;
}

/* R34, R146: each button is an act of its own; what was seen is said along, and a severity that changed does nothing. */
static void each_button_is_an_act(void **state)
{
    static const struct {
        const char *body;
        enum act_kind kind; /* UNSET: nothing is done */
        int64_t severity;
        const char *person;
        int status;
    } rows[] = {
        { "", ACT_ACKNOWLEDGE, 0, "", 200 },
        { "do=ack&severity=2", ACT_ACKNOWLEDGE, 0, "", 200 },
        { "severity=2&do=confirm", ACT_ACKNOWLEDGE, 2, "", 200 },
        { "severity=2&do=severity", ACT_SEVERITY, 2, "", 200 },
        { "severity=1&do=confirm", ACT_UNSET, 0, "", 409 },
        { "person=&do=pass", ACT_PASS, 0, "", 200 },
        { "person=grace&do=pass", ACT_PASS, 0, "grace", 200 },
        { "do=resolve", ACT_UNSET, 0, "", 400 },
    };
    char link[64];
    link_of(7, FAKE_WALL + DAY, link);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct client_answer a = { 0 };
        const size_t before = house.events;
        client_request(&house, house.responder_port, "POST", link,
                       "Content-Type: application/x-www-form-urlencoded\r\n", slice_of(rows[i].body), &a);
        if (a.status != rows[i].status || house.events != before + (rows[i].kind != ACT_UNSET))
            fail_msg("%s: %d %.*s", rows[i].body, a.status, (int)a.body.n, a.body.p);
        if (rows[i].kind != ACT_UNSET) {
            assert_int_equal(house.last_act.kind, rows[i].kind);
            assert_int_equal(house.last_act.severity, rows[i].severity);
            assert_int_equal(house.last_act.incident, 42);
            assert_string_equal(house.actor, "ada");
        }
        buf_release(&a.bytes);
    }
    (void)state;
}

/* Ages in ms. `later`: the next level's page, a minute old, or 0. */
static const struct {
    const char *what;
    int64_t page_state, page_age, delivery_state, later, later_delivery;
    bool exhausted;
    const char *because; /* NULL: there is nothing to dial for */
} dial_rows[] = {
    { "a provider took it", PAGE_STATE_OPEN, 11 * MINUTE, DELIVERY_ACCEPTED, 0, 0, false, NULL },
    { "none did for 59 s", PAGE_STATE_OPEN, 59 * SECOND, DELIVERY_RETRYING, 0, 0, false, NULL },
    { "none did for a minute, and it is tried again", PAGE_STATE_OPEN, MINUTE, DELIVERY_RETRYING, 0, 0, false,
      "No provider has taken a page yet" },
    { "it failed", PAGE_STATE_FAILED, SECOND, DELIVERY_FAILED, 0, 0, false, "Paging reached nobody" },
    { "it failed, and a later page was taken", PAGE_STATE_FAILED, 9 * MINUTE, DELIVERY_FAILED, PAGE_STATE_OPEN,
      DELIVERY_ACCEPTED, false, NULL },
    { "it failed, and a later page failed too", PAGE_STATE_FAILED, 9 * MINUTE, DELIVERY_FAILED, PAGE_STATE_FAILED,
      DELIVERY_FAILED, false, "Paging reached nobody" },
    { "it was taken, and a later page failed", PAGE_STATE_OPEN, 9 * MINUTE, DELIVERY_ACCEPTED, PAGE_STATE_FAILED,
      DELIVERY_FAILED, false, "The last page reached nobody, and nobody has answered an earlier one" },
    { "both were taken, and nobody is left", PAGE_STATE_OPEN, 9 * MINUTE, DELIVERY_ACCEPTED, PAGE_STATE_OPEN,
      DELIVERY_ACCEPTED, true, "Nobody has answered, and nobody is left to page" },
    { "both failed, and nobody is left", PAGE_STATE_FAILED, 9 * MINUTE, DELIVERY_FAILED, PAGE_STATE_FAILED,
      DELIVERY_FAILED, true, "Paging reached nobody, and nobody is left to page" },
};
static size_t dial_row;

static void put_dialled(page_id page, int64_t state, int64_t delivery_state, int64_t made)
{
    struct page p = the_page;
    const struct delivery d = { .id = page + 2,
                                .incident = 42,
                                .page = page,
                                .purpose = PURPOSE_PAGE,
                                .person = SYM_ADA,
                                .kind = SYM_MAIL,
                                .channel = SYM_MAIL,
                                .address = SYM_ADDRESS,
                                .state = delivery_state,
                                .ended_wall = delivery_state == DELIVERY_RETRYING ? 0 : made + SECOND,
                                .attempts = 1,
                                .outcome = 1,
                                .line = 210 };
    p.id = page;
    p.state = state;
    p.created_wall = made;
    p.ended_wall = state == PAGE_STATE_FAILED ? made + SECOND : 0;
    put(ROW_PAGE, &p, S(""));
    put(ROW_DELIVERY, &d, S(""));
}

static void put_dial_row(void)
{
    struct incident i = the_incident;
    i.exhausted_at = dial_rows[dial_row].exhausted;
    put(ROW_INCIDENT, &i, S(""));
    put_dialled(7, dial_rows[dial_row].page_state, dial_rows[dial_row].delivery_state,
                FAKE_WALL - dial_rows[dial_row].page_age);
    if (dial_rows[dial_row].later != 0)
        put_dialled(30, dial_rows[dial_row].later, dial_rows[dial_row].later_delivery, FAKE_WALL - MINUTE);
    else
        put_dialled(30, PAGE_STATE_SUPERSEDED, DELIVERY_SUPERSEDED, FAKE_WALL - MINUTE);
}

/* R28: where paging reached nobody, the numbers to dial by hand stand with the incident, from the site alone; once a later
 * page was taken they do so no longer. */
static void numbers_to_dial_by_hand(void **state)
{
    struct client_answer a = { 0 };
    for (size_t i = 0; i <= COUNT_OF(dial_rows); i++) {
        dial_row = i % COUNT_OF(dial_rows); /* the first once more, for the tests behind this one */
        commit(put_dial_row);
        client_request(&house, house.tcp_port, "GET", "/api/v1/incidents/INC-42", "Authorization: Bearer read-me\r\n",
                       S(""), &a);
        assert_int_equal(a.status, 200);
        const char *because = dial_rows[dial_row].because;
        struct buf told = { 0 };
        if (because != NULL)
            buf_addf(&told, "\"dial_because\":\"%s\",\"dial_by_hand\":[{\"name\":\"Grace Hopper\",", because);
        else
            buf_add_str(&told, "\"dial_because\":null,\"dial_by_hand\":[]");
        if (slice_find(a.body, buf_slice(&told)) == a.body.n)
            fail_msg("%s: %.*s", dial_rows[dial_row].what, (int)a.body.n, a.body.p);
        buf_release(&told);
        buf_release(&a.bytes);
    }
    commit(put_again);
    (void)state;
}

/* R154: the view behind a bundle's link lists the others of its message, each with a link of its own. */
static void a_bundle_lists_the_others(void **state)
{
    struct client_answer a = { 0 };
    char link[64];
    commit(put_bundle);
    link_of(7, FAKE_WALL + DAY, link);
    client_request(&house, house.responder_port, "GET", link, "", S(""), &a);
    assert_true(slice_find(a.body, S("<h2>In the same message</h2>")) < a.body.n);
    assert_true(slice_find(a.body, S("\">INC-43 SEV2? ")) < a.body.n);
    buf_release(&a.bytes);
    /* From the other's side the carrier is in the list. */
    link_of(8, FAKE_WALL + DAY, link);
    client_request(&house, house.responder_port, "GET", link, "", S(""), &a);
    assert_true(slice_find(a.body, S("\">INC-42 SEV2? ")) < a.body.n);
    buf_release(&a.bytes);
    (void)state;
}

static void links_that_are_wrong_or_old_say_what_to_do(void **state)
{
    static const struct {
        const char *what;
        page_id page;
        int64_t made, expires;
        int status;
        const char *piece;
        bool failing;
    } rows[] = {
        { "expired", 7, PAGE_MADE, FAKE_WALL - 1000, 410, "This link has expired", false },
        { "a page that is not there", 8, PAGE_MADE, FAKE_WALL + DAY, 404, "not here any more", false },
        { "a page that left unjournaled", 8, PAGE_MADE, FAKE_WALL + DAY, 503, "cannot write to its disk", true },
        { "a lost page, whose number is another's now", 7, PAGE_MADE - 1, FAKE_WALL + DAY, 404, "not here any more",
          false },
    };
    struct client_answer a = { 0 };
    char link[64];
    size_t before = house.events;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        link_made(rows[i].page, rows[i].made, rows[i].expires, link);
        house.failing = rows[i].failing;
        for (int k = 0; k < 2; k++) {
            client_request(&house, house.responder_port, k == 0 ? "GET" : "POST", link, "", S(""), &a);
            if (a.status != rows[i].status || slice_find(a.body, slice_of(rows[i].piece)) == a.body.n)
                fail_msg("%s: %d %.*s", rows[i].what, a.status, (int)a.body.n, a.body.p);
        }
    }
    client_request(&house, house.responder_port, "POST", "/a/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "", S(""), &a);
    assert_int_equal(a.status, 404);
    client_request(&house, house.responder_port, "PUT", "/a/x", "", S(""), &a);
    assert_int_equal(a.status, 405);
    /* Safe to expose alone: nothing else is there. */
    client_request(&house, house.responder_port, "GET", "/api/v1/incidents", "Authorization: Bearer read-me\r\n", S(""),
                   &a);
    assert_int_equal(a.status, 404);
    client_request(&house, house.responder_port, "GET", "/metrics", "", S(""), &a);
    assert_int_equal(a.status, 404);
    assert_int_equal(house.events, before);
    buf_release(&a.bytes);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_of_alerts_are_alertmanagers),
        cmocka_unit_test(incidents_are_told_in_full),
        cmocka_unit_test(openapi_describes_the_tables),
        cmocka_unit_test(why_names_rule_line_and_attempts),
        cmocka_unit_test(identity_decides),
        cmocka_unit_test(acts_are_read_by_their_descriptors),
        cmocka_unit_test(a_redaction_knows_what_is_out),
        cmocka_unit_test(arguments_land_where_they_belong),
        cmocka_unit_test(codes_become_statuses),
        cmocka_unit_test(looking_acknowledges_nothing),
        cmocka_unit_test(trouble_stands_above_everything),
        cmocka_unit_test(an_incident_that_is_not_stored_may_be_in_memory),
        cmocka_unit_test(the_view_says_what_matters_and_escapes_it),
        cmocka_unit_test(links_that_are_wrong_or_old_say_what_to_do),
        cmocka_unit_test(numbers_to_dial_by_hand),
        cmocka_unit_test(a_bundle_lists_the_others),
        cmocka_unit_test(pressing_acknowledges_or_says_by_whom),
        cmocka_unit_test(each_button_is_an_act),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
