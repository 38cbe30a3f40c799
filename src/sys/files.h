/* files.h - whole files in, whole files out, directories, and the lock on a state directory.
 *
 * Every error names the path and what the system said. Paths are NUL-terminated, as the kernel wants them. All
 * descriptors are close-on-exec. Codes: ERR_NOT_FOUND, ERR_DENIED, ERR_LIMIT (larger than allowed), ERR_CONFLICT (the
 * directory is locked), ERR_IO (everything else). */
#ifndef SYS_FILES_H
#define SYS_FILES_H

#include <sys/types.h>

#include "base/buf.h"
#include "base/error.h"

/* Appends the file's bytes to `out`; at most `limit` of them (a larger file is refused, not cut). Regular files, pipes
 * and /proc files alike; a directory is an error. */
int file_read(const char *path, size_t limit, struct buf *out, struct error *e);

/* One setting of the process, made before its second thread: who opens, to be read, what this process itself was denied.
 * Returns a descriptor, or a negative ERR_. NULL: nobody. */
typedef int file_open_fn(void *ctx, const char *path, struct error *e);
void file_open_by(file_open_fn *whom, void *ctx);

/* All or nothing, durable on return: temporary file beside it, fsync, rename, fsync of the directory. */
int file_replace(const char *path, struct slice bytes, mode_t mode, struct error *e);

/* Makes several small files of one directory, at most FILES_MADE_MAX, durable on return: as file_replace(), with one fsync
 * of the directory for all. After a crash or an error each is whole or not there. */
#define FILES_MADE_MAX 8
struct new_file {
    const char *path;
    struct slice bytes;
};
int files_make(const struct new_file *files, size_t n, mode_t mode, struct error *e);

/* As file_replace(), for a file that is there: keeps its mode, and replaces what a symbolic link points to, not the link. */
int file_rewrite(const char *path, struct slice bytes, struct error *e);

/* Opens for reading and writing a file of at least `size` bytes whose blocks are all reserved, making it (0600) where it
 * is missing: writing into it later needs no room. Nothing is synced: whoever writes into it what must survive also calls
 * file_sync_name(). The descriptor is the caller's. */
int file_reserve(const char *path, int64_t size, int *fd, struct error *e);
/* Waits until the directory's entry of that name is on disk: what was made, renamed or removed there. */
int file_sync_name(const char *path, struct error *e);
/* Writes all of it at `at` and waits until it is on disk (fdatasync). `path` is for the message. */
int file_write_at(int fd, int64_t at, struct slice bytes, const char *path, struct error *e);

/* mkdir -p; existing directories keep their mode. ERR_CONFLICT when a part of the path is no directory. */
int file_make_dirs(const char *path, mode_t mode, struct error *e);

/* Takes DIR/lock so that two servers never share one state directory; held until *fd is closed or the process and
 * every child that kept the descriptor ends. The file holds our pid; ERR_CONFLICT names the holder's. */
int file_lock_dir(const char *dir, int *fd, struct error *e);

/* Fails with `code_of(errno)`: "cannot VERB PATH: reason". errno is read at entry. */
int file_fail(struct error *e, const char *verb, const char *path);

/* From now on no new file of this process is anybody else's to read: names, numbers and texts of incidents stand in them. */
void files_keep_private(void);

#endif
