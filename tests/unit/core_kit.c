/* core_kit.c - the literal world of core_kit.h. */
#include "core_kit.h"

#include "base/check.h"
#include "core/alert.h"
#include "core/page.h"

static const struct contact contacts[4][2] = {
    { { { "phone", 5 }, { "+1", 2 }, 0 }, { { "mail", 4 }, { "ada@x", 5 }, 0 } },
    { { { "phone", 5 }, { "+2", 2 }, 0 }, { { "mail", 4 }, { "joan@x", 6 }, 0 } },
    { { { "phone", 5 }, { "+3", 2 }, 0 }, { { "mail", 4 }, { "grace@x", 7 }, 0 } },
    { { { "phone", 5 }, { "+4", 2 }, 0 }, { { "mail", 4 }, { "mary@x", 6 }, 0 } },
};
static const char *const ids[4] = { "ada", "joan", "grace", "mary" };
static const int one[4] = { ADA, JOAN, GRACE, MARY };
static const struct role_binding roles[] = {
    { { "primary", 7 }, -1, &one[ADA], 1, 0 },
    { { "secondary", 9 }, -1, &one[JOAN], 1, 0 },
    { { "incident-commander", 18 }, -1, &one[GRACE], 1, 0 },
    { { "management", 10 }, -1, &one[MARY], 1, 0 },
};
static const int services_of_team[] = { 0 };
static const struct team teams[] = {
    { .id = { "platform", 8 }, .services = services_of_team, .n_services = 1, .roles = roles, .n_roles = 4 }
};
static const struct service services[] = { { .id = { "dashboard", 9 }, .name = { "Dashboard", 9 } } };
static const struct channel channels[] = {
    { .id = { "voice", 5 }, .kind = { "phone", 5 }, .wakes = true },
    { .id = { "post", 4 }, .kind = { "mail", 4 } },
};
static const int administrators[] = { GRACE };

static const struct policy_target secondary[] = { { .party = { "secondary", 9 }, .step = 0 } };
static const struct policy_target commander[] = { { .party = { "incident-commander", 18 } } };
static const struct policy_target management[] = { { .party = { "management", 10 } } };
static const struct policy_rule rules[] = {
    { .when = RULE_NO_RESPONSE,
      .after_ms = 5 * MINUTE,
      .targets = secondary,
      .n_targets = 1,
      .page = true,
      .line = 331 },
    { .when = RULE_NO_RESOLUTION,
      .after_ms = 30 * MINUTE,
      .targets = commander,
      .n_targets = 1,
      .page = true,
      .line = 332 },
    { .when = RULE_SEVERITY, .level = 1, .targets = management, .n_targets = 1, .line = 333 },
};

static void make_directory(struct directory *d, struct person *people)
{
    for (int i = 0; i < 4; i++)
        people[i] = (struct person){
            .id = slice_of(ids[i]), .name = slice_of(ids[i]), .contacts = contacts[i], .n_contacts = 2
        };
    *d = (struct directory){ .organisation = S("Test"),
                             .zone = zone_create_utc(),
                             .zone_name = S("UTC"),
                             .people = people,
                             .n_people = 4,
                             .teams = teams,
                             .n_teams = 1,
                             .services = services,
                             .n_services = 1,
                             .channels = channels,
                             .n_channels = 2,
                             .administrators = administrators,
                             .n_administrators = 1,
                             .working = { .days = 31, .from_min = 540, .to_min = 1020 } };
}

void kit_step(struct kit *k, struct event ev)
{
    effects_reset(&k->fx);
    ev.at = k->at;
    ev.wall = k->wall;
    ev.reply_to = 1;
    world_step(k->w, &ev, &k->fx);
    shadow_follow(&k->stored, k->w, &k->fx, false);
}

void kit_open(struct kit *k)
{
    *k = (struct kit){ .at = KIT_START, .wall = KIT_WALL };
    make_directory(&k->d, k->people);
    k->p = (struct policy){
        .rules = rules, .n_rules = COUNT_OF(rules), .first = { .party = S("primary") }, .first_line = 76
    };
    k->w = world_create(7, (struct world_limits){ 0 });
    effects_init(&k->fx);
    kit_step(k, (struct event){ .kind = EVENT_SITE, .site = &k->d });
    kit_step(k,
             (struct event){ .kind = EVENT_BUNDLE, .bundle = { .policy = &k->p, .activate = true, .bytes = S("x") } });
    kit_step(k, (struct event){ .kind = EVENT_START });
    for (size_t i = 0; i < COUNT_OF(channels); i++)
        kit_step(k, (struct event){ .kind = EVENT_CREDIT, .credit = { channels[i].id, 100 } });
}

void kit_close(struct kit *k)
{
    world_destroy(&k->w);
    shadow_release(&k->stored);
    effects_release(&k->fx);
    struct zone *z = (struct zone *)(uintptr_t)k->d.zone;
    zone_destroy(&z);
}

static void accept_all(struct kit *k);

void kit_until(struct kit *k, int64_t at)
{
    int64_t due;
    struct timer_key key;
    while (world_next_due(k->w, &due) && due <= KIT_START + at) {
        if (due > k->at) {
            k->wall += due - k->at;
            k->at = due;
        }
        assert_true(world_due_timer(k->w, k->at, &key));
        kit_step(k, (struct event){ .kind = EVENT_TIMER, .timer = key });
        accept_all(k);
    }
    k->wall += KIT_START + at - k->at;
    k->at = KIT_START + at;
}

void kit_alert(struct kit *k, const char *name, const char *severity)
{
    kit_alert_of(k, name, severity, "dashboard");
}

void kit_alert_of(struct kit *k, const char *name, const char *severity, const char *service)
{
    struct label labels[] = { { S("alertname"), slice_of(name) },
                              { S("service"), slice_of(service) },
                              { S("severity"), slice_of(severity) } };
    struct buf text = { 0 };
    alert_labels_text(labels, 3, &text);
    struct signal s = { .labels = labels,
                        .n_labels = 3,
                        .labels_text = buf_slice(&text),
                        .fingerprint = alert_fingerprint(labels, 3),
                        .annotations = S("{}"),
                        .starts = k->wall,
                        .ends = k->wall + 240 * MINUTE };
    kit_step(k, (struct event){ .kind = EVENT_ALERTS, .alerts = { S("loopback"), &s, 1 } });
    buf_release(&text);
}

void kit_act(struct kit *k, enum act_kind kind, const char *who, incident_id id, const char *text)
{
    struct act a = { .kind = kind, .via = VIA_CLI, .actor = slice_of(who), .incident = id, .text = slice_of(text) };
    if (kind == ACT_SEVERITY) {
        a.severity_label = a.text;
        a.text = S("a reason");
    }
    if (kind == ACT_CLASSIFY) a.category = a.text;
    kit_step(k, (struct event){ .kind = EVENT_ACT, .act = &a });
}

void kit_result(struct kit *k, struct send s, enum outcome o)
{
    kit_step(k, (struct event){ .kind = EVENT_RESULT,
                                .result = { .delivery = s.delivery, .attempt = s.attempt, .outcome = o } });
}

static void accept_all(struct kit *k)
{
    while (k->accepts && k->fx.sends.n > 0) {
        struct send first = k->fx.sends.v[0];
        const struct attempt *a;
        kit_result(k, first, OUTCOME_ACCEPTED);
        for (size_t at = 0; (a = state_next(k->w, ROW_ATTEMPT, &at)) != NULL;)
            if (a->outcome == OUTCOME_UNSET) {
                kit_result(k, (struct send){ a->delivery, a->n }, OUTCOME_ACCEPTED);
                at = 0;
            }
    }
}

void kit_accept(struct kit *k)
{
    k->accepts = true;
    accept_all(k);
}

static size_t count_pages(const struct kit *k, int person, int64_t kind)
{
    size_t n = 0;
    const struct page *p;
    for (size_t at = 0; (p = state_next(k->w, ROW_PAGE, &at)) != NULL;)
        n += p->kind == kind && slice_eq(world_text(k->w, p->person), slice_of(ids[person]));
    return n;
}

size_t kit_pages(const struct kit *k, int person)
{
    return count_pages(k, person, PAGE_PAGE);
}

size_t kit_notifications(const struct kit *k, int person)
{
    return count_pages(k, person, PAGE_NOTIFICATION);
}
