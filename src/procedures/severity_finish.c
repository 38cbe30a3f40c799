/* severity_finish.c - the levels together: their order, their ranks, and how they are numbered (G16).
 * Not here: what stands in the section (severity.c). */
#include "procedures/compiler.h"

static int by_rank(const void *a, const void *b, void *ctx)
{
    const struct policy_severity *x = a, *y = b;
    (void)ctx;
    return (x->level > y->level) - (x->level < y->level);
}

static struct node at_line(unsigned line)
{
    return (struct node){ .line = line, .last = line, .col = 1 };
}

/* "SEV" of "SEV1", empty for a name alone. */
static struct slice scheme_of(struct slice label)
{
    size_t n = label.n;
    while (n > 0 && is_digit(label.p[n - 1])) n--;
    return n < label.n ? slice_upto(label, n) : (struct slice){ 0 };
}

static void check_scheme(struct compiler *c, size_t i)
{
    struct slice here = c->severities.v[i].label, first = c->severities.v[0].label;
    struct node n = at_line(c->severities.v[i].line);
    if (scheme_of(here).n == 0 || scheme_of(first).n == 0 || slice_eq(scheme_of(here), scheme_of(first))) return;
    diagnose(c, (struct at){ &n, { 0 } }, "E-LEVEL-SCHEME", S("number all levels in one way: SEV1, SEV2 …"),
             "%.*s and %.*s number levels in two ways", (int)first.n, first.p, (int)here.n, here.p);
}

/* SEV0, SEV1, SEV2: said once, at the first; later ones only where they leave the row. */
static bool follows_first(const struct compiler *c, size_t i, int written)
{
    int64_t first;
    struct slice label = c->severities.v[0].label;
    slice_cut_prefix(&label, S("SEV"));
    return i > 0 && slice_to_int(label, &first) && written == (int)first + (int)i;
}

static void check_level(struct compiler *c, size_t i, int written)
{
    const struct policy_severity *sev = &c->severities.v[i];
    struct node n = at_line(sev->line);
    check_scheme(c, i);
    bool numbered = slice_has_prefix(sev->label, S("SEV"));
    if (i > 0 && slice_eq(sev->label, c->severities.v[i - 1].label))
        diagnose(c, (struct at){ &n, { 0 } }, "E-LEVEL-TWICE", S("give each level one heading"),
                 "level %.*s is defined twice: lines %u and %u", (int)sev->label.n, sev->label.p,
                 c->severities.v[i - 1].line, sev->line);
    else if (numbered && written != (int)i + 1 && !follows_first(c, i, written))
        diagnose(c, (struct at){ &n, { 0 } }, "W-LEVEL-GAP",
                 text_make(c, "number the levels SEV1 to SEV%zu without a gap", c->severities.n),
                 "%.*s is number %zu of this document's levels", (int)sev->label.n, sev->label.p, i + 1);
}

/* "Response time: in 5 minutes at most" → "- Response time: 5 minutes": the item's own key and time in a form that reads. */
struct slice severity_offer(struct compiler *c, struct slice text, const char *kind)
{
    struct slice value = text, key = slice_trim(slice_cut(&value, ':')), clock;
    struct duration d, low, high;
    bool range = false;
    size_t at;
    if (key.n > 60 || !find_duration(value, &d, &at)) return (struct slice){ 0 };
    clock = duration_text(c, d.ms);
    if (*kind != 'r' || kind[2] != 'c') /* respond, update */
        return text_make(c, "- %.*s: %s%.*s", (int)key.n, key.p, *kind == 'u' ? "Every " : "", (int)clock.n, clock.p);
    for (size_t i = 0; i < value.n && !range; i++) {
        struct slice rest = slice_from(value, i);
        range = is_digit(value.p[i]) && scan_range(&rest, &low, &high);
        if (range) clock = slice_upto(slice_from(value, i), value.n - i - rest.n);
    }
    return text_make(c, "- %.*s: %s%.*s", (int)key.n, key.p, range ? "" : "up to ", (int)clock.n, clock.p);
}

/* A2: where two windows touch, the more severe level has the edge; an end that is open (`> 4 hours`) is outside. */
static void interpret_edge(struct compiler *c, const struct policy_severity *worse, const struct policy_severity *sev)
{
    if (worse->recovery_line == 0 || sev->recovery_line == 0 || worse->recovery_min_ms != sev->recovery_max_ms) return;
    struct slice edge = duration_text(c, sev->recovery_max_ms);
    if (!worse->recovery_min_open && !sev->recovery_max_open) {
        const char *reading = "a time in two windows belongs to the more severe level";
        interpret(c, worse->recovery_line, "A2", reading, "to the less severe one", "leave a gap: 1-1.9 hours");
        interpret(c, sev->recovery_line, "A2", reading, "to the less severe one", "leave a gap: 1-1.9 hours");
        return;
    }
    const struct policy_severity *has = worse->recovery_min_open ? sev : worse,
                                 *open = worse->recovery_min_open ? worse : sev;
    if (worse->recovery_min_open && sev->recovery_max_open) return; /* the edge itself belongs to nobody */
    interpret(c, open->recovery_line, "A2",
              arena_str(c->arena, text_make(c, "exactly %.*s is not in this window, but in that of %.*s", (int)edge.n,
                                            edge.p, (int)has->label.n, has->label.p)),
              "an end belongs to the window that names it", "Estimated recovery time: 4-8 hours");
}

static void interpret_windows(struct compiler *c)
{
    for (size_t i = 1; i < c->severities.n; i++) interpret_edge(c, &c->severities.v[i - 1], &c->severities.v[i]);
}

static void interpret_levels(struct compiler *c)
{
    if (c->severities.n == 0) return;
    for (size_t i = 0; i < c->severities.n; i++)
        if (c->severities.v[i].criteria.n > 1)
            interpret(c, c->severities.v[i].line, "A1",
                      "any one criterion is enough; of several levels the most severe holds; no answer is no \"no\"",
                      "all criteria of a level", "Any of: …");
    for (size_t i = 0; i < c->severities.n; i++)
        if (c->severities.v[i].recovery_line > 0 && c->severities.v[i].recovery_min_ms == POLICY_NONE)
            interpret(c, c->severities.v[i].recovery_line, "A3", "recovery windows only raise a level",
                      "a short recovery lowers it", "a person lowers the level, with a reason");
    interpret_windows(c);
}

void severities_finish(struct compiler *c)
{
    sort_stable(c->severities.v, c->severities.n, sizeof *c->severities.v, by_rank, NULL);
    while (c->severities.n > POLICY_MAX_LEVELS) {
        struct node n = at_line(c->severities.v[c->severities.n - 1].line);
        diagnose(c, (struct at){ &n, { 0 } }, "E-LEVELS", S("merge levels that differ in nothing that people do"),
                 "more than %d severity levels", POLICY_MAX_LEVELS);
        c->severities.n--;
    }
    for (size_t i = 0; i < c->severities.n; i++) {
        int written = c->severities.v[i].level;
        c->severities.v[i].level = (int)i + 1;
        check_level(c, i, written);
    }
    interpret_levels(c);
    c->policy.severities = vec_keep(c, &c->severities, struct policy_severity, &c->policy.n_severities);
    if (c->policy.n_severities > 0 || c->options.base == NULL) return;
    c->policy.severities = c->options.base->severities;
    c->policy.n_severities = c->options.base->n_severities;
}
