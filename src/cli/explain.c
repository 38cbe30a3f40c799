/* explain.c - tocsin explain: what a procedures document was understood to say, without a server (R3, R16, R17, R78). */
#include "procedures/explain.h"

#include <string.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/screen.h"
#include "procedures/policy_json.h"
#include "procedures/print.h"
#include "sys/files.h"

#define EXPLAINED_MAX ((size_t)256 << 20)

static const struct parameter parameters[] = {
    { .name = "file", .kind = VALUE_FILE, .required = true, .what = "The procedures document." },
    { .name = "format",
      .kind = VALUE_CHOICE,
      .option = true,
      .choices = "text json",
      .what = "text: sentences for people; json: the policy for programs, by docs/policy-json.md." },
    { .name = "coverage",
      .kind = VALUE_SWITCH,
      .option = true,
      .what = "Every source line with its class: compiled, reference prose, structure, rejected." },
    { .name = "interpretations",
      .kind = VALUE_SWITCH,
      .option = true,
      .what = "What can be read in two ways, the reading chosen, and the sentence that would say so outright." },
    { 0 },
};

static const struct example examples[] = {
    { "tocsin explain procedures.md", "What will happen, sentence by sentence, each with its line." },
    { "tocsin explain procedures.md --coverage", NULL },
    { "tocsin explain procedures.md --format json", "For a program." },
    { NULL, NULL },
};

typedef void print_fn(const struct compiled *c, struct buf *out);

/* What is printed: the first row whose switch was given; the last row has none. */
static const struct {
    const char *given;
    print_fn *text, *json;
} faces[] = {
    { "coverage", coverage_print, coverage_print_json },
    { "interpretations", interpretations_print, interpretations_print_json },
    { NULL, explain_print, policy_print_json },
};

static print_fn *face_of(const struct invocation *in)
{
    const char *format = given_value(in, "format");
    const bool json = format != NULL && strcmp(format, "json") == 0;
    size_t i = 0;
    while (faces[i].given != NULL && !given_switch(in, faces[i].given)) i++;
    return json ? faces[i].json : faces[i].text;
}

static int print(const struct invocation *in, const struct compiled *doc)
{
    struct buf text = { .max = EXPLAINED_MAX };
    struct screen s;
    struct error e = { 0 };
    face_of(in)(doc, &text);
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
    if (file_read(path, PROCEDURES_MAX_BYTES, &bytes, &e) == 0)
        doc = procedures_compile(buf_slice(&bytes), slice_of(path), NULL, &e);
    if (doc != NULL)
        status = print(in, doc);
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
