/* incidents.c - incidents, read: the list, one of them, its timeline.
 * Not here: why somebody was paged (why.c), acts (acts.c).
 * Always: times are UTC, RFC 3339 with milliseconds; people are {id, name}; what is not known is null.
 */
#include <string.h>

#include "api/reading.h"
#include "api/responder_lists.h"
#include "api/routes.h"
#include "core/act.h"
#include "core/alert.h"
#include "core/delivery.h"
#include "core/page.h"
#include "core/timeline.h"

#define LIST_DEFAULT 100
#define ALERT_NAMES_MAX 1000

static size_t query_limit(const struct request *rq, size_t standard)
{
    int64_t n = 0;
    bool given;
    struct slice s = request_query(rq, S("limit"), &given);
    return given && slice_to_int(s, &n) && n > 0 && n <= STORE_PAGE_MAX ? (size_t)n : standard;
}

/* GET /api/v1/incidents?state=open|all&limit=…&before=INC-n, newest first. */
static void list_read(struct request *rq, struct store_reader *store)
{
    struct reading r;
    struct rows rows;
    bool all = slice_eq(request_query(rq, S("state"), NULL), S("all"));
    size_t limit = query_limit(rq, LIST_DEFAULT), shown = 0;
    int64_t before = incident_number(request_query(rq, S("before"), NULL)), last = 0;
    int rc;

    if (!reading_begin(&r, rq, store)) return;
    rc = rows_read_from(&r, all ? STORE_INCIDENTS : STORE_INCIDENTS_OPEN, 0, before, limit, &rows);
    json_begin(&r.json, NULL, '{');
    json_begin(&r.json, "incidents", '[');
    for (; rc == 0 && shown < rows.n; shown++) {
        const struct incident *i = ROW_AT(&rows, incident, shown);
        json_begin(&r.json, NULL, '{');
        incident_members(&r, i);
        json_end(&r.json, '}');
        last = i->id;
    }
    json_end(&r.json, ']');
    json_incident(&r.json, "before", shown == limit ? last : 0); /* ask again with ?before= for more */
    json_text_or_null(&r.json, "broken", trouble_of(rq)); /* Tocsin's own trouble stands in every view */
    json_text_or_null(&r.json, "unwatched", audit_unwatched(rq));
    json_end(&r.json, '}');
    reading_end(&r, rc);
}

void incidents_get(struct request *rq)
{
    request_read(rq, list_read);
}

/* ---- one incident ---- */

static int holders_members(struct reading *r, const struct incident *i)
{
    struct rows rows;
    int rc = rows_read(r, STORE_HOLDERS, i->id, 0, &rows);
    json_begin(&r->json, "roles", '[');
    for (size_t k = 0; rc == 0 && k < rows.n; k++) {
        const struct holder *h = ROW_AT(&rows, holder, k);
        json_begin(&r->json, NULL, '{');
        json_text(&r->json, "role", reading_text(r, h->role));
        reading_person(r, "person", h->person);
        json_time(&r->json, "since", h->since_wall);
        reading_person(r, "by", h->by);
        json_end(&r->json, '}');
    }
    json_end(&r->json, ']');
    return rc;
}

static int pages_members(struct reading *r, const struct incident *i)
{
    struct rows rows;
    int rc = rows_read(r, STORE_PAGES, i->id, 0, &rows);
    json_begin(&r->json, "pages", '[');
    for (size_t k = 0; rc == 0 && k < rows.n; k++) {
        const struct page *p = ROW_AT(&rows, page, k);
        json_begin(&r->json, NULL, '{');
        json_int(&r->json, "page", p->id);
        reading_person(r, "person", p->person);
        json_text_or_null(&r->json, "role", reading_text(r, p->role));
        json_bool(&r->json, "notification", p->kind == PAGE_NOTIFICATION);
        json_word(&r->json, "reason", page_reason_name(p->reason));
        json_word(&r->json, "state", page_state_name(p->state));
        json_time(&r->json, "created_at", p->created_wall);
        json_time(&r->json, "ended_at", p->ended_wall);
        json_end(&r->json, '}');
    }
    json_end(&r->json, ']');
    return rc;
}

static int alert_members(struct reading *r, const struct alert *a)
{
    struct alert_live now = alert_first_live(a);
    struct row live;
    int rc = store_read_row(r->store, ROW_ALERT_LIVE, &now.id, &live, &r->error);
    if (rc == 0) now = *(const struct alert_live *)live.v;
    json_begin(&r->json, NULL, '{');
    json_text(&r->json, "name", reading_text(r, a->name));
    json_text_or_null(&r->json, "summary", reading_text(r, a->summary));
    json_text(&r->json, "sender", reading_text(r, a->sender));
    json_word(&r->json, "state", alert_state_name(now.state));
    json_time(&r->json, "starts_at", now.starts_wall);
    json_time(&r->json, "ends_at", now.ends_wall);
    json_time(&r->json, "updated_at", now.updated_wall);
    json_end(&r->json, '}');
    return rc == ERR_NOT_FOUND ? 0 : rc;
}

static int alerts_members(struct reading *r, const struct incident *i)
{
    struct rows rows;
    int rc = rows_read(r, STORE_ALERTS, i->id, ALERT_NAMES_MAX, &rows);
    json_begin(&r->json, "alert_list", '[');
    for (size_t k = 0; rc == 0 && k < rows.n; k++) rc = alert_members(r, ROW_AT(&rows, alert, k));
    json_end(&r->json, ']');
    return rc;
}

/* What became of its pages; UTC ms, 0: never. */
struct paged {
    int64_t taken, failed; /* the last time that a provider took one; that one was given up */
    bool waits; /* one is tried for a minute (I9) */
};

static int paged_read(struct reading *r, const struct incident *i, struct paged *p)
{
    struct rows rows;
    int rc = rows_read(r, STORE_PAGES, i->id, 0, &rows);
    for (size_t k = 0; rc == 0 && k < rows.n; k++) {
        const struct page *q = ROW_AT(&rows, page, k);
        if (q->kind != PAGE_PAGE) continue;
        if (q->state == PAGE_STATE_FAILED && q->ended_wall >= p->failed) p->failed = q->ended_wall;
        p->waits |= page_is_open(q) && r->rq->received.wall_ms - q->created_wall >= MINUTE;
    }
    if (rc == 0) rc = rows_read(r, STORE_DELIVERIES, i->id, 0, &rows);
    for (size_t k = 0; rc == 0 && k < rows.n; k++) {
        const struct delivery *d = ROW_AT(&rows, delivery, k);
        if (d->purpose != PURPOSE_PAGE || d->state != DELIVERY_ACCEPTED) continue;
        if (d->ended_wall >= p->taken) p->taken = d->ended_wall;
    }
    return rc;
}

/* Why people should be called by hand: what has failed since a provider last took a page; NULL: no reason. */
static const char *dial_reason(const struct incident *i, const struct paged *p)
{
    if (!incident_is_active(i) || i->acknowledged_at != 0) return NULL;
    if (i->exhausted_at != 0)
        return p->taken != 0 ? "Nobody has answered, and nobody is left to page"
                             : "Paging reached nobody, and nobody is left to page";
    if (p->failed > p->taken)
        return p->taken != 0 ? "The last page reached nobody, and nobody has answered an earlier one"
                             : "Paging reached nobody";
    return p->waits && p->taken == 0 ? "No provider has taken a page yet" : NULL;
}

/* By the site's numbers: no directory is asked (R28). */
static int dial_members(struct reading *r, const struct incident *i)
{
    struct responder_view v = { .n_people = 0 };
    struct paged p = { 0 };
    const int rc = paged_read(r, i, &p);
    const char *because = rc == 0 ? dial_reason(i, &p) : NULL;
    if (because != NULL) responder_people(r, i, 0, &v);
    json_word(&r->json, "dial_because", because);
    json_begin(&r->json, "dial_by_hand", '[');
    for (size_t k = 0; k < v.n_people; k++) {
        if (v.people[k].phone.n == 0) continue;
        json_begin(&r->json, NULL, '{');
        json_text(&r->json, "name", v.people[k].name);
        json_text(&r->json, "role", v.people[k].role);
        json_text(&r->json, "phone", v.people[k].phone);
        json_end(&r->json, '}');
    }
    json_end(&r->json, ']');
    return rc;
}

static void one_read(struct request *rq, struct store_reader *store)
{
    struct reading r;
    struct incident i;
    int rc;

    if (!reading_begin(&r, rq, store) || !reading_incident(&r, &i)) return;
    json_begin(&r.json, NULL, '{');
    incident_members(&r, &i);
    rc = holders_members(&r, &i);
    if (rc == 0) rc = pages_members(&r, &i);
    if (rc == 0) rc = alerts_members(&r, &i);
    if (rc == 0) rc = checks_members(&r, &i);
    if (rc == 0) rc = dial_members(&r, &i);
    json_end(&r.json, '}');
    reading_end(&r, rc);
}

void incident_show_get(struct request *rq)
{
    request_read(rq, one_read);
}

/* ---- its timeline ---- */

struct entry_teller {
    struct store_each_entry each; /* first */
    struct reading *r;
    const struct policy *policy; /* of the incident; NULL when it is not compiled any more */
    size_t n;
    int64_t last;
};

static int entry_tell(struct store_each_entry *self, const struct entry *e, struct error *err)
{
    struct entry_teller *t = (struct entry_teller *)self;
    struct json *j = &t->r->json;
    (void)err;
    json_begin(j, NULL, '{');
    json_int(j, "seq", e->seq);
    json_time(j, "at", e->wall);
    json_word(j, "kind", entry_kind_name(e->kind));
    reading_person(t->r, "actor", e->actor);
    json_word(j, "via", e->via != 0 ? act_via_name((enum act_via)e->via) : NULL);
    json_text(j, "text", e->text);
    json_int(j, "rule", e->rule);
    reading_place(t->r, t->policy, e->line);
    json_int(j, "ref", e->ref);
    json_end(j, '}');
    t->n++;
    t->last = e->seq;
    return 0;
}

/* GET …/timeline?after=seq&limit=…, oldest first. */
static void timeline_read(struct request *rq, struct store_reader *store)
{
    struct reading r;
    struct incident i;
    struct entry_teller t = { .each = { entry_tell }, .r = &r };
    size_t limit = query_limit(rq, STORE_PAGE_MAX);
    int64_t after = 0;
    int rc;

    if (!reading_begin(&r, rq, store) || !reading_incident(&r, &i)) return;
    slice_to_int(request_query(rq, S("after"), NULL), &after);
    t.policy = reading_policy_of(&r, &i);
    json_begin(&r.json, NULL, '{');
    json_incident(&r.json, "incident", i.id);
    json_begin(&r.json, "entries", '[');
    rc = store_read_entries(r.store, i.id, after, limit, &t.each, &r.error);
    json_end(&r.json, ']');
    if (t.n == limit)
        json_int(&r.json, "after", t.last); /* ask again with ?after= for more */
    else
        json_null(&r.json, "after");
    json_end(&r.json, '}');
    reading_end(&r, rc);
}

void incident_timeline_get(struct request *rq)
{
    request_read(rq, timeline_read);
}
