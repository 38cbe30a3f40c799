/* The server's clerk: what it opens, hashes and knows, and what it does not. */
#include "harness.h"

#include "serve/clerk.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "site/problems.h"
#include "site/site.h"
#include "sys/log.h"
#include "unit/scratch.h"

static const char site_text[] = "organisation: { name: X, timezone: UTC, procedures: [procedures.md] }\n"
                                "teams: { platform: { services: [web], roles: { primary: { people: [ada] } } } }\n"
                                "services: { web: { name: Web } }\n"
                                "people: { ada: { name: Ada Byron, contacts: { phone: \"+1\" } } }\n"
                                "channels: { log: { log: {}, for: [phone], wakes: true } }\n"
                                "ingest: { one: { secret: { credential: one } } }\n"
                                "tokens: { ci: { secret: { env: TOCSIN_TEST_CLERK }, person: ada, scope: read } }\n"
                                "unrouted: { team: platform }\nadministrators: [ada]\n";

static struct {
    struct clerk *clerk;
    struct buf site, named, other, credential;
    char hash[65];
} desk;

static void put(struct buf *path, void **state, const char *name, const char *text)
{
    *path = scratch_path(state, name);
    FILE *f = fopen(buf_str(path), "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
    assert_int_equal(chmod(buf_str(path), 0600), 0);
}

static void read_hash(void)
{
    struct problems *p = problems_create();
    struct site *s = NULL;
    assert_int_equal(site_load(buf_str(&desk.site), &s, p), 0);
    memcpy(desk.hash, s->hash, sizeof desk.hash);
    site_destroy(&s);
    problems_destroy(&p);
}

static int desk_make(void **state)
{
    struct error e = { 0 };
    assert_int_equal(scratch_setup(state), 0);
    struct buf credentials = scratch_path(state, "credentials");
    mkdir(buf_str(&credentials), 0700);
    put(&desk.site, state, "site.yaml", site_text);
    put(&desk.named, state, "procedures.md", "# Procedures\n");
    put(&desk.other, state, "other.md", "# Not named\n");
    put(&desk.credential, state, "credentials/one", "sesame\n");
    buf_release(&credentials);
    setenv("TOCSIN_TEST_CLERK", "swordfish", 1);
    read_hash();
    return clerk_start(buf_str(&desk.site), NULL, 0, &desk.clerk, &e);
}

static int desk_clear(void **state)
{
    clerk_stop(&desk.clerk);
    buf_release(&desk.site);
    buf_release(&desk.named);
    buf_release(&desk.other);
    buf_release(&desk.credential);
    return scratch_teardown(state);
}

static void it_opens_what_the_site_names(void **state)
{
    const struct {
        const char *what;
        const struct buf *path;
        bool opens;
    } rows[] = {
        { "a document", &desk.named, true },
        { "the site itself", &desk.site, true },
        { "another file beside it", &desk.other, false },
        { "a credential", &desk.credential, false },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct error e = { 0 };
        char byte;
        const int fd = clerk_open(desk.clerk, buf_str(rows[i].path), &e);
        if (rows[i].opens ? fd < 0 : fd != ERR_DENIED) fail_msg("%s: %d %s", rows[i].what, fd, e.detail);
        if (fd < 0) continue;
        assert_int_equal(read(fd, &byte, 1), 1);
        close(fd);
    }
    struct error e = { 0 };
    assert_int_equal(clerk_open(desk.clerk, "/etc/passwd", &e), ERR_DENIED);
}

static void secrets_come_as_hashes(void **state)
{
    const struct {
        enum clerk_secret of;
        const char *name, *secret; /* NULL: there is none */
    } rows[] = {
        { CLERK_SECRET_INGEST, "one", "sesame" },
        { CLERK_SECRET_TOKEN, "ci", "swordfish" },
        { CLERK_SECRET_TOKEN, "one", NULL },
        { CLERK_SECRET_INGEST, "nobody", NULL },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        uint8_t hash[SECRET_HASH_BYTES], expected[SECRET_HASH_BYTES];
        struct error e = { 0 };
        const int rc = clerk_secret(desk.clerk, rows[i].of, slice_of(rows[i].name), desk.hash, hash, &e);
        assert_int_equal(rc, rows[i].secret != NULL ? 0 : ERR_NOT_FOUND);
        if (rc < 0) continue;
        secret_hash(slice_of(rows[i].secret), expected);
        assert_memory_equal(hash, expected, sizeof hash);
    }
}

/* The server read another file than the clerk finds: it must not mix the two. */
static void another_site_than_the_servers_is_a_conflict(void **state)
{
    char never[sizeof desk.hash];
    uint8_t hash[SECRET_HASH_BYTES];
    struct error e = { 0 };
    (void)state;
    memcpy(never, desk.hash, sizeof never);
    never[0] = never[0] == '0' ? '1' : '0';
    assert_int_equal(clerk_secret(desk.clerk, CLERK_SECRET_INGEST, S("one"), never, hash, &e), ERR_CONFLICT);
    FILE *f = fopen(buf_str(&desk.site), "a");
    fputs("# a line more\n", f);
    fclose(f);
    read_hash();
    assert_int_equal(clerk_secret(desk.clerk, CLERK_SECRET_INGEST, S("one"), desk.hash, hash, &e), 0);
}

static void it_knows_users(void **state)
{
    struct buf name = { 0 };
    (void)state;
    assert_true(clerk_login(desk.clerk, 0, &name));
    assert_string_equal(buf_str(&name), "root");
    assert_false(clerk_login(desk.clerk, 4000000001u, &name));
    buf_release(&name);
}

/* What it says when it is gone, so that a reload fails and nothing hangs. */
static void without_it_the_question_fails(void **state)
{
    const struct {
        int signo;
        const char *says;
    } rows[] = {
        { SIGSTOP, "gave no answer within 10 s" },
        { SIGKILL, "has ended" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct error e = { 0 };
        assert_int_equal(pidfd_send_signal(clerk_pidfd(desk.clerk), rows[i].signo, NULL, 0), 0);
        assert_int_equal(clerk_open(desk.clerk, buf_str(&desk.named), &e), ERR_UNAVAILABLE);
        if (strstr(e.detail, rows[i].says) == NULL) fail_msg("no \"%s\" in \"%s\"", rows[i].says, e.detail);
        assert_non_null(strstr(e.detail, "nothing is known to be wrong with the files"));
    }
}

static void its_end_is_described(void **state)
{
    struct pollfd ended = { .fd = clerk_pidfd(desk.clerk), .events = POLLIN };
    struct buf how = { 0 };
    (void)state;
    assert_int_equal(poll(&ended, 1, 20000), 1);
    clerk_describe_end(desk.clerk, &how);
    assert_string_equal(buf_str(&how), "killed by signal 9 (Killed)");
    buf_release(&how);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_opens_what_the_site_names),
        cmocka_unit_test(secrets_come_as_hashes),
        cmocka_unit_test(another_site_than_the_servers_is_a_conflict),
        cmocka_unit_test(it_knows_users),
        cmocka_unit_test(without_it_the_question_fails),
        cmocka_unit_test(its_end_is_described),
    };
    log_start(LOG_LEVEL_WARNING);
    return cmocka_run_group_tests(tests, desk_make, desk_clear);
}
