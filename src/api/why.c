/* why.c - why each person was paged and each message posted (R164): rule, line, schedule entry, attempts.
 * Not here: deciding any of it (core/).
 * Always: every page and every delivery of the incident is listed, the failed ones too.
 */
#include "api/reading.h"
#include "api/routes.h"
#include "core/delivery.h"
#include "core/directory.h"
#include "core/page.h"
#include "core/role.h"

static const char *bound_by(int64_t scope)
{
    switch ((enum role_scope)scope) {
    case SCOPE_UNSET: break;
#define X(sym, code, text) \
    case SCOPE_##sym: return text;
        ROLE_SCOPES(X)
#undef X
    }
    return NULL;
}

static void rule_members(struct reading *r, const struct policy *p, const struct page *page)
{
    const struct policy_rule *rule = p != NULL ? policy_rule(p, page->rule) : NULL;
    if (rule == NULL) {
        json_null(&r->json, "rule");
        return;
    }
    json_begin(&r->json, "rule", '{');
    json_int(&r->json, "number", page->rule);
    json_text(&r->json, "id", rule->id);
    json_text(&r->json, "text", rule->text);
    reading_place(r, p, rule->line);
    json_end(&r->json, '}');
}

/* Who bound the role, and by which turn of which schedule. */
static void schedule_members(struct reading *r, const struct page *page)
{
    struct slice schedule = reading_text(r, page->schedule);
    const struct directory *d = r->rq->facts->directory;
    int i = schedule.n > 0 ? directory_schedule(d, schedule) : -1;

    json_text_or_null(&r->json, "role", reading_text(r, page->role));
    json_word(&r->json, "bound_by", bound_by(page->scope));
    json_text_or_null(&r->json, "schedule", schedule);
    json_int(&r->json, "schedule_line", i >= 0 ? d->schedules[i].line : 0); /* of site.yaml as it is now */
    json_int(&r->json, "turn", page->turn);
}

static int attempts_members(struct reading *r, const struct delivery *d)
{
    struct rows rows;
    int rc = rows_read(r, STORE_ATTEMPTS, d->id, 0, &rows);
    json_begin(&r->json, "attempts", '[');
    for (size_t i = 0; rc == 0 && i < rows.n; i++) {
        const struct attempt *a = ROW_AT(&rows, attempt, i);
        json_begin(&r->json, NULL, '{');
        json_int(&r->json, "n", a->n);
        json_time(&r->json, "started_at", a->started_wall);
        json_time(&r->json, "finished_at", a->finished_wall);
        json_word(&r->json, "outcome", a->outcome != 0 ? outcome_name((enum outcome)a->outcome) : "in flight");
        json_int(&r->json, "code", a->code);
        json_text(&r->json, "detail", rows.text[i]);
        json_end(&r->json, '}');
    }
    json_end(&r->json, ']');
    return rc;
}

/* What it waits for when that is not its turn; empty. */
static struct slice held_back(const struct reading *r, const struct delivery *d)
{
    const bool waits = d->state == DELIVERY_WAITING || d->state == DELIVERY_RETRYING || d->state == DELIVERY_COLLECTED;
    return waits && is_held(r->rq) ? S("tocsin release: this is a restored copy") : (struct slice){ 0 };
}

static int delivery_members(struct reading *r, const struct policy *p, const struct delivery *d)
{
    int rc;
    json_begin(&r->json, NULL, '{');
    json_int(&r->json, "delivery", d->id);
    json_word(&r->json, "purpose", purpose_name(d->purpose));
    reading_person(r, "person", d->person);
    json_text_or_null(&r->json, "kind", reading_text(r, d->kind));
    json_text_or_null(&r->json, "channel", reading_text(r, d->channel));
    json_text_or_null(&r->json, "address", reading_text(r, d->address));
    json_word(&r->json, "state", delivery_state_name(d->state));
    json_text_or_null(&r->json, "waits_for", held_back(r, d));
    json_text_or_null(&r->json, "note", reading_text(r, d->note));
    reading_place(r, p, d->line);
    rc = attempts_members(r, d);
    json_end(&r->json, '}');
    return rc;
}

/* The deliveries of one page; page 0: posts, stand-downs, alarms. */
static int deliveries_of(struct reading *r, const struct policy *p, const char *key, const struct rows *deliveries,
                         page_id page)
{
    int rc = 0;
    json_begin(&r->json, key, '[');
    for (size_t i = 0; rc == 0 && i < deliveries->n; i++) {
        const struct delivery *d = ROW_AT(deliveries, delivery, i);
        if (d->page == page) rc = delivery_members(r, p, d);
    }
    json_end(&r->json, ']');
    return rc;
}

static int page_members(struct reading *r, const struct policy *p, const struct page *page,
                        const struct rows *deliveries)
{
    int rc;
    json_begin(&r->json, NULL, '{');
    json_int(&r->json, "page", page->id);
    reading_person(r, "person", page->person);
    json_bool(&r->json, "notification", page->kind == PAGE_NOTIFICATION);
    json_word(&r->json, "reason", page_reason_name(page->reason));
    rule_members(r, p, page);
    reading_place(r, p, page->line);
    json_int(&r->json, "level", page->level);
    schedule_members(r, page);
    json_bool(&r->json, "rings", page->rings != 0);
    json_word(&r->json, "state", page_state_name(page->state));
    json_time(&r->json, "created_at", page->created_wall);
    json_time(&r->json, "ended_at", page->ended_wall);
    reading_person(r, "ended_by", page->ended_by);
    rc = deliveries_of(r, p, "deliveries", deliveries, page->id);
    json_end(&r->json, '}');
    return rc;
}

static void why_read(struct request *rq, struct store_reader *store)
{
    struct reading r;
    struct incident i;
    struct rows pages, deliveries;
    const struct policy *p;
    int rc;

    if (!reading_begin(&r, rq, store) || !reading_incident(&r, &i)) return;
    p = reading_policy_of(&r, &i);
    rc = rows_read(&r, STORE_PAGES, i.id, 0, &pages);
    if (rc == 0) rc = rows_read(&r, STORE_DELIVERIES, i.id, 0, &deliveries);
    json_begin(&r.json, NULL, '{');
    json_text_or_null(&r.json, "broken", trouble_of(rq));
    json_incident(&r.json, "incident", i.id);
    json_text(&r.json, "title", reading_text(&r, i.title));
    json_text(&r.json, "severity", reading_severity(&r, &i));
    json_text(&r.json, "procedures", p != NULL ? p->title : S(""));
    json_int(&r.json, "bundle", i.bundle);
    json_text_or_null(&r.json, "routing_rule", reading_text(&r, i.rule));
    json_begin(&r.json, "pages", '[');
    for (size_t k = 0; rc == 0 && k < pages.n; k++) rc = page_members(&r, p, ROW_AT(&pages, page, k), &deliveries);
    json_end(&r.json, ']');
    if (rc == 0) rc = deliveries_of(&r, p, "posts", &deliveries, 0);
    json_end(&r.json, '}');
    reading_end(&r, rc);
}

void incident_why_get(struct request *rq)
{
    request_read(rq, why_read);
}
