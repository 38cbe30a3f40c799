/* courier_rig.h - a real courier in a thread, with the test as its supervisor and its server. */
#ifndef TESTS_COURIER_RIG_H
#define TESTS_COURIER_RIG_H

#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include "base/arena.h"
#include "ipc/frame.h"
#include "ipc/message.h"
#include "serve/control.h"
#include "serve/serve.h"
#include "sys/clock.h"
#include "sys/files.h"
#include "sys/sockets.h"

struct rig {
    struct child_options options;
    struct buf site_path;
    pthread_t thread;
    int status; /* of courier_main */
    int control, peer; /* our ends */
    struct frame_reader *reader;
    struct arena *arena; /* texts of what was received */
};

/* `%s` in the text is replaced by the channels. */
static const char rig_site[] = "organisation: { name: T, timezone: UTC, procedures: [procedures.md] }\n"
                               "teams: { t: { services: [s] } }\n"
                               "services: { s: { name: S, category: infrastructure } }\n"
                               "people: { ada: { name: Ada, login: ada, contacts: { mail: ada@example.org } } }\n"
                               "unrouted: { team: t }\n"
                               "administrators: [ada]\n"
                               "channels:\n%s\n";

static void *rig_thread(void *ctx)
{
    struct rig *r = ctx;
    r->status = courier_main(&r->options);
    return NULL;
}

static void rig_write_site(struct rig *r, const char *channels)
{
    struct buf text = { 0 };
    struct error e = { 0 };
    buf_addf(&text, rig_site, channels);
    assert_int_equal(file_replace(buf_str(&r->site_path), buf_slice(&text), 0600, &e), 0);
    buf_release(&text);
}

static void rig_up(struct rig *r, const char *dir, const char *channels)
{
    struct error e = { 0 };
    int control[2], peers[2];
    *r = (struct rig){ .status = -1, .arena = arena_create(0), .reader = frame_reader_create() };
    buf_addf(&r->site_path, "%s/site.yaml", dir);
    rig_write_site(r, channels);
    assert_int_equal(control_pair(control, &e), 0);
    assert_int_equal(socket_pair(peers, &e), 0);
    r->control = control[0];
    r->peer = peers[0];
    r->options = (struct child_options){
        .site_path = buf_str(&r->site_path), .state_dir = dir, .control_fd = control[1], .peer_fd = peers[1]
    };
    assert_int_equal(pthread_create(&r->thread, NULL, rig_thread, r), 0);
}

static void rig_down(struct rig *r)
{
    struct error e = { 0 };
    if (r->peer >= 0) close(r->peer);
    control_send(r->control, CONTROL_STOP, -1, &e);
    pthread_join(r->thread, NULL);
    close(r->control);
    frame_reader_destroy(&r->reader);
    arena_destroy(&r->arena);
    buf_release(&r->site_path);
}

/* Its server is gone. */
static inline void rig_leave(struct rig *r)
{
    close(r->peer);
    frame_reader_destroy(&r->reader);
    r->reader = frame_reader_create();
}

/* Another one has come. */
static inline void rig_come(struct rig *r)
{
    struct error e = { 0 };
    int peers[2];
    assert_int_equal(socket_pair(peers, &e), 0);
    assert_int_equal(control_send(r->control, CONTROL_PEER, peers[1], &e), 0);
    close(peers[1]);
    r->peer = peers[0];
}

/* The next frame of the courier; false: none within the time, or the end. */
static bool rig_receive(struct rig *r, struct message *m, int timeout_ms)
{
    struct pollfd in = { r->peer, POLLIN, 0 };
    struct error e = { 0 };
    struct slice frame;
    while (frame_reader_next(r->reader, &frame, &e) == 0) {
        if (poll(&in, 1, timeout_ms) != 1) return false;
        if (frame_reader_fill(r->reader, r->peer, &e) < 0) return false;
    }
    return message_parse(frame, r->arena, m, &e) == 0;
}

/* The next frame of that type, skipping others. */
static void rig_expect(struct rig *r, enum message_type type, struct message *m)
{
    do assert_true(rig_receive(r, m, 10000));
    while (m->type != type);
}

static void rig_say(struct rig *r, const struct message *m)
{
    struct frame_writer *w = frame_writer_create(4 << 20);
    struct buf json = { 0 };
    struct error e = { 0 };
    message_build(m, &json);
    assert_int_equal(frame_writer_add(w, buf_slice(&json), &e), 0);
    assert_int_equal(frame_writer_flush(w, r->peer, &e), 1);
    buf_release(&json);
    frame_writer_destroy(&w);
}

/* A page to Ada, that must end within the time. */
static struct message rig_page(const char *channel, int64_t within_ms)
{
    struct clock *c = clock_create();
    struct message m = {
        .type = MESSAGE_SEND,
        .send = {
            .delivery = 7, .attempt = 1, .channel = slice_of(channel), .address = S("ada@example.org"),
            .purpose = MESSAGE_FOR_PAGE, .severity = 2, .urgency = MESSAGE_URGENCY_RING,
            .deadline_ms = clock_read(c).steady_ms + within_ms, .subject = S("INC-42 SEV2? S: down"),
            .text = S("S is down.\n.\nNext: Joan at 03:05.\n"), .short_text = S("INC-42"), .voice = S("S is down"),
            .thread = S("INC-42"), .incident = 42, .page = 9, .ack_url = S("http://127.0.0.1:8912/a/token"),
        },
    };
    clock_destroy(&c);
    return m;
}

#endif
