/* documents.c - see documents.h. */
#include "cli/documents.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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
    for (size_t i = 0; i < site->n_procedures; i++)
        out->paths[i] = site->procedures[i], out->scenarios[i] = site->attached[i];
    out->n = site->n_procedures;
    return true;
}

/* --- by one word --- */

static struct slice path_in(const struct invocation *in, const char *folder, const char *name)
{
    struct buf path = { 0 };
    buf_addf(&path, "%s%s%s", folder, slice_has_suffix(slice_of(folder), S("/")) ? "" : "/", name);
    struct slice kept = arena_copy(in->arena, buf_slice(&path));
    buf_release(&path);
    return kept;
}

static int is_markdown(const struct dirent *d)
{
    return slice_has_suffix(slice_of(d->d_name), S(".md"));
}

/* In the order of their names. */
static bool folder_read(const struct invocation *in, const char *path, struct documents *out)
{
    struct dirent **found = NULL;
    const int n = scandir(path, &found, is_markdown, alphasort);
    bool good = n > 0 && !too_many(in, (size_t)n);
    if (n < 0) command_fail(in, EXIT_USAGE, "%s: %s", path, strerror(errno));
    if (n == 0) command_fail(in, EXIT_USAGE, "%s: no site.yaml and no document (.md) in this folder", path);
    for (int i = 0; i < n; i++) {
        if (good) out->paths[out->n++] = path_in(in, path, found[i]->d_name);
        free(found[i]);
    }
    free(found);
    return good;
}

static bool site_read(const struct invocation *in, const char *path, struct documents *out)
{
    out->site = documents_site(in, path);
    return out->site != NULL && documents_of_site(in, out->site, out);
}

bool documents_named(const struct invocation *in, const char *path, struct documents *out)
{
    const struct slice name = slice_of(path);
    struct stat st;
    *out = (struct documents){ .n = 0 };
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
        const struct slice site = path_in(in, path, "site.yaml");
        return access(site.p, F_OK) == 0 ? site_read(in, site.p, out) : folder_read(in, path, out);
    }
    if (slice_has_suffix(name, S(".yaml")) || slice_has_suffix(name, S(".yml"))) return site_read(in, path, out);
    out->paths[out->n++] = name;
    return true;
}

/* --- reading and compiling --- */

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
        files[i] = (struct procedures_file){ d->paths[i], arena_copy(in->arena, buf_slice(&bytes)), d->scenarios[i] };
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
