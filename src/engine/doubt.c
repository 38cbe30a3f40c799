/* doubt.c - a commit that failed may have reached the disk in spite of what it said. Before it is tried again the store is
 * asked for its serial: when it is the one of that try, what the try held is there, and its entries are not written twice.
 * Not here: the same question after a restart (recover.c).
 * Always: rows may be put again, entries and their seals never. */
#include <inttypes.h>
#include <string.h>

#include "engine/inner.h"
#include "store/store.h"
#include "sys/log.h"

void doubt_begins(struct engine *e)
{
    e->doubt = (struct doubt){ .serial = e->serial, .entries = e->fx.entries.n, .erasures = e->fx.erasures.n };
}

static int read_serial(struct engine *e, int64_t *out, struct error *err)
{
    struct store_reader *r = NULL;
    struct row row;
    *out = 0;
    int rc = store_reader_open(e->store, &r, err);
    if (rc == 0) rc = store_read_row(r, ROW_CLOCK, (int64_t[]){ 1 }, &row, err);
    if (rc == 0) *out = ((const struct clock_row *)row.v)->serial;
    store_reader_close(&r);
    return rc == ERR_NOT_FOUND ? 0 : rc;
}

/* The first of them are on disk. */
static void keep_later(struct engine *e)
{
    const size_t entries = e->fx.entries.n - e->doubt.entries, erasures = e->fx.erasures.n - e->doubt.erasures;
    if (entries > 0) memmove(e->fx.entries.v, e->fx.entries.v + e->doubt.entries, entries * sizeof e->fx.entries.v[0]);
    if (erasures > 0)
        memmove(e->fx.erasures.v, e->fx.erasures.v + e->doubt.erasures, erasures * sizeof e->fx.erasures.v[0]);
    e->fx.entries.n = entries;
    e->fx.erasures.n = erasures;
    if (e->spool != NULL) spool_dropped(e->spool, e->doubt.entries);
    e->fx.offered = entries; /* places in the batch have changed: nothing grows any more */
}

int doubt_settle(struct engine *e, struct error *err)
{
    int64_t serial;
    if (e->doubt.serial == 0) return 0;
    const int rc = read_serial(e, &serial, err);
    if (rc < 0) return rc;
    if (serial == e->doubt.serial) {
        log_warning("engine", "the commit that failed is on disk all the same (serial %" PRId64 ")", serial);
        if (e->chain != NULL) chain_committed(e->chain);
        keep_later(e);
    }
    e->doubt = (struct doubt){ 0 };
    return 0;
}
