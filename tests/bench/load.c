/* load.c - posts alerts in Prometheus' form over many connections and says how fast they were taken.
 *
 * Closed loop: each connection sends its next request when it has the answer. The same program drives Tocsin and
 * Alertmanager, so what it costs itself costs both. One line of JSON: requests, alerts, seconds, p50/p99 in µs, and how
 * many answers were not 2xx (never counted as taken).
 * usage: bench-load PORT PATH CONNECTIONS SECONDS ALERTS_A_REQUEST resent|distinct [NAMES] */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/civil.h"
#include "base/vec.h"

#define MAX_CONNECTIONS 1024
#define BUCKETS 40000 /* of 10 µs: up to 400 ms, then the last one */

struct options {
    int port, connections, seconds, alerts, names;
    const char *path;
    bool distinct;
};

struct connection {
    int fd;
    struct buf out; /* the request under way */
    size_t sent;
    char in[16384];
    size_t got;
    int64_t began;
};

struct tally {
    int64_t requests, refused, slowest;
    uint32_t bucket[BUCKETS];
};

static int64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t); /* a bench measures the world outside: the ban on clocks is src/'s */
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void add_alert(struct buf *b, int64_t n, int64_t wall_ms)
{
    buf_addf(
        b,
        "{\"annotations\":{\"summary\":\"5xx above 5 percent\",\"runbook_url\":\"https://runbooks.example.org/5xx\"},\"endsAt\":\"");
    civil_format_rfc3339(b, wall_ms + 240000, 0, true);
    buf_addf(b, "\",\"startsAt\":\"");
    civil_format_rfc3339(b, wall_ms - 60000, 0, true);
    buf_addf(
        b,
        "\",\"generatorURL\":\"http://prometheus.example.org/graph?g0.expr=up\",\"labels\":{\"alertname\":\"HighErrorRate\","
        "\"cluster\":\"c%" PRId64 "\",\"instance\":\"host-%" PRId64
        ":9100\",\"job\":\"node\",\"severity\":\"warning\"}}",
        n % 5, n);
}

static void build_request(const struct options *o, struct buf *out, int64_t *next)
{
    static struct buf body;
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    int64_t wall = (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
    body.max = 8 << 20;
    out->max = 8 << 20;
    buf_reset(&body);
    buf_reset(out);
    buf_add_char(&body, '[');
    for (int i = 0; i < o->alerts; i++) {
        if (i > 0) buf_add_char(&body, ',');
        add_alert(&body, o->distinct ? *next : *next % o->names, wall);
        ++*next;
    }
    buf_add_char(&body, ']');
    buf_addf(out,
             "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUser-Agent: Prometheus/2.42.0+ds\r\nContent-Length: %zu\r\n"
             "Content-Type: application/json\r\n\r\n",
             o->path, o->port, body.len);
    buf_add(out, buf_slice(&body));
}

static int connect_to(int port)
{
    struct sockaddr_in a = { .sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
    if (connect(fd, (struct sockaddr *)&a, sizeof a) < 0) {
        perror("bench-load: connect");
        exit(1);
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

static void push_out(struct connection *c)
{
    while (c->sent < c->out.len) {
        ssize_t n = write(c->fd, c->out.p + c->sent, c->out.len - c->sent);
        if (n < 0) return;
        c->sent += (size_t)n;
    }
}

static void begin_request(const struct options *o, struct connection *c, int64_t *next)
{
    build_request(o, &c->out, next);
    c->sent = c->got = 0;
    c->began = now_us();
    push_out(c);
}

/* A whole answer is in: head, and as many bytes as Content-Length says. */
static bool answer_is_whole(const struct connection *c)
{
    struct slice in = { c->in, c->got };
    size_t head = slice_find(in, S("\r\n\r\n")), at = slice_find_nocase(slice_upto(in, head), S("content-length:"));
    int64_t length = 0;
    if (head == in.n) return false;
    struct slice value = slice_trim(slice_upto(slice_from(in, at + 15), 20));
    if (at < head) slice_cut_uint(&value, &length);
    return c->got >= head + 4 + (size_t)length;
}

static void count(struct tally *t, const struct connection *c)
{
    int64_t us = now_us() - c->began;
    t->requests++;
    t->refused += c->got < 12 || c->in[9] != '2';
    t->bucket[us / 10 < BUCKETS ? us / 10 : BUCKETS - 1]++;
    if (us > t->slowest) t->slowest = us;
}

static int64_t percentile(const struct tally *t, int64_t per_mille)
{
    int64_t seen = 0, wanted = t->requests * per_mille / 1000;
    for (int64_t i = 0; i < BUCKETS; i++) {
        seen += t->bucket[i];
        if (seen >= wanted) return i * 10;
    }
    return t->slowest;
}

static bool take_in(const struct options *o, struct connection *c, struct tally *t, int64_t *next)
{
    ssize_t n = read(c->fd, c->in + c->got, sizeof c->in - c->got);
    if (n == 0 || (n < 0 && errno != EAGAIN)) return false;
    if (n > 0) c->got += (size_t)n;
    if (answer_is_whole(c)) {
        count(t, c);
        begin_request(o, c, next);
    }
    return true;
}

static void run(const struct options *o, struct connection *all, struct tally *t)
{
    struct epoll_event ready[64];
    int64_t next = 0, end = now_us() + (int64_t)o->seconds * 1000000;
    int ep = epoll_create1(EPOLL_CLOEXEC);
    for (int i = 0; i < o->connections; i++) {
        all[i].fd = connect_to(o->port);
        epoll_ctl(ep, EPOLL_CTL_ADD, all[i].fd,
                  &(struct epoll_event){ .events = EPOLLIN | EPOLLOUT | EPOLLET, .data.u32 = (uint32_t)i });
        begin_request(o, &all[i], &next);
    }
    while (now_us() < end) {
        int n = epoll_wait(ep, ready, 64, 100);
        for (int i = 0; i < n; i++) {
            struct connection *c = &all[ready[i].data.u32];
            if ((ready[i].events & EPOLLOUT) != 0) push_out(c);
            if ((ready[i].events & EPOLLIN) != 0 && !take_in(o, c, t, &next)) {
                fprintf(stderr, "bench-load: the server closed a connection\n");
                exit(1);
            }
        }
    }
    close(ep);
}

int main(int argc, char **argv)
{
    if (argc < 7) {
        fprintf(stderr, "usage: bench-load PORT PATH CONNECTIONS SECONDS ALERTS_A_REQUEST resent|distinct [NAMES]\n");
        return 2;
    }
    struct options o = { .port = atoi(argv[1]),
                         .path = argv[2],
                         .connections = atoi(argv[3]),
                         .seconds = atoi(argv[4]),
                         .alerts = atoi(argv[5]),
                         .distinct = strcmp(argv[6], "distinct") == 0,
                         .names = argc > 7 ? atoi(argv[7]) : 1000 };
    if (o.connections < 1 || o.connections > MAX_CONNECTIONS || o.alerts < 1 || o.names < 1) return 2;
    struct connection *all = mem_alloc(sizeof *all * (size_t)o.connections);
    struct tally *t = mem_alloc(sizeof *t);
    int64_t began = now_us();
    run(&o, all, t);
    double seconds = (double)(now_us() - began) / 1e6;
    printf("{\"requests\":%" PRId64 ",\"alerts\":%" PRId64 ",\"seconds\":%.3f,\"alerts_per_s\":%.0f,\"p50_us\":%" PRId64
           ",\"p99_us\":%" PRId64 ",\"slowest_us\":%" PRId64 ",\"refused\":%" PRId64 "}\n",
           t->requests, t->requests * o.alerts, seconds, (double)(t->requests - t->refused) * o.alerts / seconds,
           percentile(t, 500), percentile(t, 990), t->slowest, t->refused);
    return 0;
}
