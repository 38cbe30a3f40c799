/* rehearse_random.c - see rehearse_random.h. The generator writes a script; the same runner plays it (rehearse.c). */
#include "engine/rehearse_random.h"

#include <inttypes.h>

#include "base/check.h"
#include "base/civil.h"

#define FIRST_NIGHT INT64_C(1767225600000) /* 2026-01-01T00:00:00Z: any year will do, the same for everybody */
#define NIGHTS_DAYS 371 /* every turn of a rotation comes up */
#define NIGHT_MS (4 * HOUR) /* long enough for the rounds after a chain's end */

struct dice {
    uint64_t state;
};

/* splitmix64 */
static uint64_t roll(struct dice *d)
{
    uint64_t z = d->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static size_t below(struct dice *d, size_t n)
{
    return n == 0 ? 0 : (size_t)(roll(d) % n);
}

static bool one_in(struct dice *d, size_t n)
{
    return below(d, n) == 0;
}

/* --- writing a night --- */

struct writing {
    const struct stage_options *o;
    struct dice dice;
    struct buf *out;
    int64_t t;
};

static void begin_line(struct writing *w)
{
    script_print_time(w->t, w->out);
    buf_add_char(w->out, ' ');
}

/* A word of a script as one: quoted, for ids and labels may hold blanks; what would end the quotes is left out. */
static void add_word(struct writing *w, struct slice s)
{
    buf_add(w->out, S(" \""));
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] != '"' && s.p[i] != '\\' && s.p[i] != '\n') buf_add_char(w->out, s.p[i]);
    buf_add_char(w->out, '"');
}

static const struct person *somebody(struct writing *w)
{
    const struct directory *d = w->o->directory;
    return &d->people[below(&w->dice, d->n_people)];
}

static struct slice some_label(struct writing *w)
{
    const size_t levels = (size_t)policy_levels(w->o->policy);
    return policy_level_label(w->o->policy, (int)below(&w->dice, levels) + 1);
}

static struct slice some_category(struct writing *w)
{
    const struct policy *p = w->o->policy;
    struct slice categories[32];
    size_t n = 0;
    for (size_t i = 0; i < p->n_rules && n < COUNT_OF(categories); i++)
        if (p->rules[i].category.n > 0) categories[n++] = p->rules[i].category;
    for (size_t r = 0; r < p->n_roles; r++)
        for (size_t i = 0; i < p->roles[r].n_selectors && n < COUNT_OF(categories); i++)
            categories[n++] = p->roles[r].selectors[i].category;
    return n == 0 ? S("") : categories[below(&w->dice, n)];
}

static void write_trouble(struct writing *w)
{
    static const char *const moods[] = { "fails", "fails", "hangs", "busy" };
    const struct directory *d = w->o->directory;
    if (d->n_channels > 0 && one_in(&w->dice, 2)) {
        begin_line(w);
        buf_add(w->out, S("channel"));
        add_word(w, d->channels[below(&w->dice, d->n_channels)].id);
        buf_addf(w->out, " %s\n", moods[below(&w->dice, COUNT_OF(moods))]);
    }
    for (size_t n = below(&w->dice, 3); n > 0 && d->n_people > 0; n--) {
        begin_line(w);
        buf_add(w->out, S("person"));
        add_word(w, somebody(w)->id);
        buf_add(w->out, S(" unreachable\n"));
    }
}

static void write_alert(struct writing *w)
{
    static const char *const severities[] = { "critical", "warning", "info", "page" };
    const struct directory *d = w->o->directory;
    begin_line(w);
    buf_add(w->out, S("alert alertname=Rehearsed"));
    if (d->n_services > 0 && !one_in(&w->dice, 6)) {
        const struct slice id = d->services[below(&w->dice, d->n_services)].id;
        buf_addf(w->out, " service=\"%.*s\"", (int)id.n, id.p);
    }
    if (!one_in(&w->dice, 4)) buf_addf(w->out, " severity=%s", severities[below(&w->dice, COUNT_OF(severities))]);
    buf_add_char(w->out, '\n');
}

static void write_declaration(struct writing *w)
{
    const struct directory *d = w->o->directory;
    const struct slice category = some_category(w);
    begin_line(w);
    buf_add(w->out, S("declare \"a random night\""));
    if (!one_in(&w->dice, 5)) {
        buf_add(w->out, S(" as"));
        add_word(w, some_label(w));
    }
    if (d->n_services > 0 && !one_in(&w->dice, 6)) {
        buf_add(w->out, S(" service"));
        add_word(w, d->services[below(&w->dice, d->n_services)].id);
    }
    if (category.n > 0 && one_in(&w->dice, 3)) {
        buf_add(w->out, S(" category"));
        add_word(w, category);
    }
    buf_add(w->out, S(" by"));
    add_word(w, somebody(w)->id);
    buf_add_char(w->out, '\n');
}

/* What people do later on; half of all nights nobody does anything. Most is refused now and then: that is life. */
static void write_deed(struct writing *w)
{
    static const char *const deeds[] = { "ack", "ack", "ack", "mitigate", "severity", "restart" };
    const char *deed = deeds[below(&w->dice, COUNT_OF(deeds))];
    begin_line(w);
    buf_add_str(w->out, deed);
    if (slice_eq(slice_of(deed), S("severity"))) {
        add_word(w, some_label(w));
        buf_add(w->out, S(" \"by dice\""));
    }
    if (!slice_eq(slice_of(deed), S("restart"))) {
        buf_add(w->out, S(" by"));
        add_word(w, somebody(w)->id);
    }
    buf_add_char(w->out, '\n');
}

void random_night(const struct stage_options *o, uint64_t seed, struct buf *out)
{
    struct writing w = { .o = o, .dice = { seed }, .out = out };
    buf_add(out, S("start "));
    const int64_t minute = (int64_t)below(&w.dice, (size_t)NIGHTS_DAYS * 24 * 60);
    civil_format_rfc3339(out, FIRST_NIGHT + minute * MINUTE, 0, false);
    buf_add_char(out, '\n');
    write_trouble(&w);
    if (o->directory->n_people == 0 || one_in(&w.dice, 3))
        write_alert(&w);
    else
        write_declaration(&w);
    for (size_t n = one_in(&w.dice, 2) || o->directory->n_people == 0 ? 0 : 1 + below(&w.dice, 3); n > 0; n--) {
        w.t += (int64_t)below(&w.dice, (size_t)(40 * MINUTE / SECOND)) * SECOND;
        write_deed(&w);
    }
    w.t = NIGHT_MS;
    begin_line(&w);
    buf_add(out, S("expect incidents 1\n"));
}

/* --- what it shows --- */

void findings_begin(struct findings *f)
{
    *f = (struct findings){ .arena = arena_create(0) };
}

void findings_end(struct findings *f)
{
    vec_release(&f->v);
    arena_destroy(&f->arena);
}

static void add_finding(struct findings *f, uint64_t seed, const struct unreached *u)
{
    for (size_t i = 0; i < f->v.n; i++) {
        struct finding *known = &f->v.v[i];
        if (!slice_eq(known->text, u->text) || known->line != u->line) continue;
        known->nights++;
        return;
    }
    *vec_push(&f->v) = (struct finding){ arena_copy(f->arena, u->text), u->line, u->file, seed, 1 };
}

/* Was it shown earlier in the same night? Then it is counted. */
static bool is_counted(const struct rehearsal_report *r, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (slice_eq(r->unreached.v[k].text, r->unreached.v[i].text) &&
            r->unreached.v[k].line == r->unreached.v[i].line)
            return true;
    return false;
}

void random_play(const struct stage_options *o, uint64_t seed, struct findings *f, struct rehearsal_report *report)
{
    struct arena *own = report == NULL ? arena_create(0) : f->arena;
    struct rehearsal_report played;
    struct script *script = arena_new(own, struct script);
    struct buf text = { 0 };
    struct error e = { 0 };
    random_night(o, seed, &text);
    const int rc = script_read(own, S("random"), arena_copy(own, buf_slice(&text)), script, &e);
    CHECK(rc == 0); /* our own script */
    buf_release(&text);
    rehearsal_run(o, script, &played);
    f->nights++;
    f->pages += played.outcome.pages;
    for (size_t i = 0; i < played.unreached.n; i++)
        if (!is_counted(&played, i)) add_finding(f, seed, &played.unreached.v[i]);
    if (report != NULL) {
        *report = played;
        return;
    }
    rehearsal_release(&played);
    arena_destroy(&own);
}

static int by_nights(const void *a, const void *b, void *ctx)
{
    const struct finding *x = a, *y = b;
    (void)ctx;
    return x->nights < y->nights ? 1 : x->nights > y->nights ? -1 : 0;
}

void findings_print(const struct findings *f, struct buf *out)
{
    struct arena *a = arena_create(0);
    struct finding *v = arena_array(a, struct finding, f->v.n + 1);
    for (size_t i = 0; i < f->v.n; i++) v[i] = f->v.v[i];
    sort_stable(v, f->v.n, sizeof v[0], by_nights, NULL);
    for (size_t i = 0; i < f->v.n; i++) {
        buf_addf(out, "%6u  %.*s", v[i].nights, (int)v[i].text.n, v[i].text.p);
        if (v[i].line != 0 && v[i].file.n > 0)
            buf_addf(out, " (%.*s:%" PRId64 ")", (int)v[i].file.n, v[i].file.p, POLICY_LINE(v[i].line));
        else if (v[i].line != 0)
            buf_addf(out, " (line %" PRId64 ")", v[i].line);
        buf_addf(out, "; seed %" PRIu64 "\n", v[i].seed);
    }
    arena_destroy(&a);
}
