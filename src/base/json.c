/* json.c - yyjson's reader with memory that never fails softly. */
#include "base/json.h"

#include <yyjson.h>

#include "base/check.h"
#include "base/vec.h"

static void *alc_malloc(void *ctx, size_t size)
{
    (void)ctx;
    return mem_realloc(NULL, size);
}

static void *alc_realloc(void *ctx, void *p, size_t old_size, size_t size)
{
    (void)ctx, (void)old_size;
    return mem_realloc(p, size);
}

static void alc_free(void *ctx, void *p)
{
    (void)ctx;
    mem_free(p);
}

struct slice json_slice(struct yyjson_val *v)
{
    return yyjson_is_str(v) ? (struct slice){ yyjson_get_str(v), yyjson_get_len(v) } : (struct slice){ 0 };
}

struct yyjson_doc *json_read(struct slice text, unsigned flags, struct yyjson_read_err *why)
{
    static const yyjson_alc alc = { alc_malloc, alc_realloc, alc_free, NULL };
    yyjson_read_err unused;

    CHECK((flags & YYJSON_READ_INSITU) == 0);
    /* Without the in-situ flag the text is only read: the cast is yyjson's signature. */
    return yyjson_read_opts((char *)(uintptr_t)(text.p != NULL ? text.p : ""), text.n, flags, &alc,
                            why != NULL ? why : &unused);
}
