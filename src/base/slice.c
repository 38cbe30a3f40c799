/* slice.c - borrowed byte runs: comparing, cutting, numbers, UTF-8. Allocates nothing. */
#include "base/slice.h"

#include <string.h>

#include "base/check.h"

struct slice slice_of(const char *s)
{
    return s == NULL ? (struct slice){ 0 } : (struct slice){ s, strlen(s) };
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool slice_eq_nocase(struct slice a, struct slice b)
{
    return a.n == b.n && (slice_eq(a, b) || slice_has_prefix_nocase(a, b)); /* mostly they are the same */
}

int slice_cmp(struct slice a, struct slice b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int c = n == 0 ? 0 : memcmp(a.p, b.p, n);
    if (c != 0) return c;
    return a.n < b.n ? -1 : a.n > b.n;
}

bool slice_has_prefix_nocase(struct slice s, struct slice prefix)
{
    if (s.n < prefix.n) return false;
    for (size_t i = 0; i < prefix.n; i++)
        if (lower(s.p[i]) != lower(prefix.p[i])) return false;
    return true;
}

bool slice_has_suffix(struct slice s, struct slice suffix)
{
    return s.n >= suffix.n && slice_eq(slice_from(s, s.n - suffix.n), suffix);
}

size_t slice_find(struct slice s, struct slice needle)
{
    for (size_t at = 0; at + needle.n <= s.n; at++)
        if (slice_has_prefix(slice_from(s, at), needle)) return at;
    return s.n;
}

size_t slice_find_nocase(struct slice s, struct slice needle)
{
    for (size_t at = 0; at + needle.n <= s.n; at++)
        if (slice_has_prefix_nocase(slice_from(s, at), needle)) return at;
    return s.n;
}

size_t slice_find_char(struct slice s, char c)
{
    const char *hit = s.n == 0 ? NULL : memchr(s.p, c, s.n);
    return hit == NULL ? s.n : (size_t)(hit - s.p);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct slice slice_trim(struct slice s)
{
    while (s.n > 0 && is_blank(s.p[0])) s = slice_from(s, 1);
    while (s.n > 0 && is_blank(s.p[s.n - 1])) s.n--;
    return s;
}

bool slice_cut_prefix(struct slice *s, struct slice prefix)
{
    if (!slice_has_prefix(*s, prefix)) return false;
    *s = slice_from(*s, prefix.n);
    return true;
}

bool slice_cut_prefix_nocase(struct slice *s, struct slice prefix)
{
    if (!slice_has_prefix_nocase(*s, prefix)) return false;
    *s = slice_from(*s, prefix.n);
    return true;
}

struct slice slice_cut(struct slice *s, char sep)
{
    size_t at = slice_find_char(*s, sep);
    struct slice head = slice_upto(*s, at);
    *s = slice_from(*s, at + 1);
    return head;
}

bool slice_cut_uint(struct slice *s, int64_t *value)
{
    size_t i = 0;
    int64_t v = 0;
    for (; i < s->n && s->p[i] >= '0' && s->p[i] <= '9'; i++) {
        int digit = s->p[i] - '0';
        if (v > (INT64_MAX - digit) / 10) return false;
        v = v * 10 + digit;
    }
    if (i == 0) return false;
    *s = slice_from(*s, i);
    *value = v;
    return true;
}

bool slice_to_int(struct slice s, int64_t *value)
{
    int64_t v;
    bool negative = slice_cut_prefix(&s, S("-"));
    if (negative && slice_eq(s, S("9223372036854775808"))) { /* its positive has no 63 bits */
        *value = INT64_MIN;
        return true;
    }
    if (!slice_cut_uint(&s, &v) || s.n != 0) return false;
    *value = negative ? -v : v;
    return true;
}

/* Length and value of the sequence at s, or 0 when it is not valid. RFC 3629, table in section 4. */
static size_t rune_at(struct slice s, int32_t *rune)
{
    static const struct {
        unsigned char mask, lead;
        int32_t least;
    } forms[] = {
        { 0x80, 0x00, 0 },
        { 0xe0, 0xc0, 0x80 },
        { 0xf0, 0xe0, 0x800 },
        { 0xf8, 0xf0, 0x10000 },
    };
    unsigned char c = (unsigned char)s.p[0];
    for (size_t k = 0; k < COUNT_OF(forms); k++) {
        if ((c & forms[k].mask) != forms[k].lead) continue;
        if (s.n < k + 1) return 0;
        int32_t r = c & (unsigned char)~forms[k].mask;
        for (size_t i = 1; i <= k; i++) {
            if (((unsigned char)s.p[i] & 0xc0) != 0x80) return 0;
            r = (r << 6) | ((unsigned char)s.p[i] & 0x3f);
        }
        if (r < forms[k].least || r > 0x10ffff || (r >= 0xd800 && r <= 0xdfff)) return 0;
        *rune = r;
        return k + 1;
    }
    return 0;
}

bool slice_is_utf8(struct slice s, size_t *bad)
{
    for (size_t at = 0; at < s.n;) {
        int32_t rune;
        size_t n = (unsigned char)s.p[at] < 0x80 ? 1 : rune_at(slice_from(s, at), &rune);
        if (n == 0) {
            if (bad != NULL) *bad = at;
            return false;
        }
        at += n;
    }
    return true;
}

int32_t slice_cut_rune(struct slice *s)
{
    int32_t rune = -1;
    CHECK(s->n > 0);
    size_t n = rune_at(*s, &rune);
    *s = slice_from(*s, n == 0 ? 1 : n);
    return n == 0 ? -1 : rune;
}

struct slice slice_upto_rune(struct slice s, size_t n)
{
    if (n >= s.n) return s;
    while (n > 0 && ((unsigned char)s.p[n] & 0xc0) == 0x80) n--;
    return slice_upto(s, n);
}

uint64_t fnv1a64(uint64_t h, struct slice s)
{
    for (size_t i = 0; i < s.n; i++) {
        h ^= (unsigned char)s.p[i];
        h *= UINT64_C(1099511628211);
    }
    return h;
}

uint64_t hash_bytes(uint64_t h, struct slice s)
{
    uint64_t word = 0;
    for (; s.n >= sizeof word; s = slice_from(s, sizeof word)) {
        memcpy(&word, s.p, sizeof word);
        h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
        h ^= h >> 32;
    }
    word = s.n;
    if (s.n > 0) memcpy(&word, s.p, s.n);
    h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return h ^ (h >> 32);
}
