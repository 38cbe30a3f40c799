/* server_inner.h - the server process's own struct. Private to server*.c. */
#ifndef SERVE_SERVER_INNER_H
#define SERVE_SERVER_INNER_H

#include <pthread.h>

#include "base/vec.h"
#include "engine/bundle.h"
#include "engine/thread.h"
#include "http/port.h"
#include "http/server.h"
#include "serve/clerk.h"
#include "serve/facts.h"
#include "serve/instance.h"
#include "serve/readers.h"
#include "serve/serve.h"
#include "serve/state_dir.h"

#define DOORS 3 /* main, responder, unix */

/* Somebody who asked for a reload and waits; done NULL: a signal did. */
struct reload_wish {
    struct slice actor; /* valid until `done` */
    port_reply_fn *done;
    void *caller;
};

struct reload {
    VEC(struct reload_wish) wishes; /* lock: asked for, not begun */
    VEC(struct reload_wish) served; /* main thread: of the one that runs */
    struct facts_set *facts; /* what it will publish; NULL: none runs */
    struct buf changes; /* main thread: of behaviour, in sentences */
    struct buf restart; /* main thread: what it cannot put in force, a line each */
    struct buf by; /* who asked, for the engine: whoever waits may be answered before it steps */
    struct live_bundle *bundle; /* what the engine is to take; ours until it has answered */
    int pending; /* lock: answers of the engine still to come */
    bool site_in_force; /* lock */
    int code; /* lock: the first that failed */
    struct buf text; /* lock: what to tell */
};

/* Somebody who acts on procedures and waits. */
struct desk_wish {
    const struct bundle_wish *what; /* the caller's, until `done` */
    port_reply_fn *done;
    void *caller;
};

struct desk {
    VEC(struct desk_wish) wishes; /* lock: asked for, not begun */
    struct desk_wish now; /* main thread, as the rest: of the one that runs */
    bool busy;
    bool answered; /* lock: the engine has answered; code, id and text are its */
    struct arena *arena; /* of the texts of `act`: whoever waits may be answered before it is stepped */
    struct act act;
    struct event event;
    struct event_bundle compiled;
    struct bundle stored; /* its row */
    struct live_bundle *bundle;
    struct live_bundle *before; /* what is active when the wish begins */
    struct slice soon; /* in `arena`: overrides that end within two weeks, a line each */
    int code;
    int64_t id;
    struct buf text;
};

struct server {
    struct clerk *clerk; /* NULL: in one process */
    bool clerk_lost; /* main thread */
    struct ahead *ahead; /* until the start has compiled; NULL then, and in one process */
    const struct child_options *options;
    struct clock *clock;
    struct loop *loop; /* the main thread's */
    struct state_dir dir;
    bool socket_made; /* dir.socket is ours to remove */
    struct store *store;
    struct instance instance; /* held: a restored copy */
    bool instance_is_new; /* the store does not hold it yet */
    struct facts_board *board;
    struct readers *readers;
    struct store_reader *reader; /* the main thread's own */
    struct outbox *outbox;
    struct spool *spool; /* NULL: it could not be made */
    struct engine *engine;
    struct auditor *auditor;
    struct engine_thread *thread;
    struct http_listener doors[DOORS]; /* bound; fd -1: not, or the HTTP server's */
    struct buf address; /* of the main one, as it came to be */
    struct http_server *http;
    struct http_port port;
    VEC(struct metric) metrics;
    struct moment started;
    _Atomic int64_t documents_broken; /* 1: what is on disk does not compile, the last bundle runs (R13) */
    struct buf broken; /* main thread: why */
    struct buf fallen; /* main thread: what was in force does not compile any more, and what is instead; empty: nothing */
    bundle_id fallen_to; /* what is instead */
    struct buf history; /* what the start found wrong with the chain; empty: nothing */
    _Atomic int ready; /* recovered and not stopping */
    struct {
        struct buf listen, responder, public_url, state, folders;
    } start; /* main thread: what only a restart changes, as it was then (server_restart.c) */
    bool stopping; /* main thread */
    pthread_mutex_t lock; /* of reload, where marked */
    struct reload reload;
    struct desk desk;
};

/* server_port.c */
void server_port_fill(struct server *s); /* s->port and s->metrics */

/* server_doors.c */
int doors_bind(struct server *s, const struct site *site, struct error *e);
int doors_open(struct server *s, const struct site *site, struct error *e); /* requests from now on */
void doors_close(struct server *s); /* what was not opened; removes the unix socket */

void tell_ready(const struct server *s); /* the supervisor, who tells the service manager */

/* server_reload.c: main thread, but for reload_ask(). */
int reload_ask(struct server *s, struct slice actor, port_reply_fn *done, void *caller, struct error *e); /* any thread */
void reload_look(struct server *s); /* after a wake: begins or finishes what there is */
void reload_abandon(struct server *s); /* before the doors stop: whoever waits is answered */
void trouble_text(struct server *s, struct buf *out); /* what stands above every list; nothing when nothing is wrong */
void documents_log_unbound(struct server *s, bool anew); /* what `tocsin procedures` lists as not bound */
void documents_renew(struct server *s); /* the facts again, with the bundles of now */
void server_alarm(struct server *s, struct slice what); /* to the administrators; copied; any thread */
void documents_alarm(struct server *s); /* of what is broken; nothing when nothing is */
/* What is on disk may be in force (`why` NULL), or not: it does not compile, or (ERR_CONFLICT) an override in it has ended:
 * the metric, the facts and, where nobody asked, an alarm (R13). */
void documents_judge(struct server *s, const struct error *why, bool alarm);
const char *documents_fault(int code); /* what follows "the procedures", of whatever keeps them out of force */
/* May what is not in force come into force today? Logs what it says of overrides. `s`: a struct server. */
int documents_fit(void *s, const struct live_bundle *b, const struct live_bundle *replaced, struct error *e);

/* server_restart.c: main thread. The site of the start; the one that another courier is started with; what of a fresh one
 * takes a restart, a line each, before each a line feed. */
void restart_began(struct server *s, const struct site *site);
void restart_courier_began(struct server *s, const struct site *site);
void restart_note(const struct server *s, const struct site *fresh, struct buf *out);
/* Where links in messages lead: not to a responder that is not listening yet. */
struct slice restart_public_url(const struct server *s, const struct site *site);
void restart_release(struct server *s);

/* server_bundle.c: main thread, but for bundle_ask(). */
int bundle_ask(struct server *s, const struct bundle_wish *what, port_reply_fn *done, void *caller, struct error *e);
void bundle_look(struct server *s); /* after a wake */
void bundle_abandon(struct server *s); /* before the doors stop: who was not begun is answered */
/* Reads and compiles what the site names. NULL: it does not compile; each reason is logged, and a line of `said`, which may
 * be NULL. `anew` as in struct child_options: warnings are counted in one line, not said again. */
struct live_bundle *bundle_load(const struct site *site, bool anew, struct buf *said, struct error *e);
int site_open(const char *path, bool anew, struct site **out, struct buf *said, struct error *e); /* in the same way */
#define REPORT_LINES 12
void report_add(struct slice report, struct buf *out); /* its first lines, indented */

#endif
