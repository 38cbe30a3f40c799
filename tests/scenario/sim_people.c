/* sim_people.c - people: who is paged answers soon, late, never, or passes it on; whoever has it works on it; and some
 * do what makes no sense. */
#include <inttypes.h>

#include "core/incident.h"
#include "core/page.h"
#include "sim_inner.h"

/* --- one act --- */

struct request {
    struct sim *sim;
    struct act act;
    char matchers[64];
};

static void on_answer(void *caller, const struct reply *r)
{
    struct request *q = caller;
    struct sim *s = q->sim;
    if (engine_leaves(s)) {
        if (r->code == ERR_UNKNOWN) sim_count(s, SIM_UNKNOWN_OUTCOME);
        if (r->code != 0) sim_count(s, SIM_ACT_REFUSED);
        if (r->code == ERR_BUG) sim_breaks(s, "an act was never answered: %.*s", (int)r->text.n, r->text.p);
        sim_script_act(s, &q->act, r->code != 0);
        sim_tell(s, "    → %d %.*s", r->code, (int)r->text.n, r->text.p);
    }
    mem_free(q);
}

void sim_posts_act(struct sim *s, const struct act *a)
{
    if (s->engine == NULL) return;
    struct request *q = mem_alloc(sizeof *q);
    q->sim = s;
    q->act = *a;
    q->act.via = VIA_CLI;
    struct post p = { .event = { .kind = EVENT_ACT, .act = &q->act }, .done = on_answer, .caller = q };
    sim_tell(s, "%.*s: %s INC-%" PRId64, (int)a->actor.n, a->actor.p, act_kind_name(a->kind), a->incident);
    if (!engine_posts(s, &p)) mem_free(q);
}

static struct slice person_id(const struct sim *s, int64_t index)
{
    return s->g->sites[0]->people[index % (int64_t)s->g->sites[0]->n_people].id;
}

static int64_t person_index(const struct sim *s, struct slice id)
{
    const int i = directory_person(s->g->sites[0], id);
    return i < 0 ? 0 : i;
}

/* --- whoever was paged --- */

static void plan_act(struct sim *s, int64_t ms, int64_t person, enum act_kind kind, incident_id i, page_id page)
{
    sim_plan_later(s, ms, (struct agenda){ .kind = AGENDA_ACT, .a = person, .b = kind, .c = i, .d = page });
}

/* A provider took the page: the phone rings. */
void people_paged(struct sim *s, page_id page, symbol person)
{
    const struct world *w = engine_world(s->engine);
    const struct page *p = world_page(w, page);
    const int64_t who = person_index(s, world_text(w, person));
    const struct spell *spell = &s->people[who % SIM_PEOPLE];
    struct dice d = { dice_mix(s->o->plan->seed ^ (uint64_t)s->now, (uint64_t)who + 77) };
    int mood = spell->until > s->now ? spell->what : MOOD_ANSWERS;
    if (p == NULL || p->state != PAGE_STATE_OPEN) return;
    if (s->o->world == WORLD_DEAF && !s->quiet) mood = MOOD_DEAF;
    if (mood == MOOD_ANSWERS && dice_one_in(&d, 6)) mood = 1 + (int)dice_below(&d, 3);
    if (mood == MOOD_ANSWERS)
        plan_act(s, 5 * SECOND + dice_below(&d, 4 * MINUTE), who, ACT_ACKNOWLEDGE, p->incident, page);
    if (mood == MOOD_DEAF) sim_count(s, SIM_PERSON_NEVER);
    if (mood == MOOD_SLOW) {
        sim_count(s, SIM_PERSON_LATE);
        plan_act(s, 6 * MINUTE + dice_below(&d, HOUR), who, ACT_ACKNOWLEDGE, p->incident, page);
    }
    if (mood == MOOD_DECLINES) {
        sim_count(s, SIM_PERSON_DECLINED);
        plan_act(s, 5 * SECOND + dice_below(&d, 2 * MINUTE), who, ACT_PASS, p->incident, page);
    }
}

/* Who has it goes on to work: what they do is drawn, and in the end it is resolved. */
static void go_on(struct sim *s, int64_t who, incident_id id)
{
    static const enum act_kind between[] = { ACT_SEVERITY, ACT_CLASSIFY, ACT_NOTE,   ACT_CHECK,  ACT_DECLARE,
                                             ACT_MITIGATE, ACT_DETECTED, ACT_ASSIGN, ACT_SNOOZE, ACT_ACKNOWLEDGE };
    int64_t ms = MINUTE + dice_below(&s->dice, 20 * MINUTE);
    for (int64_t n = dice_below(&s->dice, 3); n > 0; n--) {
        plan_act(s, ms, who, DICE_PICK(&s->dice, between), id, 0);
        ms += dice_below(&s->dice, 20 * MINUTE);
    }
    if (dice_one_in(&s->dice, 5)) return; /* forgotten */
    const bool nothing = dice_one_in(&s->dice, 6);
    plan_act(s, ms + dice_below(&s->dice, 40 * MINUTE), who, nothing ? ACT_DISMISS : ACT_RESOLVE, id, 0);
    if (dice_one_in(&s->dice, 8)) plan_act(s, ms + HOUR, who, ACT_REOPEN, id, 0);
}

static void fill(struct sim *s, struct act *a)
{
    static const struct slice labels[] = { S("SEV1"), S("SEV2"), S("SEV3"), S("SEV4"), S("") };
    static const struct slice categories[] = { S("security"), S("database"), S("infrastructure") };
    static const struct slice roles[] = { S("primary"), S("incident-commander"), S("secondary") };
    struct dice *d = &s->dice;
    if (a->kind == ACT_SEVERITY || dice_one_in(d, 5)) a->severity_label = DICE_PICK(d, labels);
    if (a->kind == ACT_CLASSIFY || a->kind == ACT_DECLARE) a->category = DICE_PICK(d, categories);
    if (a->kind == ACT_ASSIGN) a->role = DICE_PICK(d, roles);
    if (a->kind == ACT_ASSIGN) a->person = person_id(s, dice_below(d, 100));
    a->text = dice_one_in(d, 8) ? S("") : S("because");
    if (a->kind == ACT_PASS && dice_one_in(d, 2)) a->person = person_id(s, dice_below(d, 100));
    if (a->kind == ACT_SNOOZE) a->ends = clock_read(s->clock).wall_ms + dice_below(d, 4 * HOUR);
    a->milestone = dice_below(d, 6);
    a->check = dice_below(d, 3);
    a->when = clock_read(s->clock).wall_ms - dice_below(d, HOUR);
}

void people_act(struct sim *s, const struct agenda *e)
{
    struct act a = { .kind = (enum act_kind)e->b, .actor = person_id(s, e->a), .incident = e->c };
    if (s->engine == NULL) return;
    s->dice.state = dice_mix(s->o->plan->seed ^ (uint64_t)s->now, (uint64_t)(e->a * 64 + e->b));
    fill(s, &a);
    const bool by_link = a.kind == ACT_PASS || dice_one_in(&s->dice, 2);
    if ((a.kind == ACT_ACKNOWLEDGE || a.kind == ACT_PASS) && by_link) a.page = e->d;
    const bool twice = dice_one_in(&s->dice, 10);
    sim_posts_act(s, &a);
    if (twice) {
        sim_count(s, SIM_ACT_TWICE);
        sim_posts_act(s, &a);
    }
    if (a.kind == ACT_ACKNOWLEDGE) go_on(s, e->a, a.incident);
}

/* --- what is drawn --- */

static incident_id some_incident(struct sim *s)
{
    struct row r;
    incident_id list[64];
    size_t n = 0;
    const struct world *w = engine_world(s->engine);
    for (size_t at = 0; n < COUNT_OF(list) && world_next_row(w, ROW_INCIDENT, &at, &r);) list[n++] = r.v[0];
    return n == 0 || dice_one_in(&s->dice, 30) ? dice_below(&s->dice, 10) : list[dice_below(&s->dice, (int64_t)n)];
}

static struct slice somebody(struct sim *s)
{
    return dice_one_in(&s->dice, 30) ? S("stranger") : person_id(s, dice_below(&s->dice, 100));
}

void people_draw_act(struct sim *s)
{
    static const enum act_kind kinds[] = { ACT_ACKNOWLEDGE, ACT_ACKNOWLEDGE, ACT_RESOLVE, ACT_MITIGATE, ACT_SEVERITY,
                                           ACT_SEVERITY,    ACT_CLASSIFY,    ACT_ASSIGN,  ACT_NOTE,     ACT_DISMISS,
                                           ACT_MERGE,       ACT_MERGE,       ACT_REOPEN,  ACT_CHECK,    ACT_DETECTED,
                                           ACT_DECLARE,     ACT_UNSILENCE,   ACT_SNOOZE,  ACT_SNOOZE,   ACT_PASS };
    if (s->engine == NULL) return;
    struct act a = { .kind = DICE_PICK(&s->dice, kinds) };
    a.actor = somebody(s);
    fill(s, &a);
    a.incident = a.kind == ACT_UNSILENCE ? 0 : some_incident(s);
    a.into = some_incident(s);
    a.silence = 1 + dice_below(&s->dice, 40);
    sim_posts_act(s, &a);
}

void people_declare(struct sim *s)
{
    static const struct slice services[] = { S("dashboard"), S("cache"), S("desk"), S(""), S("nonsense") };
    struct act a = { .kind = ACT_DECLARE, .actor = somebody(s) };
    fill(s, &a);
    a.service = DICE_PICK(&s->dice, services);
    sim_posts_act(s, &a);
}

void people_silence(struct sim *s)
{
    static const struct slice matchers[] = { S("alertname=\"HighErrorRate\""), S("service=~\"dash.*\""),
                                             S("alertname!=\"Typo\""), S("service=\"cache\""), S("a=~\"(\""),
                                             S("alertname=~\"BreakIn|.*Down\""), S("instance!=\"h1\"") };
    const int64_t wall = clock_read(s->clock).wall_ms;
    struct act a = { .kind = ACT_SILENCE, .actor = somebody(s), .text = S("maintenance") };
    a.matchers = DICE_PICK(&s->dice, matchers);
    a.starts = dice_one_in(&s->dice, 3) ? wall + dice_below(&s->dice, HOUR) : 0;
    const int64_t most = dice_one_in(&s->dice, 2) ? HOUR : 3 * HOUR;
    a.ends = (a.starts != 0 ? a.starts : wall) + 5 * MINUTE + dice_below(&s->dice, most);
    sim_count(s, SIM_SILENCED);
    sim_posts_act(s, &a);
}

/* --- the end --- */

void people_finish(struct sim *s)
{
    struct row r;
    const struct world *w = engine_world(s->engine);
    VEC(incident_id) open = { 0 };
    for (size_t at = 0; world_next_row(w, ROW_INCIDENT, &at, &r);)
        if (incident_is_active(world_incident(w, r.v[0]))) *vec_push(&open) = r.v[0];
    for (size_t i = 0; i < open.n; i++)
        sim_posts_act(s, &(struct act){
                             .kind = ACT_RESOLVE, .actor = person_id(s, 0), .incident = open.v[i], .text = S("over") });
    vec_release(&open);
}
