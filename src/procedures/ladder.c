/* ladder.c - escalation written as a ladder of levels or as a matrix: each step becomes the sentence that it means.
 * Not here: the sentences (escalation.c). A delay without a condition is read as *no resolution*, which pages more than
 * *no response* would, and every such reading is noted with the sentence to write instead. */
#include "procedures/escalation.h"

#include "core/role_name.h"

enum { CELLS_MAX = 12 };

static void note_reading(struct compiler *c, const struct node *n, struct slice sentence)
{
    diagnose(c, (struct at){ n, { 0 } }, "N-BARE-DELAY", text_make(c, "- %.*s", (int)sentence.n, sentence.p),
             "a delay without a condition is read as \"no resolution\"");
}

/* What stands in the brackets of a ladder's step: "15-30 minutes", "30+ minutes", "after 1 hour". */
static bool bracket_delay(struct slice in, struct duration *d)
{
    struct duration high;
    struct slice rest = in;
    int64_t n;
    if (scan_range(&rest, d, &high)) return scan_end(rest);
    scan_word(&rest, S("after"));
    struct slice tail = rest;
    if (scan_duration(&tail, d)) {
        slice_cut_prefix(&tail, S("+"));
        return scan_end(tail);
    }
    tail = rest;
    if (!scan_number(&tail, &n) || !scan_char(&tail, '+') || !scan_unit(&tail, d)) return false; /* "30+ minutes" */
    d->ms = n * d->ms / 1000;
    return scan_end(tail);
}

/* The sentence that a step's brackets mean for a party; empty when they mean nothing that we know. */
static struct slice step_sentence(struct compiler *c, struct slice party, struct slice in, bool *bare)
{
    struct duration d;
    struct slice rest = in;
    level_set set;
    *bare = bracket_delay(in, &d) && !d.business;
    if (*bare) {
        struct slice delay = duration_text(c, d.ms);
        if (d.ms == 0) return S("at once");
        return text_make(c, "No resolution in %.*s → %.*s", (int)delay.n, delay.p, (int)party.n, party.p);
    }
    if (scan_level_set(c, &rest, &set)) {
        static const struct slice nouns[] = { S("incidents"), S("incident"), S("issues"), S("issue"), S("only") };
        struct slice levels = slice_upto(in, in.n - rest.n);
        scan_any(&rest, nouns, COUNT_OF(nouns));
        if (scan_end(rest)) return text_make(c, "%.*s incident → %.*s", (int)levels.n, levels.p, (int)party.n, party.p);
    }
    size_t at = find_phrase(in, S("issues"));
    if (at == in.n) at = find_phrase(in, S("incidents"));
    if (at < in.n) return text_make(c, "%.*sincident → %.*s", (int)at, in.p, (int)party.n, party.p);
    return (struct slice){ 0 };
}

static bool is_level_label(struct slice label)
{
    int64_t n;
    return scan_word(&label, S("level")) && (scan_blanks(&label), slice_cut_uint(&label, &n)) && label.n == 0;
}

/* The step that begins at 0 is who is paged first: the primary, and that needs no rule. */
static void first_step(struct compiler *c, const struct node *n, struct slice party)
{
    mark(c, n, CLASS_COMPILED);
    if (slice_eq(role_id(c->arena, party), S(ROLE_PRIMARY))) return;
    diagnose(c, (struct at){ n, { 0 } }, "W-LADDER-FIRST",
             text_make(c, "bind the role primary to %.*s in the site", (int)party.n, party.p),
             "the first page goes to the primary on-call, not to \"%.*s\"", (int)party.n, party.p);
}

/* `1. **Level 1**: Primary On-Call (0-15 minutes)`, `2. **Incident Commander** (after 15 minutes)`. */
bool ladder_read(struct compiler *c, const struct node *n)
{
    struct slice text = slice_trim(n->rest), party;
    bool bare;
    if (n->label.n == 0 || !slice_has_suffix(text, S(")"))) return false;
    size_t open = slice_find_char(text, '(');
    if (open == text.n) return false;
    struct slice in = { text.p + open + 1, text.n - open - 2 };
    party = slice_trim(slice_upto(text, open));
    if (!is_level_label(n->label)) party = n->label;
    if (party.n == 0) return false;
    struct slice sentence = step_sentence(c, party, slice_trim(in), &bare);
    if (slice_eq(sentence, S("at once"))) {
        first_step(c, n, party);
        return true;
    }
    if (sentence.n == 0 || !rule_try(c, n, sentence)) return false;
    if (bare) note_reading(c, n, sentence);
    return true;
}

/* --- matrices ------------------------------------------------------------------------------------------------------- */

enum column { COLUMN_OTHER, COLUMN_LEVEL, COLUMN_RESPONSE, COLUMN_ELAPSED, COLUMN_PARTY };

static const struct {
    struct slice head;
    enum column column;
} columns[] = {
    { S("severity"), COLUMN_LEVEL },         { S("severity level"), COLUMN_LEVEL },
    { S("priority"), COLUMN_LEVEL },         { S("level"), COLUMN_LEVEL },
    { S("response time"), COLUMN_RESPONSE }, { S("acknowledge"), COLUMN_RESPONSE },
    { S("time elapsed"), COLUMN_ELAPSED },   { S("elapsed"), COLUMN_ELAPSED },
    { S("time"), COLUMN_ELAPSED },           { S("when"), COLUMN_ELAPSED },
    { S("after"), COLUMN_ELAPSED },          { S("delay"), COLUMN_ELAPSED },
    { S("timeframe"), COLUMN_ELAPSED },      { S("time frame"), COLUMN_ELAPSED },
    { S("escalate after"), COLUMN_ELAPSED }, { S("escalation time"), COLUMN_ELAPSED },
    { S("escalation"), COLUMN_PARTY },       { S("escalate to"), COLUMN_PARTY },
    { S("contacts"), COLUMN_PARTY },         { S("contact"), COLUMN_PARTY },
};

static enum column column_of(struct slice head)
{
    for (size_t i = 0; i < COUNT_OF(columns); i++)
        if (slice_eq_nocase(head, columns[i].head)) return columns[i].column;
    return COLUMN_OTHER;
}

struct matrix {
    struct slice heads[CELLS_MAX], cells[CELLS_MAX];
    size_t n;
};

static struct slice cell_of(const struct matrix *m, enum column column)
{
    for (size_t i = 0; i < m->n; i++)
        if (column_of(m->heads[i]) == column) return m->cells[i];
    return (struct slice){ 0 };
}

static bool is_nobody(struct slice cell)
{
    return cell.n == 0 || slice_eq(cell, S("-")) || slice_eq(cell, S("–")) || slice_eq(cell, S("—")) ||
           slice_eq_nocase(cell, S("n/a")) || slice_eq_nocase(cell, S("none"));
}

/* "Level 2" of a document whose severities are called otherwise is a step of the ladder, not a severity. */
static bool is_tier(const struct compiler *c, struct slice cell)
{
    return is_level_label(cell) && !slice_has_prefix_nocase(policy_level_label(&c->policy, 1), S("level"));
}

/* The prefix of a row's sentence: its level, if it has one. */
static struct slice level_prefix(struct compiler *c, const struct matrix *m)
{
    struct slice cell = cell_of(m, COLUMN_LEVEL), rest = cell;
    level_set set;
    if (cell.n == 0 || is_tier(c, cell) || !scan_level_set(c, &rest, &set)) return (struct slice){ 0 };
    struct slice label = slice_trim(slice_upto(cell, cell.n - rest.n));
    return text_make(c, "%.*s: ", (int)label.n, label.p);
}

/* "Immediate" of a level is its entry; without a level it is the first page. */
static bool at_once(struct compiler *c, const struct node *n, struct slice prefix, struct slice party)
{
    if (prefix.n == 0) {
        first_step(c, n, party);
        return true;
    }
    return rule_try(c, n, text_make(c, "%.*s incident → %.*s", (int)prefix.n - 2, prefix.p, (int)party.n, party.p));
}

/* One cell that names who is paged after a delay. False when it is neither a party nor nobody. */
static bool cell_rule(struct compiler *c, const struct node *n, enum rule_when when, struct slice prefix, int64_t ms,
                      struct slice party)
{
    const char *condition = when == RULE_NO_RESPONSE ? "No response" : "No resolution";
    struct slice delay = duration_text(c, ms);
    if (is_nobody(party)) return true;
    if (ms <= 0) return at_once(c, n, prefix, party);
    struct slice sentence = text_make(c, "%.*s%s in %.*s → %.*s", (int)prefix.n, prefix.p, condition, (int)delay.n,
                                      delay.p, (int)party.n, party.p);
    if (!rule_try(c, n, sentence)) return false;
    if (when == RULE_NO_RESOLUTION) note_reading(c, n, sentence);
    return true;
}

/* Columns `Escalation (15 min)`: one sentence a cell. */
static bool delayed_columns(struct compiler *c, const struct node *n, const struct matrix *m, bool *any)
{
    struct slice prefix = level_prefix(c, m);
    bool read = true;
    for (size_t i = 1; i < m->n; i++) {
        size_t open = slice_find_char(m->heads[i], '('), at;
        struct slice in = slice_from(m->heads[i], open + 1), head = m->heads[i];
        struct duration d;
        bool bracket = open < m->heads[i].n && find_duration(in, &d, &at);
        if (!bracket && !(scan_word(&head, S("after")), scan_duration(&head, &d) && scan_end(head))) continue;
        if (d.business) continue;
        *any = true;
        read = cell_rule(c, n, RULE_NO_RESOLUTION, prefix, d.ms, m->cells[i]) && read;
    }
    return read;
}

/* "15+ min" is written for "15 min+". */
static struct slice without_plus(struct compiler *c, struct slice time)
{
    size_t plus = slice_find_char(time, '+');
    if (plus == time.n || plus == 0 || !is_digit(time.p[plus - 1])) return time;
    return text_make(c, "%.*s%.*s", (int)plus, time.p, (int)(time.n - plus - 1), time.p + plus + 1);
}

/* `Severity | Response Time | Escalation` and `Time Elapsed | Action | Contacts`: one sentence a row. */
static bool timed_row(struct compiler *c, const struct node *n, const struct matrix *m, bool *any)
{
    struct slice party = cell_of(m, COLUMN_PARTY), response = cell_of(m, COLUMN_RESPONSE);
    struct slice time = without_plus(c, response.n > 0 ? response : cell_of(m, COLUMN_ELAPSED));
    struct duration d, high;
    struct slice rest = time;
    size_t at;
    if (party.n == 0 || time.n == 0) return true;
    *any = true;
    if (!scan_range(&rest, &d, &high) && !scan_duration(&rest, &d) && !find_duration(time, &d, &at)) return false;
    struct slice prefix = level_prefix(c, m);
    /* A response time without a severity is somebody's own, not the delay of a page to them. */
    if (d.business || (response.n > 0 && prefix.n == 0)) return false;
    return cell_rule(c, n, response.n > 0 ? RULE_NO_RESPONSE : RULE_NO_RESOLUTION, prefix, d.ms, party);
}

/* What the row might say, made of what it has. */
static struct slice as_sentence(struct compiler *c, const struct matrix *m)
{
    struct slice party = cell_of(m, COLUMN_PARTY), level = cell_of(m, COLUMN_LEVEL), prefix = S("");
    struct slice delay = S("5 minutes");
    level_set set;
    for (size_t i = 0; i < m->n; i++) {
        struct duration d;
        size_t at;
        if (find_duration(m->cells[i], &d, &at) && !d.business && d.ms > 0) delay = duration_text(c, d.ms);
    }
    if (party.n == 0 || party.n > 60 || slice_find_char(party, ',') < party.n || slice_eq_nocase(party, S("none")))
        party = S("Incident Commander");
    if (level_prefix(c, m).n > 0 && scan_level_set(c, &level, &set))
        for (int k = 1; k <= (int)c->policy.n_severities && prefix.n == 0; k++) {
            struct slice label = policy_level_label(&c->policy, k);
            if (LEVEL_IN(set, k)) prefix = text_make(c, "%.*s: ", (int)label.n, label.p);
        }
    return text_make(c, "write it as a sentence: - %.*sNo response in %.*s → %.*s", (int)prefix.n, prefix.p,
                     (int)delay.n, delay.p, (int)party.n, party.p);
}

void matrix_row_read(struct compiler *c, const struct node *n, const struct node *header)
{
    struct matrix m = { 0 };
    size_t n_heads = row_cells(c->arena, header->text, m.heads, CELLS_MAX);
    bool any = false;
    m.n = row_cells(c->arena, n->text, m.cells, CELLS_MAX);
    if (m.n > n_heads) m.n = n_heads;
    if (n->header) return;
    size_t before = c->rules.n;
    bool read = delayed_columns(c, n, &m, &any);
    if (!any) read = timed_row(c, n, &m, &any);
    if (any && read) mark(c, n, CLASS_COMPILED);
    if (any && read) return;
    diagnose(c, (struct at){ n, { 0 } }, "W-MATRIX-UNREAD", as_sentence(c, &m),
             c->rules.n > before ? "a part of this row names no party with a delay"
                                 : "this row names no party with a delay");
}
