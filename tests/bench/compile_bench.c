/* compile_bench.c - how long a document takes to compile: the reference, and shapes that are made to be slow.
 *
 * usage: bench-compile [FILE…]     (default: the reference document)
 * A file is compiled 101 times, a hostile shape of up to a megabyte three times; the median is printed. What the
 * compiler promises: the reference in 5 ms, any megabyte in 2 s, 256 MB of memory for whatever it is given. Exit 1 when a
 * promise is broken. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "hostile.h"
#include "sys/files.h"

enum { RUNS_MAX = 101, REFERENCE_US = 5000, HOSTILE_US = 2000000, MEMORY_KB = 256 << 10 };

static int64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int by_time(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static int64_t median_us(struct slice text, size_t runs, char *what, size_t n_what)
{
    int64_t times[RUNS_MAX];
    for (size_t i = 0; i < runs; i++) {
        struct error e = { 0 };
        int64_t start = now_us();
        struct compiled *c = procedures_compile(text, S("bench.md"), NULL, &e);
        times[i] = now_us() - start;
        if (c != NULL)
            snprintf(what, n_what, "%u errors, %u warnings", c->errors, c->warnings);
        else
            snprintf(what, n_what, "refused: %.120s", e.detail);
        compiled_destroy(&c);
    }
    qsort(times, runs, sizeof *times, by_time);
    return times[runs / 2];
}

/* True when it was in time. */
static bool measure(const char *name, struct slice text, size_t runs, int64_t limit_us)
{
    char what[200];
    int64_t us = median_us(text, runs, what, sizeof what);
    printf("%-44s %8zu bytes %9.3f ms  %s%s\n", name, text.n, (double)us / 1000, what,
           us > limit_us ? "  TOO SLOW" : "");
    return us <= limit_us;
}

int main(int argc, char **argv)
{
    static const char *const reference[] = { TOCSIN_TESTS "/data/reference.md" };
    const char *const *files = argc > 1 ? (const char *const *)argv + 1 : reference;
    size_t n_files = argc > 1 ? (size_t)argc - 1 : 1;
    struct buf text = { .max = 4u << 20 };
    struct error e = { 0 };
    bool in_time = true;
    for (size_t i = 0; i < n_files; i++) {
        buf_reset(&text);
        if (file_read(files[i], 2u << 20, &text, &e) < 0) {
            fprintf(stderr, "bench-compile: %s\n", e.detail);
            return 2;
        }
        in_time &= measure(files[i], buf_slice(&text), RUNS_MAX, argc > 1 ? HOSTILE_US : REFERENCE_US);
    }
    for (size_t i = 0; i < COUNT_OF(hostile_shapes); i++) {
        hostile_make(&hostile_shapes[i], &text);
        in_time &= measure(hostile_shapes[i].name, buf_slice(&text), 3, HOSTILE_US);
        fflush(stdout);
    }
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    printf("%-44s %14ld MB\n", "most memory at once", used.ru_maxrss >> 10);
    if (used.ru_maxrss > MEMORY_KB) in_time = false;
    buf_release(&text);
    return in_time ? 0 : 1;
}
