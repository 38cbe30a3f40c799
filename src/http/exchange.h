/* exchange.h - the listener's side of a request: connection, deadlines, and the way back from other threads.
 *
 * Private to http/. A request is always in one hand: the connection's thread (reading, then handling), the engine or a
 * reader (after request_submit() and its like took it), or the keeper (while it waits for room in a queue). While it is
 * in another's hand its connection is suspended, or, for alerts that wait for one commit, parked (turns.c). It ends in the
 * completion callback; parked ones whose connection breaks meanwhile end when they come back. */
#ifndef HTTP_EXCHANGE_H
#define HTTP_EXCHANGE_H

#include <microhttpd.h>
#include <pthread.h>

#include "core/event.h"
#include "http/identity.h"
#include "http/router.h"
#include "http/server.h"

enum wait_kind { WAIT_NONE = 0, WAIT_SUBMIT, WAIT_LEAVE, WAIT_READ, WAIT_RELOAD, WAIT_BUNDLE };

/* One TCP or unix connection, from accept to close. */
struct connection {
    struct connection *next, *before; /* in the server's list */
    struct daemon *daemon;
    int fd;
    uid_t uid; /* of a unix peer */
    bool loopback;
    uint8_t from[16]; /* the peer's address, IPv4 in the first four bytes; all zero for unix sockets */
    /* Steady ms by which the present phase ends: 0 = none, DEADLINE_OVER = the keeper ended the connection. Exchanged,
     * never just written: whoever finds DEADLINE_OVER gives up. */
    _Atomic int64_t deadline;
    _Atomic int phase; /* enum phase */
};

#define DEADLINE_OVER INT64_C(-1)
enum phase { PHASE_HEAD = 0, PHASE_BODY, PHASE_ANSWER, PHASE_SENDING, PHASE_IDLE };

/* In whose hand a parked request is. Exchanged: whoever comes second, the answer or the connection's end, sees it. */
enum hand { HAND_OURS = 0, HAND_AWAY, HAND_BACK, HAND_GONE };

struct exchange {
    struct request rq;
    struct http_server *server;
    struct daemon *daemon;
    struct connection *connection;
    struct MHD_Connection *mhd;
    struct buf body;
    size_t counted; /* of its memory, in the server's in_flight_bytes */
    struct slice target; /* as it stood in the request line */
    bool begun; /* the head was judged */
    bool handled; /* the handler was called */
    bool answered; /* before a suspension by its thread, behind it by whoever holds the request */
    bool suspended;
    _Atomic int hand; /* enum hand */
    bool swallow; /* the body is larger than allowed: read it away, then say so */
    bool close; /* after the answer */
    /* An answer in pieces (request_stream): */
    bool streams, broken; /* its head was given; a piece could not be made */
    size_t sent; /* of the present piece */
    request_read_fn *stream_next; /* makes the next one; NULL: there is none */
    /* What waits for room (keeper.c), and who is told. */
    struct exchange *next_waiting;
    enum wait_kind wait;
    int64_t wait_until; /* steady ms; 0: not waiting yet */
    const struct event *event;
    struct slice actor;
    const struct bundle_wish *bundle;
    request_reply_fn *reply_fn;
    request_read_fn *read_fn;
    char retry_after[24];
};

#define HTTP_SPARE 96 /* as many requests as one thread mostly has under way */
#define HTTP_SPARE_ARENA ((size_t)64 << 10) /* what one may have used; what took more is given back */
#define HTTP_SPARE_BODY ((size_t)8 << 10)
#define HTTP_PARKED 128 /* requests of one thread; more are suspended */
#define HTTP_THREADS 8 /* of one listener at most */

/* One thread of a listener and its libmicrohttpd. What has no other word is its thread's alone. */
struct daemon {
    struct http_server *server;
    struct MHD_Daemon *mhd;
    const struct route_table *routes;
    bool unix_socket;
    bool runs;
    pthread_t thread;
    int epoll, call; /* call: eventfd; both -1: none */
    atomic_bool asleep, over; /* any thread's */
    atomic_uint answers; /* any thread's: how many requests came back */
    size_t open, parked; /* requests begun and not ended: in our hand or suspended, and parked */
    bool moved; /* something was called back in this turn */
    bool left; /* something was left for the engine in this turn: it is woken at the end */
    struct moment now; /* when this turn began: a clock read for each request would cost more than it tells */
    void *kept; /* by the handlers, until the thread ends */
    struct exchange *spare[HTTP_SPARE]; /* ended, with an empty arena and body: their memory is warm */
    size_t n_spare;
};

struct http_server {
    const struct http_port *port;
    struct http_limits limits;
    struct daemon daemons[HTTP_MAX_LISTENERS * HTTP_THREADS];
    size_t n_daemons;
    struct MHD_Response *taken; /* 200 without a body: the same for all */
    _Atomic int64_t away; /* parked, and not answered yet */

    pthread_mutex_t lock; /* of everything down to the counters */
    pthread_cond_t changed;
    pthread_t keeper;
    bool keeper_runs, keeper_stop;
    struct connection *connections;
    struct exchange *waiting, **waiting_tail;
    size_t suspended;
    bool closed; /* nothing may be suspended any more */

    atomic_bool stopping;
    metric_value in_flight, in_flight_bytes, open_connections, held, refused, expired;
    metric_value by_class[6]; /* answers 1xx … 5xx by first digit */
    struct histogram seconds; /* from the head to the answer, ms */
};

/* ---- keeper.c ---- */
int keeper_start(struct http_server *s, struct error *e);
void keeper_stop(struct http_server *s);
void connection_add(struct http_server *s, struct connection *c);
size_t connections_from(struct http_server *s, const uint8_t from[16]); /* how many are open */
void connection_remove(struct http_server *s, struct connection *c); /* before its descriptor is closed */
/* Sets phase and deadline; false: it was ended meanwhile. */
bool connection_enter(struct connection *c, enum phase phase, int64_t deadline);
/* Tries to hand the request on; while there is no room it waits, up to its two seconds. */
void exchange_hand_on(struct exchange *x);

/* ---- turns.c ---- */
int turns_start(struct daemon *d, struct error *e);
void turns_stop(struct daemon *d);
void turns_call(struct daemon *d); /* from any thread: a request came back */

/* ---- answer.c ---- */
struct MHD_Response *answer_taken(void);
/* Sends what stands in the request on its connection. */
enum MHD_Result exchange_send(struct exchange *x);

/* ---- server.c ---- */
struct moment server_now(const struct http_server *s);
bool exchange_suspend(struct exchange *x); /* false: too late, the listeners are being taken down */
void exchange_resume(struct exchange *x);
bool exchange_park(struct exchange *x); /* on its own thread; false: suspend it instead */
void exchange_back(struct exchange *x); /* from any thread: a parked request is answered; it may be gone afterwards */

#endif
