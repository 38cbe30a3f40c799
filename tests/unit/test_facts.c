/* Sets of facts: secrets by their hash, what is missing named, old sets alive as long as somebody reads them; and the
 * readers' threads, which answer what they took (http/port.h). */
#include "harness.h"

#include <pthread.h>
#include <stdlib.h>

#include "engine/bundle.h"
#include "engine/recover.h"
#include "serve/facts.h"
#include "serve/readers.h"
#include "sys/files.h"

static const char yaml[] =
    "organisation: { name: Test, timezone: UTC, procedures: [reference.md] }\n"
    "teams: { platform: { services: [web], roles: { primary: { people: [ada] } } } }\n"
    "services: { web: { name: Web } }\n"
    "people: { ada: { name: Ada, contacts: { phone: '+1' } } }\n"
    "channels: { log: { log: {}, for: [phone] } }\n"
    "unrouted: { team: platform }\n"
    "administrators: [ada]\n"
    "http: { listen: '127.0.0.1:0', responder: '127.0.0.1:0', public_url: 'http://pager.example' }\n"
    "ingest: { prometheus: { secret: { env: TOCSIN_TEST_INGEST } }, allow_loopback: true }\n"
    "tokens: { ci: { secret: { env: TOCSIN_TEST_TOKEN }, person: ada, scope: write } }\n";

static struct site *site(void)
{
    struct problems *p = problems_create();
    struct buf text = { 0 };
    struct site *s = NULL;
    if (site_load_bytes("site.yaml", slice_of(yaml), &s, p) < 0) {
        problems_print(p, &text);
        fail_msg("%s", buf_str(&text));
    }
    problems_destroy(&p);
    return s;
}

static struct facts_set *facts(void)
{
    struct facts_set *f = NULL;
    struct error e = { 0 };
    setenv("TOCSIN_TEST_INGEST", "sesame", 1);
    setenv("TOCSIN_TEST_TOKEN", "swordfish", 1);
    if (facts_create(site(), NULL, S("0123456789abcdef0123456789abcdef"), 42, &f, &e) < 0) fail_msg("%s", e.detail);
    return f;
}

static struct live_bundle *compile(void *ctx, struct slice bytes, struct error *e)
{
    (void)ctx, (void)bytes;
    fail(e, ERR_SYNTAX, "nothing is stored");
    return NULL;
}

/* An engine with one bundle, for facts_publish(). */
static struct engine *engine_for(struct facts_set *f, struct clock *clock, struct store *store)
{
    struct buf text = { 0 }, bytes = { 0 }, report = { 0 };
    struct error e = { 0 };
    struct recovery r;
    struct engine *engine = engine_create(&(struct engine_options){ .clock = clock, .store = store });
    assert_int_equal(file_read(TOCSIN_TESTS "/data/reference.md", 1 << 20, &text, &e), 0);
    bundle_add_file(&bytes, &(struct bundle_file){ BUNDLE_PROCEDURES, S("reference.md"), buf_slice(&text) });
    struct live_bundle *b = bundle_create(buf_slice(&bytes), NULL, &report, &e);
    const struct recover_options how = { .directory = &facts_site(f)->dir, .fresh = b, .compile = compile };
    if (engine_recover(engine, &how, &r, &e) < 0) fail_msg("%s", e.detail);
    bundle_release(&b);
    buf_release(&text);
    buf_release(&bytes);
    buf_release(&report);
    return engine;
}

static void a_published_set_says_what_the_site_says(void **state)
{
    (void)state;
    struct error e = { 0 };
    struct store *store;
    struct clock *clock = clock_create_fake((struct moment){ 1000, 1000 }, S("boot"));
    struct facts_board *board = facts_board_create();
    struct facts_set *first = facts(), *second = facts();
    uint8_t hash[SECRET_HASH_BYTES];
    assert_int_equal(store_open("memory:", &store, &e), 0);
    struct engine *engine = engine_for(first, clock, store);

    facts_publish(board, &first, engine, S(""));
    const struct facts *f = facts_acquire(board);
    secret_hash(S("sesame"), hash);
    assert_int_equal(f->n_keys, 1);
    assert_memory_equal(f->keys[0].hash, hash, sizeof hash);
    assert_int_equal(f->keys[0].scope, ACCESS_INGEST);
    secret_hash(S("swordfish"), hash);
    assert_memory_equal(f->tokens[0].hash, hash, sizeof hash);
    assert_int_equal(f->tokens[0].scope, ACCESS_WRITE);
    assert_true(slice_eq(f->tokens[0].person, S("ada")));
    assert_true(f->allow_loopback);
    assert_true(slice_eq(f->public_url, S("http://pager.example")));
    assert_int_equal(f->started_wall, 42);
    assert_int_equal(f->n_bundles, 1);
    assert_int_equal(f->bundles[0].id, 1);
    assert_true(f->bundles[0].policy->n_rules > 0);
    assert_int_equal(f->broken.n, 0);
    assert_true(f->n_unbound > 0); /* R15: a small site under the whole reference document */
    assert_true(slice_has_prefix(f->unbound[0].text, S("reference.md:")));

    facts_renew(board, engine, S("procedures.md has 1 error")); /* R13: the same site, what is broken hangs beside it */
    facts_renew(board, engine, S("procedures.md has 2 errors"));
    const struct facts *again = facts_acquire(board);
    assert_true(again != f);
    assert_ptr_equal(again->directory, f->directory);
    assert_int_equal(again->n_keys, 1);
    assert_true(slice_eq(again->broken, S("procedures.md has 2 errors")));
    assert_int_equal(again->n_unbound, f->n_unbound);
    facts_release(again);

    engine_destroy(&engine); /* it referred to the first directory */
    engine = engine_create(&(struct engine_options){ .clock = clock, .store = store });
    facts_publish(board, &second, engine, S("broken"));
    assert_true(slice_eq(f->directory->people[0].id, S("ada"))); /* ours until we give it back */
    assert_true(f->bundles[0].policy->n_rules > 0);
    const struct facts *now = facts_acquire(board);
    assert_true(now != f);
    facts_release(now);
    facts_release(f);
    facts_board_destroy(&board);
    engine_destroy(&engine);
    store_close(&store);
    clock_destroy(&clock);
}

static void a_secret_that_is_not_there_is_named(void **state)
{
    (void)state;
    struct facts_set *f = NULL;
    struct error e = { 0 };
    struct site *s = site();
    setenv("TOCSIN_TEST_INGEST", "sesame", 1);
    unsetenv("TOCSIN_TEST_TOKEN");
    assert_true(facts_create(s, NULL, S("k"), 0, &f, &e) < 0);
    assert_null(f);
    assert_non_null(strstr(e.detail, "token `ci`"));
    assert_non_null(strstr(e.detail, "TOCSIN_TEST_TOKEN"));
    site_destroy(&s); /* still ours */
}

/* --- readers --- */

struct seen {
    pthread_mutex_t lock;
    int jobs, with_reader;
};

static void note(void *caller, struct store_reader *reader)
{
    struct seen *s = caller;
    struct row row;
    struct error e = { 0 };
    const int64_t key = 1;
    const bool read = reader != NULL && store_read_row(reader, ROW_INCIDENT, &key, &row, &e) == ERR_NOT_FOUND;
    pthread_mutex_lock(&s->lock);
    s->jobs++;
    s->with_reader += read;
    pthread_mutex_unlock(&s->lock);
}

static void readers_answer_everything_they_took_before_they_end(void **state)
{
    (void)state;
    struct error e = { 0 };
    struct store *store;
    struct readers *readers;
    struct seen seen = { .lock = PTHREAD_MUTEX_INITIALIZER };
    int taken = 0;
    assert_int_equal(store_open("memory:", &store, &e), 0);
    assert_int_equal(readers_start(store, &readers, &e), 0);
    for (int i = 0; i < 3000; i++) taken += readers_submit(readers, note, &seen, &e) == 0;
    readers_stop(&readers);
    assert_true(taken >= READERS_QUEUE_MAX);
    assert_int_equal(seen.jobs, taken);
    assert_int_equal(seen.with_reader, taken);
    store_close(&store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_published_set_says_what_the_site_says),
        cmocka_unit_test(a_secret_that_is_not_there_is_named),
        cmocka_unit_test(readers_answer_everything_they_took_before_they_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
