/* schedule.c - who is on call at an instant (R138). Overrides are laid over this answer in override.c. */
#include "core/schedule.h"

#include "base/check.h"

struct on_call schedule_on_call_at(const struct schedule *s, int64_t wall)
{
    const struct rotation *r = &s->rotation;
    struct on_call on = { .people = r->people, .n = r->n_people, .since = INT64_MIN, .until = INT64_MAX };
    int64_t place;

    if (s->fixed || r->n_people == 0) return on;
    on.turn = rotation_turn_at(r, wall, &on.since, &on.until);
    /* Turns before the anchor are negative: the place must still count upwards. */
    place = on.turn % (int64_t)r->n_people;
    if (place < 0) place += (int64_t)r->n_people;
    CHECK(place >= 0 && place < (int64_t)r->n_people);
    on.people = r->people + place;
    on.n = 1;
    return on;
}
