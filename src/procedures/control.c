/* control.c - document control: who approved which version when, wherever the document says so; and placeholders.
 * Not here: what its dates mean (dates.c), whether a placeholder stops an activation. */
#include "core/policy.h"
#include "procedures/book.h"

static const struct {
    struct slice written, key; /* written: folded; key: what it is compared by */
} keys[] = {
    { S("title"), S("title") },
    { S("last updated"), S("last updated") },
    { S("last update"), S("last updated") },
    { S("updated"), S("last updated") },
    { S("last reviewed"), S("last reviewed") },
    { S("last review"), S("last reviewed") },
    { S("last review date"), S("last reviewed") },
    { S("reviewed"), S("last reviewed") },
    { S("next review"), S("next review") },
    { S("next review date"), S("next review") },
    { S("review date"), S("next review") },
    { S("next review due"), S("next review") },
    { S("review due"), S("next review") },
    { S("review cycle"), S("review cycle") },
    { S("review frequency"), S("review cycle") },
    { S("review interval"), S("review cycle") },
    { S("review period"), S("review cycle") },
    { S("review schedule"), S("review cycle") },
    { S("approved by"), S("approved by") },
    { S("approver"), S("approved by") },
    { S("version"), S("version") },
    { S("document version"), S("version") },
    { S("owner"), S("owner") },
    { S("document owner"), S("owner") },
    { S("author"), S("author") },
    { S("status"), S("status") },
    { S("effective date"), S("effective date") },
    { S("effective"), S("effective date") },
    { S("date"), S("date") },
};

struct slice control_key_known(struct compiler *c, struct slice written)
{
    struct slice folded = heading_fold(c->arena, text_cut(written, 60));
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        if (slice_eq(folded, keys[i].written)) return keys[i].key;
    return (struct slice){ 0 };
}

/* The same key again with another value: which of them holds? */
static void check_twice(struct compiler *c, const struct node *n, struct slice key, struct slice value)
{
    struct slice place = text_make(c, "control-key:%.*s", (int)key.n, key.p);
    int64_t before;
    if (!smap_get(c->ids, place, &before)) {
        smap_put(c->ids, place, (int64_t)c->book.control.n);
        return;
    }
    const struct policy_control *first = &c->book.control.v[before];
    if (slice_eq(first->value, value)) return;
    struct slice shown = text_cut(first->value, 60);
    diagnose(c, (struct at){ n, { 0 } }, "W-CONTROL-TWICE", S("keep one of the two lines"),
             "\"%.*s\" stands twice with different values: line %u says \"%.*s\"", (int)first->key.n, first->key.p,
             first->line, (int)shown.n, shown.p);
}

static bool control_add(struct compiler *c, const struct node *n, struct slice key, struct slice value)
{
    struct slice known = control_key_known(c, key);
    if (known.n == 0) return false;
    struct policy_control control = { .key = key, .value = value, .line = n->line };
    control.placeholder = is_placeholder_value(value);
    control.date_ms = control.placeholder ? POLICY_NONE : date_value(value);
    check_twice(c, n, known, value);
    *vec_push(&c->book.control) = control;
    mark(c, n, CLASS_COMPILED);
    return true;
}

/* `**Key**: value`, `Key: value` in a list or a paragraph. */
static bool control_node(struct compiler *c, const struct node *n)
{
    if (n->kind != NODE_TEXT && n->kind != NODE_ITEM) return false;
    if (n->label.n > 0 && n->labelled) return control_add(c, n, n->label, n->rest);
    struct slice value = n->text, key = slice_trim(slice_cut(&value, ':'));
    return key.n < n->text.n && control_add(c, n, key, slice_trim(value));
}

static void control_row(struct compiler *c, const struct node *n)
{
    struct slice cells[4];
    size_t count = row_cells(c->arena, n->text, cells, COUNT_OF(cells));
    if (count == 2) control_add(c, n, cells[0], cells[1]);
}

void compile_control(struct compiler *c, const struct section *s)
{
    for (size_t at = s->heading; section_next(c, s, &at);) {
        const struct node *n = &c->doc.v[at];
        if (n->kind == NODE_ROW)
            control_row(c, n);
        else
            control_node(c, n);
    }
    if (s->implicit && c->book.control.n > 0)
        interpret(c, c->book.control.v[0].line, "A47",
                  "the --- closes the section above: these lines are document control", "a part of the section above",
                  "## Document Control");
}

/* Keys of the front matter and of the lines before the first section. */
static void front_read(struct compiler *c, const struct node *front)
{
    for (unsigned line = front->line + 1; line < front->last; line++) {
        struct slice value = slice_trim(source_line(c->source, line)->text), key = slice_trim(slice_cut(&value, ':'));
        struct node n = { .kind = NODE_TEXT, .line = line, .last = line, .col = 1 };
        char *words = arena_alloc(c->arena, key.n + 1);
        value = slice_trim(value);
        for (size_t i = 0; i < key.n; i++) words[i] = (char)(key.p[i] == '_' ? ' ' : key.p[i]);
        while (value.n > 1 && (value.p[0] == '"' || value.p[0] == '\'') && value.p[value.n - 1] == value.p[0])
            value = (struct slice){ value.p + 1, value.n - 2 };
        if (value.n > 0) control_add(c, &n, (struct slice){ words, key.n }, value);
    }
}

void control_begin(struct compiler *c)
{
    for (size_t i = 0; i < c->doc.n && c->sections.of_node[i] < 0; i++) {
        const struct node *n = &c->doc.v[i];
        if (n->kind == NODE_FRONT) front_read(c, n);
        if (n->kind == NODE_HEADING && n->level > 1) return;
        if (n->label.n > 0 && n->labelled) control_node(c, n);
    }
}

static int template_placeholders(const struct policy *p)
{
    int found = 0;
    for (size_t i = 0; i < p->n_templates; i++)
        for (size_t k = 0; k < p->templates[i].n_lines; k++) {
            const struct policy_template_line *l = &p->templates[i].lines[k];
            found += l->kind == FIELD_TEXT || l->kind == FIELD_ENUM ? 1 : placeholders_in(l->text);
        }
    return found;
}

void control_finish(struct compiler *c)
{
    struct policy_book *b = &c->policy.book;
    b->control = vec_keep(c, &c->book.control, struct policy_control, &b->n_control);
    for (size_t i = 0; i < c->policy.n_contacts; i++) b->placeholders += c->policy.contacts[i].placeholder;
    b->placeholders += template_placeholders(&c->policy);
    for (size_t i = 0; i < b->n_control; i++) b->placeholders += b->control[i].placeholder;
}
