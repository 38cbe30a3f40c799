/* mojibake.c - repair of twice-encoded characters, run by run. Pure; linear in the line. */
#include "procedures/mojibake.h"

#include <string.h>

#include "base/arena.h"
#include "base/check.h"

/* Windows-1252 0x80..0x9f; 0 = undefined there, where decoders leave the C1 control of the same value. */
static const uint16_t cp1252[32] = {
    0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017d, 0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178,
};

/* What documents are seen to contain: anything else is more likely meant as written ("Brontë…”" decodes to Hangul). */
static const struct {
    int32_t first, last;
} allowed[] = {
    { 0x00a1, 0x00ff }, /* Latin-1 symbols and letters */
    { 0x2010, 0x2027 },   { 0x2030, 0x205e }, /* dashes, quotes, bullets */
    { 0x20ac, 0x20ac },   { 0x2100, 0x214f }, /* euro, letter-like */
    { 0x2190, 0x23ff }, /* arrows, operators, technical */
    { 0x2460, 0x27ff }, /* enclosed, box drawing, blocks, shapes, symbols, dingbats */
    { 0x2900, 0x297f },   { 0x2b00, 0x2bff }, /* more arrows */
    { 0xfe0f, 0xfe0f },   { 0x200d, 0x200d }, /* emoji selector and joiner */
    { 0x1f000, 0x1faff }, /* emoji */
};

/* The byte that decodes to `rune`, -1 when none at or above 0x80 does. */
static int byte_of(int32_t rune)
{
    if (rune >= 0xa0 && rune <= 0xff) return (int)rune;
    if (rune >= 0x80 && rune < 0xa0) return cp1252[rune - 0x80] == 0 ? (int)rune : -1;
    for (int i = 0; i < 32; i++)
        if (cp1252[i] != 0 && cp1252[i] == rune) return 0x80 + i;
    return -1;
}

static bool is_allowed(int32_t rune)
{
    for (size_t i = 0; i < COUNT_OF(allowed); i++)
        if (rune >= allowed[i].first && rune <= allowed[i].last) return true;
    return false;
}

static size_t sequence_length(int lead)
{
    if (lead >= 0xc2 && lead <= 0xdf) return 2;
    if (lead >= 0xe0 && lead <= 0xef) return 3;
    if (lead >= 0xf0 && lead <= 0xf4) return 4;
    return 0;
}

size_t mojibake_run(struct slice s, char good[4], size_t *n_good)
{
    struct slice rest = s;
    size_t want = 0, n = 0;

    if (s.n < 2 || (unsigned char)s.p[0] < 0xc2) return 0;
    do {
        int byte = rest.n == 0 ? -1 : byte_of(slice_cut_rune(&rest));
        if (byte < 0) return 0;
        if (n == 0) want = sequence_length(byte);
        if (want == 0) return 0;
        good[n++] = (char)byte;
    } while (n < want);

    struct slice sequence = { good, n };
    if (!slice_is_utf8(sequence, NULL) || !is_allowed(slice_cut_rune(&sequence))) return 0;
    *n_good = n;
    return s.n - rest.n;
}

struct slice mojibake_repair(struct arena *a, struct slice line, unsigned *runs)
{
    char good[4], *out = NULL;
    size_t n_good = 0, n = 0;

    *runs = 0;
    for (size_t at = 0; at < line.n;) {
        size_t taken = mojibake_run(slice_from(line, at), good, &n_good);
        if (taken > 0 && out == NULL) {
            out = arena_alloc(a, line.n + 1);
            memcpy(out, line.p, at);
            n = at;
        }
        if (taken > 0) {
            memcpy(out + n, good, n_good);
            n += n_good;
            at += taken;
            ++*runs;
        } else {
            if (out != NULL) out[n++] = line.p[at];
            at++;
        }
    }
    return out == NULL ? line : (struct slice){ out, n };
}

size_t mojibake_origin(struct slice raw, size_t at)
{
    char good[4];
    size_t from = 0, n_good = 0;

    for (size_t to = 0; to < at && from < raw.n;) {
        size_t taken = mojibake_run(slice_from(raw, from), good, &n_good);
        to += taken > 0 ? n_good : 1;
        from += taken > 0 ? taken : 1;
    }
    return from;
}
