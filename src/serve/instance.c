/* instance.c - compares the store's row with the state directory. */
#include "serve/instance.h"

#include <string.h>

#include "store/store.h"

static int row_read(struct store *s, struct instance *out, struct error *e)
{
    struct store_reader *r = NULL;
    struct row row;
    const int64_t key = 1;
    if (store_is_new(s)) return ERR_NOT_FOUND;
    int rc = store_reader_open(s, &r, e);
    if (rc == 0) rc = store_read_row(r, ROW_INSTANCE, &key, &row, e);
    if (rc == 0) memcpy(out, row.v, sizeof *out);
    store_reader_close(&r);
    return rc;
}

static int row_write(struct store *s, const struct instance *row, struct error *e)
{
    const int rc = store_begin(s, e);
    if (rc < 0) return rc;
    store_put_row(s, &(struct row){ .kind = ROW_INSTANCE, .v = &row->id });
    return store_commit(s, e);
}

int instance_check(struct store *s, const struct state_dir *d, struct instance *out, bool *is_new, const char **why,
                   struct error *e)
{
    struct instance stored = { 0 };
    *out = (struct instance){ .id = 1 };
    *is_new = false;
    *why = NULL;
    memcpy(&out->hi, d->id, sizeof out->hi);
    memcpy(&out->lo, d->id + sizeof out->hi, sizeof out->lo);
    const int rc = row_read(s, &stored, e);
    if (rc < 0 && rc != ERR_NOT_FOUND) return rc;
    if (rc == 0 && stored.held != 0)
        *why = "its database is a copy that tocsin backup made, or was held before";
    else if (rc == 0 && (stored.hi != out->hi || stored.lo != out->lo))
        *why = "its database was made in another state directory";
    out->held = *why != NULL;
    *is_new = rc == ERR_NOT_FOUND;
    if (*is_new) return 0;
    return memcmp(&stored, out, sizeof stored) == 0 ? 0 : row_write(s, out, e);
}
