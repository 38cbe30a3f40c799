/* explain.c - tocsin explain: what a procedures document was understood to say, without a server (R3, R16, R17, R78). */
#include "procedures/explain.h"

#include <string.h>

#include "base/check.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/screen.h"
#include "procedures/page.h"
#include "procedures/policy_json.h"
#include "procedures/print.h"
#include "sys/files.h"

#define EXPLAINED_MAX ((size_t)256 << 20)

static const struct parameter parameters[] = {
    { .name = "file", .kind = VALUE_FILE, .required = true, .what = "The procedures document." },
    { .name = "format",
      .kind = VALUE_CHOICE,
      .option = true,
      .choices = "text json html",
      .what =
          "text: sentences for people; json: the policy for programs, by docs/policy-json.md; html: the document with "
          "what each line makes happen beside it, one file without scripts." },
    { .name = "printable",
      .kind = VALUE_SWITCH,
      .option = true,
      .what = "The document as a page to read and to print, with who is paged in front (html)." },
    { .name = "coverage",
      .kind = VALUE_SWITCH,
      .option = true,
      .what = "Every source line with its class: compiled, reference prose, structure, rejected." },
    { .name = "interpretations",
      .kind = VALUE_SWITCH,
      .option = true,
      .what = "What can be read in two ways, the reading chosen, and the sentence that would say so outright." },
    { .name = "paths",
      .kind = VALUE_SWITCH,
      .option = true,
      .what = "Every path through each decision tree, question by question." },
    { 0 },
};

static const struct example examples[] = {
    { "tocsin explain procedures.md", "What will happen, sentence by sentence, each with its line." },
    { "tocsin explain procedures.md --coverage", NULL },
    { "tocsin explain procedures.md --format html > preview.html", "What a reviewer reads, line by line." },
    { "tocsin explain procedures.md --printable > procedures.html", "For the day when nothing else is up." },
    { "tocsin explain procedures.md --format json", "For a program." },
    { NULL, NULL },
};

typedef void print_fn(const struct compiled *c, struct buf *out);

/* What is printed: the first row whose switch was given; the last row has none. */
static const struct {
    const char *given;
    print_fn *v[3]; /* by format; NULL: there is none */
} faces[] = {
    { "printable", { page_print_document, NULL, page_print_document } },
    { "coverage", { coverage_print, coverage_print_json, NULL } },
    { "interpretations", { interpretations_print, interpretations_print_json, NULL } },
    { "paths", { paths_print, paths_print_json, NULL } },
    { NULL, { explain_print, policy_print_json, page_print_preview } },
};

static print_fn *face_of(const struct invocation *in)
{
    static const char *const formats[] = { "text", "json", "html" };
    const char *asked = given_value(in, "format");
    size_t i = 0, format = 0;
    for (size_t k = 0; asked != NULL && k < COUNT_OF(formats); k++)
        if (strcmp(asked, formats[k]) == 0) format = k;
    while (faces[i].given != NULL && !given_switch(in, faces[i].given)) i++;
    return faces[i].v[format];
}

static int print(const struct invocation *in, print_fn *face, const struct compiled *doc)
{
    struct buf text = { .max = EXPLAINED_MAX };
    struct screen s;
    struct error e = { 0 };
    face(doc, &text);
    if (text.overflow) {
        buf_release(&text);
        return command_fail(in, EXIT_USAGE, "what there is to say is longer than %zu MiB", EXPLAINED_MAX >> 20);
    }
    screen_open(&s);
    s.out.max = EXPLAINED_MAX;
    buf_add(&s.out, buf_slice(&text));
    buf_release(&text);
    return screen_close(&s, &e) < 0 ? command_fail(in, EXIT_USAGE, "%s", e.detail)
           : doc->errors > 0        ? EXIT_USAGE
                                    : EXIT_DONE;
}

static int run(struct invocation *in)
{
    const char *path = given_value(in, "file");
    struct buf bytes = { .max = PROCEDURES_MAX_BYTES };
    struct error e = { 0 };
    struct compiled *doc = NULL;
    int status = EXIT_USAGE;
    print_fn *face = face_of(in);
    if (face == NULL)
        return command_fail(in, EXIT_USAGE, "that is not to be had in the format %s", given_value(in, "format"));
    if (file_read(path, PROCEDURES_MAX_BYTES, &bytes, &e) == 0)
        doc = procedures_compile(buf_slice(&bytes), slice_of(path), NULL, &e);
    if (doc != NULL)
        status = print(in, face, doc);
    else if (e.line > 0)
        command_fail(in, EXIT_USAGE, "%s:%u:%u: %s", path, e.line, e.col, e.detail);
    else
        command_fail(in, EXIT_USAGE, "%s", e.detail);
    compiled_destroy(&doc);
    buf_release(&bytes);
    return status;
}

const struct command command_explain = {
    .name = "explain",
    .summary = "Say in plain sentences what a procedures document makes happen.",
    .parameters = parameters,
    .examples = examples,
    .more =
        "Needs no server and changes nothing. Each sentence names the line that says it; a sentence without a line is "
        "Tocsin's own rule.\n\n"
        "Exit status: 0 explained, 2 the document has errors (it is explained as far as it can be read) or cannot be "
        "read at all.",
    .run = run,
};
