/* test_site.c - what a loaded site holds, its secrets, and the shipped examples.
 * Not here: messages about mistakes (golden/test_site.c). */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/civil.h"
#include "site/routing.h"
#include "site/site.h"
#include "sys/files.h"

#define GOOD TOCSIN_TESTS "/golden/site/good.yaml"
#define EXAMPLES TOCSIN_TESTS "/../examples/"

static struct site *load(const char *path)
{
    struct problems *p = problems_create();
    struct buf printed = { 0 };
    struct site *site;

    if (site_load(path, &site, p) < 0 || problems_count(p) > 0) {
        problems_print(p, &printed);
        fail_msg("%s", buf_str(&printed));
    }
    problems_destroy(&p);
    return site;
}

static void assert_text(struct slice got, const char *wanted)
{
    if (!slice_eq(got, slice_of(wanted))) fail_msg("`%.*s` instead of `%s`", (int)got.n, got.p, wanted);
}

static void people_schedules_and_roles(void **state)
{
    struct site *s = load(GOOD);
    const struct directory *d = &s->dir;
    const struct person *joan = &d->people[directory_person(d, S("joan"))];
    const struct role_binding *b;

    (void)state;
    assert_int_equal(d->n_people, 3);
    assert_text(d->people[0].zone_name, "Europe/London");
    assert_null(joan->zone); /* the organisation's */
    assert_text(joan->name, "joan");
    assert_int_equal(joan->n_contacts, 3); /* in the file's order, kinds folded */
    assert_text(joan->contacts[0].kind, "mail");
    assert_text(joan->contacts[1].address, "joan@home.example");
    assert_text(joan->contacts[2].kind, "sms");
    assert_int_equal(d->schedules[0].rotation.anchor_day, civil_days(2026, 1, 5));
    assert_int_equal(d->schedules[0].rotation.weekday, 0);
    assert_int_equal(d->schedules[0].rotation.minute_of_day, 540);
    assert_true(d->schedules[1].fixed && d->schedules[1].rotation.people[0] == directory_person(d, S("grace")));
    b = role_binding_find(d->teams[0].roles, d->teams[0].n_roles, S("primary"));
    assert_int_equal(b->schedule, 0);
    assert_non_null(role_binding_find(d->teams[0].roles, d->teams[0].n_roles, S("incident-commander")));
    b = role_binding_find(d->services[0].roles, d->services[0].n_roles, S("security-team"));
    assert_int_equal(b->n_people, 2);
    assert_int_equal(b->people[0], directory_person(d, S("joan")));
    assert_non_null(role_binding_find(d->roles, d->n_roles, S("management")));
    site_destroy(&s);
}

static void what_is_left_out_has_a_default(void **state)
{
    struct site *s = load(GOOD);
    const struct directory *d = &s->dir;

    (void)state;
    assert_int_equal(d->services[1].team, d->unrouted_team); /* `orphan`: no team lists it (R161) */
    assert_text(d->services[1].name, "orphan");
    assert_int_equal(d->n_administrators, 3); /* the unrouted team's people, in the file's order */
    assert_int_equal(d->working.days, 0x27); /* Mon-Wed, Sat */
    assert_int_equal(d->working.from_min, 510);
    assert_int_equal(d->working.to_min, 1440);
    assert_int_equal(s->routing.n, 0);
    assert_text(s->public_url, "https://tocsin.example.org");
    assert_true(s->allow_loopback);
    assert_int_equal(s->n_ingest, 1); /* allow_loopback is no key */
    assert_int_equal(s->ingest[0].service, 0);
    assert_int_equal(s->ingest[0].team, -1);
    assert_int_equal(s->dir.n_senders, 1); /* the rules know whose its alerts are (R161) */
    assert_int_equal(s->dir.senders[0].service, 0);
    assert_int_equal(s->tokens[0].scope, TOKEN_SCOPE_WRITE);
    assert_true(slice_has_suffix(s->procedures[0], S("golden/site/procedures.md")));
    assert_text(s->instance, "night");
    site_destroy(&s);
}

/* R11: a changed file waits for an approver unless the site says otherwise. */
static void a_site_that_says_nothing_of_activation(void **state)
{
    static const char automatic[] = "activation: automatic";
    struct buf bytes = { 0 };
    struct problems *p = problems_create();
    struct site *says, *silent;

    (void)state;
    assert_int_equal(file_read(GOOD, 1 << 20, &bytes, NULL), 0);
    assert_int_equal(site_load_bytes("site.yaml", buf_slice(&bytes), &says, p), 0);
    char *at = strstr(bytes.p, automatic);
    assert_non_null(at);
    *at = '#';
    assert_int_equal(site_load_bytes("site.yaml", buf_slice(&bytes), &silent, p), 0);
    assert_false(says->dir.by_approver);
    assert_true(silent->dir.by_approver);
    site_destroy(&says);
    site_destroy(&silent);
    problems_destroy(&p);
    buf_release(&bytes);
}

static void channels_of_each_kind(void **state)
{
    static const struct {
        enum channel_kind kind;
        const char *carries;
        bool wakes, acknowledges;
    } rows[] = {
        { CHANNEL_LOG, "log", true, true },           { CHANNEL_LOG, "log", false, true },
        { CHANNEL_SMTP, "mail", false, true },        { CHANNEL_SMTP, "mail", false, true },
        { CHANNEL_SMTP, "mail", false, true },        { CHANNEL_SMTP, "mail", false, true },
        { CHANNEL_WEBHOOK, "webhook", false, false },
    };
    struct site *s = load(GOOD);

    (void)state;
    assert_int_equal(s->dir.n_channels, COUNT_OF(rows));
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_int_equal(s->channels[i].kind, rows[i].kind);
        assert_text(s->dir.channels[i].kind, rows[i].carries);
        assert_int_equal(s->dir.channels[i].wakes, rows[i].wakes);
        assert_int_equal(s->channels[i].acknowledges, rows[i].acknowledges);
        assert_true(slice_eq(s->channels[i].id, s->dir.channels[i].id));
    }
    assert_int_equal(s->channels[2].smtp.starttls, STARTTLS_TRY); /* this machine */
    assert_int_equal(s->channels[3].smtp.starttls, STARTTLS_TRY); /* as written */
    assert_text(s->channels[3].smtp.url, "smtp://mail.example.org:587");
    assert_int_equal(s->channels[3].smtp.password.source, SECRET_CREDENTIAL);
    assert_int_equal(s->channels[4].smtp.starttls, STARTTLS_NO); /* smtps:// */
    assert_int_equal(s->channels[5].smtp.starttls, STARTTLS_TRY);
    assert_text(s->dir.channels[2].address, "list@example.org");
    assert_text(s->channels[6].webhook.secret.name, "HOOK_SECRET");
    site_destroy(&s);
}

/* Server and courier compare it: the same bytes, the same hash, and one byte more is another site. */
static void the_hash_is_of_the_bytes(void **state)
{
    struct buf bytes = { 0 };
    struct problems *p = problems_create();
    struct site *a = load(GOOD), *b, *c;

    (void)state;
    assert_int_equal(file_read(GOOD, 1 << 20, &bytes, NULL), 0);
    assert_int_equal(site_load_bytes("elsewhere.yaml", buf_slice(&bytes), &b, p), 0);
    buf_add_char(&bytes, '\n');
    assert_int_equal(site_load_bytes("elsewhere.yaml", buf_slice(&bytes), &c, p), 0);
    assert_int_equal(strlen(a->hash), 64);
    assert_string_equal(a->hash, b->hash);
    assert_string_not_equal(a->hash, c->hash);
    site_destroy(&a);
    site_destroy(&b);
    site_destroy(&c);
    problems_destroy(&p);
    buf_release(&bytes);
}

static void a_site_that_is_not_there(void **state)
{
    struct problems *p = problems_create();
    struct site *s;

    (void)state;
    assert_int_equal(site_load("/nowhere/site.yaml", &s, p), ERR_NOT_FOUND);
    assert_null(s);
    assert_int_equal(problems_errors(p), 1);
    problems_destroy(&p);
}

struct desk { /* a folder with a credentials folder */
    char path[64];
    struct site site;
};

static void desk_write(const struct desk *d, const char *name, const char *text, mode_t mode)
{
    struct buf path = { 0 };

    buf_addf(&path, "%s/%s", d->path, name);
    assert_int_equal(file_replace(buf_str(&path), slice_of(text), mode, NULL), 0);
    buf_release(&path);
}

static void desk_make(struct desk *d)
{
    struct buf path = { 0 };

    snprintf(d->path, sizeof d->path, "/tmp/tocsin-site-XXXXXX");
    assert_non_null(mkdtemp(d->path));
    d->site.folder = slice_of(d->path);
    buf_addf(&path, "%s/credentials", d->path);
    assert_int_equal(mkdir(buf_str(&path), 0700), 0);
    buf_release(&path);
    desk_write(d, "credentials/smtp", "hunter2\n", 0600);
    desk_write(d, "credentials/open", "hunter2\n", 0644);
    desk_write(d, "credentials/empty", "\n", 0600);
}

static void desk_clear(const struct desk *d)
{
    static const char *const names[] = { "credentials/smtp",  "credentials/open",
                                         "credentials/empty", "smtp",
                                         "credentials",       "." };

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct buf path = { 0 };

        buf_addf(&path, "%s/%s", d->path, names[i]);
        if (unlink(buf_str(&path)) != 0) rmdir(buf_str(&path));
        buf_release(&path);
    }
    rmdir(d->path);
}

static void secrets_are_fetched_when_used(void **state)
{
    static const struct {
        const char *what;
        enum secret_source source;
        const char *name;
        int rc;
        const char *text;
    } rows[] = {
        { "a file that only its owner reads", SECRET_CREDENTIAL, "smtp", 0, "hunter2" },
        { "a file that others read too", SECRET_CREDENTIAL, "open", ERR_DENIED, "chmod 600" },
        { "an empty file", SECRET_CREDENTIAL, "empty", ERR_NOT_FOUND, "empty" },
        { "no such file", SECRET_CREDENTIAL, "other", ERR_NOT_FOUND, "credentials/other" },
        { "a variable", SECRET_ENV, "TOCSIN_TEST_SECRET", 0, "s3" },
        { "no such variable", SECRET_ENV, "TOCSIN_TEST_OTHER", ERR_NOT_FOUND, "TOCSIN_TEST_OTHER" },
        { "no secret at all", SECRET_UNSET, "", ERR_NOT_FOUND, "no secret" },
    };
    struct desk d = { 0 };

    (void)state;
    desk_make(&d);
    unsetenv("CREDENTIALS_DIRECTORY");
    setenv("TOCSIN_TEST_SECRET", "s3", 1);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct secret_ref ref = { .source = rows[i].source, .name = slice_of(rows[i].name) };
        struct buf out = { 0 };
        struct error e = { 0 };
        int rc = site_secret(&d.site, &ref, &out, &e);

        if (rc != rows[i].rc) fail_msg("%s: %d, %s", rows[i].what, rc, e.detail);
        if (rc == 0)
            assert_string_equal(buf_str(&out), rows[i].text);
        else
            assert_non_null(strstr(e.detail, rows[i].text));
        buf_release(&out);
    }
    desk_clear(&d);
}

/* A channel whose secret is not there sends nothing: who asks beforehand hears it, once a secret, and no byte of any. */
static void credentials_that_are_not_there_are_told(void **state)
{
    static const char *const names[] = { "smtp", "open", "empty", "other" };
    static const char *const told[] = { "channel open sends nothing: others may read", "chmod 600",
                                        "channel empty sends nothing: the secret empty is empty",
                                        "channel other sends nothing: cannot read", "W-CREDENTIAL" };
    struct channel_config configs[COUNT_OF(names)] = { 0 };
    struct problems *p = problems_create();
    struct buf printed = { 0 };
    struct desk d = { 0 };

    (void)state;
    desk_make(&d);
    unsetenv("CREDENTIALS_DIRECTORY");
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        configs[i].id = slice_of(names[i]);
        configs[i].webhook.secret = (struct secret_ref){ SECRET_CREDENTIAL, slice_of(names[i]), 7 };
    }
    d.site.channels = configs;
    d.site.dir.n_channels = COUNT_OF(names);
    site_credentials_check(&d.site, p);
    problems_print(p, &printed);
    assert_int_equal(problems_warnings(p), 3);
    for (size_t i = 0; i < COUNT_OF(told); i++)
        if (strstr(buf_str(&printed), told[i]) == NULL) fail_msg("no `%s` in %s", told[i], buf_str(&printed));
    assert_null(strstr(buf_str(&printed), "hunter2"));
    problems_clear(p);
    d.site.folder = S("/nonexistent"); /* a machine that only checks */
    site_credentials_check(&d.site, p);
    assert_int_equal(problems_warnings(p), 0);
    problems_destroy(&p);
    buf_release(&printed);
    desk_clear(&d);
}

/* systemd's folder comes first; what it does not hold is looked for beside site.yaml. */
static void systemd_credentials_come_first(void **state)
{
    struct secret_ref ref = { .source = SECRET_CREDENTIAL, .name = S("smtp") };
    struct buf out = { 0 };
    struct desk d = { 0 };

    (void)state;
    desk_make(&d);
    setenv("CREDENTIALS_DIRECTORY", d.path, 1);
    assert_int_equal(site_secret(&d.site, &ref, &out, NULL), 0);
    assert_string_equal(buf_str(&out), "hunter2");
    buf_reset(&out);
    desk_write(&d, "smtp", "from systemd", 0644);
    assert_int_equal(site_secret(&d.site, &ref, &out, NULL), 0);
    assert_string_equal(buf_str(&out), "from systemd");
    buf_reset(&out);
    ref.name = S("of-a-folder");
    desk_write(&d, "tocsin_of-a-folder", "LoadCredential=tocsin:FOLDER", 0644);
    assert_int_equal(site_secret(&d.site, &ref, &out, NULL), 0);
    assert_string_equal(buf_str(&out), "LoadCredential=tocsin:FOLDER");
    unsetenv("CREDENTIALS_DIRECTORY");
    buf_release(&out);
    desk_clear(&d);
}

static void the_examples_load(void **state)
{
    struct site *s = load(EXAMPLES "site.yaml");
    struct problems *p = problems_create();
    struct arena *a = arena_create(0);
    struct routing routing;
    static const struct label labels[] = { { { "alertname", 9 }, { "RdsCpu", 6 } } };
    const struct routing_rule *rule;

    (void)state;
    assert_int_equal(routing_load(a, s, &routing, p), 0);
    rule = routing_first(&routing, labels, 1);
    assert_non_null(rule);
    assert_text(rule->category, "database");
    assert_int_equal(rule->severity, 2);
    assert_text(rule->severity_label, "SEV2");
    assert_int_not_equal(directory_channel_for_kind(&s->dir, S("phone")), -1);
    assert_int_not_equal(directory_channel_for_post(&s->dir, S("slack"), S("#incidents")), -1);
    for (size_t i = 0; i < s->dir.n_people; i++) assert_true(s->dir.people[i].login.n > 0);
    routing_release(&routing);
    arena_destroy(&a);
    problems_destroy(&p);
    site_destroy(&s);
}

/* The examples, each line that is a key behind a `#` taken in: "#  mail:" and "#tokens:", but not "# A sentence." */
static void uncomment(struct slice text, struct buf *out)
{
    while (text.n > 0) {
        struct slice line = slice_cut(&text, '\n');
        bool key =
            slice_has_prefix(line, S("#  ")) || (slice_has_prefix(line, S("#")) && line.n > 1 && line.p[1] != ' ');

        buf_add(out, key ? slice_from(line, 1) : line);
        buf_add_char(out, '\n');
    }
}

static void the_examples_comments_work_when_taken_in(void **state)
{
    struct problems *p = problems_create();
    struct buf text = { 0 }, whole = { 0 }, printed = { 0 };
    struct site *s;

    (void)state;
    assert_int_equal(file_read(EXAMPLES "site.yaml", 1 << 20, &text, NULL), 0);
    uncomment(buf_slice(&text), &whole);
    if (site_load_bytes("site.yaml", buf_slice(&whole), &s, p) < 0) {
        problems_print(p, &printed);
        fail_msg("%s", buf_str(&printed));
    }
    assert_int_equal(s->dir.n_channels, 7);
    assert_int_equal(s->n_tokens, 1);
    assert_int_equal(s->n_ingest, 1);
    /* With mail there, mail leaves by it; the log still stands in for the rest. */
    assert_text(s->dir.channels[directory_channel_for_kind(&s->dir, S("mail"))].id, "mail");
    assert_text(s->dir.channels[directory_channel_for_kind(&s->dir, S("phone"))].id, "log");
    site_destroy(&s);
    problems_destroy(&p);
    buf_release(&text);
    buf_release(&whole);
    buf_release(&printed);
}

/* A routing file that the site names and that is not there is an error; no file named is no rule. */
static void routing_is_optional_but_not_missing(void **state)
{
    struct site *s = load(GOOD), named = *s;
    struct problems *p = problems_create();
    struct arena *a = arena_create(0);
    struct routing routing;

    (void)state;
    assert_int_equal(routing_load(a, s, &routing, p), 0);
    assert_int_equal(routing.n_rules, 0);
    named.routing = S("/nowhere/routing.yaml");
    assert_int_equal(routing_load(a, &named, &routing, p), ERR_NOT_FOUND);
    assert_int_equal(problems_errors(p), 1);
    arena_destroy(&a);
    problems_destroy(&p);
    site_destroy(&s);
}

static void severities_of_rules(void **state)
{
    static const struct {
        const char *text;
        int level;
    } rows[] = {
        { "SEV1", 1 }, { "sev-2", 2 },    { "SEV9", 9 },  { "P0", 1 },   { "P8", 9 },    { "p1", 2 },
        { "3", 3 },    { "Critical", 1 }, { "minor", 4 }, { "SEV0", 0 }, { "SEV10", 0 }, { "P9", 0 },
        { "0", 0 },    { "SEV", 0 },      { "1.5", 0 },   { "-1", 0 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct problems *p = problems_create();
        struct arena *a = arena_create(0);
        struct buf text = { 0 };
        struct routing routing;
        int rc;

        buf_addf(&text, "rules: [{ name: a, match: [], severity: %s }]", rows[i].text);
        rc = routing_load_bytes(a, S("r"), buf_slice(&text), NULL, &routing, p);
        assert_int_equal(rc, rows[i].level > 0 ? 0 : ERR_SYNTAX);
        if (rc == 0) assert_int_equal(routing.rules[0].severity, rows[i].level);
        routing_release(&routing);
        arena_destroy(&a);
        problems_destroy(&p);
        buf_release(&text);
    }
}

/* Editors of other systems begin a file with a byte order mark: it is no part of the first key. */
static void a_byte_order_mark_is_no_key(void **state)
{
    static const char *const texts[] = { "\xef\xbb\xbfrules: []\ndeclare: by rule\n", "\xef\xbb\xbf", "rules: []\n" };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct problems *p = problems_create();
        struct arena *a = arena_create(0);
        struct buf printed = { 0 };
        struct routing routing;

        if (routing_load_bytes(a, S("routing.yaml"), slice_of(texts[i]), NULL, &routing, p) < 0) {
            problems_print(p, &printed);
            fail_msg("%s", buf_str(&printed));
        }
        routing_release(&routing);
        arena_destroy(&a);
        problems_destroy(&p);
    }
}

/* docs/site.md ends with the tables that the loader reads by. */
static void manual_is_current(void **state)
{
    const char *path = TOCSIN_TESTS "/../docs/site.md";
    static const char *const last = "A star marks what must be there.\n";
    struct buf text = { 0 }, manual = { 0 };
    size_t end;

    (void)state;
    assert_int_equal(file_read(path, 1 << 20, &text, NULL), 0);
    end = slice_find(buf_slice(&text), slice_of(last)) + strlen(last);
    buf_add(&manual, slice_upto(buf_slice(&text), end));
    site_manual(&manual);
    if (getenv("TOCSIN_UPDATE") != NULL) assert_int_equal(file_replace(path, buf_slice(&manual), 0644, NULL), 0);
    buf_reset(&text);
    assert_int_equal(file_read(path, 1 << 20, &text, NULL), 0);
    if (!slice_eq(buf_slice(&text), buf_slice(&manual)))
        fail_msg("docs/site.md is older than the tables: TOCSIN_UPDATE=1 build/tests/test-site");
    buf_release(&text);
    buf_release(&manual);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(people_schedules_and_roles),
        cmocka_unit_test(what_is_left_out_has_a_default),
        cmocka_unit_test(a_site_that_says_nothing_of_activation),
        cmocka_unit_test(channels_of_each_kind),
        cmocka_unit_test(the_hash_is_of_the_bytes),
        cmocka_unit_test(a_site_that_is_not_there),
        cmocka_unit_test(secrets_are_fetched_when_used),
        cmocka_unit_test(credentials_that_are_not_there_are_told),
        cmocka_unit_test(systemd_credentials_come_first),
        cmocka_unit_test(the_examples_load),
        cmocka_unit_test(the_examples_comments_work_when_taken_in),
        cmocka_unit_test(routing_is_optional_but_not_missing),
        cmocka_unit_test(severities_of_rules),
        cmocka_unit_test(a_byte_order_mark_is_no_key),
        cmocka_unit_test(manual_is_current),
    };

    return cmocka_run_group_tests_name("site", tests, NULL, NULL);
}
