/* sim_courier.c - the courier and the providers behind it: what they take, refuse, drop, and tell twice or never. */
#include <inttypes.h>

#include "core/delivery.h"
#include "sim_inner.h"

#define ROOM 8 /* that the courier gives on each channel */

static void gives(struct sim *s, size_t channel, int64_t n)
{
    struct post p = { .event = { .kind = EVENT_CREDIT } };
    p.event.credit.channel = sim_site(s)->channels[channel].id;
    p.event.credit.n = n;
    if (n > 0) engine_posts(s, &p);
}

/* A courier that has just said hello. */
void courier_grants(struct sim *s)
{
    const bool narrow = s->narrow_until > s->now || (s->o->world == WORLD_NARROW && !s->quiet);
    const int64_t room = narrow ? 1 : ROOM;
    for (size_t i = 0; i < sim_site(s)->n_channels && i < SIM_CHANNELS; i++) gives(s, i, room);
}

static void later(struct sim *s, int64_t ms, const struct send *send, enum outcome o, int64_t retry_after)
{
    sim_plan_later(
        s, ms,
        (struct agenda){ .kind = AGENDA_RESULT, .a = send->delivery, .b = send->attempt, .c = o, .d = retry_after });
}

/* What a provider does with it; drawn from the instant and the recipient, so that a shorter plan draws the same. */
static void provider_takes(struct sim *s, struct dice *d, enum channel_health health, const struct send *send)
{
    if (s->o->defect == DEFECT_UNSEEDED) d->state += s->o->hash_key;
    const int64_t soon = 20 + dice_below(d, 900);
    switch (health) {
    case HEALTH_WORKS: later(s, soon, send, OUTCOME_ACCEPTED, 0); break;
    case HEALTH_REFUSES: sim_count(s, SIM_PROVIDER_REFUSED), later(s, soon, send, OUTCOME_REFUSED, 0); break;
    case HEALTH_UNREACHED: sim_count(s, SIM_PROVIDER_UNREACHED), later(s, soon, send, OUTCOME_NOT_SENT, 0); break;
    case HEALTH_BUSY:
        sim_count(s, SIM_PROVIDER_BUSY);
        later(s, soon, send, OUTCOME_NOT_SENT, (1 + dice_below(d, 120)) * SECOND);
        break;
    case HEALTH_FAILS: sim_count(s, SIM_PROVIDER_FAILED), later(s, soon, send, OUTCOME_UNCERTAIN, 0); break;
    case HEALTH_HANGS: sim_count(s, SIM_PROVIDER_HANGS), later(s, 30 * SECOND, send, OUTCOME_UNCERTAIN, 0); break;
    case HEALTH_LOSES: /* whoever watches the courier ends it for that */
        sim_count(s, SIM_RESULT_LOST);
        sim_plan_later(s, MINUTE, (struct agenda){ .kind = AGENDA_COURIER, .a = send->delivery, .b = send->attempt });
        break;
    }
}

/* Whom a provider would reach, and through which channel. */
int64_t courier_address(const struct world *w, const struct delivery *d)
{
    const uint64_t h = fnv1a64(FNV1A64_START, world_text(w, d->channel));
    return (int64_t)(fnv1a64(h, world_text(w, d->address)) >> 2);
}

static enum channel_health health_of(const struct sim *s, const struct spell *spell)
{
    if (s->o->world == WORLD_MUTE && !s->quiet && s->now % (12 * DAY) < DAY / 2) return HEALTH_UNREACHED;
    return spell->until > s->now ? (enum channel_health)spell->what : HEALTH_WORKS;
}

void courier_accepts(void *ctx, const struct world *w, const struct send *send, struct moment raw)
{
    struct sim *s = ctx;
    (void)raw;
    if (!engine_leaves(s)) return;
    check_recipient(s, w, send);
    if (s->o->defect == DEFECT_SEND_LOST && send->delivery % 7 == 0) return;
    const struct delivery *d = world_delivery(w, send->delivery);
    const int channel = directory_channel(sim_site(s), world_text(w, d->channel));
    const struct spell *spell = &s->channels[channel < 0 ? 0 : channel % SIM_CHANNELS];
    struct dice dice = { dice_mix(s->o->plan->seed ^ (uint64_t)s->now, fnv1a64(3, world_text(w, d->address))) };
    s->r->sends++;
    const bool twice = s->o->defect == DEFECT_SEND_TWICE && send->delivery % 7 == 0;
    if (twice) *vec_push(&s->flying) = (struct flight){ send->delivery, send->attempt, courier_address(w, d) };
    *vec_push(&s->flying) = (struct flight){ send->delivery, send->attempt, courier_address(w, d) };
    sim_tell(s, "    %s to %.*s by %.*s: delivery %" PRId64 " attempt %" PRId64, purpose_name(d->purpose),
             (int)world_text(w, d->person).n, world_text(w, d->person).p, (int)world_text(w, d->channel).n,
             world_text(w, d->channel).p, send->delivery, send->attempt);
    if (twice) provider_takes(s, &dice, HEALTH_WORKS, send);
    provider_takes(s, &dice, health_of(s, spell), send);
}

/* --- results --- */

static bool take_flight(struct sim *s, delivery_id d, int64_t attempt, int64_t *address)
{
    for (size_t i = 0; i < s->flying.n; i++) {
        if (s->flying.v[i].delivery != d || s->flying.v[i].attempt != attempt) continue;
        *address = s->flying.v[i].address;
        vec_remove(&s->flying, i);
        return true;
    }
    return false;
}

void courier_result(struct sim *s, delivery_id d, int64_t attempt, enum outcome o, int64_t retry_after)
{
    struct post p = { .event = { .kind = EVENT_RESULT } };
    p.event.result = (struct event_result){
        .delivery = d, .attempt = attempt, .outcome = o, .retry_after_ms = retry_after, .detail = S("says the provider")
    };
    sim_tell(s, "delivery %" PRId64 " attempt %" PRId64 ": %s", d, attempt, outcome_name(o));
    engine_posts(s, &p);
}

static void has_room_again(struct sim *s, delivery_id d)
{
    const struct world *w = engine_world(s->engine);
    const struct delivery *row = world_delivery(w, d);
    const int channel = row == NULL ? 0 : directory_channel(sim_site(s), world_text(w, row->channel));
    if (channel >= 0) gives(s, (size_t)channel, 1);
}

/* I5: as often as one and the attempts whose fate nobody knows. */
static void check_repeats(struct sim *s, const struct delivery *d, int64_t address)
{
    int64_t taken = 0, n;
    for (int64_t k = 1; k <= d->attempts; k++)
        if (imap_get(s->taken, (struct ikey){ d->id * ATTEMPTS_MAX + k, address }, &n)) taken += n;
    if (taken > 1 + d->uncertain)
        sim_breaks(s,
                   "%s INC-%" PRId64 ": delivery %" PRId64 " was taken %" PRId64 " times, %" PRId64
                   " attempts are uncertain",
                   s->o->world == WORLD_CALM ? "I6" : "I5", d->incident, d->id, taken, d->uncertain);
}

/* It is true, whatever Tocsin makes of it. */
void courier_took(struct sim *s, delivery_id d, int64_t attempt, int64_t address)
{
    const struct world *w = engine_world(s->engine);
    const struct delivery *row = world_delivery(w, d);
    const struct ikey key = { d * ATTEMPTS_MAX + attempt, address };
    int64_t n = 0;
    imap_get(s->taken, key, &n);
    imap_put(s->taken, key, n + 1);
    if (row == NULL || courier_address(w, row) != address) return;
    check_repeats(s, row, address);
    if (row->page != 0 && row->purpose == PURPOSE_PAGE) people_paged(s, row->page, row->person);
    struct row r;
    if (!imap_get(s->carriers, (struct ikey){ d, 0 }, NULL)) return;
    for (size_t at = 0; world_next_row(w, ROW_DELIVERY, &at, &r);) { /* what is told in the same message (R154) */
        const struct delivery *along = (const struct delivery *)r.v;
        if (along->carrier == d && along->purpose == PURPOSE_PAGE) people_paged(s, along->page, along->person);
    }
}

void courier_replies(struct sim *s, const struct agenda *a)
{
    const enum outcome o = (enum outcome)a->c;
    int64_t address;
    if (s->engine == NULL || !take_flight(s, a->a, a->b, &address)) return; /* it died with its courier or its server */
    if (o == OUTCOME_ACCEPTED) courier_took(s, a->a, a->b, address);
    const bool lies = s->o->defect == DEFECT_FALSE_RESULT && o == OUTCOME_REFUSED;
    courier_result(s, a->a, a->b, lies ? OUTCOME_ACCEPTED : o, a->d);
    has_room_again(s, a->a);
    if (s->o->world == WORLD_CALM) return;
    if (!s->quiet && dice_one_in(&s->dice, 40)) {
        sim_count(s, SIM_RESULT_TWICE);
        courier_result(s, a->a, a->b, o, a->d);
    }
    if (!s->quiet && dice_one_in(&s->dice, 60)) {
        sim_count(s, SIM_RESULT_OTHER);
        courier_result(s, a->a, a->b, o == OUTCOME_ACCEPTED ? OUTCOME_REFUSED : OUTCOME_NOT_SENT, 0);
    }
}

/* What flew with a courier or a server that is gone: nobody knows. Some of it is heard of later. */
void courier_forgets(struct sim *s)
{
    for (size_t i = 0; i < s->flying.n; i++) {
        const struct flight f = s->flying.v[i];
        if (!s->quiet && dice_one_in(&s->dice, 2))
            sim_plan_later(
                s, SECOND + dice_below(&s->dice, 5 * MINUTE),
                (struct agenda){
                    .kind = AGENDA_GHOST, .a = f.delivery, .b = f.attempt, .c = f.address, .d = (int64_t)s->known.n });
    }
    vec_clear(&s->flying);
}

void courier_returns(struct sim *s)
{
    struct row r;
    struct ikey key;
    const struct mark m = { .kind = ROW_COUNTER, .key = { ROW_DELIVERY } };
    const delivery_id last = world_row(engine_world(s->engine), &m, &r) ? r.v[1] : 0;
    *vec_push(&s->known) = last;
    for (size_t at = 0; imap_next(s->taken, &at, &key, NULL);)
        if (key.a / ATTEMPTS_MAX > last) imap_remove(s->taken, key); /* its number is given to another one */
    courier_grants(s);
}

/* A page that left before its row was on disk, and its process died: its number now belongs to another delivery. */
static bool was_never_known(const struct sim *s, delivery_id d, int64_t lives)
{
    for (size_t k = (size_t)lives; k < s->known.n; k++)
        if (s->known.v[k] < d) return true;
    return false;
}

void courier_is_lost(struct sim *s)
{
    struct post p = { .event = { .kind = EVENT_COURIER_LOST } };
    if (s->engine == NULL) return;
    sim_tell(s, "the courier is lost");
    sim_script(s, 0, "courier lost");
    sim_count(s, SIM_COURIER_LOST);
    engine_posts(s, &p);
    engine_settle(s);
    courier_forgets(s);
    if (s->engine != NULL) courier_grants(s);
}

/* One swallowed a result: whoever watches it notices that it never comes. */
void courier_loses(struct sim *s, const struct agenda *a)
{
    for (size_t i = 0; i < s->flying.n; i++)
        if (s->flying.v[i].delivery == a->a && s->flying.v[i].attempt == a->b) {
            courier_is_lost(s);
            return;
        }
}

void courier_tells_late(struct sim *s, const struct agenda *a)
{
    if (s->engine == NULL) return;
    sim_count(s, SIM_RESULT_LATE);
    if (!was_never_known(s, a->a, a->d)) courier_took(s, a->a, a->b, a->c);
    courier_result(s, a->a, a->b, OUTCOME_ACCEPTED, 0);
}

/* Of attempts that never were. */
void courier_says_wrong(struct sim *s)
{
    if (s->engine == NULL) return;
    const int64_t highest = s->r->sends + 1;
    sim_count(s, SIM_RESULT_WRONG);
    const delivery_id known = 1 + dice_below(&s->dice, highest);
    courier_result(s, known, ATTEMPTS_MAX - 1 - dice_below(&s->dice, 9), OUTCOME_ACCEPTED, 0);
    courier_result(s, highest + 1000000, 1, OUTCOME_REFUSED, 0);
}
