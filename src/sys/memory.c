/* memory.c - glibc's knobs. */
#include "sys/memory.h"

#include <malloc.h>

enum { ARENAS = 2, LARGE = 128 << 10 };

void memory_begin(void)
{
    mallopt(M_ARENA_MAX, ARENAS);
    mallopt(M_MMAP_THRESHOLD, LARGE); /* fixed: glibc's own grows with the largest block ever freed */
    mallopt(M_TRIM_THRESHOLD, LARGE);
}

void memory_give_back(void)
{
    malloc_trim(0);
}
