/* steps.c - lists of what people do: one item a step, what is nested below it are its details, fences are inert (G8).
 * Not here: what a label means (scenario.c), who runs a command. A step's text is legal whatever it says (G4). */
#include "procedures/book.h"

bool text_is_optional(struct slice text)
{
    static const struct slice ends[] = { S("if needed"), S("if required"), S("if necessary") };
    text = slice_trim(text);
    while (text.n > 0 && slice_find_char(S(".;!,) "), text.p[text.n - 1]) < 6) text.n--;
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        if (text.n < ends[i].n) continue;
        size_t at = text.n - ends[i].n;
        bool word = at == 0 || (!is_letter(text.p[at - 1]) && !is_digit(text.p[at - 1]));
        if (word && slice_eq_nocase(slice_from(text, at), ends[i])) return true;
    }
    return false;
}

static void step_close(struct compiler *c, struct step_list *l)
{
    if (l->details.n == 0) return;
    struct policy_step *step = &l->steps.v[l->steps.n - 1];
    step->details = vec_keep(c, &l->details, struct slice, &step->n_details);
    vec_clear(&l->details);
}

void steps_begin(struct step_list *l)
{
    l->base = 0;
    l->headed = false;
    l->due_ms = 0;
    l->pending = NULL;
}

void step_add(struct compiler *c, struct step_list *l, const struct node *n, struct slice path, struct slice text)
{
    struct policy_step step = { .text = text, .line = n->line, .optional = text_is_optional(text) };
    step.due_ms = l->due_ms;
    step_close(c, l);
    step.id = id_make(c, "step", n, path, text);
    *vec_push(&l->steps) = step;
    l->pending = NULL;
}

void step_detail(struct step_list *l, struct slice text)
{
    if (text.n > 0) *vec_push(&l->details) = text;
}

static bool is_fence_end(struct slice text)
{
    text = slice_trim(text);
    return slice_has_prefix(text, S("```")) || slice_has_prefix(text, S("~~~"));
}

/* The first and last line of commands inside a fence; false for an empty one. */
static bool fence_inside(const struct compiler *c, const struct node *n, unsigned *first, unsigned *last)
{
    *first = n->line + 1;
    *last = n->last;
    if (n->last > n->line && is_fence_end(source_line(c->source, n->last)->text)) *last = n->last - 1;
    return *first <= *last;
}

/* Lines as they stand, less the indentation that the list gave them. */
static struct slice commands_text(struct compiler *c, unsigned first, unsigned last, unsigned indent)
{
    size_t room = 0, n = 0;
    for (unsigned line = first; line <= last; line++) room += source_line(c->source, line)->text.n + 1;
    char *out = arena_alloc(c->arena, room + 1);
    for (unsigned line = first; line <= last; line++) {
        struct slice text = source_line(c->source, line)->text;
        for (unsigned i = 0; i < indent && text.n > 0 && (text.p[0] == ' ' || text.p[0] == '\t'); i++)
            text = slice_from(text, 1);
        for (size_t i = 0; i < text.n; i++) out[n++] = text.p[i];
        if (line < last) out[n++] = '\n';
        mark_line(c, line, CLASS_COMPILED);
    }
    return slice_trim((struct slice){ out, n });
}

static void commands_add(struct compiler *c, struct step_list *l, const struct node *n, unsigned first, unsigned last)
{
    if (first > last) return;
    step_detail(l, commands_text(c, first, last, n->col > 0 ? n->col - 1 : 0));
    l->steps.v[l->steps.n - 1].command = true;
}

static bool is_comment(struct slice text, struct slice *comment)
{
    text = slice_trim(text);
    if (text.n < 3 || text.p[0] != '#' || text.p[1] != ' ') return false;
    *comment = slice_trim(slice_from(text, 1));
    return comment->n > 0;
}

/* A fence without a list above it: one step a `# comment`, else one step for all of it. */
static void fence_steps(struct compiler *c, struct step_list *l, const struct node *n, struct slice path)
{
    unsigned first, last, begun;
    struct slice comment;
    bool any = false;
    if (!fence_inside(c, n, &first, &last)) return;
    begun = first;
    for (unsigned line = first; line <= last + 1; line++) {
        bool end = line == last + 1, said = !end && is_comment(source_line(c->source, line)->text, &comment);
        if (!end && !said) continue;
        if (begun < line && !any) step_add(c, l, n, path, S("Run the commands shown"));
        if (begun < line) commands_add(c, l, n, begun, line - 1);
        if (!said) break;
        struct node at = { .line = line, .last = line, .col = 1 };
        step_add(c, l, &at, path, comment);
        mark_line(c, line, CLASS_COMPILED);
        begun = line + 1;
        any = true;
    }
}

static void fence_take(struct compiler *c, struct step_list *l, const struct node *n, struct slice path)
{
    unsigned first, last;
    const struct node *above = l->pending;
    if (above != NULL) { /* "Look at the pods:" above its commands is the step */
        struct slice text = above->text;
        while (text.n > 0 && text.p[text.n - 1] == ':') text.n--;
        step_add(c, l, above, path, slice_trim(text));
        mark(c, above, CLASS_COMPILED);
    } else if (l->base == 0 && !l->headed) {
        fence_steps(c, l, n, path);
        return;
    }
    if (fence_inside(c, n, &first, &last)) commands_add(c, l, n, first, last);
}

void steps_take(struct compiler *c, struct step_list *l, const struct node *n, struct slice path)
{
    if (n->kind == NODE_FENCE) {
        fence_take(c, l, n, path);
    } else if (n->kind == NODE_ITEM && n->text.n > 0) {
        if (l->base == 0) l->base = n->level;
        if (n->level <= l->base && !l->headed)
            step_add(c, l, n, path, n->text);
        else
            step_detail(l, n->text);
        mark(c, n, CLASS_COMPILED);
    } else if (n->kind == NODE_TEXT && (l->base > 0 || l->headed)) {
        step_detail(l, n->text);
        mark(c, n, CLASS_COMPILED);
    } else if (n->kind == NODE_TEXT) {
        l->pending = n;
    }
}

/* A label whose only text is a paragraph: that is the step. An introduction to nothing stays prose. */
void steps_end(struct compiler *c, struct step_list *l, struct slice path)
{
    const struct node *n = l->pending;
    if (n != NULL && l->base == 0 && !slice_has_suffix(n->text, S(":"))) {
        step_add(c, l, n, path, n->text);
        mark(c, n, CLASS_COMPILED);
    }
    l->pending = NULL;
    step_close(c, l);
}

const struct policy_step *steps_keep(struct compiler *c, struct step_list *l, size_t *n)
{
    step_close(c, l);
    const struct policy_step *kept = vec_keep(c, &l->steps, struct policy_step, n);
    vec_clear(&l->steps);
    return kept;
}

void steps_release(struct step_list *l)
{
    vec_release(&l->steps);
    vec_release(&l->details);
}
