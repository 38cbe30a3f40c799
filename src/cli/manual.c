/* manual.c - the manual page tocsin.1, by the macros of man(7).
 * Always: ASCII, and the same text from the same descriptors.
 */
#include "cli/help.h"

#include "base/check.h"
#include "cli/value.h"

#define LINE 76
#define DATE "2026-11-23" /* of the last change to what the page says; a release sets it */

/* What roff reads otherwise than it stands, or prints as something typographic. */
static const struct {
    int32_t rune;
    const char *roff;
} escapes[] = {
    { '\\', "\\e" },  { '-', "\\-" },   { '"', "\\(dq" }, { '\'', "\\(aq" },
    { '~', "\\(ti" }, { '^', "\\(ha" }, { '`', "\\(ga" },
};

static void add_rune(struct buf *out, int32_t rune)
{
    for (size_t i = 0; i < COUNT_OF(escapes); i++) {
        if (escapes[i].rune != rune) continue;
        buf_add_str(out, escapes[i].roff);
        return;
    }
    if (rune < 0x80)
        buf_add_char(out, (char)rune);
    else
        buf_addf(out, "\\[u%04X]", (unsigned)rune);
}

/* A line's first dot or quote would be a request. */
static void add_literal(struct buf *out, struct slice text)
{
    if (text.n > 0 && (text.p[0] == '.' || text.p[0] == '\'')) buf_add_str(out, "\\&");
    while (text.n > 0) add_rune(out, slice_cut_rune(&text));
}

/* Roff fills: where the source breaks is for its readers. */
static void add_text(struct buf *out, struct slice text)
{
    size_t start = out->len;
    while (text.n > 0) {
        const struct slice word = slice_cut(&text, ' ');
        const bool breaks = out->len > start && out->len - start + 1 + word.n > LINE;
        if (out->len > start) buf_add_char(out, breaks ? '\n' : ' ');
        if (breaks) start = out->len;
        add_literal(out, word);
    }
}

static void add_str(struct buf *out, const char *text)
{
    add_text(out, slice_of(text));
}

static void add_item(struct buf *out, const char *term, const char *what)
{
    buf_add_str(out, ".TP\n.B ");
    add_str(out, term);
    buf_add_char(out, '\n');
    add_str(out, what);
    buf_add_char(out, '\n');
}

static void add_parameters(const struct parameter *all, size_t n, struct arena *a, struct buf *out)
{
    for (size_t i = 0; i < n; i++) {
        const struct parameter *p = &all[i];
        struct buf term = { 0 };
        if (p->hidden) continue;
        help_parameter(p, a, &term);
        add_item(out, buf_str(&term), p->what);
        buf_release(&term);
    }
}

static void add_examples(const struct command *c, struct buf *out)
{
    if (c->act == ACT_UNSET && c->examples == NULL) return;
    buf_add_str(out, ".PP\n.RS 4\n.nf\n");
    if (c->act != ACT_UNSET) add_literal(out, slice_of(act_defs[c->act].example));
    if (c->act != ACT_UNSET) buf_add_char(out, '\n');
    for (const struct example *x = c->examples; x != NULL && x->line != NULL; x++) {
        add_literal(out, slice_of(x->line));
        buf_add_char(out, '\n');
    }
    buf_add_str(out, ".fi\n.RE\n");
}

static void add_more(const struct command *c, struct buf *out)
{
    struct slice left = slice_of(c->more);
    while (left.n > 0) {
        const struct slice paragraph = slice_upto(left, slice_find(left, S("\n\n")));
        left = slice_from(left, paragraph.n + 2);
        buf_add_str(out, ".PP\n");
        add_text(out, paragraph);
        buf_add_char(out, '\n');
    }
}

static void add_command(const struct command *c, struct arena *a, struct buf *out)
{
    struct buf usage = { 0 };
    size_t n;
    const struct parameter *all = command_parameters(c, a, &n);
    help_usage(c, &usage);
    buf_addf(out, ".SS %s\n", c->name);
    add_str(out, command_summary(c));
    buf_add_str(out, "\n.PP\n");
    add_text(out, buf_slice(&usage));
    buf_add_char(out, '\n');
    add_parameters(all, n, a, out);
    add_more(c, out);
    add_examples(c, out);
    buf_release(&usage);
}

static void add_exits(struct buf *out)
{
    buf_add_str(out, ".SH EXIT STATUS\n");
    for (const struct exit_def *x = exit_defs; x->what != NULL; x++) {
        struct buf number = { 0 };
        buf_add_int(&number, x->status);
        add_item(out, buf_str(&number), x->what);
        buf_release(&number);
    }
}

void help_man(struct buf *out)
{
    struct arena *a = arena_create(0);
    buf_add_str(out, ".\\\" Made by `tocsin help --man` from the descriptors in src/cli/: edit those.\n"
                     ".TH TOCSIN 1 \"" DATE "\" \"Tocsin\" \"User Commands\"\n.SH NAME\n"
                     "tocsin \\- execute written emergency response procedures\n.SH SYNOPSIS\n.B tocsin\n"
                     ".I command\n[words] [options]\n.SH DESCRIPTION\n"
                     "Tocsin takes alerts from monitors, opens incidents, and pages the people\n"
                     "whom the organisation\\(aqs own procedures document names, when it names\n"
                     "them, until somebody acknowledges; it records all of it.\n"
                     ".B tocsin serve\nis the server; the other commands speak to it over its unix socket and act as\n"
                     "the person whose login the caller has.\n.SH COMMANDS\n");
    for (size_t i = 0; commands[i] != NULL; i++) add_command(commands[i], a, out);
    add_exits(out);
    buf_add_str(out, ".SH ENVIRONMENT\n");
    for (const struct environment_def *d = environment_defs; d->name != NULL; d++) add_item(out, d->name, d->what);
    buf_add_str(out, ".SH SEE ALSO\n.BR amtool (1),\n.BR prometheus (1)\n");
    arena_destroy(&a);
}
