/* script.c - reads a rehearsal's script line by line: the time, the verb, and what the verb's form asks for. */
#include "engine/script.h"

#include "base/civil.h"
#include "base/vec.h"
#include "core/alert.h"
#include "engine/script_inner.h"

const char *channel_mood_name(enum channel_mood m)
{
    switch (m) {
    case MOOD_UNSET: break;
#define X(sym, code, text) \
    case MOOD_##sym: return text;
        CHANNEL_MOODS(X)
#undef X
    }
    return "unset";
}

/* --- alerts --- */

static int by_name(const void *a, const void *b, void *ctx)
{
    const struct label *x = a, *y = b;
    (void)ctx;
    return slice_cmp(x->name, y->name);
}

static int read_label(struct line *l, struct label *out)
{
    const struct word *w = line_next(l);
    const size_t eq = slice_find_char(w->raw, '=');
    struct slice name = slice_upto(w->raw, eq), value = slice_from(w->text, eq + 1);
    if (eq == 0 || eq >= w->raw.n || value.n == 0 || slice_find_char(name, '"') < name.n)
        return line_fail(l, "\"%.*s\" is no label; expected NAME=VALUE, like severity=critical", (int)w->raw.n,
                         w->raw.p);
    *out = (struct label){ name, value };
    return 0;
}

/* The labels of an alert, sorted by name, none twice. */
static int read_labels(struct line *l, struct script_command *c)
{
    struct label *v = arena_array(l->arena, struct label, l->n + 1);
    size_t n = 0;
    while (line_peek(l) != NULL) {
        if (n == SCRIPT_MAX_LABELS) return line_fail_next(l, "more than %d labels", SCRIPT_MAX_LABELS);
        const int rc = read_label(l, &v[n]);
        if (rc < 0) return rc;
        for (size_t i = 0; i < n; i++)
            if (slice_eq(v[i].name, v[n].name)) return line_fail(l, "this label stands here twice");
        n++;
    }
    if (n == 0) return line_fail_next(l, "expected labels, like alertname=DiskFull severity=critical");
    sort_stable(v, n, sizeof v[0], by_name, NULL);
    c->labels = v;
    c->n_labels = n;
    return 0;
}

static int read_sender(struct line *l, struct script_command *c)
{
    c->name = S("prometheus");
    if (!line_take(l, "from")) return 0;
    const struct word *w = line_next(l);
    if (w == NULL || w->text.n == 0) return line_fail_next(l, "expected the name of a sender");
    c->name = w->text;
    return 0;
}

static int read_alert(struct line *l, struct script_command *c)
{
    c->verb = SCRIPT_ALERT;
    c->once = line_take(l, "once");
    const int rc = read_sender(l, c);
    return rc < 0 ? rc : read_labels(l, c);
}

/* `resolve` of an alert names labels or a sender; of an incident it does not. */
static int read_resolve(struct line *l, struct script_command *c)
{
    const struct word *w = line_peek(l);
    const bool labels =
        w != NULL && !w->quoted && (slice_find_char(w->raw, '=') < w->raw.n || slice_eq(w->raw, S("from")));
    if (!labels) return read_act(l, "resolve", c);
    c->verb = SCRIPT_RECOVER;
    const int rc = read_sender(l, c);
    return rc < 0 ? rc : read_labels(l, c);
}

static int read_name_only(struct line *l, struct script_command *c, enum script_verb verb, const char *form)
{
    const struct word *w = line_next(l);
    if (w == NULL || w->text.n == 0) return line_fail_next(l, "expected: %s", form);
    c->verb = verb;
    c->name = w->text;
    return line_end(l, form);
}

static int read_silent(struct line *l, struct script_command *c)
{
    return read_name_only(l, c, SCRIPT_SILENT, "silent SENDER");
}

static int read_talks(struct line *l, struct script_command *c)
{
    return read_name_only(l, c, SCRIPT_TALKS, "talks SENDER");
}

/* --- the world around --- */

static int read_channel(struct line *l, struct script_command *c)
{
    static const char form[] = "channel ID works, fails, busy or hangs";
    const struct word *w = line_next(l);
    if (w == NULL || w->text.n == 0) return line_fail_next(l, "expected: %s", form);
    c->verb = SCRIPT_CHANNEL;
    c->name = w->text;
    for (enum channel_mood m = MOOD_WORKS; m <= MOOD_HANGS; m++)
        if (line_take(l, channel_mood_name(m))) c->mood = m;
    return c->mood == MOOD_UNSET ? line_fail_next(l, "expected: %s", form) : line_end(l, form);
}

static int read_person(struct line *l, struct script_command *c)
{
    static const char form[] = "person ID unreachable, or: person ID reachable";
    const struct word *w = line_next(l);
    if (w == NULL || w->text.n == 0) return line_fail_next(l, "expected: %s", form);
    c->verb = SCRIPT_PERSON;
    c->name = w->text;
    if (line_take(l, "unreachable"))
        c->mood = MOOD_FAILS;
    else if (line_take(l, "reachable"))
        c->mood = MOOD_WORKS;
    return c->mood == MOOD_UNSET ? line_fail_next(l, "expected: %s", form) : line_end(l, form);
}

static int read_down(struct line *l, struct script_command *c)
{
    const struct word *w = line_next(l);
    c->verb = SCRIPT_DOWN;
    if (w == NULL || !read_duration(w->text, &c->ms) || c->ms == 0) return line_fail_next(l, "expected: down 20m");
    return line_end(l, "down 20m");
}

static int read_restart(struct line *l, struct script_command *c)
{
    c->verb = SCRIPT_DOWN;
    return line_end(l, "restart");
}

static int read_clock(struct line *l, struct script_command *c)
{
    static const char form[] = "clock +1h, or: clock -1h";
    const struct word *w = line_next(l);
    struct slice s = w == NULL ? S("") : w->text;
    const bool back = slice_cut_prefix(&s, S("-"));
    c->verb = SCRIPT_CLOCK;
    if ((!back && !slice_cut_prefix(&s, S("+"))) || !read_duration(s, &c->ms))
        return line_fail(l, "expected: %s", form);
    if (back) c->ms = -c->ms;
    return line_end(l, form);
}

static int read_courier(struct line *l, struct script_command *c)
{
    c->verb = SCRIPT_COURIER;
    if (!line_take(l, "lost")) return line_fail_next(l, "expected: courier lost");
    return line_end(l, "courier lost");
}

static int read_scenario(struct line *l, struct script_command *c)
{
    static const char form[] = "scenario ID [INC-n]";
    const struct word *w = line_next(l);
    if (w == NULL || w->text.n == 0) return line_fail_next(l, "expected: %s", form);
    c->verb = SCRIPT_SCENARIO;
    c->name = w->text;
    if (line_peek(l) != NULL && read_incident(line_peek(l), &c->expect.incident)) l->at++;
    return line_end(l, form);
}

#define PUBLISH_FORM \
    "publish update, status-page, notice or postmortem [INC-n] [by PERSON] [next 30m] [\"why\"] [refused]"

static int read_publish(struct line *l, struct script_command *c)
{
    static const char *const words[] = { "update", "status-page", "notice", "postmortem" };
    const struct word *w = line_peek(l);
    c->verb = SCRIPT_PUBLISH;
    for (size_t i = 0; i < COUNT_OF(words) && c->name.n == 0; i++)
        if (line_take(l, words[i])) c->name = slice_of(words[i]);
    if (c->name.n == 0) return line_fail_next(l, "expected: %s", PUBLISH_FORM);
    while ((w = line_peek(l)) != NULL) {
        if (w->quoted && c->act.text.n == 0)
            c->act.text = line_next(l)->text;
        else if (read_incident(w, &c->act.incident))
            l->at++;
        else if (line_take(l, "refused"))
            c->refused = true;
        else if (line_take(l, "by") && line_peek(l) != NULL)
            c->act.actor = line_next(l)->text;
        else if (!slice_eq(c->name, S("update")) || !line_take(l, "next") || line_peek(l) == NULL ||
                 !read_duration(line_peek(l)->text, &c->ms) || c->ms == 0)
            return line_end(l, PUBLISH_FORM);
        else
            l->at++;
    }
    return 0;
}

static const struct {
    const char *word;
    int (*read)(struct line *l, struct script_command *c);
} verbs[] = {
    { "alert", read_alert },     { "resolve", read_resolve }, { "silent", read_silent }, { "talks", read_talks },
    { "channel", read_channel }, { "person", read_person },   { "down", read_down },     { "restart", read_restart },
    { "clock", read_clock },     { "courier", read_courier }, { "expect", read_expect }, { "scenario", read_scenario },
    { "publish", read_publish },
};

static int read_verb(struct line *l, struct script_command *c)
{
    const struct word *w = line_next(l);
    if (w == NULL) return line_fail_next(l, "expected what happens then, like: alert alertname=DiskFull");
    for (size_t i = 0; i < COUNT_OF(verbs); i++)
        if (slice_eq(w->raw, slice_of(verbs[i].word))) return verbs[i].read(l, c);
    const int rc = read_act(l, arena_str(l->arena, w->raw), c);
    if (rc != ERR_NOT_FOUND) return rc;
    return line_fail(l,
                     "\"%.*s\" is nothing that happens; expected alert, resolve, silent, talks, channel, person, down, "
                     "restart, clock, courier, expect, scenario, publish or an act: %s",
                     (int)w->raw.n, w->raw.p, script_act_forms());
}

/* --- lines --- */

struct reading {
    struct arena *arena;
    struct script *script;
    struct error *error;
    bool started;
    int64_t away_until; /* Tocsin is down until then */
    VEC(struct script_command) commands;
};

static int read_start(struct reading *r, struct line *l)
{
    struct error why = { 0 };
    if (r->started || r->commands.n > 0) return line_fail(l, "`start` stands once, before the first command");
    const struct word *w = line_next(l);
    if (w == NULL || civil_parse_rfc3339(w->text, &r->script->start, &why) < 0 || r->script->start < 0 ||
        r->script->start > INT64_C(253402300799000))
        return line_fail(l, "expected: start 2026-01-05T03:00:00Z");
    r->started = true;
    return line_end(l, "start 2026-01-05T03:00:00Z");
}

/* While Tocsin is away monitors go on, people find nobody there, and nothing can be expected. */
static int check_present(struct reading *r, struct line *l, const struct script_command *c)
{
    static const bool needs_us[] = {
        [SCRIPT_ACT] = true,    [SCRIPT_DOWN] = true,     [SCRIPT_CLOCK] = true,   [SCRIPT_COURIER] = true,
        [SCRIPT_EXPECT] = true, [SCRIPT_SCENARIO] = true, [SCRIPT_PUBLISH] = true,
    };
    struct buf until = { 0 };
    const bool away = c->t < r->away_until && c->verb < COUNT_OF(needs_us) && needs_us[c->verb];
    if (!away) {
        if (c->verb == SCRIPT_DOWN) r->away_until = c->t + c->ms;
        return 0;
    }
    script_print_time(r->away_until, &until);
    l->at = 2;
    const int rc = line_fail(l, "Tocsin is down until %s: nobody can do or see this before", buf_str(&until));
    buf_release(&until);
    return rc;
}

static int read_command(struct reading *r, struct line *l, struct slice text)
{
    struct script_command c = { .line = l->number };
    const struct word *w = line_next(l);
    if (slice_eq(w->raw, S("start"))) return read_start(r, l);
    if (!r->started) return line_fail(l, "expected first: start 2026-01-05T03:00:00Z");
    if (!read_time(w->raw, &c.t))
        return line_fail(l, "\"%.*s\" is no time; expected T+MM:SS, T+MM:SS.mmm or T+H:MM:SS", (int)w->raw.n, w->raw.p);
    const struct script_command *last = r->commands.n > 0 ? &r->commands.v[r->commands.n - 1] : NULL;
    if (last != NULL && c.t < last->t)
        return line_fail(l, "this is earlier than line %u: lines stand in order of time", last->line);
    if (r->commands.n == SCRIPT_MAX_COMMANDS)
        return fail_at(r->error, ERR_LIMIT, l->number, 1, "more than %u commands", SCRIPT_MAX_COMMANDS);
    c.col = l->n > 1 ? l->v[1].col : l->end;
    c.text = slice_trim(slice_from(text, c.col - 1));
    int rc = read_verb(l, &c);
    if (rc == 0) rc = check_present(r, l, &c);
    if (rc < 0) return rc;
    *vec_push(&r->commands) = c;
    return 0;
}

static int read_lines(struct reading *r)
{
    struct slice rest = r->script->text;
    for (unsigned number = 1; rest.n > 0; number++) {
        struct slice text = slice_cut(&rest, '\n');
        struct line l = { .arena = r->arena, .error = r->error, .number = number, .end = 1 };
        int rc = line_split(&l, text);
        if (rc == 0 && l.n > 0) rc = read_command(r, &l, text);
        if (rc < 0) return rc;
    }
    return r->started ? 0 : fail_at(r->error, ERR_SYNTAX, 1, 1, "expected: start 2026-01-05T03:00:00Z");
}

int script_read(struct arena *a, struct slice file, struct slice text, struct script *out, struct error *e)
{
    size_t bad;
    if (text.n > SCRIPT_MAX_BYTES) return fail(e, ERR_LIMIT, "the script is larger than %zu bytes", SCRIPT_MAX_BYTES);
    if (!slice_is_utf8(text, &bad)) return fail(e, ERR_SYNTAX, "the script is not UTF-8 (byte %zu)", bad);
    *out = (struct script){ .file = file, .text = text };
    struct reading r = { .arena = a, .script = out, .error = e };
    const int rc = read_lines(&r);
    struct script_command *v = arena_array(a, struct script_command, r.commands.n + 1);
    for (size_t i = 0; i < r.commands.n; i++) v[i] = r.commands.v[i];
    out->v = v;
    out->n = r.commands.n;
    vec_release(&r.commands);
    return rc;
}
