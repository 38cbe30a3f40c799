/* vec.h - growing arrays of any struct, as a typed struct declared in place.
 *
 *   struct events { struct event *v; size_t n, cap; };
 *   *vec_push(&events) = ev;          (grows; aborts when memory ends)
 *
 * Any struct with members `v`, `n`, `cap` works. Pointers into v die at the next push. */
#ifndef BASE_VEC_H
#define BASE_VEC_H

#include <stddef.h>
#include <string.h>

#define VEC(type)      \
    struct {           \
        type *v;       \
        size_t n, cap; \
    }

/* Room for one more: returns its address, zeroed. */
#define vec_push(x) ((x)->v = vec_room((x)->v, (x)->n, &(x)->cap, sizeof *(x)->v), (x)->n++, (x)->v + (x)->n - 1)
#define vec_release(x) (mem_free((x)->v), (x)->v = NULL, (x)->n = 0, (x)->cap = 0)
#define vec_clear(x) ((x)->n = 0)
/* Removes element i, keeps the order. */
#define vec_remove(x, i) ((x)->n = vec_close_gap((x)->v, (x)->n, (i), sizeof *(x)->v))

void *vec_grow(void *v, size_t n, size_t *cap, size_t size); /* twice as much room, or the first */
size_t vec_close_gap(void *v, size_t n, size_t i, size_t size); /* the new n */

/* Zeroed memory that is never NULL: out of memory aborts, with a line on standard error. */
void *mem_alloc(size_t size);
void *mem_realloc(void *p, size_t size);
void mem_free(void *p); /* NULL is fine */
/* What these do when memory ends: also for libraries that tell us only afterwards that theirs did. size 0: not known. */
_Noreturn void mem_none_left(size_t size);

/* Stable merge sort of n elements; cmp gets `ctx`. Pure, allocates n elements of scratch. */
void sort_stable(void *v, size_t n, size_t size, int (*cmp)(const void *a, const void *b, void *ctx), void *ctx);

/* Room for n+1, and element n zeroed: in place, the size is a constant where it is called. */
static inline void *vec_room(void *v, size_t n, size_t *cap, size_t size)
{
    if (n == *cap) v = vec_grow(v, n, cap, size);
    memset((char *)v + n * size, 0, size);
    return v;
}

#endif
