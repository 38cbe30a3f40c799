/* scenario_table.c - tables inside a runbook: rows of steps, symptoms and triggers, and rows of facts about it.
 * Not here: what becomes of the pieces (scenario.c). Always: a cell is cut at <br>, each line is a piece of its own. */
#include "procedures/scenario_table.h"

#include "procedures/rows.h"

struct pieces {
    struct compiler *c;
    struct row_piece *v;
    size_t n;
};

static void piece_add(struct pieces *p, enum scenario_part part, struct slice text, bool detail)
{
    int64_t number;
    text = slice_trim(text);
    text = slice_trim(slice_from(text, ordered_marker(text, &number)));
    if (text.n == 0 || p->n == PIECES_MAX) return;
    p->v[p->n++] = (struct row_piece){ part, text, detail, POLICY_NONE };
}

/* "Check the pods<br>Check the nodes": the only line break that a cell of a table can have. */
static void cell_add(struct pieces *p, enum scenario_part part, struct slice cell, bool detail)
{
    static const struct slice breaks[] = { S("<br>"), S("<br/>"), S("<br />") };
    while (cell.n > 0 && p->n < PIECES_MAX) {
        size_t end = p->n + 1 == PIECES_MAX ? cell.n : 0, cut = 0; /* the last takes the rest */
        for (; end < cell.n && cut == 0; end += cut == 0)
            for (size_t i = 0; i < COUNT_OF(breaks) && cut == 0; i++)
                if (slice_has_prefix_nocase(slice_from(cell, end), breaks[i])) cut = breaks[i].n;
        piece_add(p, part, slice_upto(cell, end), detail);
        cell = slice_from(cell, end + cut);
    }
}

static bool is_listed(enum scenario_part part)
{
    return (part > PART_UNSET && (int)part < PARTS_WITH_STEPS) || part == PART_TRIGGERS;
}

/* What a column holds by its head. Below a label only another label says so: "Step" is a step of that label. */
static enum scenario_part part_of_head(struct compiler *c, struct slice head, bool labelled)
{
    static const struct {
        struct slice word;
        enum scenario_part part;
    } more[] = {
        { S("action"), PART_IMMEDIATE },
        { S("actions"), PART_IMMEDIATE },
        { S("step"), PART_IMMEDIATE },
        { S("indicator"), PART_SYMPTOMS },
        { S("sign"), PART_SYMPTOMS },
        { S("solution"), PART_MITIGATION },
        { S("mitigation step"), PART_MITIGATION },
        { S("resolution step"), PART_MITIGATION },
    };
    for (size_t i = 0; !labelled && i < COUNT_OF(more); i++)
        if (slice_eq_nocase(head, more[i].word)) return more[i].part;
    enum scenario_part part = scenario_part_of(c->arena, head);
    return is_listed(part) ? part : PART_UNSET;
}

/* A column that no trigger takes: a clock in it, or in its head, is lost; another party is paged by nobody. */
static void cell_unread(struct pieces *p, const struct row *r, size_t i, bool says_whom)
{
    struct slice cell = r->cells[i];
    size_t at;
    bool clock = has_clock(cell, &at);
    if (cell_is_empty(cell)) return;
    if (clock || has_clock(r->heads[i], &(size_t){ 0 }))
        diagnose(p->c, (struct at){ r->node, clock ? slice_from(cell, at) : cell }, "W-CLOCK-LOST",
                 S("- Service not restored within 30 minutes"),
                 "this holds a clock or a comparison that no pattern reads; it is taken as prose");
    else if (says_whom)
        diagnose(p->c, (struct at){ r->node, cell }, "W-TRIGGER-TARGET",
                 S("say whom to page under Escalation Rules: - Security incident → Security team"),
                 "a trigger pages the Incident Commander; what this column says is read by nobody");
}

/* `Symptom | Action | Escalate if`: at least two columns that say what they hold, or one and no label above. */
static bool heads_read(struct pieces *p, const struct row *r, enum scenario_part open)
{
    enum scenario_part parts[ROW_CELLS_MAX];
    size_t known = 0, triggers = 0;
    for (size_t i = 0; i < r->n; i++) {
        parts[i] = part_of_head(p->c, r->heads[i], is_listed(open));
        known += parts[i] != PART_UNSET;
        triggers += parts[i] == PART_TRIGGERS;
    }
    if (known < (is_listed(open) ? 2u : 1u)) return false;
    for (size_t i = 0; i < r->n; i++)
        if (parts[i] != PART_UNSET && !cell_is_empty(r->cells[i])) cell_add(p, parts[i], r->cells[i], false);
    for (size_t i = 0; i < r->n && p->n > 0; i++) {
        struct row_piece *last = &p->v[p->n - 1];
        const bool read = parts[i] != PART_UNSET;
        size_t at;
        if (read ? parts[i] == PART_TRIGGERS && has_clock(r->heads[i], &at) : last->part == PART_TRIGGERS)
            cell_unread(p, r, i, !read && known == triggers);
        if (read || last->part == PART_TRIGGERS) continue;
        struct slice detail = row_detail(p->c, r, i);
        if (detail.n > 0) cell_add(p, last->part, detail, true);
    }
    return p->n > 0;
}

/* `Severity | SEV2`, `Owner | Storage team`: the facts of a runbook, one a row. */
static bool fact_read(struct pieces *p, const struct row *r)
{
    enum scenario_part part = r->n >= 2 ? scenario_part_of(p->c->arena, r->cells[0]) : PART_UNSET;
    bool fact = is_listed(part) || part == PART_SEVERITY || part == PART_OWNER;
    if (!fact || cell_is_empty(r->cells[1])) return false;
    cell_add(p, part, r->cells[1], false);
    return p->n > 0;
}

/* A cell that is a time and nothing else: "30 minutes", "> 15 min", "after 1 hour". */
static int64_t cell_time(struct slice cell)
{
    struct duration d;
    enum comparison cmp;
    scan_word(&cell, S("after"));
    scan_comparison(&cell, &cmp);
    return scan_duration(&cell, &d) && scan_end(cell) && !d.business ? d.ms : POLICY_NONE;
}

/* "Service not restored" beside "30 minutes": the sentence that a list would hold. Other texts keep their time apart. */
static struct slice sentence_with(struct compiler *c, struct slice text, int64_t after_ms)
{
    struct slice rest = text, time = duration_text(c, after_ms);
    bool none = scan_word(&rest, S("no")) || find_phrase(text, S("unknown")) < text.n;
    if (!none && find_phrase(text, S("not")) == text.n && find_phrase(text, S("cannot")) == text.n) return text;
    return text_make(c, "%.*s %s %.*s", (int)text.n, text.p, none ? "after" : "within", (int)time.n, time.p);
}

/* A row of triggers: its text, and the time in a column of its own. Another column that holds a clock is not read. */
static void trigger_row(struct pieces *p, struct row *r)
{
    int64_t after = POLICY_NONE;
    size_t at;
    for (size_t i = 0; i < r->n; i++)
        if (after == POLICY_NONE) after = cell_time(r->cells[i]);
    while (r->text + 1 < r->n && cell_time(r->cells[r->text]) != POLICY_NONE)
        r->text++; /* `30 minutes | Not restored` */
    cell_add(p, PART_TRIGGERS, r->cells[r->text], false);
    for (size_t i = 0; after != POLICY_NONE && i < p->n; i++) {
        p->v[i].after_ms = after;
        if (!has_clock(p->v[i].text, &at)) p->v[i].text = sentence_with(p->c, p->v[i].text, after);
    }
    for (size_t i = 0; i < r->n; i++)
        if (i != r->text && cell_time(r->cells[i]) == POLICY_NONE) cell_unread(p, r, i, true);
}

static void step_row(struct pieces *p, const struct row *r, enum scenario_part open)
{
    cell_add(p, open, r->cells[r->text], false);
    for (size_t i = 0; i < r->n; i++) {
        struct slice detail = row_detail(p->c, r, i);
        if (detail.n > 0) cell_add(p, open, detail, true);
    }
}

size_t scenario_row_read(struct compiler *c, const struct node *n, enum scenario_part open, struct row_piece *out)
{
    struct pieces p = { .c = c, .v = out };
    struct row r;
    if (!row_open(c, n, &r)) return 0;
    if (heads_read(&p, &r, open)) return p.n;
    if (open == PART_TRIGGERS)
        trigger_row(&p, &r);
    else if (is_listed(open))
        step_row(&p, &r, open);
    else
        fact_read(&p, &r);
    return p.n;
}
