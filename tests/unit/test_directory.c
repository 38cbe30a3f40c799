/* test_directory.c - names looked up in the site's facts, and the folding of contact kinds and roles (A8, A50, R161). */
#include "harness.h"

#include "base/arena.h"
#include "base/check.h"
#include "core/directory.h"
#include "core/role_name.h"

#define TEXT(literal)                   \
    {                                   \
        "" literal, sizeof(literal) - 1 \
    }

static const struct slice log_serves[] = { TEXT("phone"), TEXT("sms"), TEXT("#incidents") };
static const struct slice list_serves[] = { TEXT("Email distribution list") };

static const struct channel channels[] = {
    { .id = TEXT("everything"), .kind = TEXT("log"), .serves = log_serves, .n_serves = COUNT_OF(log_serves) },
    { .id = TEXT("mail"), .kind = TEXT("mail"), .serves = list_serves, .n_serves = COUNT_OF(list_serves) },
    { .id = TEXT("calls"), .kind = TEXT("phone") },
    { .id = TEXT("ops"), .kind = TEXT("webhook") },
};
static const struct person people[] = {
    { .id = TEXT("ada"), .login = TEXT("abyron") },
    { .id = TEXT("joan") },
};
static const struct service services[] = {
    { .id = TEXT("dashboard"), .name = TEXT("Claude Flow Novice Dashboard") },
    { .id = TEXT("api"), .name = TEXT("dashboard") },
};
static const struct directory directory = {
    .channels = channels,
    .n_channels = COUNT_OF(channels),
    .people = people,
    .n_people = COUNT_OF(people),
    .services = services,
    .n_services = COUNT_OF(services),
};

static void people_are_found_by_name_and_login(void **state)
{
    (void)state;
    assert_int_equal(directory_person(&directory, S("joan")), 1);
    assert_int_equal(directory_person(&directory, S("Joan")), -1);
    assert_int_equal(directory_person_by_login(&directory, S("abyron")), 0);
    assert_int_equal(directory_person_by_login(&directory, S("ada")), -1);
    /* joan has no login: the empty one is nobody's. */
    assert_int_equal(directory_person_by_login(&directory, (struct slice){ 0 }), -1);
}

static void services_are_found_by_id_first(void **state)
{
    (void)state;
    assert_int_equal(directory_service(&directory, S("dashboard")), 0);
    assert_int_equal(directory_service(&directory, S("API")), 1);
    assert_int_equal(directory_service(&directory, S("claude flow novice dashboard")), 0);
    assert_int_equal(directory_service(&directory, S("other")), -1);
    assert_int_equal(directory_service(&directory, (struct slice){ 0 }), -1);
}

/* A channel of the kind comes before one that stands in for it (design: documents, routing, site). */
static void a_channel_carries_a_kind(void **state)
{
    static const struct {
        struct slice kind;
        int channel;
    } rows[] = {
        { TEXT("mail"), 1 }, { TEXT("phone"), 2 },  { TEXT("sms"), 0 },
        { TEXT("log"), 0 },  { TEXT("slack"), -1 }, { { 0 }, -1 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(directory_channel_for_kind(&directory, rows[i].kind), rows[i].channel);
}

static void a_post_finds_its_channel_by_target_then_by_kind(void **state)
{
    static const struct {
        struct slice kind, target;
        int channel;
    } rows[] = {
        { TEXT("slack"), TEXT("#incidents"), 0 },
        { TEXT("slack"), TEXT("#ops"), 3 }, /* the channel's name, without its mark */
        { TEXT("mail"), TEXT("email distribution list"), 1 },
        { TEXT("mail"), { 0 }, 1 },
        { TEXT("phone"), TEXT("call"), 2 },
        { TEXT("slack"), TEXT("#other"), -1 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(directory_channel_for_post(&directory, rows[i].kind, rows[i].target), rows[i].channel);
}

static void kinds_have_one_name(void **state)
{
    static const struct {
        const char *written, *kind;
        bool wakes;
    } rows[] = {
        { "Phone", "phone", true },  { "Phone call", "phone", true }, { "voice", "phone", true },
        { "SMS", "sms", true },      { "Text", "sms", true },         { "ntfy", "push", true },
        { "Email", "mail", false },  { "E-Mail", "mail", false },     { " mail ", "mail", false },
        { "Slack", "slack", false }, { "MS Teams", "teams", false },  { "webhook", "webhook", false },
        { "log", "log", false },     { "pigeon", "pigeon", false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct slice kind = contact_kind_canonical(slice_of(rows[i].written));

        assert_true(slice_eq(kind, slice_of(rows[i].kind)));
        assert_int_equal(contact_kind_wakes(kind), rows[i].wakes);
        assert_true(slice_eq(contact_kind_canonical(kind), kind));
    }
}

static void roles_have_one_id(void **state)
{
    static const struct {
        const char *written, *id;
    } rows[] = {
        { "primary", "primary" },
        { "Primary On-Call Engineer", "primary" },
        { "Primary On-Call", "primary" },
        { "on-call engineer", "primary" },
        { "Secondary on-call", "secondary" },
        { "Incident Commander", "incident-commander" },
        { "the Incident Commander (IC)", "incident-commander" },
        { "IC", "incident-commander" },
        { "Management notification", "management" },
        { "Security Team", "security-team" },
        { "Security specialists", "security-team" },
        { "Subject Matter Experts (SMEs)", "subject-matter-experts" },
        { "Database administrators", "database-administrators" },
        { "database_administrators", "database-administrators" },
        { "  Network -- engineers! ", "network-engineers" },
        { "Équipe réseau", "Équipe-réseau" },
        { "!?", "" },
        { "", "" },
    };
    struct arena *a = arena_create(1 << 16);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct slice id = role_id(a, slice_of(rows[i].written));

        if (!slice_eq(id, slice_of(rows[i].id))) fail_msg("%s: %.*s", rows[i].written, (int)id.n, id.p);
        assert_true(slice_eq(role_id(a, id), id)); /* folding twice changes nothing */
    }
    arena_destroy(&a);
}

static void a_role_is_found_by_its_id(void **state)
{
    static const struct role_binding v[] = { { .role = TEXT("primary") }, { .role = TEXT("management") } };

    (void)state;
    assert_ptr_equal(role_binding_find(v, 2, S("management")), &v[1]);
    assert_null(role_binding_find(v, 2, S("secondary")));
    assert_null(role_binding_find(NULL, 0, S("primary")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(people_are_found_by_name_and_login),
        cmocka_unit_test(services_are_found_by_id_first),
        cmocka_unit_test(a_channel_carries_a_kind),
        cmocka_unit_test(a_post_finds_its_channel_by_target_then_by_kind),
        cmocka_unit_test(kinds_have_one_name),
        cmocka_unit_test(roles_have_one_id),
        cmocka_unit_test(a_role_is_found_by_its_id),
    };

    return cmocka_run_group_tests_name("directory", tests, NULL, NULL);
}
