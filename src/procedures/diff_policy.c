/* diff_policy.c - severities, team, contacts, channels, timeline, communication and templates.
 * Not here: escalation rules (diff_rule.c), runbooks and what follows them (diff_book.c). */
#include "procedures/diff_inner.h"

#define LISTS(list) .old_v = d->old->list, .old_n = d->old->n_##list, .new_v = d->new->list, .new_n = d->new->n_##list
#define PART(a, b, list) .old_v = (a)->list, .old_n = (a)->n_##list, .new_v = (b)->list, .new_n = (b)->n_##list

struct element item_element(struct differ *d, const struct policy *p, const void *item)
{
    const struct policy_item *i = item;
    (void)d, (void)p;
    return (struct element){ .id = i->id, .text = i->text, .line = i->line };
}

static void items_compare(struct differ *d, struct slice where, struct slice noun, struct policy_items old,
                          struct policy_items new)
{
    list_compare(d, &(struct list){ .noun = noun,
                                    .where = where,
                                    .words = WORDS_ACT,
                                    .order = ORDER_IDLE,
                                    .by_place = true,
                                    .size = sizeof(struct policy_item),
                                    .element = item_element,
                                    .old_v = old.v,
                                    .old_n = old.n,
                                    .new_v = new.v,
                                    .new_n = new.n });
}

/* --- severities ----------------------------------------------------------------------------------------------------- */

static struct element severity_element(struct differ *d, const struct policy *p, const void *item)
{
    const struct policy_severity *s = item;
    (void)d, (void)p;
    return (struct element){ .key = s->label, .text = s->label, .line = s->line };
}

static struct slice window_text(struct differ *d, const struct policy_severity *s)
{
    if (s->recovery_line == 0) return S("none");
    if (s->recovery_min_ms == POLICY_NONE)
        return diff_say(d, "%s %.*s", s->recovery_max_open ? "less than" : "at most",
                        ARG(diff_span(d, s->recovery_max_ms)));
    if (s->recovery_max_ms == POLICY_NONE)
        return diff_say(d, "%s %.*s", s->recovery_min_open ? "more than" : "at least",
                        ARG(diff_span(d, s->recovery_min_ms)));
    return diff_say(d, "%.*s to %.*s", ARG(diff_span(d, s->recovery_min_ms)), ARG(diff_span(d, s->recovery_max_ms)));
}

static void severity_compare(struct differ *d, const struct list *l, const struct element *old,
                             const struct element *new)
{
    const struct policy_severity *a = old->item, *b = new->item;
    (void)l;
    compare_text(d, old, new, diff_say(d, "%.*s is level", ARG(b->label)), diff_say(d, "%d", a->level),
                 diff_say(d, "%d", b->level));
    compare_text(d, old, new, diff_say(d, "%.*s is called", ARG(b->label)), a->name, b->name);
    compare_text(d, &(struct element){ .line = a->recovery_line }, &(struct element){ .line = b->recovery_line },
                 diff_say(d, "%.*s means a recovery of", ARG(b->label)), window_text(d, a), window_text(d, b));
    compare_span(d, old, new, diff_say(d, "%.*s is to be answered within", ARG(b->label)), a->respond_within_ms,
                 b->respond_within_ms);
    compare_span(d, old, new, diff_say(d, "%.*s: an update is due every", ARG(b->label)), a->update_every_ms,
                 b->update_every_ms);
    items_compare(d, b->label, S("criterion"), a->criteria, b->criteria);
}

void diff_severities(struct differ *d)
{
    d->area = AREA_SEVERITIES;
    list_compare(d, &(struct list){ .noun = S("severity"),
                                    .words = WORDS_ACT,
                                    .order = ORDER_IDLE,
                                    .by_place = true,
                                    .size = sizeof(struct policy_severity),
                                    .element = severity_element,
                                    .compare = severity_compare,
                                    LISTS(severities) });
}

/* --- team ----------------------------------------------------------------------------------------------------------- */

static struct element role_element(struct differ *d, const struct policy *p, const void *item)
{
    const struct policy_role *r = item;
    (void)d, (void)p;
    return (struct element){ .id = r->id, .key = r->id, .text = r->name, .line = r->line };
}

static struct element selector_element(struct differ *d, const struct policy *p, const void *item)
{
    const struct policy_selector *s = item;
    (void)p;
    return (struct element){ .key = s->category,
                             .text = diff_say(d, "%.*s for %.*s incidents", ARG(s->name), ARG(s->category)),
                             .line = s->line };
}

static void selector_compare(struct differ *d, const struct list *l, const struct element *old,
                             const struct element *new)
{
    const struct policy_selector *a = old->item, *b = new->item;
    (void)l;
    compare_text(d, old, new, diff_say(d, "%.*s incidents go to", ARG(b->category)), a->group, b->group);
    compare_text(d, old, new, diff_say(d, "%.*s are called for the category", ARG(b->name)), a->category, b->category);
}

static void role_compare(struct differ *d, const struct list *l, const struct element *old, const struct element *new)
{
    const struct policy_role *a = old->item, *b = new->item;
    (void)l;
    items_compare(d, b->name, S("duty"), a->duties, b->duties);
    list_compare(d, &(struct list){ .noun = S("experts"),
                                    .words = WORDS_NAME,
                                    .order = ORDER_IDLE,
                                    .by_place = true,
                                    .size = sizeof(struct policy_selector),
                                    .element = selector_element,
                                    .compare = selector_compare,
                                    PART(a, b, selectors) });
}

void diff_team(struct differ *d)
{
    const struct element nobody = { .line = d->old->first_line }, now = { .line = d->new->first_line };
    d->area = AREA_TEAM;
    compare_text(d, &nobody, &now, S("paged first is"), policy_role_title(d->old, d->old->first.party),
                 slice_eq(d->old->first.party, d->new->first.party) ? policy_role_title(d->old, d->old->first.party)
                                                                    : policy_role_title(d->new, d->new->first.party));
    list_compare(d, &(struct list){ .noun = S("role"),
                                    .words = WORDS_NAME,
                                    .order = ORDER_IDLE,
                                    .size = sizeof(struct policy_role),
                                    .element = role_element,
                                    .compare = role_compare,
                                    LISTS(roles) });
}

/* --- contacts and channels ------------------------------------------------------------------------------------------ */

static struct element contact_element(struct differ *d, const struct policy *p, const void *item)
{
    const struct policy_contact *c = item;
    (void)d, (void)p;
    return (struct element){ .key = c->party, .text = c->name, .line = c->line };
}

static struct slice words_join(struct differ *d, const struct slice *v, size_t n, const char *between)
{
    struct slice out = { 0 };
    for (size_t i = 0; i < n; i++) out = diff_say(d, "%.*s%s%.*s", ARG(out), i > 0 ? between : "", ARG(v[i]));
    return out;
}

static void contact_compare(struct differ *d, const struct list *l, const struct element *old,
                            const struct element *new)
{
    const struct policy_contact *a = old->item, *b = new->item;
    (void)l;
    compare_text(d, old, new, diff_say(d, "%.*s is reached by", ARG(b->name)),
                 words_join(d, a->kinds, a->n_kinds, ", then "), words_join(d, b->kinds, b->n_kinds, ", then "));
    compare_text(d, old, new, diff_say(d, "%.*s: the address is", ARG(b->name)), a->value, b->value);
}

static struct element channel_element(struct differ *d, const struct policy *p, const void *item)
{
    const struct policy_channel *c = item;
    (void)p;
    return (struct element){ .key = diff_say(d, "%.*s %.*s", ARG(c->kind), ARG(c->target)),
                             .text = c->text,
                             .line = c->line };
}

static void channel_compare(struct differ *d, const struct list *l, const struct element *old,
                            const struct element *new)
{
    const struct policy_channel *a = old->item, *b = new->item;
    (void)l;
    compare_text(d, old, new, diff_say(d, "posts by %.*s are", ARG(b->text)), a->rank, b->rank);
    if (slice_eq(old->key, new->key)) return;
    struct slice rank = b->rank.n > 0 ? b->rank : S("next");
    compare_text(d, old, new, diff_say(d, "the %.*s channel is", ARG(rank)), old->key, new->key);
}

void diff_contacts(struct differ *d)
{
    d->area = AREA_CONTACTS;
    list_compare(d, &(struct list){ .noun = S("contact"),
                                    .words = WORDS_NAME,
                                    .order = ORDER_IDLE,
                                    .size = sizeof(struct policy_contact),
                                    .element = contact_element,
                                    .compare = contact_compare,
                                    LISTS(contacts) });
    list_compare(d, &(struct list){ .noun = S("channel"),
                                    .words = WORDS_NAME,
                                    .order = ORDER_ACTS,
                                    .by_place = true,
                                    .compare_tells = true,
                                    .size = sizeof(struct policy_channel),
                                    .element = channel_element,
                                    .compare = channel_compare,
                                    LISTS(channels) });
}

/* --- timeline ------------------------------------------------------------------------------------------------------- */

static struct element milestone_element(struct differ *d, const struct policy *p, const void *item)
{
    const struct policy_milestone *m = item;
    (void)p;
    return (struct element){ .id = m->id,
                             .text = m->name,
                             .line = m->line,
                             .key = m->at_ms == POLICY_NONE ? S("") : diff_say(d, "T+%lld", (long long)m->at_ms) };
}

static struct element check_element(struct differ *d, const struct policy *p, const void *item)
{
    const struct policy_check *c = item;
    (void)d, (void)p;
    return (struct element){ .id = c->id, .text = c->text, .line = c->line };
}

static struct slice evidence_text(enum evidence e)
{
    switch (e) {
#define X(sym, code, text) \
    case EVIDENCE_##sym: return S(text);
        EVIDENCE_KINDS(X)
#undef X
    case EVIDENCE_UNSET: break;
    }
    return S("nothing");
}

static void check_compare(struct differ *d, const struct list *l, const struct element *old, const struct element *new)
{
    const struct policy_check *a = old->item, *b = new->item;
    struct slice what = diff_say(d, "%.*s: %.*s is ticked by", ARG(l->where), ARG(diff_quoted(d, b->text)));
    compare_text(d, old, new, what, evidence_text(a->evidence), evidence_text(b->evidence));
}

static struct slice clock_at(struct differ *d, int64_t ms)
{
    return ms == POLICY_NONE ? S("no set time") : diff_say(d, "T+%.*s", ARG(diff_span(d, ms)));
}

static void milestone_compare(struct differ *d, const struct list *l, const struct element *old,
                              const struct element *new)
{
    const struct policy_milestone *a = old->item, *b = new->item;
    (void)l;
    compare_text(d, old, new, diff_say(d, "%.*s is at", ARG(b->name)), clock_at(d, a->at_ms), clock_at(d, b->at_ms));
    compare_text(d, old, new, diff_say(d, "%.*s ends at", ARG(b->name)), clock_at(d, a->due_ms),
                 clock_at(d, b->due_ms));
    compare_text(d, old, new, diff_say(d, "%.*s applies", ARG(b->name)),
                 a->after_resolution ? S("once resolved") : S("at once"),
                 b->after_resolution ? S("once resolved") : S("at once"));
    list_compare(d, &(struct list){ .noun = S("check"),
                                    .where = b->name,
                                    .words = WORDS_ACT,
                                    .order = ORDER_IDLE,
                                    .by_place = true,
                                    .size = sizeof(struct policy_check),
                                    .element = check_element,
                                    .compare = check_compare,
                                    PART(a, b, checks) });
}

void diff_timeline(struct differ *d)
{
    d->area = AREA_TIMELINE;
    list_compare(d, &(struct list){ .noun = S("milestone"),
                                    .words = WORDS_NAME,
                                    .order = ORDER_IDLE,
                                    .size = sizeof(struct policy_milestone),
                                    .element = milestone_element,
                                    .compare = milestone_compare,
                                    LISTS(milestones) });
}

/* --- communication and templates ------------------------------------------------------------------------------------ */

static struct element communication_element(struct differ *d, const struct policy *p, const void *item)
{
    const struct policy_communication *c = item;
    (void)d, (void)p;
    return (struct element){ .id = c->id, .text = c->name, .line = c->line };
}

static struct slice clock_text(char clock)
{
    switch (clock) {
    case 'D': return S("from the declaration");
    case 'R': return S("from the resolution");
    case 'T': return S("from the first page");
    }
    return S("without a clock");
}

static void communication_compare(struct differ *d, const struct list *l, const struct element *old,
                                  const struct element *new)
{
    const struct policy_communication *a = old->item, *b = new->item;
    (void)l;
    compare_span(d, old, new, diff_say(d, "%.*s: every", ARG(b->name)), a->every_ms, b->every_ms);
    compare_span(d, old, new, diff_say(d, "%.*s: within", ARG(b->name)), a->within_ms, b->within_ms);
    compare_text(d, old, new, diff_say(d, "%.*s: counted", ARG(b->name)), clock_text(a->clock), clock_text(b->clock));
    compare_text(d, old, new, diff_say(d, "%.*s: for", ARG(b->name)), diff_levels(d, d->old, a->severities),
                 diff_levels(d, d->new, b->severities));
    compare_text(d, old, new, diff_say(d, "%.*s: by", ARG(b->name)), a->channel_kind, b->channel_kind);
    compare_text(d, old, new, diff_say(d, "%.*s: sent to", ARG(b->name)), a->channel_target, b->channel_target);
    compare_text(d, old, new, diff_say(d, "%.*s: for the audience", ARG(b->name)), a->audience, b->audience);
}

void diff_communication(struct differ *d)
{
    d->area = AREA_COMMUNICATION;
    list_compare(d, &(struct list){ .noun = S("obligation"),
                                    .words = WORDS_NAME,
                                    .order = ORDER_IDLE,
                                    .size = sizeof(struct policy_communication),
                                    .element = communication_element,
                                    .compare = communication_compare,
                                    LISTS(communications) });
}

static struct element template_element(struct differ *d, const struct policy *p, const void *item)
{
    const struct policy_template *t = item;
    (void)d, (void)p;
    return (struct element){ .id = t->id, .text = t->name, .line = t->line };
}

static struct element field_element(struct differ *d, const struct policy *p, const void *item)
{
    const struct policy_template_line *f = item;
    (void)d, (void)p;
    return (struct element){
        .key = f->label, .text = f->label.n > 0 ? f->label : f->text, .line = f->line, .class = f->kind == FIELD_FIXED
    };
}

static void field_compare(struct differ *d, const struct list *l, const struct element *old, const struct element *new)
{
    const struct policy_template_line *a = old->item, *b = new->item;
    struct slice what = diff_say(d, "%.*s: field %.*s", ARG(l->where), ARG(diff_quoted(d, b->label)));
    if (a->kind == FIELD_FIXED || b->kind == FIELD_FIXED) return; /* the words say it */
    compare_text(d, old, new, diff_say(d, "%.*s offers", ARG(what)), words_join(d, a->values, a->n_values, "/"),
                 words_join(d, b->values, b->n_values, "/"));
    if (a->kind == FIELD_LITERAL || b->kind == FIELD_LITERAL)
        compare_text(d, old, new, diff_say(d, "%.*s says", ARG(what)),
                     a->kind == FIELD_LITERAL ? a->text : S("what people enter"),
                     b->kind == FIELD_LITERAL ? b->text : S("what people enter"));
    if (a->kind != FIELD_TEXT || b->kind != FIELD_TEXT || slice_eq(a->text, b->text)) return;
    const size_t before = d->changes.n;
    compare_text(d, old, new, diff_say(d, "%.*s hints", ARG(what)), a->text, b->text);
    d->changes.v[before].wording = true; /* the hint is never sent */
}

static void template_compare(struct differ *d, const struct list *l, const struct element *old,
                             const struct element *new)
{
    const struct policy_template *a = old->item, *b = new->item;
    (void)l;
    compare_span(d, old, new, diff_say(d, "%.*s: every", ARG(b->name)), a->every_ms, b->every_ms);
    list_compare(d, &(struct list){ .noun = S("line"),
                                    .where = b->name,
                                    .words = WORDS_ACT,
                                    .order = ORDER_ACTS,
                                    .by_place = true,
                                    .size = sizeof(struct policy_template_line),
                                    .element = field_element,
                                    .compare = field_compare,
                                    PART(a, b, lines) });
}

void diff_templates(struct differ *d)
{
    d->area = AREA_TEMPLATES;
    list_compare(d, &(struct list){ .noun = S("template"),
                                    .words = WORDS_NAME,
                                    .order = ORDER_IDLE,
                                    .size = sizeof(struct policy_template),
                                    .element = template_element,
                                    .compare = template_compare,
                                    LISTS(templates) });
}
