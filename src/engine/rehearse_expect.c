/* rehearse_expect.c - does an expectation hold? Things of an instant are looked for among the happenings, what an
 * incident is in the world. */
#include "core/incident.h"
#include "core/milestone.h"
#include "core/role.h"
#include "core/role_name.h"
#include "engine/rehearse_inner.h"

/* --- of an instant --- */

/* A role by any of its spellings, or a person, a channel, a milestone, a word. */
static bool is_meant(struct rehearsal *r, const struct happening *h, struct slice what)
{
    if (h->kind == EXPECT_PROMPT && slice_find_nocase(h->what, what) < h->what.n) return true;
    if (what.n == 0 || slice_eq(h->what, what) || slice_eq(h->person, what)) return true;
    return h->what.n > 0 && slice_eq(role_id(r->arena, what), h->what);
}

static bool happens(struct rehearsal *r, const struct happening *h, const struct expectation *x)
{
    const bool of_sending = x->value.n > 0; /* `by KIND` asks how it left, not that it was decided */
    if (h->kind != x->kind || (x->incident != 0 && h->incident != x->incident)) return false;
    const bool decided = x->kind == EXPECT_PAGE || x->kind == EXPECT_NOTIFICATION;
    if (decided && h->sent != of_sending) return false;
    if (of_sending && !slice_eq(h->by, x->value)) return false;
    return is_meant(r, h, x->what);
}

static const struct happening *find_happening(struct rehearsal *r, const struct expectation *x, int64_t from,
                                              int64_t to)
{
    for (size_t i = 0; i < r->happenings.n; i++) {
        const struct happening *h = &r->happenings.v[i];
        if (h->t >= from && h->t <= to && happens(r, h, x)) return h;
    }
    return NULL;
}

static void say_when_instead(struct rehearsal *r, const struct expectation *x, struct buf *why)
{
    size_t n = 0;
    buf_add(why, S("it did not happen then"));
    for (size_t i = 0; i < r->happenings.n; i++) {
        if (!happens(r, &r->happenings.v[i], x)) continue;
        buf_add(why, n == 0 ? S("; it did at ") : S(", "));
        if (++n == 5) {
            buf_add(why, S("…"));
            return;
        }
        script_print_time(r->happenings.v[i].t, why);
    }
    if (n == 0) buf_add(why, S(", nor at any time before"));
}

static void expect_instant(struct rehearsal *r, const struct expectation *x, struct buf *why)
{
    const int64_t now = rehearsal_now(r);
    const struct happening *h = find_happening(r, x, x->none || x->so_far ? x->since : now, now);
    if (x->none && h != NULL) {
        buf_add(why, S("it happened at "));
        script_print_time(h->t, why);
        if (h->person.n > 0) buf_addf(why, " (%.*s)", (int)h->person.n, h->person.p);
    } else if (!x->none && h == NULL) {
        say_when_instead(r, x, why);
    }
}

/* --- of an incident --- */

static struct slice role_person(const struct rehearsal *r, incident_id id, struct slice role)
{
    struct row row;
    for (size_t at = 0; world_next_row(r->stage.world, ROW_HOLDER, &at, &row);) {
        const struct holder *h = (const struct holder *)row.v;
        if (h->incident == id && slice_eq(world_text(r->stage.world, h->role), role))
            return world_text(r->stage.world, h->person);
    }
    return S("nobody");
}

static struct slice check_word(const struct rehearsal *r, incident_id id, struct slice check)
{
    const struct policy *p = rehearsal_policy(r, id);
    struct row row;
    for (size_t m = 0; m < p->n_milestones; m++) {
        for (size_t c = 0; c < p->milestones[m].n_checks; c++) {
            const struct mark key = { .kind = ROW_CHECK, .key = { id, (int64_t)m, (int64_t)c } };
            if (!slice_eq(p->milestones[m].checks[c].id, check)) continue;
            if (world_row(r->stage.world, &key, &row))
                return slice_of(check_state_name(((const struct milestone_check *)row.v)->state));
            return slice_of(check_state_name(milestone_untouched(p, id, m, c).state));
        }
    }
    return S("no check of these procedures");
}

/* What the incident is in the expectation's own word. */
static struct slice fact(struct rehearsal *r, const struct expectation *x, const struct incident *i,
                         struct slice *wanted)
{
    *wanted = x->what;
    if (x->kind == EXPECT_SEVERITY)
        return i->severity == 0 ? S("unclassified") : policy_level_label(rehearsal_policy(r, i->id), (int)i->severity);
    if (x->kind == EXPECT_STATE) {
        struct slice state = slice_of(incident_state_name(i->state));
        return slice_eq(state, x->what) ? state : slice_of(incident_word(i));
    }
    *wanted = x->value;
    if (x->kind == EXPECT_ROLE) return role_person(r, i->id, role_id(r->arena, x->what));
    return check_word(r, i->id, x->what);
}

static void expect_fact(struct rehearsal *r, const struct expectation *x, struct buf *why)
{
    struct slice wanted;
    const incident_id id = x->incident != 0 ? x->incident : newest_incident(r, false);
    const struct incident *i = world_incident(r->stage.world, id);
    if (i == NULL) {
        buf_add(why, S("there is no such incident"));
        return;
    }
    struct slice is = fact(r, x, i, &wanted);
    if (slice_eq(is, wanted) != x->none) return;
    buf_addf(why, "INC-%lld: it is %.*s", (long long)id, (int)is.n, is.p);
}

static void expect_count(struct rehearsal *r, const struct expectation *x, struct buf *why)
{
    int64_t n = 0;
    struct row row;
    const struct expectation pages = { .kind = EXPECT_PAGE, .incident = x->incident };
    for (size_t i = 0; x->kind == EXPECT_PAGES && i < r->happenings.n; i++)
        n += happens(r, &r->happenings.v[i], &pages);
    for (size_t at = 0; x->kind == EXPECT_INCIDENTS && world_next_row(r->stage.world, ROW_INCIDENT, &at, &row);) n++;
    if ((n == x->number) == x->none) buf_addf(why, "there are %lld", (long long)n);
}

static void expect_updates(struct rehearsal *r, const struct expectation *x, struct buf *why)
{
    const incident_id id = x->incident != 0 ? x->incident : newest_incident(r, false);
    const struct career *k = career_of(r, id);
    if ((k->kept == x->number && k->due == x->of) != x->none) return;
    buf_addf(why, "INC-%lld: %lld of %lld came in time", (long long)id, (long long)k->kept, (long long)k->due);
}

void rehearsal_expect(struct rehearsal *r, const struct script_command *c)
{
    struct buf why = { 0 };
    const struct expectation *x = &c->expect;
    r->outcome->expectations++;
    if (expect_kind_is_instant(x->kind))
        expect_instant(r, x, &why);
    else if (x->kind == EXPECT_PAGES || x->kind == EXPECT_INCIDENTS)
        expect_count(r, x, &why);
    else if (x->kind == EXPECT_UPDATES)
        expect_updates(r, x, &why);
    else
        expect_fact(r, x, &why);
    rehearsal_judges(r, c, &why);
    buf_release(&why);
}
