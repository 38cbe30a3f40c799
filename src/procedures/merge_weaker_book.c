/* merge_weaker_book.c - is less measured, practised or looked at: thresholds, drills, training, reviews. */
#include "procedures/merge_weaker.h"
#include "procedures/scan.h"

/* --- when it alerts ------------------------------------------------------------------------------------------------- */

static bool alerts_below(enum threshold_op op)
{
    return op == OP_LESS || op == OP_AT_MOST;
}

static bool is_less_severe(const struct policy_threshold *b, const struct policy_threshold *v)
{
    return b->severity > 0 && (v->severity == 0 || v->severity > b->severity);
}

/* Does `v` alert whenever `b` does? Only for the same metric and direction. */
static bool is_as_strict(const struct policy_threshold *b, const struct policy_threshold *v)
{
    const bool below = alerts_below(b->op);
    if (!slice_eq_nocase(b->metric, v->metric) || alerts_below(v->op) != below) return false;
    if ((v->for_ms > b->for_ms && v->for_ms > 0) || is_less_severe(b, v)) return false;
    if (b->value_micro == v->value_micro) return v->op == b->op || v->op == OP_AT_MOST || v->op == OP_AT_LEAST;
    return below ? v->value_micro > b->value_micro : v->value_micro < b->value_micro;
}

/* "> 90 %", "< 99.9 % for 5 min, SEV2" */
static struct slice condition(const struct weighing *w, const struct policy_threshold *t)
{
    static const char *const ops[] = { "?", "<", ">", "<=", ">=" };
    struct slice text =
        weigh_text(w, "%s %.*s%s%.*s", ops[t->op], ARG(t->value), slice_eq(t->unit, S("%")) ? "" : " ", ARG(t->unit));
    text = slice_trim(text);
    if (t->for_ms > 0) text = weigh_text(w, "%.*s for %.*s", ARG(text), ARG(weigh_time(w, t->for_ms)));
    const struct slice label = policy_level_label(w->base, t->severity);
    return t->severity > 0 ? weigh_text(w, "%.*s, %.*s", ARG(text), ARG(label)) : text;
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
        const unsigned line = weigh_line(w, SECTION_THRESHOLDS, nearest, nearest != NULL ? nearest->line : 0);
        const struct slice was = condition(w, b);
        if (nearest == NULL)
            weigh_tell(w, SECTION_THRESHOLDS, line,
                       weigh_text(w, "%.*s does not alert any more (%.*s)", ARG(b->metric), ARG(was)));
        else
            weigh_tell(w, SECTION_THRESHOLDS, line,
                       weigh_text(w, "%.*s alerts later or less: %.*s instead of %.*s", ARG(b->metric),
                                  ARG(condition(w, nearest)), ARG(was)));
    }
}

/* --- what is practised and looked at -------------------------------------------------------------------------------- */

static void weigh_drills(const struct weighing *w)
{
    const struct policy_book *b = &w->base->book, *v = &w->view->book;
    if (v->n_drills < b->n_drills)
        weigh_tell(w, SECTION_DRILLS, weigh_line(w, SECTION_DRILLS, NULL, 0),
                   weigh_text(w, "%zu drill%s instead of %zu", v->n_drills, v->n_drills == 1 ? "" : "s", b->n_drills));
}

/* Training by how often: other names for as many trainings, each at least as often, are no less. */
static void weigh_training(const struct weighing *w)
{
    const struct policy_book *b = &w->base->book, *v = &w->view->book;
    for (size_t i = 0; i < b->n_training; i++) {
        const struct policy_training *was = &b->training[i];
        size_t wanted = 0, have = 0;
        if (was->every_ms == POLICY_NONE) continue;
        for (size_t k = 0; k < b->n_training; k++)
            wanted += b->training[k].every_ms != POLICY_NONE && b->training[k].every_ms <= was->every_ms;
        for (size_t k = 0; k < v->n_training; k++)
            have += v->training[k].every_ms != POLICY_NONE && v->training[k].every_ms <= was->every_ms;
        if (have >= wanted) continue;
        weigh_tell(w, SECTION_TRAINING, weigh_line(w, SECTION_TRAINING, NULL, 0),
                   weigh_text(w, "%zu training%s every %lld days or more often instead of %zu (\"%.*s\")", have,
                              have == 1 ? "" : "s", (long long)(was->every_ms / DAY), wanted, ARG(was->name)));
    }
}

static const struct policy_review *review_for(const struct policy_book *v, const struct policy_review *b)
{
    const struct policy_review *found = NULL;
    for (size_t i = 0; i < v->n_reviews; i++)
        if (slice_eq(v->reviews[i].id, b->id)) found = &v->reviews[i];
    for (size_t i = 0; i < v->n_reviews && found == NULL; i++)
        if (v->reviews[i].every_ms == b->every_ms) found = &v->reviews[i];
    return found;
}

static void weigh_reviews(const struct weighing *w)
{
    for (size_t i = 0; i < w->base->book.n_reviews; i++) {
        const struct policy_review *b = &w->base->book.reviews[i], *v = review_for(&w->view->book, b);
        const unsigned line = weigh_line(w, SECTION_REVIEWS, v, v != NULL ? v->line : 0);
        if (v == NULL)
            weigh_tell(w, SECTION_REVIEWS, line, weigh_text(w, "no %.*s", ARG(b->name)));
        else if (b->every_ms != POLICY_NONE && (v->every_ms == POLICY_NONE || v->every_ms > b->every_ms))
            weigh_tell(w, SECTION_REVIEWS, line,
                       weigh_text(w, "%.*s are %.*s instead of %.*s", ARG(b->name), ARG(v->every), ARG(b->every)));
        else if (v->n_items < b->n_items)
            weigh_tell(w, SECTION_REVIEWS, line,
                       weigh_text(w, "%.*s have %zu item%s instead of %zu", ARG(b->name), v->n_items,
                                  v->n_items == 1 ? "" : "s", b->n_items));
    }
}

/* Conditions under which a person is to make it worse. */
static void weigh_changes(const struct weighing *w)
{
    size_t was = 0, is = 0;
    for (size_t i = 0; i < w->base->book.n_changes; i++) was += !w->base->book.changes[i].lower;
    for (size_t i = 0; i < w->view->book.n_changes; i++) is += !w->view->book.changes[i].lower;
    if (is < was)
        weigh_tell(w, SECTION_SEVERITY_RAISE, weigh_line(w, SECTION_SEVERITY_RAISE, NULL, 0),
                   weigh_text(w, "%zu condition%s that raise%s the severity instead of %zu", is, is == 1 ? "" : "s",
                              is == 1 ? "s" : "", was));
}

void weigh_book(const struct weighing *w)
{
    weigh_thresholds(w);
    weigh_drills(w);
    weigh_training(w);
    weigh_reviews(w);
    weigh_changes(w);
}
