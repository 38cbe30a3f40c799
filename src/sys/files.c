/* files.c - reading, replacing, making and locking on the file system. */
#include "sys/files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"

static int code_of(int number)
{
    switch (number) {
    case ENOENT: return ERR_NOT_FOUND;
    case EACCES:
    case EPERM:
    case EROFS: return ERR_DENIED;
    case EEXIST:
    case ENOTDIR: return ERR_CONFLICT;
    }
    return ERR_IO;
}

int file_fail(struct error *e, const char *verb, const char *path)
{
    int number = errno;
    return fail(e, code_of(number), "cannot %s %s: %s", verb, path, strerror(number));
}

static int read_all(int fd, const char *path, size_t limit, struct buf *out, struct error *e)
{
    char piece[16384];
    size_t total = 0;
    for (;;) {
        ssize_t n = read(fd, piece, sizeof piece);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return file_fail(e, "read", path);
        if (n == 0) return 0;
        total += (size_t)n;
        buf_add(out, (struct slice){ piece, (size_t)n });
        if (total > limit || out->overflow)
            return fail(e, ERR_LIMIT, "%s is larger than the %zu bytes that are taken", path, limit);
    }
}

static file_open_fn *open_by;
static void *open_by_ctx;

void file_open_by(file_open_fn *whom, void *ctx)
{
    open_by = whom;
    open_by_ctx = ctx;
}

static int open_to_read(const char *path, struct error *e)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) return fd;
    if ((errno == EACCES || errno == EPERM) && open_by != NULL) return open_by(open_by_ctx, path, e);
    return file_fail(e, "open", path);
}

int file_read(const char *path, size_t limit, struct buf *out, struct error *e)
{
    int fd = open_to_read(path, e);
    if (fd < 0) return fd;
    if (out->p == NULL && out->max == 0) out->max = limit;
    int rc = read_all(fd, path, limit, out, e);
    close(fd);
    return rc;
}

static int write_all(int fd, struct slice bytes)
{
    while (bytes.n > 0) {
        ssize_t n = write(fd, bytes.p, bytes.n);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return -1;
        bytes = slice_from(bytes, (size_t)n);
    }
    return 0;
}

/* "/a/b" → "/a/", "b" → "./": where the name itself is written down. */
static void add_dir_of(struct buf *out, const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        buf_add_str(out, "./");
    else
        buf_add(out, (struct slice){ path, (size_t)(slash - path) + 1 });
}

static int sync_dir(const char *dir, struct error *e)
{
    int rc = 0, fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return file_fail(e, "open", dir);
    if (fsync(fd) < 0) rc = file_fail(e, "sync", dir);
    close(fd);
    return rc;
}

int file_reserve(const char *path, int64_t size, int *out, struct error *e)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return file_fail(e, "open", path);
    const int failed = posix_fallocate(fd, 0, size);
    if (failed == 0) {
        *out = fd;
        return 0;
    }
    close(fd);
    return fail(e, code_of(failed), "cannot reserve room for %s: %s", path, strerror(failed));
}

int file_sync_name(const char *path, struct error *e)
{
    struct buf dir = { .max = PATH_MAX };
    add_dir_of(&dir, path);
    const int rc = dir.overflow ? fail(e, ERR_LIMIT, "path of %zu bytes: too long", strlen(path)) : sync_dir(dir.p, e);
    buf_release(&dir);
    return rc;
}

int file_write_at(int fd, int64_t at, struct slice bytes, const char *path, struct error *e)
{
    while (bytes.n > 0) {
        const ssize_t n = pwrite(fd, bytes.p, bytes.n, at);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return file_fail(e, "write", path);
        bytes = slice_from(bytes, (size_t)n);
        at += n;
    }
    return fdatasync(fd) < 0 ? file_fail(e, "sync", path) : 0;
}

/* A file under a name of its own until it is whole. */
struct making {
    const struct new_file *what;
    struct buf name;
    int fd; /* -1: not opened */
};

static int making_begin(struct making *m, mode_t mode, struct error *e)
{
    buf_addf(&m->name, "%s.XXXXXX", m->what->path);
    if (m->name.overflow)
        return fail(e, ERR_LIMIT, "path of %zu bytes: too long to write to", strlen(m->what->path));
    m->fd = mkostemp(m->name.p, O_CLOEXEC);
    if (m->fd < 0) return file_fail(e, "create", m->what->path);
    if (write_all(m->fd, m->what->bytes) < 0 || fchmod(m->fd, mode) < 0) return file_fail(e, "write", m->what->path);
    sync_file_range(m->fd, 0, 0, SYNC_FILE_RANGE_WRITE); /* begins what fsync waits for; only that one's answer counts */
    return 0;
}

/* Gives it its name: then there is nothing left to remove. */
static int making_place(struct making *m, struct error *e)
{
    if (fsync(m->fd) < 0) return file_fail(e, "sync", m->what->path);
    if (rename(m->name.p, m->what->path) < 0) return file_fail(e, "replace", m->what->path);
    buf_reset(&m->name);
    return 0;
}

static void making_end(struct making *m)
{
    if (m->fd >= 0) close(m->fd);
    if (m->fd >= 0 && m->name.len > 0) unlink(m->name.p);
    buf_release(&m->name);
}

/* All are written before the first is waited for: a journalling file system then takes them in one go. */
int files_make(const struct new_file *files, size_t n, mode_t mode, struct error *e)
{
    struct making making[FILES_MADE_MAX];
    int rc = 0;
    CHECK(n <= FILES_MADE_MAX);
    for (size_t i = 0; i < n; i++) making[i] = (struct making){ &files[i], { .max = PATH_MAX }, -1 };
    for (size_t i = 0; rc == 0 && i < n; i++) rc = making_begin(&making[i], mode, e);
    for (size_t i = 0; rc == 0 && i < n; i++) rc = making_place(&making[i], e);
    if (rc == 0 && n > 0) rc = file_sync_name(files[0].path, e);
    for (size_t i = 0; i < n; i++) making_end(&making[i]);
    return rc;
}

int file_replace(const char *path, struct slice bytes, mode_t mode, struct error *e)
{
    return files_make(&(struct new_file){ path, bytes }, 1, mode, e);
}

int file_rewrite(const char *path, struct slice bytes, struct error *e)
{
    struct stat st;
    char *real = realpath(path, NULL);
    int rc;
    if (real == NULL) return file_fail(e, "find", path);
    if (stat(real, &st) < 0)
        rc = file_fail(e, "look at", path);
    else
        rc = file_replace(real, bytes, st.st_mode & 07777, e);
    free(real);
    return rc;
}

static int make_dir(const char *path, mode_t mode, struct error *e)
{
    struct stat st;
    if (mkdir(path, mode) == 0) return 0;
    if (errno != EEXIST) return file_fail(e, "make directory", path);
    if (stat(path, &st) < 0) return file_fail(e, "look at", path);
    if (!S_ISDIR(st.st_mode))
        return fail(e, ERR_CONFLICT, "cannot make directory %s: a file of that name is there", path);
    return 0;
}

int file_make_dirs(const char *path, mode_t mode, struct error *e)
{
    struct buf part = { .max = PATH_MAX };
    int rc = 0;
    buf_add_str(&part, path);
    if (part.overflow || part.len == 0) {
        rc = fail(e, ERR_INVALID, "cannot make a directory: its path is empty or too long");
        goto out;
    }
    for (size_t i = 1; i <= part.len && rc == 0; i++) {
        if (part.p[i] != '/' && part.p[i] != '\0') continue;
        char cut = part.p[i];
        part.p[i] = '\0';
        rc = make_dir(part.p, mode, e);
        part.p[i] = cut;
    }
out:
    buf_release(&part);
    return rc;
}

static int fail_locked(int fd, const char *path, struct error *e)
{
    char text[24] = { 0 };
    int64_t pid = 0;
    ssize_t n = pread(fd, text, sizeof text - 1, 0);
    if (n > 0) slice_to_int(slice_trim((struct slice){ text, (size_t)n }), &pid);
    if (pid <= 0)
        return fail(e, ERR_CONFLICT, "%s is held by another process: stop the server that uses it first", path);
    return fail(e, ERR_CONFLICT, "%s is held by process %lld: stop that server first, or use another state directory",
                path, (long long)pid);
}

int file_lock_dir(const char *dir, int *fd, struct error *e)
{
    struct buf path = { .max = PATH_MAX };
    char pid[24];
    int rc = 0;
    *fd = -1;
    buf_addf(&path, "%s/lock", dir);
    int lock = path.overflow ? -1 : open(path.p, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock < 0) {
        rc = file_fail(e, "open", buf_str(&path));
        goto out;
    }
    if (flock(lock, LOCK_EX | LOCK_NB) < 0) {
        rc = errno == EWOULDBLOCK ? fail_locked(lock, path.p, e) : file_fail(e, "lock", path.p);
        goto out;
    }
    int n = snprintf(pid, sizeof pid, "%ld\n", (long)getpid());
    /* Written over and then cut: on a full disk a block that was given back is not there to be had again. */
    if (pwrite(lock, pid, (size_t)n, 0) != n || ftruncate(lock, n) < 0) {
        rc = file_fail(e, "write", path.p);
        goto out;
    }
    *fd = lock;
out:
    if (rc < 0 && lock >= 0) close(lock);
    buf_release(&path);
    return rc;
}

void files_keep_private(void)
{
    umask(077);
}
