/* rehearse_tell.c - tells a rehearsal's story: one line for each thing that people would notice, and one happening for
 * each thing that an expectation can ask for. Not here: how a story is printed (rehearse_report.c). */
#include "core/delivery.h"
#include "core/role_name.h"
#include "core/timeline.h"
#include "engine/rehearse_inner.h"

/* Entries that are told by other lines, or are only noise in a story. */
static bool is_told_elsewhere(int64_t kind)
{
    static const enum entry_kind elsewhere[] = { ENTRY_PAGED,   ENTRY_NOTIFIED, ENTRY_DELIVERED,
                                                 ENTRY_CHECKED, ENTRY_BUNDLE,   ENTRY_CHANGED };
    for (size_t i = 0; i < COUNT_OF(elsewhere); i++)
        if ((int64_t)elsewhere[i] == kind) return true;
    return false;
}

const char *told_kind_name(enum told_kind k)
{
    switch (k) {
    case TOLD_UNSET: break;
#define X(sym, code, text) \
    case TOLD_##sym: return text;
        TOLD_KINDS(X)
#undef X
    }
    return "unset";
}

struct told *rehearsal_tells(struct rehearsal *r, struct told x)
{
    struct told *t = vec_push(&r->report->told);
    x.t = rehearsal_now(r);
    x.wall = r->stage.wall;
    x.file = policy_file(r->stage.o.policy, x.line);
    x.placed = r->placed;
    r->placed = false;
    x.text = arena_copy(r->arena, buf_slice(&r->text));
    buf_reset(&r->text);
    *t = x;
    return t;
}

const struct policy *rehearsal_policy(const struct rehearsal *r, incident_id id)
{
    const struct world *w = r->stage.world;
    const struct incident *i = world_incident(w, id);
    if (i == NULL) return r->stage.o.policy;
    return policy_for(r->stage.o.policy, world_text(w, i->team), world_text(w, i->service));
}

void rehearsal_place(struct rehearsal *r, int64_t line)
{
    const struct slice file = policy_file(r->stage.o.policy, line);
    buf_add(&r->text, file.n > 0 ? file : S("line "));
    buf_addf(&r->text, file.n > 0 ? ":%lld" : "%lld", (long long)POLICY_LINE(line));
    r->placed = true;
}

struct slice person_name(const struct rehearsal *r, struct slice id)
{
    int i = directory_person(r->stage.o.directory, id);
    return i < 0 ? id : r->stage.o.directory->people[i].name;
}

static struct slice kept(struct rehearsal *r, symbol s)
{
    return arena_copy(r->arena, world_text(r->stage.world, s));
}

/* --- what stands in the document --- */

static struct slice role_words(const struct policy *p, struct slice role)
{
    for (size_t i = 0; i < p->n_contacts; i++)
        if (slice_eq(p->contacts[i].party, role)) return p->contacts[i].name;
    for (size_t i = 0; i < p->n_roles; i++)
        if (slice_eq(p->roles[i].id, role)) return p->roles[i].name;
    return role;
}

static struct slice line_words(const struct policy *p, int64_t line)
{
    for (size_t i = 0; i < p->n_rules; i++)
        if ((int64_t)p->rules[i].line == line) return p->rules[i].text;
    for (size_t m = 0; m < p->n_milestones; m++)
        for (size_t c = 0; c < p->milestones[m].n_checks; c++)
            if ((int64_t)p->milestones[m].checks[c].line == line) return p->milestones[m].checks[c].text;
    for (size_t i = 0; i < p->n_roles; i++)
        if ((int64_t)p->roles[i].line == line) return p->roles[i].name;
    return S("");
}

static void print_why(struct rehearsal *r, const struct page *p)
{
    struct slice words = line_words(rehearsal_policy(r, p->incident), p->line);
    if (p->line == 0) {
        buf_addf(&r->text, " (%s)", page_reason_name(p->reason));
        return;
    }
    buf_add(&r->text, S(" ("));
    rehearsal_place(r, p->line);
    if (words.n > 0) buf_add(&r->text, S(": "));
    buf_add(&r->text, words);
    if (p->rule == 0 && p->reason != PAGE_REASON_FIRST) buf_addf(&r->text, "; %s", page_reason_name(p->reason));
    buf_add_char(&r->text, ')');
}

/* --- pages and what carries them --- */

struct happening *rehearsal_happens(struct rehearsal *r, enum expect_kind kind, incident_id incident)
{
    struct happening *h = vec_push(&r->happenings);
    h->t = rehearsal_now(r);
    h->kind = kind;
    h->incident = incident;
    return h;
}

static size_t print_kinds(struct rehearsal *r, page_id page)
{
    const struct effects *fx = &r->stage.fx;
    size_t n = 0;
    for (size_t i = 0; i < fx->sends.n; i++) {
        const struct delivery *d = world_delivery(r->stage.world, fx->sends.v[i].delivery);
        if (d->page != page) continue;
        buf_add(&r->text, n++ == 0 ? S(" by ") : S(" and "));
        buf_add(&r->text, world_text(r->stage.world, d->kind));
    }
    return n;
}

static void count_page(struct rehearsal *r, const struct page *p)
{
    struct slice person = kept(r, p->person);
    if (p->kind != PAGE_PAGE) return;
    r->outcome->pages++;
    for (size_t i = 0; i < r->paged.n; i++)
        if (slice_eq(r->paged.v[i], person)) return;
    *vec_push(&r->paged) = person;
    r->outcome->people++;
}

/* The channel that the page left by first, in this step. */
static struct slice first_channel(struct rehearsal *r, page_id page)
{
    const struct effects *fx = &r->stage.fx;
    for (size_t i = 0; i < fx->sends.n; i++) {
        const struct delivery *d = world_delivery(r->stage.world, fx->sends.v[i].delivery);
        if (d->page == page) return kept(r, d->channel);
    }
    return S("");
}

static void print_page(struct rehearsal *r, const struct page *p)
{
    struct slice role = world_text(r->stage.world, p->role);
    buf_add(&r->text, p->kind == PAGE_PAGE ? S("page ") : S("notify "));
    buf_add(&r->text, person_name(r, world_text(r->stage.world, p->person)));
    if (role.n > 0) buf_add(&r->text, S(" as "));
    buf_add(&r->text, role_words(rehearsal_policy(r, p->incident), role));
    print_why(r, p);
    if (print_kinds(r, p->id) == 0) buf_add(&r->text, S("; no channel has begun"));
}

static void tell_page(struct rehearsal *r, const struct entry *e)
{
    const struct page *p = world_page(r->stage.world, e->ref);
    if (p == NULL) { /* the morning list: it has no page */
        buf_add(&r->text, e->text);
        rehearsal_tells(r, (struct told){ .kind = TOLD_MESSAGE });
        return;
    }
    struct happening *h = rehearsal_happens(r, p->kind == PAGE_PAGE ? EXPECT_PAGE : EXPECT_NOTIFICATION, p->incident);
    h->what = kept(r, p->role);
    h->person = kept(r, p->person);
    count_page(r, p);
    print_page(r, p);
    rehearsal_tells(r, (struct told){ .kind = p->kind == PAGE_PAGE ? TOLD_PAGE : TOLD_MESSAGE,
                                      .incident = p->incident,
                                      .role = h->what,
                                      .who = h->person,
                                      .channel = first_channel(r, p->id),
                                      .line = p->line,
                                      .expect = h->kind,
                                      .asked = h->what.n > 0 ? h->what : h->person });
}

/* --- entries --- */

static const enum told_kind told_as[] = {
    [ENTRY_LOGGED] = TOLD_INCIDENT,
    [ENTRY_DECLARED] = TOLD_INCIDENT,
    [ENTRY_ALERT_JOINED] = TOLD_ALERT,
    [ENTRY_ALERT_RESOLVED] = TOLD_ALERT,
    [ENTRY_ALERT_EXPIRED] = TOLD_ALERT,
    [ENTRY_ALERT_RESUMED] = TOLD_ALERT,
    [ENTRY_ESCALATED] = TOLD_ESCALATION,
    [ENTRY_ACKNOWLEDGED] = TOLD_ACK,
    [ENTRY_ROLE] = TOLD_ROLE,
    [ENTRY_DELIVERED] = TOLD_MESSAGE,
    [ENTRY_DELIVERY_FAILED] = TOLD_MESSAGE,
    [ENTRY_PAGE_FAILED] = TOLD_PAGE,
    [ENTRY_STOOD_DOWN] = TOLD_MESSAGE,
    [ENTRY_CHECKED] = TOLD_MILESTONE,
    [ENTRY_MILESTONE_LATE] = TOLD_LATE,
    [ENTRY_POSTED] = TOLD_MESSAGE,
    [ENTRY_EXHAUSTED] = TOLD_ALARM,
    [ENTRY_ALARM] = TOLD_ALARM,
    [ENTRY_NOBODY] = TOLD_ALARM,
    [ENTRY_SENDER_SILENT] = TOLD_ALARM,
    [ENTRY_HEARTBEAT] = TOLD_ALARM,
    [ENTRY_REMINDED] = TOLD_MESSAGE,
    [ENTRY_RETRIED] = TOLD_MESSAGE,
    [ENTRY_NOTE] = TOLD_MESSAGE,
    [ENTRY_BUNDLED] = TOLD_MESSAGE,
};

static enum told_kind kind_of(const struct entry *e)
{
    const enum told_kind k = (size_t)e->kind < COUNT_OF(told_as) ? told_as[e->kind] : TOLD_UNSET;
    return k != TOLD_UNSET ? k : TOLD_STATE;
}

/* What an entry is about, where a page or a delivery stands behind it. */
static void name_parties(struct rehearsal *r, const struct entry *e, struct told *x)
{
    const bool about_page = e->kind == ENTRY_PAGE_FAILED || e->kind == ENTRY_STOOD_DOWN;
    const struct page *p = about_page ? world_page(r->stage.world, e->ref) : NULL;
    const struct effects *fx = &r->stage.fx;
    x->who = e->kind == ENTRY_ROLE ? kept(r, e->ref) : kept(r, e->actor);
    if (p != NULL) {
        x->role = kept(r, p->role);
        x->who = kept(r, p->person);
    }
    for (size_t i = 0; e->kind == ENTRY_POSTED && i < fx->sends.n; i++) {
        const struct delivery *d = world_delivery(r->stage.world, fx->sends.v[i].delivery);
        if (d->purpose != PURPOSE_POST || d->incident != e->incident) continue;
        x->channel = x->asked = kept(r, d->channel);
        x->expect = EXPECT_POST;
    }
    struct row row;
    for (size_t at = 0; e->kind == ENTRY_ROLE && world_next_row(r->stage.world, ROW_HOLDER, &at, &row);) {
        const struct holder *h = (const struct holder *)row.v;
        if (h->incident == e->incident && h->person == e->ref && h->since_wall == e->wall) x->role = kept(r, h->role);
    }
}

static void tell_entry(struct rehearsal *r, const struct entry *e)
{
    struct happening *h = rehearsal_happens(r, EXPECT_ENTRY, e->incident);
    struct told x = { .kind = kind_of(e), .incident = e->incident, .line = e->line };
    x.word = h->what = slice_of(entry_kind_name(e->kind));
    if (e->kind == ENTRY_ALARM && e->incident == 0) rehearsal_happens(r, EXPECT_ALARM, e->ref);
    if (e->kind == ENTRY_MILESTONE_LATE) {
        const struct policy_milestone *m = &rehearsal_policy(r, e->incident)->milestones[e->ref];
        rehearsal_happens(r, EXPECT_LATE, e->incident)->what = x.asked = m->id;
        x.expect = EXPECT_LATE;
        if (x.line == 0) x.line = m->line;
    }
    if (e->kind == ENTRY_PAGED || e->kind == ENTRY_NOTIFIED) {
        tell_page(r, e);
        return;
    }
    if (e->kind == ENTRY_DELIVERED || e->kind == ENTRY_BUNDLE || e->kind == ENTRY_CHANGED) return;
    x.aside = is_told_elsewhere(e->kind);
    name_parties(r, e, &x);
    buf_add(&r->text, e->text);
    rehearsal_tells(r, x);
}

/* --- what leaves --- */

static enum expect_kind expectation_of(int64_t purpose)
{
    switch ((enum purpose)purpose) {
    case PURPOSE_UNSET:
    case PURPOSE_CANARY:
    case PURPOSE_EVIDENCE: break;
    case PURPOSE_PAGE: return EXPECT_PAGE;
    case PURPOSE_NOTIFICATION: return EXPECT_NOTIFICATION;
    case PURPOSE_POST:
    case PURPOSE_UPDATE: return EXPECT_POST;
    case PURPOSE_STAND_DOWN: return EXPECT_TOLD;
    case PURPOSE_ALARM: return EXPECT_ALARM;
    case PURPOSE_MORNING_LIST: return EXPECT_NOTIFICATION;
    }
    return EXPECT_UNSET;
}

static void note_one(struct rehearsal *r, const struct delivery *d)
{
    const struct page *p = world_page(r->stage.world, d->page);
    struct happening *h = rehearsal_happens(r, expectation_of(d->purpose), d->incident);
    h->sent = true;
    h->person = kept(r, d->person);
    h->by = kept(r, d->kind);
    h->what = d->purpose == PURPOSE_POST ? kept(r, d->channel) : p != NULL ? kept(r, p->role) : S("");
    if (d->wakes == 0) return;
    struct happening ring = *h;
    ring.kind = EXPECT_RING;
    *vec_push(&r->happenings) = ring;
}

static enum told_kind kind_of_send(const struct delivery *d)
{
    return d->purpose == PURPOSE_PAGE ? TOLD_PAGE : d->purpose == PURPOSE_ALARM ? TOLD_ALARM : TOLD_MESSAGE;
}

/* What one message carries besides has left as well (R154). */
static void note_send(struct rehearsal *r, const struct delivery *carrier)
{
    struct row row;
    note_one(r, carrier);
    for (size_t at = 0; world_next_row(r->stage.world, ROW_DELIVERY, &at, &row);) {
        const struct delivery *d = (const struct delivery *)row.v;
        if (d->carrier != carrier->id || d->state != DELIVERY_CARRIED) continue;
        note_one(r, d);
        buf_addf(&r->text, "%s for ", purpose_name(d->purpose));
        buf_add(&r->text, person_name(r, world_text(r->stage.world, d->person)));
        buf_addf(&r->text, " in the message of INC-%lld by ", (long long)carrier->incident);
        buf_add(&r->text, world_text(r->stage.world, d->kind));
        rehearsal_tells(r, (struct told){ .kind = kind_of_send(d),
                                          .incident = d->incident,
                                          .who = kept(r, d->person),
                                          .channel = kept(r, d->channel),
                                          .line = d->line });
    }
}

/* A page that goes on by another kind, or once more by the same. */
static void tell_send(struct rehearsal *r, const struct delivery *d, int64_t attempt)
{
    const struct page *p = world_page(r->stage.world, d->page);
    const bool new_page = p != NULL && p->created_at == r->stage.at && attempt == 1;
    if (d->purpose == PURPOSE_POST && attempt == 1) return; /* its entry says it */
    if (new_page || d->purpose == PURPOSE_STAND_DOWN) return;
    buf_addf(&r->text, "%s for ", purpose_name(d->purpose));
    buf_add(&r->text, d->person != 0 ? person_name(r, world_text(r->stage.world, d->person))
                                     : world_text(r->stage.world, d->address));
    buf_add(&r->text, p != NULL ? S(" goes on by ") : S(" by "));
    buf_add(&r->text, world_text(r->stage.world, d->kind));
    if (attempt > 1) buf_addf(&r->text, ", attempt %lld", (long long)attempt);
    rehearsal_tells(r, (struct told){ .kind = kind_of_send(d),
                                      .incident = d->incident,
                                      .role = p != NULL ? kept(r, p->role) : S(""),
                                      .who = kept(r, d->person),
                                      .channel = kept(r, d->channel),
                                      .line = d->line });
}

void rehearsal_note(struct rehearsal *r)
{
    const struct effects *fx = &r->stage.fx;
    for (size_t i = 0; i < fx->entries.n; i++) tell_entry(r, &fx->entries.v[i]);
    for (size_t i = 0; i < fx->sends.n; i++) {
        const struct delivery *d = world_delivery(r->stage.world, fx->sends.v[i].delivery);
        tell_send(r, d, fx->sends.v[i].attempt);
        if (fx->sends.v[i].attempt == 1) note_send(r, d);
    }
    prompts_observe(r);
    struct slice news = slice_from(buf_slice(&r->stage.broken), r->told);
    r->told = r->stage.broken.len;
    while (news.n > 0) {
        r->outcome->broken++;
        buf_add(&r->text, S("BROKEN GUARANTEE "));
        buf_add(&r->text, slice_cut(&news, '\n'));
        rehearsal_tells(r, (struct told){ .kind = TOLD_ALARM });
    }
}
