/* fuzz_site.c - any bytes as site.yaml and as routing.yaml: loaded whole, or refused with at least one place; never both.
 * Not here: what the messages say (golden/test_site.c). */
#include <stdint.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/check.h"
#include "core/routing.h"
#include "site/routing.h"
#include "site/site.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is printed stays lines of UTF-8, whatever the names in the input. */
static void messages_check(const struct problems *p)
{
    struct buf printed = { .max = 4u << 20 };
    size_t lines = 0;

    problems_print(p, &printed);
    CHECK(!printed.overflow && slice_is_utf8(buf_slice(&printed), NULL));
    for (size_t i = 0; i < printed.len; i++) lines += printed.p[i] == '\n';
    CHECK(lines == problems_count(p) + (problems_errors(p) + problems_warnings(p) > problems_count(p)));
    buf_release(&printed);
}

static void site_try(struct slice bytes)
{
    struct problems *p = problems_create();
    struct site *site;
    int rc = site_load_bytes("site.yaml", bytes, &site, p);

    CHECK((rc == 0) == (site != NULL) && (rc == 0) == (problems_errors(p) == 0));
    if (site != NULL) {
        CHECK(site->dir.unrouted_team >= 0 && site->dir.zone != NULL && site->dir.n_administrators > 0);
        for (size_t i = 0; i < site->dir.n_schedules; i++)
            CHECK(schedule_on_call_at(&site->dir.schedules[i], 1767600000000).n > 0);
    }
    messages_check(p);
    site_destroy(&site);
    problems_destroy(&p);
}

static void routing_try(struct slice bytes)
{
    static const struct label labels[] = { { { "alertname", 9 }, { "DbSlow", 6 } }, { { "job", 3 }, { "x", 1 } } };
    struct problems *p = problems_create();
    struct arena *a = arena_create(0);
    struct routing routing;
    int rc = routing_load_bytes(a, S("routing.yaml"), bytes, NULL, &routing, p);

    CHECK((rc == 0) == (problems_errors(p) == 0));
    if (rc == 0) routing_first(&routing, labels, COUNT_OF(labels));
    messages_check(p);
    routing_release(&routing);
    arena_destroy(&a);
    problems_destroy(&p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice bytes = { (const char *)data, size };

    site_try(bytes);
    routing_try(bytes);
    return 0;
}
