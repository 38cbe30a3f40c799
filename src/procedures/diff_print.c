/* diff_print.c - a comparison for people, for a pull request, for programs. */
#include "procedures/diff.h"

#include <string.h>

#include "procedures/diff_inner.h"
#include "procedures/diff_set.h"
#include "procedures/explain_set.h"
#include "procedures/place.h"

static const char *plural(size_t n)
{
    return n == 1 ? "" : "s";
}

/* "3 changes of behaviour, 1 of wording" */
static void add_counts(size_t behaviour, size_t wording, struct buf *out)
{
    if (behaviour == 0)
        buf_add_str(out, "the same behaviour");
    else
        buf_addf(out, "%zu change%s of behaviour", behaviour, plural(behaviour));
    if (wording > 0) buf_addf(out, ", %zu of wording", wording);
}

static void add_bare(const struct compiled *doc, unsigned line, struct buf *out)
{
    if (doc != NULL)
        place_add_bare(doc, line, out);
    else
        buf_addf(out, "line %u", POLICY_LINE(line));
}

static void add_place(const struct change *c, const struct diff_print *how, struct buf *out)
{
    if (c->new_line == 0 && c->old_line == 0) return;
    buf_add_str(out, c->new_line > 0 ? " (" : " (was ");
    add_bare(c->new_line > 0 ? how->new : how->old, c->new_line > 0 ? c->new_line : c->old_line, out);
    buf_add_char(out, ')');
}

/* --- text ----------------------------------------------------------------------------------------------------------- */

static const struct {
    const char *sign, *colour;
} marks[] = {
    { " ", "" },         { "+", "\x1b[32m" }, { "-", "\x1b[31m" },
    { "~", "\x1b[33m" }, { "~", "\x1b[33m" }, { "~", "\x1b[33m" },
};

/* Control bytes of a document would be obeyed by the terminal. */
static void add_visible(struct buf *out, struct slice s)
{
    while (s.n > 0) {
        struct slice rest = s;
        const int32_t rune = slice_cut_rune(&rest);
        const bool control = rune < 0x20 || (rune >= 0x7f && rune < 0xa0);
        buf_add(out, control ? S("\xef\xbf\xbd") : slice_upto(s, s.n - rest.n));
        s = rest;
    }
}

static void text_line(const struct change *c, const struct diff_print *how, struct buf *out)
{
    const bool colour = how->colour;
    buf_addf(out, "  %s%s%s ", colour ? marks[c->kind].colour : "", marks[c->kind].sign, colour ? "\x1b[0m" : "");
    add_visible(out, c->text);
    add_place(c, how, out);
    buf_add_char(out, '\n');
}

static void text_heading(const char *name, bool colour, struct buf *out)
{
    buf_addf(out, "\n%s%s%s\n", colour ? "\x1b[1m" : "", name, colour ? "\x1b[0m" : "");
}

static void text_head(const struct diff_print *how, size_t behaviour, size_t wording, struct buf *out)
{
    buf_addf(out, "%.*s → %.*s: ", ARG(how->old_name), ARG(how->new_name));
    add_counts(behaviour, wording, out);
    buf_add_char(out, '\n');
}

static void text_body(const struct policy_diff *d, const struct diff_print *how, struct buf *out)
{
    enum diff_area area = AREA_UNSET;
    for (size_t i = 0; i < d->n; i++) {
        if (d->v[i].wording) continue;
        if (d->v[i].area != area) text_heading(diff_area_name(area = d->v[i].area), how->colour, out);
        text_line(&d->v[i], how, out);
    }
    if (d->wording == 0 || how->quiet) return;
    text_heading("Reads differently, does the same", how->colour, out);
    for (size_t i = 0; i < d->n; i++)
        if (d->v[i].wording) text_line(&d->v[i], how, out);
}

void diff_print_text(const struct policy_diff *d, const struct diff_print *how, struct buf *out)
{
    text_head(how, d->behaviour, d->wording, out);
    text_body(d, how, out);
}

/* --- sets ----------------------------------------------------------------------------------------------------------- */

static struct diff_print how_for(const struct diff_print *how, const struct view_diff *v)
{
    struct diff_print own = *how;
    own.old = &v->old;
    own.new = &v->new;
    return own;
}

/* "team shop, service cart, which has documents of its own now" */
static void add_whose(const struct view_diff *v, struct buf *out)
{
    set_view_name(v->view, out);
    if (v->was[0] == 'n') buf_add_str(out, ", which has documents of its own now");
    if (v->was[0] == 'g') buf_add_str(out, ", which has no documents of its own any more");
}

void set_diff_print_text(const struct set_diff *d, const struct diff_print *how, struct buf *out)
{
    text_head(how, d->behaviour, d->wording, out);
    for (size_t i = 0; i < d->n; i++) {
        const struct diff_print own = how_for(how, &d->v[i]);
        if (i > 0) {
            buf_addf(out, "\n%s== For ", how->colour ? "\x1b[1m" : "");
            add_whose(&d->v[i], out);
            buf_addf(out, "%s\n", how->colour ? "\x1b[0m" : "");
        }
        text_body(&d->v[i].d, &own, out);
        if (i > 0 && d->v[i].d.n == 0) buf_add_str(out, "  nothing else differs for them\n");
    }
}

/* --- Markdown ------------------------------------------------------------------------------------------------------- */

/* What would be markup in a comment: links, mentions, tags and emphasis of a stranger's document. */
static void add_plain(struct buf *out, struct slice s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '@' || s.p[i] == '#') { /* no notification to whoever is called so */
            buf_addf(out, "&#%d;", s.p[i]);
            continue;
        }
        if (strchr("\\`*_[]<>|~", s.p[i]) != NULL && s.p[i] != '\0') buf_add_char(out, '\\');
        buf_add_char(out, (unsigned char)s.p[i] < 0x20 ? ' ' : s.p[i]);
    }
}

static void markdown_line(const struct change *c, const struct diff_print *how, struct buf *out)
{
    buf_add_str(out, c->kind == CHANGE_REMOVED ? "- ➖ " : c->kind == CHANGE_ADDED ? "- ➕ " : "- ");
    add_plain(out, c->text);
    add_place(c, how, out);
    buf_add_char(out, '\n');
}

void diff_print_errors_markdown(const struct compiled *c, struct buf *out)
{
    for (size_t i = 0; i < c->n_diagnostics; i++) {
        const struct diagnostic *d = &c->diagnostics[i];
        if (d->level != DIAGNOSTIC_ERROR) continue;
        buf_add_str(out, "- ");
        add_plain(out, c->file_name);
        buf_addf(out, ":%u: ", POLICY_LINE(d->line));
        add_plain(out, d->message);
        buf_addf(out, " (%.*s)\n", (int)d->code.n, d->code.p);
    }
}

static void markdown_head(const struct diff_print *how, size_t behaviour, size_t wording, struct buf *out)
{
    buf_add_str(out, "### ");
    add_plain(out, how->new_name);
    buf_add_str(out, ": ");
    add_counts(behaviour, wording, out);
    buf_add_char(out, '\n');
}

static void markdown_body(const struct policy_diff *d, const struct diff_print *how, struct buf *out)
{
    enum diff_area area = AREA_UNSET;
    for (size_t i = 0; i < d->n; i++) {
        if (d->v[i].wording) continue;
        if (d->v[i].area != area) buf_addf(out, "\n**%s**\n\n", diff_area_name(area = d->v[i].area));
        markdown_line(&d->v[i], how, out);
    }
    if (d->wording == 0 || how->quiet) return;
    buf_addf(out, "\n<details><summary>Reads differently, does the same (%zu)</summary>\n\n", d->wording);
    for (size_t i = 0; i < d->n; i++)
        if (d->v[i].wording) markdown_line(&d->v[i], how, out);
    buf_add_str(out, "\n</details>\n");
}

void diff_print_markdown(const struct policy_diff *d, const struct diff_print *how, struct buf *out)
{
    markdown_head(how, d->behaviour, d->wording, out);
    markdown_body(d, how, out);
}

void set_diff_print_markdown(const struct set_diff *d, const struct diff_print *how, struct buf *out)
{
    markdown_head(how, d->behaviour, d->wording, out);
    for (size_t i = 0; i < d->n; i++) {
        const struct diff_print own = how_for(how, &d->v[i]);
        struct buf whose = { 0 };
        if (i > 0) {
            add_whose(&d->v[i], &whose);
            buf_add_str(out, "\n#### For ");
            add_plain(out, buf_slice(&whose));
            buf_add_char(out, '\n');
        }
        markdown_body(&d->v[i].d, &own, out);
        if (i > 0 && d->v[i].d.n == 0) buf_add_str(out, "\nNothing else differs for them.\n");
        buf_release(&whose);
    }
}

/* --- JSON ----------------------------------------------------------------------------------------------------------- */

static void json_text(struct buf *out, const char *key, struct slice value)
{
    buf_addf(out, ",\"%s\":", key);
    if (value.n == 0)
        buf_add_str(out, "null");
    else
        buf_add_json(out, value);
}

static void json_number(struct buf *out, const char *key, unsigned value)
{
    if (value == 0)
        buf_addf(out, ",\"%s\":null", key);
    else
        buf_addf(out, ",\"%s\":%u", key, value);
}

static void json_file(struct buf *out, const char *key, const struct compiled *doc, unsigned line)
{
    if (doc != NULL && doc->policy.n_files > 0) json_text(out, key, policy_file(&doc->policy, line));
}

static void json_change(const struct change *c, const struct diff_print *how, struct buf *out)
{
    buf_addf(out, "{\"area\":\"%s\",\"kind\":\"%s\"", diff_area_name(c->area), change_kind_name(c->kind));
    json_text(out, "id", c->id);
    json_text(out, "text", c->text);
    json_text(out, "before", c->before);
    json_text(out, "after", c->after);
    json_number(out, "old_line", POLICY_LINE(c->old_line));
    json_number(out, "new_line", POLICY_LINE(c->new_line));
    json_file(out, "old_file", how->old, c->old_line);
    json_file(out, "new_file", how->new, c->new_line);
    buf_add_char(out, '}');
}

static void json_changes(const struct policy_diff *d, bool wording, const struct diff_print *how, struct buf *out)
{
    bool first = true;
    buf_add_char(out, '[');
    for (size_t i = 0; i < d->n; i++) {
        if (d->v[i].wording != wording) continue;
        if (!first) buf_add_char(out, ',');
        first = false;
        json_change(&d->v[i], how, out);
    }
    buf_add_char(out, ']');
}

static void json_head(const struct diff_print *how, size_t behaviour, struct buf *out)
{
    buf_add_str(out, "{\"old\":");
    buf_add_json(out, how->old_name);
    buf_add_str(out, ",\"new\":");
    buf_add_json(out, how->new_name);
    buf_addf(out, ",\"same_behaviour\":%s", behaviour == 0 ? "true" : "false");
}

static void json_body(const struct policy_diff *d, const struct diff_print *how, struct buf *out)
{
    buf_add_str(out, ",\"changes\":");
    json_changes(d, false, how, out);
    buf_add_str(out, ",\"wording\":");
    if (how->quiet)
        buf_add_str(out, "[]");
    else
        json_changes(d, true, how, out);
}

void diff_print_json(const struct policy_diff *d, const struct diff_print *how, struct buf *out)
{
    json_head(how, d->behaviour, out);
    json_body(d, how, out);
    buf_add_str(out, "}\n");
}

static void json_team(const struct view_diff *v, const struct diff_print *how, struct buf *out)
{
    const struct diff_print own = how_for(how, v);
    buf_add_str(out, "{\"team\":");
    buf_add_json(out, v->view->team);
    buf_add_str(out, ",\"services\":[");
    for (size_t i = 0; i < v->view->n_services; i++) {
        if (i > 0) buf_add_char(out, ',');
        buf_add_json(out, v->view->services[i]);
    }
    buf_add_char(out, ']');
    json_text(out, "documents", slice_of(v->was));
    json_body(&v->d, &own, out);
    buf_add_char(out, '}');
}

void set_diff_print_json(const struct set_diff *d, const struct diff_print *how, struct buf *out)
{
    const struct diff_print own = how_for(how, &d->v[0]);
    json_head(how, d->behaviour, out);
    json_body(&d->v[0].d, &own, out);
    buf_add_str(out, ",\"teams\":[");
    for (size_t i = 1; i < d->n; i++) {
        if (i > 1) buf_add_char(out, ',');
        json_team(&d->v[i], how, out);
    }
    buf_add_str(out, "]}\n");
}
