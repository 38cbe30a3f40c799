/* checks.c - the response timeline of an incident: each check of each milestone, as the document names it.
 * Not here: what ticks a check (core/milestone.c).
 * Always: in the document's order; a check whose bundle is gone keeps its numbers and has no text. While an incident is
 * active, what nothing has happened to has no row.
 */
#include "api/reading.h"
#include "api/routes.h"
#include "core/milestone.h"

static bool is_before(const struct milestone_check *a, size_t m, size_t c)
{
    return a->milestone < (int64_t)m || (a->milestone == (int64_t)m && a->idx < (int64_t)c);
}

static size_t checks_in(const struct policy *p)
{
    size_t n = 0;
    for (size_t m = 0; m < p->n_milestones; m++) n += p->milestones[m].n_checks;
    return n;
}

/* Both are in the document's order. */
static void merge(const struct rows *rows, const struct policy *p, incident_id id, struct checks *out)
{
    size_t k = 0;
    for (size_t m = 0; p != NULL && m < p->n_milestones; m++) {
        for (size_t c = 0; c < p->milestones[m].n_checks; c++) {
            while (k < rows->n && is_before(ROW_AT(rows, milestone_check, k), m, c))
                out->v[out->n++] = *ROW_AT(rows, milestone_check, k++);
            const struct milestone_check *row = k < rows->n ? ROW_AT(rows, milestone_check, k) : NULL;
            const bool there = row != NULL && row->milestone == (int64_t)m && row->idx == (int64_t)c;
            out->v[out->n++] = there ? *row : milestone_untouched(p, id, m, c);
            k += there;
        }
    }
    while (k < rows->n) out->v[out->n++] = *ROW_AT(rows, milestone_check, k++);
}

int checks_read(struct reading *r, const struct incident *i, const struct policy *p, struct checks *out)
{
    struct rows rows;
    const int rc = rows_read(r, STORE_CHECKS, i->id, 0, &rows);
    const struct policy *untouched = incident_is_active(i) ? p : NULL;

    *out = (struct checks){ 0 };
    if (rc < 0) return rc;
    out->v = arena_array(r->rq->arena, struct milestone_check, rows.n + (untouched != NULL ? checks_in(untouched) : 0));
    if (out->v != NULL) merge(&rows, untouched, i->id, out);
    return 0;
}

struct slice check_reason(struct reading *r, const struct milestone_check *c)
{
    if (c->state == CHECK_NOT_APPLICABLE && c->reason == 0) return S(MILESTONE_LATER);
    return reading_text(r, c->reason);
}

static const struct policy_check *check_of(const struct policy_milestone *m, int64_t index)
{
    return m != NULL && index >= 0 && (size_t)index < m->n_checks ? &m->checks[index] : NULL;
}

static const struct policy_milestone *milestone_of(const struct policy *p, int64_t index)
{
    return p != NULL && index >= 0 && (size_t)index < p->n_milestones ? &p->milestones[index] : NULL;
}

/* T+n in milliseconds, where the document gives the milestone a clock. */
static void offset_member(struct json *j, const char *key, int64_t ms)
{
    if (ms == POLICY_NONE)
        json_null(j, key);
    else
        json_int(j, key, ms);
}

static void check_members(struct reading *r, const struct policy *p, const struct milestone_check *c)
{
    const struct policy_milestone *m = milestone_of(p, c->milestone);
    const struct policy_check *check = check_of(m, c->idx);
    struct json *j = &r->json;

    json_begin(j, NULL, '{');
    json_int(j, "milestone", c->milestone);
    json_int(j, "check", c->idx);
    json_text_or_null(j, "name", m != NULL ? m->name : S(""));
    offset_member(j, "at_ms", m != NULL ? m->at_ms : POLICY_NONE);
    offset_member(j, "due_ms", m != NULL ? m->due_ms : POLICY_NONE);
    json_text_or_null(j, "text", check != NULL ? check->text : S(""));
    reading_place(r, p, check != NULL ? check->line : 0);
    json_word(j, "state", check_state_name(c->state));
    json_time(j, "done_at", c->done_wall);
    reading_person(r, "by", c->by);
    json_text_or_null(j, "reason", check_reason(r, c));
    json_int(j, "evidence", c->evidence);
    json_end(j, '}');
}

int checks_members(struct reading *r, const struct incident *i)
{
    const struct policy *p = reading_policy_of(r, i);
    struct checks all;
    const int rc = checks_read(r, i, p, &all);

    json_begin(&r->json, "checks", '[');
    for (size_t k = 0; k < all.n; k++) check_members(r, p, &all.v[k]);
    json_end(&r->json, ']');
    return rc;
}
