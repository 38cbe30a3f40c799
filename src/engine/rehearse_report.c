/* rehearse_report.c - prints what a rehearsal told: the story for people, test points, JSON lines. */
#include "engine/rehearse.h"

#include "base/civil.h"

/* --- the story --- */

static void print_line(const struct told *x, struct buf *out)
{
    script_print_time(x->t, out);
    buf_add_char(out, ' ');
    if (x->incident != 0) buf_addf(out, "INC-%lld ", (long long)x->incident);
    buf_add(out, x->word);
    buf_add(out, x->word.n == 0 ? S("") : slice_eq(x->word, S(">")) ? S(" ") : S(": "));
    buf_add(out, x->text);
    if (x->file.n > 0 && !x->placed)
        buf_addf(out, " (%.*s:%lld)", (int)x->file.n, x->file.p, (long long)POLICY_LINE(x->line));
    buf_add_char(out, '\n');
}

static struct slice script_line(const struct script *s, unsigned line)
{
    struct slice rest = s->text, text = { 0 };
    for (unsigned n = 1; n <= line; n++) text = slice_cut(&rest, '\n');
    return text;
}

static void print_mishap(const struct script *s, const struct verdict *v, struct buf *out)
{
    enum { AROUND = 2 };
    const unsigned line = v->command->line, first = line > AROUND ? line - AROUND : 1;
    buf_addf(out, "%.*s:%u:%u: %.*s\n", (int)s->file.n, s->file.p, line, v->command->col, (int)v->why.n, v->why.p);
    for (unsigned n = first; n <= line + 1; n++) {
        struct slice text = slice_trim(script_line(s, n));
        if (n <= line || text.n > 0) buf_addf(out, "%6u %c %.*s\n", n, n == line ? '>' : '|', (int)text.n, text.p);
    }
}

void rehearsal_print_story(const struct rehearsal_report *report, struct buf *out)
{
    size_t missed = 0;
    for (size_t i = 0; i < report->told.n; i++)
        if (!report->told.v[i].aside) print_line(&report->told.v[i], out);
    for (size_t i = 0; i < report->verdicts.n; i++) {
        if (report->verdicts.v[i].holds) continue;
        if (missed++ == 0) buf_add_char(out, '\n');
        print_mishap(report->script, &report->verdicts.v[i], out);
    }
}

/* --- test points --- */

/* Words of a script in a description: `#` would begin a directive there. */
static void print_description(struct slice text, struct buf *out)
{
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '#' || text.p[i] == '\\') buf_add_char(out, '\\');
        buf_add_char(out, text.p[i]);
    }
}

static bool is_shown(const struct told *x)
{
    return !x->aside && !x->missed;
}

/* The last lines told before the verdict, and the first of what came later. */
static void print_around(const struct rehearsal_report *report, const struct verdict *v, struct buf *out)
{
    enum { BEFORE = 8, BEHIND = 4 };
    size_t from = v->told, to = v->told, shown = 0;
    for (shown = 0; from > 0 && shown < BEFORE; from--) shown += is_shown(&report->told.v[from - 1]);
    for (shown = 0; to < report->told.n && shown < BEHIND; to++) shown += is_shown(&report->told.v[to]);
    for (size_t i = from; i <= to; i++) {
        if (i == v->told) {
            buf_add(out, S("#   "));
            script_print_time(v->command->t, out);
            buf_addf(out, " ---> %.*s\n", (int)v->command->text.n, v->command->text.p);
        }
        if (i == to || !is_shown(&report->told.v[i])) continue;
        buf_add(out, S("#   "));
        print_line(&report->told.v[i], out);
    }
}

static void print_point(const struct rehearsal_report *report, const struct verdict *v, unsigned n, struct buf *out)
{
    buf_addf(out, "%s %u - ", v->holds ? "ok" : "not ok", n);
    print_description(report->script->file, out);
    buf_add(out, S(": "));
    print_description(v->command->text, out);
    buf_addf(out, " (line %u)\n", v->command->line);
    if (v->holds) return;
    buf_addf(out, "# %.*s:%u:%u: %.*s\n", (int)report->script->file.n, report->script->file.p, v->command->line,
             v->command->col, (int)v->why.n, v->why.p);
    print_around(report, v, out);
}

void rehearsal_print_tap(const struct rehearsal_report *report, struct buf *out, unsigned *n)
{
    const struct rehearsal_outcome *o = &report->outcome;
    const unsigned before = *n;
    for (size_t i = 0; i < report->verdicts.n; i++) print_point(report, &report->verdicts.v[i], ++*n, out);
    if (o->broken == 0 && *n > before) return;
    buf_addf(out, "%s %u - ", o->broken == 0 ? "ok" : "not ok", ++*n);
    print_description(report->script->file, out);
    buf_add(out, o->broken == 0 ? S(": played; it expects nothing\n") : S(": every guarantee of Tocsin holds\n"));
    for (size_t i = 0; o->broken > 0 && i < report->told.n; i++) {
        if (!slice_has_prefix(report->told.v[i].text, S("BROKEN"))) continue;
        buf_add(out, S("#   "));
        print_line(&report->told.v[i], out);
    }
}

/* --- JSON lines --- */

static void print_member(const char *name, struct slice value, struct buf *out)
{
    buf_addf(out, ",\"%s\":", name);
    if (value.n > 0)
        buf_add_json(out, value);
    else
        buf_add(out, S("null"));
}

static void print_object(const struct told *x, struct buf *out)
{
    buf_addf(out, "{\"t\":%lld.%03d,\"at\":\"", (long long)(x->t / SECOND), (int)(x->t % SECOND));
    civil_format_rfc3339(out, x->wall, 0, true);
    buf_addf(out, "\",\"kind\":\"%s\",\"incident\":", told_kind_name(x->kind));
    if (x->incident != 0)
        buf_addf(out, "\"INC-%lld\"", (long long)x->incident);
    else
        buf_add(out, S("null"));
    print_member("role", x->role, out);
    print_member("who", x->who, out);
    print_member("channel", x->channel, out);
    if (x->line != 0)
        buf_addf(out, ",\"line\":%lld", (long long)POLICY_LINE(x->line));
    else
        buf_add(out, S(",\"line\":null"));
    print_member("file", x->file, out);
    print_member("text", x->text, out);
    buf_add(out, S("}\n"));
}

void rehearsal_print_jsonl(const struct rehearsal_report *report, struct buf *out)
{
    for (size_t i = 0; i < report->told.n; i++)
        if (report->told.v[i].kind != TOLD_UNSET) print_object(&report->told.v[i], out);
}
