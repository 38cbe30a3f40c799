/* sqlite_make.c - makes a database as any start did without an image of one, and prints its bytes as C: sqlite_image.
 *
 * Runs when Tocsin is built: sqlite-make SCRATCH-FILE. Linked with the store's own files, and with no image.
 * Not here: what is in it (schema.c), how it is put in place (sqlite_open.c).
 */
#include <stdio.h>
#include <unistd.h>

#include "base/check.h"
#include "store/sqlite.h"
#include "sys/files.h"

#define IMAGE_MAX ((size_t)4 << 20)
#define GAP 16 /* so many zeros end a piece */

const struct sqlite_image sqlite_image = { 0, 0, NULL };

static size_t zeros(struct slice s)
{
    size_t n = 0;
    while (n < s.n && s.p[n] == 0) n++;
    return n;
}

/* Up to the next gap. */
static size_t piece(struct slice s)
{
    size_t n = 0;
    while (n < s.n) {
        const size_t gap = zeros(slice_from(s, n));
        if (gap >= GAP || n + gap == s.n) return n;
        n += gap + 1;
    }
    return n;
}

static void print_bytes(size_t at, struct slice s)
{
    printf("    { %zu, %zu, \"", at, s.n);
    for (size_t i = 0; i < s.n; i++) {
        printf("\\%03o", (unsigned)(unsigned char)s.p[i]);
        if (i % 24 == 23) printf("\"\n      \"");
    }
    printf("\" },\n");
}

static void print_image(struct slice all)
{
    size_t n = 0;
    printf("/* Made by sqlite_make.c. */\n#include \"store/sqlite.h\"\n\nstatic const struct sqlite_piece pieces[] = {\n");
    for (size_t at = zeros(all); at < all.n; n++) {
        const struct slice s = slice_upto(slice_from(all, at), piece(slice_from(all, at)));
        print_bytes(at, s);
        at += s.n;
        at += zeros(slice_from(all, at));
    }
    printf("};\nconst struct sqlite_image sqlite_image = { %zu, %zu, pieces };\n", all.n, n);
}

static int make(const char *path, struct buf *bytes, struct error *e)
{
    struct sqlite_conn c = { 0 };
    struct buf lock = { 0 };
    int fd = -1;
    unlink(path); /* of a build that was interrupted */
    int rc = sqlite_file_open(path, &c, &fd, e);
    conn_close(&c);
    if (rc == 0) rc = file_read(path, IMAGE_MAX, bytes, e);
    buf_addf(&lock, "%s.lock", path);
    unlink(buf_str(&lock));
    unlink(path);
    if (fd >= 0) close(fd);
    buf_release(&lock);
    return rc;
}

int main(int argc, char **argv)
{
    struct error e = { 0 };
    struct buf bytes = { .max = IMAGE_MAX + 1 };
    CHECK(argc == 2);
    const int rc = make(argv[1], &bytes, &e);
    CHECK(bytes.len % SQLITE_IMAGE_PAGE == 0);
    if (rc == 0)
        print_image(buf_slice(&bytes));
    else
        fprintf(stderr, "sqlite-make: %s\n", e.detail);
    buf_release(&bytes);
    return rc == 0 && fflush(stdout) == 0 ? 0 : 1;
}
