/* bundle_compile.c - the site's files become bytes, and bytes become policy and routing. */
#include "base/arena.h"
#include "base/check.h"
#include "base/vec.h"
#include "engine/bundle_inner.h"
#include "procedures/compile.h"
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

int bundle_read(const struct site *site, struct buf *out, struct error *e)
{
    out->max = BUNDLE_MAX_BYTES;
    for (size_t i = 0; i < site->n_procedures; i++) {
        const int rc = read_one(BUNDLE_PROCEDURES, site->procedures[i], out, e);
        if (rc < 0) return rc;
    }
    if (site->routing.n > 0) {
        const int rc = read_one(BUNDLE_ROUTING, site->routing, out, e);
        if (rc < 0) return rc;
    }
    return out->overflow ? fail(e, ERR_LIMIT, "procedures and routing together are larger than %zu bytes", out->max)
                         : 0;
}

/* --- compiling ------------------------------------------------------------------------------------------------------ */

static void report_diagnostics(const struct compiled *c, struct buf *report)
{
    for (size_t i = 0; i < c->n_diagnostics; i++) {
        const struct diagnostic *d = &c->diagnostics[i];
        if (d->level == DIAGNOSTIC_NOTE) continue; /* `tocsin check` shows them */
        buf_add(report, c->file_name);
        buf_addf(report, ":%u:%u: %s: ", d->line, d->col, diagnostic_level_name(d->level));
        buf_add(report, d->message);
        buf_add_char(report, '\n');
    }
}

static int compile_procedures(struct live_bundle *b, const struct bundle_file *f, struct buf *report, struct error *e)
{
    if (b->compiled != NULL)
        return fail(e, ERR_INVALID, "more than one procedures document: this version runs one, %.*s is the second",
                    (int)f->name.n, f->name.p);
    b->compiled = procedures_compile(f->bytes, f->name, NULL, e);
    if (b->compiled == NULL) return e->code;
    b->name = f->name;
    b->policy = &b->compiled->policy;
    report_diagnostics(b->compiled, report);
    if (b->compiled->errors == 0) return 0;
    return fail(e, ERR_SYNTAX, "%.*s has %u error%s: see `tocsin check`", (int)f->name.n, f->name.p,
                b->compiled->errors, b->compiled->errors == 1 ? "" : "s");
}

static int compile_routing(struct live_bundle *b, const struct bundle_file *f, const struct site *site,
                           struct buf *report, struct error *e)
{
    struct problems *problems = problems_create();
    const int rc = routing_load_bytes(b->arena, f->name, f->bytes, site, &b->own_routing, problems);
    problems_print(problems, report);
    if (rc < 0) fail(e, rc, "%.*s has %zu errors", (int)f->name.n, f->name.p, problems_errors(problems));
    problems_destroy(&problems);
    return rc;
}

static int compile_files(struct live_bundle *b, const struct site *site, struct buf *report, struct error *e)
{
    struct bundle_file files[BUNDLE_FILES_MAX];
    const int n = bundle_files(buf_slice(&b->bytes), files, COUNT_OF(files), e);
    if (n < 0) return n;
    for (int i = 0; i < n; i++) {
        const int rc = files[i].kind == BUNDLE_ROUTING ? compile_routing(b, &files[i], site, report, e)
                                                       : compile_procedures(b, &files[i], report, e);
        if (rc < 0) return rc;
    }
    return b->policy != NULL ? 0 : fail(e, ERR_INVALID, "the bundle holds no procedures document");
}

int64_t bundle_interpretations(const struct live_bundle *b)
{
    struct buf text = { 0 };
    for (size_t i = 0; b->compiled != NULL && i < b->compiled->n_interpretations; i++) {
        const struct interpretation *in = &b->compiled->interpretations[i];
        buf_addf(&text, "%.*s %u %.*s\n", (int)in->code.n, in->code.p, in->line, (int)in->reading.n, in->reading.p);
    }
    const int64_t hash = bundle_hash(buf_slice(&text));
    buf_release(&text);
    return hash;
}

void bundle_describe(const struct live_bundle *b, struct event_bundle *out)
{
    out->policy = b->policy;
    out->routing = b->routing;
    out->bytes = bundle_bytes(b);
    out->hash = bundle_hash(out->bytes);
    out->compiler = S(TOCSIN_VERSION);
    out->interpretations = bundle_interpretations(b);
}

static void drop_compiled(struct live_bundle *b)
{
    routing_release(&b->own_routing);
    compiled_destroy(&b->compiled);
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
