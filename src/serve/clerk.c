/* clerk.c - the server's side: starting the clerk, and asking it.
 * Not here: what the clerk does with a question (clerk_main.c).
 * Always: an answer is matched to its question, so that one that came too late is never taken for the next one's.
 */
#include "serve/clerk.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/check.h"
#include "base/vec.h"
#include "serve/clerk_inner.h"
#include "sys/process.h"
#include "sys/sockets.h"

#define ANSWER_SECONDS 10 /* name services may ask a directory over the network */

struct clerk {
    struct process process;
    int fd;
    uint32_t serial;
    pthread_mutex_t lock; /* of the conversation */
};

struct birth {
    const char *site_path;
    const int *keep_out;
    size_t n;
    int ours, theirs;
};

static int be_clerk(void *ctx)
{
    const struct birth *b = ctx;
    for (size_t i = 0; i < b->n; i++) close(b->keep_out[i]);
    close(b->ours);
    return clerk_main(b->site_path, b->theirs);
}

int clerk_start(const char *site_path, const int *keep_out, size_t n, struct clerk **out, struct error *e)
{
    const struct timeval patience = { .tv_sec = ANSWER_SECONDS };
    struct clerk *c = mem_alloc(sizeof *c);
    int ends[2];

    *c = (struct clerk){ .fd = -1 };
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
        mem_free(c);
        return fail(e, ERR_IO, "cannot make a socket for the clerk");
    }
    const struct birth b = { site_path, keep_out, n, ends[0], ends[1] };
    const int rc = process_fork(be_clerk, (void *)(uintptr_t)&b, SIGKILL, &c->process, e);
    close(ends[1]);
    if (rc < 0) {
        close(ends[0]);
        mem_free(c);
        return rc;
    }
    c->fd = ends[0];
    setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(c->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    CHECK(pthread_mutex_init(&c->lock, NULL) == 0);
    *out = c;
    return 0;
}

void clerk_stop(struct clerk **c)
{
    int status;
    if (*c == NULL) return;
    close((*c)->fd);
    process_wait(&(*c)->process, 1000, &status);
    process_close(&(*c)->process);
    pthread_mutex_destroy(&(*c)->lock);
    mem_free(*c);
    *c = NULL;
}

int clerk_pidfd(const struct clerk *c)
{
    return c->process.pidfd;
}

void clerk_describe_end(struct clerk *c, struct buf *out)
{
    int status;
    if (process_reap(&c->process, &status)) process_describe_exit(status, out);
}

/* The reply to this request; those to earlier ones, which nobody waited for, are passed over. */
static int converse(struct clerk *c, struct clerk_request *q, struct clerk_reply *r, int *fd, struct error *e)
{
    size_t got;
    int rc;
    q->serial = ++c->serial;
    rc = socket_send_packet(c->fd, (struct slice){ (const char *)q, sizeof *q }, -1, e);
    while (rc == 0) {
        rc = socket_receive_packet(c->fd, r, sizeof *r, &got, fd, e);
        if (rc == 0 && got == sizeof *r && r->serial == q->serial) return 0;
        if (*fd >= 0) close(*fd);
        *fd = -1;
    }
    return rc;
}

/* Not a word that could be taken for a mistake in a file: whoever reads this wrote one and has just saved it. */
static int fail_silent(struct error *e, const struct error *why)
{
    static const char whole[] = "the server's clerk, a process of Tocsin that reads its files, %s: nothing was read, and "
                                "nothing is known to be wrong with the files. %s";
    char late[64];
    if (why->code == ERR_UNAVAILABLE)
        return fail(e, ERR_UNAVAILABLE, whole, "has ended",
                    "The server is started anew with another; the log says why it ended. Then try again");
    if (why->code != ERR_BUSY) return fail(e, ERR_UNAVAILABLE, whole, why->detail, "Try again");
    snprintf(late, sizeof late, "gave no answer within %d s", ANSWER_SECONDS);
    return fail(e, ERR_UNAVAILABLE, whole, late, "Do they lie on a disk that hangs? Else end that process, and try again");
}

static int ask(struct clerk *c, struct clerk_request *q, struct slice text, struct clerk_reply *r, int *fd,
               struct error *e)
{
    struct error why = { 0 };
    int rc;
    *fd = -1;
    if (text.n >= sizeof q->text) return fail(e, ERR_LIMIT, "a name that is too long");
    if (text.n > 0) memcpy(q->text, text.p, text.n);
    pthread_mutex_lock(&c->lock);
    rc = converse(c, q, r, fd, &why);
    pthread_mutex_unlock(&c->lock);
    if (rc < 0) return fail_silent(e, &why);
    r->text[sizeof r->text - 1] = '\0';
    return r->code < 0 ? fail(e, r->code, "%s", r->text) : 0;
}

int clerk_open(struct clerk *c, const char *path, struct error *e)
{
    struct clerk_request q = { .wish = CLERK_OPEN };
    struct clerk_reply r;
    int fd;
    const int rc = ask(c, &q, slice_of(path), &r, &fd, e);
    if (rc == 0 && fd < 0) return fail(e, ERR_IO, "the server's clerk handed no file over");
    return rc < 0 ? rc : fd;
}

int clerk_secret(struct clerk *c, enum clerk_secret of, struct slice name, const char *site_hash,
                 uint8_t out[SECRET_HASH_BYTES], struct error *e)
{
    struct clerk_request q = { .wish = CLERK_SECRET, .detail = of };
    struct clerk_reply r;
    int fd;
    memcpy(q.site_hash, site_hash, sizeof q.site_hash);
    const int rc = ask(c, &q, name, &r, &fd, e);
    if (rc == 0) memcpy(out, r.hash, SECRET_HASH_BYTES);
    return rc;
}

bool clerk_login(struct clerk *c, uid_t uid, struct buf *out)
{
    struct clerk_request q = { .wish = CLERK_LOGIN, .detail = uid };
    struct clerk_reply r;
    struct error e;
    int fd;
    if (ask(c, &q, (struct slice){ 0 }, &r, &fd, &e) < 0) return false;
    buf_add_str(out, r.text);
    return true;
}
