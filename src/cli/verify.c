/* verify.c - tocsin verify: is the history what was sealed? Offline, read-only, beside a server or without one (P6). */
#include <inttypes.h>

#include "base/civil.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/screen.h"
#include "cli/value.h"
#include "engine/evidence.h"
#include "serve/state_dir.h"
#include "store/store.h"
#include "sys/files.h"

#include <string.h>

static const struct parameter parameters[] = {
    { .name = "state",
      .kind = VALUE_DIRECTORY,
      .option = true,
      .what = "The state directory; left out: where $TOCSIN_SOCKET lies, else as tocsin serve chooses it without a site." },
    { .name = "store",
      .kind = VALUE_FILE,
      .option = true,
      .what = "Another database, a backup: not the directory's own." },
    { .name = "key", .kind = VALUE_FILE, .option = true, .what = "Another key than the directory's chain.key." },
    { .name = "incident",
      .kind = VALUE_INCIDENT,
      .option = true,
      .what = "This one alone, without the system's chain." },
    { .name = "head",
      .kind = VALUE_TEXT,
      .option = true,
      .what = "A head that left by mail or was noted, 64 hexadecimal digits: the history must hold it." },
    { 0 },
};

static const struct example examples[] = {
    { "tocsin verify", NULL },
    { "tocsin verify --state /var/lib/tocsin --incident INC-7", "One incident." },
    { "tocsin verify --store tocsin.backup --key tocsin.backup.chain.key", "A backup." },
    { NULL, NULL },
};

struct verifying {
    const struct invocation *in;
    struct screen screen;
    uint8_t key[SEAL_KEY_BYTES];
    struct buf store, key_file, head;
    struct evidence_options o;
};

static int places(struct verifying *v, struct error *e)
{
    const char *store = given_value(v->in, "store"), *key = given_value(v->in, "key");
    struct buf dir = { 0 };
    const int rc = store != NULL && key != NULL ? 0 : client_state_dir(v->in, &dir, e);
    if (store != NULL)
        buf_add_str(&v->store, store);
    else
        buf_addf(&v->store, "%s/" DATABASE_NAME, buf_str(&dir));
    if (key != NULL)
        buf_add_str(&v->key_file, key);
    else
        buf_addf(&v->key_file, "%s/" CHAIN_KEY_NAME, buf_str(&dir));
    buf_release(&dir);
    return rc;
}

static int read_key(struct verifying *v, struct error *e)
{
    struct buf bytes = { 0 };
    int rc = file_read(buf_str(&v->key_file), 4096, &bytes, e);
    if (rc == 0 && bytes.len != sizeof v->key)
        rc = fail(e, ERR_INVALID, "%s holds %zu bytes instead of %zu: it is no key", buf_str(&v->key_file), bytes.len,
                  sizeof v->key);
    if (rc == 0) memcpy(v->key, bytes.p, sizeof v->key);
    if (bytes.p != NULL) explicit_bzero(bytes.p, bytes.cap);
    buf_release(&bytes);
    v->o.key = (struct slice){ (const char *)v->key, sizeof v->key };
    return rc;
}

static int read_options(struct verifying *v, struct error *e)
{
    const char *incident = given_value(v->in, "incident"), *head = given_value(v->in, "head");
    if (incident != NULL) value_incident(incident, &v->o.incident);
    for (const char *p = head; p != NULL && *p != '\0'; p++)
        buf_add_char(&v->head, *p >= 'A' && *p <= 'F' ? (char)(*p - 'A' + 'a') : *p);
    v->o.head = buf_slice(&v->head);
    if (head != NULL && v->o.head.n != 2 * SEAL_BYTES)
        return fail(e, ERR_SYNTAX, "--head takes all %d digits of a head", 2 * SEAL_BYTES);
    if (head != NULL && incident != NULL)
        return fail(e, ERR_SYNTAX, "--head is of the system's chain, which --incident leaves out: give one of them");
    return 0;
}

static void print_finding(struct verifying *v, const struct finding *f)
{
    struct buf text = { 0 };
    if (f->incident != 0)
        buf_addf(&text, "INC-%" PRId64, f->incident);
    else
        buf_add_str(&text, "system");
    if (f->seq != 0) buf_addf(&text, " entry %" PRId64, f->seq);
    screen_coloured(&v->screen, COLOUR_RED, buf_slice(&text));
    buf_addf(&v->screen.out, ": %s", buf_str(&f->what));
    if (f->place != 0) buf_addf(&v->screen.out, " (row %" PRId64 " of timeline)", f->place);
    buf_add_char(&v->screen.out, '\n');
    buf_release(&text);
}

static void print_counts(struct verifying *v, const struct evidence_report *r)
{
    struct buf *out = &v->screen.out;
    buf_addf(out, "%" PRId64 " incident%s, %" PRId64 " entr%s", r->incidents, r->incidents == 1 ? "" : "s", r->entries,
             r->entries == 1 ? "y" : "ies");
    if (v->o.incident == 0) buf_addf(out, ", %" PRId64 " link%s", r->links, r->links == 1 ? "" : "s");
    buf_add_str(out, ": ");
    if (r->findings.n == 0)
        screen_coloured(&v->screen, COLOUR_GREEN, S("sound"));
    else
        screen_coloured(&v->screen, COLOUR_RED, S("not what was sealed"));
    buf_add_char(out, '\n');
    if (r->unsealed > 0)
        buf_addf(out, "%" PRId64 " entries are older than the chain and not covered by it\n", r->unsealed);
    if (r->without_text > 0) buf_addf(out, "of %" PRId64 " entries the text was taken out\n", r->without_text);
    if (r->named.id != 0) {
        buf_addf(out, "the head named is link %" PRId64 " of ", r->named.id);
        screen_time(&v->screen, r->named.wall);
        buf_add_char(out, '\n');
    }
    if (r->last.id == 0) return;
    buf_add_str(out, "head ");
    buf_add_hex(out, (struct slice){ (const char *)r->head, SEAL_BYTES });
    buf_addf(out, ", link %" PRId64 " of ", r->last.id);
    screen_time(&v->screen, r->last.wall);
    buf_add_char(out, '\n');
}

/* --- for programs --- */

static void json_finding(struct buf *out, const struct finding *f)
{
    buf_add_str(out, "{\"incident\":");
    if (f->incident != 0)
        buf_addf(out, "\"INC-%" PRId64 "\"", f->incident);
    else
        buf_add_str(out, "null");
    buf_addf(out, ",\"seq\":%" PRId64 ",\"place\":%" PRId64 ",\"what\":", f->seq, f->place);
    buf_add_json(out, buf_slice(&f->what));
    buf_add_char(out, '}');
}

static void json_link(struct buf *out, const char *name, const struct chain_link *l)
{
    buf_addf(out, ",\"%s\":", name);
    if (l->id == 0) {
        buf_add_str(out, "null");
        return;
    }
    buf_addf(out, "{\"link\":%" PRId64 ",\"at\":\"", l->id);
    civil_format_rfc3339(out, l->wall, 0, true);
    buf_add_str(out, "\"}");
}

static void print_json(struct verifying *v, const struct evidence_report *r)
{
    struct buf *out = &v->screen.out;
    buf_addf(out, "{\"sound\":%s,\"incidents\":%" PRId64 ",\"entries\":%" PRId64 ",\"links\":%" PRId64,
             r->findings.n == 0 ? "true" : "false", r->incidents, r->entries, r->links);
    buf_addf(out, ",\"unsealed\":%" PRId64 ",\"without_text\":%" PRId64, r->unsealed, r->without_text);
    json_link(out, "last", &r->last);
    buf_add_str(out, ",\"head\":");
    if (r->last.id != 0) buf_add_char(out, '"');
    if (r->last.id != 0)
        buf_add_hex(out, (struct slice){ (const char *)r->head, SEAL_BYTES });
    else
        buf_add_str(out, "null");
    if (r->last.id != 0) buf_add_char(out, '"');
    json_link(out, "named", &r->named);
    buf_add_str(out, ",\"findings\":[");
    for (size_t i = 0; i < r->findings.n; i++) {
        if (i > 0) buf_add_char(out, ',');
        json_finding(out, &r->findings.v[i]);
    }
    buf_add_str(out, "]}\n");
}

static void print_text(struct verifying *v, const struct evidence_report *r)
{
    for (size_t i = 0; i < r->findings.n; i++) print_finding(v, &r->findings.v[i]);
    print_counts(v, r);
}

static int verify(struct verifying *v, int *status, struct error *e)
{
    struct store_reader *r = NULL;
    struct evidence_report result = { 0 };
    int rc = read_options(v, e);
    if (rc == 0) rc = store_reader_open_file(buf_str(&v->store), &r, e);
    if (rc == 0) rc = read_key(v, e);
    if (rc == 0) rc = store_read_begin_unlimited(r, e);
    if (rc == 0) rc = evidence_check(r, &v->o, &result, e);
    if (rc == 0) {
        if (v->in->json)
            print_json(v, &result);
        else
            print_text(v, &result);
        *status = result.findings.n == 0 ? EXIT_DONE : EXIT_REFUSED;
    }
    evidence_release(&result);
    store_reader_close(&r);
    return rc;
}

static int run(struct invocation *in)
{
    struct verifying v = { .in = in };
    struct error e = { 0 }, printing = { 0 };
    int status = EXIT_USAGE;
    screen_open(&v.screen);
    v.screen.out.max = (size_t)64 << 20;
    int rc = places(&v, &e);
    if (rc == 0) rc = verify(&v, &status, &e);
    explicit_bzero(v.key, sizeof v.key);
    buf_release(&v.store);
    buf_release(&v.key_file);
    buf_release(&v.head);
    if (screen_close(&v.screen, &printing) < 0) return command_fail(in, EXIT_USAGE, "%s", printing.detail);
    return rc < 0 ? command_fail(in, EXIT_USAGE, "%s", e.detail) : status;
}

const struct command command_verify = {
    .name = "verify",
    .summary = "Check that the recorded history is the one that was sealed, whole and in order.",
    .parameters = parameters,
    .examples = examples,
    .more =
        "Recomputes every entry's seal and every link of the chain, and folds each incident's timeline to compare it "
        "with the incident. Changes nothing, asks no server, works beside one that runs; it needs to read the state "
        "directory. Of each incident the first place that does not fit is printed.\n\n"
        "What is cut off at the end leaves no trace inside: name a head that left the machine with --head. "
        "docs/evidence.md says what is covered and what is not.\n\n"
        "Exit status: 0 sound, 1 something does not fit, 2 the history could not be looked at.",
    .flags = HAS_FORMAT,
    .run = run,
};
