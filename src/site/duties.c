/* duties.c - `unrouted:`, `administrators:`, `working:`, `activation:` who answers for what nobody else does, and when
 * people work. */
#include <stddef.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/civil.h"
#include "site/loader.h"

#define DAYS_MON_FRI 0x1fu

static void unrouted_team_read(struct loader *l, const struct node *n, void *section)
{
    ((struct site *)section)->dir.unrouted_team = name_resolve(l, n, &l->teams);
}

static const struct key unrouted_keys[] = {
    { "team", KEY_READ, 0, unrouted_team_read, true, "The team that gets what matches no service." },
};
const struct key_table unrouted_table = { "unrouted", unrouted_keys, COUNT_OF(unrouted_keys) };

/* "Mon", "Mon-Fri", "Sat-Mon": the days of one part, 0 when it is none. */
static unsigned days_of(struct slice part)
{
    struct slice rest = slice_trim(part), first = slice_trim(slice_cut(&rest, '-')), last = slice_trim(rest);
    enum weekday from, to;
    unsigned days = 0;

    if (!civil_parse_weekday(first, &from)) return 0;
    if (slice_find_char(part, '-') == part.n) return 1u << (from - MONDAY);
    if (!civil_parse_weekday(last, &to)) return 0;
    for (int d = from - MONDAY;; d = (d + 1) % 7) {
        days |= 1u << d;
        if (d == (int)to - MONDAY) return days;
    }
}

static void days_read(struct loader *l, const struct node *n, void *section)
{
    struct working_time *w = section;
    struct texts texts;
    unsigned days = 0;

    if (!texts_read(l, n, &texts)) return;
    for (size_t i = 0; i < texts.n; i++) {
        for (struct slice rest = texts.v[i]; rest.n > 0;) {
            unsigned part = days_of(slice_cut(&rest, ','));

            if (part == 0) node_error(l, texts.nodes[i], "write weekdays: Mon-Fri, or [Mon, Tue, Thu]");
            if (part == 0) return;
            days |= part;
        }
    }
    if (days == 0) node_error(l, n, "write weekdays: Mon-Fri, or [Mon, Tue, Thu]");
    if (days != 0) w->days = days;
}

static void from_read(struct loader *l, const struct node *n, void *section)
{
    time_of_day_read(l, n, &((struct working_time *)section)->from_min);
}

static void to_read(struct loader *l, const struct node *n, void *section)
{
    time_of_day_read(l, n, &((struct working_time *)section)->to_min);
}

static const struct key working_keys[] = {
    { "days", KEY_READ, 0, days_read, false, "Working days: Mon-Fri." },
    { "from", KEY_READ, 0, from_read, false, "Start of the working day, local: \"09:00\"." },
    { "to", KEY_READ, 0, to_read, false, "End of the working day, local: \"17:00\"." },
    { "holidays", KEY_LATER, 0, NULL, false, NULL },
};
const struct key_table working_table = { "working", working_keys, COUNT_OF(working_keys) };

static void working_load(struct loader *l)
{
    const struct node *n = node_child(l->root, S("working"));
    struct working_time *w = &l->site->dir.working;

    *w = (struct working_time){ .days = DAYS_MON_FRI, .from_min = 9 * 60, .to_min = 17 * 60 };
    if (n == NULL || !section_read(l, n, &working_table, w)) return;
    if (w->from_min >= w->to_min) node_error(l, n, "`from` must be earlier than `to`");
}

/* A changed file waits for an approver unless the site says otherwise (R11).
 * Who approves nothing needs no list of approvers: one beside `automatic` is a mistake, or a wish not fulfilled. */
static void activation_load(struct loader *l)
{
    static const char *const words[] = { "automatic", "by-approver", NULL };
    const struct node *n = node_child(l->root, S("activation")), *approvers = node_child(l->root, S("approvers"));
    struct directory *d = &l->site->dir;

    d->by_approver = n == NULL || word_read(l, n, words) == 2;
    if (approvers != NULL) names_resolve(l, approvers, &l->people, &d->approvers, &d->n_approvers);
    if (approvers != NULL && !d->by_approver)
        node_error(l, approvers, "`approvers` belong to `activation: by-approver`: write that too, or remove them");
}

/* Marks everybody who fills a role of the team, by name or by schedule. */
static void team_people_mark(const struct directory *d, const struct team *t, bool *in)
{
    for (size_t i = 0; i < t->n_roles; i++) {
        const struct role_binding *b = &t->roles[i];
        const struct rotation *r = b->schedule >= 0 ? &d->schedules[b->schedule].rotation : NULL;
        const int *people = r != NULL ? r->people : b->people;
        size_t n = r != NULL ? r->n_people : b->n_people;

        for (size_t k = 0; k < n; k++) in[people[k]] = true;
    }
}

/* Alarms must reach somebody: without `administrators`, the people of the unrouted team. */
static void administrators_default(struct loader *l)
{
    struct directory *d = &l->site->dir;
    bool *in = arena_array(l->a, bool, d->n_people + 1);
    int *out = arena_array(l->a, int, d->n_people + 1);
    size_t n = 0;

    if (d->unrouted_team < 0 || (size_t)d->unrouted_team >= d->n_teams) return;
    team_people_mark(d, &d->teams[d->unrouted_team], in);
    for (size_t i = 0; i < d->n_people; i++)
        if (in[i]) out[n++] = (int)i;
    d->administrators = out;
    d->n_administrators = n;
    /* Only when nothing else is wrong: a misspelt name may be the reason. */
    if (n == 0 && problems_errors(l->problems) == 0)
        problem_error(
            l->problems, (struct place){ l->file, 0, 0 },
            "nobody would hear an alarm about Tocsin itself: name `administrators: [NAME]`, or fill a role of "
            "the unrouted team");
}

void unrouted_load(struct loader *l)
{
    const struct node *n = node_child(l->root, S("unrouted"));

    l->site->dir.unrouted_team = -1;
    if (n != NULL) section_read(l, n, &unrouted_table, l->site);
}

void duties_load(struct loader *l)
{
    const struct node *n = node_child(l->root, S("administrators"));
    struct directory *d = &l->site->dir;

    working_load(l);
    activation_load(l);
    if (n != NULL)
        names_resolve(l, n, &l->people, &d->administrators, &d->n_administrators);
    else
        administrators_default(l);
}
