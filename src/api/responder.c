/* responder.c - the view behind a page's link: look by GET; acknowledge, confirm the severity, pass on by POST (R146).
 * Not here: the HTML (http/view.c), the token (engine/token.c), what an acknowledgement does (core/).
 * Always: GET and HEAD change nothing, whoever follows the link first; the actor is the page's person, whoever presses;
 * of two who press one wins and the other is told by whom.
 */
#include <string.h>

#include "api/responder_lists.h"
#include "api/routes.h"
#include "base/zone.h"
#include "core/act.h"
#include "core/directory.h"
#include "core/effect.h"
#include "core/incident.h"
#include "core/page.h"
#include "engine/token.h"
#include "http/router.h"

struct responding {
    struct token_page of; /* what the link says */
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
    switch (token_check(rq->facts->instance_key, rq->captures[0], rq->received.wall_ms, &r->of, NULL)) {
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
    int64_t key[1] = { p->of.id };
    struct row row;
    int rc = store_read_row(r->store, ROW_PAGE, key, &row, &r->error);

    if (rc == 0) {
        memcpy(&p->page, row.v, sizeof p->page);
        if (!token_is_of(&p->of, p->page.id, p->page.created_wall)) rc = ERR_NOT_FOUND;
    }
    if (rc == 0) {
        key[0] = p->page.incident;
        rc = store_read_row(r->store, ROW_INCIDENT, key, &row, &r->error);
    }
    if (rc == 0)
        memcpy(&p->incident, row.v, sizeof p->incident);
    else if (rc == ERR_NOT_FOUND && store_fails(r->rq)) /* it left unjournaled: only the world has it */
        request_fail(r->rq, 503, "unstored", S("Tocsin cannot write to its disk, so this page is not stored yet and "
                                               "cannot be acknowledged. What it says is true all the same."),
                     S("Tell the others that you are on it, and have somebody make room on the disk; then press again."));
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

struct slice responder_name(struct reading *r, symbol s)
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

struct slice responder_local(struct reading *r, symbol reader, int64_t wall, struct civil *c)
{
    const struct person *p = person_of(r, reader);
    const struct directory *d = r->rq->facts->directory;
    const struct zone *zone = p != NULL && p->zone != NULL ? p->zone : d->zone;
    struct zone_local local = { .abbreviation = S("UTC") };

    if (zone != NULL) zone_offset_at(zone, wall / SECOND, &local);
    *c = civil_from_seconds(wall / SECOND + local.offset_s);
    return local.abbreviation;
}

/* "03:00 CET on Mon 5 January 2026, 12 minutes ago", on the clock of whoever was paged. */
static struct slice moment_text(struct reading *r, symbol reader, int64_t wall)
{
    static const char *const months[] = { "January", "February", "March",     "April",   "May",      "June",
                                          "July",    "August",   "September", "October", "November", "December" };
    struct buf text = { .max = 256 };
    struct civil c;
    const struct slice zone = responder_local(r, reader, wall, &c);
    struct slice weekday = civil_weekday_name(civil_weekday(civil_days(c.year, c.month, c.day)));
    buf_addf(&text, "%02d:%02d %.*s on %.*s %d %s %d", (int)c.hour, (int)c.minute, (int)zone.n, zone.p, (int)weekday.n,
             weekday.p, (int)c.day, months[c.month - 1], (int)c.year);
    add_ago(&text, r->rq->received.wall_ms - wall);
    return kept(r->rq, &text);
}

static struct slice taken_text(struct reading *r, const struct responding *p)
{
    struct buf text = { .max = 512 };
    const struct incident *i = &p->incident;
    struct slice name = responder_name(r, i->acknowledged_by), when;

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
    buf_add(&text, responder_name(r, p->page.person));
    if (role.n > 0) buf_addf(&text, " as %.*s", (int)role.n, role.p);
    return kept(r->rq, &text);
}

static struct slice incident_text(struct request *rq, incident_id id)
{
    struct buf text = { .max = 32 };
    buf_addf(&text, "INC-%lld", (long long)id);
    return kept(rq, &text);
}

static struct slice joined(struct request *rq, const char *words, struct slice label)
{
    struct buf text = { .max = 256 };
    buf_add_str(&text, words);
    buf_add(&text, label);
    return kept(rq, &text);
}

static struct slice number_text(struct request *rq, int64_t n)
{
    struct buf text = { .max = 32 };
    buf_add_int(&text, n);
    return kept(rq, &text);
}

static struct slice service_text(struct reading *r, symbol service)
{
    const struct directory *d = r->rq->facts->directory;
    struct slice id = reading_text(r, service);
    int i = service != 0 ? directory_service(d, id) : -1;
    return i >= 0 ? d->services[i].name : id;
}

/* What there is to press: for whoever is still asked, and for whoever has it. */
static void buttons(struct reading *r, const struct responding *p, struct responder_view *v)
{
    const struct incident *i = &p->incident;
    const bool active = incident_is_active(i), mine = i->acknowledged_at != 0 && i->acknowledged_by == p->page.person;
    const bool asks = active && (i->acknowledged_at == 0 || page_is_open(&p->page)) && p->page.kind == PAGE_PAGE;
    const bool provisional = active && i->severity != 0 && i->confirmed_wall == 0;
    const struct policy *policy = reading_policy_of(r, i);
    const struct slice label = policy == NULL ? S("") : policy_level_label(policy, (int)i->severity);
    if (asks) {
        v->action = p->page.reason == PAGE_REASON_STILL_ON_IT ? S("I am still on it") : S("Acknowledge");
        v->action_do = S("ack");
    }
    if (provisional && label.n > 0 && (asks || mine)) {
        struct slice *words = asks ? &v->also : &v->action;
        *words = joined(r->rq, asks && !mine ? "Acknowledge and confirm " : "Confirm ", label);
        *(asks ? &v->also_do : &v->action_do) = asks && !mine ? S("confirm") : S("severity");
        v->severity_at = number_text(r->rq, i->severity);
    }
    if (active && (asks || mine) && p->page.kind == PAGE_PAGE) v->next = S("the next by the procedures");
    v->after =
        asks
            ? S("Acknowledging tells the others that you are on it and stops the escalation. Looking at this page does not.")
        : mine && active ? S("You have it.")
        : active         ? S("Somebody is on it: there is nothing to press.")
                         : S("It is over: there is nothing to press.");
}

static void view_answer(struct reading *r, const struct responding *p)
{
    const struct incident *i = &p->incident;
    bool active = incident_is_active(i);
    struct responder_view v = {
        .notice = p->status == 409 ? (struct slice){ 0 } : p->notice,
        .refusal = p->status == 409 ? p->notice : (struct slice){ 0 },
        .incident = incident_text(r->rq, i->id),
        .severity = reading_severity(r, i),
        .tone = !active            ? S("over")
                : i->severity <= 2 ? S("ring")
                                   : S("quiet"),
        .title = reading_text(r, i->title),
        .service = service_text(r, i->service),
        .impact = i->impact != i->title ? reading_text(r, i->impact) : S(""),
        .cause = reading_text(r, i->cause),
        .mitigation = reading_text(r, i->mitigation),
        .trouble = trouble_of(r->rq),
        .unwatched = audit_unwatched(r->rq),
        .since = moment_text(r, p->page.person, i->detected_wall != 0 ? i->detected_wall : i->opened_wall),
        .state = situation_text(r, i),
        .taken_by = taken_text(r, p),
        .paged = paged_text(r, p),
    };
    if (v.severity.n == 0) v.severity = S("SEV?");
    buttons(r, p, &v);
    if (v.next.n > 0) responder_people(r, i, p->page.person, &v);
    if (responder_others(r, &p->page, &v) < 0 || responder_checks(r, i, p->page.person, &v) < 0) {
        request_fail_code(r->rq, r->error.code, slice_of(r->error.detail));
        return;
    }
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

/* Which of the buttons; a POST without any (a push message's own button) acknowledges. False: answered. */
static bool act_of_press(struct request *rq, struct reading *r, struct responding *p)
{
    static const struct {
        const char *word;
        enum act_kind kind;
        bool severity; /* is said along: the one that they saw */
    } presses[] = {
        { "", ACT_ACKNOWLEDGE, false },     { "ack", ACT_ACKNOWLEDGE, false }, { "confirm", ACT_ACKNOWLEDGE, true },
        { "severity", ACT_SEVERITY, true }, { "pass", ACT_PASS, false },
    };
    const struct slice word = form_value(rq->arena, rq->body, S("do"));
    const struct slice seen = form_value(rq->arena, rq->body, S("severity"));
    size_t k = 0;
    while (k < COUNT_OF(presses) && !slice_eq(word, slice_of(presses[k].word))) k++;
    if (k == COUNT_OF(presses)) {
        request_fail(rq, 400, "invalid", S("That is no button of this page."), S("Open the link again."));
        return false;
    }
    if (presses[k].severity && !slice_eq(seen, number_text(rq, p->incident.severity))) {
        p->notice = S("The severity has changed since you opened this page: nothing was done, look again.");
        p->status = 409;
        view_answer(r, p);
        return false;
    }
    p->act = (struct act){ .kind = presses[k].kind,
                           .via = VIA_LINK,
                           .incident = p->incident.id,
                           .page = p->page.id,
                           .severity = presses[k].severity ? p->incident.severity : 0,
                           .person = form_value(rq->arena, rq->body, S("person")),
                           .actor = arena_copy(rq->arena, reading_text(r, p->page.person)) };
    return true;
}

static void press_read(struct request *rq, struct store_reader *store)
{
    struct reading r;
    struct responding *p = rq->state;
    if (!reading_begin(&r, rq, store) || !page_read(&r, p)) return;
    if (!act_of_press(rq, &r, p)) return;
    p->event = (struct event){ .kind = EVENT_ACT, .act = &p->act };
    request_submit(rq, &p->event, press_replied);
}

void responder_post(struct request *rq)
{
    if (link_check(rq)) request_read(rq, press_read);
}
