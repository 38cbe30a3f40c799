/* manual.c - the manual page tocsin.1, by the macros of man(7).
 * Always: the same text from the same descriptors: no date, no version of the day.
 */
#include "cli/help.h"

#include "cli/value.h"

/* Roff reads a line's first dot or quote, and every backslash; a hyphen would become a typographic one. */
static void add_text(struct buf *out, struct slice text)
{
    if (text.n > 0 && (text.p[0] == '.' || text.p[0] == '\'')) buf_add_str(out, "\\&");
    for (size_t i = 0; i < text.n; i++) {
        const char c = text.p[i];
        if (c == '\\') buf_add_str(out, "\\e");
        else if (c == '-') buf_add_str(out, "\\-");
        else if (c == '"') buf_add_str(out, "\\(dq");
        else if (c == '\'') buf_add_str(out, "\\(aq");
        else if (c == '~') buf_add_str(out, "\\(ti");
        else buf_add_char(out, c);
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
    buf_add_str(out, ".PP\n.nf\n.RS 4\n");
    if (c->act != ACT_UNSET) add_str(out, act_defs[c->act].example);
    if (c->act != ACT_UNSET) buf_add_char(out, '\n');
    for (const struct example *x = c->examples; x != NULL && x->line != NULL; x++) {
        add_str(out, x->line);
        buf_add_char(out, '\n');
    }
    buf_add_str(out, ".RE\n.fi\n");
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
    buf_add_str(out, ".SS ");
    add_text(out, buf_slice(&usage));
    buf_add_char(out, '\n');
    add_str(out, command_summary(c));
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
                     ".TH TOCSIN 1 \"\" \"Tocsin\" \"User Commands\"\n.SH NAME\n"
                     "tocsin \\- execute written emergency response procedures\n.SH SYNOPSIS\n.B tocsin\n"
                     ".I command\n[words] [options]\n.SH DESCRIPTION\n"
                     "Tocsin takes alerts from monitors, opens incidents, and pages the people whom the organisation\\(aqs own\n"
                     "procedures document names, when it names them, until somebody acknowledges; it records all of it.\n"
                     ".B tocsin serve\nis the server; the other commands speak to it over its unix socket and act as the person\n"
                     "whose login the caller has.\n.SH COMMANDS\n");
    for (size_t i = 0; commands[i] != NULL; i++) add_command(commands[i], a, out);
    add_exits(out);
    buf_add_str(out, ".SH ENVIRONMENT\n");
    for (const struct environment_def *d = environment_defs; d->name != NULL; d++) add_item(out, d->name, d->what);
    buf_add_str(out, ".SH SEE ALSO\n.BR amtool (1),\n.BR prometheus (1)\n");
    arena_destroy(&a);
}
