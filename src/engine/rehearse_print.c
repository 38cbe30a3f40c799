/* rehearse_print.c - tells a rehearsal's story: one line for each thing that people would notice, and one happening for
 * each thing that an expectation can ask for. */
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

void print_at(struct rehearsal *r)
{
    script_print_time(rehearsal_now(r), r->out);
    buf_add_char(r->out, ' ');
}

static struct slice person_name(const struct rehearsal *r, symbol person)
{
    struct slice id = world_text(r->stage.world, person);
    int i = directory_person(r->stage.o.directory, id);
    return i < 0 ? id : r->stage.o.directory->people[i].name;
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
    struct slice words = line_words(r->stage.o.policy, p->line);
    if (p->line == 0) {
        buf_addf(r->out, " (%s)", page_reason_name(p->reason));
        return;
    }
    buf_addf(r->out, " (line %lld", (long long)p->line);
    if (words.n > 0) buf_add(r->out, S(": "));
    buf_add(r->out, words);
    if (p->rule == 0 && p->reason != PAGE_REASON_FIRST) buf_addf(r->out, "; %s", page_reason_name(p->reason));
    buf_add_char(r->out, ')');
}

/* --- pages and what carries them --- */

static struct happening *note(struct rehearsal *r, enum expect_kind kind, incident_id incident)
{
    struct happening *h = vec_push(&r->happenings);
    h->t = rehearsal_now(r);
    h->kind = kind;
    h->incident = incident;
    return h;
}

static struct slice kept(struct rehearsal *r, symbol s)
{
    return arena_copy(r->arena, world_text(r->stage.world, s));
}

static size_t print_kinds(struct rehearsal *r, page_id page)
{
    const struct effects *fx = &r->stage.fx;
    size_t n = 0;
    for (size_t i = 0; i < fx->sends.n; i++) {
        const struct delivery *d = world_delivery(r->stage.world, fx->sends.v[i].delivery);
        if (d->page != page) continue;
        buf_add(r->out, n++ == 0 ? S(" by ") : S(" and "));
        buf_add(r->out, world_text(r->stage.world, d->kind));
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

static void tell_page(struct rehearsal *r, const struct entry *e)
{
    const struct page *p = world_page(r->stage.world, e->ref);
    if (p == NULL) { /* the morning list: it has no page */
        print_at(r);
        buf_add(r->out, e->text);
        buf_add_char(r->out, '\n');
        return;
    }
    struct happening *h = note(r, p->kind == PAGE_PAGE ? EXPECT_PAGE : EXPECT_NOTIFICATION, p->incident);
    h->what = kept(r, p->role);
    h->person = kept(r, p->person);
    count_page(r, p);
    print_at(r);
    buf_addf(r->out, "INC-%lld %s ", (long long)p->incident, p->kind == PAGE_PAGE ? "page" : "notify");
    buf_add(r->out, person_name(r, p->person));
    buf_add(r->out, S(" as "));
    buf_add(r->out, role_words(r->stage.o.policy, world_text(r->stage.world, p->role)));
    print_why(r, p);
    if (print_kinds(r, p->id) == 0) buf_add(r->out, S("; no channel has begun"));
    buf_add_char(r->out, '\n');
}

static void tell_entry(struct rehearsal *r, const struct entry *e)
{
    struct happening *h = note(r, EXPECT_ENTRY, e->incident);
    h->what = slice_of(entry_kind_name(e->kind));
    if (e->kind == ENTRY_ALARM && e->incident == 0) note(r, EXPECT_ALARM, e->ref);
    if (e->kind == ENTRY_MILESTONE_LATE)
        note(r, EXPECT_LATE, e->incident)->what = r->stage.o.policy->milestones[e->ref].id;
    if (e->kind == ENTRY_PAGED || e->kind == ENTRY_NOTIFIED) tell_page(r, e);
    if (is_told_elsewhere(e->kind)) return;
    print_at(r);
    if (e->incident != 0) buf_addf(r->out, "INC-%lld ", (long long)e->incident);
    buf_addf(r->out, "%s: ", entry_kind_name(e->kind));
    buf_add(r->out, e->text);
    buf_add_char(r->out, '\n');
}

static enum expect_kind expectation_of(int64_t purpose)
{
    switch ((enum purpose)purpose) {
    case PURPOSE_UNSET: break;
    case PURPOSE_PAGE: return EXPECT_PAGE;
    case PURPOSE_NOTIFICATION: return EXPECT_NOTIFICATION;
    case PURPOSE_POST: return EXPECT_POST;
    case PURPOSE_STAND_DOWN: return EXPECT_TOLD;
    case PURPOSE_ALARM: return EXPECT_ALARM;
    case PURPOSE_MORNING_LIST: return EXPECT_NOTIFICATION;
    }
    return EXPECT_UNSET;
}

static void note_send(struct rehearsal *r, const struct delivery *d)
{
    const struct page *p = world_page(r->stage.world, d->page);
    struct happening *h = note(r, expectation_of(d->purpose), d->incident);
    h->sent = true;
    h->person = kept(r, d->person);
    h->by = kept(r, d->kind);
    h->what = d->purpose == PURPOSE_POST ? kept(r, d->channel) : p != NULL ? kept(r, p->role) : S("");
    if (d->wakes == 0) return;
    struct happening ring = *h;
    ring.kind = EXPECT_RING;
    *vec_push(&r->happenings) = ring;
}

/* A page that goes on by another kind, or once more by the same. */
static void tell_send(struct rehearsal *r, const struct delivery *d, int64_t attempt)
{
    const struct page *p = world_page(r->stage.world, d->page);
    const bool new_page = p != NULL && p->created_at == r->stage.at && attempt == 1;
    if (d->purpose == PURPOSE_POST && attempt == 1) return; /* its entry says it */
    if (new_page || d->purpose == PURPOSE_STAND_DOWN) return;
    print_at(r);
    if (d->incident != 0) buf_addf(r->out, "INC-%lld ", (long long)d->incident);
    buf_addf(r->out, "%s for ", purpose_name(d->purpose));
    buf_add(r->out, d->person != 0 ? person_name(r, d->person) : world_text(r->stage.world, d->address));
    buf_add(r->out, p != NULL ? S(" goes on by ") : S(" by "));
    buf_add(r->out, world_text(r->stage.world, d->kind));
    if (attempt > 1) buf_addf(r->out, ", attempt %lld", (long long)attempt);
    buf_add_char(r->out, '\n');
}

void rehearsal_note(struct rehearsal *r)
{
    const struct effects *fx = &r->stage.fx;
    for (size_t i = 0; i < fx->entries.n; i++) tell_entry(r, &fx->entries.v[i]);
    for (size_t i = 0; i < fx->sends.n; i++) {
        const struct delivery *d = world_delivery(r->stage.world, fx->sends.v[i].delivery);
        if (fx->sends.v[i].attempt == 1) note_send(r, d);
        tell_send(r, d, fx->sends.v[i].attempt);
    }
    struct slice news = slice_from(buf_slice(&r->stage.broken), r->told);
    r->told = r->stage.broken.len;
    while (news.n > 0) {
        struct slice line = slice_cut(&news, '\n');
        r->outcome->broken++;
        print_at(r);
        buf_add(r->out, S("BROKEN GUARANTEE "));
        buf_add(r->out, line);
        buf_add_char(r->out, '\n');
    }
}
