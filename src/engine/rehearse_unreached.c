/* rehearse_unreached.c - at the end of a rehearsal: which of its pages would have reached nobody, and why. */
#include "core/contact.h"
#include "core/delivery.h"
#include "core/incident.h"
#include "engine/rehearse_inner.h"

static void add(struct rehearsal *r, int64_t line)
{
    *vec_push(&r->report->unreached) = (struct unreached){
        arena_copy(r->arena, buf_slice(&r->text)), line, policy_file(r->stage.o.policy, line)
    };
    buf_reset(&r->text);
}

static void add_for(struct rehearsal *r, const struct incident *i)
{
    const struct slice service = world_text(r->stage.world, i->service), team = world_text(r->stage.world, i->team);
    if (service.n > 0)
        buf_addf(&r->text, ", for the service %.*s", (int)service.n, service.p);
    else
        buf_addf(&r->text, ", for what is unrouted (team %.*s)", (int)team.n, team.p);
}

/* Channels that the script made fail: " while the channel chat does not work". */
static void add_ailing(struct rehearsal *r)
{
    size_t n = 0;
    for (size_t i = 0; i < r->channels.n; i++)
        if (r->channels.v[i].mood != MOOD_WORKS)
            buf_addf(&r->text, "%s%.*s", n++ == 0 ? " while the channel " : " and ", (int)r->channels.v[i].name.n,
                     r->channels.v[i].name.p);
    if (n > 0) buf_add(&r->text, n == 1 ? S(" does not work") : S(" do not work"));
}

static bool is_unreachable(const struct rehearsal *r, struct slice person)
{
    for (size_t i = 0; i < r->people.n; i++)
        if (slice_eq(r->people.v[i].name, person)) return r->people.v[i].mood != MOOD_WORKS;
    return false;
}

/* --- one page --- */

/* It rings, but none of the person's ways wakes. */
static void weigh_waking(struct rehearsal *r, const struct page *p)
{
    const struct world *w = r->stage.world;
    const int person = directory_person(r->stage.o.directory, world_text(w, p->person));
    struct contact_choice c[CONTACT_MAX];
    if (p->rings == 0 || person < 0) return;
    const size_t n = contact_choices(r->stage.o.directory, rehearsal_policy(r, p->incident), person, world_text(w, p->role),
                                     world_text(w, p->by_kind), true, c);
    for (size_t i = 0; i < n; i++)
        if (c[i].wakes) return;
    const struct slice name = r->stage.o.directory->people[person].name;
    buf_addf(&r->text, "Nothing wakes %.*s: a page that rings leaves by ", (int)name.n, name.p);
    for (size_t i = 0; i < n; i++) buf_addf(&r->text, "%s%.*s", i == 0 ? "" : " and ", (int)c[i].kind.n, c[i].kind.p);
    buf_add(&r->text, n == 0 ? S("nothing") : S(" alone"));
    add(r, 0);
}

static bool was_accepted(const struct rehearsal *r, const struct page *p)
{
    struct row row;
    for (size_t at = 0; world_next_row(r->stage.world, ROW_DELIVERY, &at, &row);) {
        const struct delivery *d = (const struct delivery *)row.v;
        if (d->page == p->id && d->state == DELIVERY_ACCEPTED) return true;
    }
    return false;
}

/* No channel reached them, and they could have been: they hang on the channel that fails. */
static void weigh_page(struct rehearsal *r, const struct page *p)
{
    const struct slice person = world_text(r->stage.world, p->person);
    weigh_waking(r, p);
    if (p->state != PAGE_STATE_FAILED || is_unreachable(r, person) || was_accepted(r, p)) return;
    const struct slice name = person_name(r, person);
    buf_addf(&r->text, "No page reaches %.*s", (int)name.n, name.p);
    add_ailing(r);
    add(r, 0);
}

/* --- one incident --- */

struct reach { /* of all pages of an incident */
    bool accepted; /* somebody got one */
    bool reachable; /* one was for somebody whom the script did not make unreachable */
    size_t pages;
};

static struct reach reach_of(const struct rehearsal *r, incident_id id)
{
    struct reach reach = { 0 };
    struct row row;
    for (size_t at = 0; world_next_row(r->stage.world, ROW_PAGE, &at, &row);) {
        const struct page *p = (const struct page *)row.v;
        if (p->incident != id || p->kind != PAGE_PAGE) continue;
        reach.pages++;
        reach.accepted |= p->state == PAGE_STATE_ACKNOWLEDGED || was_accepted(r, p);
        reach.reachable |= !is_unreachable(r, world_text(r->stage.world, p->person));
    }
    return reach;
}

/* In the site's order, so that the same people make the same sentence. */
static void add_unreachable(struct rehearsal *r)
{
    const struct directory *d = r->stage.o.directory;
    size_t n = 0;
    for (size_t i = 0; i < d->n_people; i++)
        if (is_unreachable(r, d->people[i].id))
            buf_addf(&r->text, "%s%.*s", n++ == 0 ? " while " : " and ", (int)d->people[i].name.n, d->people[i].name.p);
    if (n > 0) buf_add(&r->text, S(" cannot be reached"));
}

static void weigh_incident(struct rehearsal *r, const struct incident *i)
{
    const struct reach reach = reach_of(r, i->id);
    if (reach.accepted || i->acknowledged_at != 0) return;
    if (reach.pages == 0 && i->exhausted_at == 0 && !incident_is_active(i)) return;
    buf_add(&r->text, S("No page reaches anybody at all"));
    add_for(r, i);
    if (reach.reachable)
        add_ailing(r);
    else if (reach.pages > 0)
        add_unreachable(r);
    add(r, 0);
}

/* --- what the story says outright --- */

static const struct {
    const char *word, *phrase, *sentence; /* sentence NULL: the entry's own */
} sayings[] = {
    { "nobody", "", NULL },
    { "escalated", "reached nobody", "The chain ends at nobody: no commander and no management to go on with" },
    { "alarm", "nobody is left to page", "The chain ends at nobody: behind the last commander nobody is left to page" },
};

static void weigh_line(struct rehearsal *r, const struct told *x)
{
    const struct incident *i = world_incident(r->stage.world, x->incident);
    for (size_t n = 0; n < COUNT_OF(sayings); n++) {
        const struct slice phrase = slice_of(sayings[n].phrase);
        const bool says = phrase.n == 0 || slice_find(x->text, phrase) < x->text.n;
        if (!slice_eq(x->word, slice_of(sayings[n].word)) || !says) continue;
        if (i == NULL && sayings[n].sentence != NULL) continue; /* the incident's own entry says it too */
        buf_add(&r->text, sayings[n].sentence == NULL ? x->text : slice_of(sayings[n].sentence));
        if (i != NULL) add_for(r, i);
        add(r, x->line);
    }
}

void rehearsal_weigh(struct rehearsal *r)
{
    struct row row;
    for (size_t i = 0; i < r->report->told.n; i++) weigh_line(r, &r->report->told.v[i]);
    for (size_t at = 0; world_next_row(r->stage.world, ROW_PAGE, &at, &row);)
        if (((const struct page *)row.v)->kind == PAGE_PAGE) weigh_page(r, (const struct page *)row.v);
    for (size_t at = 0; world_next_row(r->stage.world, ROW_INCIDENT, &at, &row);)
        weigh_incident(r, (const struct incident *)row.v);
}
