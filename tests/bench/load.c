/* load.c - posts alerts in Prometheus' form over many connections and says how fast they were taken.
 *
 * Closed loop: each connection sends its next request when it has the answer. With a RATE: so many requests a second in
 * all, evenly, by whichever connection is free; one that finds none free is late, and counts from when it was due. The
 * same program drives Tocsin and Alertmanager, so what it costs itself costs both; it shares the processors with them and
 * is therefore cheap: one write and one read a request, texts put together from pieces, each answer's status looked at.
 * One line of JSON: requests, alerts, seconds, p50/p99 in µs, how many answers were not 2xx (never counted as taken), and
 * its own CPU a request.
 * usage: bench-load PORT PATH CONNECTIONS SECONDS ALERTS_A_REQUEST resent|distinct [NAMES [RATE]] */
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
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/civil.h"
#include "base/vec.h"

#define MAX_CONNECTIONS 1024
#define MAX_RATE 100000
#define CLOCK_TICKS UINT32_MAX /* among epoll's data, where connections have their number */
#define BUCKETS 40000 /* of 10 µs: up to 400 ms, then the last one */

struct options {
    int port, connections, seconds, alerts, names, rate; /* rate: requests a second, 0: as fast as they are answered */
    const char *path;
    struct slice head; /* of each request, up to the number of bytes */
    bool distinct;
};

struct connection {
    int fd;
    struct buf out; /* the request under way */
    size_t sent;
    char in[16384];
    size_t got;
    int64_t began;
    bool busy;
};

/* What the rate asks for. */
struct pace {
    int fd; /* ticks once a request; -1: there is no rate */
    int64_t began, due, sent; /* requests */
    int next; /* connection to look at first */
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

/* A clock's time as RFC 3339, made again when its millisecond is over. */
struct stamp {
    int64_t wall_ms;
    struct buf text;
};

static struct slice stamp_of(struct stamp *s, int64_t wall_ms)
{
    if (s->wall_ms != wall_ms || s->text.len == 0) {
        s->text.max = 64;
        s->wall_ms = wall_ms;
        buf_reset(&s->text);
        civil_format_rfc3339(&s->text, wall_ms, 0, true);
    }
    return buf_slice(&s->text);
}

static void add_number(struct buf *b, int64_t n)
{
    char digits[20];
    size_t at = sizeof digits;
    do digits[--at] = (char)('0' + n % 10);
    while ((n /= 10) > 0);
    buf_add(b, (struct slice){ digits + at, sizeof digits - at });
}

/* What Prometheus keeps saying of one alert: since when it fires stays, until when it holds moves on. */
static void add_alert(struct buf *b, int64_t n, struct slice starts, struct slice ends)
{
    buf_add(b, S("{\"annotations\":{\"summary\":\"5xx above 5 percent\",\"runbook_url\":"
                 "\"https://runbooks.example.org/5xx\"},\"endsAt\":\""));
    buf_add(b, ends);
    buf_add(b, S("\",\"startsAt\":\""));
    buf_add(b, starts);
    buf_add(b, S("\",\"generatorURL\":\"http://prometheus.example.org/graph?g0.expr=up\",\"labels\":{\"alertname\":"
                 "\"HighErrorRate\",\"cluster\":\"c"));
    add_number(b, n % 5);
    buf_add(b, S("\",\"instance\":\"host-"));
    add_number(b, n);
    buf_add(b, S(":9100\",\"job\":\"node\",\"severity\":\"warning\"}}"));
}

static int64_t wall_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void build_request(const struct options *o, struct buf *out, int64_t *next)
{
    static struct buf body;
    static struct stamp starts, ends;
    const int64_t wall = wall_ms();
    const struct slice since = stamp_of(&starts, o->distinct || starts.wall_ms == 0 ? wall - 60000 : starts.wall_ms);
    const struct slice until = stamp_of(&ends, wall + 240000);
    body.max = 8 << 20;
    out->max = 8 << 20;
    buf_reset(&body);
    buf_reset(out);
    buf_add_char(&body, '[');
    for (int i = 0; i < o->alerts; i++) {
        if (i > 0) buf_add_char(&body, ',');
        add_alert(&body, o->distinct ? *next : *next % o->names, since, until);
        ++*next;
    }
    buf_add_char(&body, ']');
    buf_add(out, o->head);
    add_number(out, (int64_t)body.len);
    buf_add(out, S("\r\n\r\n"));
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
    c->busy = true;
    push_out(c);
}

/* A whole answer is in: head, and as many bytes as Content-Length says. */
static bool answer_is_whole(const struct connection *c)
{
    const char *end = memmem(c->in, c->got, "\r\n\r\n", 4);
    int64_t length = 0;
    if (end == NULL) return false;
    const struct slice head = { c->in, (size_t)(end - c->in) };
    struct slice value = head;
    while (value.n > 0 && !slice_has_prefix_nocase(value, S("content-length:"))) slice_cut(&value, '\n');
    if (slice_cut_prefix_nocase(&value, S("content-length:"))) {
        value = slice_trim(slice_upto(value, 20));
        slice_cut_uint(&value, &length);
    }
    return c->got >= head.n + 4 + (size_t)length;
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
        c->busy = false;
        if (o->rate == 0) begin_request(o, c, next);
    }
    return true;
}

static void pace_start(struct pace *p, const struct options *o, int ep)
{
    const struct timespec every = { .tv_sec = o->rate == 1, .tv_nsec = 1000000000 / o->rate % 1000000000 };
    p->fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    p->began = now_us();
    timerfd_settime(p->fd, 0, &(struct itimerspec){ every, every }, NULL);
    epoll_ctl(ep, EPOLL_CTL_ADD, p->fd, &(struct epoll_event){ .events = EPOLLIN, .data.u32 = CLOCK_TICKS });
}

static void pace_tick(struct pace *p)
{
    uint64_t ticks;
    if (read(p->fd, &ticks, sizeof ticks) == sizeof ticks) p->due += (int64_t)ticks;
}

static struct connection *free_connection(struct pace *p, const struct options *o, struct connection *all)
{
    for (int i = 0; i < o->connections; i++) {
        struct connection *c = &all[p->next];
        p->next = (p->next + 1) % o->connections;
        if (!c->busy) return c;
    }
    return NULL;
}

/* What is due and finds no free connection stays due. */
static void pace_send(struct pace *p, const struct options *o, struct connection *all, int64_t *next)
{
    struct connection *c;
    while (p->sent < p->due && (c = free_connection(p, o, all)) != NULL) {
        begin_request(o, c, next);
        c->began = p->began + ++p->sent * 1000000 / o->rate;
    }
}

static void open_all(const struct options *o, struct connection *all, int ep)
{
    for (int i = 0; i < o->connections; i++) {
        all[i].fd = connect_to(o->port);
        epoll_ctl(ep, EPOLL_CTL_ADD, all[i].fd,
                  &(struct epoll_event){ .events = EPOLLIN | EPOLLOUT | EPOLLET, .data.u32 = (uint32_t)i });
    }
}

static void serve_one(const struct options *o, struct connection *c, uint32_t events, struct tally *t, int64_t *next)
{
    if ((events & EPOLLOUT) != 0) push_out(c);
    if ((events & EPOLLIN) != 0 && !take_in(o, c, t, next)) {
        fprintf(stderr, "bench-load: the server closed a connection\n");
        exit(1);
    }
}

static void run(const struct options *o, struct connection *all, struct tally *t)
{
    struct epoll_event ready[64];
    struct pace pace = { .fd = -1 };
    int64_t next = 0, end = now_us() + (int64_t)o->seconds * 1000000;
    int ep = epoll_create1(EPOLL_CLOEXEC);
    open_all(o, all, ep);
    if (o->rate > 0) pace_start(&pace, o, ep);
    for (int i = 0; i < o->connections && o->rate == 0; i++) begin_request(o, &all[i], &next);
    while (now_us() < end) {
        int n = epoll_wait(ep, ready, 64, 100);
        for (int i = 0; i < n; i++)
            if (ready[i].data.u32 == CLOCK_TICKS)
                pace_tick(&pace);
            else
                serve_one(o, &all[ready[i].data.u32], ready[i].events, t, &next);
        pace_send(&pace, o, all, &next);
    }
    close(ep);
}

static double own_cpu_us(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e6 + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

int main(int argc, char **argv)
{
    if (argc < 7) {
        fprintf(stderr,
                "usage: bench-load PORT PATH CONNECTIONS SECONDS ALERTS_A_REQUEST resent|distinct [NAMES [RATE]]\n");
        return 2;
    }
    struct options o = { .port = atoi(argv[1]),
                         .path = argv[2],
                         .connections = atoi(argv[3]),
                         .seconds = atoi(argv[4]),
                         .alerts = atoi(argv[5]),
                         .distinct = strcmp(argv[6], "distinct") == 0,
                         .names = argc > 7 ? atoi(argv[7]) : 1000,
                         .rate = argc > 8 ? atoi(argv[8]) : 0 };
    if (o.connections < 1 || o.connections > MAX_CONNECTIONS || o.alerts < 1 || o.names < 1) return 2;
    if (o.rate < 0 || o.rate > MAX_RATE) return 2;
    struct buf head = { .max = 4096 };
    buf_addf(&head,
             "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUser-Agent: Prometheus/2.42.0+ds\r\n"
             "Content-Type: application/json\r\nContent-Length: ",
             o.path, o.port);
    o.head = buf_slice(&head);
    struct connection *all = mem_alloc(sizeof *all * (size_t)o.connections);
    struct tally *t = mem_alloc(sizeof *t);
    int64_t began = now_us();
    run(&o, all, t);
    double seconds = (double)(now_us() - began) / 1e6;
    printf("{\"requests\":%" PRId64 ",\"alerts\":%" PRId64 ",\"seconds\":%.3f,\"alerts_per_s\":%.0f,\"p50_us\":%" PRId64
           ",\"p99_us\":%" PRId64 ",\"slowest_us\":%" PRId64 ",\"refused\":%" PRId64
           ",\"loader_cpu_us_per_request\":%.2f}\n",
           t->requests, t->requests * o.alerts, seconds, (double)(t->requests - t->refused) * o.alerts / seconds,
           percentile(t, 500), percentile(t, 990), t->slowest, t->refused, own_cpu_us() / (double)(t->requests + 1));
    return 0;
}
