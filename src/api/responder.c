/* responder.c - the view behind a page's link: look by GET, acknowledge by POST (R146).
 * Not here: the HTML (http/view.c), the token (engine/token.c), what an acknowledgement does (core/).
 * Always: GET and HEAD change nothing, whoever follows the link first; the actor is the page's person, whoever presses;
 * of two who press one wins and the other is told by whom.
 */
#include <string.h>

#include "api/reading.h"
#include "api/routes.h"
#include "base/zone.h"
#include "core/act.h"
#include "core/directory.h"
#include "core/effect.h"
#include "core/incident.h"
#include "core/page.h"
#include "engine/token.h"
#include "http/view.h"

struct responding {
    page_id id;
    struct page page;
    struct incident incident;
    struct act act;
    struct event event;
    struct slice notice; /* what the press did */
    int status;
};

/* False: the link is wrong or too old, and the request is answered. */
static bool link_check(struct request *rq)
{
    struct responding *r = arena_new(rq->arena, struct responding);

    rq->state = r;
    r->status = 200;
    switch (token_check(rq->facts->instance_key, rq->captures[0], rq->received.wall_ms, &r->id, NULL)) {
    case TOKEN_GOOD: return true;
    case TOKEN_EXPIRED:
        request_fail(rq, 410, "expired", S("The page it came with is too old for this link to acknowledge anything."),
                     S("If the incident still needs you there is a newer page with a newer link. On the server, "
                       "`tocsin incidents` lists what is open and `tocsin ack INC-…` acknowledges it."));
        return false;
    case TOKEN_UNSET:
    case TOKEN_WRONG: break;
    }
    request_fail(rq, 404, "not_found", S("This link belongs to no page."),
                 S("Copy it whole from the message you received: it may have been cut at the end of a line."));
    return false;
}

/* False: there is no such page (any more), and the request is answered. */
static bool page_read(struct reading *r, struct responding *p)
{
    int64_t key[1] = { p->id };
    struct row row;
    int rc = store_read_row(r->store, ROW_PAGE, key, &row, &r->error);

    if (rc == 0) {
        memcpy(&p->page, row.v, sizeof p->page);
        key[0] = p->page.incident;
        rc = store_read_row(r->store, ROW_INCIDENT, key, &row, &r->error);
    }
    if (rc == 0)
        memcpy(&p->incident, row.v, sizeof p->incident);
    else if (rc == ERR_NOT_FOUND)
        request_fail(r->rq, 404, "not_found", S("The page of this link is not here any more."), S(""));
    else
        request_fail_code(r->rq, rc, slice_of(r->error.detail));
    return rc == 0;
}

static struct slice kept(struct request *rq, struct buf *text)
{
    struct slice s = arena_copy(rq->arena, buf_slice(text));
    buf_release(text);
    return s;
}

static const struct person *person_of(struct reading *r, symbol s)
{
    const struct directory *d = r->rq->facts->directory;
    int i = s != 0 ? directory_person(d, reading_text(r, s)) : -1;
    return i >= 0 ? &d->people[i] : NULL;
}

static struct slice name_of(struct reading *r, symbol s)
{
    const struct person *p = person_of(r, s);
    return p != NULL ? p->name : reading_text(r, s);
}

/* "12 minutes ago"; the largest unit that fits. */
static void add_ago(struct buf *out, int64_t ms)
{
    static const struct {
        int64_t ms;
        const char *name;
    } units[] = {
        { DAY, "day" },
        { HOUR, "hour" },
        { MINUTE, "minute" },
    };
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        int64_t n = ms / units[i].ms;
        if (n == 0) continue;
        buf_addf(out, ", %lld %s%s ago", (long long)n, units[i].name, n == 1 ? "" : "s");
        return;
    }
    buf_add_str(out, ", just now");
}

/* "03:00 CET on Mon 5 January 2026, 12 minutes ago", on the clock of whoever was paged. */
static struct slice moment_text(struct reading *r, symbol reader, int64_t wall)
{
    static const char *const months[] = { "January", "February", "March",     "April",   "May",      "June",
                                          "July",    "August",   "September", "October", "November", "December" };
    const struct person *p = person_of(r, reader);
    const struct directory *d = r->rq->facts->directory;
    const struct zone *zone = p != NULL && p->zone != NULL ? p->zone : d->zone;
    struct buf text = { .max = 256 };
    struct zone_local local = { .abbreviation = S("UTC") };
    struct civil c;

    if (zone != NULL) zone_offset_at(zone, wall / SECOND, &local);
    c = civil_from_seconds(wall / SECOND + local.offset_s);
    struct slice weekday = civil_weekday_name(civil_weekday(civil_days(c.year, c.month, c.day)));
    buf_addf(&text, "%02d:%02d %.*s on %.*s %d %s %d", (int)c.hour, (int)c.minute, (int)local.abbreviation.n,
             local.abbreviation.p, (int)weekday.n, weekday.p, (int)c.day, months[c.month - 1], (int)c.year);
    add_ago(&text, r->rq->received.wall_ms - wall);
    return kept(r->rq, &text);
}

static struct slice taken_text(struct reading *r, const struct responding *p)
{
    struct buf text = { .max = 512 };
    const struct incident *i = &p->incident;
    struct slice name = name_of(r, i->acknowledged_by), when;

    if (i->acknowledged_at == 0) return S("");
    when = moment_text(r, p->page.person, i->acknowledged_wall);
    buf_addf(&text, "by %.*s at %.*s", (int)name.n, name.p, (int)when.n, when.p);
    return kept(r->rq, &text);
}

/* "logged, nobody has acknowledged it": the word alone says nothing to whoever was woken. */
static struct slice situation_text(struct reading *r, const struct incident *i)
{
    struct buf text = { .max = 128 };
    buf_add_str(&text, incident_word(i));
    if (incident_is_active(i) && i->acknowledged_at == 0) buf_add_str(&text, ", nobody has acknowledged it");
    return kept(r->rq, &text);
}

/* As the document names it. */
static struct slice role_text(struct reading *r, const struct responding *p)
{
    const struct policy *policy = reading_policy_of(r, &p->incident);
    struct slice id = reading_text(r, p->page.role);
    for (size_t i = 0; policy != NULL && i < policy->n_roles; i++)
        if (slice_eq(policy->roles[i].id, id)) return policy->roles[i].name;
    return id;
}

static struct slice paged_text(struct reading *r, const struct responding *p)
{
    struct buf text = { .max = 512 };
    struct slice role = role_text(r, p);
    buf_add(&text, name_of(r, p->page.person));
    if (role.n > 0) buf_addf(&text, " as %.*s", (int)role.n, role.p);
    return kept(r->rq, &text);
}

static struct slice incident_text(struct request *rq, incident_id id)
{
    struct buf text = { .max = 32 };
    buf_addf(&text, "INC-%lld", (long long)id);
    return kept(rq, &text);
}

static struct slice service_text(struct reading *r, symbol service)
{
    const struct directory *d = r->rq->facts->directory;
    struct slice id = reading_text(r, service);
    int i = service != 0 ? directory_service(d, id) : -1;
    return i >= 0 ? d->services[i].name : id;
}

static void view_answer(struct reading *r, const struct responding *p)
{
    const struct incident *i = &p->incident;
    bool active = incident_is_active(i), open = active && (i->acknowledged_at == 0 || page_is_open(&p->page));
    bool asks = open && p->page.kind == PAGE_PAGE;
    struct responder_view v = {
        .notice = p->notice,
        .incident = incident_text(r->rq, i->id),
        .severity = reading_severity(r, i),
        .tone = !active            ? S("over")
                : i->severity <= 2 ? S("ring")
                                   : S("quiet"),
        .title = reading_text(r, i->title),
        .service = service_text(r, i->service),
        .impact = i->impact != i->title ? reading_text(r, i->impact) : S(""),
        .since = moment_text(r, p->page.person, i->detected_wall != 0 ? i->detected_wall : i->opened_wall),
        .state = situation_text(r, i),
        .taken_by = taken_text(r, p),
        .paged = paged_text(r, p),
        .action = asks ? S("Acknowledge") : S(""),
        .after =
            asks
                ? S("Acknowledging tells the others that you are on it and stops the escalation. Looking at this page does not.")
            : active ? S("Somebody is on it: there is nothing to press.")
                     : S("It is over: there is nothing to press."),
    };
    if (v.severity.n == 0) v.severity = S("SEV?");
    view_responder(&r->rq->out, &v);
    request_answer(r->rq, p->status, TYPE_HTML);
}

static void look_read(struct request *rq, struct store_reader *store)
{
    struct reading r;
    struct responding *p = rq->state;
    if (reading_begin(&r, rq, store) && page_read(&r, p)) view_answer(&r, p);
}

void responder_get(struct request *rq)
{
    if (link_check(rq)) request_read(rq, look_read);
}

/* Taken by somebody else is an answer like any other: the view says by whom, with 409. */
static void press_replied(struct request *rq, const struct reply *reply)
{
    struct responding *p = rq->state;
    if (reply->code < 0 && reply->code != ERR_CONFLICT) {
        request_fail_code(rq, reply->code, reply->text);
        return;
    }
    p->notice = arena_copy(rq->arena, reply->text);
    p->status = reply->code == ERR_CONFLICT ? 409 : 200;
    request_read(rq, look_read);
}

static void press_read(struct request *rq, struct store_reader *store)
{
    struct reading r;
    struct responding *p = rq->state;
    if (!reading_begin(&r, rq, store) || !page_read(&r, p)) return;
    p->act = (struct act){ .kind = ACT_ACKNOWLEDGE,
                           .via = VIA_LINK,
                           .incident = p->incident.id,
                           .page = p->id,
                           .actor = arena_copy(rq->arena, reading_text(&r, p->page.person)) };
    p->event = (struct event){ .kind = EVENT_ACT, .act = &p->act };
    request_submit(rq, &p->event, press_replied);
}

void responder_post(struct request *rq)
{
    if (link_check(rq)) request_read(rq, press_read);
}
