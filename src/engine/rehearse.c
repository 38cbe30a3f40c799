/* rehearse.c - plays a script: moves the clock from instant to instant, and lets everything of an instant happen. */
#include "engine/rehearse.h"

#include "engine/rehearse_inner.h"

void rehearsal_step(struct rehearsal *r, struct event *ev)
{
    stage_step(&r->stage, ev);
    courier_takes(r);
    rehearsal_note(r);
}

void rehearsal_judges(struct rehearsal *r, const struct script_command *c, const struct buf *why)
{
    const bool holds = why->len == 0;
    *vec_push(&r->report->verdicts) =
        (struct verdict){ c, holds, arena_copy(r->arena, buf_slice(why)), r->report->told.n };
    if (holds) return;
    if (c->verb == SCRIPT_EXPECT)
        r->outcome->unmet++;
    else
        r->outcome->stumbles++;
    buf_addf(&r->text, "FAILED line %u: %.*s: %s", c->line, (int)c->text.n, c->text.p, buf_str(why));
    rehearsal_tells(r, (struct told){ .missed = true });
}

/* --- time --- */

static void come_back(struct rehearsal *r)
{
    r->down_until = 0;
    vec_clear(&r->answers); /* the courier went down with us: nobody knows what became of them */
    stage_restart(&r->stage, r->down_at, r->down_wall);
    courier_takes(r);
    rehearsal_note(r);
    courier_gives_credit(r);
}

static bool timer_runs(struct rehearsal *r)
{
    if (r->down_until != 0 || !stage_timer(&r->stage)) return false;
    courier_takes(r);
    rehearsal_note(r);
    return true;
}

/* Everything that is due at this instant, people aside: answers, then alerts, then timers. */
static void run_instant(struct rehearsal *r)
{
    if (r->down_until != 0 && r->down_until <= r->stage.at) come_back(r);
    while ((r->down_until == 0 && courier_answers(r)) || monitor_repeats(r) || timer_runs(r) ||
           (r->down_until == 0 && prompts_tell(r))) {
    }
}

/* Lets time pass until `at`, stopping at each instant before it at which something is due. */
static void pass_until(struct rehearsal *r, int64_t at)
{
    int64_t next;
    while (rehearsal_next(r, &next) && next < at) {
        stage_pass(&r->stage, next - r->stage.at);
        run_instant(r);
    }
    stage_pass(&r->stage, at - r->stage.at);
    if (r->down_until != 0 && r->down_until <= at) come_back(r);
}

/* --- the script --- */

static void set_mood(struct rehearsal *r, const struct script_command *c)
{
    const bool channel = c->verb == SCRIPT_CHANNEL;
    const struct directory *d = r->stage.o.directory;
    struct buf why = { 0 };
    if ((channel ? directory_channel(d, c->name) : directory_person(d, c->name)) < 0) {
        buf_addf(&why, "site.yaml has no %s \"%.*s\"", channel ? "channel" : "person", (int)c->name.n, c->name.p);
        rehearsal_judges(r, c, &why);
        buf_release(&why);
        return;
    }
    struct mood m = { c->name, c->mood };
    for (size_t i = 0; i < (channel ? r->channels.n : r->people.n); i++) {
        struct mood *known = channel ? &r->channels.v[i] : &r->people.v[i];
        if (!slice_eq(known->name, c->name)) continue;
        *known = m;
        return;
    }
    if (channel)
        *vec_push(&r->channels) = m;
    else
        *vec_push(&r->people) = m;
}

static void go_down(struct rehearsal *r, int64_t ms)
{
    r->down_at = r->stage.at;
    r->down_wall = r->stage.wall;
    r->down_until = r->stage.at + ms;
    buf_add(&r->text, ms > 0 ? S("Tocsin is killed") : S("Tocsin is killed and starts again"));
    rehearsal_tells(r, (struct told){ .kind = TOLD_STATE });
    if (ms == 0) come_back(r);
}

static void set_clock(struct rehearsal *r, int64_t ms)
{
    struct event ev = { .kind = EVENT_CLOCK_SET };
    r->stage.wall += ms;
    buf_addf(&r->text, "the wall clock is set %s", ms < 0 ? "back" : "forward");
    rehearsal_tells(r, (struct told){ .kind = TOLD_STATE });
    rehearsal_step(r, &ev);
}

static void lose_courier(struct rehearsal *r)
{
    struct event ev = { .kind = EVENT_COURIER_LOST };
    vec_clear(&r->answers);
    rehearsal_step(r, &ev);
    courier_gives_credit(r);
}

static void echo(struct rehearsal *r, const struct script_command *c)
{
    const bool alert = c->verb == SCRIPT_ALERT || c->verb == SCRIPT_RECOVER;
    buf_add(&r->text, c->text);
    rehearsal_tells(r, (struct told){ .kind = alert ? TOLD_ALERT : TOLD_UNSET, .word = S(">") });
}

static void perform(struct rehearsal *r, const struct script_command *c)
{
    if (c->verb != SCRIPT_EXPECT) echo(r, c);
    switch (c->verb) {
    case SCRIPT_UNSET: break;
    case SCRIPT_ALERT:
    case SCRIPT_RECOVER: monitor_says(r, c); break;
    case SCRIPT_SILENT: monitor_stops(r, c->name, true); break;
    case SCRIPT_TALKS: monitor_stops(r, c->name, false); break;
    case SCRIPT_ACT: rehearsal_act(r, c); break;
    case SCRIPT_CHANNEL:
    case SCRIPT_PERSON: set_mood(r, c); break;
    case SCRIPT_DOWN: go_down(r, c->ms); break;
    case SCRIPT_CLOCK: set_clock(r, c->ms); break;
    case SCRIPT_COURIER: lose_courier(r); break;
    case SCRIPT_EXPECT: rehearsal_expect(r, c); break;
    case SCRIPT_SCENARIO: rehearsal_attach(r, c); break;
    case SCRIPT_PUBLISH: rehearsal_publish(r, c); break;
    }
}

/* The lines of one instant: what happens, then what is expected. Returns the first line of the next. */
static size_t play_instant(struct rehearsal *r, size_t from)
{
    const struct script *s = r->script;
    size_t to = from;
    pass_until(r, STAGE_BEGINS + s->v[from].t);
    while (to < s->n && s->v[to].t == s->v[from].t) to++;
    for (size_t i = from; i < to; i++)
        if (s->v[i].verb != SCRIPT_EXPECT) perform(r, &s->v[i]);
    run_instant(r);
    for (size_t i = from; i < to; i++)
        if (s->v[i].verb == SCRIPT_EXPECT) perform(r, &s->v[i]);
    return to;
}

/* --- the whole --- */

static void release(struct rehearsal *r)
{
    vec_release(&r->happenings);
    vec_release(&r->answers);
    vec_release(&r->alerts);
    vec_release(&r->channels);
    vec_release(&r->people);
    vec_release(&r->silent);
    vec_release(&r->duties);
    vec_release(&r->careers);
    vec_release(&r->attached);
    vec_release(&r->paged);
    buf_release(&r->text);
    stage_end(&r->stage);
}

void rehearsal_run(const struct stage_options *o, const struct script *script, struct rehearsal_report *report)
{
    struct stage_options at_start = *o;
    at_start.wall = script->start;
    *report = (struct rehearsal_report){ .arena = arena_create(0), .script = script };
    struct rehearsal r = { .script = script, .report = report, .arena = report->arena, .outcome = &report->outcome };
    stage_begin(&r.stage, &at_start);
    courier_gives_credit(&r);
    for (size_t i = 0; i < script->n;) i = play_instant(&r, i);
    rehearsal_sums_up(&r);
    rehearsal_weigh(&r);
    report->outcome.trace = r.stage.trace;
    release(&r);
}

void rehearsal_release(struct rehearsal_report *report)
{
    vec_release(&report->told);
    vec_release(&report->verdicts);
    vec_release(&report->unreached);
    arena_destroy(&report->arena);
}

bool rehearsal_is_good(const struct rehearsal_outcome *o)
{
    return o->unmet == 0 && o->stumbles == 0 && o->broken == 0;
}
