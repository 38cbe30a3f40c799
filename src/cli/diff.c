/* diff.c - tocsin diff: what two documents do differently, told in sentences (R9). */
#include "procedures/diff_set.h"

#include <stdio.h>
#include <string.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/documents.h"
#include "cli/screen.h"
#include "procedures/print.h"

static const struct parameter parameters[] = {
    { .name = "old",
      .kind = VALUE_FILE,
      .required = true,
      .what = "What was: a document, a site (.yaml) for the documents that it names, or a folder with either." },
    { .name = "new", .kind = VALUE_FILE, .required = true, .what = "What is to be." },
    { .name = "quiet", .kind = VALUE_SWITCH, .option = true, .what = "Leave out what only reads differently." },
    { .name = "format",
      .kind = VALUE_CHOICE,
      .option = true,
      .choices = "text json markdown",
      .what = "How to print: text for people (the default), markdown for a comment, json for programs." },
    { 0 },
};

static const struct example examples[] = {
    { "tocsin diff procedures.md new.md", NULL },
    { "tocsin diff main.md procedures.md --format markdown", "What a branch changes, as a comment for its reviewers." },
    { "tocsin diff main/site.yaml site.yaml", "All documents of both: for everybody, then for each team." },
    { NULL, NULL },
};

#define DIFF_MAX ((size_t)64 << 20)

static int print_diff(const struct invocation *in, const struct procedures_set *old, const struct procedures_set *new,
                      struct screen *s)
{
    const char *format = given_value(in, "format");
    const struct diff_print how = { .old_name = slice_of(given_value(in, "old")),
                                    .new_name = slice_of(given_value(in, "new")),
                                    .colour = s->colour,
                                    .quiet = given_switch(in, "quiet") };
    struct set_diff d;
    procedures_diff_sets(in->arena, old, new, &d);
    if (format != NULL && strcmp(format, "json") == 0)
        set_diff_print_json(&d, &how, &s->out);
    else if (format != NULL && strcmp(format, "markdown") == 0)
        set_diff_print_markdown(&d, &how, &s->out);
    else
        set_diff_print_text(&d, &how, &s->out);
    return d.behaviour > 0 ? 1 : 0;
}

static struct procedures_set *side_read(const struct invocation *in, const char *name, struct documents *d)
{
    return documents_named(in, given_value(in, name), d) ? documents_compile(in, d) : NULL;
}

/* Which side no server takes, and why: before the differences, or beside them where they are for programs. */
static void say_broken(const struct invocation *in, const char *side, const struct procedures_set *set, struct screen *s)
{
    const char *format = given_value(in, "format");
    const bool markdown = format != NULL && strcmp(format, "markdown") == 0;
    struct buf aside = { 0 }, *out = format != NULL && strcmp(format, "json") == 0 ? &aside : &s->out;
    if (set->errors == 0) return;
    if (markdown) buf_addf(out, "**%s does not compile.** A server refuses it:\n\n", given_value(in, side));
    for (size_t i = 0; i < set->n; i++) {
        if (set->docs[i]->errors == 0) continue;
        if (markdown)
            diff_print_errors_markdown(set->docs[i], out);
        else
            diagnostics_print(set->docs[i], &(struct print_options){ .colour = s->colour && out != &aside, .per_code = 3 },
                              out);
    }
    if (markdown)
        buf_add_str(out, "\nOf what could be read:\n\n");
    else
        buf_addf(out, "%s does not compile: a server refuses it. Below: what could be read.\n\n", given_value(in, side));
    fwrite(aside.p, 1, aside.len, stderr);
    buf_release(&aside);
}

static int run(struct invocation *in)
{
    struct screen s;
    struct error e = { 0 };
    struct documents before = { .n = 0 }, after = { .n = 0 };
    int status = 2;
    screen_open(&s);
    s.out.max = DIFF_MAX;
    struct procedures_set *old = side_read(in, "old", &before), *new = side_read(in, "new", &after);
    if (old != NULL && new != NULL) {
        say_broken(in, "old", old, &s);
        say_broken(in, "new", new, &s);
        status = print_diff(in, old, new, &s);
        if (old->errors + new->errors > 0) status = 2;
    }
    procedures_set_destroy(&old);
    procedures_set_destroy(&new);
    site_destroy(&before.site);
    site_destroy(&after.site);
    return screen_close(&s, &e) < 0 ? command_fail(in, EXIT_USAGE, "%s", e.detail) : status;
}

const struct command command_diff = {
    .name = "diff",
    .summary = "Compare what two procedures documents do: who is paged when, which steps, which paths.",
    .parameters = parameters,
    .examples = examples,
    .more =
        "Behaviour, not text: lines that moved, prose and repaired characters are no difference. What only reads "
        "differently stands apart, at the end. Of several documents what changes for everybody is told once, then what "
        "changes for each team beyond that; a folder without site.yaml is all of its .md files, in the order of their "
        "names.\n\n"
        "A document with errors is compared by what could be read of it, below its errors.\n\n"
        "Exit status: 0 the same behaviour, 1 another, 2 a document does not compile.",
    .run = run,
};
