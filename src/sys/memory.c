/* memory.c - glibc's knobs, and the pages of programs and libraries.
 * Always: only pages that were never written are dropped; they come back from the file when they are touched.
 */
#include "sys/memory.h"

#include <link.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

enum { ARENAS = 2, LARGE = 128 << 10, SEGMENTS = 8 };

void memory_begin(void)
{
    mallopt(M_ARENA_MAX, ARENAS);
    mallopt(M_MMAP_THRESHOLD, LARGE); /* fixed: glibc's own grows with the largest block ever freed */
    mallopt(M_TRIM_THRESHOLD, LARGE);
}

struct span {
    uintptr_t from, to; /* of whole pages */
};

static struct span span_of(const struct dl_phdr_info *o, const ElfW(Phdr) *p)
{
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), at = o->dlpi_addr + p->p_vaddr;
    return (struct span){ at & ~(page - 1), (at + p->p_memsz + page - 1) & ~(page - 1) };
}

/* A library that was linked by writing into its code keeps it. */
static bool is_written(const struct dl_phdr_info *o, const ElfW(Phdr) *p)
{
    if (p->p_type != PT_DYNAMIC) return false;
    for (const ElfW(Dyn) *d = (const ElfW(Dyn) *)(o->dlpi_addr + p->p_vaddr); d->d_tag != DT_NULL; d++)
        if (d->d_tag == DT_TEXTREL || (d->d_tag == DT_FLAGS && (d->d_un.d_val & DF_TEXTREL) != 0)) return true;
    return false;
}

static bool is_read_only(const struct dl_phdr_info *o, struct span s)
{
    for (size_t i = 0; i < o->dlpi_phnum; i++) {
        const ElfW(Phdr) *p = &o->dlpi_phdr[i];
        const struct span other = span_of(o, p);
        if (is_written(o, p)) return false;
        if (p->p_type == PT_LOAD && (p->p_flags & PF_W) != 0 && other.from < s.to && s.from < other.to) return false;
    }
    return true;
}

/* The headers lie in what is dropped: they are read to the end first, or the first pages would come back at once. */
static int drop_object(struct dl_phdr_info *o, size_t size, void *ctx)
{
    struct span spans[SEGMENTS];
    size_t n = 0;
    (void)size, (void)ctx;
    for (size_t i = 0; i < o->dlpi_phnum && n < SEGMENTS; i++) {
        const ElfW(Phdr) *p = &o->dlpi_phdr[i];
        const struct span s = span_of(o, p);
        if (p->p_type == PT_LOAD && (p->p_flags & PF_W) == 0 && is_read_only(o, s)) spans[n++] = s;
    }
    for (size_t i = 0; i < n; i++)
        madvise((void *)spans[i].from, spans[i].to - spans[i].from, MADV_DONTNEED); /* refused: it stays */
    return 0;
}

void memory_give_back(void)
{
    malloc_trim(0);
    dl_iterate_phdr(drop_object, NULL);
}
