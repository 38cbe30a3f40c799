/* port.h - what the doors (http/, api/) ask of the house: the engine for whatever changes something, the store's
 * readers for everything else, the site for who may.
 *
 * serve/ fills one struct http_port and keeps it until http_server_destroy() returned. Every slot is required. The doors
 * call the slots from any of their threads, several at once; no slot may block longer than taking a lock. Answers come
 * back by a callback, exactly once for each call that returned 0, and never for one that did not. A callback never
 * blocks either: it notes the answer, may call submit() or read() again, and wakes the connection. */
#ifndef HTTP_PORT_H
#define HTTP_PORT_H

#include "base/error.h"
#include "core/act.h"
#include "http/metrics.h"
#include "sys/clock.h"

struct event;
struct reply;
struct directory;
struct policy;
struct store_reader;
struct audit;

/* Who may do what. The numbers order them: a greater scope includes the smaller ones, but for INGEST, which is alone. */
#define ACCESSES(X)                                                                  \
    X(NONE, 1, "none") /* anybody who reaches the listener */                        \
    X(INGEST, 2, "ingest") /* an ingest key, or loopback where the site allows it */ \
    X(READ, 3, "read") /* look at incidents */                                       \
    X(WRITE, 4, "write") /* act on incidents: needs a person */                      \
    X(ADMIN, 5, "admin") /* reload, release */

enum access {
    ACCESS_UNSET = 0,
#define X(sym, code, text) ACCESS_##sym = code,
    ACCESSES(X)
#undef X
};

#define SECRET_HASH_BYTES 32

/* An ingest key or a token of the site. Only the hash of the secret is kept: BLAKE2b-256, no key (secret_hash()). */
struct secret {
    struct slice name; /* the site's: sender of alerts, name in the log */
    uint8_t hash[SECRET_HASH_BYTES];
    struct slice person; /* tokens: in whose name it acts; empty = nobody's (then READ at most) */
    enum access scope; /* keys: INGEST; tokens: READ, WRITE, ADMIN */
};

struct bundle_policy {
    bundle_id id;
    const struct policy *policy;
    const struct routing *routing; /* NULL: no rules */
    struct slice bytes; /* framed: engine/bundle.h */
};

/* What a rule of the active bundle uses and the site does not bind (R15). */
struct unbound {
    struct slice code, text; /* "W-UNBOUND"; one sentence with its place */
};

/* A threshold of the active bundle, and who says that it is crossed (R112). */
struct watched {
    struct slice metric, limit; /* "Error rate", "> 2%" */
    struct slice by; /* a clause; empty: nobody, see unbound */
    struct slice file; /* empty where there is one document alone */
    unsigned line; /* of it */
};

/* What holds now: one immutable set, replaced whole by a reload. Held by a count: what is acquired lives until it is
 * released. */
struct facts {
    const struct directory *directory; /* never NULL */
    const struct bundle_policy *bundles; /* in use or active; the active one first */
    size_t n_bundles;
    bundle_id proposed; /* waits for an approver; 0: none */
    struct slice broken; /* why what is on disk is not in force: it does not compile; empty: it does (R13) */
    const struct unbound *unbound;
    size_t n_unbound;
    const struct watched *watched;
    size_t n_watched;
    const struct secret *keys; /* ingest */
    size_t n_keys;
    const struct secret *tokens;
    size_t n_tokens;
    bool allow_loopback; /* ingest without a key from 127/8, ::1 */
    struct slice public_url; /* of the responder listener, without a slash at its end; may be empty */
    struct slice instance_key; /* 32 bytes; signs the links of pages (engine/token.h) */
    int64_t started_wall; /* UTC ms: uptime */
};

/* From the engine's thread, after the batch's commit; or, when it could not be committed, with code ERR_BUSY (nothing
 * happened) or ERR_UNKNOWN (look again). `reply` is valid during the call. */
typedef void port_reply_fn(void *caller, const struct reply *reply);

/* An act on procedures, and what it needs beside: PROPOSE carries the framed bytes of a bundle (engine/bundle.h). */
struct bundle_wish {
    struct act act;
    struct slice bytes;
};

/* On a reader's thread, with a read transaction open; NULL when the store cannot be read now. At most 2 s. */
typedef void port_read_fn(void *caller, struct store_reader *reader);

struct http_port {
    void *ctx;

    /* Queues an event (ALERTS or ACT) for the engine, which stamps at, wall and reply_to. The event itself is copied;
     * what it points at stays valid until `done`. ERR_BUSY: the queue is full, or no longer accepts: try again or
     * answer 503. An ACT has an eighth of the queue for itself (design: HTTP). */
    int (*submit)(void *ctx, const struct event *ev, port_reply_fn *done, void *caller, struct error *e);

    /* submit() for a thread that has more of the same at once: the engine may sleep on until wake(), which that thread
     * calls before it sleeps itself. Waking another processor costs as much as reading five alerts does. */
    int (*leave)(void *ctx, const struct event *ev, port_reply_fn *done, void *caller, struct error *e);
    void (*wake)(void *ctx);

    /* Queues a read. ERR_BUSY as above. */
    int (*read)(void *ctx, port_read_fn *job, void *caller, struct error *e);

    /* Reads site and procedures again, whole or not at all, in the name of `actor` (valid until `done`). reply.code
     * ERR_SYNTAX or ERR_INVALID: nothing changed, the text says why. */
    int (*reload)(void *ctx, struct slice actor, port_reply_fn *done, void *caller, struct error *e);

    /* ACTIVATE or PROPOSE: compiles and checks on a thread of its own, then hands the act on as submit() does. `wish` stays
     * valid until `done`. reply.code ERR_SYNTAX: it does not compile, the text says where; ERR_CONFLICT: something that it
     * uses is not bound and not overridden. */
    int (*bundle)(void *ctx, const struct bundle_wish *wish, port_reply_fn *done, void *caller, struct error *e);

    const struct facts *(*facts_acquire)(void *ctx); /* never NULL */
    void (*facts_release)(void *ctx, const struct facts *f);

    /* A restored copy is held: nothing leaves. release() ends that; false: it was not held. Both may be NULL: never held. */
    bool (*held)(void *ctx);
    bool (*release)(void *ctx, struct slice actor);

    /* What the self-audit found last (engine/audit.h); copied. May be NULL: it never looked. */
    void (*audit)(void *ctx, struct audit *out);

    struct moment (*now)(void *ctx); /* for resolve time-outs and uptime; the engine stamps for itself */
    bool (*ready)(void *ctx); /* recovered, and the last commit succeeded */

    const struct metric *metrics; /* the server's rows of /metrics; the doors add their own */
    size_t n_metrics;
};

/* Hash of a secret as struct secret keeps it. */
void secret_hash(struct slice secret, uint8_t out[SECRET_HASH_BYTES]);

#endif
