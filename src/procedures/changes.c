/* changes.c - when a person is to raise or lower the level of an incident: "CRITERION → SEV1", or a table. */
#include "core/policy.h"
#include "procedures/book.h"

/* "Consider SEV1", "Escalate to SEV2", "P1". */
static bool level_read(const struct compiler *c, struct slice text, int *level)
{
    static const struct slice starts[] = { S("consider"), S("escalate to"),  S("raise to"),
                                           S("lower to"), S("downgrade to"), S("de-escalate to") };
    while (scan_any(&text, starts, COUNT_OF(starts))) {
    }
    return scan_level(c, &text, level) && scan_end(text);
}

static void change_add(struct compiler *c, const struct node *n, struct slice text, int level, bool lower)
{
    struct policy_change change = { .text = text, .line = n->line, .level = level, .lower = lower };
    if (text.n == 0) return;
    change.id = id_make(c, "change", n, lower ? S("lower") : S("raise"), text);
    *vec_push(&c->book.changes) = change;
    mark(c, n, CLASS_COMPILED);
}

/* The text with the worst level behind it. */
static struct slice change_offer(struct compiler *c, struct slice text)
{
    const struct slice worst = policy_level_label(&c->policy, 1);
    text = slice_trim(text);
    if (text.n == 0) text = S("Customer data is affected");
    return text_make(c, "- %.*s → %.*s", (int)text.n, text.p, (int)worst.n, worst.p);
}

static void change_item(struct compiler *c, const struct node *n, bool lower)
{
    size_t at = find_arrow(n->text);
    struct slice rest = slice_from(n->text, at);
    int level = 0;
    if (at < n->text.n) {
        scan_arrow(&rest);
        if (!level_read(c, rest, &level)) {
            struct slice levels = level_list(c);
            diagnose(c, (struct at){ n, slice_trim(rest) }, "E-LEVEL-CHANGE", change_offer(c, slice_upto(n->text, at)),
                     "expected CRITERION → LEVEL with a level of this document: %.*s", (int)levels.n, levels.p);
            return;
        }
    }
    change_add(c, n, slice_trim(slice_upto(n->text, at)), level, lower);
    if (at == n->text.n) warn_clock_lost(c, n, "a condition that a person judges", change_offer(c, n->text));
}

/* Table `Trigger | Escalate To`. */
static void change_row(struct compiler *c, const struct node *n, bool lower)
{
    struct slice cells[4];
    size_t count = row_cells(c->arena, n->text, cells, COUNT_OF(cells));
    int level;
    if (n->header || count < 2) return;
    for (size_t i = count; i-- > 1;)
        if (level_read(c, cells[i], &level)) {
            change_add(c, n, cells[0], level, lower);
            return;
        }
    warn_clock_lost(c, n, "reference prose", S("| Not resolved after 2 hours | SEV1 |"));
}

static void changes_read(struct compiler *c, const struct section *s, bool lower)
{
    int base = 0;
    for (size_t at = s->heading; section_next(c, s, &at);) {
        const struct node *n = &c->doc.v[at];
        if (n->kind == NODE_HEADING) base = 0;
        if (n->kind == NODE_ROW) change_row(c, n, lower);
        if (n->kind != NODE_ITEM || n->text.n == 0) continue;
        if (base == 0) base = n->level;
        if (n->level <= base) change_item(c, n, lower);
    }
}

void compile_severity_raise(struct compiler *c, const struct section *s)
{
    changes_read(c, s, false);
}

void compile_severity_lower(struct compiler *c, const struct section *s)
{
    changes_read(c, s, true);
}
