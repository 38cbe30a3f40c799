/* responder_checks.c - the response timeline in the responder's view: what is done, by whom and when, what is late.
 * Not here: what ticks a check (core/milestone.c), the same for programs (checks.c).
 * Always: in the document's order; a check whose bundle is gone is left out, it has no words.
 */
#include "api/responder_lists.h"
#include "core/milestone.h"

struct progress {
    struct reading *r;
    symbol reader;
    struct view_check *v;
    size_t n, done, late, counted;
    int64_t milestone; /* of the check before; -1: none */
};

static struct slice kept(struct reading *r, struct buf *text)
{
    const struct slice s = arena_copy(r->rq->arena, buf_slice(text));
    buf_release(text);
    return s;
}

/* "T+15 min Triage"; without a clock in the document the name alone. */
static struct slice head_of(struct progress *p, const struct policy_milestone *m)
{
    struct buf text = { .max = 256 };
    const int64_t minutes = m->at_ms == POLICY_NONE ? -1 : m->at_ms / MINUTE;
    if (minutes >= 60 && minutes % 60 == 0)
        buf_addf(&text, "T+%lld h ", (long long)(minutes / 60));
    else if (minutes >= 0)
        buf_addf(&text, minutes > 0 ? "T+%lld min " : "T+%lld ", (long long)minutes);
    buf_add(&text, m->name);
    return kept(p->r, &text);
}

/* "03:07 CET by Ada Byron, late"; what ticked itself names nobody. */
static struct slice done_text(struct progress *p, const struct milestone_check *c)
{
    struct buf text = { .max = 256 };
    struct civil at;
    const struct slice zone = responder_local(p->r, p->reader, c->done_wall, &at);
    buf_addf(&text, "%02d:%02d %.*s", (int)at.hour, (int)at.minute, (int)zone.n, zone.p);
    if (c->by != 0) buf_add_str(&text, " by ");
    if (c->by != 0) buf_add(&text, responder_name(p->r, c->by));
    if (c->state == CHECK_DONE_LATE) buf_add_str(&text, ", late");
    return kept(p->r, &text);
}

static void show(struct progress *p, const struct policy_milestone *m, const struct milestone_check *c)
{
    struct view_check *v = &p->v[p->n++];
    *v = (struct view_check){ .tone = S("open"), .mark = S("\xe2\x97\x8b"), .text = m->checks[c->idx].text };
    if (c->milestone != p->milestone) v->milestone = head_of(p, m);
    p->milestone = c->milestone;
    p->counted += c->state != CHECK_NOT_APPLICABLE;
    switch ((enum check_state)c->state) {
    case CHECK_UNSET:
    case CHECK_PENDING: break;
    case CHECK_LATE:
        v->tone = v->state = S("late");
        v->mark = S("!");
        p->late++;
        break;
    case CHECK_DONE:
    case CHECK_DONE_LATE:
        v->tone = S("done");
        v->mark = S("\xe2\x9c\x93");
        v->state = done_text(p, c);
        p->done++;
        break;
    case CHECK_NOT_APPLICABLE:
        v->tone = S("void");
        v->mark = S("\xe2\x80\x93");
        v->state = check_reason(p->r, c);
        break;
    }
}

int responder_checks(struct reading *r, const struct incident *i, symbol reader, struct responder_view *v)
{
    const struct policy *policy = reading_policy_of(r, i);
    struct progress p = { .r = r, .reader = reader, .milestone = -1 };
    struct buf text = { .max = 128 };
    struct checks all;
    const int rc = checks_read(r, i, policy, &all);
    if (rc < 0 || all.n == 0 || policy == NULL) return rc;
    p.v = arena_array(r->rq->arena, struct view_check, all.n);
    for (size_t k = 0; p.v != NULL && k < all.n; k++) {
        const struct milestone_check *c = &all.v[k];
        if (c->milestone < 0 || (size_t)c->milestone >= policy->n_milestones) continue;
        const struct policy_milestone *m = &policy->milestones[c->milestone];
        if (c->idx >= 0 && (size_t)c->idx < m->n_checks) show(&p, m, c);
    }
    buf_addf(&text, "Response timeline: %zu of %zu done", p.done, p.counted);
    if (p.late > 0) buf_addf(&text, ", %zu late", p.late);
    v->progress = kept(r, &text);
    v->checks = p.v;
    v->n_checks = p.n;
    return 0;
}
