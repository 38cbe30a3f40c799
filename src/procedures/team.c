/* team.c - roles with their duties, and which experts take which category of incident (R26).
 * Not here: who fills a role (the site), how a written name becomes a role's id (core/role_name.c). */
#include "core/role_name.h"
#include "procedures/compiler.h"

struct team_reader {
    struct compiler *c;
    bool open;
    struct policy_role now;
    VEC(struct policy_item) duties;
    VEC(struct policy_selector) selectors;
};

static void role_close(struct team_reader *r)
{
    if (!r->open) return;
    r->now.duties.v = vec_keep(r->c, &r->duties, struct policy_item, &r->now.duties.n);
    r->now.selectors = vec_keep(r->c, &r->selectors, struct policy_selector, &r->now.n_selectors);
    vec_clear(&r->duties);
    vec_clear(&r->selectors);
    *vec_push(&r->c->roles) = r->now;
    r->open = false;
}

static void role_begin(struct team_reader *r, const struct node *n, struct slice name)
{
    role_close(r);
    struct slice id = role_id(r->c->arena, name);
    if (id.n == 0) return;
    struct slice key = text_make(r->c, "role:%.*s", (int)id.n, id.p);
    int64_t same;
    if (smap_get(r->c->ids, key, &same)) {
        diagnose(r->c, (struct at){ n, { 0 } }, "E-ROLE-TWICE", S("give each role one heading, or another name"),
                 "the role \"%.*s\" is described twice: lines %u and %u are the same role", (int)name.n, name.p,
                 (unsigned)same, n->line);
        return;
    }
    smap_put(r->c->ids, key, n->line);
    r->open = true;
    r->now = (struct policy_role){ .id = id, .name = name, .line = n->line };
    mark(r->c, n, CLASS_COMPILED);
    node_keep(r->c, "role", id, n);
}

/* `Database administrators (for database issues)`. */
static bool selector_read(struct team_reader *r, const struct node *n)
{
    static const struct slice nouns[] = { S("issues"), S("incidents"), S("issue"), S("incident") };
    size_t open = slice_find(n->text, S("("));
    struct slice inside = slice_from(n->text, open + 1), category = { 0 };
    if (!scan_word(&inside, S("for"))) return false;
    scan_blanks(&inside);
    for (size_t i = 0; i < COUNT_OF(nouns) && category.n == 0; i++) {
        size_t at = find_phrase(inside, nouns[i]);
        struct slice rest = slice_from(inside, at);
        if (at < inside.n && scan_word(&rest, nouns[i]) && scan_char(&rest, ')') && scan_end(rest))
            category = slice_trim(slice_upto(inside, at));
    }
    if (category.n == 0) return false;
    struct policy_selector selector = { .name = slice_trim(slice_upto(n->text, open)), .line = n->line };
    selector.group = role_id(r->c->arena, selector.name);
    selector.category = category_canonical(r->c, category);
    if (selector.category.n == 0) selector.category = slug_of(r->c->arena, category);
    if (selector.group.n == 0) return false;
    *vec_push(&r->selectors) = selector;
    node_keep(r->c, "selector", selector.group, n);
    mark(r->c, n, CLASS_COMPILED);
    return true;
}

static void duty_read(struct team_reader *r, const struct node *n, struct slice text)
{
    struct policy_item duty = { .text = text, .line = n->line };
    duty.id = id_make(r->c, "duty", n, r->now.id, text);
    size_t at;
    *vec_push(&r->duties) = duty;
    mark(r->c, n, CLASS_COMPILED);
    if (has_figure(text, &at))
        warn_clock_lost(r->c, n, "a duty without a clock",
                        S("write the clock where it is executed: - SEV1: No resolution in 1 hour → Management"));
}

/* Without headings a bold item is a role: "- **Incident Commander**: coordinates". */
static void item_read(struct team_reader *r, const struct node *n, bool headed)
{
    if (n->text.n == 0) return;
    if (!headed && n->level == 1 && n->labelled) {
        role_begin(r, n, n->label);
        if (n->rest.n > 0 && r->open) duty_read(r, n, n->rest);
        return;
    }
    if (!r->open) return;
    if (slice_eq(r->now.id, S(ROLE_EXPERTS)) && selector_read(r, n)) return;
    duty_read(r, n, n->text);
}

/* Table `Role | Responsibilities`: the second cell is a duty. */
static void row_read(struct team_reader *r, const struct node *n)
{
    struct slice cells[8];
    size_t count = row_cells(r->c->arena, n->text, cells, COUNT_OF(cells));
    if (n->header || count < 2 || cells[0].n == 0) return;
    role_begin(r, n, cells[0]);
    if (r->open && cells[1].n > 0) duty_read(r, n, cells[1]);
    for (size_t i = 2; i < count; i++) { /* further columns are for people; a time in one is no rule */
        struct node cell = *n;
        size_t at;
        cell.text = cells[i];
        if (has_figure(cells[i], &at))
            warn_clock_lost(r->c, &cell, "prose",
                            S("write the clock where it is executed: - No response in 15 minutes → Secondary"));
    }
    role_close(r);
}

void compile_team(struct compiler *c, const struct section *s)
{
    struct team_reader r = { .c = c };
    bool headed = false;
    for (size_t at = s->heading; section_next(c, s, &at);) {
        const struct node *n = &c->doc.v[at];
        bool bold = n->kind == NODE_TEXT && n->labelled && n->rest.n == 0;
        if (n->kind == NODE_HEADING || bold) {
            role_begin(&r, n, n->kind == NODE_HEADING ? n->text : n->label);
            headed = true;
        } else if (n->kind == NODE_ITEM) {
            item_read(&r, n, headed);
        } else if (n->kind == NODE_ROW) {
            row_read(&r, n);
        }
    }
    role_close(&r);
    vec_release(&r.duties);
    vec_release(&r.selectors);
    c->policy.roles = vec_keep(c, &c->roles, struct policy_role, &c->policy.n_roles);
}
