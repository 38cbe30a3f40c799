/* merge_weaker.c - is what holds for a team weaker than what the organisation says: later, quieter, fewer people or
 * severities?
 * Who is paged when is asked of the rules themselves (core/escalation.h) for every level, inside and outside of working
 * time, so that a narrower sentence that replaces a wider one counts as it will count at night.
 * Not here: what is due (merge_weaker_due.c), measures, drills and reviews (merge_weaker_book.c). */
#include "procedures/merge_weaker.h"

#include "base/zone.h"
#include "core/contact.h"
#include "core/escalation.h"

/* The element of the view that this document brought and that says it, else the line of its front matter. */
unsigned weigh_line(const struct weighing *w, enum section_role role, const void *element, unsigned line)
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

void weigh_tell(const struct weighing *w, enum section_role role, unsigned line, struct slice what)
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

struct slice weigh_text(const struct weighing *w, const char *fmt, ...)
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

struct slice weigh_time(const struct weighing *w, int64_t ms)
{
    if (ms == POLICY_NONE) return S("no time");
    if (ms >= 2 * HOUR && ms % HOUR == 0) return weigh_text(w, "%lld h", (long long)(ms / HOUR));
    return ms % MINUTE == 0 ? weigh_text(w, "%lld min", (long long)(ms / MINUTE))
                            : weigh_text(w, "%lld s", (long long)(ms / SECOND));
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
    return weigh_text(w, "%.*s %s working time", ARG(label), at->directory->working.days != 0 ? "in" : "outside");
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
        what = weigh_text(w, "%.*s is not reached (%.*s, \"%.*s\")", ARG(who), ARG(night), ARG(r->text));
    else if (was.paged && !is.paged)
        what = weigh_text(w, "%.*s is only told, not paged (%.*s, \"%.*s\")", ARG(who), ARG(night), ARG(r->text));
    else if (was.paged == is.paged && is.at_ms > was.at_ms)
        what = weigh_text(w, "%.*s is reached after %.*s instead of %.*s (%.*s)", ARG(who),
                          ARG(weigh_time(w, is.at_ms)), ARG(weigh_time(w, was.at_ms)), ARG(night));
    if (what.n == 0) return false;
    weigh_tell(w, SECTION_ESCALATION, weigh_line(w, SECTION_ESCALATION, said, said != NULL ? said->line : 0), what);
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
        const unsigned line = weigh_line(w, SECTION_CONTACTS, v, v != NULL ? v->line : 0);
        if (v == NULL)
            weigh_tell(w, SECTION_CONTACTS, line, weigh_text(w, "no contact for %.*s", ARG(c->name)));
        else if (has_waking_kind(c) && !has_waking_kind(v))
            weigh_tell(w, SECTION_CONTACTS, line, weigh_text(w, "nothing wakes %.*s any more", ARG(c->name)));
    }
    if (w->view->n_channels < w->base->n_channels)
        weigh_tell(w, SECTION_CHANNELS, weigh_line(w, SECTION_CHANNELS, NULL, 0),
                   weigh_text(w, "%zu channel%s for posts instead of %zu: fewer are left when one fails",
                              w->view->n_channels, w->view->n_channels == 1 ? "" : "s", w->base->n_channels));
}

static const struct policy_role *role_find(const struct policy *p, struct slice id)
{
    for (size_t i = 0; i < p->n_roles; i++)
        if (slice_eq(p->roles[i].id, id)) return &p->roles[i];
    return NULL;
}

/* Roles and the experts for a category: fewer people. */
static void weigh_team(const struct weighing *w)
{
    for (size_t i = 0; i < w->base->n_roles; i++) {
        const struct policy_role *b = &w->base->roles[i], *v = role_find(w->view, b->id);
        if (v == NULL)
            weigh_tell(w, SECTION_TEAM, weigh_line(w, SECTION_TEAM, NULL, 0),
                       weigh_text(w, "nobody is %.*s any more", ARG(b->name)));
        for (size_t k = 0; k < b->n_selectors; k++) {
            const struct policy_selector *s = &b->selectors[k], *now = policy_selector_for(w->view, s->category);
            if (now == NULL)
                weigh_tell(w, SECTION_TEAM, weigh_line(w, SECTION_TEAM, v, v != NULL ? v->line : 0),
                           weigh_text(w, "no experts for %.*s incidents (%.*s)", ARG(s->category), ARG(s->name)));
        }
    }
}

/* --- the whole ------------------------------------------------------------------------------------------------------ */

void merge_check_weaker(struct merger *m, size_t doc, const struct policy *base, const struct policy *view)
{
    const struct weighing w = { m, doc, base, view };
    weigh_rules(&w);
    weigh_contacts(&w);
    weigh_team(&w);
    weigh_due(&w);
    weigh_book(&w);
}
