/* fuzz_mojibake.c - any text, and any text broken as mail and wikis break it: the repair changes runs alone, and what was
 * whole before it was broken is whole again (G14, R6, R7). */
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/check.h"
#include "procedures/mend.h"
#include "procedures/mojibake.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a reader of Windows-1252 takes a byte for, as UTF-8 again. */
static void add_broken(struct buf *out, unsigned char byte)
{
    static const char *const high[32] = {
        "€",        "\xc2\x81", "‚", "ƒ", "„", "…", "†", "‡", "ˆ", "‰", "Š", "‹", "Œ", "\xc2\x8d", "Ž", "\xc2\x8f",
        "\xc2\x90", "‘",        "’", "“", "”", "•", "–", "—", "˜", "™", "š", "›", "œ", "\xc2\x9d", "ž", "Ÿ",
    };
    if (byte < 0x80)
        buf_add_char(out, (char)byte);
    else if (byte < 0xa0)
        buf_add_str(out, high[byte - 0x80]);
    else
        buf_add(out, (struct slice){ (char[]){ byte < 0xc0 ? '\xc2' : '\xc3', (char)(0x80 | (byte & 0x3f)) }, 2 });
}

/* Breaks what the repair knows to be meant; other characters, and those of an older accident, are left out of both. */
static void add_both(struct buf *whole, struct buf *broken, struct slice rune)
{
    struct buf one = { 0 };
    char good[4];
    size_t n_good = 0;
    for (size_t i = 0; i < rune.n; i++) add_broken(&one, (unsigned char)rune.p[i]);
    if (rune.n == 1 || mojibake_run(buf_slice(&one), good, &n_good) == one.len) {
        CHECK(rune.n == 1 || slice_eq((struct slice){ good, n_good }, rune));
        buf_add(whole, rune);
        buf_add(broken, buf_slice(&one));
    }
    buf_release(&one);
}

static void check_round_trip(struct arena *a, struct slice text)
{
    struct buf whole = { .max = 1 << 20 }, broken = { .max = 4 << 20 };
    unsigned runs;
    for (struct slice rest = text; rest.n > 0;) {
        const char *from = rest.p;
        slice_cut_rune(&rest);
        add_both(&whole, &broken, (struct slice){ from, (size_t)(rest.p - from) });
    }
    CHECK(slice_eq(mojibake_repair(a, buf_slice(&broken), &runs), buf_slice(&whole)));
    buf_release(&whole);
    buf_release(&broken);
}

/* Without a run the text stays byte for byte; places of the repaired text follow each other in the raw one. */
static void check_repair(struct arena *a, struct slice text)
{
    unsigned runs;
    const struct slice repaired = mojibake_repair(a, text, &runs);
    size_t before = 0;
    CHECK(slice_is_utf8(repaired, NULL) && repaired.n <= text.n && (runs > 0) == !slice_eq(repaired, text));
    for (size_t at = 0; at < repaired.n && at < 200; at++) {
        const size_t origin = mojibake_origin(text, at);
        CHECK(origin >= before && origin <= text.n);
        before = origin;
    }
}

/* The patches of `tocsin fix` fit the document, and what they make of it needs none any more. */
static void check_mends(struct arena *a, struct slice text)
{
    struct error e = { 0 };
    struct patch_refusal why = { 0 };
    struct mends found, again;
    struct buf mended = { .max = 1 << 20 };
    if (mends_find(a, text, &found, &e) < 0) {
        CHECK(e.detail[0] != '\0');
        return;
    }
    CHECK(patches_apply(text, found.v, found.n, &mended, &why, &e) == 0);
    CHECK((found.n > 0) == !slice_eq(buf_slice(&mended), text));
    CHECK(mends_find(a, buf_slice(&mended), &again, &e) == 0 && (found.left > 0 || again.n == 0));
    buf_release(&mended);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct slice text = { (const char *)data, size };
    struct arena *a = arena_create(0);
    check_mends(a, text);
    if (slice_is_utf8(text, NULL)) {
        check_repair(a, text);
        check_round_trip(a, text);
    }
    arena_destroy(&a);
    return 0;
}
