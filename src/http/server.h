/* server.h - the listeners: libmicrohttpd behind a table of routes.
 *
 * libmicrohttpd parses on a few threads; a request that needs the engine or the store is parked or suspended until its
 * answer is there, so that a thousand waiting requests cost memory and no thread (decision 0015). Limits are checked before handlers
 * run; each is answered with a clear error (design: Limits). Nothing here knows what an incident is. */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include "http/request.h"

#define HTTP_MAX_LISTENERS 8

struct http_listener {
    int fd; /* bound and listening, non-blocking; the server's from here on */
    bool unix_socket; /* peers are known by uid */
    const struct route_table *routes;
};

/* 0 = the default behind each. Tests lower them. */
struct http_limits {
    int64_t head_ms; /* 10 s: the whole head */
    int64_t body_ms; /* 30 s: the whole body */
    int64_t idle_ms; /* 75 s: between two requests of a connection */
    int64_t hold_ms; /* 2 s: waiting for room in the queue before 503 */
    size_t head_bytes; /* 16 KiB */
    size_t head_fields; /* 64 */
    size_t in_flight; /* 8,192 requests … */
    size_t in_flight_bytes; /* … with 64 MiB of bodies */
    unsigned connections; /* 4,096 a listener */
    unsigned connections_per_address; /* 256; loopback and the unix socket have no such limit */
    unsigned threads; /* of a listener: 2; 1 where fewer than 4 processors are there for all that happens */
};

struct http_server; /* opaque */

/* Starts listening. The port is borrowed until http_server_destroy(). On failure the listeners' descriptors are closed. */
int http_server_create(const struct http_port *port, const struct http_listener *listeners, size_t n,
                       const struct http_limits *limits, struct http_server **out, struct error *e);

/* Stops in order: no new connections; requests that come on old ones get 503; whatever waits for room gets 503; then
 * waits until each request that was handed on is answered (the port must answer them all), sends those answers and
 * stops the threads. */
void http_server_stop(struct http_server *s);
void http_server_destroy(struct http_server **s); /* stops it where that was not done; NULL is fine; clears *s */

#endif
