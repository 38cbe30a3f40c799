/* zone.c - TZif bytes to a table of changes, and the questions asked of it.
 *
 * The table is sorted by time; change i rules from changes[i].at up to changes[i + 1].at, and kinds[0] rules before the
 * first. A footer with daylight saving time is written out for one 400-year cycle of the calendar (146,097 days, a
 * whole number of weeks), and instants past it are folded back into the cycle. */
#include "base/zone.h"

#include "base/check.h"
#include "base/tzrule.h"
#include "base/vec.h"

#define CYCLE_S (INT64_C(146097) * CIVIL_DAY_S)
#define CYCLE_YEARS 400
#define OFFSET_MOST_S (26 * 3600) /* RFC 9636: what a sane local time type has */
#define KINDS_MAX 258 /* 256 of the file, 2 of the footer */
#define TIME_MOST (INT64_C(1) << 55) /* about a thousand million years */
#define FIRST_RULE_YEAR 1900 /* of the cycle of a zone that has nothing but a footer */
#define LEAPS_MOST 1000
#define TZIF_MAX_BYTES ((size_t)1 << 20)

struct change {
    int64_t at; /* UTC seconds */
    size_t kind;
};

struct zone {
    VEC(struct change) changes;
    struct zone_local kinds[KINDS_MAX];
    size_t n_kinds;
    char *names, *footer; /* what the abbreviations borrow from */
    bool folds_future, folds_past;
    int64_t cycle_from; /* the cycle is [cycle_from, cycle_from + CYCLE_S) */
};

/* One stretch of time without a change: from <= t < to. */
struct stretch {
    int64_t from, to;
    const struct zone_local *kind;
};

/* --- reading ------------------------------------------------------------------------------------------------------ */

struct head {
    int version; /* 1, 2, … */
    size_t n_ut, n_std, n_leaps, n_times, n_kinds, n_chars;
    size_t time_size; /* 4 or 8 bytes */
};

static int64_t read_be(struct slice s, size_t at, size_t n)
{
    uint64_t v = (unsigned char)s.p[at] & 0x80 ? ~UINT64_C(0) : 0;
    for (size_t i = 0; i < n; i++) v = v << 8 | (unsigned char)s.p[at + i];
    return (int64_t)v;
}

static size_t read_count(struct slice s, size_t at)
{
    return (size_t)((uint64_t)read_be(s, at, 4) & UINT32_MAX);
}

static bool cut_bytes(struct slice *s, size_t n, struct slice *out)
{
    if (n > s->n) return false;
    *out = slice_upto(*s, n);
    *s = slice_from(*s, n);
    return true;
}

static int cut_head(struct slice *s, size_t time_size, struct head *h, struct error *e)
{
    struct slice raw;
    if (!slice_has_prefix(*s, S("TZif")) || !cut_bytes(s, 44, &raw))
        return fail(e, ERR_SYNTAX, "not a time zone file: it does not start with a TZif header");
    *h = (struct head){ .version = raw.p[4] == '\0' ? 1 : raw.p[4] - '0',
                        .n_ut = read_count(raw, 20),
                        .n_std = read_count(raw, 24),
                        .n_leaps = read_count(raw, 28),
                        .n_times = read_count(raw, 32),
                        .n_kinds = read_count(raw, 36),
                        .n_chars = read_count(raw, 40),
                        .time_size = time_size };
    if (h->n_kinds == 0 || h->n_kinds > 256 || h->n_chars == 0 || h->n_leaps > LEAPS_MOST)
        return fail(e, ERR_SYNTAX, "time zone file with %zu local time types, %zu bytes of names, %zu leap seconds",
                    h->n_kinds, h->n_chars, h->n_leaps);
    return 0;
}

/* The arrays of one data block, in the order of the file (RFC 9636, section 3.2). */
struct block {
    struct slice times, indexes, kinds, names, leaps, rest;
};

static int cut_block(struct slice *s, const struct head *h, struct block *b, struct error *e)
{
    if (cut_bytes(s, h->n_times * h->time_size, &b->times) && cut_bytes(s, h->n_times, &b->indexes) &&
        cut_bytes(s, h->n_kinds * 6, &b->kinds) && cut_bytes(s, h->n_chars, &b->names) &&
        cut_bytes(s, h->n_leaps * (h->time_size + 4), &b->leaps) && cut_bytes(s, h->n_std + h->n_ut, &b->rest))
        return 0;
    return fail(e, ERR_SYNTAX, "time zone file cut short: its header promises more than there is");
}

static int read_kinds(struct zone *z, const struct block *b, struct error *e)
{
    z->names = mem_alloc(b->names.n);
    for (size_t i = 0; i < b->names.n; i++) z->names[i] = b->names.p[i];
    for (size_t i = 0; i < b->kinds.n / 6; i++) {
        int64_t offset = read_be(b->kinds, i * 6, 4);
        size_t name = (unsigned char)b->kinds.p[i * 6 + 5];
        struct slice rest = slice_from((struct slice){ z->names, b->names.n }, name);
        size_t n = slice_find_char(rest, '\0');
        if (offset < -OFFSET_MOST_S || offset > OFFSET_MOST_S || n == rest.n)
            return fail(e, ERR_SYNTAX, "time zone file: local time type %zu has no sane offset or no name", i);
        z->kinds[z->n_kinds++] = (struct zone_local){ .offset_s = (int32_t)offset,
                                                      .is_dst = b->kinds.p[i * 6 + 4] != 0,
                                                      .abbreviation = slice_upto(rest, n) };
    }
    return 0;
}

/* A "right/" file counts leap seconds; POSIX time does not. */
static int64_t without_leaps(const struct head *h, const struct block *b, int64_t t)
{
    int64_t correction = 0;
    size_t size = h->time_size + 4;
    for (size_t i = 0; i < h->n_leaps; i++) {
        if (read_be(b->leaps, i * size, h->time_size) >= t) break;
        correction = read_be(b->leaps, i * size + h->time_size, 4);
    }
    return t - correction;
}

static int read_changes(struct zone *z, const struct head *h, const struct block *b, struct error *e)
{
    for (size_t i = 0; i < h->n_times; i++) {
        int64_t at = read_be(b->times, i * h->time_size, h->time_size);
        size_t kind = (unsigned char)b->indexes.p[i];
        if (at < -TIME_MOST * 16 || at > civil_days(9999, 1, 1) * CIVIL_DAY_S || kind >= z->n_kinds)
            return fail(e, ERR_SYNTAX, "time zone file: change %zu lies outside all time or names no local time type",
                        i);
        at = without_leaps(h, b, at);
        if (z->changes.n > 0 && at <= z->changes.v[z->changes.n - 1].at)
            return fail(e, ERR_SYNTAX, "time zone file: change %zu does not come after the one before it", i);
        *vec_push(&z->changes) = (struct change){ at, kind };
    }
    return 0;
}

/* --- the footer --------------------------------------------------------------------------------------------------- */

/* Only behind what the file itself says, and in order: rules that overtake each other mean nothing. A change at the
 * same instant replaces the one before it (all-year daylight saving time ends and starts in one instant). */
static void add_change(struct zone *z, int64_t after, int64_t at, size_t kind)
{
    int64_t last = z->changes.n == 0 ? INT64_MIN : z->changes.v[z->changes.n - 1].at;
    if (at <= after || at < last) return;
    if (at == last) z->changes.n--;
    *vec_push(&z->changes) = (struct change){ at, kind };
}

static void write_out_rule(struct zone *z, const struct tz_rule *r, size_t std, size_t dst)
{
    bool alone = z->changes.n == 0;
    int64_t after = alone ? INT64_MIN : z->changes.v[z->changes.n - 1].at;
    int64_t oldest = civil_days(FIRST_RULE_YEAR, 1, 1) * CIVIL_DAY_S;
    int64_t first = civil_from_seconds(after < oldest ? oldest : after).year;
    z->folds_future = true;
    z->folds_past = alone;
    z->cycle_from = civil_days(first + 2, 1, 1) * CIVIL_DAY_S; /* each instant of the cycle has neighbours by rule */
    for (int64_t year = first; year < first + CYCLE_YEARS + 4; year++) {
        int64_t start = tz_rule_start(r, year), end = tz_rule_end(r, year);
        bool southern = end < start; /* summer spans the new year: it ends before it starts */
        add_change(z, after, southern ? end : start, southern ? std : dst);
        add_change(z, after, southern ? start : end, southern ? dst : std);
    }
}

static size_t add_kind(struct zone *z, int32_t offset_s, bool is_dst, struct slice abbreviation)
{
    z->kinds[z->n_kinds] = (struct zone_local){ offset_s, is_dst, abbreviation };
    return z->n_kinds++;
}

static int read_footer(struct zone *z, struct slice s, struct error *e)
{
    struct tz_rule r;
    struct slice line = slice_from(s, 1);
    line = slice_upto(line, slice_find_char(line, '\n'));
    if (!slice_has_prefix(s, S("\n")) || line.n + 1 == s.n)
        return fail(e, ERR_SYNTAX, "time zone file without its footer line");
    if (line.n == 0) return 0; /* no rule: the last change stands for ever */
    z->footer = mem_alloc(line.n);
    for (size_t i = 0; i < line.n; i++) z->footer[i] = line.p[i];
    if (tz_rule_parse((struct slice){ z->footer, line.n }, &r, e) < 0) return ERR_SYNTAX;
    size_t std = add_kind(z, r.std_offset_s, false, r.std_name);
    if (r.has_dst)
        write_out_rule(z, &r, std, add_kind(z, r.dst_offset_s, true, r.dst_name));
    else if (z->changes.n == 0)
        z->kinds[0] = z->kinds[std]; /* nothing but a rule: it holds for all time */
    return 0;
}

static int read_zone(struct zone *z, struct slice s, struct error *e)
{
    struct head h;
    struct block b;
    int rc;
    if (s.n > TZIF_MAX_BYTES) return fail(e, ERR_LIMIT, "time zone file of %zu bytes: at most 1 MiB is taken", s.n);
    if ((rc = cut_head(&s, 4, &h, e)) < 0 || (rc = cut_block(&s, &h, &b, e)) < 0) return rc;
    bool has_footer = h.version >= 2; /* then the same again follows with 64-bit times: only that counts */
    if (has_footer && ((rc = cut_head(&s, 8, &h, e)) < 0 || (rc = cut_block(&s, &h, &b, e)) < 0)) return rc;
    if ((rc = read_kinds(z, &b, e)) < 0 || (rc = read_changes(z, &h, &b, e)) < 0) return rc;
    return has_footer ? read_footer(z, s, e) : 0;
}

struct zone *zone_parse(struct slice tzif, struct error *e)
{
    struct zone *z = mem_alloc(sizeof *z);
    if (read_zone(z, tzif, e) < 0) zone_destroy(&z);
    return z;
}

struct zone *zone_create_utc(void)
{
    struct zone *z = mem_alloc(sizeof *z);
    add_kind(z, 0, false, S("UTC"));
    return z;
}

void zone_destroy(struct zone **z)
{
    if (*z == NULL) return;
    vec_release(&(*z)->changes);
    mem_free((*z)->names);
    mem_free((*z)->footer);
    mem_free(*z);
    *z = NULL;
}

/* --- asking ------------------------------------------------------------------------------------------------------- */

static int64_t clamp_time(int64_t t)
{
    return t < -TIME_MOST ? -TIME_MOST : t > TIME_MOST ? TIME_MOST : t;
}

/* How far an instant lies outside the cycle that the table holds, in whole cycles, as seconds. */
static int64_t fold_of(const struct zone *z, int64_t t)
{
    int64_t past = t - z->cycle_from;
    if (z->folds_future && past >= CYCLE_S) return past / CYCLE_S * CYCLE_S;
    if (z->folds_past && past < 0) return -((-past + CYCLE_S - 1) / CYCLE_S * CYCLE_S);
    return 0;
}

static struct stretch stretch_at(const struct zone *z, int64_t t)
{
    int64_t fold = fold_of(z, t);
    size_t low = 0, high = z->changes.n; /* changes before low are at or before t, those from high are after it */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (z->changes.v[middle].at <= t - fold)
            low = middle + 1;
        else
            high = middle;
    }
    return (struct stretch){
        .from = low == 0 ? INT64_MIN : z->changes.v[low - 1].at + fold,
        .to = low == z->changes.n ? INT64_MAX : z->changes.v[low].at + fold,
        .kind = &z->kinds[low == 0 ? 0 : z->changes.v[low - 1].kind],
    };
}

void zone_offset_at(const struct zone *z, int64_t utc_s, struct zone_local *out)
{
    *out = *stretch_at(z, clamp_time(utc_s)).kind;
}

struct civil zone_to_local(const struct zone *z, int64_t utc_s)
{
    utc_s = clamp_time(utc_s);
    return civil_from_seconds(utc_s + stretch_at(z, utc_s).kind->offset_s);
}

int64_t zone_to_utc(const struct zone *z, struct civil local, enum zone_fit *kind)
{
    int64_t wanted = clamp_time(civil_seconds(local));
    int64_t last = wanted + OFFSET_MOST_S, found = 0;
    enum zone_fit fit = ZONE_FIT_UNSET;
    for (int64_t at = wanted - OFFSET_MOST_S; at <= last;) {
        struct stretch s = stretch_at(z, at);
        int64_t utc = wanted - s.kind->offset_s;
        if (utc >= s.from && utc < s.to) {
            bool again = fit == ZONE_FIT_ONCE || fit == ZONE_FIT_DOUBLED;
            if (!again) found = utc;
            fit = again ? ZONE_FIT_DOUBLED : ZONE_FIT_ONCE;
        } else if (fit == ZONE_FIT_UNSET && utc >= s.to && wanted - stretch_at(z, s.to).kind->offset_s < s.to) {
            found = s.to; /* this side of the change it is not yet that late, the other side already later */
            fit = ZONE_FIT_SKIPPED;
        }
        at = s.to;
    }
    CHECK(fit != ZONE_FIT_UNSET); /* offsets are within a day: every reading meets a stretch or a gap */
    if (kind != NULL) *kind = fit;
    return found;
}

static bool same_kind(const struct zone_local *a, const struct zone_local *b)
{
    return a->offset_s == b->offset_s && a->is_dst == b->is_dst && slice_eq(a->abbreviation, b->abbreviation);
}

bool zone_next_change(const struct zone *z, int64_t utc_s, int64_t *at)
{
    struct stretch here = stretch_at(z, clamp_time(utc_s));
    size_t tries = z->changes.n + 1; /* a table can hold changes that change nothing */
    for (struct stretch s = here; s.to != INT64_MAX && tries > 0; tries--) {
        struct stretch next = stretch_at(z, s.to);
        if (!same_kind(next.kind, here.kind)) {
            *at = s.to;
            return true;
        }
        s = next;
    }
    return false;
}
