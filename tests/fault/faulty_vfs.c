/* faulty_vfs.c - the shim. Files are known by path: two connections to one file share what was synced. */
#include "fault/faulty_vfs.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/check.h"

#define SECTOR ((size_t)512)
#define FILES_MAX 8

/* What one file held at its last sync, and what was written since. */
struct image {
    char path[512]; /* empty: unused */
    struct buf synced;
    struct write {
        sqlite3_int64 at;
        size_t n, from; /* in bytes */
    } * pending;
    size_t n_pending, cap;
    struct buf bytes;
};

struct faulty_file {
    sqlite3_file base;
    sqlite3_file *real; /* behind this struct */
    struct image *image; /* NULL while nothing is remembered */
};

static struct {
    enum fault fault;
    int code;
    long left;
    enum fault_lasts lasts;
    bool fired;
} disk;

static struct {
    bool remembers, was_cut;
    long left; /* writes and syncs until the power fails; 0 = never */
    enum kept kept;
    uint64_t dice;
    char dir[512];
    struct image files[FILES_MAX];
} power;

static sqlite3_vfs *system_vfs, faulty_vfs;

static struct faulty_file *file_of(sqlite3_file *f)
{
    return (struct faulty_file *)f;
}

static sqlite3_file *real_of(sqlite3_file *f)
{
    return file_of(f)->real;
}

static bool fails(enum fault f)
{
    if (disk.fault != f || --disk.left > 0) return false;
    disk.fired = true;
    if (disk.lasts == FAULT_ONCE) disk.fault = FAULT_NONE;
    return true;
}

/* ---- what the disk has ---- */

static struct image *image_of(const char *path)
{
    struct image *unused = NULL;
    for (size_t i = 0; i < FILES_MAX; i++) {
        if (strcmp(power.files[i].path, path) == 0) return &power.files[i];
        if (unused == NULL && power.files[i].path[0] == '\0') unused = &power.files[i];
    }
    CHECK(unused != NULL && strlen(path) < sizeof unused->path);
    strcpy(unused->path, path);
    unused->synced.max = unused->bytes.max = (size_t)256 << 20;
    return unused;
}

static void bytes_put(struct buf *b, size_t at, const char *p, size_t n)
{
    static const char zeros[4096];
    while (b->len < at + n) {
        size_t more = at + n - b->len;
        buf_add(b, (struct slice){ zeros, more < sizeof zeros ? more : sizeof zeros });
    }
    memcpy(b->p + at, p, n);
}

static void image_write(struct image *im, const void *p, size_t n, sqlite3_int64 at)
{
    if (im->n_pending == im->cap) {
        im->cap = im->cap == 0 ? 64 : im->cap * 2;
        im->pending = realloc(im->pending, im->cap * sizeof *im->pending);
        CHECK(im->pending != NULL);
    }
    im->pending[im->n_pending++] = (struct write){ at, n, im->bytes.len };
    buf_add(&im->bytes, (struct slice){ p, n });
    CHECK(!im->bytes.overflow);
}

static void image_sync(struct image *im)
{
    for (size_t i = 0; i < im->n_pending; i++)
        bytes_put(&im->synced, (size_t)im->pending[i].at, im->bytes.p + im->pending[i].from, im->pending[i].n);
    im->n_pending = 0;
    buf_reset(&im->bytes);
}

static uint64_t dice(void)
{
    power.dice ^= power.dice << 13;
    power.dice ^= power.dice >> 7;
    power.dice ^= power.dice << 17;
    return power.dice;
}

/* Of one write since the last sync: what reached the platter. */
static void survive(struct buf *file, const struct image *im, const struct write *w)
{
    bool whole = power.kept == KEPT_ALL || (power.kept == KEPT_SOME && dice() % 2 == 0);
    for (size_t at = 0; at < w->n; at += SECTOR) {
        size_t n = w->n - at < SECTOR ? w->n - at : SECTOR;
        if (whole || (power.kept == KEPT_SOME && dice() % 2 == 0))
            bytes_put(file, (size_t)w->at + at, im->bytes.p + w->from + at, n);
    }
}

static void image_leave(const struct image *im)
{
    struct buf file = { .max = (size_t)512 << 20 }, path = { .max = 1024 };
    FILE *out;

    buf_add(&file, buf_slice(&im->synced));
    for (size_t i = 0; i < im->n_pending; i++) survive(&file, im, &im->pending[i]);
    buf_addf(&path, "%s/%s", power.dir, strrchr(im->path, '/') + 1);
    out = fopen(buf_str(&path), "wb");
    CHECK(out != NULL && fwrite(file.p, 1, file.len, out) == file.len && fclose(out) == 0);
    buf_release(&file);
    buf_release(&path);
}

static void power_tick(void)
{
    if (power.left == 0 || --power.left > 0) return;
    power.was_cut = true;
    for (size_t i = 0; i < FILES_MAX; i++)
        if (power.files[i].path[0] != '\0') image_leave(&power.files[i]);
}

/* ---- SQLite's methods ---- */

#define FORWARD(name, arguments, call)          \
    static int faulty_##name arguments          \
    {                                           \
        return real_of(f)->pMethods->name call; \
    }
FORWARD(xClose, (sqlite3_file * f), (real_of(f)))
FORWARD(xFileSize, (sqlite3_file * f, sqlite3_int64 *n), (real_of(f), n))
FORWARD(xLock, (sqlite3_file * f, int l), (real_of(f), l))
FORWARD(xUnlock, (sqlite3_file * f, int l), (real_of(f), l))
FORWARD(xCheckReservedLock, (sqlite3_file * f, int *out), (real_of(f), out))
FORWARD(xFileControl, (sqlite3_file * f, int op, void *arg), (real_of(f), op, arg))
FORWARD(xSectorSize, (sqlite3_file * f), (real_of(f)))
FORWARD(xDeviceCharacteristics, (sqlite3_file * f), (real_of(f)))
FORWARD(xShmMap, (sqlite3_file * f, int page, int size, int extend, void volatile **p),
        (real_of(f), page, size, extend, p))
FORWARD(xShmLock, (sqlite3_file * f, int at, int n, int flags), (real_of(f), at, n, flags))
FORWARD(xShmUnmap, (sqlite3_file * f, int forget), (real_of(f), forget))

static void faulty_xShmBarrier(sqlite3_file *f)
{
    real_of(f)->pMethods->xShmBarrier(real_of(f));
}

static int faulty_xRead(sqlite3_file *f, void *p, int n, sqlite3_int64 at)
{
    return fails(FAULT_READ) ? disk.code : real_of(f)->pMethods->xRead(real_of(f), p, n, at);
}

static int faulty_xWrite(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
    if (fails(FAULT_WRITE)) {
        real_of(f)->pMethods->xWrite(real_of(f), p, n / 2, at); /* torn */
        return disk.code;
    }
    if (file_of(f)->image != NULL) {
        power_tick();
        image_write(file_of(f)->image, p, (size_t)n, at);
    }
    return real_of(f)->pMethods->xWrite(real_of(f), p, n, at);
}

/* Nobody loses power here but the model: the real disk is not waited for. */
static int faulty_xSync(sqlite3_file *f, int flags)
{
    (void)flags;
    if (fails(FAULT_SYNC)) return disk.code;
    if (file_of(f)->image != NULL) {
        power_tick();
        image_sync(file_of(f)->image);
    }
    return SQLITE_OK;
}

/* A file system keeps the order of its own metadata: a file made shorter is shorter at once. */
static int faulty_xTruncate(sqlite3_file *f, sqlite3_int64 n)
{
    struct image *im = file_of(f)->image;
    if (im != NULL) {
        image_sync(im);
        if (im->synced.len > (size_t)n) im->synced.len = (size_t)n;
    }
    return real_of(f)->pMethods->xTruncate(real_of(f), n);
}

static const sqlite3_io_methods faulty_methods = {
    .iVersion = 2,
    .xClose = faulty_xClose,
    .xRead = faulty_xRead,
    .xWrite = faulty_xWrite,
    .xTruncate = faulty_xTruncate,
    .xSync = faulty_xSync,
    .xFileSize = faulty_xFileSize,
    .xLock = faulty_xLock,
    .xUnlock = faulty_xUnlock,
    .xCheckReservedLock = faulty_xCheckReservedLock,
    .xFileControl = faulty_xFileControl,
    .xSectorSize = faulty_xSectorSize,
    .xDeviceCharacteristics = faulty_xDeviceCharacteristics,
    .xShmMap = faulty_xShmMap,
    .xShmLock = faulty_xShmLock,
    .xShmBarrier = faulty_xShmBarrier,
    .xShmUnmap = faulty_xShmUnmap,
};

/* Files of the last cut, opened to be judged. */
static bool is_left_behind(const char *name)
{
    return power.dir[0] != '\0' && slice_has_prefix(slice_of(name), slice_of(power.dir));
}

/* A new store is made as NAME.new and renamed without SQLite's knowing: what the disk has of it goes by the new name. */
static void follow_rename(const char *name)
{
    struct buf made = { .max = 600 };
    buf_addf(&made, "%s.new", name);
    for (size_t i = 0; i < FILES_MAX; i++)
        if (strcmp(power.files[i].path, buf_str(&made)) == 0 && access(buf_str(&made), F_OK) != 0)
            strcpy(power.files[i].path, name);
    buf_release(&made);
}

static int faulty_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags, int *out)
{
    struct faulty_file *self = file_of(f);
    int rc;

    (void)vfs;
    self->real = (sqlite3_file *)(self + 1);
    self->image = NULL;
    rc = system_vfs->xOpen(system_vfs, name, self->real, flags, out);
    self->base.pMethods = self->real->pMethods == NULL ? NULL : &faulty_methods;
    if (rc == SQLITE_OK && power.remembers && name != NULL && !is_left_behind(name)) {
        follow_rename(name);
        self->image = image_of(name);
    }
    return rc;
}

/* What is deleted leaves nothing behind. */
static int faulty_delete(sqlite3_vfs *vfs, const char *name, int sync_dir)
{
    (void)vfs;
    for (size_t i = 0; i < FILES_MAX; i++) {
        struct image *im = &power.files[i];
        if (strcmp(im->path, name) != 0) continue;
        buf_release(&im->synced);
        buf_release(&im->bytes);
        free(im->pending);
        *im = (struct image){ .synced = { 0 } };
    }
    return system_vfs->xDelete(system_vfs, name, sync_dir);
}

void faulty_vfs_install(void)
{
    system_vfs = sqlite3_vfs_find(NULL);
    faulty_vfs = *system_vfs;
    faulty_vfs.zName = "faulty";
    faulty_vfs.szOsFile = (int)sizeof(struct faulty_file) + system_vfs->szOsFile;
    faulty_vfs.xOpen = faulty_open;
    faulty_vfs.xDelete = faulty_delete;
    CHECK(sqlite3_vfs_register(&faulty_vfs, 1) == SQLITE_OK);
}

void faulty_vfs_arm(enum fault f, int code, long n, enum fault_lasts lasts)
{
    disk.fault = f;
    disk.code = code;
    disk.left = n;
    disk.lasts = lasts;
    disk.fired = false;
}

bool faulty_vfs_disarm(void)
{
    disk.fault = FAULT_NONE;
    return disk.fired;
}

void faulty_vfs_remember(void)
{
    power.remembers = true;
}

void faulty_vfs_forget(void)
{
    for (size_t i = 0; i < FILES_MAX; i++) {
        buf_release(&power.files[i].synced);
        buf_release(&power.files[i].bytes);
        free(power.files[i].pending);
    }
    memset(&power, 0, sizeof power);
}

void faulty_vfs_cut_at(long n, enum kept kept, uint64_t seed, const char *dir)
{
    power.left = n;
    power.kept = kept;
    power.dice = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    CHECK(strlen(dir) < sizeof power.dir);
    strcpy(power.dir, dir);
    power.was_cut = false;
}

bool faulty_vfs_was_cut(void)
{
    power.left = 0;
    return power.was_cut;
}
