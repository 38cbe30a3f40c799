/* bundle_compile.c - the site's files become bytes, and bytes become policy and routing. */
#include "base/arena.h"
#include "base/check.h"
#include "base/vec.h"
#include "engine/bundle_inner.h"
#include "procedures/dump.h"
#include "procedures/merge.h"
#include "procedures/print.h"
#include "site/routing.h"
#include "site/site.h"
#include "sys/files.h"

/* --- from the disk -------------------------------------------------------------------------------------------------- */

static struct slice base_name(struct slice path)
{
    size_t at = path.n;
    while (at > 0 && path.p[at - 1] != '/') at--;
    return slice_from(path, at);
}

static int read_one(enum bundle_kind kind, struct slice path, struct buf *out, struct error *e)
{
    struct buf bytes = { .max = PROCEDURES_MAX_BYTES };
    const int rc = file_read(path.p, PROCEDURES_MAX_BYTES, &bytes, e); /* the site's paths end with NUL */
    if (rc == 0) bundle_add_file(out, &(struct bundle_file){ kind, base_name(path), buf_slice(&bytes) });
    buf_release(&bytes);
    return rc;
}

/* What the site says of its runbooks is part of the procedures: the same bytes give the same policy (R4). */
static void add_attached(const struct site *site, struct buf *out)
{
    struct buf text = { 0 };
    for (size_t i = 0; i < site->n_procedures; i++) {
        if (site->attached[i].n == 0) continue;
        buf_add(&text, site->attached[i]);
        buf_add_char(&text, '\t');
        buf_add(&text, base_name(site->procedures[i]));
        buf_add_char(&text, '\n');
    }
    if (text.len > 0) bundle_add_file(out, &(struct bundle_file){ BUNDLE_RUNBOOKS, S("runbooks"), buf_slice(&text) });
    buf_release(&text);
}

int bundle_read(const struct site *site, struct buf *out, struct error *e)
{
    out->max = BUNDLE_MAX_BYTES;
    for (size_t i = 0; i < site->n_procedures; i++) {
        const int rc = read_one(BUNDLE_PROCEDURES, site->procedures[i], out, e);
        if (rc < 0) return rc;
    }
    add_attached(site, out);
    if (site->routing.n > 0) {
        const int rc = read_one(BUNDLE_ROUTING, site->routing, out, e);
        if (rc < 0) return rc;
    }
    return out->overflow ? fail(e, ERR_LIMIT, "procedures and routing together are larger than %zu bytes", out->max)
                         : 0;
}

/* --- compiling ------------------------------------------------------------------------------------------------------ */

static void report_diagnostics(const struct compiled *c, enum diagnostic_level level, struct buf *report)
{
    for (size_t i = 0; i < c->n_diagnostics; i++) {
        const struct diagnostic *d = &c->diagnostics[i];
        if (d->level != level) continue; /* notes are for `tocsin check` */
        buf_add(report, c->file_name);
        buf_addf(report, ":%u:%u: %s[", d->line, d->col, diagnostic_level_name(d->level));
        buf_add(report, d->code);
        buf_add_str(report, "]: ");
        buf_add(report, d->message);
        if (d->suggestion.n > 0) buf_add_str(report, "; instead: ");
        buf_add(report, d->suggestion);
        buf_add_char(report, '\n');
    }
}

static int report_unread(const struct procedures_file *f, const struct error *why, struct buf *report, struct error *e)
{
    compile_error_print(f->name, why, false, report);
    if (e != NULL) *e = *why;
    return why->code;
}

/* All documents of the bundle together: the organisation's, and those that extend it. The days of overrides are not
 * judged here: a bundle that was fit to activate stays fit to run (R13). */
static int compile_procedures(struct live_bundle *b, const struct procedures_file *files, size_t n, struct buf *report,
                              struct error *e)
{
    const struct set_options o = { .today = 0 };
    if (n == 0) return fail(e, ERR_INVALID, "the bundle holds no procedures document");
    b->set = procedures_set_compile(files, n, &o);
    b->compiled = b->set->docs[b->set->organisation];
    b->name = files[b->set->organisation].name;
    for (size_t i = 0; i < n; i++) {
        if (b->set->docs[i] == NULL) return report_unread(&files[i], &b->set->failures[i], report, e);
        report_diagnostics(b->set->docs[i], DIAGNOSTIC_ERROR, report);
    }
    for (size_t i = 0; i < n; i++) {
        const unsigned errors = b->set->docs[i]->errors;
        if (errors > 0)
            return fail(e, ERR_SYNTAX, "%.*s has %u error%s: see `tocsin check`", (int)files[i].name.n, files[i].name.p,
                        errors, errors == 1 ? "" : "s");
    }
    for (size_t i = 0; i < n; i++) report_diagnostics(b->set->docs[i], DIAGNOSTIC_WARNING, report);
    b->policy = &b->set->policy;
    return 0;
}

static int compile_routing(struct live_bundle *b, const struct bundle_file *f, const struct site *site,
                           struct buf *report, struct error *e)
{
    struct problems *problems = problems_create();
    const int rc = routing_load_bytes(b->arena, f->name, f->bytes, site, &b->own_routing, problems);
    problems_print(problems, report);
    if (rc < 0)
        fail(e, rc, "%.*s has %zu error%s", (int)f->name.n, f->name.p, problems_errors(problems),
             problems_errors(problems) == 1 ? "" : "s");
    problems_destroy(&problems);
    return rc;
}

static void attach(struct procedures_file *documents, size_t n, struct slice lines)
{
    while (lines.n > 0) {
        struct slice line = slice_cut(&lines, '\n');
        const struct slice scenario = slice_cut(&line, '\t');
        for (size_t i = 0; i < n; i++)
            if (slice_eq(documents[i].name, line)) documents[i].scenario = scenario;
    }
}

static int compile_files(struct live_bundle *b, const struct site *site, struct buf *report, struct error *e)
{
    struct bundle_file files[BUNDLE_FILES_MAX];
    const int n = bundle_files(buf_slice(&b->bytes), files, COUNT_OF(files), e);
    if (n < 0) return n;
    struct procedures_file documents[BUNDLE_FILES_MAX];
    size_t n_documents = 0;
    for (int i = 0; i < n; i++)
        if (files[i].kind == BUNDLE_PROCEDURES)
            documents[n_documents++] = (struct procedures_file){ .name = files[i].name, .bytes = files[i].bytes };
    for (int i = 0; i < n; i++)
        if (files[i].kind == BUNDLE_RUNBOOKS) attach(documents, n_documents, files[i].bytes);
    int rc = compile_procedures(b, documents, n_documents, report, e);
    for (int i = 0; i < n && rc == 0; i++)
        if (files[i].kind == BUNDLE_ROUTING) rc = compile_routing(b, &files[i], site, report, e);
    return rc;
}

static void add_interpretations(const struct compiled *c, struct buf *text)
{
    for (size_t i = 0; i < c->n_interpretations; i++) {
        const struct interpretation *in = &c->interpretations[i];
        buf_addf(text, "%.*s %u %.*s\n", (int)in->code.n, in->code.p, in->line, (int)in->reading.n, in->reading.p);
    }
}

int64_t bundle_interpretations(const struct live_bundle *b)
{
    struct buf text = { 0 };
    for (size_t i = 0; b->set != NULL && i < b->set->n; i++) add_interpretations(b->set->docs[i], &text);
    const int64_t hash = bundle_hash(buf_slice(&text));
    buf_release(&text);
    return hash;
}

/* Of what the documents compile to, for the organisation and each team, and of their readings. */
static int64_t compiled_hash(const struct live_bundle *b)
{
    struct buf text = { 0 };
    policy_dump(b->policy, &text);
    for (size_t i = 0; i < b->policy->n_views; i++) policy_dump(b->policy->views[i].policy, &text);
    for (size_t i = 0; i < b->set->n; i++) add_interpretations(b->set->docs[i], &text);
    const int64_t hash = bundle_hash(buf_slice(&text));
    buf_release(&text);
    return hash;
}

int bundle_judge_days(const struct live_bundle *b, int64_t today, struct buf *said, struct error *e)
{
    struct buf lines = { 0 };
    int rc = 0;
    if (b->set != NULL && procedures_set_override(b->set, today, &lines) == OVERRIDE_ENDED)
        rc = fail(e, ERR_CONFLICT, "a leave to be weaker has ended: %.*s",
                  (int)slice_find_char(buf_slice(&lines), '\n'), buf_str(&lines));
    buf_add(said, buf_slice(&lines));
    buf_release(&lines);
    return rc;
}

/* Sentences that page somebody else as time passes. */
static size_t escalations(const struct policy *p)
{
    size_t n = 0;
    for (size_t i = 0; i < p->n_rules; i++)
        n += p->rules[i].page && (p->rules[i].when == RULE_NO_RESPONSE || p->rules[i].when == RULE_NO_RESOLUTION);
    return n;
}

static int judge_lost(const struct policy *now, const struct policy *fresh, struct slice team, struct error *e)
{
    const size_t n = escalations(now);
    if (n == 0 || escalations(fresh) > 0) return 0;
    return fail(e, ERR_CONFLICT, "no escalation rule is left%s%.*s, of %zu in force; if that is meant, an approver says so: "
                "`activation: by-approver`", team.n > 0 ? " for team " : "", (int)slice_upto_rune(team, 40).n, team.p, n);
}

int bundle_judge_loss(const struct live_bundle *now, const struct live_bundle *fresh, struct error *e)
{
    int rc = judge_lost(now->policy, fresh->policy, S(""), e);
    for (size_t i = 0; rc == 0 && i < now->policy->n_views; i++) {
        const struct policy_view *v = &now->policy->views[i];
        const struct slice service = v->n_services > 0 ? v->services[0] : S("");
        rc = judge_lost(v->policy, policy_for(fresh->policy, v->team, service), v->team, e);
    }
    return rc;
}

void bundle_describe(const struct live_bundle *b, struct event_bundle *out)
{
    out->policy = b->policy;
    out->routing = b->routing;
    out->bytes = bundle_bytes(b);
    out->hash = bundle_hash(out->bytes);
    out->compiler = S(TOCSIN_VERSION);
    out->interpretations = bundle_interpretations(b);
    out->compiled = b->set == NULL ? 0 : compiled_hash(b);
}

static void drop_compiled(struct live_bundle *b)
{
    routing_release(&b->own_routing);
    procedures_set_destroy(&b->set);
}

struct live_bundle *bundle_create(struct slice bytes, const struct site *site, struct buf *report, struct error *e)
{
    if (bytes.n > BUNDLE_MAX_BYTES) {
        fail(e, ERR_LIMIT, "the bundle is larger than %zu bytes", BUNDLE_MAX_BYTES);
        return NULL;
    }
    struct live_bundle *b = bundle_make(bytes);
    b->drop = drop_compiled;
    if (compile_files(b, site, report, e) < 0) bundle_release(&b);
    return b;
}
