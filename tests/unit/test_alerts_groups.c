/* What belongs together at GET /api/v2/alerts/groups (R151, R153): by rule, service and name, in Alertmanager's
 * order. */
#include "harness.h"

#include "api/alerts_groups.h"
#include "base/check.h"
#include "core/directory.h"

static const struct service services[] = { { .id = { "jobs", 4 }, .name = { "Jobs", 4 } },
                                           { .id = { "shop", 4 }, .name = { "Shop", 4 } } };
static const struct sender_owner owners[] = { { .sender = { "jobber", 6 }, .service = 0, .team = -1 },
                                              { .sender = { "team", 4 }, .service = -1, .team = 0 } };
static const struct directory directory = {
    .services = services, .n_services = COUNT_OF(services), .senders = owners, .n_senders = COUNT_OF(owners)
};
static const struct slice by[] = { { "cluster", 7 } };
static struct matcher in_eu = { .op = MATCH_EQ, .name = { "cluster", 7 }, .value = { "eu", 2 } };
static struct matcher in_us = { .op = MATCH_EQ, .name = { "cluster", 7 }, .value = { "us", 2 } };
static const struct routing_rule rules[] = {
    { .name = { "eu", 2 }, .match = { &in_eu, 1 }, .group_by = by, .n_group_by = 1 },
    { .name = { "us", 2 }, .match = { &in_us, 1 }, .service = { "jobs", 4 }, .group_by = by, .n_group_by = 1 },
};
static const struct routing routing = { .rules = rules, .n_rules = COUNT_OF(rules) };
static const struct bundle_policy bundle = { .id = 1, .routing = &routing };

struct sample {
    const char *name, *cluster, *service; /* NULL: not there */
    uint64_t fingerprint;
    const char *sender; /* NULL: one that owns nothing */
};

static void add(struct alert_groups *g, const struct sample *s)
{
    struct label labels[3];
    struct buf json = { 0 };
    size_t n = 0;
    if (s->name != NULL) labels[n++] = (struct label){ S("alertname"), slice_of(s->name) };
    if (s->cluster != NULL) labels[n++] = (struct label){ S("cluster"), slice_of(s->cluster) };
    if (s->service != NULL) labels[n++] = (struct label){ S("service"), slice_of(s->service) };
    buf_addf(&json, ",%d", (int)s->fingerprint);
    alert_groups_add(g, slice_of(s->sender), labels, n, s->fingerprint, buf_slice(&json));
    buf_release(&json);
}

#define GROUP(alerts, labels) "{\"alerts\":[" alerts "],\"labels\":{" labels "},\"receiver\":{\"name\":\"tocsin\"}}"

static void groups_are(const struct facts *f, const struct sample *samples, size_t n, const char *wanted)
{
    struct alert_groups *g = alert_groups_create(f);
    struct buf out = { 0 };
    for (size_t i = 0; i < n; i++) add(g, &samples[i]);
    alert_groups_print(g, &out);
    assert_string_equal(buf_str(&out), wanted);
    alert_groups_destroy(&g);
    buf_release(&out);
}

static void rules_services_and_names_make_groups(void **state)
{
    static const struct sample samples[] = {
        { "B", "eu", NULL, 9, NULL },    { "A", "eu", NULL, 2, NULL },       { "B", "eu", NULL, 3, NULL },
        { "A", "eu", "shop", 4, NULL },  { "B", "eu", "shop", 1, NULL },     { "A", "us", "shop", 5, NULL },
        { "B", "us", NULL, 6, NULL },    { "A", NULL, "nobody's", 8, NULL }, { NULL, "xx", NULL, 7, NULL },
        { "C", NULL, "jobs", 10, NULL }, { "C", "xx", "jobs", 11, NULL },
    };
    const struct facts facts = { .directory = &directory, .bundles = &bundle, .n_bundles = 1 };
    (void)state;
    groups_are(
        &facts, samples, COUNT_OF(samples),
        GROUP("7", "") "," GROUP("10,11", "\"service\":\"jobs\"") "," GROUP("5,6", "\"cluster\":\"us\"") "," GROUP("8", "\"alertname\":\"A\"") "," GROUP(
            "1,4",
            "\"cluster\":\"eu\",\"service\":\"shop\"") "," GROUP("2",
                                                                 "\"alertname\":\"A\",\"cluster\":\"eu\"") "," GROUP("3,9",
                                                                                                                     "\"alertname\":\"B\",\"cluster\":\"eu\""));
}

/* R161: what names no service belongs to that of its sender's key, as the incident does; a key's team alone groups by name. */
static void a_key_says_whose_alerts_are(void **state)
{
    static const struct sample samples[] = {
        { "A", NULL, NULL, 1, "jobber" },   { "B", NULL, NULL, 2, "jobber" }, { "C", NULL, "jobs", 3, NULL },
        { "A", NULL, "shop", 4, "jobber" }, { "A", NULL, "x", 5, "jobber" },  { "A", NULL, NULL, 6, "team" },
        { "B", NULL, NULL, 7, "team" },     { "A", NULL, NULL, 8, NULL },
    };
    const struct facts facts = { .directory = &directory };
    (void)state;
    groups_are(&facts, samples, COUNT_OF(samples),
               GROUP("1,2,3", "") "," GROUP("4", "\"service\":\"shop\"") "," GROUP("5,6,8", "\"alertname\":\"A\"") "," GROUP(
                   "7", "\"alertname\":\"B\""));
}

static void without_rules_there_are_names(void **state)
{
    static const struct sample samples[] = { { "B", "eu", NULL, 2, NULL },
                                             { "A", "eu", NULL, 1, NULL },
                                             { "B", "us", NULL, 3, NULL } };
    const struct facts facts = { .directory = &directory };
    (void)state;
    groups_are(&facts, samples, COUNT_OF(samples),
               GROUP("1", "\"alertname\":\"A\"") "," GROUP("2,3", "\"alertname\":\"B\""));
    groups_are(&facts, NULL, 0, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_services_and_names_make_groups),
        cmocka_unit_test(a_key_says_whose_alerts_are),
        cmocka_unit_test(without_rules_there_are_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
