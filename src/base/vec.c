/* vec.c - growing arrays, memory that never fails softly, and a stable sort. */
#include "base/vec.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Out of memory ends the process: systemd restarts it and the committed rows are whole (design: settled). */
void mem_none_left(size_t size)
{
    char wanted[32] = "";
    if (size > 0) snprintf(wanted, sizeof wanted, " (%zu bytes)", size);
    fprintf(stderr, "tocsin: out of memory%s; stopping so that a restart recovers the committed state\n", wanted);
    abort();
}

void *mem_alloc(size_t size)
{
    void *p = calloc(1, size == 0 ? 1 : size);
    if (p == NULL) mem_none_left(size);
    return p;
}

void *mem_realloc(void *p, size_t size)
{
    void *q = realloc(p, size == 0 ? 1 : size);
    if (q == NULL) mem_none_left(size);
    return q;
}

void mem_free(void *p)
{
    free(p);
}

void *vec_grow(void *v, size_t n, size_t *cap, size_t size)
{
    if (n > SIZE_MAX / 2 / size) mem_none_left(SIZE_MAX);
    *cap = n == 0 ? 8 : n * 2;
    return mem_realloc(v, *cap * size);
}

size_t vec_close_gap(void *v, size_t n, size_t i, size_t size)
{
    char *at = (char *)v + i * size;
    memmove(at, at + size, (n - i - 1) * size);
    return n - 1;
}

struct sorter {
    size_t size;
    int (*cmp)(const void *a, const void *b, void *ctx);
    void *ctx;
};

static void merge_sort(const struct sorter *s, char *v, char *scratch, size_t n)
{
    if (n < 2) return;
    size_t half = n / 2, i = 0, j = half, k = 0;
    merge_sort(s, v, scratch, half);
    merge_sort(s, v + half * s->size, scratch, n - half);
    while (i < half || j < n) {
        bool left = j == n || (i < half && s->cmp(v + i * s->size, v + j * s->size, s->ctx) <= 0);
        memcpy(scratch + k++ * s->size, v + (left ? i++ : j++) * s->size, s->size);
    }
    memcpy(v, scratch, n * s->size);
}

void sort_stable(void *v, size_t n, size_t size, int (*cmp)(const void *a, const void *b, void *ctx), void *ctx)
{
    size_t sorted = 1; /* most of what is sorted is already */
    while (sorted < n && cmp((char *)v + (sorted - 1) * size, (char *)v + sorted * size, ctx) <= 0) sorted++;
    if (sorted >= n) return;
    char *scratch = mem_alloc(n * size);
    merge_sort(&(struct sorter){ size, cmp, ctx }, v, scratch, n);
    mem_free(scratch);
}
