/* rehearse.c - plays a script: moves the clock from instant to instant, and lets everything of an instant happen. */
#include "engine/rehearse.h"

#include "engine/rehearse_inner.h"

void rehearsal_step(struct rehearsal *r, struct event *ev)
{
    stage_step(&r->stage, ev);
    courier_takes(r);
    rehearsal_note(r);
}

void rehearsal_fails(struct rehearsal *r, const struct script_command *c, const struct buf *why)
{
    if (c->verb == SCRIPT_EXPECT)
        r->outcome->unmet++;
    else
        r->outcome->stumbles++;
    *vec_push(&r->mishaps) = (struct mishap){ c, arena_copy(r->arena, buf_slice(why)) };
    print_at(r);
    buf_addf(r->out, "FAILED line %u: %.*s: %s\n", c->line, (int)c->text.n, c->text.p, buf_str(why));
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
    while ((r->down_until == 0 && courier_answers(r)) || monitor_repeats(r) || timer_runs(r)) {
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
        rehearsal_fails(r, c, &why);
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
    print_at(r);
    buf_add(r->out, ms > 0 ? S("Tocsin is killed\n") : S("Tocsin is killed and starts again\n"));
    if (ms == 0) come_back(r);
}

static void set_clock(struct rehearsal *r, int64_t ms)
{
    struct event ev = { .kind = EVENT_CLOCK_SET };
    r->stage.wall += ms;
    print_at(r);
    buf_addf(r->out, "the wall clock is set %s\n", ms < 0 ? "back" : "forward");
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
    print_at(r);
    buf_addf(r->out, "> %.*s\n", (int)c->text.n, c->text.p);
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

/* --- the end --- */

static struct slice script_line(const struct script *s, unsigned line)
{
    struct slice rest = s->text, text = { 0 };
    for (unsigned n = 1; n <= line; n++) text = slice_cut(&rest, '\n');
    return text;
}

static void print_mishap(struct rehearsal *r, const struct mishap *m)
{
    enum { AROUND = 2 };
    const unsigned line = m->command->line, first = line > AROUND ? line - AROUND : 1;
    buf_addf(r->out, "%.*s:%u:%u: %.*s\n", (int)r->script->file.n, r->script->file.p, line, m->command->col,
             (int)m->why.n, m->why.p);
    for (unsigned n = first; n <= line + 1; n++) {
        struct slice text = slice_trim(script_line(r->script, n));
        if (n <= line || text.n > 0) buf_addf(r->out, "%6u %c %.*s\n", n, n == line ? '>' : '|', (int)text.n, text.p);
    }
}

static void release(struct rehearsal *r)
{
    vec_release(&r->happenings);
    vec_release(&r->answers);
    vec_release(&r->alerts);
    vec_release(&r->channels);
    vec_release(&r->people);
    vec_release(&r->silent);
    vec_release(&r->paged);
    vec_release(&r->mishaps);
    arena_destroy(&r->arena);
    stage_end(&r->stage);
}

void rehearse(const struct stage_options *o, const struct script *script, struct buf *out,
              struct rehearsal_outcome *outcome)
{
    struct rehearsal r = { .script = script, .arena = arena_create(0), .out = out, .outcome = outcome };
    struct stage_options at_start = *o;
    at_start.wall = script->start;
    *outcome = (struct rehearsal_outcome){ 0 };
    stage_begin(&r.stage, &at_start);
    courier_gives_credit(&r);
    for (size_t i = 0; i < script->n;) i = play_instant(&r, i);
    if (r.mishaps.n > 0) buf_add_char(out, '\n');
    for (size_t i = 0; i < r.mishaps.n; i++) print_mishap(&r, &r.mishaps.v[i]);
    outcome->trace = r.stage.trace;
    release(&r);
}
