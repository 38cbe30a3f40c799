/* frame.h - JSON over a stream socket: a 32-bit little-endian length, then that many bytes of one JSON object.
 *
 * Both sides are bounded: a frame is 2 bytes ("{}") to FRAME_MAX long, and a queue that is full says so instead of
 * growing. This file knows bytes and lengths, message.h what they mean. Not thread-safe. */
#ifndef IPC_FRAME_H
#define IPC_FRAME_H

#include "base/buf.h"
#include "base/error.h"

#define FRAME_MAX ((size_t)1 << 20) /* bytes of JSON */
#define FRAME_HEAD 4

/* Collects bytes, yields frames. Pure but for its memory. */
struct frame_reader; /* opaque */
struct frame_reader *frame_reader_create(void);
void frame_reader_destroy(struct frame_reader **r); /* NULL is fine; clears *r */

/* Hands over bytes as they came. ERR_LIMIT when more than one frame and a half would be held: take frames first. */
int frame_reader_add(struct frame_reader *r, struct slice bytes, struct error *e);

/* 1: *frame is the next one, borrowed until the next call; 0: more bytes are needed; ERR_LIMIT (longer than FRAME_MAX)
 * or ERR_SYNTAX (too short, or not starting with '{'): the stream is out of step for good, the reader stays failed. */
int frame_reader_next(struct frame_reader *r, struct slice *frame, struct error *e);

/* Reads once from a descriptor into the reader: 1 = bytes came, 0 = none now (non-blocking), ERR_UNAVAILABLE = the peer
 * closed (between frames or inside one, the detail tells), ERR_IO. */
int frame_reader_fill(struct frame_reader *r, int fd, struct error *e);

/* A bounded queue of frames on their way out. */
struct frame_writer; /* opaque */
struct frame_writer *frame_writer_create(size_t max_bytes); /* of queued bytes, heads included */
void frame_writer_destroy(struct frame_writer **w); /* NULL is fine; clears *w */

/* Copies one frame's JSON behind the others. ERR_BUSY: full now, nothing was queued, try after flushing. ERR_LIMIT:
 * could never be sent. */
int frame_writer_add(struct frame_writer *w, struct slice json, struct error *e);
size_t frame_writer_pending(const struct frame_writer *w); /* bytes not yet taken by the kernel */

/* Writes what the kernel takes: 1 = all gone, 0 = some is left (wait for EPOLLOUT), ERR_UNAVAILABLE = the peer closed,
 * ERR_IO. Never blocks on a non-blocking descriptor, never raises SIGPIPE on a socket. */
int frame_writer_flush(struct frame_writer *w, int fd, struct error *e);

#endif
