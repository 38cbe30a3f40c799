/* clerk_main.c - the clerk itself: answers the server's questions until the server is gone.
 * Not here: the server's side (clerk.c).
 * Always: what may be opened, and which secrets are hashed, is what the site.yaml on disk names, never what the server
 * says; a secret leaves as a hash only.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "serve/clerk_inner.h"
#include "serve/confine.h"
#include "site/site.h"
#include "sys/files.h"
#include "sys/login.h"
#include "sys/memory.h"
#include "sys/process.h"
#include "sys/sockets.h"

#define CLERK_NAME "tocsin: clerk"
#define BURST_MS 1000 /* of silence end one */

struct desk {
    const char *site_path;
    struct site *site; /* as last read; NULL: not, or not readable */
};

/* What is wrong with the file is the server's to report: it reads the same. */
static void site_read_again(struct desk *d)
{
    struct problems *problems = problems_create();
    site_destroy(&d->site);
    if (site_load(d->site_path, &d->site, problems) < 0) d->site = NULL;
    problems_destroy(&problems);
}

static bool is_named(const struct desk *d, struct slice path)
{
    if (slice_eq(path, slice_of(d->site_path))) return true;
    if (d->site == NULL) return false;
    for (size_t i = 0; i < d->site->n_procedures; i++)
        if (slice_eq(path, d->site->procedures[i])) return true;
    return slice_eq(path, d->site->routing);
}

static int on_open(struct desk *d, const struct clerk_request *q, int *fd, struct error *e)
{
    const struct slice path = slice_of(q->text);
    if (d->site == NULL || slice_eq(path, slice_of(d->site_path)))
        site_read_again(d); /* with its path a reload begins */
    if (!is_named(d, path)) return fail(e, ERR_DENIED, "cannot open %s: site.yaml does not name it", q->text);
    *fd = open(q->text, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    return *fd < 0 ? file_fail(e, "open", q->text) : 0;
}

static const struct secret_ref *secret_of(const struct site *s, uint32_t of, struct slice name)
{
    for (size_t i = 0; of == CLERK_SECRET_INGEST && i < s->n_ingest; i++)
        if (slice_eq(s->ingest[i].name, name)) return &s->ingest[i].secret;
    for (size_t i = 0; of == CLERK_SECRET_TOKEN && i < s->n_tokens; i++)
        if (slice_eq(s->tokens[i].name, name)) return &s->tokens[i].secret;
    return NULL;
}

static bool is_read(const struct desk *d, const struct clerk_request *q)
{
    return d->site != NULL && memcmp(d->site->hash, q->site_hash, sizeof q->site_hash) == 0;
}

static int on_secret(struct desk *d, const struct clerk_request *q, struct clerk_reply *r, struct error *e)
{
    struct buf bytes = { 0 };
    if (!is_read(d, q)) site_read_again(d);
    if (!is_read(d, q)) return fail(e, ERR_CONFLICT, "site.yaml changed while it was read: reload once more");
    const struct secret_ref *ref = secret_of(d->site, q->detail, slice_of(q->text));
    if (ref == NULL) return fail(e, ERR_NOT_FOUND, "site.yaml has no such entry");
    const int rc = site_secret(d->site, ref, &bytes, e);
    if (rc == 0) secret_hash(buf_slice(&bytes), r->hash);
    if (bytes.p != NULL) explicit_bzero(bytes.p, bytes.cap);
    buf_release(&bytes);
    return rc;
}

static int on_login(const struct clerk_request *q, struct clerk_reply *r, struct error *e)
{
    struct buf name = { .max = sizeof r->text - 1 };
    int rc = 0;
    if (!login_name(q->detail, &name) || name.overflow)
        rc = fail(e, ERR_NOT_FOUND, "no such user");
    else
        memcpy(r->text, name.p, name.len);
    buf_release(&name);
    return rc;
}

static void answer(struct desk *d, const struct clerk_request *q, int over)
{
    struct clerk_reply r = { .serial = q->serial, .code = ERR_INVALID };
    struct error e = { .detail = "not a question" };
    int fd = -1;
    if (q->wish == CLERK_OPEN) r.code = on_open(d, q, &fd, &e);
    if (q->wish == CLERK_SECRET) r.code = on_secret(d, q, &r, &e);
    if (q->wish == CLERK_LOGIN) r.code = on_login(q, &r, &e);
    if (r.code < 0) memcpy(r.text, e.detail, sizeof e.detail < sizeof r.text ? sizeof e.detail : sizeof r.text - 1);
    socket_send_packet(over, (struct slice){ (const char *)&r, sizeof r }, fd, &e);
    if (fd >= 0) close(fd);
}

/* Questions come in bursts, at a start and at a reload: after one, what they needed goes back. */
static void rest(int fd)
{
    struct pollfd next = { .fd = fd, .events = POLLIN };
    if (poll(&next, 1, BURST_MS) == 0) memory_give_back();
}

int clerk_main(const char *site_path, int fd)
{
    static const int ignored[] = { SIGHUP, SIGINT, SIGTERM, SIGPIPE }; /* a terminal's go to the whole group */
    struct desk d = { .site_path = site_path };
    struct clerk_request q;
    struct error e = { 0 };
    size_t got;
    int passed;

    for (size_t i = 0; i < COUNT_OF(ignored); i++) signal(ignored[i], SIG_IGN);
    process_set_name(CLERK_NAME);
    process_set_title(CLERK_NAME);
    clerk_confine();
    site_read_again(&d); /* it will be asked for: the server reads the same now */
    while (socket_receive_packet(fd, &q, sizeof q, &got, &passed, &e) == 0) {
        if (passed >= 0) close(passed);
        q.text[sizeof q.text - 1] = '\0';
        if (got == sizeof q) answer(&d, &q, fd);
        rest(fd);
    }
    site_destroy(&d.site);
    close(fd);
    return 0;
}
