/* test_zoneinfo.c - zones by name, and names that are none. */
#include "harness.h"

#include <stdlib.h>

#include "base/check.h"
#include "sys/files.h"
#include "sys/zoneinfo.h"
#include "unit/scratch.h"

static void names_cannot_leave_the_directory(void **state)
{
    static const char *const rows[] = { "",
                                        "/etc/passwd",
                                        "..",
                                        "../../etc/passwd",
                                        "Europe/../UTC",
                                        "Europe//Berlin",
                                        "Europe/",
                                        "a.b",
                                        "Europe/Ber lin",
                                        "Europe\\Berlin",
                                        "Zürich",
                                        "./UTC" };
    struct zoneinfo *zi = zoneinfo_create(NULL);
    const struct zone *z = NULL;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct error e = { 0 };
        assert_int_equal(zoneinfo_load(zi, slice_of(rows[i]), &z, &e), ERR_INVALID);
        assert_non_null(strstr(e.detail, "Europe/Berlin"));
    }
    assert_int_equal(zoneinfo_load(zi, (struct slice){ "UTC\0x", 5 }, &z, NULL), ERR_INVALID);
    assert_null(z);
    zoneinfo_destroy(&zi);
    assert_null(zi);
    (void)state;
}

static void zones_are_kept(void **state)
{
    struct zoneinfo *zi = zoneinfo_create(NULL);
    const struct zone *a, *b, *utc;
    struct zone_local local;
    struct error e = { 0 };
    assert_int_equal(zoneinfo_load(zi, S("Europe/Berlin"), &a, &e), 0);
    assert_int_equal(zoneinfo_load(zi, S("UTC"), &utc, &e), 0);
    assert_int_equal(zoneinfo_load(zi, S("Europe/Berlin"), &b, &e), 0);
    assert_ptr_equal(a, b);
    zone_offset_at(a, INT64_C(1767582000), &local);
    assert_int_equal(local.offset_s, 3600);
    zone_offset_at(utc, INT64_C(1767582000), &local);
    assert_int_equal(local.offset_s, 0);
    assert_int_equal(zoneinfo_load(zi, S("Europe/Atlantis"), &a, &e), ERR_NOT_FOUND);
    assert_non_null(strstr(e.detail, "Europe/Atlantis"));
    assert_int_equal(zoneinfo_load(zi, S("Europe"), &a, &e), ERR_IO); /* a directory */
    zoneinfo_destroy(&zi);
    (void)state;
}

static void tzdir_is_respected_and_damage_is_named(void **state)
{
    struct buf path = scratch_path(state, "Broken");
    struct error e = { 0 };
    const struct zone *z;
    assert_int_equal(file_replace(path.p, S("not a zone"), 0600, &e), 0);
    setenv("TZDIR", *state, 1);
    struct zoneinfo *zi = zoneinfo_create(NULL);
    unsetenv("TZDIR");
    assert_int_equal(zoneinfo_load(zi, S("Broken"), &z, &e), ERR_SYNTAX);
    assert_non_null(strstr(e.detail, "Broken"));
    assert_int_equal(zoneinfo_load(zi, S("Europe/Berlin"), &z, &e), ERR_NOT_FOUND);
    assert_int_equal(zoneinfo_load(zi, S("UTC"), &z, &e), 0);
    zoneinfo_destroy(&zi);
    buf_release(&path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_cannot_leave_the_directory),
        cmocka_unit_test(zones_are_kept),
        cmocka_unit_test_setup_teardown(tzdir_is_respected_and_damage_is_named, scratch_setup, scratch_teardown),
    };
    return cmocka_run_group_tests_name("zoneinfo", tests, NULL, NULL);
}
