/* documents.c - see documents.h. */
#include "cli/documents.h"

#include <stdio.h>
#include <unistd.h>

#include "cli/client.h"
#include "procedures/print.h"
#include "sys/clock.h"
#include "sys/files.h"

static bool too_many(const struct invocation *in, size_t n)
{
    if (n <= DOCUMENTS_MAX) return false;
    command_fail(in, EXIT_USAGE, "%zu documents: %d at most make one policy", n, DOCUMENTS_MAX);
    return true;
}

bool documents_given(const struct invocation *in, const char *parameter, struct documents *out)
{
    const struct given *files = given_values(in, parameter);
    if (too_many(in, files->n)) return false;
    for (size_t i = 0; i < files->n; i++) out->paths[i] = slice_of(files->v[i]);
    out->n = files->n;
    return true;
}

bool documents_of_site(const struct invocation *in, const struct site *site, struct documents *out)
{
    if (too_many(in, site->n_procedures)) return false;
    for (size_t i = 0; i < site->n_procedures; i++) out->paths[i] = site->procedures[i];
    out->n = site->n_procedures;
    return true;
}

static bool files_read(const struct invocation *in, const struct documents *d, struct procedures_file *files)
{
    bool good = true;
    for (size_t i = 0; i < d->n; i++) {
        struct buf bytes = { .max = PROCEDURES_MAX_BYTES };
        struct error e = { 0 };
        if (file_read(d->paths[i].p, PROCEDURES_MAX_BYTES, &bytes, &e) < 0) {
            command_fail(in, EXIT_USAGE, "%s", e.detail);
            good = false;
        }
        files[i] = (struct procedures_file){ d->paths[i], arena_copy(in->arena, buf_slice(&bytes)) };
        buf_release(&bytes);
    }
    return good;
}

static bool all_compiled(const struct invocation *in, const struct procedures_set *s, const struct documents *d)
{
    bool good = true;
    for (size_t i = 0; i < s->n; i++) {
        const struct error *e = &s->failures[i];
        if (s->docs[i] != NULL) continue;
        good = false;
        if (e->line > 0)
            command_fail(in, EXIT_USAGE, "%s:%u:%u: %s", d->paths[i].p, e->line, e->col, e->detail);
        else
            command_fail(in, EXIT_USAGE, "%s: %s", d->paths[i].p, e->detail);
    }
    return good;
}

struct procedures_set *documents_compile(const struct invocation *in, const struct documents *d)
{
    const struct set_options o = { .today = clock_stamp_ms() / DAY };
    struct procedures_file files[DOCUMENTS_MAX];
    struct procedures_set *s = NULL;
    if (!files_read(in, d, files)) return NULL;
    s = procedures_set_compile(files, d->n, &o);
    if (!all_compiled(in, s, d)) procedures_set_destroy(&s);
    return s;
}

struct procedures_set *documents_require(const struct invocation *in, const struct documents *d, struct screen *s)
{
    struct procedures_set *set = documents_compile(in, d);
    if (set == NULL || set->errors == 0) return set;
    for (size_t i = 0; i < set->n; i++)
        if (set->docs[i]->errors > 0)
            diagnostics_print(set->docs[i], &(struct print_options){ .colour = s->colour, .per_code = 3 }, &s->out);
    procedures_set_destroy(&set);
    return NULL;
}

struct compiled documents_whole(const struct procedures_set *s)
{
    return s->n > 1 ? procedures_set_compiled(s, &s->policy) : *s->docs[0];
}

struct site *documents_site(const struct invocation *in, const char *path)
{
    struct problems *p = problems_create();
    struct site *site = NULL;
    struct buf text = { 0 };
    (void)in;
    if (site_load(path, &site, p) < 0) {
        site_destroy(&site);
        problems_print(p, &text);
        fwrite(text.p, 1, text.len, stderr);
    }
    buf_release(&text);
    problems_destroy(&p);
    return site;
}
