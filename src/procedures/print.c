/* print.c - diagnostics for people (source line, caret, help) and for machines (JSON). */
#include "procedures/print.h"

#include <string.h>

#include "base/check.h"
#include "base/map.h"
#include "procedures/paste.h"
#include "procedures/scan.h"
#include "procedures/visible.h"

struct colours {
    const char *level[DIAGNOSTIC_LEVELS_END];
    const char *bold, *faint, *help, *off;
};

static const struct colours with_colour = {
    .level = { "", "\x1b[1;31m", "\x1b[1;35m", "\x1b[1;36m" },
    .bold = "\x1b[1m",
    .faint = "\x1b[2m",
    .help = "\x1b[1;32m",
    .off = "\x1b[0m",
};
static const struct colours without = { .level = { "", "", "", "" }, .bold = "", .faint = "", .help = "", .off = "" };

enum { LINE_SHOWN_MAX = 400 };

/* Columns on a terminal of a prefix: code points, tabs kept as tabs. */
static void caret_indent(struct slice prefix, struct buf *out)
{
    for (size_t i = 0; i < prefix.n; i++) {
        if (prefix.p[i] == '\t')
            buf_add_char(out, '\t');
        else if (((unsigned char)prefix.p[i] & 0xc0) != 0x80)
            buf_add_char(out, ' ');
    }
}

static void caret_underline(struct slice meant, struct buf *out)
{
    bool first = true;
    for (size_t i = 0; i < meant.n; i++) {
        if (((unsigned char)meant.p[i] & 0xc0) == 0x80) continue;
        buf_add_char(out, first ? '^' : '~');
        first = false;
    }
    if (first) buf_add_char(out, '^');
}

static void print_source(const struct compiled *c, const struct diagnostic *d, const struct colours *k, struct buf *out)
{
    struct slice raw = compiled_line_raw(c, d->line), line = text_cut(raw, LINE_SHOWN_MAX);
    if (slice_trim(raw).n == 0) return;
    buf_addf(out, "%s%6u |%s ", k->faint, d->line, k->off);
    visible_add(out, line);
    if (raw.n > line.n) buf_add_str(out, " …");
    buf_addf(out, "\n%s       |%s ", k->faint, k->off);
    if (d->col - 1 <= line.n) {
        caret_indent(slice_upto(line, d->col - 1), out);
        buf_add_str(out, k->level[d->level]);
        caret_underline(slice_upto(slice_from(line, d->col - 1), d->width), out);
        buf_add_str(out, k->off);
    }
    buf_add_char(out, '\n');
}

static void print_one(const struct compiled *c, const struct diagnostic *d, const struct colours *k, struct buf *out)
{
    buf_add_str(out, k->bold);
    buf_add(out, c->file_name);
    buf_addf(out, ":%u:%u:%s %s%s[", d->line, d->col, k->off, k->level[d->level], diagnostic_level_name(d->level));
    buf_add(out, d->code);
    buf_addf(out, "]:%s ", k->off);
    visible_add(out, d->message);
    buf_add_char(out, '\n');
    print_source(c, d, k, out);
    if (d->suggestion.n == 0) return;
    buf_addf(out, "       %s= help:%s ", k->help, k->off);
    visible_add(out, d->suggestion);
    buf_add_char(out, '\n');
}

void diagnostics_print(const struct compiled *c, const struct print_options *options, struct buf *out)
{
    const struct colours *k = options->colour ? &with_colour : &without;
    struct smap *counts = smap_create(0);
    struct slice code;
    int64_t n;

    for (size_t i = 0; i < c->n_diagnostics; i++) {
        const struct diagnostic *d = &c->diagnostics[i];
        if (d->level == DIAGNOSTIC_NOTE && !options->notes) continue;
        n = 0;
        smap_get(counts, d->code, &n);
        smap_put(counts, d->code, n + 1);
        if (d->level == DIAGNOSTIC_ERROR || options->per_code == 0 || n < options->per_code) print_one(c, d, k, out);
    }
    for (size_t at = 0; smap_next(counts, &at, &code, &n);) {
        if (options->per_code == 0 || n <= options->per_code || code.p[0] == 'E') continue;
        buf_addf(out, "%s… and %lld more ", k->faint, (long long)(n - options->per_code));
        buf_add(out, code);
        buf_addf(out, "%s\n", k->off);
    }
    smap_destroy(&counts);
}

static void json_pair(struct buf *out, const char *key, struct slice value)
{
    buf_addf(out, "\"%s\":", key);
    buf_add_json(out, value);
}

static void json_pair_or_null(struct buf *out, const char *key, struct slice value)
{
    buf_addf(out, ",\"%s\":", key);
    if (value.n > 0)
        buf_add_json(out, value);
    else
        buf_add_str(out, "null");
}

static void json_diagnostic(const struct compiled *c, const struct diagnostic *d, struct buf *out)
{
    struct buf line = { .max = PROCEDURES_MAX_BYTES * 2 };
    buf_add_char(out, '{');
    json_pair(out, "file", c->file_name);
    buf_addf(out, ",\"line\":%u,\"column\":%u,\"width\":%u,", d->line, d->col, d->width);
    json_pair(out, "severity", slice_of(diagnostic_level_name(d->level)));
    buf_add_char(out, ',');
    json_pair(out, "code", d->code);
    buf_add_char(out, ',');
    json_pair(out, "message", d->message);
    json_pair_or_null(out, "suggestion", d->suggestion);
    buf_addf(out, ",\"end_line\":%u", d->last > d->line ? d->last : d->line);
    diagnostic_replacement(c, d, &line);
    json_pair_or_null(out, "replacement", buf_slice(&line));
    buf_add_char(out, '}');
    buf_release(&line);
}

static void json_interpretation(const struct interpretation *i, struct buf *out)
{
    buf_addf(out, "{\"line\":%u,", i->line);
    json_pair(out, "code", i->code);
    buf_add_char(out, ',');
    json_pair(out, "reading", i->reading);
    buf_add_char(out, ',');
    json_pair(out, "rejected", i->rejected);
    buf_add_char(out, ',');
    json_pair(out, "explicit", i->explicit_form);
    buf_add_char(out, '}');
}

void diagnostics_print_json(const struct compiled *c, struct buf *out)
{
    buf_add_char(out, '{');
    json_pair(out, "file", c->file_name);
    buf_addf(out, ",\"bytes\":%zu,\"lines\":%u,\"errors\":%u,\"warnings\":%u,\"notes\":%u,\"classes\":{", c->bytes,
             c->lines, c->errors, c->warnings, c->notes);
    for (int class = 1; class < LINE_CLASSES_END; class ++)
        buf_addf(out, "%s\"%s\":%u", class > 1 ? "," : "", line_class_name((enum line_class) class),
                 c->class_counts[class]);
    buf_add_str(out, "},\"diagnostics\":[");
    for (size_t i = 0; i < c->n_diagnostics; i++) {
        if (i > 0) buf_add_char(out, ',');
        json_diagnostic(c, &c->diagnostics[i], out);
    }
    buf_add_str(out, "],\"interpretations\":[");
    for (size_t i = 0; i < c->n_interpretations; i++) {
        if (i > 0) buf_add_char(out, ',');
        json_interpretation(&c->interpretations[i], out);
    }
    buf_add_str(out, "]}\n");
}

void compile_error_print(struct slice file_name, const struct error *e, bool colour, struct buf *out)
{
    const struct colours *k = colour ? &with_colour : &without;
    buf_add_str(out, k->bold);
    buf_add(out, file_name);
    if (e->line > 0) buf_addf(out, ":%u:%u", e->line, e->col);
    buf_addf(out, ":%s %serror[E-DOCUMENT]:%s %s\n", k->off, k->level[DIAGNOSTIC_ERROR], k->off, e->detail);
}

void compile_error_print_json(struct slice file_name, const struct error *e, struct buf *out)
{
    buf_add_char(out, '{');
    json_pair(out, "file", file_name);
    buf_add_str(out, ",\"errors\":1,\"warnings\":0,\"notes\":0,\"diagnostics\":[{");
    json_pair(out, "file", file_name);
    buf_addf(out, ",\"line\":%u,\"column\":%u,\"severity\":\"error\",\"code\":\"E-DOCUMENT\",", e->line, e->col);
    json_pair(out, "message", slice_of(e->detail));
    buf_addf(out, ",\"suggestion\":null,\"end_line\":%u,\"replacement\":null}],\"interpretations\":[]}\n", e->line);
}

static const char *plural(unsigned n)
{
    return n == 1 ? "" : "s";
}

void compiled_print_summary(const struct compiled *c, struct buf *out)
{
    buf_add(out, c->file_name);
    buf_addf(out, ": %u line%s: ", c->lines, plural(c->lines));
    for (int class = 1; class < LINE_CLASSES_END; class ++)
        buf_addf(out, "%s%u %s", class > 1 ? ", " : "", c->class_counts[class],
                 line_class_name((enum line_class) class));
    buf_addf(out, "; %u error%s, %u warning%s, %u note%s%s\n", c->errors, plural(c->errors), c->warnings,
             plural(c->warnings), c->notes, plural(c->notes), c->runbook ? "; read as a runbook" : "");
}

int compiled_exit_status(const struct compiled *c)
{
    if (c->errors > 0) return 2;
    return c->warnings > 0 ? 1 : 0;
}
