/* diff.c - the comparison of two documents: lists in general, and the way through all areas.
 * Not here: what the elements of an area are (diff_policy.c, diff_rule.c, diff_book.c, diff_tree.c), printing. */
#include "procedures/diff.h"

#include <string.h>

#include "base/check.h"
#include "procedures/diff_inner.h"
#include "procedures/merge.h"
#include "procedures/dump.h"
#include "procedures/scan.h"

enum { SENTENCE_MAX = 1 << 20, QUOTE_MAX = 160 };

struct slice diff_say(struct differ *d, const char *fmt, ...)
{
    struct buf text = { .max = SENTENCE_MAX };
    va_list ap;
    va_start(ap, fmt);
    buf_vaddf(&text, fmt, ap);
    va_end(ap);
    struct slice kept = arena_copy(d->arena, buf_slice(&text));
    buf_release(&text);
    return kept;
}

struct change *change_tell(struct differ *d, enum change_kind kind, const char *fmt, ...)
{
    struct buf text = { .max = SENTENCE_MAX };
    va_list ap;
    va_start(ap, fmt);
    buf_vaddf(&text, fmt, ap);
    va_end(ap);
    *vec_push(&d->carried) = (struct carried){ 0 };
    struct change *c = vec_push(&d->changes);
    *c = (struct change){ .kind = kind, .area = d->area, .text = arena_copy(d->arena, buf_slice(&text)) };
    buf_release(&text);
    return c;
}

struct slice diff_span(struct differ *d, int64_t ms)
{
    static const struct {
        int64_t ms;
        const char *unit;
    } scale[] = { { DAY, "d" }, { HOUR, "h" }, { MINUTE, "min" }, { SECOND, "s" }, { 1, "ms" } };
    struct slice out = { 0 };
    if (ms == POLICY_NONE) return S("no limit");
    if (ms == 0) return S("0 min");
    for (size_t i = 0; i < COUNT_OF(scale); i++) {
        if (ms < scale[i].ms) continue;
        out =
            diff_say(d, "%.*s%s%lld %s", ARG(out), out.n > 0 ? " " : "", (long long)(ms / scale[i].ms), scale[i].unit);
        ms %= scale[i].ms;
    }
    return out;
}

struct slice diff_levels(struct differ *d, const struct policy *p, level_set set)
{
    struct buf text = { 0 };
    level_set_dump(p, set, &text);
    struct slice kept = arena_copy(d->arena, buf_slice(&text));
    buf_release(&text);
    return kept;
}

struct slice diff_quoted(struct differ *d, struct slice text)
{
    struct slice shown = text_cut(text, QUOTE_MAX);
    return diff_say(d, "\"%.*s%s\"", ARG(shown), shown.n < text.n ? "…" : "");
}

void compare_text(struct differ *d, const struct element *old, const struct element *new, struct slice what,
                  struct slice before, struct slice after)
{
    if (slice_eq(before, after)) return;
    struct change *c = change_tell(d, CHANGE_CHANGED, "%.*s %.*s (was %.*s)", ARG(what),
                                   ARG(after.n > 0 ? after : S("none")), ARG(before.n > 0 ? before : S("none")));
    c->id = new->id;
    c->before = before;
    c->after = after;
    c->old_line = old->line;
    c->new_line = new->line;
}

void compare_span(struct differ *d, const struct element *old, const struct element *new, struct slice what,
                  int64_t before, int64_t after)
{
    if (before != after) compare_text(d, old, new, what, diff_span(d, before), diff_span(d, after));
}

/* --- lists ---------------------------------------------------------------------------------------------------------- */

static struct element *elements_of(struct differ *d, const struct list *l, bool is_new)
{
    const struct policy *p = is_new ? d->new : d->old;
    const char *v = is_new ? l->new_v : l->old_v;
    const size_t n = is_new ? l->new_n : l->old_n;
    struct element *out = arena_array(d->arena, struct element, n + 1);
    for (size_t i = 0; i < n; i++) {
        out[i] = l->element(d, p, v + i * l->size);
        out[i].item = v + i * l->size;
        out[i].at = i;
        out[i].folded = text_fold(d->arena, out[i].text);
        out[i].match = -1;
    }
    return out;
}

static struct slice lead(struct differ *d, const struct list *l)
{
    return l->where.n > 0 ? diff_say(d, "%.*s: ", ARG(l->where)) : l->where;
}

static void carry(struct differ *d, const struct list *l, const struct element *e)
{
    d->carried.v[d->carried.n - 1] = (struct carried){ l->noun, e->folded, l->where };
}

static void tell_added(struct differ *d, const struct list *l, const struct element *e)
{
    struct slice place = l->order == ORDER_ACTS && l->new_n > 1 ? diff_say(d, ", as number %zu", e->at + 1) : S("");
    struct change *c = change_tell(d, CHANGE_ADDED, "%.*snew %.*s %.*s%.*s", ARG(lead(d, l)), ARG(l->noun),
                                   ARG(diff_quoted(d, e->text)), ARG(place));
    c->id = e->id;
    c->new_line = e->line;
    c->after = e->text;
    carry(d, l, e);
}

static void tell_removed(struct differ *d, const struct list *l, const struct element *e)
{
    struct change *c = change_tell(d, CHANGE_REMOVED, "%.*s%.*s %.*s is gone", ARG(lead(d, l)), ARG(l->noun),
                                   ARG(diff_quoted(d, e->text)));
    c->id = e->id;
    c->old_line = e->line;
    c->before = e->text;
    carry(d, l, e);
}

static void tell_moved(struct differ *d, const struct list *l, const struct element *old, const struct element *new)
{
    struct change *c = change_tell(d, CHANGE_MOVED, "%.*s%.*s %.*s is now number %zu (was %zu)", ARG(lead(d, l)),
                                   ARG(l->noun), ARG(diff_quoted(d, new->text)), new->at + 1, old->at + 1);
    c->id = new->id;
    c->old_line = old->line;
    c->new_line = new->line;
    c->before = diff_say(d, "%zu", old->at + 1);
    c->after = diff_say(d, "%zu", new->at + 1);
}

static void tell_words(struct differ *d, const struct list *l, const struct element *old, const struct element *new)
{
    if (slice_eq(old->text, new->text)) return;
    struct change *c = change_tell(d, CHANGE_REWORDED, "%.*s%.*s %.*s now reads %.*s", ARG(lead(d, l)), ARG(l->noun),
                                   ARG(diff_quoted(d, old->text)), ARG(diff_quoted(d, new->text)));
    c->wording = slice_eq(old->folded, new->folded) || l->words == WORDS_NAME;
    c->id = new->id;
    c->old_line = old->line;
    c->new_line = new->line;
    c->before = old->text;
    c->after = new->text;
}

void list_compare(struct differ *d, const struct list *l)
{
    struct element *old = elements_of(d, l, false), *new = elements_of(d, l, true);
    elements_match(d, l, old, new);
    for (size_t i = 0; i < l->new_n; i++) {
        const struct element *was = new[i].match < 0 ? NULL : &old[new[i].match];
        if (was == NULL) {
            tell_added(d, l, &new[i]);
            continue;
        }
        const size_t before = d->changes.n;
        if (l->compare != NULL) l->compare(d, l, was, &new[i]);
        if (!l->compare_tells || d->changes.n == before) tell_words(d, l, was, &new[i]);
        if (new[i].moved && l->order == ORDER_ACTS) tell_moved(d, l, was, &new[i]);
    }
    for (size_t i = 0; i < l->old_n; i++)
        if (old[i].match < 0) tell_removed(d, l, &old[i]);
}

/* --- the whole ------------------------------------------------------------------------------------------------------ */

static bool is_same_thing(const struct differ *d, size_t i, size_t k)
{
    const struct carried *x = &d->carried.v[i], *y = &d->carried.v[k];
    return d->changes.v[i].area == d->changes.v[k].area && x->noun.n > 0 && slice_eq(x->noun, y->noun) &&
           slice_eq(x->folded, y->folded) && !slice_eq(x->where, y->where);
}

/* Gone here and new there is moved: a check to another milestone, a step to another scenario. */
static void join_moves(struct differ *d)
{
    struct smap *gone = smap_create(0);
    int64_t from;
    for (size_t i = 0; i < d->changes.n; i++)
        if (d->changes.v[i].kind == CHANGE_REMOVED && d->carried.v[i].noun.n > 0)
            smap_put(gone, diff_say(d, "%.*s\x1f%.*s", ARG(d->carried.v[i].noun), ARG(d->carried.v[i].folded)),
                     (int64_t)i);
    for (size_t i = 0; i < d->changes.n; i++) {
        struct change *c = &d->changes.v[i];
        const struct carried *here = &d->carried.v[i];
        if (c->kind != CHANGE_ADDED || here->noun.n == 0) continue;
        struct slice name = diff_say(d, "%.*s\x1f%.*s", ARG(here->noun), ARG(here->folded));
        if (!smap_get(gone, name, &from) || !is_same_thing(d, (size_t)from, i)) continue;
        smap_remove(gone, name);
        struct change *was = &d->changes.v[from];
        c->kind = CHANGE_MOVED;
        c->text = diff_say(d, "%.*s %.*s moved from %.*s to %.*s", ARG(here->noun), ARG(diff_quoted(d, c->after)),
                           ARG(d->carried.v[from].where), ARG(here->where));
        c->old_line = was->old_line;
        c->before = d->carried.v[from].where;
        c->after = here->where;
        was->kind = CHANGE_UNSET; /* dropped when the rest is kept */
    }
    smap_destroy(&gone);
}

static void diff_title(struct differ *d)
{
    if (slice_eq(d->old->title, d->new->title)) return;
    d->area = AREA_DOCUMENT;
    struct change *c = change_tell(d, CHANGE_REWORDED, "the title %.*s now reads %.*s",
                                   ARG(diff_quoted(d, d->old->title)), ARG(diff_quoted(d, d->new->title)));
    c->wording = true;
    c->before = d->old->title;
    c->after = d->new->title;
}

static void keep(struct differ *d, struct policy_diff *out)
{
    struct change *v = arena_array(d->arena, struct change, d->changes.n + 1);
    for (size_t i = 0; i < d->changes.n; i++) {
        if (d->changes.v[i].kind == CHANGE_UNSET) continue;
        v[out->n++] = d->changes.v[i];
        if (d->changes.v[i].wording)
            out->wording++;
        else
            out->behaviour++;
    }
    out->v = v;
}

static void (*const areas[])(struct differ *d) = {
    diff_severities,    diff_team,      diff_contacts,   diff_timeline,   diff_scenarios,  diff_trees,
    diff_communication, diff_templates, diff_afterwards, diff_thresholds, diff_escalation, diff_tools,
    diff_training,      diff_reviews,   diff_title,      diff_control,
};

void procedures_diff(struct arena *a, const struct compiled *old, const struct compiled *new, struct policy_diff *out)
{
    struct differ d = { .arena = a, .old = &old->policy, .new = &new->policy };
    const bool view = (old->set_policy != NULL && old->set_policy != &old->set->policy) ||
                      (new->set_policy != NULL &&new->set_policy != &new->set->policy);
    *out = (struct policy_diff){ 0 };
    for (size_t i = 0; i < COUNT_OF(areas); i++) areas[i](&d);
    if (!view) diff_prose(&d, old, new);
    join_moves(&d);
    diff_version(&d, old, new);
    keep(&d, out);
    vec_release(&d.changes);
    vec_release(&d.carried);
}

const char *diff_area_name(enum diff_area area)
{
    switch (area) {
#define X(sym, code, text) \
    case AREA_##sym: return text;
        DIFF_AREAS(X)
#undef X
    case AREA_UNSET: break;
    }
    return "unset";
}

const char *change_kind_name(enum change_kind kind)
{
    switch (kind) {
#define X(sym, code, text) \
    case CHANGE_##sym: return text;
        CHANGE_KINDS(X)
#undef X
    case CHANGE_UNSET: break;
    }
    return "unset";
}
