/* test_zdump.c - every zone of the system's database, 1970 to 2100, with the system's zdump as the judge (R139).
 *
 * zdump -v prints each clock change twice, one second before and at the change: UTC, local time, DST flag, abbreviation
 * and offset. Each line is asked of our table; zone_next_change() must walk through the same changes; and around each
 * change the local times that were skipped or doubled must find the right instant. zdump is run on a few zones at a
 * time, so that both processors work. */
#include "harness.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/check.h"
#include "base/vec.h"
#include "sys/files.h"
#include "base/zone.h"

#define FIRST_YEAR 1970
#define LAST_YEAR 2100
#define JUDGES 4 /* zdumps at a time */

struct edge {
    int64_t utc;
    int32_t offset_s;
    bool is_dst;
    struct slice abbreviation; /* in the line */
};

static struct {
    VEC(char *) paths;
    size_t zones, edges;
} found;

static int note_zone(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    struct buf head = { .max = 4096 };
    (void)st;
    (void)ftw;
    if (kind != FTW_F) return 0; /* links lead to files that come by themselves */
    file_read(path, (size_t)1 << 20, &head, NULL);
    if (slice_has_prefix(buf_slice(&head), S("TZif"))) *vec_push(&found.paths) = strdup(path);
    buf_release(&head);
    return 0;
}

/* Cuts "Apr" off; 1..12. */
static int32_t cut_month(struct slice *s)
{
    const struct slice names = S("JanFebMarAprMayJunJulAugSepOctNovDec");
    struct slice name = slice_cut(s, ' ');
    return (int32_t)(slice_find(names, name) / 3) + 1;
}

static int32_t cut_number(struct slice *s, char after)
{
    int64_t v = -1;
    while (slice_cut_prefix(s, S(" "))) {
    }
    struct slice text = slice_cut(s, after);
    if (!slice_to_int(text, &v)) fail_msg("zdump: no number at \"%.*s\"", (int)text.n, text.p);
    return (int32_t)v;
}

/* "PATH  Sun Apr  6 00:59:59 1980 UT = Sun Apr  6 01:59:59 1980 CET isdst=0 gmtoff=3600" */
static bool read_edge(struct slice line, struct edge *out)
{
    struct civil c = { 0 };
    if (slice_find(line, S(" UT = ")) == line.n) return false; /* "PATH  -9223372036854775808 = NULL" */
    slice_cut(&line, ' ');
    line = slice_from(slice_trim(line), sizeof "Sun " - 1);
    c.month = cut_month(&line);
    c.day = cut_number(&line, ' ');
    c.hour = cut_number(&line, ':');
    c.minute = cut_number(&line, ':');
    c.second = cut_number(&line, ' ');
    c.year = cut_number(&line, ' ');
    line = slice_from(line, slice_find(line, S(" = ")) + 3 + sizeof "Sun Apr  6 01:59:59 1980 " - 1);
    out->utc = civil_seconds(c);
    out->abbreviation = slice_cut(&line, ' ');
    line = slice_from(line, sizeof "isdst=" - 1);
    out->is_dst = cut_number(&line, ' ') != 0;
    line = slice_from(line, sizeof "gmtoff=" - 1);
    out->offset_s = cut_number(&line, ' ');
    return c.second < 60; /* the leap seconds of "right/" zones are instants that POSIX time does not have */
}

static void check_edge(const struct zone *z, const struct edge *want, struct slice line)
{
    struct zone_local got;
    zone_offset_at(z, want->utc, &got);
    if (got.offset_s != want->offset_s || got.is_dst != want->is_dst || !slice_eq(got.abbreviation, want->abbreviation))
        fail_msg("zdump: %.*s, the table: %.*s isdst=%d gmtoff=%d", (int)line.n, line.p, (int)got.abbreviation.n,
                 got.abbreviation.p, got.is_dst, (int)got.offset_s);
}

/* A local reading, as seconds on the clock face, must find its instant. */
static void check_reading(const struct zone *z, int64_t local, int64_t want, enum zone_fit fit, struct slice line)
{
    enum zone_fit got_fit;
    int64_t got = zone_to_utc(z, civil_from_seconds(local), &got_fit);
    if (got != want || got_fit != fit)
        fail_msg("after %.*s: reading %lld finds %lld (fit %d), not %lld (fit %d)", (int)line.n, line.p,
                 (long long)local, (long long)got, (int)got_fit, (long long)want, (int)fit);
}

/* Both sides of a change: before it `old`, from it on `now`. */
static void check_readings(const struct zone *z, const struct edge *old, const struct edge *now, struct slice line)
{
    int64_t at = now->utc, earlier = at + old->offset_s, later = at + now->offset_s;
    if (later > earlier) {
        check_reading(z, earlier - 1, at - 1, ZONE_FIT_ONCE, line);
        check_reading(z, earlier, at, ZONE_FIT_SKIPPED, line);
        check_reading(z, later - 1, at, ZONE_FIT_SKIPPED, line);
        check_reading(z, later, at, ZONE_FIT_ONCE, line);
    } else if (later < earlier) {
        check_reading(z, later - 1, later - 1 - old->offset_s, ZONE_FIT_ONCE, line);
        check_reading(z, later, later - old->offset_s, ZONE_FIT_DOUBLED, line);
        check_reading(z, earlier - 1, at - 1, ZONE_FIT_DOUBLED, line);
        check_reading(z, earlier, earlier - now->offset_s, ZONE_FIT_ONCE, line);
    }
}

static bool same_kind(const struct edge *a, const struct edge *b)
{
    return a->offset_s == b->offset_s && a->is_dst == b->is_dst && slice_eq(a->abbreviation, b->abbreviation);
}

/* All lines of one zone, in the order of time. */
static void check_zone(struct slice lines, const char *path)
{
    struct buf bytes = { 0 };
    struct error e = { 0 };
    struct edge before = { 0 };
    int64_t next = civil_days(FIRST_YEAR, 1, 1) * CIVIL_DAY_S - 1;
    assert_int_equal(file_read(path, (size_t)1 << 20, &bytes, &e), 0);
    struct zone *z = zone_parse(buf_slice(&bytes), &e);
    if (z == NULL) fail_msg("%s: %s", path, e.detail);
    while (lines.n > 0) {
        struct slice line = slice_cut(&lines, '\n');
        struct edge now;
        if (!read_edge(line, &now)) continue;
        check_edge(z, &now, line);
        if (before.utc == now.utc - 1 && !same_kind(&before, &now)) {
            found.edges++;
            if (!zone_next_change(z, next, &next) || next != now.utc)
                fail_msg("%.*s: the table's next change is at %lld", (int)line.n, line.p, (long long)next);
            check_readings(z, &before, &now, line);
        }
        before = now;
    }
    if (zone_next_change(z, next, &next) && next < civil_days(LAST_YEAR + 1, 1, 1) * CIVIL_DAY_S)
        fail_msg("%s: the table has a change at %lld that zdump does not know", path, (long long)next);
    found.zones++;
    zone_destroy(&z);
    buf_release(&bytes);
}

/* What one judge said of paths[from..to): groups of lines, each line beginning with its path. */
static void check_answers(FILE *judge, size_t from, size_t to)
{
    struct buf all = { .max = (size_t)64 << 20 };
    char piece[65536];
    for (size_t n; (n = fread(piece, 1, sizeof piece, judge)) > 0;) buf_add(&all, (struct slice){ piece, n });
    assert_int_equal(pclose(judge), 0);
    assert_false(all.overflow);
    struct slice rest = buf_slice(&all);
    for (size_t i = from; i < to; i++) {
        struct buf mark = { 0 };
        size_t n = 0;
        buf_addf(&mark, "%s ", found.paths.v[i]);
        while (slice_has_prefix(slice_from(rest, n), buf_slice(&mark)))
            n += slice_find_char(slice_from(rest, n), '\n') + 1;
        check_zone(slice_upto(rest, n), found.paths.v[i]);
        rest = slice_from(rest, n);
        buf_release(&mark);
    }
    assert_int_equal(rest.n, 0);
    buf_release(&all);
}

static FILE *ask_judge(size_t from, size_t to)
{
    struct buf command = { 0 };
    buf_addf(&command, "zdump -v -c %d,%d", FIRST_YEAR, LAST_YEAR + 1);
    for (size_t i = from; i < to; i++) buf_addf(&command, " '%s'", found.paths.v[i]);
    FILE *judge = popen(buf_str(&command), "re");
    assert_non_null(judge);
    buf_release(&command);
    return judge;
}

static void every_zone_agrees_with_zdump(void **state)
{
    FILE *judges[JUDGES];
    const char *dir = getenv("TZDIR");
    (void)state;
    assert_int_equal(nftw(dir != NULL ? dir : "/usr/share/zoneinfo", note_zone, 16, FTW_PHYS), 0);
    assert_true(found.paths.n >= 300); /* else the database is not there, and nothing was tested */
    for (size_t i = 0; i < JUDGES; i++)
        judges[i] = ask_judge(found.paths.n * i / JUDGES, found.paths.n * (i + 1) / JUDGES);
    for (size_t i = 0; i < JUDGES; i++)
        check_answers(judges[i], found.paths.n * i / JUDGES, found.paths.n * (i + 1) / JUDGES);
    printf("# %zu zones, %zu clock changes\n", found.zones, found.edges);
    for (size_t i = 0; i < found.paths.n; i++) free(found.paths.v[i]);
    vec_release(&found.paths);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(every_zone_agrees_with_zdump) };
    return cmocka_run_group_tests_name("zdump", tests, NULL, NULL);
}
