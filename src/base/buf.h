/* buf.h - a growing byte builder with a cap; the error sticks.
 *
 * Set .max before the first add (0 means BUF_DEFAULT_MAX). Adding past the cap sets `overflow` and adds nothing from
 * then on: check it once, at the end. The bytes are NUL-terminated whenever p is not NULL (the NUL is not counted). */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>

#include "base/slice.h"

#define BUF_DEFAULT_MAX ((size_t)1 << 20)

struct buf {
    char *p; /* owned; NULL while nothing was added */
    size_t len;
    size_t cap;
    size_t max; /* bytes; 0 = BUF_DEFAULT_MAX */
    bool overflow;
};

void buf_release(struct buf *b); /* frees; NULL and zeroed are fine; leaves it zeroed */
void buf_reset(struct buf *b); /* len 0, keeps the memory, clears overflow */
struct slice buf_slice(const struct buf *b); /* borrowed until the next add */
const char *buf_str(const struct buf *b); /* NUL-terminated, never NULL */

void buf_add(struct buf *b, struct slice s);
char *buf_room(struct buf *b, size_t n); /* adds n bytes for the caller to write at once; NULL: overflow */
void buf_add_str(struct buf *b, const char *s);
void buf_add_char(struct buf *b, char c);
void buf_add_int(struct buf *b, int64_t v);
void buf_add_uint_pad(struct buf *b, uint64_t v, int width); /* zero-padded decimal */
void buf_add_hex(struct buf *b, struct slice bytes); /* lower case */
void buf_add_hex64(struct buf *b, uint64_t v); /* %016x */
void buf_add_json(struct buf *b, struct slice s); /* with quotes; control bytes escaped; the input is UTF-8 */

/* printf-like, for the shell and for messages; core/ uses the adders above. */
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_vaddf(struct buf *b, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));

#endif
