/* escalation.c - the chain of levels from the document's sentences, and working time. Values in, values out. */
#include "core/escalation.h"

#include "base/zone.h"

#define DEFAULT_DELAY (5 * MINUTE)

static int64_t matching_level(const struct policy *p, int64_t level)
{
    return level != 0 ? level : policy_unclassified(p);
}

bool escalation_applies(const struct policy_rule *r, const struct policy *p, const struct directory *d, int64_t level,
                        int64_t wall)
{
    if (!LEVEL_IN(r->severities, matching_level(p, level))) return false;
    if (r->hours == HOURS_ALWAYS || d == NULL) return true;
    return working_at(d, wall) == (r->hours == HOURS_DURING);
}

static int bits(level_set set)
{
    int n = 0;
    for (; set != 0; set &= set - 1) n++;
    return n;
}

/* The narrower of two sentences: fewer severities, then a calendar. */
static int narrowness(const struct policy_rule *r)
{
    return (r->severities == 0 ? 0 : 2 * (32 - bits(r->severities))) + (r->hours != HOURS_ALWAYS);
}

static bool same_subject(const struct policy_rule *a, const struct policy_rule *b)
{
    return a->when == b->when && a->n_targets > 0 && b->n_targets > 0 &&
           slice_eq(a->targets[0].party, b->targets[0].party);
}

bool escalation_replaced(const struct policy *p, const struct policy_rule *r, const struct directory *d, int64_t level,
                         int64_t wall)
{
    for (size_t i = 0; i < p->n_rules; i++) {
        const struct policy_rule *o = &p->rules[i];
        if (o != r && same_subject(o, r) && narrowness(o) > narrowness(r) && escalation_applies(o, p, d, level, wall))
            return true;
    }
    return false;
}

static int by_delay(const void *a, const void *b, void *ctx)
{
    const struct chain_step *x = a, *y = b;
    (void)ctx;
    return x->after_ms < y->after_ms ? -1 : x->after_ms > y->after_ms;
}

/* One level for each step of the sentence; targets of one step stand side by side. */
static void add_rule(struct chain *c, const struct policy_rule *r, int64_t number)
{
    int last = -1;
    for (size_t t = 0; t < r->n_targets && c->n < CHAIN_MAX; t++) {
        if (r->targets[t].step == last) continue;
        last = r->targets[t].step;
        c->v[c->n++] = (struct chain_step){ r->after_ms * (last + 1), number, last, &r->targets[t], r->line };
    }
}

struct chain escalation_chain(const struct policy *p, const struct directory *d, int64_t level, int64_t wall)
{
    struct chain c = { .n = 1, .last_delay_ms = DEFAULT_DELAY };
    c.v[0] = (struct chain_step){ .target = &p->first, .line = p->first_line };
    for (size_t i = 0; i < p->n_rules; i++) {
        const struct policy_rule *r = &p->rules[i];
        if (r->when != RULE_NO_RESPONSE || !escalation_applies(r, p, d, level, wall)) continue;
        if (!escalation_replaced(p, r, d, level, wall)) add_rule(&c, r, (int64_t)i + 1);
    }
    sort_stable(c.v + 1, c.n - 1, sizeof c.v[0], by_delay, NULL);
    if (c.n > 1) c.last_delay_ms = p->rules[c.v[c.n - 1].rule - 1].after_ms;
    return c;
}

bool working_at(const struct directory *d, int64_t wall)
{
    int64_t utc = wall >= 0 ? wall / SECOND : (wall - SECOND + 1) / SECOND;
    struct civil c = zone_to_local(d->zone, utc);
    int minute = c.hour * 60 + c.minute;
    unsigned day = (unsigned)civil_weekday(civil_days(c.year, c.month, c.day)) - 1;
    return (d->working.days >> day & 1u) != 0 && minute >= d->working.from_min && minute < d->working.to_min;
}

int64_t working_next_start(const struct directory *d, int64_t wall)
{
    struct civil today = zone_to_local(d->zone, wall / SECOND);
    for (int ahead = 0; ahead <= 8; ahead++) {
        struct civil c = civil_from_days(civil_days(today.year, today.month, today.day) + ahead);
        c.hour = d->working.from_min / 60;
        c.minute = d->working.from_min % 60;
        unsigned day = (unsigned)civil_weekday(civil_days(c.year, c.month, c.day)) - 1;
        int64_t start = zone_to_utc(d->zone, c, NULL) * SECOND;
        if ((d->working.days >> day & 1u) != 0 && start > wall) return start;
    }
    return wall + DAY; /* a site without working days: tomorrow */
}
