/* rehearse_random.c - tocsin rehearse --random: many nights by dice, the findings, and on a terminal how far it is. */
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/client.h"
#include "cli/rehearse.h"
#include "engine/rehearse_random.h"
#include "sys/clock.h"

#define NIGHTS_MAX 100000
#define PROGRESS_AFTER SECOND
#define PROGRESS_EVERY (SECOND / 4)

struct progress {
    struct clock *clock;
    bool on, shown;
    int64_t next; /* steady ms */
};

static struct progress progress_begin(void)
{
    struct progress p = { .clock = clock_create(), .on = isatty(STDERR_FILENO) == 1 };
    p.next = clock_read(p.clock).steady_ms + PROGRESS_AFTER;
    return p;
}

static void progress_show(struct progress *p, int64_t done, int64_t all)
{
    if (!p->on || clock_read(p->clock).steady_ms < p->next) return;
    p->next += PROGRESS_EVERY;
    p->shown = true;
    fprintf(stderr, "\r%" PRId64 " of %" PRId64 " nights", done, all);
}

static void progress_end(struct progress *p)
{
    if (p->shown) fputs("\r\033[K", stderr);
    clock_destroy(&p->clock);
}

static int64_t number(const struct rehearsing *r, const char *name, int64_t otherwise)
{
    const char *given = given_value(r->in, name);
    int64_t n = otherwise;
    return given != NULL && slice_to_int(slice_of(given), &n) ? n : otherwise;
}

static void print_findings(struct rehearsing *r, const struct findings *f, int64_t seed)
{
    struct buf text = { .max = (size_t)16 << 20 };
    buf_addf(&r->screen.out, "%u nights from seed %" PRId64 ": %u pages\n", f->nights, seed, f->pages);
    findings_print(f, &text);
    screen_text(&r->screen, buf_slice(&text));
    buf_reset(&text);
    if (f->v.n > 0)
        buf_addf(&text, "%zu ways to reach nobody", f->v.n);
    else
        buf_add(&text, S("every page reaches somebody"));
    screen_coloured(&r->screen, f->v.n > 0 ? COLOUR_RED : COLOUR_GREEN, buf_slice(&text));
    buf_add(&r->screen.out, f->v.n > 0 ? S("; --seed N --random 1 --timeline tells a night\n") : S("\n"));
    if (f->v.n > 0) r->status = EXIT_REFUSED;
    buf_release(&text);
}

static void play_night(struct rehearsing *r, const struct stage_options *o, uint64_t seed, struct findings *f)
{
    struct rehearsal_report report;
    struct buf story = { .max = (size_t)64 << 20 };
    if (!given_switch(r->in, "timeline")) {
        random_play(o, seed, f, NULL);
        return;
    }
    random_play(o, seed, f, &report);
    buf_add(&story, S("# the night as a script\n"));
    buf_add(&story, report.script->text);
    buf_add_char(&story, '\n');
    rehearsal_print_story(&report, &story);
    screen_text(&r->screen, buf_slice(&story));
    buf_add_char(&r->screen.out, '\n');
    rehearsal_release(&report);
    buf_release(&story);
}

void rehearse_random(struct rehearsing *r)
{
    const int64_t nights = number(r, "random", 0), seed = number(r, "seed", 1);
    const struct stage_options o = rehearse_ground(r);
    struct findings f;
    if (nights < 1 || nights > NIGHTS_MAX || seed < 0 || seed > INT64_MAX - NIGHTS_MAX) {
        r->status =
            command_fail(r->in, EXIT_USAGE, "--random takes 1 to %d nights, --seed a number from 0 on", NIGHTS_MAX);
        return;
    }
    struct progress p = progress_begin();
    findings_begin(&f);
    for (int64_t n = 0; n < nights; n++) {
        play_night(r, &o, (uint64_t)(seed + n), &f);
        progress_show(&p, n + 1, nights);
    }
    progress_end(&p);
    print_findings(r, &f, seed);
    findings_end(&f);
}
