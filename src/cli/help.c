/* help.c - help for people at a terminal. At most 80 columns where the texts allow it.
 * Not here: the texts themselves: they stand in the descriptors.
 */
#include "cli/help.h"

#include <string.h>

#include "cli/value.h"

#define COLUMNS 80
#define TERM_COLUMN 20 /* where the sentences of a list begin */

const struct exit_def exit_defs[] = {
    { EXIT_DONE, "done." },
    { EXIT_REFUSED,
      "refused, not found, or in conflict with the present state; check: warnings; rehearse: an expectation failed." },
    { EXIT_USAGE, "the command line was not understood; check, rehearse: a file has errors." },
    { EXIT_UNREACHABLE, "no server answered, or it cannot answer now." },
    { 0, NULL },
};

const struct environment_def environment_defs[] = {
    { "TOCSIN_SOCKET", "Path of the server's unix socket; --socket comes before it." },
    { "NO_COLOR", "When set and not empty, no colours. Without a terminal there are none in any case." },
    { "TZ", "The zone in which times are shown; left out: the machine's, /etc/localtime." },
    { "STATE_DIRECTORY", "Where serve keeps its state when neither --state nor the site says so." },
    { "RUNTIME_DIRECTORY", "Where serve puts its socket." },
    { NULL, NULL },
};

/* Upper case of the name: how a word stands in the usage line. */
static const char *word_name(const struct parameter *p, struct arena *a)
{
    char *name = arena_str(a, slice_of(p->name));
    for (char *c = name; *c != '\0'; c++)
        if (*c >= 'a' && *c <= 'z') *c = (char)(*c - 'a' + 'A');
    return name;
}

void help_parameter(const struct parameter *p, struct arena *a, struct buf *out)
{
    const char *word = value_word(p, a);
    if (!p->option)
        buf_add_str(out, word_name(p, a));
    else
        buf_addf(out, "--%s%s%s", p->name, word[0] == '\0' ? "" : " ", word);
    if (p->many) buf_add_str(out, "\xe2\x80\xa6");
}

static void add_usage(const struct command *c, const struct parameter *all, size_t n, struct arena *a, struct buf *out)
{
    buf_addf(out, "tocsin %s", c->name);
    for (size_t i = 0; i < n; i++) {
        if (all[i].hidden) continue;
        buf_add_str(out, all[i].required ? " " : " [");
        help_parameter(&all[i], a, out);
        if (!all[i].required) buf_add_char(out, ']');
    }
}

void help_usage(const struct command *c, struct buf *out)
{
    struct arena *a = arena_create(0);
    size_t n;
    const struct parameter *all = command_parameters(c, a, &n);
    add_usage(c, all, n, a, out);
    arena_destroy(&a);
}

/* Runes: the dots of a repeating parameter are one column wide. */
static size_t width_of(struct slice s)
{
    size_t n = 0;
    for (; s.n > 0; n++) slice_cut_rune(&s);
    return n;
}

/* Adds `text` broken at blanks; `column` is where the line stands, further lines begin at `indent`. */
static void add_wrapped(struct buf *out, struct slice text, size_t column, size_t indent)
{
    while (text.n > 0) {
        const struct slice word = slice_cut(&text, ' ');
        const size_t width = width_of(word);
        if (column > indent && column + 1 + width > COLUMNS) {
            buf_addf(out, "\n%*s", (int)indent, "");
            column = indent;
        } else if (column > indent) {
            buf_add_char(out, ' ');
            column++;
        }
        buf_add(out, word);
        column += width;
    }
    buf_add_char(out, '\n');
}

static void add_term(struct buf *out, struct slice term, const char *what)
{
    size_t column = 2 + width_of(term);
    buf_add_str(out, "  ");
    buf_add(out, term);
    if (column + 2 > TERM_COLUMN)
        buf_addf(out, "\n%*s", TERM_COLUMN, "");
    else
        buf_addf(out, "%*s", (int)(TERM_COLUMN - column), "");
    add_wrapped(out, slice_of(what), TERM_COLUMN, TERM_COLUMN);
}

static void add_parameters(const struct parameter *all, size_t n, bool options, const char *title, struct arena *a,
                           struct buf *out)
{
    bool titled = false;
    for (size_t i = 0; i < n; i++) {
        struct buf term = { 0 };
        if (all[i].hidden || all[i].option != options) continue;
        if (!titled) buf_addf(out, "\n%s\n", title);
        titled = true;
        help_parameter(&all[i], a, &term);
        add_term(out, buf_slice(&term), all[i].what);
        buf_release(&term);
    }
}

static void add_examples(const struct command *c, struct buf *out)
{
    if (c->act == ACT_UNSET && c->examples == NULL) return;
    buf_add_str(out, "\nExamples:\n");
    if (c->act != ACT_UNSET) buf_addf(out, "  %s\n", act_defs[c->act].example);
    for (const struct example *x = c->examples; x != NULL && x->line != NULL; x++) {
        buf_addf(out, "  %s\n", x->line);
        if (x->what != NULL) {
            buf_add_str(out, "      ");
            add_wrapped(out, slice_of(x->what), 6, 6);
        }
    }
}

static void add_more(const struct command *c, struct buf *out)
{
    struct slice left = slice_of(c->more);
    while (left.n > 0) {
        struct slice paragraph = slice_upto(left, slice_find(left, S("\n\n")));
        left = slice_from(left, paragraph.n + 2);
        buf_add_char(out, '\n');
        add_wrapped(out, paragraph, 0, 0);
    }
}

void help_command(const struct command *c, struct buf *out)
{
    struct arena *a = arena_create(0);
    size_t n;
    const struct parameter *all = command_parameters(c, a, &n);
    struct buf usage = { 0 };
    add_wrapped(out, slice_of(command_summary(c)), 0, 0);
    buf_add_str(out, "\nusage: ");
    add_usage(c, all, n, a, &usage);
    add_wrapped(out, buf_slice(&usage), 7, 7);
    add_parameters(all, n, false, "Words:", a, out);
    add_parameters(all, n, true, "Options:", a, out);
    add_examples(c, out);
    add_more(c, out);
    buf_release(&usage);
    arena_destroy(&a);
}

void help_list(struct buf *out)
{
    buf_add_str(out, "tocsin executes an organisation's written emergency response procedures.\n\n"
                     "usage: tocsin COMMAND [WORDS] [OPTIONS]; tocsin COMMAND --help tells more\n\n");
    for (size_t i = 0; commands[i] != NULL; i++)
        add_term(out, slice_of(commands[i]->name), command_summary(commands[i]));
    buf_add_str(out, "\nExit status:\n");
    for (const struct exit_def *x = exit_defs; x->what != NULL; x++) {
        struct buf number = { 0 };
        buf_add_int(&number, x->status);
        add_term(out, buf_slice(&number), x->what);
        buf_release(&number);
    }
}
