/* test_identity.c - who asks: by socket, key or token; and what they are told when they may not. */
#include "harness.h"

#include "base/check.h"
#include "core/directory.h"
#include "http/identity.h"

static struct person people[] = {
    { .id = { "ada", 3 }, .login = { "ada", 3 } },
    { .id = { "grace", 5 }, .login = { "grace", 5 } },
};
static const int administrators[] = { 1 };
static const struct directory directory = {
    .people = people, .n_people = 2, .administrators = administrators, .n_administrators = 1
};
static struct secret keys[1] = { { .name = { "prometheus", 10 }, .scope = ACCESS_INGEST } };
static struct secret tokens[3] = { { .name = { "ci", 2 }, .person = { "ada", 3 }, .scope = ACCESS_WRITE },
                                   { .name = { "looker", 6 }, .person = { "ada", 3 }, .scope = ACCESS_READ },
                                   { .name = { "nobodys", 7 }, .scope = ACCESS_WRITE } };
static struct facts facts = {
    .directory = &directory, .keys = keys, .n_keys = 1, .tokens = tokens, .n_tokens = 3, .allow_loopback = true
};

#define UID_OF_SOMEBODY 12345

static const struct {
    const char *what;
    struct claim claim;
    enum access scope;
    const char *person, *sender; /* NULL: none */
    bool ingest;
} rows[] = {
    { "a stranger", { .uid = 0 }, ACCESS_NONE, NULL, NULL, false },
    { "loopback", { .loopback = true }, ACCESS_INGEST, NULL, "loopback", true },
    { "a page in a browser", { .loopback = true, .browser = true }, ACCESS_NONE, NULL, NULL, false },
    { "a key in the path", { .has_key = true, .key = { "s3cret", 6 } }, ACCESS_INGEST, NULL, "prometheus", true },
    { "a key as Bearer", { .authorization = { "Bearer s3cret", 13 } }, ACCESS_INGEST, NULL, "prometheus", true },
    { "a key as Basic", { .authorization = { "basic dTpzM2NyZXQ=", 18 } }, ACCESS_INGEST, NULL, "prometheus", true },
    { "a token", { .authorization = { "Bearer t0ken", 12 } }, ACCESS_WRITE, "ada", "ci", true },
    { "a token of nobody reads, whatever it was given: every act has an actor",
      { .authorization = { "Bearer n0body", 13 } },
      ACCESS_READ,
      NULL,
      "nobodys",
      false },
    { "a person's login",
      { .unix_socket = true, .uid = UID_OF_SOMEBODY, .login = { "ada", 3 } },
      ACCESS_WRITE,
      "ada",
      "ada",
      true },
    { "an administrator's",
      { .unix_socket = true, .uid = UID_OF_SOMEBODY, .login = { "grace", 5 } },
      ACCESS_ADMIN,
      "grace",
      "grace",
      true },
    { "a login that is nobody's",
      { .unix_socket = true, .uid = UID_OF_SOMEBODY, .login = { "bob", 3 } },
      ACCESS_READ,
      NULL,
      "bob",
      true },
    { "root, who is no person",
      { .unix_socket = true, .uid = 0, .login = { "root", 4 } },
      ACCESS_ADMIN,
      "root",
      "root",
      true },
    { "root without a name", { .unix_socket = true, .uid = 0 }, ACCESS_ADMIN, "root", NULL, true },
};

static int start(void **state)
{
    (void)state;
    secret_hash(S("s3cret"), keys[0].hash);
    secret_hash(S("t0ken"), tokens[0].hash);
    secret_hash(S("l00k"), tokens[1].hash);
    secret_hash(S("n0body"), tokens[2].hash);
    return 0;
}

static void callers_are_who_their_socket_or_secret_says(void **state)
{
    struct arena *a = arena_create(1 << 20);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct identity who;
        struct error e = { 0 };
        assert_int_equal(identity_establish(a, &facts, &rows[i].claim, &who, &e), 0);
        if (who.scope != rows[i].scope || who.ingest != rows[i].ingest ||
            !slice_eq(who.person, slice_of(rows[i].person)) || !slice_eq(who.sender, slice_of(rows[i].sender)))
            fail_msg("%s: scope %s, person %.*s, sender %.*s", rows[i].what, access_name(who.scope), (int)who.person.n,
                     who.person.p, (int)who.sender.n, who.sender.p);
    }
    arena_destroy(&a);
    (void)state;
}

static void wrong_secrets_are_refused(void **state)
{
    static const struct claim claims[] = {
        { .has_key = true, .key = { "s3cre", 5 } },
        { .has_key = true, .key = { "", 0 } },
        { .has_key = true, .key = { "t0ken", 5 } }, /* a token is no ingest key */
        { .has_key = true, .key = { "wrong", 5 }, .loopback = true },
        { .authorization = { "Bearer wrong", 12 } },
        { .authorization = { "Bearer ", 7 } },
        { .authorization = { "Basic !!", 8 } },
        { .authorization = { "Digest x", 8 } },
    };
    struct arena *a = arena_create(1 << 20);
    for (size_t i = 0; i < COUNT_OF(claims); i++) {
        struct identity who;
        struct error e = { 0 };
        assert_int_equal(identity_establish(a, &facts, &claims[i], &who, &e), ERR_DENIED);
        assert_int_equal(who.scope, ACCESS_NONE);
        assert_false(who.ingest);
    }
    arena_destroy(&a);
    (void)state;
}

/* Where loopback is somebody a wrong secret does no harm there; where it is nobody, and for a browser's page, it is wrong. */
static void a_wrong_secret_from_loopback(void **state)
{
    static const struct {
        bool allowed, browser;
        int code;
    } asked[] = { { true, false, 0 }, { true, true, ERR_DENIED }, { false, false, ERR_DENIED } };
    struct arena *a = arena_create(1 << 20);
    for (size_t i = 0; i < COUNT_OF(asked); i++) {
        const struct claim claim = { .loopback = true,
                                     .browser = asked[i].browser,
                                     .authorization = { "Bearer wrong", 12 } };
        struct identity who;
        struct error e = { 0 };
        facts.allow_loopback = asked[i].allowed;
        assert_int_equal(identity_establish(a, &facts, &claim, &who, &e), asked[i].code);
        assert_int_equal(who.ingest, asked[i].code == 0);
    }
    facts.allow_loopback = true;
    arena_destroy(&a);
    (void)state;
}

/* A uid without a person hears how to become one. */
static void the_refusal_says_what_to_do(void **state)
{
    static const struct {
        struct claim claim;
        enum access scope;
        const char *detail, *remedy;
    } asked[] = {
        { { .unix_socket = true, .uid = UID_OF_SOMEBODY, .login = { "bob", 3 } },
          ACCESS_WRITE,
          "uid 12345 (bob) is nobody who may do this: scope write is needed",
          "add `login: NAME`" },
        { { .unix_socket = true, .uid = UID_OF_SOMEBODY, .login = { "ada", 3 } },
          ACCESS_ADMIN,
          "uid 12345 (ada) is nobody who may do this: scope admin is needed",
          "run it as root" },
        { { .loopback = true }, ACCESS_READ, "no token was sent: this needs scope read", "send `Authorization: " },
        { { .uid = 0 }, ACCESS_READ, "no token was sent: this needs scope read", "send `Authorization: " },
        /* What was sent is no secret of the site, however near it came: the words are the same. */
        { { .loopback = true, .authorization = { "Bearer t0ke", 11 } },
          ACCESS_READ,
          "the Authorization header holds no key or token of this site: this needs scope read",
          "send `Authorization: " },
        { { .loopback = true, .authorization = { "Bearer nothing-like-it", 22 } },
          ACCESS_READ,
          "the Authorization header holds no key or token of this site: this needs scope read",
          "send `Authorization: " },
        { { .loopback = true, .authorization = { "Digest x", 8 } },
          ACCESS_READ,
          "the Authorization header holds no key or token of this site: this needs scope read",
          "send `Authorization: " },
        { { .loopback = true, .authorization = { "Bearer s3cret", 13 } },
          ACCESS_READ,
          "`prometheus` is an ingest key and sends alerts alone: this needs scope read",
          "send `Authorization: " },
        { { .has_key = true, .key = { "s3cret", 6 } },
          ACCESS_WRITE,
          "`prometheus` is an ingest key and sends alerts alone: this needs scope write",
          "send `Authorization: " },
        { { .authorization = { "Bearer t0ken", 12 } },
          ACCESS_ADMIN,
          "the token `ci` has scope write: this needs scope admin",
          "give it that scope" },
        { { .uid = 0 }, ACCESS_INGEST, "no ingest key was given", "use the path /i/KEY/" },
        { { .authorization = { "Bearer l00k", 11 } },
          ACCESS_INGEST,
          "the token `looker` has scope read and sends no alerts",
          "use the path /i/KEY/" },
    };
    struct arena *a = arena_create(1 << 20);
    for (size_t i = 0; i < COUNT_OF(asked); i++) {
        struct identity who;
        struct error e = { 0 };
        struct slice remedy;
        bool known;
        identity_establish(a, &facts, &asked[i].claim, &who, &e);
        assert_int_equal(identity_check(&who, &asked[i].claim, asked[i].scope, &known, &remedy, &e), ERR_DENIED);
        assert_string_equal(e.detail, asked[i].detail);
        if (!slice_has_prefix(remedy, slice_of(asked[i].remedy))) fail_msg("%s: %.*s", e.detail, (int)remedy.n, remedy.p);
        assert_int_equal(known, who.scope != ACCESS_NONE);
    }
    arena_destroy(&a);
    (void)state;
}

/* What an Alertmanager shows is less than what a token of scope read sees of the incidents. */
static void a_reader_reads_alerts_and_sends_none(void **state)
{
    struct arena *a = arena_create(1 << 20);
    for (int reads = 0; reads < 2; reads++) {
        const struct claim claim = { .authorization = { "Bearer l00k", 11 }, .reads = reads };
        struct identity who;
        struct error e = { 0 };
        struct slice remedy;
        bool known;
        assert_int_equal(identity_establish(a, &facts, &claim, &who, &e), 0);
        assert_int_equal(identity_check(&who, &claim, ACCESS_INGEST, &known, &remedy, &e) == 0, reads);
    }
    arena_destroy(&a);
    (void)state;
}

static void a_greater_scope_holds_the_smaller(void **state)
{
    static const enum access scopes[] = { ACCESS_READ, ACCESS_WRITE, ACCESS_ADMIN };
    const struct claim none = { .uid = 0 };
    for (size_t have = 0; have < COUNT_OF(scopes); have++)
        for (size_t need = 0; need < COUNT_OF(scopes); need++) {
            struct identity who = { .scope = scopes[have] };
            struct slice remedy;
            struct error e = { 0 };
            bool known;
            assert_int_equal(identity_check(&who, &none, scopes[need], &known, &remedy, &e) == 0, have >= need);
        }
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(callers_are_who_their_socket_or_secret_says),
        cmocka_unit_test(wrong_secrets_are_refused),
        cmocka_unit_test(a_wrong_secret_from_loopback),
        cmocka_unit_test(the_refusal_says_what_to_do),
        cmocka_unit_test(a_reader_reads_alerts_and_sends_none),
        cmocka_unit_test(a_greater_scope_holds_the_smaller),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
