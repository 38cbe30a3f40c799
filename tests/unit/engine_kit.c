/* engine_kit.c - see engine_kit.h. */
#include "engine_kit.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/check.h"
#include "sys/files.h"

#define BEGIN_WALL INT64_C(1767582000000) /* 2026-01-05T03:00:00Z, a Monday night */

static const char site_yaml[] =
    "organisation: { name: Test, timezone: Europe/Berlin, procedures: [reference.md] }\n"
    "teams: { platform: { services: [dashboard, jobs], roles: { primary: { people: [ada] }, secondary: { people: [joan] },\n"
    "  incident-commander: { people: [grace] } } } }\n"
    "services: { dashboard: { name: Dashboard, category: infrastructure }, jobs: { name: Jobs } }\n"
    "people:\n"
    "  ada: { name: Ada, contacts: { phone: '+1' } }\n"
    "  joan: { name: Joan, contacts: { phone: '+2' } }\n"
    "  grace: { name: Grace, contacts: { phone: '+3' } }\n"
    "channels: { log: { log: {}, for: [phone, slack, mail], wakes: true } }\n"
    "roles: { management: { people: [grace] }, security-team: { people: [grace] } }\n"
    "activation: automatic\n"
    "unrouted: { team: platform }\n"
    "administrators: [grace]\n"
    "http: { listen: '127.0.0.1:0', responder: '127.0.0.1:0' }\n"
    "ingest: { allow_loopback: true }\n";

static const char routing_yaml[] =
    "rules:\n"
    "  - { name: cert, match: ['alertname=\"CertificateExpiry\"'], service: dashboard, severity: SEV4 }\n";

static struct kit *kit_of_store; /* the commit slot gets no context of ours */

static int commit_or_fail(struct store *s, struct error *e)
{
    struct kit *k = kit_of_store;
    if (k->commit_fails) {
        k->ops.rollback(s);
        return fail(e, ERR_IO, "no space left on device (so the test wishes)");
    }
    const int rc = k->commit(s, e);
    if (rc == 0) k->commits++;
    return rc == 0 && k->commit_lies ? fail(e, ERR_IO, "nobody knows (so the test wishes)") : rc;
}

static void note_sent(void *ctx, const struct world *w, const struct send *s, struct moment raw)
{
    struct kit *k = ctx;
    (void)raw;
    assert_non_null(world_delivery(w, s->delivery));
    struct sent *at = vec_push(&k->sent);
    *at = (struct sent){ .delivery = s->delivery, .attempt = s->attempt, .commits = k->commits };
}

static void note_told(void *caller, const struct reply *r)
{
    struct kit *k = caller;
    struct told *at = vec_push(&k->told);
    *at = (struct told){ .code = r->code, .incident = r->incident };
}

struct live_bundle *kit_compile(void *ctx, struct slice bytes, struct error *e)
{
    struct buf report = { 0 };
    struct live_bundle *b = bundle_create(bytes, NULL, &report, e);
    (void)ctx;
    buf_release(&report);
    return b;
}

/* The reference document, its first answer in `minutes` instead of 5. */
static struct live_bundle *bundle_with(const char *routing, const char *minutes)
{
    struct buf text = { 0 }, bytes = { 0 };
    struct error e = { 0 };
    assert_int_equal(file_read(TOCSIN_TESTS "/data/reference.md", 1 << 20, &text, &e), 0);
    const size_t at = slice_find(buf_slice(&text), S("No response in 5 minutes")) + sizeof "No response in" - 1 + 1;
    if (minutes != NULL) text.p[at] = minutes[0];
    bundle_add_file(&bytes, &(struct bundle_file){ BUNDLE_PROCEDURES, S("reference.md"), buf_slice(&text) });
    bundle_add_file(&bytes, &(struct bundle_file){ BUNDLE_ROUTING, S("routing.yaml"), slice_of(routing) });
    struct live_bundle *b = kit_compile(NULL, buf_slice(&bytes), &e);
    buf_release(&text);
    buf_release(&bytes);
    return b;
}

struct live_bundle *kit_compile_otherwise(void *ctx, struct slice bytes, struct error *e)
{
    (void)ctx, (void)bytes, (void)e;
    return bundle_with("rules: []\n", "3");
}

struct live_bundle *kit_compile_never(void *ctx, struct slice bytes, struct error *e)
{
    (void)ctx, (void)bytes;
    fail(e, ERR_SYNTAX, "line 331 is not understood");
    return NULL;
}

static void begin(struct kit *k)
{
    struct error e = { 0 };
    spool_close(&k->spool);
    if (k->spool_bytes > 0) assert_int_equal(spool_open(k->spool_path, k->spool_bytes, &k->spool, &e), 0);
    k->engine = engine_create(
        &(struct engine_options){ .clock = k->clock,
                                  .store = k->store,
                                  .sender = k->sender,
                                  .hash_key = 1,
                                  .spool = k->spool,
                                  .results_wait_ms = k->results_wait_ms,
                                  .repeats_wait_ms = k->repeats_wait_ms,
                                  .chain_key = k->sealed ? S("a key of 32 bytes that is known!") : S("") });
    const struct recover_options how = { .directory = &k->site->dir,
                                         .fresh = k->bundle,
                                         .compile = k->compile != NULL ? k->compile : kit_compile };
    if (engine_recover(k->engine, &how, &k->recovery, &e) < 0) fail_msg("%s", e.detail);
}

int kit_setup(void **state)
{
    struct kit *k = kit_of_store = mem_alloc(sizeof *k);
    struct problems *problems = problems_create();
    struct error e = { 0 };
    k->clock = clock_create_fake((struct moment){ HOUR, BEGIN_WALL }, S("6c1f6f5e-0000-4000-8000-000000000001"));
    k->begun = HOUR;
    memcpy(k->spool_path, "/tmp/tocsin-spool-XXXXXX", sizeof "/tmp/tocsin-spool-XXXXXX");
    close(mkstemp(k->spool_path));
    k->spool_bytes = 1 << 20;
    effects_init(&k->fx);
    k->sender = (struct engine_sender){ .ctx = k, .send = note_sent };
    if (site_load_bytes("site.yaml", slice_of(site_yaml), &k->site, problems) < 0) {
        struct buf text = { 0 };
        problems_print(problems, &text);
        fail_msg("%s", buf_str(&text));
    }
    problems_destroy(&problems);
    assert_int_equal(store_open("memory:", &k->store, &e), 0);
    k->ops = *k->store->ops;
    k->commit = k->ops.commit;
    k->ops.commit = commit_or_fail;
    k->store->ops = &k->ops;
    k->bundle = bundle_with(routing_yaml, NULL);
    assert_non_null(k->bundle);
    begin(k);
    k->commits = 0;
    *state = k;
    return 0;
}

int kit_teardown(void **state)
{
    struct kit *k = *state;
    engine_destroy(&k->engine);
    spool_close(&k->spool);
    unlink(k->spool_path);
    effects_release(&k->fx);
    store_close(&k->store);
    bundle_release(&k->bundle);
    site_destroy(&k->site);
    clock_destroy(&k->clock);
    vec_release(&k->told);
    vec_release(&k->sent);
    mem_free(k);
    return 0;
}

void kit_restart(struct kit *k, const char *routing)
{
    engine_destroy(&k->engine);
    if (routing != NULL) {
        bundle_release(&k->bundle);
        k->bundle = bundle_with(routing, NULL);
    }
    begin(k);
}

void kit_restart_with_minutes(struct kit *k, const char *minutes)
{
    engine_destroy(&k->engine);
    bundle_release(&k->bundle);
    k->bundle = bundle_with(routing_yaml, minutes);
    begin(k);
}

void kit_reboot(struct kit *k, struct moment now)
{
    engine_destroy(&k->engine);
    clock_destroy(&k->clock);
    k->clock = clock_create_fake(now, S("6c1f6f5e-0000-4000-8000-000000000002"));
    begin(k);
}

void kit_send_by(struct kit *k, struct engine_sender sender)
{
    k->sender = sender;
    kit_restart(k, NULL);
}

void kit_run(struct kit *k)
{
    int guard = 0;
    while (engine_run_batch(k->engine))
        if (++guard > 1000) fail_msg("the engine finds no rest");
}

void kit_until(struct kit *k, int64_t after_begin_ms)
{
    const int64_t end = k->begun + after_begin_ms;
    int64_t due;
    kit_run(k);
    while (engine_next_due(k->engine, &due) && due <= end) {
        const int64_t now = clock_read(k->clock).steady_ms;
        clock_advance(k->clock, due > now ? due - now : 0);
        kit_run(k);
    }
    const int64_t now = clock_read(k->clock).steady_ms;
    if (end > now) clock_advance(k->clock, end - now);
    kit_run(k);
}

/* What an alert's event points at; it lives until the engine has told. */
struct kept_alert {
    struct kit *kit;
    const char *name;
    struct label labels[3];
    struct signal signal;
    struct buf text;
};

static void alert_told(void *caller, const struct reply *r)
{
    struct kept_alert *a = caller;
    note_told(a->kit, r);
    a->kit->told.v[a->kit->told.n - 1].alert = a->name;
    buf_release(&a->text);
    mem_free(a);
}

static struct kept_alert *alert_make(struct kit *k, const char *name, const char *service, const char *severity)
{
    struct kept_alert *a = mem_alloc(sizeof *a);
    a->kit = k;
    a->name = name;
    a->labels[0] = (struct label){ S("alertname"), slice_of(name) };
    a->labels[1] = (struct label){ S("service"), slice_of(service) };
    a->labels[2] = (struct label){ S("severity"), slice_of(severity) };
    for (size_t i = 0; i < COUNT_OF(a->labels); i++) {
        buf_add(&a->text, a->labels[i].name);
        buf_add_char(&a->text, '\xff');
        buf_add(&a->text, a->labels[i].value);
        buf_add_char(&a->text, '\xff');
    }
    a->signal = (struct signal){
        .labels = a->labels,
        .n_labels = COUNT_OF(a->labels),
        .labels_text = buf_slice(&a->text),
        .fingerprint = fnv1a64(FNV1A64_START, buf_slice(&a->text)),
        .annotations = S("{\"annotations\":{},\"generatorURL\":\"\"}"),
    };
    return a;
}

static int alert_post(struct kit *k, const char *name, const char *severity, const char *service, int64_t ends)
{
    struct kept_alert *a = alert_make(k, name, service, severity);
    a->signal.ends = ends;
    struct error e = { 0 };
    struct post p = { .event = { .kind = EVENT_ALERTS }, .done = alert_told, .caller = a };
    p.event.alerts = (struct event_alerts){ .sender = S("loopback"), .v = &a->signal, .n = 1 };
    p.bytes = event_bytes(&p.event);
    const int rc = engine_post(k->engine, &p, &e);
    if (rc == 0) return 0;
    buf_release(&a->text);
    mem_free(a);
    return rc;
}

int kit_try_alert(struct kit *k, const char *name, const char *severity)
{
    return alert_post(k, name, severity, "dashboard", 0);
}

void kit_alert(struct kit *k, const char *name, const char *severity)
{
    assert_int_equal(kit_try_alert(k, name, severity), 0);
}

void kit_alert_of(struct kit *k, const char *name, const char *severity, const char *service)
{
    assert_int_equal(alert_post(k, name, severity, service, 0), 0);
}

void kit_alert_ends(struct kit *k, const char *name, const char *severity)
{
    assert_int_equal(alert_post(k, name, severity, "dashboard", clock_read(k->clock).wall_ms), 0);
}

static struct act the_act; /* one at a time */

void kit_act(struct kit *k, enum act_kind kind, incident_id incident)
{
    struct error e = { 0 };
    the_act = (struct act){ .kind = kind, .via = VIA_CLI, .actor = S("ada"), .incident = incident };
    const struct post p = { .event = { .kind = EVENT_ACT, .act = &the_act }, .done = note_told, .caller = k };
    assert_int_equal(engine_post(k->engine, &p, &e), 0);
}

void kit_credit(struct kit *k, int64_t n)
{
    struct error e = { 0 };
    struct post p = { .event = { .kind = EVENT_CREDIT } };
    p.event.credit.channel = S("log");
    p.event.credit.n = n;
    assert_int_equal(engine_post(k->engine, &p, &e), 0);
}

void kit_accept_all(struct kit *k)
{
    struct error e = { 0 };
    for (size_t i = 0; i < k->sent.n; i++) {
        if (k->sent.v[i].answered) continue;
        k->sent.v[i].answered = true;
        struct post p = { .event = { .kind = EVENT_RESULT } };
        p.event.result = (struct event_result){ .delivery = k->sent.v[i].delivery,
                                                .attempt = k->sent.v[i].attempt,
                                                .outcome = OUTCOME_ACCEPTED };
        assert_int_equal(engine_post(k->engine, &p, &e), 0);
    }
}

/* --- what is on disk --- */

struct count {
    struct store_each_row each;
    int n;
};

static int count_one(struct store_each_row *self, const struct row *r, struct error *e)
{
    (void)r, (void)e;
    ((struct count *)self)->n++;
    return 0;
}

int kit_stored(struct kit *k, enum row_kind kind)
{
    struct store_reader *reader;
    struct error e = { 0 };
    struct count c = { .each = { count_one } };
    assert_int_equal(store_reader_open(k->store, &reader, &e), 0);
    assert_int_equal(reader->ops->all_rows(reader, kind, &c.each, &e), 0);
    store_reader_close(&reader);
    return c.n;
}

static void read_row(struct kit *k, enum row_kind kind, int64_t id, void *out, size_t n)
{
    struct store_reader *reader;
    struct row row;
    struct error e = { 0 };
    assert_int_equal(store_reader_open(k->store, &reader, &e), 0);
    assert_int_equal(store_read_row(reader, kind, &id, &row, &e), 0);
    memcpy(out, row.v, n);
    store_reader_close(&reader);
}

struct incident kit_stored_incident(struct kit *k, incident_id id)
{
    struct incident row;
    read_row(k, ROW_INCIDENT, id, &row, sizeof row);
    return row;
}

struct clock_row kit_stored_clock(struct kit *k)
{
    struct clock_row row;
    read_row(k, ROW_CLOCK, 1, &row, sizeof row);
    return row;
}

struct named {
    struct store_each_row each;
    struct slice wanted;
    bool found;
};

static int look_for_name(struct store_each_row *self, const struct row *r, struct error *e)
{
    struct named *n = (struct named *)self;
    (void)e;
    n->found = n->found || slice_find(r->text, n->wanted) < r->text.n;
    return 0;
}

bool kit_stored_alert(struct kit *k, const char *name)
{
    struct store_reader *reader;
    struct error e = { 0 };
    struct buf wanted = { 0 };
    buf_addf(&wanted, "alertname\xff%s\xff", name);
    struct named n = { .each = { look_for_name }, .wanted = buf_slice(&wanted) };
    assert_int_equal(store_reader_open(k->store, &reader, &e), 0);
    assert_int_equal(reader->ops->all_rows(reader, ROW_ALERT, &n.each, &e), 0);
    store_reader_close(&reader);
    buf_release(&wanted);
    return n.found;
}

struct tally {
    struct store_each_entry each;
    enum entry_kind kind;
    int n;
};

static int tally_one(struct store_each_entry *self, const struct entry *en, struct error *e)
{
    struct tally *t = (struct tally *)self;
    (void)e;
    t->n += en->kind == (int64_t)t->kind;
    return 0;
}

int kit_entries(struct kit *k, incident_id incident, enum entry_kind kind)
{
    struct store_reader *reader;
    struct error e = { 0 };
    struct tally t = { .each = { tally_one }, .kind = kind };
    assert_int_equal(store_reader_open(k->store, &reader, &e), 0);
    assert_int_equal(store_read_entries(reader, incident, 0, 0, &t.each, &e), 0);
    store_reader_close(&reader);
    return t.n;
}

struct sequence {
    struct store_each_entry each;
    incident_id incident;
    int64_t seq;
    bool broken;
};

static int follow(struct store_each_entry *self, const struct entry *en, struct error *e)
{
    struct sequence *s = (struct sequence *)self;
    (void)e;
    if (en->incident != s->incident) s->seq = 0;
    s->incident = en->incident;
    s->broken = s->broken || en->seq != ++s->seq;
    return 0;
}

bool kit_timelines_are_whole(struct kit *k)
{
    struct store_reader *reader;
    struct error e = { 0 };
    struct sequence s = { .each = { follow }, .incident = -1 };
    assert_int_equal(store_reader_open(k->store, &reader, &e), 0);
    assert_int_equal(reader->ops->all_entries(reader, &s.each, &e), 0);
    store_reader_close(&reader);
    return !s.broken;
}

struct listening {
    struct store_each_entry each;
    incident_id incident;
    struct slice words;
    int n;
};

static int listen_to(struct store_each_entry *self, const struct entry *en, struct error *err)
{
    struct listening *l = (struct listening *)self;
    (void)err;
    l->n += en->incident == l->incident && slice_find(en->text, l->words) < en->text.n;
    return 0;
}

int kit_said(struct kit *k, incident_id incident, const char *words)
{
    struct store_reader *reader;
    struct error e = { 0 };
    struct listening l = { .each = { listen_to }, .incident = incident, .words = slice_of(words) };
    assert_int_equal(store_reader_open(k->store, &reader, &e), 0);
    assert_int_equal(reader->ops->all_entries(reader, &l.each, &e), 0);
    store_reader_close(&reader);
    return l.n;
}

/* --- what the world holds --- */

int kit_pages_of(struct kit *k, incident_id incident, const char *role)
{
    const struct world *w = engine_world(k->engine);
    struct row r;
    int n = 0;
    for (size_t at = 0; world_next_row(w, ROW_PAGE, &at, &r);) {
        struct page p;
        memcpy(&p, r.v, sizeof p);
        n += (incident == 0 || p.incident == incident) && slice_eq(world_text(w, p.role), slice_of(role));
    }
    return n;
}

int kit_pages_to(struct kit *k, const char *role)
{
    return kit_pages_of(k, 0, role);
}

int kit_deliveries(struct kit *k, enum delivery_state state)
{
    struct row r;
    int n = 0;
    for (size_t at = 0; world_next_row(engine_world(k->engine), ROW_DELIVERY, &at, &r);) {
        struct delivery d;
        memcpy(&d, r.v, sizeof d);
        n += d.state == state;
    }
    return n;
}

int kit_attempts(struct kit *k, enum outcome outcome)
{
    struct row r;
    int n = 0;
    for (size_t at = 0; world_next_row(engine_world(k->engine), ROW_ATTEMPT, &at, &r);) {
        struct attempt a;
        memcpy(&a, r.v, sizeof a);
        n += a.outcome == outcome;
    }
    return n;
}
