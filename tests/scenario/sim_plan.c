/* sim_plan.c - what is drawn: some hundred nights a year, each with alerts, people and faults; and plans as text. */
#include <inttypes.h>

#include "sim_inner.h"

/* --- dice: splitmix64 --- */

uint64_t dice_roll(struct dice *d)
{
    uint64_t z = d->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

int64_t dice_below(struct dice *d, int64_t n)
{
    return (int64_t)(dice_roll(d) % (uint64_t)n);
}

bool dice_one_in(struct dice *d, int64_t n)
{
    return dice_below(d, n) == 0;
}

uint64_t dice_mix(uint64_t a, uint64_t b)
{
    struct dice d = { a ^ (b * UINT64_C(0xff51afd7ed558ccd)) };
    return dice_roll(&d);
}

/* --- drawing --- */

static const struct {
    const char *word;
    int64_t weight;
} kinds[PLAN_KIND_MAX] = {
#define X(sym, word, weight) [PLAN_##sym] = { word, weight },
    PLAN_KINDS(X)
#undef X
};

static void add(struct plan *p, struct dice *d, int64_t t, enum plan_kind kind)
{
    *vec_push(&p->v) = (struct plan_item){ t, kind, dice_roll(d) };
}

static enum plan_kind draw_kind(struct dice *d)
{
    int64_t total = 0;
    for (int k = 1; k < PLAN_KIND_MAX; k++) total += kinds[k].weight;
    int64_t at = dice_below(d, total);
    for (int k = 1; k < PLAN_KIND_MAX; at -= kinds[k++].weight)
        if (at < kinds[k].weight) return (enum plan_kind)k;
    return PLAN_ALERT;
}

static int by_time(const void *a, const void *b, void *ctx)
{
    const struct plan_item *x = a, *y = b;
    (void)ctx;
    return x->t < y->t ? -1 : x->t > y->t;
}

/* Something is the matter: alerts within half an hour, and for two hours whatever else may happen. */
static void draw_night(struct plan *p, struct dice *d, int64_t t)
{
    for (int64_t n = 1 + dice_below(d, 3); n > 0; n--) add(p, d, t + dice_below(d, 30 * MINUTE), PLAN_ALERT);
    for (int64_t n = dice_below(d, 9); n > 0; n--) {
        const int64_t at = t + dice_below(d, 2 * HOUR);
        add(p, d, at, draw_kind(d));
    }
}

void plan_draw(uint64_t seed, int64_t ms, int64_t incidents, struct plan *out)
{
    struct dice d = { dice_mix(seed, 1) };
    *out = (struct plan){ .seed = seed };
    const int64_t nights = incidents * 10 / 16 + 1, gap = ms / nights;
    for (int64_t n = 0; n < nights; n++) draw_night(out, &d, n * gap + dice_below(&d, gap > 1 ? gap : 1));
    sort_stable(out->v.v, out->v.n, sizeof out->v.v[0], by_time, NULL);
}

void plan_release(struct plan *p)
{
    vec_release(&p->v);
}

/* --- as text --- */

void plan_print(const struct plan *p, struct buf *out)
{
    buf_addf(out, "seed %" PRIu64 "\n", p->seed);
    for (size_t i = 0; i < p->v.n; i++)
        buf_addf(out, "%" PRId64 " %s %" PRIu64 "\n", p->v.v[i].t, kinds[p->v.v[i].kind].word, p->v.v[i].dice);
}

static enum plan_kind kind_named(struct slice word)
{
    for (int k = 1; k < PLAN_KIND_MAX; k++)
        if (slice_eq(word, slice_of(kinds[k].word))) return (enum plan_kind)k;
    return PLAN_UNSET;
}

static bool cut_u64(struct slice *s, uint64_t *out)
{
    *out = 0;
    const size_t n = s->n;
    while (s->n > 0 && s->p[0] >= '0' && s->p[0] <= '9') {
        *out = *out * 10 + (uint64_t)(s->p[0] - '0');
        *s = slice_from(*s, 1);
    }
    return s->n < n;
}

int plan_read(struct slice text, struct plan *out, struct error *e)
{
    *out = (struct plan){ 0 };
    for (unsigned n = 1; text.n > 0; n++) {
        struct slice line = slice_cut(&text, '\n');
        struct plan_item i = { 0 };
        uint64_t t;
        if (line.n == 0 || line.p[0] == '#') continue;
        if (slice_cut_prefix(&line, S("seed "))) {
            if (!cut_u64(&line, &out->seed)) return fail(e, ERR_SYNTAX, "line %u: seed NUMBER", n);
            continue;
        }
        const bool timed = cut_u64(&line, &t) && slice_cut_prefix(&line, S(" "));
        i.t = timed ? (int64_t)t : -1;
        i.kind = kind_named(slice_cut(&line, ' '));
        if (!timed || i.kind == PLAN_UNSET || !cut_u64(&line, &i.dice))
            return fail(e, ERR_SYNTAX, "line %u: MILLISECONDS KIND DICE", n);
        *vec_push(&out->v) = i;
    }
    return 0;
}
