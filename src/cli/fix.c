/* fix.c - tocsin fix: mends a document by byte patches that change no rule (R6, R7). */
#include "procedures/mend.h"

#include <unistd.h>

#include "base/arena.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/screen.h"
#include "procedures/diff.h"
#include "procedures/dump.h"
#include "procedures/print.h"
#include "sys/files.h"

static const struct parameter parameters[] = {
    { .name = "file", .kind = VALUE_FILE, .required = true, .what = "The document to mend." },
    { .name = "dry-run",
      .kind = VALUE_SWITCH,
      .option = true,
      .what = "Show the change as a unified diff, write nothing." },
    { 0 },
};

static const struct example examples[] = {
    { "tocsin fix procedures.md --dry-run", NULL },
    { "tocsin fix procedures.md", NULL },
    { NULL, NULL },
};

struct fixing {
    const struct invocation *in;
    const char *path;
    bool dry;
    struct buf before, after;
    struct mends mends;
    struct screen screen;
};

static void print_json(struct fixing *f)
{
    struct buf *out = &f->screen.out;
    buf_add_str(out, "{\"file\":");
    buf_add_json(out, slice_of(f->path));
    buf_addf(out, ",\"written\":%s,\"lines_left\":%u,\"patches\":", !f->dry && f->mends.n > 0 ? "true" : "false",
             f->mends.left);
    patches_print_json(buf_slice(&f->before), f->mends.v, f->mends.n, out);
    buf_add_str(out, "}\n");
}

/* On a terminal control characters of the document are shown, elsewhere the bytes are those that patch(1) needs. */
static void print_unified(struct fixing *f)
{
    struct buf text = { .max = (size_t)8 << 20 };
    patches_print_unified(buf_slice(&f->before), f->mends.v, f->mends.n, slice_of(f->path), &text);
    if (isatty(STDOUT_FILENO))
        screen_text(&f->screen, buf_slice(&text));
    else
        buf_add(&f->screen.out, buf_slice(&text));
    buf_release(&text);
}

static void print_summary(struct fixing *f)
{
    struct buf *out = &f->screen.out;
    const struct mends *m = &f->mends;
    if (m->n == 0)
        buf_addf(out, "%s: nothing to mend\n", f->path);
    else
        buf_addf(out, "%s: %zu character%s that were encoded twice, on %u line%s, mended; no rule changed\n", f->path,
                 m->n, m->n == 1 ? "" : "s", m->lines, m->lines == 1 ? "" : "s");
    if (m->left > 0)
        buf_addf(out, "%s:%u: %u line%s encoded more than twice: to mend by hand\n", f->path, m->first_left, m->left,
                 m->left == 1 ? " is" : "s are");
}

/* R6, before anything is written: both compile to the same policy, to the last id. */
static bool is_same_policy(struct fixing *f, struct error *e)
{
    struct compiled *old = procedures_compile(buf_slice(&f->before), slice_of(f->path), NULL, e);
    struct compiled *new = procedures_compile(buf_slice(&f->after), slice_of(f->path), NULL, e);
    struct buf a = { .max = (size_t)64 << 20 }, b = { .max = (size_t)64 << 20 };
    struct policy_diff d = { 0 };
    bool same = false;
    if (old != NULL && new != NULL) {
        policy_dump(&old->policy, &a);
        policy_dump(&new->policy, &b);
        procedures_diff(f->in->arena, old, new, &d);
        same = slice_eq(buf_slice(&a), buf_slice(&b)) && d.n == 0;
    }
    compiled_destroy(&old);
    compiled_destroy(&new);
    buf_release(&a);
    buf_release(&b);
    return same;
}

static int mend(struct fixing *f, struct error *e)
{
    int rc = file_read(f->path, PROCEDURES_MAX_BYTES, &f->before, e);
    if (rc == 0) rc = mends_find(f->in->arena, buf_slice(&f->before), &f->mends, e);
    if (rc == 0) rc = patches_apply(buf_slice(&f->before), f->mends.v, f->mends.n, &f->after, NULL, e);
    if (rc < 0 || f->mends.n == 0) return rc;
    if (!is_same_policy(f, e))
        return fail(e, ERR_BUG, "%s would say something else once mended; nothing was written", f->path);
    return f->dry ? 0 : file_rewrite(f->path, buf_slice(&f->after), e);
}

static int run(struct invocation *in)
{
    struct fixing f = { .in = in,
                        .path = given_value(in, "file"),
                        .dry = given_switch(in, "dry-run"),
                        .before = { .max = PROCEDURES_MAX_BYTES },
                        .after = { .max = PROCEDURES_MAX_BYTES } };
    struct error e = { 0 };
    int status = 2;
    screen_open(&f.screen);
    f.screen.out.max = (size_t)64 << 20;
    if (mend(&f, &e) < 0) {
        command_fail(in, status, "%s", e.detail);
    } else {
        status = f.dry && f.mends.n > 0 ? 1 : 0;
        if (in->json)
            print_json(&f);
        else if (f.dry && f.mends.n > 0)
            print_unified(&f);
        else
            print_summary(&f);
    }
    buf_release(&f.before);
    buf_release(&f.after);
    return screen_close(&f.screen, &e) < 0 ? command_fail(in, EXIT_USAGE, "%s", e.detail) : status;
}

const struct command command_fix = {
    .name = "fix",
    .summary = "Mend a document's twice-encoded characters; every other byte stays.",
    .parameters = parameters,
    .examples = examples,
    .more =
        "Mends only what the compiler already reads as mended, so that no rule changes: both versions are compiled and "
        "compared before anything is written. The file is replaced whole and keeps its mode.\n\n"
        "Exit status: 0 mended or nothing to mend, 1 something to mend (--dry-run), 2 the file cannot be read or "
        "written.",
    .flags = HAS_FORMAT,
    .run = run,
};
