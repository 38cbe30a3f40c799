/* merge_weaker.c - is what holds for a team weaker than what the organisation says: later, quieter, fewer people or
 * severities?
 * Who is paged when is asked of the rules themselves (core/escalation.h) for every level, inside and outside of working
 * time, so that a narrower sentence that replaces a wider one counts as it will count at night. */
#include "base/zone.h"
#include "core/contact.h"
#include "core/escalation.h"
#include "procedures/merge_inner.h"
#include "procedures/scan.h"

struct weighing {
    struct merger *m;
    size_t doc;
    const struct policy *base, *view;
};

/* The element of the view that this document brought and that says it, else the line of its front matter. */
static unsigned line_for(const struct weighing *w, enum section_role role, const void *element, unsigned line)
{
    unsigned named = 1;
    if (element != NULL && merge_file(w->m, element) == w->doc) return line;
    front_names(w->m->arena, &w->m->fronts[w->doc].replaces, role, &named);
    return named;
}

static bool override_holds(const struct weighing *w, enum section_role role)
{
    const struct front *f = &w->m->fronts[w->doc];
    int64_t until;
    return front_names(w->m->arena, &f->weaker, role, NULL) && f->approved_by.text.n > 0 && f->reason.text.n > 0 &&
           front_date(f->until.text, &until) && (w->m->today == 0 || until >= w->m->today);
}

static void tell(const struct weighing *w, enum section_role role, unsigned line, struct slice what)
{
    const struct front *f = &w->m->fronts[w->doc];
    if (override_holds(w, role))
        merge_diagnose(w->m, w->doc, "W-WEAKER", line, S(""), "%.*s; allowed by %.*s until %.*s: %.*s", ARG(what),
                       ARG(f->approved_by.text), ARG(f->until.text), ARG(f->reason.text));
    else
        merge_diagnose(w->m, w->doc, "E-WEAKER", line,
                       S("strengthen it, or name in the front matter: weaker, approved_by, reason, until"),
                       "weaker than the organisation's: %.*s", ARG(what));
}

static struct slice text_of(const struct weighing *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static struct slice text_of(const struct weighing *w, const char *fmt, ...)
{
    struct buf text = { 0 };
    va_list ap;
    va_start(ap, fmt);
    buf_vaddf(&text, fmt, ap);
    va_end(ap);
    struct slice kept = arena_copy(w->m->arena, buf_slice(&text));
    buf_release(&text);
    return kept;
}

static struct slice minutes(const struct weighing *w, int64_t ms)
{
    return ms % MINUTE == 0 ? text_of(w, "%lld min", (long long)(ms / MINUTE))
                            : text_of(w, "%lld s", (long long)(ms / SECOND));
}

/* --- who is paged when ---------------------------------------------------------------------------------------------- */

struct moment_of { /* a kind of night: which level, in or out of working time */
    int level;
    const struct directory *directory;
};

struct reach {
    bool reached, paged; /* told only: reached, not paged */
    int64_t at_ms;
    const struct policy_rule *rule; /* that reaches first */
};

static bool is_about(const struct policy_rule *r, const struct policy_rule *asked)
{
    return r->when == asked->when && r->level == asked->level && slice_eq(r->category, asked->category);
}

static bool in_force(const struct policy *p, const struct policy_rule *r, const struct moment_of *at)
{
    return escalation_applies(r, p, at->directory, at->level, 0) &&
           !escalation_replaced(p, r, at->directory, at->level, 0);
}

/* When `party` is first paged (or, if never, told) by sentences with the condition of `asked`. */
static struct reach reach_of(const struct policy *p, const struct policy_rule *asked, struct slice party,
                             const struct moment_of *at)
{
    struct reach best = { 0 };
    for (size_t i = 0; i < p->n_rules; i++) {
        const struct policy_rule *r = &p->rules[i];
        if (!is_about(r, asked) || !in_force(p, r, at)) continue;
        for (size_t t = 0; t < r->n_targets; t++) {
            const bool paged = r->page && !r->targets[t].told_only;
            const int64_t at_ms = r->after_ms * (r->targets[t].step + 1);
            if (!slice_eq(r->targets[t].party, party)) continue;
            const bool better = !best.reached || (paged && !best.paged) || (paged == best.paged && at_ms < best.at_ms);
            if (better) best = (struct reach){ true, paged, at_ms, r };
        }
    }
    return best;
}

/* The sentence of this document that holds in place of the organisation's; NULL = it has none. */
static const struct policy_rule *rule_instead(const struct weighing *w, const struct policy_rule *asked,
                                              const struct moment_of *at)
{
    for (size_t i = 0; i < w->view->n_rules; i++) {
        const struct policy_rule *r = &w->view->rules[i];
        if (merge_file(w->m, r) == w->doc && is_about(r, asked) && in_force(w->view, r, at)) return r;
    }
    return NULL;
}

static struct slice night_text(const struct weighing *w, const struct moment_of *at)
{
    struct slice label = policy_level_label(w->base, at->level);
    return text_of(w, "%.*s %s working time", ARG(label), at->directory->working.days != 0 ? "in" : "outside");
}

/* Tells the first way in which this target is worse off; true when there is one. */
static bool weigh_target(const struct weighing *w, const struct policy_rule *r, const struct policy_target *t,
                         const struct moment_of *at)
{
    const struct reach was = reach_of(w->base, r, t->party, at), is = reach_of(w->view, r, t->party, at);
    const struct policy_rule *said = is.reached ? is.rule : rule_instead(w, r, at);
    struct slice title = policy_role_title(w->base, t->party), night = night_text(w, at), what = { 0 };
    const struct slice who = slice_eq(title, t->party) && t->name.n > 0 ? t->name : title;
    if (!was.reached) return false;
    if (!is.reached)
        what = text_of(w, "%.*s is not reached (%.*s, \"%.*s\")", ARG(who), ARG(night), ARG(r->text));
    else if (was.paged && !is.paged)
        what = text_of(w, "%.*s is only told, not paged (%.*s, \"%.*s\")", ARG(who), ARG(night), ARG(r->text));
    else if (was.paged == is.paged && is.at_ms > was.at_ms)
        what = text_of(w, "%.*s is reached after %.*s instead of %.*s (%.*s)", ARG(who), ARG(minutes(w, is.at_ms)),
                       ARG(minutes(w, was.at_ms)), ARG(night));
    if (what.n == 0) return false;
    tell(w, SECTION_ESCALATION, line_for(w, SECTION_ESCALATION, said, said != NULL ? said->line : 0), what);
    return true;
}

static void weigh_rules(const struct weighing *w)
{
    struct zone *utc = zone_create_utc();
    const struct directory nights[] = {
        { .zone = utc, .working = { .days = 0x7f, .from_min = 0, .to_min = 24 * 60 } },
        { .zone = utc, .working = { .days = 0 } },
    };
    for (size_t i = 0; i < w->base->n_rules; i++)
        for (size_t t = 0; t < w->base->rules[i].n_targets; t++) {
            bool told = false;
            for (int level = 1; level <= policy_levels(w->base) && !told; level++)
                for (size_t k = 0; k < COUNT_OF(nights) && !told; k++) {
                    const struct moment_of at = { level, &nights[k] };
                    if (!in_force(w->base, &w->base->rules[i], &at)) continue;
                    told = weigh_target(w, &w->base->rules[i], &w->base->rules[i].targets[t], &at);
                }
        }
    zone_destroy(&utc);
}

/* --- how people are reached ----------------------------------------------------------------------------------------- */

static bool has_waking_kind(const struct policy_contact *c)
{
    for (size_t i = 0; i < c->n_kinds; i++)
        if (contact_kind_wakes(c->kinds[i])) return true;
    return false;
}

static void weigh_contacts(const struct weighing *w)
{
    for (size_t i = 0; i < w->base->n_contacts; i++) {
        const struct policy_contact *c = &w->base->contacts[i], *v = policy_contact_for(w->view, c->party);
        if (v == c) continue;
        const unsigned line = line_for(w, SECTION_CONTACTS, v, v != NULL ? v->line : 0);
        if (v == NULL)
            tell(w, SECTION_CONTACTS, line, text_of(w, "no contact for %.*s", ARG(c->name)));
        else if (has_waking_kind(c) && !has_waking_kind(v))
            tell(w, SECTION_CONTACTS, line, text_of(w, "nothing wakes %.*s any more", ARG(c->name)));
    }
}

/* --- what is due when ----------------------------------------------------------------------------------------------- */

static void weigh_milestones(const struct weighing *w)
{
    for (size_t i = 0; i < w->base->n_milestones; i++) {
        const struct policy_milestone *b = &w->base->milestones[i], *v = NULL;
        for (size_t k = 0; k < w->view->n_milestones && v == NULL; k++)
            if (slice_eq(w->view->milestones[k].id, b->id)) v = &w->view->milestones[k];
        const unsigned line = line_for(w, SECTION_TIMELINE, v, v != NULL ? v->line : 0);
        if (v == NULL)
            tell(w, SECTION_TIMELINE, line, text_of(w, "no milestone %.*s", ARG(b->name)));
        else if (b->at_ms != POLICY_NONE && (v->at_ms == POLICY_NONE || v->at_ms > b->at_ms))
            tell(w, SECTION_TIMELINE, line,
                 text_of(w, "%.*s is due at T+%.*s instead of T+%.*s", ARG(b->name),
                         ARG(v->at_ms == POLICY_NONE ? S("?") : minutes(w, v->at_ms)), ARG(minutes(w, b->at_ms))));
    }
}

static bool is_later(int64_t base_ms, int64_t view_ms)
{
    return base_ms != POLICY_NONE && (view_ms == POLICY_NONE || view_ms > base_ms);
}

static level_set all_of(const struct policy *p, level_set set)
{
    level_set all = 0;
    for (int level = 1; level <= policy_levels(p); level++) all |= LEVEL_BIT(level);
    return set == 0 ? all : set;
}

static void weigh_communications(const struct weighing *w)
{
    for (size_t i = 0; i < w->base->n_communications; i++) {
        const struct policy_communication *b = &w->base->communications[i], *v = NULL;
        for (size_t k = 0; k < w->view->n_communications && v == NULL; k++)
            if (slice_eq(w->view->communications[k].id, b->id)) v = &w->view->communications[k];
        if (v == b) continue;
        const unsigned line = line_for(w, SECTION_COMMUNICATION, v, v != NULL ? v->line : 0);
        struct slice what = { 0 };
        if (v == NULL)
            what = S("is not owed any more");
        else if (is_later(b->every_ms, v->every_ms) || is_later(b->within_ms, v->within_ms))
            what = S("is due later");
        else if ((all_of(w->base, b->severities) & ~all_of(w->view, v->severities)) != 0)
            what = S("is owed for fewer severities");
        if (what.n > 0) tell(w, SECTION_COMMUNICATION, line, text_of(w, "%.*s %.*s", ARG(b->name), ARG(what)));
    }
}

static void weigh_windows(const struct weighing *w)
{
    for (size_t i = 0; i < w->base->book.n_windows; i++) {
        const struct policy_window *b = &w->base->book.windows[i], *v = NULL;
        for (size_t k = 0; k < w->view->book.n_windows && v == NULL; k++)
            if (slice_eq(w->view->book.windows[k].id, b->id)) v = &w->view->book.windows[k];
        const unsigned line = line_for(w, SECTION_POST_INCIDENT, v, v != NULL ? v->line : 0);
        if (v == NULL)
            tell(w, SECTION_POST_INCIDENT, line, text_of(w, "no window %.*s", ARG(b->name)));
        else if (v->to_ms > b->to_ms)
            tell(w, SECTION_POST_INCIDENT, line, text_of(w, "%.*s is due later", ARG(b->name)));
    }
}

/* --- when it alerts ------------------------------------------------------------------------------------------------- */

static bool alerts_below(enum threshold_op op)
{
    return op == OP_LESS || op == OP_AT_MOST;
}

/* Does `v` alert whenever `b` does? Only for the same metric and direction. */
static bool is_as_strict(const struct policy_threshold *b, const struct policy_threshold *v)
{
    const bool below = alerts_below(b->op);
    if (!slice_eq_nocase(b->metric, v->metric) || alerts_below(v->op) != below) return false;
    if (v->for_ms > b->for_ms && v->for_ms > 0) return false;
    if (v->value_micro == b->value_micro) return v->op == b->op || v->op == OP_AT_MOST || v->op == OP_AT_LEAST;
    return below ? v->value_micro > b->value_micro : v->value_micro < b->value_micro;
}

static void weigh_thresholds(const struct weighing *w)
{
    for (size_t i = 0; i < w->base->book.n_thresholds; i++) {
        const struct policy_threshold *b = &w->base->book.thresholds[i], *nearest = NULL;
        bool held = false;
        for (size_t k = 0; k < w->view->book.n_thresholds; k++) {
            const struct policy_threshold *v = &w->view->book.thresholds[k];
            held = held || is_as_strict(b, v);
            if (slice_eq_nocase(b->metric, v->metric)) nearest = v;
        }
        if (held) continue;
        tell(w, SECTION_THRESHOLDS, line_for(w, SECTION_THRESHOLDS, nearest, nearest != NULL ? nearest->line : 0),
             text_of(w, "%.*s alerts later or not at all (%.*s%s%.*s there)", ARG(b->metric), ARG(b->value),
                     slice_eq(b->unit, S("%")) ? "" : " ", ARG(b->unit)));
    }
}

void merge_check_weaker(struct merger *m, size_t doc, const struct policy *base, const struct policy *view)
{
    const struct weighing w = { m, doc, base, view };
    weigh_rules(&w);
    weigh_contacts(&w);
    weigh_milestones(&w);
    weigh_communications(&w);
    weigh_windows(&w);
    weigh_thresholds(&w);
}
