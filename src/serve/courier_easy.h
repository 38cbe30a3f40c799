/* courier_easy.h - one request as a libcurl easy handle: its options, what came back, how far it got.
 *
 * Private to the courier's wire. */
#ifndef SERVE_COURIER_EASY_H
#define SERVE_COURIER_EASY_H

#include "serve/courier_kept.h"
#include "serve/courier_wire.h"

#define EASY_SOCKETS 8

struct easy {
    CURL *handle;
    struct easy *next; /* in the wire's list */
    const struct request *request; /* borrowed */
    void *job; /* the caller's */
    int64_t limit_ms, ends_at; /* the wire's own time-out, should libcurl forget it */
    struct kept *kept; /* the wire's, of HTTP */
    size_t *held; /* bytes of all answers of the wire */
    struct curl_slist *lines; /* HTTP headers, or the mail's one recipient */
    struct buf head, body; /* the answer */
    size_t taken; /* SMTP: bytes of the mail that libcurl took */
    bool sent; /* HTTP: a byte of the request left */
    bool stopped; /* HTTP: libcurl was about to send it again */
    bool forbidden; /* an address of its host is none that we send to (sys/destination.h) */
    bool opened; /* a socket to another address */
    bool quit; /* SMTP: all is said */
    int fds[EASY_SOCKETS]; /* SMTP: open connections, while several addresses are tried more than one; -1: none */
    char problem[CURL_ERROR_SIZE];
};

/* NULL with an error when libcurl does not take an option. The handle's CURLINFO_PRIVATE is the easy itself. */
struct easy *easy_create(const struct request *r, int64_t timeout_ms, struct kept *kept, size_t *held, void *job,
                         struct error *e);
void easy_destroy(struct easy **x); /* NULL is fine; clears *x */

/* *out borrows from x. */
void easy_respond(const struct easy *x, CURLcode code, int64_t wall_ms, struct response *out);

#endif
