/* diff_book.c - scenarios, duties afterwards, metrics and thresholds, tools, training and drills, reviews, control.
 * Not here: severities to templates (diff_policy.c), escalation rules (diff_rule.c), trees (diff_tree.c). */
#include "procedures/diff_inner.h"
#include "procedures/merge.h"
#include "procedures/source.h"

#define TASK "action" /* after the incident */
#define PART(a, b, list) .old_v = (a)->list, .old_n = (a)->n_##list, .new_v = (b)->list, .new_n = (b)->n_##list
#define BOOK(list) PART(&d->old->book, &d->new->book, list)

struct element step_element(struct differ *d, const struct policy *p, const void *item)
{
    const struct policy_step *s = item;
    (void)d, (void)p;
    return (struct element){ .id = s->id, .text = s->text, .line = s->line };
}

static struct slice step_name(struct differ *d, const struct list *l, const struct element *e)
{
    return l->where.n > 0 ? diff_say(d, "%.*s: %.*s", ARG(l->where), ARG(diff_quoted(d, e->text)))
                          : diff_quoted(d, e->text);
}

static struct slice details_join(struct differ *d, const struct policy_step *s)
{
    struct buf text = { .max = 1 << 20 };
    for (size_t i = 0; i < s->n_details; i++) {
        if (i > 0) buf_add_char(&text, '\n');
        buf_add(&text, s->details[i]);
    }
    struct slice kept = arena_copy(d->arena, buf_slice(&text));
    buf_release(&text);
    return kept;
}

/* A runbook's phase ends on the clock that starts with the first page, a task's time with the resolution. */
static struct slice due_at(struct differ *d, const struct list *l, const struct policy_step *s)
{
    if (s->due_ms <= 0) return S("no set time");
    return diff_say(d, "%s+%.*s", slice_eq(l->noun, S(TASK)) ? "R" : "T", ARG(diff_span(d, s->due_ms)));
}

void step_compare(struct differ *d, const struct list *l, const struct element *old, const struct element *new)
{
    const struct policy_step *a = old->item, *b = new->item;
    struct slice name = step_name(d, l, new), before = details_join(d, a), after = details_join(d, b);
    compare_text(d, old, new, diff_say(d, "%.*s is", ARG(name)), a->optional ? S("optional") : S("always done"),
                 b->optional ? S("optional") : S("always done"));
    compare_text(d, old, new, diff_say(d, "%.*s opens the tree", ARG(name)), a->tree, b->tree);
    compare_text(d, old, new, diff_say(d, "%.*s is due at", ARG(name)), due_at(d, l, a), due_at(d, l, b));
    if (slice_eq(before, after)) return;
    struct change *c = change_tell(d, CHANGE_CHANGED, "%.*s has other %s", ARG(name),
                                   a->command || b->command ? "commands" : "details");
    c->id = new->id;
    c->before = before;
    c->after = after;
    c->old_line = old->line;
    c->new_line = new->line;
    c->wording = slice_eq(text_fold(d->arena, before), text_fold(d->arena, after)) && !b->command;
}

struct steps_list {
    const char *noun;
    enum order order;
};

static void steps_compare(struct differ *d, struct slice where, struct steps_list what, struct policy_steps old,
                          struct policy_steps new)
{
    list_compare(d, &(struct list){ .noun = slice_of(what.noun),
                                    .where = where,
                                    .words = WORDS_ACT,
                                    .order = what.order,
                                    .by_place = true,
                                    .size = sizeof(struct policy_step),
                                    .element = step_element,
                                    .compare = step_compare,
                                    .old_v = old.v,
                                    .old_n = old.n,
                                    .new_v = new.v,
                                    .new_n = new.n });
}

#define STEPS(from, list) ((struct policy_steps){ (from)->list, (from)->n_##list })

/* --- scenarios ------------------------------------------------------------------------------------------------------ */

static struct element trigger_element(struct differ *d, const struct policy *p, const void *item)
{
    const struct policy_trigger *t = item;
    (void)d, (void)p;
    return (struct element){ .id = t->id, .text = t->text, .line = t->line };
}

static struct slice trigger_text(struct differ *d, const struct policy_trigger *t)
{
    switch (t->kind) {
    case TRIGGER_TIMED:
        return diff_say(d, "%safter %.*s", t->strict ? "strictly " : "", ARG(diff_span(d, t->after_ms)));
    case TRIGGER_COUNTABLE: return diff_say(d, "at %lld or more", (long long)t->count);
    case TRIGGER_THRESHOLD: return S("by its measured value");
    case TRIGGER_HUMAN: return S("when somebody raises it");
    case TRIGGER_UNSET: break;
    }
    return S("never");
}

static void trigger_compare(struct differ *d, const struct list *l, const struct element *old,
                            const struct element *new)
{
    const struct policy_trigger *a = old->item, *b = new->item;
    struct slice name = step_name(d, l, new);
    compare_text(d, old, new, diff_say(d, "%.*s fires", ARG(name)), trigger_text(d, a), trigger_text(d, b));
    compare_text(d, old, new, diff_say(d, "%.*s waits for the fact", ARG(name)), a->fact, b->fact);
}

static struct element scenario_element(struct differ *d, const struct policy *p, const void *item)
{
    const struct policy_scenario *s = item;
    (void)d, (void)p;
    return (struct element){ .id = s->id, .text = s->name, .line = s->line };
}

static struct slice level_text(const struct policy *p, int level)
{
    return level == 0 ? S("none") : policy_level_label(p, level);
}

static void scenario_compare(struct differ *d, const struct list *l, const struct element *old,
                             const struct element *new)
{
    const struct policy_scenario *a = old->item, *b = new->item;
    const struct slice where = b->name;
    (void)l;
    compare_text(d, old, new, diff_say(d, "%.*s: severity", ARG(where)), level_text(d->old, a->severity),
                 level_text(d->new, b->severity));
    compare_text(d, old, new, diff_say(d, "%.*s: owner", ARG(where)), a->owner, b->owner);
    steps_compare(d, where, (struct steps_list){ "symptom", ORDER_IDLE }, STEPS(a, symptoms), STEPS(b, symptoms));
    steps_compare(d, where, (struct steps_list){ "immediate action", ORDER_ACTS }, a->immediate, b->immediate);
    steps_compare(d, where, (struct steps_list){ "mitigation step", ORDER_ACTS }, a->mitigation, b->mitigation);
    steps_compare(d, where, (struct steps_list){ "verification", ORDER_ACTS }, a->verification, b->verification);
    steps_compare(d, where, (struct steps_list){ "rollback step", ORDER_ACTS }, a->rollback, b->rollback);
    list_compare(d, &(struct list){ .noun = S("escalation trigger"),
                                    .where = where,
                                    .words = WORDS_ACT,
                                    .order = ORDER_IDLE,
                                    .by_place = true,
                                    .compare_tells = true,
                                    .size = sizeof(struct policy_trigger),
                                    .element = trigger_element,
                                    .compare = trigger_compare,
                                    PART(a, b, triggers) });
}

void diff_scenarios(struct differ *d)
{
    d->area = AREA_SCENARIOS;
    list_compare(d, &(struct list){ .noun = S("scenario"),
                                    .words = WORDS_NAME,
                                    .order = ORDER_IDLE,
                                    .size = sizeof(struct policy_scenario),
                                    .element = scenario_element,
                                    .compare = scenario_compare,
                                    BOOK(scenarios) });
}

/* --- afterwards ----------------------------------------------------------------------------------------------------- */

static struct element window_element(struct differ *d, const struct policy *p, const void *item)
{
    const struct policy_window *w = item;
    (void)d, (void)p;
    return (struct element){ .id = w->id, .text = w->name, .line = w->line };
}

/* On the clock that starts with the resolution (A11). */
static struct slice resolved_at(struct differ *d, int64_t ms)
{
    return ms == POLICY_NONE ? S("no set time") : diff_say(d, "R+%.*s", ARG(diff_span(d, ms)));
}

static void window_compare(struct differ *d, const struct list *l, const struct element *old, const struct element *new)
{
    const struct policy_window *a = old->item, *b = new->item;
    (void)l;
    compare_text(d, old, new, diff_say(d, "%.*s begins at", ARG(b->name)), resolved_at(d, a->from_ms),
                 resolved_at(d, b->from_ms));
    compare_text(d, old, new, diff_say(d, "%.*s is due at", ARG(b->name)), resolved_at(d, a->to_ms),
                 resolved_at(d, b->to_ms));
    steps_compare(d, b->name, (struct steps_list){ TASK, ORDER_IDLE }, STEPS(a, actions), STEPS(b, actions));
}

void diff_afterwards(struct differ *d)
{
    d->area = AREA_AFTERWARDS;
    list_compare(d, &(struct list){ .noun = S("window"),
                                    .words = WORDS_NAME,
                                    .order = ORDER_IDLE,
                                    .size = sizeof(struct policy_window),
                                    .element = window_element,
                                    .compare = window_compare,
                                    BOOK(windows) });
}

/* --- measuring ------------------------------------------------------------------------------------------------------ */

static struct element threshold_element(struct differ *d, const struct policy *p, const void *item)
{
    const struct policy_threshold *t = item;
    (void)p;
    return (struct element){ .key = text_fold(d->arena, t->metric), .text = t->metric, .line = t->line };
}

static struct slice threshold_text(struct differ *d, const struct policy_threshold *t)
{
    static const char *const ops[] = { "", "below", "above", "at most", "at least" };
    struct slice blank = t->unit.n > 0 && t->unit.p[0] != '%' ? S(" ") : S("");
    return diff_say(d, "%s %.*s%.*s%.*s", ops[t->op], ARG(t->value), ARG(blank), ARG(t->unit));
}

static void threshold_compare(struct differ *d, const struct list *l, const struct element *old,
                              const struct element *new)
{
    const struct policy_threshold *a = old->item, *b = new->item;
    (void)l;
    if (a->op != b->op || a->value_micro != b->value_micro)
        compare_text(d, old, new, diff_say(d, "%.*s alerts", ARG(b->metric)), threshold_text(d, a),
                     threshold_text(d, b));
    compare_span(d, old, new, diff_say(d, "%.*s alerts when that lasts", ARG(b->metric)), a->for_ms, b->for_ms);
    compare_text(d, old, new, diff_say(d, "%.*s alerts as", ARG(b->metric)), level_text(d->old, a->severity),
                 level_text(d->new, b->severity));
}

void diff_thresholds(struct differ *d)
{
    const struct policy_book *a = &d->old->book, *b = &d->new->book;
    d->area = AREA_THRESHOLDS;
    steps_compare(d, S(""), (struct steps_list){ "critical metric", ORDER_IDLE }, STEPS(a, metrics), STEPS(b, metrics));
    list_compare(d, &(struct list){ .noun = S("threshold"),
                                    .words = WORDS_NAME,
                                    .order = ORDER_IDLE,
                                    .size = sizeof(struct policy_threshold),
                                    .element = threshold_element,
                                    .compare = threshold_compare,
                                    BOOK(thresholds) });
}

/* --- tools, training, drills, reviews, control ---------------------------------------------------------------------- */

static struct element tool_element(struct differ *d, const struct policy *p, const void *item)
{
    const struct policy_tool *t = item;
    (void)d, (void)p;
    return (struct element){ .id = t->id, .text = t->text, .line = t->line };
}

void diff_tools(struct differ *d)
{
    d->area = AREA_TOOLS;
    list_compare(d, &(struct list){ .noun = S("tool"),
                                    .words = WORDS_NAME,
                                    .order = ORDER_IDLE,
                                    .by_place = true,
                                    .size = sizeof(struct policy_tool),
                                    .element = tool_element,
                                    BOOK(tools) });
}

static struct element training_element(struct differ *d, const struct policy *p, const void *item)
{
    const struct policy_training *t = item;
    (void)d, (void)p;
    return (struct element){ .id = t->id, .text = t->name, .line = t->line };
}

static void training_compare(struct differ *d, const struct list *l, const struct element *old,
                             const struct element *new)
{
    const struct policy_training *a = old->item, *b = new->item;
    (void)l;
    compare_span(d, old, new, diff_say(d, "%.*s is held every", ARG(b->name)), a->every_ms, b->every_ms);
}

static struct element drill_element(struct differ *d, const struct policy *p, const void *item)
{
    const struct policy_drill *r = item;
    (void)d, (void)p;
    return (struct element){ .id = r->id, .text = r->name, .line = r->line };
}

static void drill_compare(struct differ *d, const struct list *l, const struct element *old, const struct element *new)
{
    const struct policy_drill *a = old->item, *b = new->item;
    (void)l;
    compare_text(d, old, new, diff_say(d, "%.*s exercises the scenario", ARG(b->name)), a->scenario, b->scenario);
    compare_text(d, old, new, diff_say(d, "%.*s exercises the tree", ARG(b->name)), a->tree, b->tree);
}

void diff_training(struct differ *d)
{
    const struct policy_book *a = &d->old->book, *b = &d->new->book;
    d->area = AREA_TRAINING;
    list_compare(d, &(struct list){ .noun = S("training"),
                                    .words = WORDS_ACT,
                                    .order = ORDER_IDLE,
                                    .by_place = true,
                                    .size = sizeof(struct policy_training),
                                    .element = training_element,
                                    .compare = training_compare,
                                    BOOK(training) });
    list_compare(d, &(struct list){ .noun = S("drill"),
                                    .words = WORDS_ACT,
                                    .order = ORDER_IDLE,
                                    .by_place = true,
                                    .size = sizeof(struct policy_drill),
                                    .element = drill_element,
                                    .compare = drill_compare,
                                    BOOK(drills) });
    steps_compare(d, S(""), (struct steps_list){ "success metric", ORDER_IDLE }, STEPS(a, success), STEPS(b, success));
}

static struct element review_element(struct differ *d, const struct policy *p, const void *item)
{
    const struct policy_review *r = item;
    (void)d, (void)p;
    return (struct element){ .id = r->id, .text = r->name, .line = r->line };
}

static void review_compare(struct differ *d, const struct list *l, const struct element *old, const struct element *new)
{
    const struct policy_review *a = old->item, *b = new->item;
    (void)l;
    compare_span(d, old, new, diff_say(d, "%.*s are held every", ARG(b->name)), a->every_ms, b->every_ms);
    steps_compare(d, b->name, (struct steps_list){ "agenda item", ORDER_IDLE }, STEPS(a, items), STEPS(b, items));
}

void diff_reviews(struct differ *d)
{
    d->area = AREA_REVIEWS;
    list_compare(d, &(struct list){ .noun = S("review"),
                                    .words = WORDS_NAME,
                                    .order = ORDER_IDLE,
                                    .size = sizeof(struct policy_review),
                                    .element = review_element,
                                    .compare = review_compare,
                                    BOOK(reviews) });
}

static struct element control_element(struct differ *d, const struct policy *p, const void *item)
{
    const struct policy_control *k = item;
    (void)p;
    return (struct element){ .key = text_fold(d->arena, k->key), .text = k->key, .line = k->line };
}

/* Reminders and activation read these (R134, R135); the other keys only inform. */
static bool control_acts(struct slice key)
{
    return slice_has_prefix_nocase(key, S("next review")) || slice_has_prefix_nocase(key, S("approved by"));
}

static void control_compare(struct differ *d, const struct list *l, const struct element *old,
                            const struct element *new)
{
    const struct policy_control *a = old->item, *b = new->item;
    const size_t before = d->changes.n;
    (void)l;
    compare_text(d, old, new, diff_say(d, "%.*s is", ARG(b->key)), a->value, b->value);
    for (size_t i = before; i < d->changes.n; i++) d->changes.v[i].wording = !control_acts(b->key);
}

void diff_control(struct differ *d)
{
    d->area = AREA_DOCUMENT;
    list_compare(d, &(struct list){ .noun = S("key"),
                                    .words = WORDS_NAME,
                                    .order = ORDER_IDLE,
                                    .size = sizeof(struct policy_control),
                                    .element = control_element,
                                    .compare = control_compare,
                                    BOOK(control) });
}

/* --- a version that stayed (R134) ------------------------------------------------------------------------------------- */

static const struct policy_control *control_like(const struct policy *p, struct slice key)
{
    for (size_t i = 0; i < p->book.n_control; i++)
        if (slice_has_prefix_nocase(p->book.control[i].key, key)) return &p->book.control[i];
    return NULL;
}

/* Of the document that a line stands in. */
static struct slice bytes_at(const struct compiled *c, unsigned line)
{
    return c->set_policy == NULL ? c->source->bytes : c->set->docs[POLICY_FILE(line)]->source->bytes;
}

/* Is it a change of the document that the key stands in? Of several, each has its own version. */
static bool is_of_document(const struct change *c, const struct policy_control *old, const struct policy_control *new)
{
    if (c->wording || c->kind == CHANGE_UNSET) return false;
    if (c->new_line > 0) return POLICY_FILE(c->new_line) == POLICY_FILE(new->line);
    return c->old_line == 0 || POLICY_FILE(c->old_line) == POLICY_FILE(old->line);
}

/* Other behaviour under the same version or date: whoever reads the page takes it for the old one. */
void diff_version(struct differ *d, const struct compiled *old, const struct compiled *new)
{
    static const struct slice keys[] = { S("version"), S("last updated") };
    const size_t n = d->changes.n;
    d->area = AREA_DOCUMENT;
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        const struct policy_control *a = control_like(d->old, keys[i]), *b = control_like(d->new, keys[i]);
        bool acts = false;
        if (a == NULL || b == NULL || b->placeholder || !slice_eq(a->value, b->value)) continue;
        if (slice_eq(bytes_at(old, a->line), bytes_at(new, b->line))) continue;
        for (size_t k = 0; k < n; k++) acts |= is_of_document(&d->changes.v[k], a, b);
        if (!acts) continue;
        struct change *c = change_tell(d, CHANGE_CHANGED, "%.*s still says %.*s, though the behaviour is another",
                                       ARG(b->key), ARG(diff_quoted(d, b->value)));
        c->wording = c->stays = true;
        c->old_line = a->line;
        c->new_line = b->line;
    }
}

/* --- reference prose ------------------------------------------------------------------------------------------------ */

static void prose_count(struct differ *d, const struct compiled *c, struct smap *counts, int64_t sign)
{
    if (c->set_policy != NULL) { /* of several documents: all of theirs */
        for (size_t i = 0; i < c->set->n; i++)
            if (c->set->docs[i] != NULL) prose_count(d, c->set->docs[i], counts, sign);
        return;
    }
    for (unsigned line = 1; line <= c->lines; line++) {
        if (c->classes[line - 1] != CLASS_PROSE) continue;
        struct slice text = text_fold(d->arena, compiled_line_text(c, line));
        int64_t n = 0;
        smap_get(counts, text, &n);
        smap_put(counts, text, n + sign);
    }
}

void diff_prose(struct differ *d, const struct compiled *old, const struct compiled *new)
{
    struct smap *counts = smap_create(0);
    struct slice text;
    int64_t n, gone = 0, came = 0;
    prose_count(d, old, counts, -1);
    prose_count(d, new, counts, 1);
    for (size_t at = 0; smap_next(counts, &at, &text, &n);) {
        if (n < 0)
            gone -= n;
        else
            came += n;
    }
    smap_destroy(&counts);
    if (gone + came == 0) return;
    d->area = AREA_DOCUMENT;
    struct change *c = change_tell(d, CHANGE_REWORDED, "reference prose: %lld line%s new, %lld gone", (long long)came,
                                   came == 1 ? "" : "s", (long long)gone);
    c->wording = true;
}
