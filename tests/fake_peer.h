/* fake_peer.h - a server on 127.0.0.1 that plays a script to everyone who connects: for providers that misbehave.
 *
 * A script is a NULL-terminated list of steps, played from the start for each connection, which is closed at its end:
 *   "+text" sends the text and CRLF      "=text" sends it as it is       "?" reads a line       "." reads up to a lone dot
 *   "B" reads an HTTP request            "hang" waits for the other to close     "drip" sends a byte every 20 ms for ever
 *   "flood" sends 1 MiB
 * What was read is kept in `heard`. */
#ifndef TESTS_FAKE_PEER_H
#define TESTS_FAKE_PEER_H

#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"

struct fake_peer {
    const char *const *script;
    int listener, port;
    pthread_t thread;
    struct buf heard; /* read it after fake_stop() */
    int connections;
    int waker[2]; /* closed to end everything */
};

static bool fake_wait(struct fake_peer *p, int fd, int timeout_ms)
{
    struct pollfd both[] = { { fd, POLLIN, 0 }, { p->waker[0], POLLIN, 0 } };
    return poll(both, 2, timeout_ms) > 0 && (both[1].revents == 0) && both[0].revents != 0;
}

static bool fake_byte(struct fake_peer *p, int fd, char *c)
{
    if (!fake_wait(p, fd, -1) || read(fd, c, 1) != 1) return false;
    buf_add_char(&p->heard, *c);
    return true;
}

static bool fake_line(struct fake_peer *p, int fd, struct buf *line)
{
    char c = 0;
    buf_reset(line);
    while (c != '\n')
        if (!fake_byte(p, fd, &c))
            return false;
        else
            buf_add_char(line, c);
    return true;
}

static bool fake_until(struct fake_peer *p, int fd, const char *last)
{
    struct buf line = { 0 };
    bool ok;
    while ((ok = fake_line(p, fd, &line)) && strcmp(buf_str(&line), last) != 0) continue;
    buf_release(&line);
    return ok;
}

static bool fake_http(struct fake_peer *p, int fd)
{
    struct buf line = { 0 };
    long length = 0;
    char c;
    bool ok;
    while ((ok = fake_line(p, fd, &line)) && strcmp(buf_str(&line), "\r\n") != 0)
        if (strncasecmp(buf_str(&line), "content-length:", 15) == 0) length = strtol(buf_str(&line) + 15, NULL, 10);
    while (ok && length-- > 0) ok = fake_byte(p, fd, &c);
    buf_release(&line);
    return ok;
}

static bool fake_send(int fd, const char *text, size_t n)
{
    return send(fd, text, n, MSG_NOSIGNAL) == (ssize_t)n;
}

/* In one piece: two would meet Nagle and a delayed acknowledgement. */
static bool fake_line_send(int fd, const char *text)
{
    struct buf line = { 0 };
    bool ok;
    buf_addf(&line, "%s\r\n", text);
    ok = fake_send(fd, line.p, line.len);
    buf_release(&line);
    return ok;
}

static bool fake_flood(int fd)
{
    char block[4096];
    memset(block, 'x', sizeof block);
    for (int i = 0; i < 256; i++)
        if (!fake_send(fd, block, sizeof block)) return false;
    return true;
}

static bool fake_step(struct fake_peer *p, int fd, const char *step)
{
    char c;
    struct buf line = { 0 };
    bool ok = true;
    if (strcmp(step, "hang") == 0)
        while (fake_byte(p, fd, &c)) continue;
    else if (strcmp(step, "drip") == 0)
        while (!fake_wait(p, fd, 20) && fake_send(fd, "2", 1)) continue;
    else if (strcmp(step, "flood") == 0)
        ok = fake_flood(fd);
    else if (strcmp(step, "B") == 0)
        ok = fake_http(p, fd);
    else if (strcmp(step, ".") == 0)
        ok = fake_until(p, fd, ".\r\n");
    else if (strcmp(step, "?") == 0)
        ok = fake_line(p, fd, &line);
    else if (step[0] == '+')
        ok = fake_line_send(fd, step + 1);
    else
        ok = fake_send(fd, step + 1, strlen(step) - 1);
    buf_release(&line);
    return ok;
}

static void *fake_thread(void *ctx)
{
    struct fake_peer *p = ctx;
    while (fake_wait(p, p->listener, -1)) {
        int fd = accept(p->listener, NULL, NULL);
        if (fd < 0) break;
        p->connections++;
        for (const char *const *step = p->script; *step != NULL && fake_step(p, fd, *step); step++) continue;
        close(fd);
    }
    return NULL;
}

static void fake_start(struct fake_peer *p, const char *const *script)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t n = sizeof a;
    *p = (struct fake_peer){ .script = script, .listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) };
    assert_int_equal(bind(p->listener, (struct sockaddr *)&a, n), 0);
    assert_int_equal(listen(p->listener, 16), 0);
    assert_int_equal(getsockname(p->listener, (struct sockaddr *)&a, &n), 0);
    p->port = ntohs(a.sin_port);
    assert_int_equal(pipe(p->waker), 0);
    assert_int_equal(pthread_create(&p->thread, NULL, fake_thread, p), 0);
}

static void fake_stop(struct fake_peer *p)
{
    close(p->waker[1]);
    pthread_join(p->thread, NULL);
    close(p->waker[0]);
    close(p->listener);
}

#endif
