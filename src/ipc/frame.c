/* frame.c - bounded byte queues in both directions, cut at frame heads. */
#include "ipc/frame.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/vec.h"

#define FRAME_MIN 2 /* {} */
#define HELD_MOST (2 * (FRAME_HEAD + FRAME_MAX))
#define READ_PIECE 8192 /* what is more wakes the loop again */

struct frame_reader {
    struct buf held; /* bytes as they came; those before `taken` were yielded */
    size_t taken;
    bool broken;
};

struct frame_writer {
    struct buf queued; /* those before `sent` are gone */
    size_t sent, max;
};

struct frame_reader *frame_reader_create(void)
{
    struct frame_reader *r = mem_alloc(sizeof *r);
    r->held.max = HELD_MOST;
    return r;
}

void frame_reader_destroy(struct frame_reader **r)
{
    if (*r == NULL) return;
    buf_release(&(*r)->held);
    mem_free(*r);
    *r = NULL;
}

/* Moves what is left to the front. */
static void drop_front(struct buf *b, size_t n)
{
    if (n == 0) return;
    memmove(b->p, b->p + n, b->len - n);
    b->len -= n;
}

int frame_reader_add(struct frame_reader *r, struct slice bytes, struct error *e)
{
    drop_front(&r->held, r->taken);
    r->taken = 0;
    if (bytes.n > HELD_MOST - r->held.len)
        return fail(e, ERR_LIMIT, "frames came faster than they were taken: %zu bytes are held", r->held.len);
    buf_add(&r->held, bytes);
    return 0;
}

static uint32_t read_length(const char *p)
{
    const unsigned char *b = (const unsigned char *)p;
    return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static int check_frame(struct slice rest, uint32_t length, struct error *e)
{
    if (length > FRAME_MAX)
        return fail(e, ERR_LIMIT, "a frame of %lu bytes: at most %zu are taken", (unsigned long)length, FRAME_MAX);
    if (length < FRAME_MIN || (rest.n > FRAME_HEAD && rest.p[FRAME_HEAD] != '{'))
        return fail(e, ERR_SYNTAX, "what came is no frame: %lu bytes that do not start with a JSON object",
                    (unsigned long)length);
    return 0;
}

int frame_reader_next(struct frame_reader *r, struct slice *frame, struct error *e)
{
    struct slice rest = slice_from(buf_slice(&r->held), r->taken);
    *frame = (struct slice){ 0 };
    if (r->broken) return fail(e, ERR_SYNTAX, "the stream of frames is out of step since an earlier error");
    if (rest.n < FRAME_HEAD) return 0;
    uint32_t length = read_length(rest.p);
    int rc = check_frame(rest, length, e);
    if (rc < 0) {
        r->broken = true;
        return rc;
    }
    if (rest.n - FRAME_HEAD < length) return 0;
    *frame = slice_upto(slice_from(rest, FRAME_HEAD), length);
    r->taken += FRAME_HEAD + length;
    return 1;
}

int frame_reader_fill(struct frame_reader *r, int fd, struct error *e)
{
    char piece[READ_PIECE];
    ssize_t n;
    int rc = 1;
    while ((n = read(fd, piece, READ_PIECE)) < 0 && errno == EINTR) continue;
    if (n > 0) {
        int added = frame_reader_add(r, (struct slice){ piece, (size_t)n }, e);
        if (added < 0) rc = added;
    } else if (n == 0 || errno == ECONNRESET) {
        bool inside = r->held.len > r->taken;
        rc = fail(e, ERR_UNAVAILABLE, "the other process closed the connection%s", inside ? " inside a frame" : "");
    } else {
        rc = errno == EAGAIN ? 0 : fail(e, ERR_IO, "cannot read frames: %s", strerror(errno));
    }
    return rc;
}

struct frame_writer *frame_writer_create(size_t max_bytes)
{
    struct frame_writer *w = mem_alloc(sizeof *w);
    w->max = max_bytes;
    w->queued.max = max_bytes;
    return w;
}

void frame_writer_destroy(struct frame_writer **w)
{
    if (*w == NULL) return;
    buf_release(&(*w)->queued);
    mem_free(*w);
    *w = NULL;
}

int frame_writer_add(struct frame_writer *w, struct slice json, struct error *e)
{
    size_t whole = FRAME_HEAD + json.n;
    if (json.n < FRAME_MIN || json.p[0] != '{') return fail(e, ERR_INVALID, "a frame holds one JSON object");
    if (json.n > FRAME_MAX || whole > w->max)
        return fail(e, ERR_LIMIT, "a frame of %zu bytes can never be sent", json.n);
    if (whole > w->max - frame_writer_pending(w))
        return fail(e, ERR_BUSY, "the queue to the other process is full (%zu bytes)", frame_writer_pending(w));
    drop_front(&w->queued, w->sent);
    w->sent = 0;
    for (int i = 0; i < FRAME_HEAD; i++) buf_add_char(&w->queued, (char)(json.n >> (8 * i)));
    buf_add(&w->queued, json);
    return 0;
}

size_t frame_writer_pending(const struct frame_writer *w)
{
    return w->queued.len - w->sent;
}

int frame_writer_flush(struct frame_writer *w, int fd, struct error *e)
{
    while (frame_writer_pending(w) > 0) {
        struct slice rest = slice_from(buf_slice(&w->queued), w->sent);
        ssize_t n = send(fd, rest.p, rest.n, MSG_NOSIGNAL);
        if (n < 0 && errno == ENOTSOCK) n = write(fd, rest.p, rest.n);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && errno == EAGAIN) return 0;
        if (n < 0 && (errno == EPIPE || errno == ECONNRESET))
            return fail(e, ERR_UNAVAILABLE, "the other process closed the connection");
        if (n < 0) return fail(e, ERR_IO, "cannot write frames: %s", strerror(errno));
        w->sent += (size_t)n;
    }
    buf_reset(&w->queued);
    w->sent = 0;
    return 1;
}
