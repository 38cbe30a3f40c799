/* buf.c - the capped builder. Numbers are written by hand so that core/ stays free of printf. */
#include "base/buf.h"

#include <stdio.h>
#include <string.h>

#include "base/vec.h"

void buf_release(struct buf *b)
{
    mem_free(b->p);
    *b = (struct buf){ 0 };
}

void buf_reset(struct buf *b)
{
    b->len = 0;
    b->overflow = false;
    if (b->p != NULL) b->p[0] = '\0';
}

struct slice buf_slice(const struct buf *b)
{
    return (struct slice){ b->p, b->len };
}

const char *buf_str(const struct buf *b)
{
    return b->p == NULL ? "" : b->p;
}

static bool reserve(struct buf *b, size_t more)
{
    size_t max = b->max == 0 ? BUF_DEFAULT_MAX : b->max;
    if (b->overflow || more > max - b->len) {
        b->overflow = true;
        return false;
    }
    size_t need = b->len + more + 1;
    if (need <= b->cap) return true;
    size_t cap = b->cap == 0 ? 64 : b->cap;
    while (cap < need) cap *= 2;
    b->p = mem_realloc(b->p, cap);
    b->cap = cap;
    return true;
}

void buf_add(struct buf *b, struct slice s)
{
    if (!reserve(b, s.n)) return;
    if (s.n > 0) memcpy(b->p + b->len, s.p, s.n);
    b->len += s.n;
    b->p[b->len] = '\0';
}

char *buf_room(struct buf *b, size_t n)
{
    if (!reserve(b, n)) return NULL;
    b->len += n;
    b->p[b->len] = '\0';
    return b->p + b->len - n;
}

void buf_add_str(struct buf *b, const char *s)
{
    buf_add(b, slice_of(s));
}

void buf_add_char(struct buf *b, char c)
{
    buf_add(b, (struct slice){ &c, 1 });
}

void buf_add_uint_pad(struct buf *b, uint64_t v, int width)
{
    char digits[24];
    int at = (int)sizeof digits;
    do {
        digits[--at] = (char)('0' + v % 10);
        v /= 10;
    } while (v != 0);
    while ((int)sizeof digits - at < width && at > 0) digits[--at] = '0';
    buf_add(b, (struct slice){ digits + at, sizeof digits - (size_t)at });
}

void buf_add_int(struct buf *b, int64_t v)
{
    if (v < 0) buf_add_char(b, '-');
    buf_add_uint_pad(b, v < 0 ? ~(uint64_t)v + 1 : (uint64_t)v, 1);
}

void buf_add_hex(struct buf *b, struct slice bytes)
{
    static const char digit[] = "0123456789abcdef";
    char *to = bytes.n > SIZE_MAX / 2 ? NULL : buf_room(b, 2 * bytes.n);
    for (size_t i = 0; to != NULL && i < bytes.n; i++) {
        const unsigned char c = (unsigned char)bytes.p[i];
        *to++ = digit[c >> 4];
        *to++ = digit[c & 15];
    }
}

void buf_add_hex64(struct buf *b, uint64_t v)
{
    char bytes[8];
    for (int i = 0; i < 8; i++) bytes[i] = (char)(v >> (8 * (7 - i)));
    buf_add_hex(b, (struct slice){ bytes, sizeof bytes });
}

/* What stands for one byte inside a JSON string (RFC 8259, section 7); NULL = itself. */
static const char *json_escape(unsigned char c)
{
    switch (c) {
    case '"': return "\\\"";
    case '\\': return "\\\\";
    case '\n': return "\\n";
    case '\r': return "\\r";
    case '\t': return "\\t";
    case '\b': return "\\b";
    case '\f': return "\\f";
    }
    return NULL;
}

/* Of eight bytes: the high bit of each that is zero (at least of the first such). */
static uint64_t zeros(uint64_t v)
{
    return (v - UINT64_C(0x0101010101010101)) & ~v & UINT64_C(0x8080808080808080);
}

/* How many bytes at the start of `s` stand for themselves. */
static size_t json_plain(struct slice s)
{
    const uint64_t each = UINT64_C(0x0101010101010101);
    size_t i = 0;
    for (uint64_t v; i + sizeof v <= s.n; i += sizeof v) {
        memcpy(&v, s.p + i, sizeof v);
        const uint64_t control = (v - each * 0x20) & ~v & each * 0x80;
        if ((control | zeros(v ^ each * '"') | zeros(v ^ each * '\\')) != 0) break;
    }
    for (; i < s.n; i++) {
        const unsigned char c = (unsigned char)s.p[i];
        if (c < 0x20 || c == '"' || c == '\\') break;
    }
    return i;
}

void buf_add_json(struct buf *b, struct slice s)
{
    buf_add_char(b, '"');
    for (size_t n = json_plain(s); s.n > 0; n = json_plain(s)) {
        buf_add(b, slice_upto(s, n));
        s = slice_from(s, n);
        if (s.n == 0) break;
        const char *escape = json_escape((unsigned char)s.p[0]);
        if (escape != NULL) {
            buf_add_str(b, escape);
        } else {
            buf_add_str(b, "\\u00");
            buf_add_hex(b, slice_upto(s, 1));
        }
        s = slice_from(s, 1);
    }
    buf_add_char(b, '"');
}

void buf_vaddf(struct buf *b, const char *fmt, va_list ap)
{
    va_list again;
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    if (n >= 0 && reserve(b, (size_t)n)) {
        vsnprintf(b->p + b->len, (size_t)n + 1, fmt, again);
        b->len += (size_t)n;
    }
    va_end(again);
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    buf_vaddf(b, fmt, ap);
    va_end(ap);
}
