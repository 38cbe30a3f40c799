/* slice.h - a borrowed run of bytes: pointer and length, never NUL-terminated, never owned.
 *
 * Who makes a slice says how long its bytes live. {NULL, 0} is the empty slice and is valid everywhere. */
#ifndef BASE_SLICE_H
#define BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct slice {
    const char *p;
    size_t n;
};

/* A slice of a string literal. */
#define S(literal) ((struct slice){ "" literal, sizeof(literal) - 1 })

/* The four that every parser is made of are inline: a call would cost more than they do. */
static inline struct slice slice_from(struct slice s, size_t at) /* s[at..], clamped */
{
    if (at > s.n) at = s.n;
    return (struct slice){ s.p == NULL ? NULL : s.p + at, s.n - at };
}

static inline struct slice slice_upto(struct slice s, size_t n) /* s[..n], clamped */
{
    return (struct slice){ s.p, n < s.n ? n : s.n };
}

static inline bool slice_eq(struct slice a, struct slice b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool slice_has_prefix(struct slice s, struct slice prefix)
{
    return s.n >= prefix.n && (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

struct slice slice_of(const char *nul_terminated); /* NULL gives the empty slice */
bool slice_eq_nocase(struct slice a, struct slice b); /* ASCII letters only */
int slice_cmp(struct slice a, struct slice b); /* bytewise, then by length: <0, 0, >0 */
bool slice_has_prefix_nocase(struct slice s, struct slice prefix);
bool slice_has_suffix(struct slice s, struct slice suffix);
size_t slice_find(struct slice s, struct slice needle); /* offset, or s.n when absent */
size_t slice_find_nocase(struct slice s, struct slice needle);
size_t slice_find_char(struct slice s, char c); /* offset, or s.n when absent */
struct slice slice_trim(struct slice s); /* blanks, tabs, CR and LF at both ends */

/* Cuts a leading `prefix` off *s and says whether it was there. */
bool slice_cut_prefix(struct slice *s, struct slice prefix);
bool slice_cut_prefix_nocase(struct slice *s, struct slice prefix);

/* Splits *s at the first `sep`: returns what stands before it and leaves the rest; the whole when there is none. */
struct slice slice_cut(struct slice *s, char sep);

/* Decimal digits at the start of *s, cut off. False (and *s untouched) without a digit or beyond 63 bits. */
bool slice_cut_uint(struct slice *s, int64_t *value);

/* The whole slice is one signed decimal number. */
bool slice_to_int(struct slice s, int64_t *value);

/* Valid UTF-8 (RFC 3629: no surrogates, no overlong forms)? *bad (may be NULL) is the offset of the first bad byte. */
bool slice_is_utf8(struct slice s, size_t *bad);

/* One code point at the start of *s, cut off; -1 at a bad sequence (one byte is cut). Precondition: s->n > 0. */
int32_t slice_cut_rune(struct slice *s);

/* s[..n] or a little less: never in the middle of a code point. For texts that are repeated to somebody. */
struct slice slice_upto_rune(struct slice s, size_t n);

/* FNV-1a, 64 bits, continued from `h`; start with FNV1A64_START. Alertmanager's fingerprints are made of it (R149). */
#define FNV1A64_START UINT64_C(14695981039346656037)
uint64_t fnv1a64(uint64_t h, struct slice s);

/* For tables in memory: eight bytes a step, continued from `h`, of which a secret makes collisions hard to write. Never
 * stored or sent: its value depends on the machine's byte order. */
uint64_t hash_bytes(uint64_t h, struct slice s);

#endif
