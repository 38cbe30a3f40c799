/* diff_rule.c - the escalation sentences: who is paged, after how long, for which incidents.
 * A `then` waits as long again, so one changed number moves everybody behind it: each target is told by its own time. */
#include "procedures/diff_inner.h"

static const char *condition(enum rule_when when)
{
    if (when == RULE_NO_RESPONSE) return " without response";
    return when == RULE_NO_RESOLUTION ? " without resolution" : "";
}

static bool has_clock_of(const struct policy_rule *r)
{
    return r->when == RULE_NO_RESPONSE || r->when == RULE_NO_RESOLUTION;
}

static struct slice hours_text(struct differ *d, const struct policy_rule *r)
{
    if (r->hours == HOURS_ALWAYS) return S("at any hour");
    return diff_say(d, "%s %.*s", r->hours == HOURS_DURING ? "during" : "outside", ARG(r->calendar));
}

/* What the sentence is about: which incidents, which condition, and who hears first. */
static struct element rule_element(struct differ *d, const struct policy *p, const void *item)
{
    const struct policy_rule *r = item;
    struct slice first = r->n_targets > 0 ? r->targets[0].party : S("");
    return (struct element){ .id = r->id,
                             .text = r->text,
                             .line = r->line,
                             .class = (int)r->when,
                             .key = diff_say(d, "%d %.*s %d %.*s %.*s %.*s", (int)r->when,
                                             ARG(diff_levels(d, p, r->severities)), r->level, ARG(r->category),
                                             ARG(hours_text(d, r)), ARG(first)) };
}

/* --- targets -------------------------------------------------------------------------------------------------------- */

static struct slice target_name(const struct policy *p, const struct policy_target *t)
{
    struct slice title = policy_role_title(p, t->party);
    return slice_eq(title, t->party) && t->name.n > 0 ? t->name : title;
}

static bool is_told(const struct policy_rule *r, const struct policy_target *t)
{
    return t->told_only || !r->page;
}

/* "after 5 min without response", "on entry to SEV1", "for security incidents" */
static struct slice when_text(struct differ *d, const struct policy *p, const struct policy_rule *r,
                              const struct policy_target *t)
{
    struct slice steps = t->step > 0 ? diff_say(d, ", step %d", t->step + 1) : S("");
    if (r->when == RULE_SEVERITY)
        return diff_say(d, "on entry to %.*s%.*s", ARG(policy_level_label(p, r->level)), ARG(steps));
    if (r->when == RULE_CATEGORY) return diff_say(d, "for %.*s incidents%.*s", ARG(r->category), ARG(steps));
    return diff_say(d, "after %.*s%s", ARG(diff_span(d, r->after_ms * (t->step + 1))), condition(r->when));
}

static struct slice scope_text(struct differ *d, const struct policy *p, const struct policy_rule *r)
{
    struct slice levels = r->severities == 0 ? S("") : diff_say(d, ", %.*s", ARG(diff_levels(d, p, r->severities)));
    struct slice hours = r->hours == HOURS_ALWAYS ? S("") : diff_say(d, ", %.*s", ARG(hours_text(d, r)));
    return diff_say(d, "%.*s%.*s", ARG(levels), ARG(hours));
}

static struct change *tell_target(struct differ *d, enum change_kind kind, const struct element *old,
                                  const struct element *new, struct slice text)
{
    struct change *c = change_tell(d, kind, "%.*s", ARG(text));
    c->id = new->id;
    c->old_line = old->line;
    c->new_line = new->line;
    return c;
}

static void target_compare(struct differ *d, const struct element *old, const struct element *new,
                           const struct policy_target *t, const struct policy_target *u)
{
    const struct policy_rule *a = old->item, *b = new->item;
    struct slice name = target_name(d->new, u);
    const char *verb = is_told(b, u) ? "told" : "paged";
    if (has_clock_of(a) && has_clock_of(b) && a->after_ms * (t->step + 1) != b->after_ms * (u->step + 1)) {
        struct slice before = diff_span(d, a->after_ms * (t->step + 1));
        struct slice after = diff_span(d, b->after_ms * (u->step + 1));
        struct change *c = tell_target(d, CHANGE_CHANGED, old, new,
                                       diff_say(d, "%.*s is %s after %.*s%s (was %.*s)", ARG(name), verb, ARG(after),
                                                condition(b->when), ARG(before)));
        c->before = before;
        c->after = after;
    } else if (t->step != u->step) {
        compare_text(d, old, new,
                     diff_say(d, "%.*s is %s %.*s: in step", ARG(name), verb, ARG(when_text(d, d->new, b, u))),
                     diff_say(d, "%d", t->step + 1), diff_say(d, "%d", u->step + 1));
    }
    struct slice about = diff_say(d, "%.*s %.*s is", ARG(name), ARG(when_text(d, d->new, b, u)));
    compare_text(d, old, new, about, is_told(a, t) ? S("told only") : S("paged"),
                 is_told(b, u) ? S("told only") : S("paged"));
    compare_text(d, old, new, diff_say(d, "%.*s reached by", ARG(about)), t->by.n > 0 ? t->by : S("their own order"),
                 u->by.n > 0 ? u->by : S("their own order"));
}

static const struct policy_target *target_of(const struct policy_rule *r, struct slice party)
{
    for (size_t i = 0; i < r->n_targets; i++)
        if (slice_eq(r->targets[i].party, party)) return &r->targets[i];
    return NULL;
}

static void targets_compare(struct differ *d, const struct element *old, const struct element *new)
{
    const struct policy_rule *a = old->item, *b = new->item;
    for (size_t i = 0; i < b->n_targets; i++) {
        const struct policy_target *u = &b->targets[i], *t = target_of(a, u->party);
        if (t != NULL) {
            target_compare(d, old, new, t, u);
            continue;
        }
        tell_target(d, CHANGE_ADDED, old, new,
                    diff_say(d, "%.*s is now %s %.*s", ARG(target_name(d->new, u)), is_told(b, u) ? "told" : "paged",
                             ARG(when_text(d, d->new, b, u))))
            ->after = u->party;
    }
    for (size_t i = 0; i < a->n_targets; i++) {
        const struct policy_target *t = &a->targets[i];
        if (target_of(b, t->party) != NULL) continue;
        tell_target(d, CHANGE_REMOVED, old, new,
                    diff_say(d, "%.*s is no longer %s %.*s", ARG(target_name(d->old, t)),
                             is_told(a, t) ? "told" : "paged", ARG(when_text(d, d->old, a, t))))
            ->before = t->party;
    }
}

/* --- sentences ------------------------------------------------------------------------------------------------------ */

static void rule_compare(struct differ *d, const struct list *l, const struct element *old, const struct element *new)
{
    const struct policy_rule *a = old->item, *b = new->item;
    const size_t before = d->changes.n;
    (void)l;
    targets_compare(d, old, new);
    struct slice first = b->n_targets > 0 ? target_name(d->new, &b->targets[0]) : S("nobody");
    struct slice about =
        b->n_targets > 0 ? diff_say(d, "%.*s, %.*s", ARG(first), ARG(when_text(d, d->new, b, b->targets))) : first;
    compare_text(d, old, new, diff_say(d, "%.*s: for", ARG(about)), diff_levels(d, d->old, a->severities),
                 diff_levels(d, d->new, b->severities));
    if (a->when == RULE_SEVERITY && b->when == RULE_SEVERITY)
        compare_text(d, old, new, diff_say(d, "%.*s: on entry to", ARG(first)), policy_level_label(d->old, a->level),
                     policy_level_label(d->new, b->level));
    compare_text(d, old, new, diff_say(d, "%.*s: for incidents of category", ARG(first)), a->category, b->category);
    compare_text(d, old, new, diff_say(d, "%.*s:", ARG(about)), hours_text(d, a), hours_text(d, b));
    if (d->changes.n > before || slice_eq(old->text, new->text)) return;
    struct change *c = tell_target(
        d, CHANGE_REWORDED, old, new,
        diff_say(d, "the sentence %.*s now reads %.*s", ARG(diff_quoted(d, a->text)), ARG(diff_quoted(d, b->text))));
    c->wording = true;
    c->before = a->text;
    c->after = b->text;
}

/* A whole sentence that came or went, target by target: what people ask is who is paged. */
static void tell_rule(struct differ *d, const struct element *e, enum change_kind kind)
{
    const struct policy_rule *r = e->item;
    const struct policy *p = kind == CHANGE_ADDED ? d->new : d->old;
    for (size_t i = 0; i < r->n_targets; i++) {
        const struct policy_target *t = &r->targets[i];
        struct change *c = change_tell(d, kind, "%.*s is %s %s %.*s%.*s", ARG(target_name(p, t)),
                                       kind == CHANGE_ADDED ? "now" : "no longer", is_told(r, t) ? "told" : "paged",
                                       ARG(when_text(d, p, r, t)), ARG(scope_text(d, p, r)));
        c->id = e->id;
        if (kind == CHANGE_ADDED)
            c->after = r->text;
        else
            c->before = r->text;
        if (kind == CHANGE_ADDED)
            c->new_line = r->line;
        else
            c->old_line = r->line;
    }
}

static struct element *rules_of(struct differ *d, const struct policy *p)
{
    struct element *out = arena_array(d->arena, struct element, p->n_rules + 1);
    for (size_t i = 0; i < p->n_rules; i++) {
        out[i] = rule_element(d, p, &p->rules[i]);
        out[i].item = &p->rules[i];
        out[i].at = i;
        out[i].match = -1;
        out[i].folded = text_fold(d->arena, out[i].text);
    }
    return out;
}

void diff_escalation(struct differ *d)
{
    const struct list l = { .by_place = true, .old_n = d->old->n_rules, .new_n = d->new->n_rules };
    struct element *old = rules_of(d, d->old), *new = rules_of(d, d->new);
    d->area = AREA_ESCALATION;
    elements_match(d, &l, old, new);
    for (size_t i = 0; i < l.new_n; i++) {
        if (new[i].match < 0)
            tell_rule(d, &new[i], CHANGE_ADDED);
        else
            rule_compare(d, &l, &old[new[i].match], &new[i]);
    }
    for (size_t i = 0; i < l.old_n; i++)
        if (old[i].match < 0) tell_rule(d, &old[i], CHANGE_REMOVED);
}
