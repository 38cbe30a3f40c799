/* audit.c - the lines of an audit, and the checks of the house: store, spool, courier, channels.
 * Not here: the checks of the world (audit_world.c), when they run and what follows (auditor.c). */
#include "engine/audit.h"

#include <inttypes.h>
#include <stdarg.h>

#include "base/check.h"

#define COMMITTED_AGO (30 * SECOND) /* a commit is tried every 10 s, whatever happens */
#define COURIER_AWAY (10 * SECOND) /* a restart takes less */
#define CHANNEL_FAILURES 3
#define CHANNEL_FAILING (60 * SECOND)

/* --- lines --- */

void audit_reset(struct audit *a, int64_t wall)
{
    a->wall = wall;
    for (size_t i = 1; i < AUDIT_CHECK_MAX; i++) {
        a->lines[i].state = AUDIT_STATE_UNSET;
        a->lines[i].text.max = AUDIT_TEXT_MAX;
        buf_reset(&a->lines[i].text);
    }
}

void audit_release(struct audit *a)
{
    for (size_t i = 1; i < AUDIT_CHECK_MAX; i++) buf_release(&a->lines[i].text);
}

void audit_copy(struct audit *to, const struct audit *from)
{
    audit_reset(to, from->wall);
    for (size_t i = 1; i < AUDIT_CHECK_MAX; i++) {
        to->lines[i].state = from->lines[i].state;
        buf_add(&to->lines[i].text, buf_slice(&from->lines[i].text));
    }
}

void audit_note(struct audit *a, enum audit_check check, enum audit_state state, const char *fmt, ...)
{
    struct audit_line *l = &a->lines[check];
    va_list ap;
    if (l->state >= state) return;
    l->state = state;
    buf_reset(&l->text);
    va_start(ap, fmt);
    buf_vaddf(&l->text, fmt, ap);
    va_end(ap);
}

enum audit_state audit_worst(const struct audit *a)
{
    enum audit_state worst = AUDIT_STATE_UNSET;
    for (size_t i = 1; i < AUDIT_CHECK_MAX; i++)
        if (a->lines[i].state > worst) worst = a->lines[i].state;
    return worst;
}

const char *audit_check_name(enum audit_check c)
{
    switch (c) {
    case AUDIT_UNSET:
    case AUDIT_CHECK_MAX: break;
#define X(sym, code, text) \
    case AUDIT_##sym: return text;
        AUDIT_CHECKS(X)
#undef X
    }
    return "unset";
}

const char *audit_state_name(enum audit_state s)
{
    switch (s) {
    case AUDIT_STATE_UNSET: break;
#define X(sym, code, text) \
    case AUDIT_##sym: return text;
        AUDIT_STATES(X)
#undef X
    }
    return "unset";
}

/* --- the house --- */

void audit_store_fails(struct audit *a)
{
    audit_note(a, AUDIT_STORE, AUDIT_FAILING, "the store cannot be written");
}

static void check_store(struct audit *a, const struct audit_facts *f)
{
    if (f->store_fails)
        audit_store_fails(a);
    else if (f->committed_ago_ms > COMMITTED_AGO)
        audit_note(a, AUDIT_STORE, AUDIT_FAILING, "nothing was committed for %" PRId64 " s",
                   f->committed_ago_ms / SECOND);
    else if (f->store_unread.n > 0)
        audit_note(a, AUDIT_STORE, AUDIT_FAILING, "what was committed last cannot be read from its file: %.*s",
                   (int)f->store_unread.n, f->store_unread.p);
    audit_note(a, AUDIT_STORE, AUDIT_OK, "written and read");
    if (f->spool_fails)
        audit_note(a, AUDIT_SPOOL, AUDIT_FAILING, "what leaves while the store fails cannot be spooled");
    else if (f->no_spool)
        audit_note(a, AUDIT_SPOOL, AUDIT_WARNING, "there is no spool: its room could not be reserved");
    audit_note(a, AUDIT_SPOOL, AUDIT_OK, "reserved");
}

static bool is_failing(const struct audit_channel *c, int64_t at)
{
    return c->problem.n > 0 || c->failures >= CHANNEL_FAILURES || (c->failures > 0 && at - c->failing_since >= CHANNEL_FAILING);
}

static const struct audit_channel *channel_of(const struct audit_facts *f, struct slice name)
{
    for (size_t i = 0; i < f->n_channels; i++)
        if (slice_eq(f->channels[i].name, name)) return &f->channels[i];
    return NULL;
}

/* What was never used is taken to work: the canary and the first page will tell. Only when no channel that wakes is left
 * (of a site without any: no channel at all) may a page reach nobody. */
static void check_channels(struct audit *a, const struct audit_facts *f, const struct directory *d, int64_t at)
{
    size_t waking = 0, waking_failing = 0, failing = 0;
    for (size_t i = 0; d != NULL && i < d->n_channels; i++) {
        const struct audit_channel *c = channel_of(f, d->channels[i].id);
        const bool bad = c != NULL && is_failing(c, at);
        waking += d->channels[i].wakes;
        waking_failing += d->channels[i].wakes && bad;
        failing += bad;
        if (bad && c->problem.n > 0)
            audit_note(a, AUDIT_CHANNELS, AUDIT_WARNING, "channel %.*s cannot be used: %.*s", (int)c->name.n, c->name.p,
                       (int)c->problem.n, c->problem.p);
        else if (bad)
            audit_note(a, AUDIT_CHANNELS, AUDIT_WARNING, "channel %.*s took none of the last %" PRId64 " messages",
                       (int)c->name.n, c->name.p, c->failures);
    }
    if (d != NULL && d->n_channels > 0 && (waking > 0 ? waking_failing == waking : failing == d->n_channels))
        audit_note(a, AUDIT_CHANNELS, AUDIT_FAILING, "every channel%s fails", waking > 0 ? " that wakes" : "");
    audit_note(a, AUDIT_CHANNELS, AUDIT_OK, "what was sent last was taken");
}

static void check_heartbeat(struct audit *a, const struct audit_facts *f)
{
    if (!f->heartbeat)
        audit_note(a, AUDIT_HEARTBEAT, AUDIT_WARNING,
                   "no `heartbeat` in site.yaml: nobody outside notices when Tocsin itself is gone");
    else if (f->beats_failed > 0)
        audit_note(a, AUDIT_HEARTBEAT, AUDIT_WARNING, "its URL did not take the last %" PRId64, f->beats_failed);
    audit_note(a, AUDIT_HEARTBEAT, AUDIT_OK, "sent while nothing fails");
}

static void check_procedures(struct audit *a, const struct audit_facts *f)
{
    struct slice rest = f->overrides, first = slice_cut(&rest, '\n');
    size_t more = 0;
    while (rest.n > 0 && slice_cut(&rest, '\n').n > 0) more++;
    if (first.n > 0 && more == 0)
        audit_note(a, AUDIT_PROCEDURES, AUDIT_WARNING, "%.*s", (int)first.n, first.p);
    else if (first.n > 0)
        audit_note(a, AUDIT_PROCEDURES, AUDIT_WARNING, "%.*s, and %zu more", (int)first.n, first.p, more);
    audit_note(a, AUDIT_PROCEDURES, AUDIT_OK, "no override has ended, or ends within two weeks");
}

void audit_house(struct audit *a, const struct audit_facts *f, const struct directory *d, int64_t at)
{
    check_store(a, f);
    if (!f->courier && at - f->courier_since >= COURIER_AWAY)
        audit_note(a, AUDIT_COURIER, AUDIT_FAILING, "away for %" PRId64 " s: nothing leaves",
                   (at - f->courier_since) / SECOND);
    audit_note(a, AUDIT_COURIER, AUDIT_OK, f->courier ? "connected" : "is being started");
    check_channels(a, f, d, at);
    if (f->history_broken)
        audit_note(a, AUDIT_HISTORY, AUDIT_WARNING, "it is not the one that was sealed: run `tocsin verify`");
    audit_note(a, AUDIT_HISTORY, AUDIT_OK, "sound at the start");
    if (f->held) audit_note(a, AUDIT_HELD, AUDIT_FAILING, "a restored copy: nobody is paged until `tocsin release`");
    audit_note(a, AUDIT_HELD, AUDIT_OK, "no restored copy");
    check_heartbeat(a, f);
    check_procedures(a, f);
}
