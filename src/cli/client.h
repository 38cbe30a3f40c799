/* client.h - one request to a running server over its unix socket, by libcurl.
 *
 * The socket tells the server who asks (peer credentials), so there is nothing to log in with. */
#ifndef CLI_CLIENT_H
#define CLI_CLIENT_H

#include "base/buf.h"
#include "base/error.h"
#include "cli/command.h"

struct answer {
    int status; /* HTTP */
    struct buf body;
};

/* `path` is absolute, its parts already escaped; `body` is JSON, empty: none. 0: an answer of any status came.
 * ERR_UNAVAILABLE: nobody answered, and the text says which socket was tried and what to do. */
int client_request(const struct invocation *in, const char *method, const char *path, struct slice body,
                   struct answer *out, struct error *e);
void answer_release(struct answer *a);

/* The same for a command: whatever is no 2xx is told on standard error, with what to do, and becomes the exit status
 * that `status` gets. True: 2xx. */
bool client_ask(const struct invocation *in, const char *method, const char *path, struct slice body,
                struct answer *out, int *status);

/* The state directory that a command without a server works on: --state; else that of the server which the others would
 * ask, when $TOCSIN_SOCKET lies in it; else where tocsin serve has its own without a site. ERR_INVALID: that socket lies
 * elsewhere, and nobody says whose it is. Appended to `dir`. */
int client_state_dir(const struct invocation *in, struct buf *dir, struct error *e);

/* Adds text as one segment of a path or one value of a query. */
void client_escape(struct buf *out, struct slice text);

/* "tocsin ack: text" on standard error; returns `status`. */
int command_fail(const struct invocation *in, int status, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
