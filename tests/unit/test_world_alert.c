/* test_world_alert.c - whole flows of arriving alerts: routing, joining, severity, declaration, recovery, expiry
 * (R114, R148-R151, R155, R156, R161, I2). */
#include "flow.h"

#include "core/state.h"
#include "core/template.h"

#define M MINUTE

static const char web[] = "alertname=DiskFull service=web severity=warning";
static const char web2[] = "alertname=DiskFull instance=h2 service=web severity=warning";
static const char web_cpu[] = "alertname=CpuHigh service=web severity=warning";
static const char web_down[] = "alertname=Down service=web severity=critical";

static void R114_an_alert_opens_a_logged_incident_and_pages(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    flow_fire(&f, "alertname=DiskFull instance=h1 service=web severity=critical");
    const struct incident *i = flow_incident(&f, 1);
    assert_int_equal(i->state, INCIDENT_OPEN);
    assert_int_equal(i->declared_wall, 0);
    assert_int_equal(i->severity, 2);
    assert_int_equal(i->severity_source, SEVERITY_LABEL);
    assert_string_equal(world_text(f.w, i->title).p, "DiskFull (h1)");
    assert_string_equal(world_text(f.w, i->service).p, "web");
    assert_string_equal(world_text(f.w, i->team).p, "platform");
    assert_string_equal(world_text(f.w, i->category).p, "infrastructure");
    assert_string_equal(world_text(f.w, i->impact).p, "It is broken");
    assert_int_equal(i->detected_wall, FLOW_WALL - SECOND);
    assert_int_equal(i->alerts, 1);
    assert_int_equal(i->firing, 1);
    assert_int_equal(flow_pages(&f, 1, PAGE_REASON_FIRST, "ada"), 1);
    assert_int_equal(f.reply.incident, 1);
    assert_int_equal(f.reply.code, 0);
    flow_end(&f);
}

static void resent_alerts_refresh_one_row(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    flow_fire(&f, web);
    size_t said = f.said.n;
    flow_until(&f, 1 * M);
    flow_fire(&f, web);
    assert_int_equal(f.said.n, said); /* no entry */
    assert_int_equal(f.marks, 2); /* the alert's live row and the sender's */
    assert_int_equal(world_alert_live(f.w, 1)->sends, 2);
    assert_int_equal(world_alert_live(f.w, 1)->updated_wall, FLOW_WALL + M);
    assert_int_equal(flow_incident(&f, 1)->alerts, 1);
    assert_int_equal(f.reply.incident, 1);
    flow_end(&f);
}

static size_t marked(const struct flow *f, enum row_kind kind)
{
    size_t n = 0;
    for (size_t i = 0; i < f->fx.marks.n; i++) n += f->fx.marks.v[i].kind == kind;
    return n;
}

/* row.h: one row a new alert; the live row comes when it is heard again, and what does not fire has one. */
static void a_new_alert_is_one_row(void **state)
{
    const struct {
        const char *labels;
        int64_t ends_in;
        size_t alert, live; /* rows to save */
    } rows[] = {
        { web, HOUR, 1, 0 }, { web, HOUR, 0, 1 }, { web, -1, 1, 1 }, { web2, -1, 1, 1 }, { web2, HOUR, 1, 1 },
    };
    struct flow f;
    (void)state;
    flow_begin(&f);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct signal s = flow_signal(&f, rows[i].labels, rows[i].ends_in);
        flow_step_one(&f, (struct event){ .kind = EVENT_ALERTS, .alerts = { S("prom"), &s, 1 } });
        assert_int_equal(marked(&f, ROW_ALERT), rows[i].alert);
        assert_int_equal(marked(&f, ROW_ALERT_LIVE), rows[i].live);
        effects_reset(&f.fx);
    }
    flow_end(&f);
}

/* I2: belongs to an incident, or has one recorded reason. */
static void I2_what_opens_nothing_says_why(void **state)
{
    struct error e;
    struct arena *a = arena_create(0);
    struct matchers noise, quiet, grave;
    assert_int_equal(matchers_parse(a, S("alertname=\"Noise\""), &noise, &e), 0);
    assert_int_equal(matchers_parse(a, S("alertname=~\"Told.*\""), &quiet, &e), 0);
    assert_int_equal(matchers_parse(a, S("alertname=\"Breach\""), &grave, &e), 0);
    const struct routing_rule rules[] = { { .name = S("noise"), .match = noise, .drop = S("known noise") },
                                          { .name = S("told"), .match = quiet, .severity = 4 },
                                          { .name = S("declared"), .match = grave, .declare = true },
                                          { .name = S("all of web"), .service = S("web") } };
    static const struct {
        const char *labels;
        enum alert_reason reason;
        const char *text;
    } rows[] = {
        { "alertname=Noise service=web severity=critical", REASON_DROPPED, "known noise" },
        { "alertname=Hint severity=info", REASON_INFORMATION,
          "info" }, /* a rule that only names a service asks for nothing */
        { "alertname=Watchdog severity=none", REASON_HEARTBEAT, "" },
        { "alertname=Told severity=info", REASON_NONE, "" },
        { "alertname=Breach severity=info", REASON_NONE, "" }, /* its rule asks, although it gives no severity */
    };
    (void)state;
    for (size_t k = 0; k < COUNT_OF(rows); k++) {
        struct flow f;
        flow_begin(&f);
        f.routing = (struct routing){ .rules = rules, .n_rules = COUNT_OF(rules) };
        flow_fire(&f, rows[k].labels);
        const struct alert_kept *alert = flow_alert(&f, rows[k].labels);
        assert_int_equal(world_alert_shared(f.w, alert)->reason, rows[k].reason);
        assert_int_equal(alert->incident != 0, rows[k].reason == REASON_NONE);
        if (rows[k].text[0] != 0) assert_string_equal(world_text(f.w, world_alert_shared(f.w, alert)->reason_text).p, rows[k].text);
        assert_int_equal(world_count(f.w, ROW_INCIDENT), rows[k].reason == REASON_NONE);
        flow_end(&f);
    }
    matchers_release(&noise);
    matchers_release(&quiet);
    matchers_release(&grave);
    arena_destroy(&a);
}

static void I2_resolved_before_it_was_heard_of(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    flow_resolve(&f, web);
    assert_int_equal(world_alert_shared(f.w, flow_alert(&f, web))->reason, REASON_NEVER_FIRED);
    assert_int_equal(world_count(f.w, ROW_INCIDENT), 0);
    flow_fire(&f, web); /* now it does: routed as a new one */
    assert_int_equal(world_alert_shared(f.w, flow_alert(&f, web))->reason, REASON_NONE);
    assert_int_equal(flow_alert(&f, web)->incident, 1);
    flow_end(&f);
}

static void R161_unrouted_alerts_go_to_the_unrouted_team_and_are_counted(void **state)
{
    struct flow f;
    struct row r;
    int64_t counted = 0;
    (void)state;
    flow_begin(&f);
    flow_fire(&f, "alertname=Odd severity=warning");
    flow_fire(&f, "alertname=Odd instance=h2 severity=warning");
    flow_fire(&f, "alertname=Other service=nosuch severity=warning");
    assert_int_equal(world_count(f.w, ROW_INCIDENT), 2); /* grouped by name */
    assert_int_equal(flow_incident(&f, 1)->service, 0);
    assert_int_equal(flow_incident(&f, 1)->alerts, 2);
    assert_string_equal(world_text(f.w, flow_incident(&f, 2)->team).p, "platform");
    for (size_t at = 0; world_next_row(f.w, ROW_COUNTER, &at, &r);)
        if (r.v[0] == COUNTER_UNROUTED) counted = r.v[1];
    assert_int_equal(counted, 3);
    flow_fire(&f, "alertname=Odd service=Shop severity=warning"); /* by name, in any case */
    assert_string_equal(world_text(f.w, flow_incident(&f, 3)->team).p, "shop");
    flow_end(&f);
}

static void send_of(struct flow *f, const char *sender, const char *labels)
{
    struct signal s = flow_signal(f, labels, HOUR);
    flow_send(f, sender, &s, 1);
}

static void R161_what_names_no_service_is_whose_its_senders_key_says(void **state)
{
    static const struct sender_owner owners[] = { { S("shop-prom"), 1, -1 }, { S("shop-cloud"), -1, 1 } };
    struct flow f;
    struct row r;
    int64_t counted = 0;
    (void)state;
    flow_begin(&f);
    f.site.senders = owners;
    f.site.n_senders = COUNT_OF(owners);
    send_of(&f, "shop-prom", "alertname=Odd instance=a");
    assert_string_equal(world_text(f.w, flow_incident(&f, 1)->service).p, "shop");
    assert_string_equal(world_text(f.w, flow_incident(&f, 1)->team).p, "shop");
    send_of(&f, "shop-cloud", "alertname=Odd instance=b"); /* a team and no service: grouped by name, and by team */
    assert_int_equal(flow_incident(&f, 2)->service, 0);
    assert_string_equal(world_text(f.w, flow_incident(&f, 2)->team).p, "shop");
    send_of(&f, "shop-prom", "alertname=Odd service=web"); /* it names one */
    assert_string_equal(world_text(f.w, flow_incident(&f, 3)->team).p, "platform");
    for (size_t at = 0; world_next_row(f.w, ROW_COUNTER, &at, &r);)
        if (r.v[0] == COUNTER_UNROUTED) counted = r.v[1];
    assert_int_equal(counted, 0);
    send_of(&f, "shop-prom", "alertname=Odd service=nosuch"); /* one that the site does not have: nobody's */
    send_of(&f, "another", "alertname=Odd instance=c");
    assert_string_equal(world_text(f.w, flow_incident(&f, 4)->team).p, "platform");
    assert_int_equal(flow_incident(&f, 4)->alerts, 2);
    flow_end(&f);
}

static void R151_joining_ends_30_minutes_after_the_last_member(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    flow_fire(&f, web);
    flow_until(&f, 30 * M);
    flow_fire(&f, web2);
    assert_int_equal(flow_alert(&f, web2)->incident, 1); /* exactly 30 min: in time */
    assert_string_equal(flow_text(&f, 1, ENTRY_ALERT_JOINED), "DiskFull (h2) joined");
    flow_until(&f, 60 * M + 1);
    flow_fire(&f, web_cpu);
    assert_int_equal(flow_alert(&f, web_cpu)->incident, 2);
    assert_int_equal(flow_incident(&f, 2)->follows, 1);
    assert_string_equal(flow_text(&f, 2, ENTRY_LINKED), "Follows INC-1");
    assert_string_equal(flow_text(&f, 1, ENTRY_LINKED), "INC-2 follows");
    flow_end(&f);
}

static void R151_group_by_splits_the_service(void **state)
{
    static const struct slice by[] = { S("cluster") };
    const struct routing_rule rule = { .name = S("by cluster"), .group_by = by, .n_group_by = 1 };
    struct flow f;
    (void)state;
    flow_begin(&f);
    f.routing = (struct routing){ .rules = &rule, .n_rules = 1 };
    flow_fire(&f, "alertname=A cluster=eu service=web severity=warning");
    flow_fire(&f, "alertname=A cluster=us service=web severity=warning");
    flow_fire(&f, "alertname=B cluster=eu service=web severity=warning");
    assert_int_equal(world_count(f.w, ROW_INCIDENT), 2);
    assert_int_equal(flow_incident(&f, 1)->alerts, 2);
    flow_end(&f);
}

/* A storm in one request: one entry, one page. */
static void one_entry_an_incident_and_event(void **state)
{
    struct flow f;
    struct signal v[20];
    char name[64] = "alertname=A instance=h00 service=web severity=warning";
    (void)state;
    flow_begin(&f);
    for (int i = 0; i < 20; i++) {
        name[22] = (char)('0' + i / 10);
        name[23] = (char)('0' + i % 10);
        v[i] = flow_signal(&f, name, HOUR);
    }
    flow_send(&f, "prom", v, 20);
    assert_int_equal(flow_incident(&f, 1)->firing, 20);
    assert_int_equal(flow_said(&f, 1, ENTRY_ALERT_JOINED), 1);
    assert_string_equal(flow_text(&f, 1, ENTRY_ALERT_JOINED), "A (h01) and 18 more joined");
    assert_int_equal(flow_pages(&f, 1, 0, NULL), 1);
    flow_end(&f);
}

static void fire_in_batch(struct flow *f, const char *labels)
{
    struct signal s = flow_signal(f, labels, HOUR);
    flow_step_one(f, (struct event){ .kind = EVENT_ALERTS, .alerts = { S("prom"), &s, 1 } });
}

/* What stays the last word of its instant grows; what a store or the spool was offered does not change any more. */
static void one_entry_an_incident_and_batch(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    flow_fire(&f, web);
    f.at += M;
    f.wall += M;
    fire_in_batch(&f, web2);
    fire_in_batch(&f, "alertname=A service=shop severity=warning");
    const size_t entries = f.fx.entries.n;
    fire_in_batch(&f, web_cpu);
    fire_in_batch(&f, "alertname=DiskFull instance=h3 service=web severity=warning");
    assert_int_equal(f.fx.entries.n, entries);
    assert_string_equal(f.fx.entries.v[0].text.p, "DiskFull (h2) and 2 more joined");
    assert_int_equal(f.fx.entries.v[0].n_changes, 1); /* joined_at, once */
    assert_int_equal(flow_incident(&f, 1)->alerts, 4);
    f.fx.offered = f.fx.entries.n;
    fire_in_batch(&f, "alertname=DiskFull instance=h4 service=web severity=warning");
    assert_int_equal(f.fx.entries.n, entries + 1);
    fire_in_batch(&f, web_down); /* the severity is the last word now */
    assert_string_equal(f.fx.entries.v[entries].text.p, "DiskFull (h4) and 1 more joined");
    const size_t raised = f.fx.entries.n;
    assert_true(raised > entries + 1);
    fire_in_batch(&f, "alertname=DiskFull instance=h5 service=web severity=warning");
    assert_string_equal(f.fx.entries.v[raised].text.p, "DiskFull (h5) joined");
    f.at++;
    fire_in_batch(&f, "alertname=DiskFull instance=h6 service=web severity=warning");
    assert_int_equal(f.fx.entries.n, raised + 2);
    flow_end(&f);
}

static void R151_a_new_name_on_an_acknowledged_incident_pages_again(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    flow_fire(&f, web);
    flow_act(&f, (struct act){ .kind = ACT_ACKNOWLEDGE, .incident = 1 });
    flow_until(&f, 2 * M);
    flow_fire(&f, web2); /* the same name: nothing new to say */
    assert_int_equal(flow_pages(&f, 1, 0, NULL), 1);
    flow_fire(&f, web_cpu);
    assert_int_equal(flow_pages(&f, 1, PAGE_REASON_NEW_ALERT, "ada"), 1);
    flow_until(&f, 8 * M);
    assert_int_equal(flow_pages(&f, 1, PAGE_REASON_NO_RESPONSE, "joan"), 1); /* then the chain */
    flow_end(&f);
}

static void R148_a_worse_alert_raises_what_no_person_set_and_pages_again(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    flow_fire(&f, web);
    assert_int_equal(flow_incident(&f, 1)->severity, 3);
    flow_act(&f, (struct act){ .kind = ACT_ACKNOWLEDGE, .incident = 1 });
    flow_fire(&f, web_down);
    assert_int_equal(flow_incident(&f, 1)->severity, 2);
    assert_int_equal(flow_pages(&f, 1, PAGE_REASON_WORSE_ALERT, "ada"), 1);
    assert_int_equal(flow_pages(&f, 1, PAGE_REASON_NEW_ALERT, NULL), 0); /* one page, the web_downr reason */
    flow_end(&f);
}

static void R148_a_persons_severity_stands_and_the_worse_alert_pages_all_the_same(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    flow_fire(&f, web);
    flow_act(&f, (struct act){ .kind = ACT_ACKNOWLEDGE, .incident = 1 });
    flow_act(&f, (struct act){ .kind = ACT_SEVERITY, .incident = 1, .severity = 3 });
    flow_fire(&f, web_down);
    assert_int_equal(flow_incident(&f, 1)->severity, 3);
    assert_int_equal(flow_pages(&f, 1, PAGE_REASON_WORSE_ALERT, "ada"), 1);
    flow_end(&f);
}

/* Nobody answers the page about it: the next is called as loudly, and not by mail; so is who has not acknowledged at all. */
static void R148_R159_what_a_person_did_not_know_of_rings_until_somebody_has_it(void **state)
{
    (void)state;
    for (int acknowledged = 0; acknowledged <= 1; acknowledged++) {
        struct flow f;
        flow_begin(&f);
        flow_fire(&f, web);
        if (acknowledged) flow_act(&f, (struct act){ .kind = ACT_ACKNOWLEDGE, .incident = 1 });
        flow_act(&f, (struct act){ .kind = ACT_SEVERITY, .incident = 1, .severity = 3 });
        flow_fire(&f, web_down);
        assert_int_equal(flow_incident(&f, 1)->severity, 3);
        flow_until(&f, 30 * M);
        struct row r;
        size_t quiet = 0, loud = 0;
        for (size_t at = 0; world_next_row(f.w, ROW_PAGE, &at, &r);) {
            const struct page *p = world_page(f.w, r.v[0]);
            if (p->kind != PAGE_PAGE) continue;
            quiet += p->rings == 0;
            loud += p->rings != 0;
        }
        if (quiet != (size_t)acknowledged || loud < 2) fail_msg("%d: %zu quiet, %zu loud", acknowledged, quiet, loud);
        flow_act(&f, (struct act){ .kind = ACT_ACKNOWLEDGE, .incident = 1 });
        assert_int_equal(flow_incident(&f, 1)->loud_at, 0);
        flow_end(&f);
    }
}

/* R159: what is worse and quiet itself wakes nobody, nor what a person calls quiet again who knows of the rest. */
static void R159_what_is_quiet_or_called_so_once_more_stays_quiet(void **state)
{
    const struct {
        const char *first, *worse;
        int64_t said;
        bool loud; /* it rings then, until they say the same again */
    } rows[] = {
        { "alertname=DiskFull service=web severity=ticket", web, 4, false },
        { web, web_down, 3, true },
    };
    (void)state;
    for (size_t k = 0; k < COUNT_OF(rows); k++) {
        struct flow f;
        struct row r;
        flow_begin(&f);
        flow_fire(&f, rows[k].first);
        const struct act says = { .kind = ACT_SEVERITY, .incident = 1, .severity = rows[k].said };
        flow_act(&f, says);
        flow_fire(&f, rows[k].worse);
        assert_int_equal(flow_incident(&f, 1)->loud_at != 0, rows[k].loud);
        if (rows[k].loud) flow_act(&f, says);
        assert_int_equal(flow_incident(&f, 1)->loud_at, 0);
        flow_until(&f, 6 * M);
        assert_int_equal(flow_pages(&f, 1, PAGE_REASON_NO_RESPONSE, "joan"), 1);
        for (size_t at = 0; world_next_row(f.w, ROW_PAGE, &at, &r);) {
            const struct page *p = world_page(f.w, r.v[0]);
            const bool rang = rows[k].loud && slice_eq(world_text(f.w, p->person), S("ada"));
            if (p->rings != 0 && !rang) fail_msg("%zu: page %d rings", k, (int)p->id);
        }
        flow_end(&f);
    }
}

static void a_rule_with_SEV1_declares_and_its_page_leaves_with_it(void **state)
{
    const struct routing_rule rule = {
        .name = S("front page"), .severity = 1, .category = S("security"), .service = S("shop")
    };
    struct flow f;
    (void)state;
    flow_begin(&f);
    f.routing = (struct routing){ .rules = &rule, .n_rules = 1 };
    flow_fire(&f, web);
    const struct incident *i = flow_incident(&f, 1);
    assert_int_equal(i->severity, 1);
    assert_int_equal(i->severity_source, SEVERITY_RULE);
    assert_true(i->declared_wall != 0 && i->declared_by == 0);
    assert_string_equal(world_text(f.w, i->category).p, "security");
    assert_string_equal(world_text(f.w, i->service).p, "shop");
    assert_string_equal(world_text(f.w, i->rule).p, "front page");
    assert_int_equal(flow_pages(&f, 1, PAGE_REASON_FIRST, "ada"), 1);
    assert_int_equal(flow_pages(&f, 1, PAGE_REASON_SEVERITY, "grace"), 1);
    flow_end(&f);
}

static void A51_declare_every_alert(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    f.routing = (struct routing){ .declare_every_alert = true };
    flow_fire(&f, web);
    assert_true(flow_incident(&f, 1)->declared_wall != 0);
    flow_end(&f);
}

/* The worst of one request is what the first page says. */
static void an_incident_opens_with_the_worst_of_its_request(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    struct signal v[] = { flow_signal(&f, web, HOUR), flow_signal(&f, web_down, HOUR) };
    flow_send(&f, "prom", v, 2);
    assert_int_equal(flow_incident(&f, 1)->severity, 2);
    assert_int_equal(flow_pages(&f, 1, 0, NULL), 1);
    flow_end(&f);
}

static const struct {
    const char *what;
    int64_t starts_ago, detected_ago;
} starts[] = {
    { "as the sender says", 10 * M, 10 * M },
    { "in the future: when we heard of it", -10 * M, 0 },
    { "a day ago to the second", DAY, DAY },
    { "longer ago than a day: when we heard of it", DAY + 1, 0 },
};

static void detected_is_believable(void **state)
{
    (void)state;
    for (size_t k = 0; k < COUNT_OF(starts); k++) {
        struct flow f;
        flow_begin(&f);
        struct signal s = flow_signal(&f, web, HOUR);
        s.starts = f.wall - starts[k].starts_ago;
        flow_send(&f, "prom", &s, 1);
        if (flow_incident(&f, 1)->detected_wall != f.wall - starts[k].detected_ago) fail_msg("%s", starts[k].what);
        flow_end(&f);
    }
}

/* --- recovered, resumed (R150) --- */

static void R150_a_logged_incident_resolves_itself_after_5_minutes(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    flow_fire(&f, web);
    flow_fire(&f, web2);
    flow_until(&f, 1 * M);
    flow_resolve(&f, web);
    flow_until(&f, 2 * M);
    flow_resolve(&f, web2);
    assert_int_equal(flow_incident(&f, 1)->firing, 0);
    flow_until(&f, 7 * M - 1);
    assert_int_equal(flow_incident(&f, 1)->state, INCIDENT_OPEN);
    flow_until(&f, 7 * M);
    assert_int_equal(flow_incident(&f, 1)->state, INCIDENT_RESOLVED);
    assert_int_equal(flow_incident(&f, 1)->resolved_by, 0);
    flow_end(&f);
}

/* What an act says besides is done or refused, never dropped (R18, R20); the first acknowledgement stays (I14). */
static void nothing_that_is_said_with_an_act_is_dropped(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    flow_fire(&f, web);
    flow_act(&f, (struct act){ .kind = ACT_ACKNOWLEDGE, .incident = 1 });
    flow_act(&f, (struct act){ .kind = ACT_ACKNOWLEDGE, .incident = 1, .text = S("the pool is full") });
    assert_int_equal(f.reply.code, 0);
    assert_int_equal(flow_said(&f, 1, ENTRY_NOTE), 1);
    flow_act(&f, (struct act){ .kind = ACT_ACKNOWLEDGE, .incident = 1, .severity = 1 });
    assert_int_equal(f.reply.code, ERR_CONFLICT);
    assert_true(slice_has_suffix(f.reply.text, S(": `tocsin severity` sets it")));
    flow_act(&f, (struct act){ .kind = ACT_DECLARE, .incident = 1, .severity = 1, .text = S("it is real") });
    assert_int_equal(flow_incident(&f, 1)->severity, 1);
    assert_true(flow_incident(&f, 1)->declared_wall != 0 && flow_incident(&f, 1)->confirmed_wall != 0);
    flow_act(&f, (struct act){ .kind = ACT_DECLARE, .incident = 1, .severity = 3 });
    assert_int_equal(f.reply.code, ERR_INVALID); /* lowering needs a reason */
    flow_act(&f, (struct act){ .kind = ACT_DECLARE, .incident = 1, .severity = 8, .severity_label = S("SEV8") });
    assert_int_equal(f.reply.code, ERR_INVALID);
    flow_act(&f, (struct act){ .kind = ACT_DECLARE, .incident = 1, .severity = 2, .text = S("one customer") });
    assert_int_equal(flow_incident(&f, 1)->severity, 2);
    assert_true(slice_has_suffix(f.reply.text, S(" was declared already; it is SEV2")));
    flow_act(&f, (struct act){ .kind = ACT_ACKNOWLEDGE, .incident = 1, .severity = 2 });
    assert_int_equal(f.reply.code, 0); /* said twice, and so it is */
    flow_end(&f);
}

static void R150_a_declared_one_asks_for_a_tap_and_both_clocks_hold(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    flow_fire(&f, web);
    flow_act(&f, (struct act){ .kind = ACT_DECLARE, .incident = 1 });
    flow_act(&f, (struct act){ .kind = ACT_ACKNOWLEDGE, .incident = 1 });
    flow_until(&f, 1 * M);
    flow_resolve(&f, web);
    flow_until(&f, 40 * M);
    assert_int_equal(flow_incident(&f, 1)->state, INCIDENT_OPEN);
    assert_true(flow_incident(&f, 1)->recovered_at != 0);
    assert_int_equal(flow_said(&f, 1, ENTRY_RECOVERED), 1);
    assert_int_equal(flow_pages(&f, 1, PAGE_REASON_RECOVERED, "ada"), 1);
    assert_int_equal(flow_pages(&f, 1, PAGE_REASON_NO_RESOLUTION, NULL), 0); /* T+30 came while it held */
    flow_fire(&f, web); /* and goes on */
    assert_int_equal(flow_incident(&f, 1)->recovered_at, 0);
    assert_int_equal(flow_pages(&f, 1, PAGE_REASON_RESUMED, "ada"), 1);
    flow_end(&f);
}

static void R150_firing_again_within_30_minutes_resumes_the_same_incident(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    flow_fire(&f, web);
    flow_act(&f, (struct act){ .kind = ACT_ACKNOWLEDGE, .incident = 1 });
    flow_resolve(&f, web);
    flow_until(&f, 5 * M); /* resolved by itself */
    flow_until(&f, 7 * M);
    flow_fire(&f, web);
    assert_int_equal(flow_incident(&f, 1)->state, INCIDENT_OPEN);
    assert_int_equal(flow_pages(&f, 1, 0, "ada"), 1); /* its acknowledger was paged less than 10 min ago */
    flow_resolve(&f, web);
    flow_until(&f, 12 * M);
    assert_int_equal(flow_incident(&f, 1)->state, INCIDENT_RESOLVED);
    flow_until(&f, 42 * M);
    flow_fire(&f, web); /* exactly 30 min after its resolution, stepped before the clock that closes it */
    assert_int_equal(world_count(f.w, ROW_INCIDENT), 2); /* flow_until ran the closing timer first: over */
    assert_int_equal(flow_incident(&f, 2)->follows, 1);
    flow_end(&f);
}

static void R150_resumed_unacknowledged_pages_from_the_beginning(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    flow_fire(&f, web);
    flow_resolve(&f, web);
    flow_until(&f, 20 * M);
    assert_int_equal(flow_incident(&f, 1)->state, INCIDENT_RESOLVED);
    flow_fire(&f, web);
    assert_int_equal(flow_incident(&f, 1)->state, INCIDENT_OPEN);
    assert_int_equal(flow_pages(&f, 1, PAGE_REASON_RESUMED, "ada"), 1);
    assert_string_equal(flow_text(&f, 1, ENTRY_ALERT_RESUMED), "DiskFull fires again");
    flow_end(&f);
}

static void a_persons_resolution_stands_while_alerts_still_fire(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    flow_fire(&f, web);
    flow_act(&f, (struct act){ .kind = ACT_RESOLVE, .incident = 1, .text = S("fixed") });
    flow_until(&f, 3 * M);
    flow_fire(&f, web); /* re-sent */
    assert_int_equal(flow_incident(&f, 1)->state, INCIDENT_RESOLVED);
    flow_fire(&f, web_cpu); /* new: a new incident that follows */
    assert_int_equal(flow_alert(&f, web_cpu)->incident, 2);
    assert_int_equal(flow_incident(&f, 2)->follows, 1);
    flow_resolve(&f, web);
    flow_fire(&f, web); /* resolved and firing again: the same incident */
    assert_int_equal(flow_incident(&f, 1)->state, INCIDENT_OPEN);
    flow_end(&f);
}

static void alerts_join_a_persons_declaration_of_their_service(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    flow_act(&f, (struct act){ .kind = ACT_DECLARE, .text = S("the front is down"), .service = S("web") });
    flow_fire(&f, web);
    assert_int_equal(flow_alert(&f, web)->incident, 1);
    flow_end(&f);
}

static void R155_flapping_keeps_one_incident_open_and_says_so(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    flow_fire(&f, web);
    for (int64_t k = 0; k < 6; k++) {
        flow_until(&f, (k + 1) * M);
        if (k % 2 == 0)
            flow_resolve(&f, web);
        else
            flow_fire(&f, web);
    }
    assert_int_equal(flow_said(&f, 1, ENTRY_FLAPPING), 1);
    flow_resolve(&f, web); /* at 6 min; it flapped at 4 */
    flow_until(&f, 14 * M - 1);
    assert_int_equal(flow_incident(&f, 1)->state, INCIDENT_OPEN);
    flow_until(&f, 14 * M);
    assert_int_equal(flow_incident(&f, 1)->state, INCIDENT_RESOLVED);
    assert_int_equal(world_count(f.w, ROW_INCIDENT), 1);
    flow_end(&f);
}

static void R155_a_restart_does_not_say_it_again(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    flow_fire(&f, web);
    for (int64_t k = 0; k < 6; k++) {
        flow_until(&f, (k + 1) * M);
        if (k == 4) flow_restart(&f, SECOND);
        if (k % 2 == 0)
            flow_resolve(&f, web);
        else
            flow_fire(&f, web);
    }
    assert_int_equal(flow_said(&f, 1, ENTRY_FLAPPING), 1);
    flow_end(&f);
}

/* --- expired (R150, R156) --- */

static void send_for_4_minutes(struct flow *f, const char *sender, const char *labels)
{
    struct signal s = flow_signal(f, labels, 4 * M);
    s.starts = FLOW_WALL - SECOND;
    flow_send(f, sender, &s, 1);
}

static void R150_expired_resolves_nothing_and_a_silent_sender_pages_once(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    for (int64_t k = 0; k < 3; k++) { /* 03:00, 03:01, 03:02 */
        flow_until(&f, k * M);
        send_for_4_minutes(&f, "prom", "alertname=Slow service=shop severity=warning");
    }
    flow_until(&f, 6 * M - 1);
    assert_int_equal(world_alert_live(f.w, 1)->state, ALERT_FIRING);
    flow_until(&f, 6 * M);
    assert_int_equal(world_alert_live(f.w, 1)->state, ALERT_EXPIRED);
    assert_int_equal(flow_said(&f, 1, ENTRY_ALERT_EXPIRED), 1);
    assert_string_equal(world_text(f.w, flow_incident(&f, 2)->title).p, "monitoring silent since 03:02 UTC: prom");
    assert_string_equal(world_text(f.w, flow_incident(&f, 2)->team).p, "shop");
    assert_int_equal(flow_pages(&f, 2, PAGE_REASON_SENDER_SILENT, "ada"), 1);
    flow_act(&f, (struct act){ .kind = ACT_ACKNOWLEDGE, .incident = 2 });
    flow_until(&f, 25 * M);
    assert_int_equal(flow_incident(&f, 1)->state, INCIDENT_OPEN); /* expired is never resolved */
    assert_int_equal(world_count(f.w, ROW_INCIDENT), 2);
    send_for_4_minutes(&f, "prom", "alertname=Slow service=shop severity=warning");
    assert_string_equal(flow_text(&f, 2, ENTRY_SENDER_SILENT), "prom talks again");
    assert_int_equal(flow_said(&f, 1, ENTRY_ALERT_RESUMED), 1);
    flow_until(&f, 28 * M);
    send_for_4_minutes(&f, "prom", "alertname=Slow service=shop severity=warning");
    flow_until(&f, 30 * M);
    assert_int_equal(flow_incident(&f, 2)->state, INCIDENT_RESOLVED);
    flow_end(&f);
}

static void a_sender_that_never_re_sent_twice_is_no_monitor(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    send_for_4_minutes(&f, "script", web);
    send_for_4_minutes(&f, "script", web); /* once more is not twice */
    flow_until(&f, 10 * M);
    assert_int_equal(world_alert_live(f.w, 1)->state, ALERT_EXPIRED);
    assert_int_equal(world_count(f.w, ROW_INCIDENT), 1);
    flow_end(&f);
}

static void a_sender_that_speaks_of_other_things_is_not_silent(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    for (int k = 0; k < 3; k++) send_for_4_minutes(&f, "prom", web);
    flow_until(&f, 3 * M);
    flow_resolve(&f, "alertname=Other service=shop"); /* it lives, and no longer speaks of the first */
    flow_until(&f, 10 * M);
    assert_int_equal(world_alert_live(f.w, 1)->state, ALERT_EXPIRED);
    assert_int_equal(world_count(f.w, ROW_INCIDENT), 1);
    flow_end(&f);
}

static void reported_resolved_after_it_had_expired_recovers(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    send_for_4_minutes(&f, "script", web);
    flow_fire(&f, web2);
    flow_until(&f, 5 * M);
    flow_resolve(&f, web2);
    flow_until(&f, 15 * M);
    assert_int_equal(flow_incident(&f, 1)->state, INCIDENT_OPEN); /* one of two is only expired */
    flow_resolve(&f, web);
    flow_until(&f, 20 * M);
    assert_int_equal(flow_incident(&f, 1)->state, INCIDENT_RESOLVED);
    flow_end(&f);
}

/* I3: nobody had answered, everybody was paged, then it was over for a while; what fires again is not left lying. */
static void what_was_given_up_begins_anew_when_it_fires_again(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    flow_fire(&f, web_down);
    flow_act(&f, (struct act){ .kind = ACT_DECLARE, .incident = 1, .text = S("so that it does not resolve itself") });
    flow_until(&f, 90 * M);
    assert_int_not_equal(flow_incident(&f, 1)->exhausted_at, 0);
    flow_resolve(&f, web_down);
    flow_until(&f, 95 * M);
    assert_int_not_equal(flow_incident(&f, 1)->recovered_at, 0);
    flow_fire(&f, web_down);
    assert_int_equal(flow_pages(&f, 1, PAGE_REASON_RESUMED, "ada"), 1);
    assert_int_equal(flow_incident(&f, 1)->exhausted_at, 0);
    flow_until(&f, 100 * M);
    assert_int_equal(flow_pages(&f, 1, PAGE_REASON_NO_RESPONSE, "joan"), 2);
    flow_end(&f);
}

static void talk(struct flow *f, int64_t from, int64_t to)
{
    for (int64_t k = from; k <= to; k++) {
        flow_until(f, k * M);
        send_for_4_minutes(f, "prom", "alertname=Slow service=shop severity=warning");
    }
}

static void a_sender_silent_again_is_not_left_lying_either(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    talk(&f, 0, 2);
    flow_until(&f, 7 * M);
    flow_act(&f, (struct act){ .kind = ACT_DECLARE, .incident = 2, .text = S("so that it does not resolve itself") });
    flow_until(&f, 120 * M);
    assert_int_not_equal(flow_incident(&f, 2)->exhausted_at, 0);
    talk(&f, 121, 130);
    assert_int_not_equal(flow_incident(&f, 2)->recovered_at, 0);
    flow_until(&f, 140 * M);
    assert_int_equal(flow_pages(&f, 2, PAGE_REASON_SENDER_SILENT, "ada"), 2);
    assert_int_equal(flow_incident(&f, 2)->exhausted_at, 0);
    flow_end(&f);
}

static void what_fires_and_is_merged_into_something_given_up_begins_it_anew(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    flow_fire(&f, web_down);
    flow_act(&f, (struct act){ .kind = ACT_DECLARE, .incident = 1, .text = S("so that it does not resolve itself") });
    flow_until(&f, 90 * M);
    flow_resolve(&f, web_down);
    flow_until(&f, 96 * M);
    flow_fire(&f, "alertname=Slow service=shop severity=warning");
    assert_int_not_equal(flow_incident(&f, 1)->recovered_at, 0);
    flow_act(&f, (struct act){ .kind = ACT_MERGE, .incident = 2, .into = 1, .text = S("the same") });
    assert_int_equal(flow_incident(&f, 1)->recovered_at, 0);
    assert_int_equal(flow_incident(&f, 1)->exhausted_at, 0);
    assert_int_equal(flow_pages(&f, 1, PAGE_REASON_RESUMED, "ada"), 1);
    flow_end(&f);
}

/* R151: what would have joined an incident that was merged joins the one that it is part of now. */
static void R151_alerts_of_a_merged_incident_join_the_one_it_went_into(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    flow_fire(&f, web_down);
    flow_fire(&f, "alertname=Slow service=shop severity=warning");
    flow_act(&f, (struct act){ .kind = ACT_MERGE, .incident = 2, .into = 1, .text = S("the same") });
    flow_fire(&f, "alertname=Slower service=shop severity=warning");
    assert_int_equal(world_count(f.w, ROW_INCIDENT), 2);
    assert_int_equal(flow_alert(&f, "alertname=Slower service=shop severity=warning")->incident, 1);
    flow_end(&f);
}

/* --- heartbeats (R156, I21) --- */

static const char *const watchdog = "alertname=Watchdog severity=none service=shop", *const busy =
                                                                                         "alertname=Busy severity=info";

/* Every minute, from the minute `from` up to `to`: the heartbeat with a lease of 4 min, and something else. */
static void beat(struct flow *f, int64_t from, int64_t to)
{
    for (int64_t k = from; k <= to; k++) {
        flow_until(f, k * M);
        send_for_4_minutes(f, "prom", watchdog);
        send_for_4_minutes(f, "prom", busy);
    }
}

static void R156_a_heartbeat_missed_pages_once_while_its_sender_talks(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    beat(&f, 0, 2);
    assert_int_equal(world_count(f.w, ROW_INCIDENT), 0);
    for (int64_t k = 3; k <= 40; k++) {
        flow_until(&f, k * M);
        send_for_4_minutes(&f, "prom", busy);
        assert_int_equal(world_count(f.w, ROW_INCIDENT), k >= 6);
    }
    assert_string_equal(world_text(f.w, flow_incident(&f, 1)->title).p,
                        "heartbeat Watchdog of prom missed since 03:02 UTC");
    struct buf headline = { 0 };
    message_headline(f.w, flow_incident(&f, 1), &headline); /* says once since when */
    assert_string_equal(buf_str(&headline), "INC-1 SEV3? Shop: heartbeat Watchdog of prom missed since 03:02 UTC");
    buf_release(&headline);
    assert_string_equal(world_text(f.w, flow_incident(&f, 1)->team).p, "shop");
    assert_int_equal(flow_pages(&f, 1, PAGE_REASON_FIRST, "ada"), 1);
    assert_string_equal(flow_text(&f, 1, ENTRY_HEARTBEAT), "Watchdog: the heartbeat is missed");
    flow_act(&f, (struct act){ .kind = ACT_ACKNOWLEDGE, .incident = 1 });
    beat(&f, 41, 45);
    assert_string_equal(flow_text(&f, 1, ENTRY_HEARTBEAT), "Watchdog: the heartbeat is back");
    assert_int_equal(flow_incident(&f, 1)->state, INCIDENT_OPEN);
    beat(&f, 46, 46);
    assert_int_equal(flow_incident(&f, 1)->state, INCIDENT_RESOLVED);
    assert_string_equal(flow_text(&f, 1, ENTRY_RESOLVED), "Resolved: its heartbeat has been back for 5 min");
    flow_end(&f);
}

static void R156_a_heartbeat_that_nobody_claims_is_the_unrouted_teams(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    for (int k = 0; k < 3; k++) send_for_4_minutes(&f, "prom", "alertname=Watchdog severity=none cluster=b");
    flow_until(&f, 3 * M);
    send_for_4_minutes(&f, "prom", busy);
    flow_until(&f, 4 * M);
    assert_string_equal(world_text(f.w, flow_incident(&f, 1)->team).p, "platform");
    flow_end(&f);
}

static void R156_a_heartbeat_heard_twice_is_not_waited_for(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    beat(&f, 0, 1);
    flow_until(&f, 20 * M);
    assert_int_equal(world_count(f.w, ROW_INCIDENT), 0);
    flow_end(&f);
}

static void R156_a_silent_sender_with_a_heartbeat_pages_once(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    beat(&f, 0, 3);
    for (int64_t k = 7; k <= 30; k++) {
        flow_until(&f, k * M);
        assert_int_equal(world_count(f.w, ROW_INCIDENT), 1);
    }
    assert_int_equal(flow_said(&f, 1, ENTRY_SENDER_SILENT), 1);
    assert_int_equal(flow_said(&f, 1, ENTRY_HEARTBEAT), 1);
    assert_int_equal(flow_pages(&f, 1, PAGE_REASON_FIRST, "ada"), 1);
    assert_int_equal(flow_pages(&f, 1, PAGE_REASON_SENDER_SILENT, NULL), 0);
    beat(&f, 31, 36);
    assert_int_equal(flow_incident(&f, 1)->state, INCIDENT_RESOLVED);
    flow_end(&f);
}

/* An Alertmanager in between says resolved in the name of the Prometheus that died behind it. */
static void R156_a_heartbeat_taken_back_is_missed_too(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    beat(&f, 0, 2);
    struct signal s = flow_signal(&f, watchdog, 0);
    s.ends = f.wall;
    flow_send(&f, "prom", &s, 1);
    assert_int_equal(flow_pages(&f, 1, PAGE_REASON_FIRST, "ada"), 1);
    for (int64_t k = 3; k < 20; k++) {
        flow_until(&f, k * M);
        send_for_4_minutes(&f, "prom", busy);
    }
    assert_int_equal(flow_incident(&f, 1)->state, INCIDENT_OPEN);
    assert_int_equal(world_count(f.w, ROW_INCIDENT), 1);
    flow_end(&f);
}

static void R156_missed_again_within_half_an_hour_is_the_same_incident(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    beat(&f, 0, 2);
    for (int64_t k = 3; k < 10; k++) {
        flow_until(&f, k * M);
        send_for_4_minutes(&f, "prom", busy);
    }
    beat(&f, 10, 20);
    assert_int_equal(flow_incident(&f, 1)->state, INCIDENT_RESOLVED);
    for (int64_t k = 21; k < 26; k++) {
        flow_until(&f, k * M);
        send_for_4_minutes(&f, "prom", busy);
    }
    assert_int_equal(flow_incident(&f, 1)->state, INCIDENT_OPEN);
    assert_int_equal(flow_incident(&f, 1)->alerts, 1);
    assert_int_equal(flow_pages(&f, 1, PAGE_REASON_RESUMED, "ada"), 1);
    assert_int_equal(world_count(f.w, ROW_INCIDENT), 1);
    flow_end(&f);
}

static void R152_a_silenced_heartbeat_pages_nobody_a_silent_sender_does(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    flow_act(&f, (struct act){ .kind = ACT_SILENCE, .matchers = S("alertname=Watchdog"), .text = S("planned") });
    beat(&f, 0, 2);
    for (int64_t k = 3; k < 10; k++) {
        flow_until(&f, k * M);
        send_for_4_minutes(&f, "prom", busy);
    }
    assert_true(flow_incident(&f, 1)->held_at != 0);
    assert_int_equal(flow_pages(&f, 1, PAGE_REASON_FIRST, NULL), 0);
    flow_until(&f, 20 * M);
    assert_int_equal(flow_pages(&f, 2, PAGE_REASON_SENDER_SILENT, NULL), 1);
    flow_end(&f);
}

static void I21_an_hour_of_our_own_absence_misses_no_heartbeat(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    beat(&f, 0, 2);
    flow_restart(&f, HOUR); /* at 2 min; its end was to be at 6 */
    flow_until(&f, 64 * M);
    assert_int_equal(world_count(f.w, ROW_INCIDENT), 0);
    beat(&f, 64, 70);
    assert_int_equal(world_count(f.w, ROW_INCIDENT), 0);
    for (int64_t k = 71; k <= 74; k++) { /* but it is remembered as one to wait for */
        flow_until(&f, k * M);
        send_for_4_minutes(&f, "prom", busy);
    }
    assert_int_equal(flow_pages(&f, 1, PAGE_REASON_FIRST, "ada"), 1);
    flow_restart(&f, HOUR); /* and a miss is remembered, and pages nobody anew */
    beat(&f, 135, 140);
    assert_int_equal(flow_incident(&f, 1)->state, INCIDENT_RESOLVED);
    assert_int_equal(world_count(f.w, ROW_INCIDENT), 1);
    flow_end(&f);
}

/* --- restarts (R156, I21) --- */

static void R156_our_own_downtime_is_credited(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    for (int64_t k = 0; k < 3; k++) {
        flow_until(&f, k * M);
        send_for_4_minutes(&f, "prom", web);
    }
    flow_restart(&f, 20 * M); /* at 2 min; its end was to be at 6 */
    assert_int_equal(world_alert_live(f.w, 1)->state, ALERT_FIRING);
    flow_until(&f, 26 * M - 1);
    assert_int_equal(world_alert_live(f.w, 1)->state, ALERT_FIRING);
    assert_int_equal(world_count(f.w, ROW_INCIDENT), 1); /* no false storm */
    flow_until(&f, 26 * M);
    assert_int_equal(world_alert_live(f.w, 1)->state, ALERT_EXPIRED);
    assert_int_equal(flow_pages(&f, 2, PAGE_REASON_SENDER_SILENT, NULL), 1); /* it is remembered as one that re-sends */
    flow_end(&f);
}

static void what_arrives_after_a_restart_meets_what_was_there(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    flow_fire(&f, web);
    flow_act(&f, (struct act){ .kind = ACT_SILENCE, .matchers = S("alertname=Planned"), .text = S("planned") });
    flow_until(&f, 1 * M);
    flow_restart(&f, M);
    flow_fire(&f, web); /* known: one row */
    assert_int_equal(f.marks, 2);
    flow_fire(&f, web2); /* joins */
    assert_int_equal(flow_alert(&f, web2)->incident, 1);
    flow_fire(&f, "alertname=Planned service=shop severity=critical"); /* the silence holds it */
    assert_true(flow_incident(&f, 2)->held_at != 0);
    flow_resolve(&f, web);
    flow_resolve(&f, web2);
    flow_until(&f, 6 * M);
    flow_restart(&f, SECOND); /* while its recovery waits */
    flow_until(&f, 7 * M);
    assert_int_equal(flow_incident(&f, 1)->state, INCIDENT_RESOLVED);
    flow_end(&f);
}

static uint64_t trace_with(uint64_t hash_key)
{
    struct flow f;
    flow_begin_with(&f, hash_key);
    flow_act(&f, (struct act){
                     .kind = ACT_SILENCE, .matchers = S("instance=h2"), .ends = FLOW_WALL + 9 * M, .text = S("x") });
    struct signal v[] = { flow_signal(&f, web, 4 * M), flow_signal(&f, "alertname=A severity=critical", 4 * M),
                          flow_signal(&f, "alertname=B severity=info", 4 * M), flow_signal(&f, web2, 4 * M),
                          flow_signal(&f, web_down, HOUR) };
    flow_send(&f, "prom", v, 5);
    flow_until(&f, 3 * M);
    flow_act(&f, (struct act){ .kind = ACT_ACKNOWLEDGE, .incident = 1 });
    flow_fire(&f, web_cpu);
    flow_restart(&f, M);
    flow_resolve(&f, web_cpu);
    flow_until(&f, 90 * M);
    uint64_t trace = f.trace;
    flow_end(&f);
    return trace;
}

static void I30_the_trace_does_not_depend_on_the_hash_key(void **state)
{
    (void)state;
    uint64_t trace = trace_with(7);
    assert_true(trace != 0);
    assert_true(trace == trace_with(7));
    assert_true(trace == trace_with(UINT64_C(0x9e3779b97f4a7c15)));
}

/* --- another bundle --- */

static void a_new_bundle_asks_again_about_what_opened_nothing(void **state)
{
    struct arena *a = arena_create(0);
    struct error e;
    struct matchers disk;
    (void)state;
    assert_int_equal(matchers_parse(a, S("alertname=DiskFull"), &disk, &e), 0);
    const struct routing_rule drops = { .name = S("noise"), .match = disk, .drop = S("known noise") };
    const struct routing none = { 0 };
    struct flow f;
    flow_begin(&f);
    f.routing = (struct routing){ .rules = &drops, .n_rules = 1 };
    flow_fire(&f, web);
    flow_fire(&f, "alertname=Hint severity=info");
    assert_int_equal(world_count(f.w, ROW_INCIDENT), 0);
    flow_step(&f, (struct event){ .kind = EVENT_BUNDLE,
                                  .bundle = { .policy = &flow_policy, .routing = &none, .activate = true } });
    assert_int_equal(flow_alert(&f, web)->incident, 1);
    assert_int_equal(flow_pages(&f, 1, PAGE_REASON_FIRST, "ada"), 1);
    assert_int_equal(world_alert_shared(f.w, flow_alert(&f, "alertname=Hint severity=info"))->reason, REASON_INFORMATION);
    flow_end(&f);
    matchers_release(&disk);
    arena_destroy(&a);
}

/* --- limits --- */

#define NOT_STEPPED 1

/* What the world holds are the first `known` of them, what is sent the next request: which are taken, and how it is
 * answered. Whole requests of new alerts do not get as far as a step. */
static void I23_a_full_world_takes_what_it_knows_and_leaves_out_what_is_new(void **state)
{
    static const struct {
        const char *what;
        size_t known;
        int64_t alerts, bytes; /* limits; 0: the default */
        size_t from, n;
        int admitted, answered;
        size_t held;
        const char *says;
    } rows[] = {
        { "room for all", 0, 3, 0, 0, 3, 0, 0, 3, "" },
        { "room for two of three", 0, 2, 0, 0, 3, 0, ERR_BUSY, 2, "the limit of 2 alerts is reached: of 3 alerts 1 " },
        { "known ones again", 2, 2, 0, 0, 2, 0, 0, 2, "" },
        { "known ones and a new one", 2, 2, 0, 0, 3, 0, ERR_BUSY, 2, "the limit of 2 alerts is reached: of 3 alerts 1 " },
        { "a new one alone", 2, 2, 0, 2, 1, ERR_BUSY, NOT_STEPPED, 2, "the limit of 2 alerts is reached; send again later" },
        { "known ones, and no room for texts", 2, 3, 1, 0, 2, 0, 0, 2, "" },
        { "with a new one, no room for texts", 2, 3, 1, 0, 3, 0, ERR_BUSY, 2, "the limit of 1 bytes of texts is reached" },
        { "a new one, no room for texts", 2, 3, 1, 2, 1, ERR_BUSY, NOT_STEPPED, 2, "the limit of 1 bytes of texts" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct flow f;
        struct error e = { 0 };
        flow_begin(&f);
        struct signal v[] = { flow_signal(&f, web, HOUR), flow_signal(&f, web2, HOUR), flow_signal(&f, web_cpu, HOUR) };
        if (rows[i].known > 0) flow_send(&f, "prom", v, rows[i].known);
        f.w->limits.alerts = rows[i].alerts;
        if (rows[i].bytes > 0) f.w->limits.bytes = rows[i].bytes;
        flow_until(&f, 10 * MINUTE);
        for (size_t k = 0; k < COUNT_OF(v); k++) v[k].ends = f.wall + HOUR;
        const struct event ev = { .kind = EVENT_ALERTS, .alerts = { S("prom"), v + rows[i].from, rows[i].n } };
        const int admitted = world_admit(f.w, &ev, &e);
        if (admitted == 0) flow_send(&f, "prom", ev.alerts.v, ev.alerts.n);
        const int answered = admitted < 0 ? NOT_STEPPED : f.reply.code;
        const struct slice said = admitted < 0 ? slice_of(e.detail) : f.reply.text;
        if (admitted != rows[i].admitted || answered != rows[i].answered ||
            world_count(f.w, ROW_ALERT) != rows[i].held || !slice_has_prefix(said, slice_of(rows[i].says)))
            fail_msg("%s: admitted %d, answered %d, %zu held: %.*s", rows[i].what, admitted, answered,
                     world_count(f.w, ROW_ALERT), (int)said.n, said.p);
        for (size_t k = 0; admitted == 0 && k < rows[i].known; k++) /* they go on firing */
            assert_int_equal(world_alert_live(f.w, (alert_id)k + 1)->ends_wall, f.wall + HOUR);
        flow_end(&f);
    }
}

/* What a start would load has its place in the world, or there are more after a crash than may be. Resolved after a
 * minute, and once again later; a logged incident is closed soon, and leaves a day after that. */
static void I23_what_is_told_again_after_its_end_stays_a_day_from_then(void **state)
{
    static const struct {
        const char *labels;
        int64_t incidents, again;
    } rows[] = { { "alertname=Hint severity=info", 0, 15 * MINUTE }, { web, 1, 10 * HOUR } };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct flow f;
        flow_begin(&f);
        flow_fire(&f, rows[i].labels);
        assert_int_equal(world_count(f.w, ROW_INCIDENT), rows[i].incidents);
        flow_until(&f, MINUTE);
        flow_resolve(&f, rows[i].labels);
        flow_until(&f, rows[i].again);
        flow_resolve(&f, rows[i].labels);
        flow_until(&f, rows[i].again + DAY - 1);
        assert_int_equal(world_count(f.w, ROW_INCIDENT), 0);
        assert_int_equal(world_count(f.w, ROW_ALERT), 1);
        flow_until(&f, rows[i].again + DAY);
        assert_int_equal(world_count(f.w, ROW_ALERT), 0);
        flow_end(&f);
    }
}

/* --- a changing annotation leaves no trail of rows --- */

static void annotation_sets_leave_with_their_last_alert(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    char json[] = "{\"annotations\":{\"value\":\"0\"}}";
    for (char c = '0'; c <= '9'; c++) {
        struct signal s = flow_signal(&f, web, HOUR);
        json[sizeof json - 5] = c;
        s.annotations = (struct slice){ json, sizeof json - 1 };
        flow_send(&f, "prom", &s, 1);
    }
    assert_int_equal(world_count(f.w, ROW_ANNOTATIONS), 1);
    flow_end(&f);
}

/* Two texts of one hash stand one behind the other: the second is found, and leaves, when the first is gone. */
static void an_annotation_set_is_found_when_another_of_its_hash_has_left(void **state)
{
    struct flow f;
    struct error e = { 0 };
    const struct slice text[] = { S("{\"value\":\"one\"}"), S("{\"value\":\"two\"}") };
    const int64_t hash = (int64_t)fnv1a64(FNV1A64_START, text[1]);
    (void)state;
    flow_begin(&f);
    for (int64_t id = 1; id <= 2; id++)
        assert_int_equal(world_load(f.w, &(struct row){ ROW_ANNOTATIONS, (int64_t[]){ id, hash }, text[id - 1] }, &e), 0);
    f.w->fx = &f.fx; /* as in a step */
    annotations_remove(f.w, 1, false);
    assert_int_equal(annotations_intern(f.w, text[1]), 2);
    annotations_remove(f.w, 2, false);
    annotations_intern(f.w, text[1]);
    assert_int_equal(world_count(f.w, ROW_ANNOTATIONS), 1); /* what left is not found: a row of its own */
    f.w->fx = NULL;
    flow_end(&f);
}

static void what_belongs_to_no_incident_leaves_a_day_after_its_end(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    flow_fire(&f, "alertname=Hint severity=info");
    flow_until(&f, 1 * M);
    flow_resolve(&f, "alertname=Hint severity=info");
    flow_until(&f, DAY);
    assert_int_equal(world_count(f.w, ROW_ALERT), 1);
    flow_until(&f, DAY + 2 * M);
    assert_int_equal(world_count(f.w, ROW_ALERT), 0);
    assert_int_equal(world_count(f.w, ROW_ANNOTATIONS), 0);
    flow_fire(&f, "alertname=Hint severity=info"); /* and is known again when it comes */
    assert_int_equal(world_count(f.w, ROW_ALERT), 1);
    flow_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R114_an_alert_opens_a_logged_incident_and_pages),
        cmocka_unit_test(resent_alerts_refresh_one_row),
        cmocka_unit_test(a_new_alert_is_one_row),
        cmocka_unit_test(I2_what_opens_nothing_says_why),
        cmocka_unit_test(I2_resolved_before_it_was_heard_of),
        cmocka_unit_test(R161_unrouted_alerts_go_to_the_unrouted_team_and_are_counted),
        cmocka_unit_test(R161_what_names_no_service_is_whose_its_senders_key_says),
        cmocka_unit_test(R151_joining_ends_30_minutes_after_the_last_member),
        cmocka_unit_test(R151_group_by_splits_the_service),
        cmocka_unit_test(one_entry_an_incident_and_event),
        cmocka_unit_test(one_entry_an_incident_and_batch),
        cmocka_unit_test(R151_a_new_name_on_an_acknowledged_incident_pages_again),
        cmocka_unit_test(R148_a_worse_alert_raises_what_no_person_set_and_pages_again),
        cmocka_unit_test(R148_R159_what_a_person_did_not_know_of_rings_until_somebody_has_it),
        cmocka_unit_test(R159_what_is_quiet_or_called_so_once_more_stays_quiet),
        cmocka_unit_test(R148_a_persons_severity_stands_and_the_worse_alert_pages_all_the_same),
        cmocka_unit_test(a_rule_with_SEV1_declares_and_its_page_leaves_with_it),
        cmocka_unit_test(A51_declare_every_alert),
        cmocka_unit_test(an_incident_opens_with_the_worst_of_its_request),
        cmocka_unit_test(detected_is_believable),
        cmocka_unit_test(R150_a_logged_incident_resolves_itself_after_5_minutes),
        cmocka_unit_test(nothing_that_is_said_with_an_act_is_dropped),
        cmocka_unit_test(R150_a_declared_one_asks_for_a_tap_and_both_clocks_hold),
        cmocka_unit_test(R150_firing_again_within_30_minutes_resumes_the_same_incident),
        cmocka_unit_test(R150_resumed_unacknowledged_pages_from_the_beginning),
        cmocka_unit_test(a_persons_resolution_stands_while_alerts_still_fire),
        cmocka_unit_test(alerts_join_a_persons_declaration_of_their_service),
        cmocka_unit_test(R155_flapping_keeps_one_incident_open_and_says_so),
        cmocka_unit_test(R155_a_restart_does_not_say_it_again),
        cmocka_unit_test(R150_expired_resolves_nothing_and_a_silent_sender_pages_once),
        cmocka_unit_test(a_sender_that_never_re_sent_twice_is_no_monitor),
        cmocka_unit_test(a_sender_that_speaks_of_other_things_is_not_silent),
        cmocka_unit_test(reported_resolved_after_it_had_expired_recovers),
        cmocka_unit_test(what_was_given_up_begins_anew_when_it_fires_again),
        cmocka_unit_test(a_sender_silent_again_is_not_left_lying_either),
        cmocka_unit_test(R156_a_heartbeat_missed_pages_once_while_its_sender_talks),
        cmocka_unit_test(R156_a_heartbeat_that_nobody_claims_is_the_unrouted_teams),
        cmocka_unit_test(R156_a_heartbeat_heard_twice_is_not_waited_for),
        cmocka_unit_test(R156_a_silent_sender_with_a_heartbeat_pages_once),
        cmocka_unit_test(R156_a_heartbeat_taken_back_is_missed_too),
        cmocka_unit_test(R156_missed_again_within_half_an_hour_is_the_same_incident),
        cmocka_unit_test(R152_a_silenced_heartbeat_pages_nobody_a_silent_sender_does),
        cmocka_unit_test(I21_an_hour_of_our_own_absence_misses_no_heartbeat),
        cmocka_unit_test(what_fires_and_is_merged_into_something_given_up_begins_it_anew),
        cmocka_unit_test(R151_alerts_of_a_merged_incident_join_the_one_it_went_into),
        cmocka_unit_test(R156_our_own_downtime_is_credited),
        cmocka_unit_test(what_arrives_after_a_restart_meets_what_was_there),
        cmocka_unit_test(I30_the_trace_does_not_depend_on_the_hash_key),
        cmocka_unit_test(a_new_bundle_asks_again_about_what_opened_nothing),
        cmocka_unit_test(I23_a_full_world_takes_what_it_knows_and_leaves_out_what_is_new),
        cmocka_unit_test(I23_what_is_told_again_after_its_end_stays_a_day_from_then),
        cmocka_unit_test(annotation_sets_leave_with_their_last_alert),
        cmocka_unit_test(an_annotation_set_is_found_when_another_of_its_hash_has_left),
        cmocka_unit_test(what_belongs_to_no_incident_leaves_a_day_after_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
