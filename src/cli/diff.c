/* diff.c - tocsin diff: what two documents do differently, told in sentences (R9). */
#include "procedures/diff.h"

#include <string.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/screen.h"
#include "procedures/print.h"
#include "sys/files.h"

static const struct parameter parameters[] = {
    { .name = "old", .kind = VALUE_FILE, .required = true, .what = "The document as it was." },
    { .name = "new", .kind = VALUE_FILE, .required = true, .what = "The document as it is to be." },
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
    { NULL, NULL },
};

#define DIFF_MAX ((size_t)64 << 20)

/* NULL when it does not compile: what is wrong has been printed. */
static struct compiled *document_read(const char *path, struct screen *s)
{
    struct buf bytes = { .max = PROCEDURES_MAX_BYTES };
    struct error e = { 0 };
    struct compiled *doc = NULL;
    if (file_read(path, PROCEDURES_MAX_BYTES, &bytes, &e) == 0)
        doc = procedures_compile(buf_slice(&bytes), slice_of(path), NULL, &e);
    if (doc == NULL) {
        compile_error_print(slice_of(path), &e, s->colour, &s->out);
    } else if (doc->errors > 0) {
        diagnostics_print(doc, &(struct print_options){ .colour = s->colour, .per_code = 3 }, &s->out);
        compiled_destroy(&doc);
    }
    buf_release(&bytes);
    return doc;
}

static int print_diff(const struct invocation *in, const struct compiled *old, const struct compiled *new,
                      struct screen *s)
{
    const char *format = given_value(in, "format");
    const struct diff_print how = { .old_name = slice_of(given_value(in, "old")),
                                    .new_name = slice_of(given_value(in, "new")),
                                    .colour = s->colour,
                                    .quiet = given_switch(in, "quiet") };
    struct policy_diff d;
    procedures_diff(in->arena, old, new, &d);
    if (format != NULL && strcmp(format, "json") == 0)
        diff_print_json(&d, &how, &s->out);
    else if (format != NULL && strcmp(format, "markdown") == 0)
        diff_print_markdown(&d, &how, &s->out);
    else
        diff_print_text(&d, &how, &s->out);
    return d.behaviour > 0 ? 1 : 0;
}

static int run(struct invocation *in)
{
    struct screen s;
    struct error e = { 0 };
    int status = 2;
    screen_open(&s);
    s.out.max = DIFF_MAX;
    struct compiled *old = document_read(given_value(in, "old"), &s), *new = document_read(given_value(in, "new"), &s);
    if (old != NULL && new != NULL) status = print_diff(in, old, new, &s);
    compiled_destroy(&old);
    compiled_destroy(&new);
    return screen_close(&s, &e) < 0 ? command_fail(in, EXIT_USAGE, "%s", e.detail) : status;
}

const struct command command_diff = {
    .name = "diff",
    .summary = "Compare what two procedures documents do: who is paged when, which steps, which paths.",
    .parameters = parameters,
    .examples = examples,
    .more = "Behaviour, not text: lines that moved, prose and repaired characters are no difference. What only reads "
            "differently stands apart, at the end.\n\n"
            "Exit status: 0 the same behaviour, 1 another, 2 a document does not compile.",
    .run = run,
};
