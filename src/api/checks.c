/* checks.c - the response timeline of an incident: each check of each milestone, as the document names it.
 * Not here: what ticks a check (core/milestone.c).
 * Always: in the document's order; a check whose bundle is gone keeps its numbers and has no text.
 */
#include "api/reading.h"
#include "api/routes.h"
#include "core/milestone.h"

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
    json_text_or_null(j, "reason", reading_text(r, c->reason));
    json_int(j, "evidence", c->evidence);
    json_end(j, '}');
}

int checks_members(struct reading *r, const struct incident *i)
{
    const struct policy *p = reading_policy_of(r, i);
    struct rows rows;
    const int rc = rows_read(r, STORE_CHECKS, i->id, 0, &rows);

    json_begin(&r->json, "checks", '[');
    for (size_t k = 0; rc == 0 && k < rows.n; k++) check_members(r, p, ROW_AT(&rows, milestone_check, k));
    json_end(&r->json, ']');
    return rc;
}
