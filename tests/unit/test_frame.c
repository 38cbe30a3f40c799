/* test_frame.c - frames survive any cutting of the stream, and nothing grows without bound. */
#include "harness.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"
#include "base/vec.h"
#include "ipc/frame.h"

static void add_frame(struct buf *out, const char *json)
{
    size_t n = strlen(json);
    for (int i = 0; i < FRAME_HEAD; i++) buf_add_char(out, (char)(n >> (8 * i)));
    buf_add_str(out, json);
}

static void frames_survive_any_cutting(void **state)
{
    static const char *const frames[] = { "{}", "{\"type\":\"ping\"}", "{\"a\":[1,2,3]}" };
    struct buf stream = { 0 };
    for (size_t i = 0; i < COUNT_OF(frames); i++) add_frame(&stream, frames[i]);
    for (size_t piece = 1; piece <= stream.len; piece++) {
        struct frame_reader *r = frame_reader_create();
        size_t found = 0;
        for (size_t at = 0; at < stream.len; at += piece) {
            struct slice frame;
            assert_int_equal(frame_reader_add(r, slice_upto(slice_from(buf_slice(&stream), at), piece), NULL), 0);
            while (frame_reader_next(r, &frame, NULL) == 1) {
                assert_true(found < COUNT_OF(frames));
                assert_true(slice_eq(frame, slice_of(frames[found++])));
            }
        }
        assert_int_equal(found, COUNT_OF(frames));
        frame_reader_destroy(&r);
    }
    buf_release(&stream);
    (void)state;
}

static void garbage_breaks_the_stream_for_good(void **state)
{
    static const struct {
        const char *what;
        struct slice bytes;
        int code;
    } rows[] = {
        { "one byte too long", { "\x01\x00\x10\x00", 4 }, ERR_LIMIT },
        { "as long as can be", { "\xff\xff\xff\xff", 4 }, ERR_LIMIT },
        { "nothing at all", { "\0\0\0\0", 4 }, ERR_SYNTAX },
        { "one byte", { "\1\0\0\0", 4 }, ERR_SYNTAX },
        { "an array", { "\2\0\0\0[]", 6 }, ERR_SYNTAX },
        { "an array, not whole yet", { "\xff\0\0\0[", 5 }, ERR_SYNTAX },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct frame_reader *r = frame_reader_create();
        struct slice frame;
        struct error e = { 0 };
        assert_int_equal(frame_reader_add(r, rows[i].bytes, &e), 0);
        assert_int_equal(frame_reader_next(r, &frame, &e), rows[i].code);
        assert_int_equal(frame.n, 0);
        assert_int_equal(frame_reader_add(r, S("\2\0\0\0{}"), &e), 0);
        assert_int_equal(frame_reader_next(r, &frame, &e), ERR_SYNTAX);
        frame_reader_destroy(&r);
    }
    (void)state;
}

static void the_largest_frame_passes(void **state)
{
    struct buf json = { .max = FRAME_MAX + 1 };
    buf_add_char(&json, '{');
    while (json.len < FRAME_MAX - 1) buf_add_char(&json, ' ');
    buf_add_char(&json, '}');
    struct frame_writer *w = frame_writer_create(FRAME_MAX + FRAME_HEAD);
    struct frame_reader *r = frame_reader_create();
    struct slice frame = { 0 };
    int pair[2], rc = 0;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    assert_int_equal(frame_writer_add(w, buf_slice(&json), NULL), 0);
    assert_int_equal(frame_writer_flush(w, pair[0], NULL), 0); /* the kernel takes a part of it */
    while (rc == 0) {
        assert_int_equal(frame_reader_fill(r, pair[1], NULL), 1);
        assert_true(frame_writer_flush(w, pair[0], NULL) >= 0);
        rc = frame_reader_next(r, &frame, NULL);
    }
    assert_int_equal(rc, 1);
    assert_int_equal(frame.n, FRAME_MAX);
    assert_int_equal(frame_writer_pending(w), 0);
    buf_add_char(&json, ' ');
    assert_int_equal(frame_writer_add(w, buf_slice(&json), NULL), ERR_LIMIT);
    frame_reader_destroy(&r);
    frame_writer_destroy(&w);
    buf_release(&json);
    close(pair[0]);
    close(pair[1]);
    (void)state;
}

static void a_full_queue_says_so(void **state)
{
    struct frame_writer *w = frame_writer_create(3 * (FRAME_HEAD + 2));
    struct error e = { 0 };
    for (int i = 0; i < 3; i++) assert_int_equal(frame_writer_add(w, S("{}"), &e), 0);
    assert_int_equal(frame_writer_add(w, S("{}"), &e), ERR_BUSY);
    assert_int_equal(frame_writer_pending(w), 18);
    assert_int_equal(frame_writer_add(w, S("{\"a\":\"a long frame\"}"), &e), ERR_LIMIT);
    assert_int_equal(frame_writer_add(w, S("[]"), &e), ERR_INVALID);
    assert_int_equal(frame_writer_add(w, (struct slice){ 0 }, &e), ERR_INVALID);
    frame_writer_destroy(&w);
    (void)state;
}

static void a_reader_that_is_not_emptied_refuses_more(void **state)
{
    struct frame_reader *r = frame_reader_create();
    char *zeros = mem_alloc(FRAME_MAX);
    int rc = 0, rounds = 0;
    for (; rc == 0 && rounds < 8; rounds++) rc = frame_reader_add(r, (struct slice){ zeros, FRAME_MAX }, NULL);
    assert_int_equal(rc, ERR_LIMIT);
    assert_int_equal(rounds, 3);
    mem_free(zeros);
    frame_reader_destroy(&r);
    (void)state;
}

static void a_closed_peer_is_told_apart(void **state)
{
    struct frame_reader *r = frame_reader_create();
    struct frame_writer *w = frame_writer_create(100);
    struct error e = { 0 };
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    assert_int_equal(frame_reader_fill(r, pair[1], &e), 0);
    assert_int_equal(write(pair[0], "\2\0\0\0{", 5), 5);
    assert_int_equal(frame_reader_fill(r, pair[1], &e), 1);
    close(pair[0]);
    assert_int_equal(frame_reader_fill(r, pair[1], &e), ERR_UNAVAILABLE);
    assert_non_null(strstr(e.detail, "inside a frame"));
    assert_int_equal(frame_writer_add(w, S("{}"), &e), 0);
    assert_int_equal(frame_writer_flush(w, pair[1], &e), ERR_UNAVAILABLE); /* and no SIGPIPE */
    close(pair[1]);
    frame_reader_destroy(&r);
    frame_writer_destroy(&w);
    assert_null(r);
    assert_null(w);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_survive_any_cutting),
        cmocka_unit_test(garbage_breaks_the_stream_for_good),
        cmocka_unit_test(the_largest_frame_passes),
        cmocka_unit_test(a_full_queue_says_so),
        cmocka_unit_test(a_reader_that_is_not_emptied_refuses_more),
        cmocka_unit_test(a_closed_peer_is_told_apart),
    };
    return cmocka_run_group_tests_name("frame", tests, NULL, NULL);
}
