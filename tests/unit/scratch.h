/* scratch.h - a directory for one test, gone afterwards. */
#ifndef TESTS_SCRATCH_H
#define TESTS_SCRATCH_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"

static int scratch_remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st;
    (void)kind;
    (void)ftw;
    return remove(path);
}

/* cmocka fixtures: *state is the path. */
static int scratch_setup(void **state)
{
    char *dir = strdup("/tmp/tocsin-test-XXXXXX");
    *state = mkdtemp(dir);
    return *state == NULL ? -1 : 0;
}

static int scratch_teardown(void **state)
{
    int rc = nftw(*state, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(*state);
    return rc;
}

/* "DIR/NAME"; release it with buf_release(). */
static struct buf scratch_path(void **state, const char *name)
{
    struct buf path = { 0 };
    buf_addf(&path, "%s/%s", (const char *)*state, name);
    return path;
}

#endif
