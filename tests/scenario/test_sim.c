/* test_sim.c - years of random life on the real engine, every guarantee checked after every step.
 *
 *   test-sim                     what `make check` runs: a hundred years of 1,000 incidents, on every core
 *   test-sim soak SECONDS YEARS  goes on with fresh seeds until either is reached (0: no bound); prints the seeds
 *   test-sim seed N [DAYS]       one life, told; when it breaks, shortened, with what is left as a plan and a script
 *   test-sim tell N [DAYS]       one life, told from its beginning
 *   test-sim defect N            the first life in which defect N breaks a guarantee, shortened: how a failure looks
 *   test-sim plan FILE           plays a plan that a shortened life left
 *   test-sim traces N            seed and trace of N short lives, for comparing compilers (I30) */
#include "harness.h"

#include <fcntl.h>
#include <inttypes.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "engine/rehearse.h"
#include "ground.h"
#include "sim.h"
#include "sys/entropy.h"
#include "sys/log.h"

enum { YEARS = SANITIZED ? 1 : 100, INCIDENTS = 1000, TRACE_DAYS = 20, MOST_LEFT = 96, YEARS_OF_ALL = 40, MOST_WORKERS = 64 };

static struct ground ground;
static struct sim_ground places;

static int setup(void **state)
{
    (void)state;
    ground_load(&ground);
    places = (struct sim_ground){ { &ground.reference->policy, &ground.example->policy },
                                  { &ground.routing, &ground.other_routing },
                                  { &ground.site->dir, &ground.smaller->dir, &ground.turns->dir,
                                    &ground.other_turns->dir } };
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    ground_release(&ground);
    return 0;
}

static void draw(uint64_t seed, int64_t days, struct plan *p)
{
    plan_draw(seed, days * DAY, INCIDENTS * days / 365 + 1, p);
}

/* The engine complains of a store that fails, some thousand times a year. */
static int hush(void)
{
    const int kept = dup(STDERR_FILENO), nothing = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nothing >= 0) dup2(nothing, STDERR_FILENO);
    if (nothing >= 0) close(nothing);
    return kept;
}

static void speak(int kept)
{
    dup2(kept, STDERR_FILENO);
    close(kept);
}

static const struct defect_row {
    const char *what, *breaks;
    enum sim_world world;
} defects[] = {
#define X(sym, what, breaks, world) [DEFECT_##sym] = { what, breaks, WORLD_##world },
    SIM_DEFECTS(X)
#undef X
};

static enum sim_world world_of(const struct plan *p, enum sim_defect defect)
{
    return defect == DEFECT_NONE ? sim_world_of(p->seed) : defects[defect].world;
}

static void live(const struct plan *p, uint64_t hash_key, bool told, enum sim_defect defect, struct sim_result *r)
{
    const struct sim_options o = {
        .ground = &places, .plan = p, .hash_key = hash_key, .told = told, .defect = defect, .world = world_of(p, defect)
    };
    const int kept = hush();
    sim_live(&o, r);
    speak(kept);
}

/* --- one life, told --- */

static void print_tail(const struct buf *b, size_t lines)
{
    size_t at = b->len;
    while (at > 0 && lines > 0)
        if (b->p[--at] == '\n') lines--;
    fwrite(b->p + at, 1, b->len - at, stdout);
}

static int live_told(const struct plan *p, size_t lines)
{
    struct sim_result r;
    live(p, 1, true, DEFECT_NONE, &r);
    print_tail(&r.story, lines);
    printf("%sseed %" PRIu64 ": %" PRId64 " incidents, %" PRId64 " events, trace %016" PRIx64 "\n", buf_str(&r.broken),
           p->seed, r.incidents, r.events, r.trace);
    const bool bad = r.broken.len > 0;
    sim_result_release(&r);
    return bad;
}

static int tell_seed(uint64_t seed, int64_t days)
{
    struct plan p;
    draw(seed, days, &p);
    const int rc = live_told(&p, SIZE_MAX);
    plan_release(&p);
    return rc;
}

/* --- a shortened life --- */

static size_t shorten(const struct plan *p, enum sim_defect defect, struct plan *out)
{
    const struct sim_options o = {
        .ground = &places, .plan = p, .hash_key = 1, .defect = defect, .world = world_of(p, defect)
    };
    const int kept = hush();
    sim_shrink(&o, out);
    speak(kept);
    return out->v.n;
}

/* Does the script alone show it? Then the fault lies in the rules, and the script is a scenario to keep. */
static void rehearse(uint64_t seed, struct slice text)
{
    const struct stage_options o = { .policy = &ground.reference->policy,
                                     .routing = &ground.routing,
                                     .directory = &ground.site->dir,
                                     .bytes = S("a bundle"),
                                     .hash_key = seed };
    struct arena *a = arena_create(0);
    struct script script;
    struct rehearsal_report report;
    struct error e = { 0 };
    if (script_read(a, S("script"), text, &script, &e) < 0) {
        printf("# it cannot be rehearsed: %u:%u: %s\n", e.line, e.col, e.detail);
    } else {
        rehearsal_run(&o, &script, &report);
        printf("# rehearsed: %u guarantees broken, %u lines that could not be played\n", report.outcome.broken,
               report.outcome.stumbles);
        rehearsal_release(&report);
    }
    arena_destroy(&a);
}

static void print_short(const struct plan *p, enum sim_defect defect)
{
    struct plan shorter;
    struct buf text = { 0 };
    struct sim_result r;
    shorten(p, defect, &shorter);
    plan_print(&shorter, &text);
    live(&shorter, 1, true, defect, &r);
    printf("# %zu of %zu happenings are left; put them into a file: test-sim plan FILE\n%s", shorter.v.n, p->v.n,
           buf_str(&text));
    print_tail(&r.story, 60);
    printf("%s# the same as a script for tocsin rehearse, as far as its words go\n%s", buf_str(&r.broken),
           buf_str(&r.script));
    rehearse(p->seed, buf_slice(&r.script));
    sim_result_release(&r);
    buf_release(&text);
    plan_release(&shorter);
}

static int live_seed(uint64_t seed, int64_t days)
{
    struct plan p;
    struct sim_result r;
    draw(seed, days, &p);
    live(&p, 1, false, DEFECT_NONE, &r);
    printf("seed %" PRIu64 ": %" PRId64 " incidents, %" PRId64 " pages, %" PRId64 " events, %" PRId64
           " restarts, trace %016" PRIx64 "\n%s",
           seed, r.incidents, r.pages, r.events, r.restarts, r.trace, buf_str(&r.broken));
    const bool bad = r.broken.len > 0;
    fflush(stdout);
    if (bad) print_short(&p, DEFECT_NONE);
    for (int f = 0; f < SIM_FAULT_MAX; f++)
        printf("%8" PRId64 "  %s\n", r.faults[f], sim_fault_name((enum sim_fault)f));
    sim_result_release(&r);
    plan_release(&p);
    return bad;
}

/* The first life in which the defect breaks a guarantee; returns its seed, 0: none did. */
static uint64_t hunt(enum sim_defect defect, struct plan *p, struct sim_result *r)
{
    *p = (struct plan){ 0 };
    *r = (struct sim_result){ 0 };
    for (uint64_t seed = 1; seed <= 100; seed++) { /* the rarest show in one life of ten */
        plan_release(p);
        sim_result_release(r);
        draw(seed, 60, p);
        live(p, 1, false, defect, r);
        if (r->broken.len > 0) return seed;
    }
    return 0;
}

static int show_defect(enum sim_defect defect)
{
    struct plan p;
    struct sim_result r;
    if (hunt(defect, &p, &r) != 0) print_short(&p, defect);
    plan_release(&p);
    sim_result_release(&r);
    return 0;
}

static int hunt_only(enum sim_defect defect)
{
    struct plan p;
    struct sim_result r;
    const uint64_t seed = hunt(defect, &p, &r);
    printf("defect %d: seed %" PRIu64 ": %.*s\n", (int)defect, seed, (int)(r.broken.len < 160 ? r.broken.len : 160),
           buf_str(&r.broken));
    plan_release(&p);
    sim_result_release(&r);
    return 0;
}

/* --- many years, on every core --- */

struct sums {
    int64_t years, events, incidents, pages, restarts, ms, cpu_us;
    int64_t faults[SIM_FAULT_MAX];
    uint64_t broken_seed; /* 0: none */
};

static int64_t cpu_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static bool write_all(int fd, const void *p, size_t n)
{
    const char *at = p;
    while (n > 0) {
        const ssize_t k = write(fd, at, n);
        if (k <= 0) return false;
        at += k;
        n -= (size_t)k;
    }
    return true;
}

/* Up to seed `last`, 0: no bound. Which lives are lived must not depend on which worker is the faster. */
static void work(int fd, uint64_t first, uint64_t step, uint64_t last, uint64_t *living)
{
    signal(SIGPIPE, SIG_IGN);
    for (uint64_t seed = first; last == 0 || seed <= last; seed += step) {
        *living = seed;
        struct plan p;
        struct sim_result r;
        const int64_t begun = cpu_us();
        draw(seed, 365, &p);
        live(&p, 1, false, DEFECT_NONE, &r);
        struct sums one = { .years = 1,
                            .events = r.events,
                            .incidents = r.incidents,
                            .pages = r.pages,
                            .restarts = r.restarts,
                            .ms = r.ms,
                            .broken_seed = r.broken.len > 0 ? seed : 0 };
        memcpy(one.faults, r.faults, sizeof one.faults);
        one.cpu_us = cpu_us() - begun;
        sim_result_release(&r);
        plan_release(&p);
        if (!write_all(fd, &one, sizeof one)) _exit(0);
    }
    _exit(0);
}

static void add_sums(struct sums *all, const struct sums *one)
{
    all->years += one->years;
    all->events += one->events;
    all->incidents += one->incidents;
    all->pages += one->pages;
    all->restarts += one->restarts;
    all->ms += one->ms;
    all->cpu_us += one->cpu_us;
    for (int f = 0; f < SIM_FAULT_MAX; f++) all->faults[f] += one->faults[f];
    if (one->broken_seed != 0) all->broken_seed = one->broken_seed;
}

static void print_progress(const struct sums *all, time_t begun)
{
    const double cpu = (double)all->cpu_us / 1e6;
    printf("# %" PRId64 " years, %" PRId64 " incidents, %" PRId64 " events, %.0f events/s of one core, %lld s\n",
           all->years, all->incidents, all->events, (double)all->events / (cpu > 0 ? cpu : 1),
           (long long)(time(NULL) - begun));
    fflush(stdout);
}

static void print_faults(const struct sums *all)
{
    for (int f = 0; f < SIM_FAULT_MAX; f++)
        printf("# %10" PRId64 "  %s\n", all->faults[f], sim_fault_name((enum sim_fault)f));
}

struct workers {
    uint64_t n;
    pid_t children[MOST_WORKERS];
    uint64_t *living; /* the seed of each; they write it, shared */
};

/* A worker ends by itself when its years are lived or nobody reads any more: whatever else ends it is a life that broke
 * the process. */
static void worker_ended(struct workers *w, uint64_t k, int how, struct sums *all)
{
    int status = 0;
    if (w->children[k] == 0 || waitpid(w->children[k], &status, how) != w->children[k]) return;
    w->children[k] = 0;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
    printf("seed %" PRIu64 ": its process ended with %s %d\n", w->living[k], WIFSIGNALED(status) ? "signal" : "exit code",
           WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    fflush(stdout);
    all->broken_seed = w->living[k];
}

/* Years from `first` on until there are so many, or so many seconds have passed; 0: no bound. Children write what each
 * year added up to. */
static void live_many(uint64_t first, int64_t years, int64_t seconds, struct sums *all)
{
    int ends[2];
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    struct workers w = { .n = cores < 1 ? 1 : cores > MOST_WORKERS ? MOST_WORKERS : (uint64_t)cores };
    struct sums one;
    const time_t begun = time(NULL);
    w.living = mmap(NULL, sizeof(uint64_t[MOST_WORKERS]), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (w.living == MAP_FAILED || pipe(ends) < 0) abort();
    fflush(stdout);
    for (uint64_t k = 0; k < w.n; k++) {
        w.children[k] = fork();
        if (w.children[k] != 0) continue;
        close(ends[0]);
        work(ends[1], first + k, w.n, years == 0 ? 0 : first + (uint64_t)years - 1, &w.living[k]);
    }
    close(ends[1]);
    while ((years == 0 || all->years < years) && (seconds == 0 || time(NULL) - begun < seconds) &&
           all->broken_seed == 0 && read(ends[0], &one, sizeof one) == sizeof one) {
        add_sums(all, &one);
        for (uint64_t k = 0; k < w.n; k++) worker_ended(&w, k, WNOHANG, all);
        if (all->years % 10 == 0) print_progress(all, begun);
    }
    close(ends[0]);
    for (uint64_t k = 0; k < w.n; k++) worker_ended(&w, k, 0, all); /* each ends with its year, and cleans up */
    munmap(w.living, sizeof(uint64_t[MOST_WORKERS]));
}

static int soak(int64_t seconds, int64_t years)
{
    struct sums all = { 0 };
    const uint64_t first = (uint64_t)time(NULL) * 1000;
    printf("seeds from %" PRIu64 "\n", first);
    live_many(first, years, seconds, &all);
    print_progress(&all, time(NULL));
    print_faults(&all);
    if (all.broken_seed != 0) {
        live_seed(all.broken_seed, 365);
        return 1;
    }
    printf("%" PRId64 " years, no guarantee was broken\n", all.years);
    return 0;
}

/* --- tests --- */

static void test_years(void **state) /* I1-I5, I7-I14, I19-I21, I23-I26, I28-I30 */
{
    struct sums all = { 0 };
    (void)state;
    const char *asked = getenv("SIM_YEARS"); /* a developer's short look; `make check` asks for none */
    const int64_t years = asked != NULL ? strtoll(asked, NULL, 10) : YEARS;
    live_many(1, years, 0, &all);
    print_progress(&all, time(NULL));
    print_faults(&all);
    if (all.broken_seed != 0) {
        live_seed(all.broken_seed, 365);
        fail_msg("seed %" PRIu64 " breaks a guarantee: see above", all.broken_seed);
    }
    assert_true(all.years >= years);
    if (years >= YEARS_OF_ALL) assert_true(all.incidents >= all.years * INCIDENTS); /* a calm year has fewer */
    for (int f = 0; f < SIM_FAULT_MAX && years >= YEARS_OF_ALL; f++) /* some come only in one world of twenty */
        if (all.faults[f] == 0) fail_msg("never happened: %s", sim_fault_name((enum sim_fault)f));
}

/* A guarantee that cannot break proves nothing: each defect is found, and shortened to a few happenings. */
static void test_defects(void **state)
{
    (void)state;
    for (size_t i = 1; i < sizeof defects / sizeof defects[0]; i++) {
        struct plan p, shorter = { 0 };
        struct sim_result r;
        if (i == DEFECT_UNSEEDED) continue; /* test_same_trace */
        const uint64_t seed = hunt((enum sim_defect)i, &p, &r);
        if (!slice_eq(sim_broken_name(&r), slice_of(defects[i].breaks)))
            fail_msg("%s: %s", defects[i].what, r.broken.len > 0 ? buf_str(&r.broken) : "nothing was found");
        const size_t left = SANITIZED ? 1 : shorten(&p, (enum sim_defect)i, &shorter); /* hundreds of lives */
        printf("# %s: %s, seed %" PRIu64 "; %zu happenings of %zu are left\n", defects[i].what, defects[i].breaks, seed,
               left, p.v.n);
        assert_true(left > 0 && left <= MOST_LEFT);
        plan_release(&shorter);
        plan_release(&p);
        sim_result_release(&r);
    }
}

static bool same_trace(uint64_t seed, enum sim_defect defect)
{
    struct plan p;
    struct sim_result one, other;
    draw(seed, TRACE_DAYS, &p);
    live(&p, 1, false, defect, &one);
    live(&p, UINT64_C(0xdeadbeefcafe), true, defect, &other);
    const bool same = one.trace == other.trace;
    assert_true(one.events > 100);
    sim_result_release(&one);
    sim_result_release(&other);
    plan_release(&p);
    return same;
}

static void test_same_trace(void **state) /* I30 */
{
    (void)state;
    for (uint64_t seed = 500; seed < 504; seed++) assert_true(same_trace(seed, DEFECT_NONE));
    assert_false(same_trace(500, DEFECT_UNSEEDED));
}

static int print_traces(int n)
{
    int bad = 0;
    for (uint64_t seed = 1; seed <= (uint64_t)n; seed++) {
        struct plan p;
        struct sim_result r;
        draw(seed, TRACE_DAYS, &p);
        live(&p, seed, false, DEFECT_NONE, &r);
        printf("%" PRIu64 " %016" PRIx64 "\n", seed, r.trace);
        bad += r.broken.len > 0;
        sim_result_release(&r);
        plan_release(&p);
    }
    return bad != 0;
}

static int play_plan(const char *path)
{
    struct plan p;
    struct error e = { 0 };
    if (plan_read(ground_text(&ground, path), &p, &e) < 0) {
        fprintf(stderr, "%s: %s\n", path, e.detail);
        return 2;
    }
    const int rc = live_told(&p, SIZE_MAX);
    plan_release(&p);
    return rc;
}

static int command(int argc, char **argv)
{
    const char *word = argv[1];
    const int64_t a = argc > 2 ? strtoll(argv[2], NULL, 10) : 0, b = argc > 3 ? strtoll(argv[3], NULL, 10) : 0;
    int rc = 2;
    setup(NULL);
    if (strcmp(word, "soak") == 0) rc = soak(a, b);
    if (strcmp(word, "seed") == 0) rc = live_seed((uint64_t)a, b > 0 ? b : 365);
    if (strcmp(word, "hunt") == 0) rc = hunt_only((enum sim_defect)a);
    if (strcmp(word, "defect") == 0) rc = show_defect((enum sim_defect)a);
    if (strcmp(word, "tell") == 0) rc = tell_seed((uint64_t)a, b > 0 ? b : 365);
    if (strcmp(word, "plan") == 0 && argc > 2) rc = play_plan(argv[2]);
    if (strcmp(word, "traces") == 0) rc = print_traces((int)a);
    teardown(NULL);
    return rc;
}

int main(int argc, char **argv)
{
    log_start(LOG_LEVEL_ERROR);
    entropy_start(); /* libsodium takes what this processor has for hashing: the seals of a life are a third of it */
    mallopt(M_MMAP_THRESHOLD, 1 << 20); /* each start makes a queue: zeros from the system are not written once more */
    if (argc > 1) return command(argc, argv);
    setvbuf(stdout, NULL, _IOLBF, 0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_trace),
        cmocka_unit_test(test_defects),
        cmocka_unit_test(test_years),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
