/* fuzz_zone.c - any bytes as a time zone file: an error or a zone that keeps its promises. */
#include "base/check.h"
#include "base/tzrule.h"
#include "base/zone.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Local time is offset away, the way back ends at the instant or at the other showing of the same reading. */
static void check_instant(const struct zone *z, int64_t utc_s)
{
    enum zone_fit fit;
    struct zone_local local, again;
    zone_offset_at(z, utc_s, &local);
    struct civil reading = zone_to_local(z, utc_s);
    CHECK(civil_is_valid(reading));
    CHECK(civil_seconds(reading) == utc_s + local.offset_s);
    int64_t back = zone_to_utc(z, reading, &fit);
    zone_offset_at(z, back, &again);
    CHECK(fit == ZONE_FIT_ONCE || fit == ZONE_FIT_DOUBLED);
    CHECK(back == utc_s ||
          (fit == ZONE_FIT_DOUBLED && back < utc_s && back + again.offset_s == utc_s + local.offset_s));
}

static void check_changes(const struct zone *z)
{
    int64_t at = civil_days(1900, 1, 1) * CIVIL_DAY_S;
    for (int i = 0; i < 400; i++) {
        int64_t next;
        check_instant(z, at);
        check_instant(z, at - 1);
        if (!zone_next_change(z, at, &next)) return;
        CHECK(next > at);
        at = next;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = { (const char *)data, size };
    struct error e = { 0 };
    struct tz_rule rule;
    tz_rule_parse(in, &rule, &e);
    struct zone *z = zone_parse(in, &e);
    if (z == NULL) {
        CHECK(e.code == ERR_SYNTAX || e.code == ERR_LIMIT);
        return 0;
    }
    static const int64_t ends[] = { INT64_MIN, INT64_MAX };
    for (size_t i = 0; i < COUNT_OF(ends); i++) zone_to_local(z, ends[i]);
    check_changes(z);
    zone_destroy(&z);
    return 0;
}
