/* fuzz_frame.c - any bytes as the stream between two processes: frames, then the messages in them.
 * The first byte says in pieces of how many bytes the rest arrives. */
#include "base/check.h"
#include "ipc/frame.h"
#include "ipc/message.h"

#define ARENA_BYTES ((size_t)1 << 22)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was understood can be said again, and is then understood the same. */
static void check_message(struct slice frame)
{
    struct arena *a = arena_create(ARENA_BYTES);
    struct error e = { 0 };
    struct message m, again;
    struct buf first = { .max = 8 * FRAME_MAX }, second = { .max = 8 * FRAME_MAX };
    if (message_parse(frame, a, &m, &e) < 0) {
        CHECK(e.code != 0 && m.type == MESSAGE_UNSET);
    } else {
        message_build(&m, &first);
        if (first.len <= FRAME_MAX) {
            CHECK(message_parse(buf_slice(&first), a, &again, &e) == 0);
            message_build(&again, &second);
            CHECK(slice_eq(buf_slice(&first), buf_slice(&second)));
        }
    }
    buf_release(&first);
    buf_release(&second);
    arena_destroy(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) return 0;
    struct slice rest = { (const char *)data + 1, size - 1 };
    size_t piece = data[0] == 0 ? rest.n : data[0];
    struct frame_reader *r = frame_reader_create();
    struct frame_writer *w = frame_writer_create(2 * FRAME_MAX);
    struct error e = { 0 };
    int rc = 0;
    while (rest.n > 0 && rc == 0) {
        struct slice frame;
        rc = frame_reader_add(r, slice_upto(rest, piece), &e);
        rest = slice_from(rest, piece);
        if (rc < 0) break;
        while ((rc = frame_reader_next(r, &frame, &e)) == 1) {
            CHECK(frame.n >= 2 && frame.n <= FRAME_MAX && frame.p[0] == '{');
            check_message(frame);
            int added = frame_writer_add(w, frame, &e);
            CHECK(added == 0 || added == ERR_BUSY);
        }
    }
    frame_reader_destroy(&r);
    frame_writer_destroy(&w);
    return 0;
}
