/* severity.c - levels with their criteria, recovery windows and response items.
 * Not here: what raises a level (another section), what a level means to the rules (core/). */
#include <string.h>

#include "procedures/compiler.h"

struct level_heading {
    struct slice name, label;
    struct slice text; /* what stands behind the name: "P1 (Urgent): Pipelines stopped" */
    int64_t number; /* -1: named alone */
};

struct severity_reader {
    struct compiler *c;
    bool open; /* a level's heading was read */
    bool examples; /* inside an `Examples:` bullet: nested items are criteria, else they are details */
    struct policy_severity now;
    bool item; /* the level itself is a list item: its criteria are the items below it */
    bool headed; /* levels are headings or labels here: items are never levels */
    bool aside; /* below a label such as "Response:": items are no criteria */
    VEC(struct policy_item) criteria;
};

static const struct {
    struct slice name;
    int rank;
} name_ranks[] = {
    { S("critical"), 1 }, { S("urgent"), 1 },  { S("high"), 2 }, { S("major"), 2 }, { S("medium"), 3 },
    { S("moderate"), 3 }, { S("warning"), 3 }, { S("low"), 4 },  { S("minor"), 4 }, { S("info"), 4 },
};

static int name_rank(struct slice name)
{
    for (size_t i = 0; i < COUNT_OF(name_ranks); i++)
        if (slice_eq_nocase(name_ranks[i].name, name)) return name_ranks[i].rank;
    return 0;
}

/* As people say it: SEV1, P0; "Level 1" stays as written. */
static struct slice label_of(struct compiler *c, struct slice written, int64_t number)
{
    if (slice_has_prefix_nocase(written, S("sev"))) return text_make(c, "SEV%lld", (long long)number);
    if (written.n > 0 && (written.p[0] == 'p' || written.p[0] == 'P')) return text_make(c, "P%lld", (long long)number);
    return text_make(c, "Level %lld", (long long)number);
}

/* "🔴 SEV1" is "SEV1": symbols in front are decoration. */
static struct slice decoration_cut(struct slice text)
{
    while (text.n > 0 && ((unsigned char)text.p[0] >= 0x80 || text.p[0] == ' ')) text = slice_from(text, 1);
    return text;
}

/* "Critical – App crashes on start": a name that ranks, then what it means. Other names may hold dashes. */
static void name_split(struct level_heading *out, struct slice *rest)
{
    for (size_t at = 1; at < rest->n; at++) {
        struct slice tail = slice_from(*rest, at), name = slice_trim(slice_upto(*rest, at));
        bool separated = rest->p[at] == ':' || (rest->p[at - 1] == ' ' && rest->p[at] != ' ');
        if (!separated || !scan_separator(&tail) || slice_trim(tail).n == 0) continue;
        if (name_rank(name) == 0) return;
        out->name = name;
        out->text = *rest = slice_trim(tail);
        return;
    }
}

/* "SEVERITY 1 - Critical", "P0 (Urgent)", "SEV2: High", "Critical (SEV1)", "Critical". */
static bool level_heading(struct compiler *c, struct slice text, struct level_heading *out)
{
    struct slice rest = decoration_cut(text), written;
    *out = (struct level_heading){ .number = -1 };
    if (looks_like_level(rest, &written)) {
        size_t end = (size_t)(written.p - rest.p) + written.n;
        struct slice digits = written;
        rest = slice_from(rest, end);
        while (digits.n > 0 && !is_digit(digits.p[0])) digits = slice_from(digits, 1);
        if (!slice_to_int(digits, &out->number)) return false;
        out->label = label_of(c, written, out->number);
        bool bracket = scan_char(&rest, '(');
        struct slice other = rest, level;
        if (!bracket && scan_char(&other, '/') && !looks_like_level(other, &level))
            rest = other; /* "SEV-2 / High" */
        else if (!bracket && !scan_separator(&rest) && slice_trim(rest).n > 0)
            return false;
        rest = slice_trim(rest);
        out->name = bracket ? slice_trim(slice_cut(&rest, ')')) : rest;
        if (bracket)
            scan_separator(&rest);
        else
            name_split(out, &rest);
        if (bracket || out->text.n > 0) out->text = slice_trim(rest);
        return true;
    }
    struct slice name = slice_trim(slice_cut(&rest, '('));
    struct slice inside = slice_trim(slice_cut(&rest, ')'));
    struct level_heading nested;
    if (inside.n > 0 && level_heading(c, inside, &nested) && nested.number >= 0) {
        *out = nested;
        out->name = name;
        return true;
    }
    if (name_rank(name) == 0 || inside.n > 0) return false;
    out->name = out->label = name;
    return true;
}

static void severity_close(struct severity_reader *r)
{
    if (!r->open) return;
    r->now.criteria.v = vec_keep(r->c, &r->criteria, struct policy_item, &r->now.criteria.n);
    vec_clear(&r->criteria);
    *vec_push(&r->c->severities) = r->now;
    r->open = false;
}

static bool keyed_read(struct severity_reader *r, const struct node *n);

/* "### P0 - Critical (Response Time: 5 minutes)": the bracket is an item of the level, not a part of its name. */
static void bracket_read(struct severity_reader *r, const struct node *n)
{
    struct slice name = r->now.name;
    size_t open = slice_find_char(name, '(');
    if (open == name.n || !slice_has_suffix(name, S(")"))) return;
    struct node inside = *n;
    inside.text = (struct slice){ name.p + open + 1, name.n - open - 2 };
    if (keyed_read(r, &inside)) r->now.name = slice_trim(slice_upto(name, open));
}

static void severity_begin(struct severity_reader *r, const struct node *n, const struct level_heading *h)
{
    severity_close(r);
    r->open = true;
    r->examples = r->item = r->aside = false;
    r->now = (struct policy_severity){ .label = h->label, .name = h->name, .line = n->line };
    r->now.recovery_min_ms = r->now.recovery_max_ms = POLICY_NONE;
    r->now.respond_within_ms = r->now.update_every_ms = POLICY_NONE;
    /* Until ranks are made, `level` holds what they are made of. */
    r->now.level = h->number >= 0 ? (int)(h->number < 1000 ? h->number : 1000) : name_rank(h->name);
    mark(r->c, n, CLASS_COMPILED);
    node_keep(r->c, "severity", h->label, n);
    bracket_read(r, n);
}

static bool recovery_read(struct severity_reader *r, const struct node *n, struct slice value)
{
    struct duration low, high;
    enum comparison cmp = CMP_NONE;
    struct slice rest = value;

    if (scan_range(&rest, &low, &high) && scan_end(rest)) {
        r->now.recovery_min_ms = low.ms;
        r->now.recovery_max_ms = high.ms;
    } else {
        rest = value;
        if (!scan_comparison(&rest, &cmp) || !scan_duration(&rest, &low) || !scan_end(rest)) return false;
        bool least = cmp == CMP_GT || cmp == CMP_GE;
        *(least ? &r->now.recovery_min_ms : &r->now.recovery_max_ms) = low.ms;
        r->now.recovery_min_open = cmp == CMP_GT;
        r->now.recovery_max_open = cmp == CMP_LT;
    }
    r->now.recovery_line = n->line;
    return true;
}

static bool response_read(struct severity_reader *r, const struct node *n, struct slice value)
{
    struct duration d;
    enum comparison cmp;
    (void)n;
    scan_comparison(&value, &cmp);
    if (!scan_duration(&value, &d)) return false;
    if (d.ms == 0 && scan_char(&value, '(')) { /* "Immediate (< 15 min)": the bracket is the figure */
        struct slice inside = slice_cut(&value, ')');
        scan_comparison(&inside, &cmp);
        if (!scan_duration(&inside, &d) || !scan_end(inside)) return false;
    }
    if (!scan_end(value)) return false;
    r->now.respond_within_ms = d.ms;
    return true;
}

static bool update_read(struct severity_reader *r, const struct node *n, struct slice value)
{
    struct duration d;
    (void)n;
    scan_word(&value, S("every"));
    if (!scan_duration(&value, &d) || !scan_end(value)) return false;
    r->now.update_every_ms = d.ms;
    return true;
}

static const struct {
    struct slice key;
    bool (*read)(struct severity_reader *r, const struct node *n, struct slice value);
    const char *forms, *kind;
    bool loose; /* the key need not be about a time: what is none is read as if it stood alone */
} keys[] = {
    { S("estimated recovery time"), recovery_read, "> 4 hours | 2-4 hours | < 1 hour", "recovery", false },
    { S("recovery time"), recovery_read, "> 4 hours | 2-4 hours | < 1 hour", "recovery", false },
    { S("response time"), response_read, "15 minutes | Within 15 minutes | < 15 minutes | Immediate", "respond",
      false },
    { S("acknowledge"), response_read, "15 minutes | Within 15 minutes | < 15 minutes | Immediate", "respond", false },
    { S("sla"), response_read, "15 minutes | Within 15 minutes | < 15 minutes | Immediate", "respond", false },
    { S("response"), response_read, "", "respond", true },
    { S("update"), update_read, "", "update", true },
    { S("cadence"), update_read, "", "update", true },
    { S("update frequency"), update_read, "Every 30 minutes | Hourly | Daily", "update", false },
    { S("updates"), update_read, "Every 30 minutes | Hourly | Daily", "update", false },
    { S("status updates"), update_read, "Every 30 minutes | Hourly | Daily", "update", false },
    { S("update cadence"), update_read, "Every 30 minutes | Hourly | Daily", "update", false },
};

/* A keyed item: read, or an error that shows the forms its key takes. False when the text has none of the keys. */
static bool keyed_read(struct severity_reader *r, const struct node *n)
{
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        struct slice rest = n->text;
        struct duration d;
        if (!scan_phrase(&rest, keys[i].key) || !scan_char(&rest, ':')) continue;
        struct slice value = slice_trim(rest);
        size_t at;
        if (keys[i].read(r, n, value)) {
            mark(r->c, n, CLASS_COMPILED);
            node_keep(r->c, keys[i].kind, r->now.label, n);
            return true;
        }
        if (keys[i].loose) return false;
        mark(r->c, n, CLASS_COMPILED);
        bool period = scan_duration(&(struct slice){ value.p, value.n }, &d);
        if (!has_clock(value, &at) && !period) { /* "Next business day", "As needed": no clock (G15) */
            mark(r->c, n, CLASS_PROSE);
            return true;
        }
        struct slice found = text_cut(value, 80);
        diagnose(r->c, (struct at){ n, value }, "E-SEVERITY", severity_offer(r->c, n->text, keys[i].kind),
                 "expected %.*s: %s, found \"%.*s\"", (int)keys[i].key.n, keys[i].key.p, keys[i].forms, (int)found.n,
                 found.p);
        return true;
    }
    return false;
}

static void criterion_add(struct severity_reader *r, const struct node *n, struct slice text)
{
    struct policy_item item = { .text = text, .line = n->line };
    item.id = id_make(r->c, "criterion", n, slug_of(r->c->arena, r->now.label), text);
    *vec_push(&r->criteria) = item;
    mark(r->c, n, CLASS_COMPILED);
    warn_clock_lost(r->c, n, "a criterion that a person judges",
                    S("write the clock as \"- Estimated recovery time: > 4 hours\", or as an escalation rule"));
}

static bool is_one_of(struct slice text, const struct slice *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (slice_eq_nocase(text, words[i])) return true;
    return false;
}

/* Labels whose text says when the level holds. */
static bool is_criteria_head(struct slice label)
{
    static const struct slice heads[] = { S("criteria"), S("examples"),   S("example"),    S("triggers"),
                                          S("trigger"),  S("indicators"), S("definition"), S("description"),
                                          S("signs"),    S("symptoms"),   S("impact"),     S("business impact"),
                                          S("scope"),    S("meaning"),    S("when"),       S("user impact") };
    return is_one_of(label, heads, COUNT_OF(heads));
}

/* Labels and column heads about what people do at that level: no criteria, whatever stands there. */
static bool is_aside_head(struct slice label)
{
    static const struct slice heads[] = { S("response"),
                                          S("escalation"),
                                          S("escalate to"),
                                          S("notification"),
                                          S("notify"),
                                          S("communication"),
                                          S("action"),
                                          S("actions"),
                                          S("who"),
                                          S("owner"),
                                          S("responders"),
                                          S("team"),
                                          S("resolution time"),
                                          S("resolution"),
                                          S("resolution target"),
                                          S("target resolution"),
                                          S("time to resolve"),
                                          S("target resolution time"),
                                          S("staffing"),
                                          S("on-call"),
                                          S("workflow") };
    return is_one_of(label, heads, COUNT_OF(heads));
}

/* What people do at a level is no part of what defines it: prose, and a clock in it is lost (G5). */
static void aside_read(struct severity_reader *r, const struct node *n, struct slice text)
{
    struct node part = *n;
    size_t at;
    part.text = text;
    if (has_figure(text, &at))
        warn_clock_lost(r->c, &part, "reference prose",
                        S("write it where it is executed: - Response time: 15 minutes, or an escalation rule"));
}

static bool is_examples(struct slice text)
{
    static const struct slice heads[] = { S("examples:"), S("examples"), S("criteria:"), S("criteria") };
    return is_one_of(text, heads, COUNT_OF(heads));
}

/* Text on a level's own line is its name, when it has none and this is one, else its first criterion. */
static void level_text(struct severity_reader *r, const struct node *n, struct slice text)
{
    if (text.n == 0) return;
    if (r->now.name.n == 0 && name_rank(text) > 0)
        r->now.name = text;
    else
        criterion_add(r, n, text);
}

/* "- **SEV1**: Nobody can work", "- SEV1 - Critical". */
static bool level_item(struct severity_reader *r, const struct node *n)
{
    struct level_heading h;
    if (n->level != 1 || r->headed) return false;
    bool bold = n->label.n > 0 && level_heading(r->c, n->label, &h);
    if (!bold && (!level_heading(r->c, n->text, &h) || h.number < 0)) return false;
    if (!bold && name_rank(h.name) == 0) { /* "SEV1: Nobody can work" */
        struct slice text = h.name;
        h.name = (struct slice){ 0 };
        severity_begin(r, n, &h);
        level_text(r, n, text);
    } else {
        severity_begin(r, n, &h);
        level_text(r, n, h.text);
        if (bold) level_text(r, n, n->rest);
    }
    r->item = true;
    return true;
}

static void item_read(struct severity_reader *r, const struct node *n)
{
    if (level_item(r, n) || !r->open || keyed_read(r, n)) return;
    if (r->aside || (n->labelled && is_aside_head(n->label))) {
        aside_read(r, n, n->text);
        return;
    }
    if (n->labelled && n->rest.n > 0 && is_criteria_head(n->label)) {
        criterion_add(r, n, n->rest);
        return;
    }
    if (n->level <= 1) r->examples = is_examples(n->text);
    if (is_examples(n->text))
        mark(r->c, n, CLASS_COMPILED);
    else if (n->level <= 1 || r->examples || r->item)
        criterion_add(r, n, n->text);
}

static bool is_empty_cell(struct slice cell)
{
    return cell.n == 0 || slice_eq(cell, S("-")) || slice_eq(cell, S("–")) || slice_eq(cell, S("—")) ||
           slice_eq_nocase(cell, S("n/a"));
}

/* "1" below `Severity`, `Priority` or `Level` is SEV1, P1, Level 1. */
static struct slice level_cell(struct compiler *c, struct slice head, struct slice cell)
{
    static const struct {
        struct slice head;
        const char *scheme;
    } schemes[] = { { S("severity"), "SEV" }, { S("sev"), "SEV" },          { S("severity level"), "SEV" },
                    { S("priority"), "P" },   { S("priority level"), "P" }, { S("level"), "Level " } };
    int64_t number;
    if (!slice_to_int(cell, &number)) return cell;
    for (size_t i = 0; i < COUNT_OF(schemes); i++)
        if (slice_eq_nocase(schemes[i].head, head)) return text_make(c, "%s%lld", schemes[i].scheme, (long long)number);
    return cell;
}

/* Table `Severity | Description | Response time | …`: one level a row, the column heads say what a cell is. */
static void row_read(struct severity_reader *r, const struct node *n, const struct node *header)
{
    struct slice cells[16], heads[16];
    struct level_heading h;
    size_t count = row_cells(r->c->arena, n->text, cells, COUNT_OF(cells));
    size_t n_heads = row_cells(r->c->arena, header->text, heads, COUNT_OF(heads));
    if (n->header || count < 2 || n_heads == 0) return;
    if (!level_heading(r->c, level_cell(r->c, heads[0], cells[0]), &h)) {
        struct slice label;
        bool near = looks_like_level(decoration_cut(cells[0]), &label);
        diagnose(r->c, (struct at){ n, { 0 } }, near ? "W-LEVEL-UNREAD" : "N-SEVERITY-PROSE",
                 S("begin the row with a level: | SEV1 - Critical | …"),
                 "this row names no level: kept as reference prose");
        return;
    }
    severity_begin(r, n, &h);
    level_text(r, n, h.text);
    for (size_t i = 1; i < count && i < n_heads; i++) {
        struct node cell = *n;
        cell.text = text_make(r->c, "%.*s: %.*s", (int)heads[i].n, heads[i].p, (int)cells[i].n, cells[i].p);
        if (is_empty_cell(cells[i]) || keyed_read(r, &cell)) continue;
        if (h.name.n == 0 && (slice_eq_nocase(heads[i], S("name")) || slice_eq_nocase(heads[i], S("level")))) {
            r->now.name = cells[i];
            continue;
        }
        cell.text = cells[i];
        if (is_aside_head(heads[i]))
            aside_read(r, &cell, cells[i]);
        else
            criterion_add(r, &cell, cells[i]);
    }
}

/* "**Triggers:** Secrets exposed": a keyed item, criteria, or the head of something else that people do. */
static void label_read(struct severity_reader *r, const struct node *n)
{
    if (keyed_read(r, n)) return;
    r->aside = !is_criteria_head(n->label);
    if (r->aside) {
        aside_read(r, n, n->rest);
        return;
    }
    mark(r->c, n, CLASS_COMPILED);
    if (n->rest.n > 0) criterion_add(r, n, n->rest);
}

/* "SEV1: Critical" as plain text: it looks like a level, and is none of the forms. */
static void warn_level_unread(struct compiler *c, const struct node *n)
{
    struct slice label;
    if (!looks_like_level(decoration_cut(n->text), &label)) return;
    diagnose(c, (struct at){ n, { 0 } }, "W-LEVEL-UNREAD", text_make(c, "### %.*s: Critical", (int)label.n, label.p),
             "this looks like a level and is kept as reference prose: expected a heading, a bold label, a list item or "
             "a row");
}

void compile_severity(struct compiler *c, const struct section *s)
{
    struct severity_reader r = { .c = c };
    struct level_heading h;
    for (size_t at = s->heading; section_next(c, s, &at);) {
        const struct node *n = &c->doc.v[at];
        bool label = n->kind == NODE_TEXT && n->label.n > 0;
        if ((n->kind == NODE_HEADING || label) && level_heading(c, label ? n->label : n->text, &h)) {
            severity_begin(&r, n, &h);
            r.headed = true;
            level_text(&r, n, h.text);
            if (label) level_text(&r, n, n->rest);
        } else if (n->kind == NODE_HEADING)
            severity_close(&r);
        else if (label && n->labelled && r.open)
            label_read(&r, n);
        else if (n->kind == NODE_ITEM)
            item_read(&r, n);
        else if (n->kind == NODE_ROW)
            row_read(&r, n, &c->doc.v[n->table]);
        else if (n->kind == NODE_TEXT)
            warn_level_unread(c, n);
    }
    severity_close(&r);
    vec_release(&r.criteria);
}

static bool severity_known(const struct compiler *c, struct slice label)
{
    for (size_t i = 0; i < c->severities.n; i++)
        if (slice_eq(c->severities.v[i].label, label)) return true;
    return false;
}

/* An escalation matrix whose first column holds levels stands for the section where there is none: levels with the time
 * to answer, no criteria. */
void compile_severity_matrix(struct compiler *c, const struct section *s)
{
    struct severity_reader r = { .c = c };
    struct level_heading h;
    for (size_t at = s->heading; section_next(c, s, &at);) {
        const struct node *n = &c->doc.v[at];
        struct slice cells[16], heads[16];
        size_t count = n->kind == NODE_ROW && !n->header ? row_cells(c->arena, n->text, cells, COUNT_OF(cells)) : 0;
        if (count < 2 || !level_heading(c, cells[0], &h) || severity_known(c, h.label)) continue;
        size_t n_heads = row_cells(c->arena, c->doc.v[n->table].text, heads, COUNT_OF(heads));
        severity_begin(&r, n, &h);
        for (size_t i = 1; i < count && i < n_heads; i++) {
            struct node cell = *n;
            cell.text = text_make(c, "%.*s: %.*s", (int)heads[i].n, heads[i].p, (int)cells[i].n, cells[i].p);
            if (!is_empty_cell(cells[i])) keyed_read(&r, &cell);
        }
        severity_close(&r);
    }
    if (c->severities.n > 0)
        interpret(c, c->severities.v[0].line, "G16", "the escalation matrix stands for the severity section",
                  "a document without levels", "## Severity Levels");
    vec_release(&r.criteria);
}
