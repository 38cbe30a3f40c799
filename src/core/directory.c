/* directory.c - looking names up in the site's facts. Lists are short (tens), so a look-up walks them in order.
 * Not here: making the directory (site/), who is on call (schedule.c). */
#include "core/directory.h"

/* The index of the first entry whose id equals `wanted`, -1 when there is none. */
#define FIND_BY_ID(list, count, wanted)                      \
    for (size_t i = 0; i < (count); i++)                     \
        if (slice_eq((list)[i].id, (wanted))) return (int)i; \
    return -1

int directory_person(const struct directory *d, struct slice id)
{
    FIND_BY_ID(d->people, d->n_people, id);
}

int directory_person_by_login(const struct directory *d, struct slice login)
{
    if (login.n == 0) return -1;
    for (size_t i = 0; i < d->n_people; i++)
        if (slice_eq(d->people[i].login, login)) return (int)i;
    return -1;
}

int directory_team(const struct directory *d, struct slice id)
{
    FIND_BY_ID(d->teams, d->n_teams, id);
}

int directory_service(const struct directory *d, struct slice id)
{
    if (id.n == 0) return -1;
    for (size_t i = 0; i < d->n_services; i++)
        if (slice_eq_nocase(d->services[i].id, id)) return (int)i;
    for (size_t i = 0; i < d->n_services; i++)
        if (slice_eq_nocase(d->services[i].name, id)) return (int)i;
    return -1;
}

const struct sender_owner *directory_sender(const struct directory *d, struct slice name)
{
    for (size_t i = 0; i < d->n_senders; i++)
        if (slice_eq(d->senders[i].sender, name)) return &d->senders[i];
    return NULL;
}

int directory_schedule(const struct directory *d, struct slice id)
{
    FIND_BY_ID(d->schedules, d->n_schedules, id);
}

int directory_channel(const struct directory *d, struct slice id)
{
    FIND_BY_ID(d->channels, d->n_channels, id);
}

bool directory_is_approver(const struct directory *d, struct slice person, bool administrator)
{
    const int *list = d->n_approvers > 0 ? d->approvers : d->administrators;
    const size_t n = d->n_approvers > 0 ? d->n_approvers : d->n_administrators;
    for (size_t i = 0; i < n; i++)
        if (slice_eq(d->people[list[i]].id, person)) return true;
    return d->n_approvers == 0 && administrator;
}

static bool channel_serves(const struct channel *c, struct slice what)
{
    for (size_t i = 0; i < c->n_serves; i++)
        if (slice_eq_nocase(c->serves[i], what)) return true;
    return false;
}

int directory_channel_for_kind(const struct directory *d, struct slice kind)
{
    if (kind.n == 0) return -1;
    for (size_t i = 0; i < d->n_channels; i++)
        if (slice_eq(d->channels[i].kind, kind)) return (int)i;
    for (size_t i = 0; i < d->n_channels; i++)
        if (channel_serves(&d->channels[i], kind)) return (int)i;
    return -1;
}

/* "#incidents" names the channel `incidents` too: YAML keys seldom carry the mark. */
static bool channel_named(const struct channel *c, struct slice target)
{
    struct slice bare = target;

    if (!slice_cut_prefix(&bare, S("#"))) slice_cut_prefix(&bare, S("@"));
    return slice_eq(c->id, target) || slice_eq(c->id, bare);
}

int directory_channel_for_post(const struct directory *d, struct slice kind, struct slice target)
{
    for (size_t i = 0; target.n > 0 && i < d->n_channels; i++)
        if (channel_named(&d->channels[i], target) || channel_serves(&d->channels[i], target)) return (int)i;
    return directory_channel_for_kind(d, kind);
}
