/* notifier.h - one channel kind: what to send for a message, and what the provider's answer means. Both are pure.
 *
 * The courier (serve/courier.c) owns connections, deadlines, files and secrets; it resolves a site channel into a
 * `struct notifier_channel`, lets build() make a request, carries it out, and lets judge() place the answer in one of
 * the four outcomes (design: Deliveries). Adding a channel kind is adding a file with one `struct notifier_ops`.
 * Requests hold secrets: they are never printed. Details of errors and verdicts never hold one, nor a URL. */
#ifndef NOTIFY_NOTIFIER_H
#define NOTIFY_NOTIFIER_H

#include "base/arena.h"
#include "base/error.h"
#include "ipc/message.h"

enum tls_need {
    TLS_UNSET = 0,
    TLS_REQUIRED, /* verified, or nothing is sent */
    TLS_TRY, /* if the peer offers it; unverified, since plain text would do as well */
    TLS_NO,
};

/* A channel of the site with its secrets in hand. Texts are borrowed for the call. */
struct notifier_channel {
    struct slice name; /* the site's name for it */
    struct slice path; /* log: file to append to; empty: standard output */
    struct slice url; /* smtp:// smtps:// http:// https://; slack, telegram, ntfy: of the API, without a final slash */
    struct slice token; /* slack, telegram, ntfy: of the bot or the account; empty: none */
    struct slice from; /* smtp: bare address */
    struct slice hello; /* smtp: EHLO name; empty: the domain of `from` */
    struct slice user, password; /* smtp: empty = no AUTH */
    enum tls_need tls; /* smtp */
    struct slice secret; /* webhook: whsec_…, several separated by blanks; empty = unsigned */
    struct slice return_key; /* smtp: 16 to 64 bytes that authenticate return paths; empty = plain `from` */
    struct slice ca_file; /* trust these authorities instead of the system's; empty: the system's */
};

#define REQUEST_KINDS(X) X(FILE, 1, "file") X(HTTP, 2, "http") X(SMTP, 3, "smtp") X(NOWHERE, 4, "nowhere")

enum request_kind {
    REQUEST_UNSET = 0,
#define X(sym, code, text) REQUEST_##sym = code,
    REQUEST_KINDS(X)
#undef X
};

/* What the courier is to do. All texts are NUL-terminated and live in the arena given to build(). */
struct request {
    enum request_kind kind;
    const char *target; /* NOWHERE: none; FILE: path, NULL = standard output; HTTP: URL to POST to; SMTP: URL with the EHLO name */
    const char *const *headers; /* HTTP: "Name: value" each; free of line breaks */
    size_t n_headers;
    struct slice body; /* the line, the HTTP body, or the mail with CRLF line ends (dots not yet doubled) */
    const char *mail_from, *mail_to; /* SMTP envelope, bare addresses */
    const char *user, *password; /* SMTP AUTH; NULL: none */
    enum tls_need tls;
    const char *ca_file; /* NULL: the system's */
};

/* Why a transfer ended otherwise than its protocol wants. X(symbol, number, words for the timeline) */
/* clang-format off */
#define FAULTS(X)                                                        \
    X(NONE, 1, "no fault")                                               \
    X(ADDRESS, 2, "the channel's address cannot be used as configured")  \
    X(RESOLVE, 3, "the provider's name could not be resolved")           \
    X(CONNECT, 4, "no connection to the provider")                       \
    X(TLS, 5, "no encryption could be agreed on")                        \
    X(CERTIFICATE, 6, "the provider's certificate is not trusted")       \
    X(LOGIN, 7, "the provider refused the login")                        \
    X(TIMEOUT, 8, "no answer in time")                                   \
    X(SEND, 9, "the connection broke while sending")                     \
    X(RECEIVE, 10, "the connection broke before the answer")             \
    X(PROTOCOL, 11, "the answer could not be understood")                \
    X(TOO_LARGE, 12, "the answer was larger than allowed")               \
    X(LOCAL, 13, "this machine could not carry out the request")         \
    X(CANCELLED, 14, "given up while stopping")                          \
    X(OTHER, 15, "an unexpected fault of the transfer")                  \
    X(FORBIDDEN, 16, "the address is none that Tocsin sends to")
/* clang-format on */

enum fault {
    FAULT_UNSET = 0,
#define X(sym, code, text) FAULT_##sym = code,
    FAULTS(X)
#undef X
};

/* How much of the request has left us at most; in doubt the larger. */
enum reach {
    REACH_UNSET = 0,
    REACH_NOTHING, /* not one byte (SMTP: of the conversation's commands none counts: a message is its body) */
    REACH_PART, /* SMTP: the envelope, or less than the whole body; HTTP and file: one byte or more */
    REACH_ALL, /* SMTP: the body was handed over to its end, the final dot may have left */
};

struct response {
    enum fault fault;
    enum reach reach;
    int64_t status; /* HTTP status, last SMTP reply code; 0: none came */
    struct slice head; /* HTTP header lines; SMTP reply lines */
    struct slice body; /* HTTP */
    struct slice problem; /* the library's or the system's sentence; may be empty; holds no secret */
    int64_t wall_ms; /* UTC, when it ended: for Retry-After */
};

struct verdict {
    enum message_outcome outcome; /* never UNSET */
    int64_t code; /* the provider's; 0: it gave none */
    int64_t retry_after_ms; /* 0: the provider named none */
    struct slice provider_id; /* what the provider calls it; may be empty */
    struct slice detail; /* one printable line for the timeline */
};

struct notifier_ops {
    const char *name; /* the site's word for the kind: never rename */
    /* Pure: what to send now (`wall_ms`, UTC). ERR_INVALID: this message cannot go this way, ever (a line break in a
     * header value, an address that is none); ERR_LIMIT: larger than the arena. Required. */
    int (*build)(const struct notifier_channel *c, const struct message_send *m, int64_t wall_ms, struct arena *a,
                 struct request *out, struct error *e);
    /* Pure and total: every response has an outcome; when in doubt, uncertain. Texts are borrowed from the response or
     * copied into the arena. Required. */
    void (*judge)(const struct response *r, struct arena *a, struct verdict *out);
    /* May be NULL: the channel has no receipts and ACCEPTED is final. */
    enum message_outcome (*receipt)(struct slice body, struct slice *provider_id);
};

extern const struct notifier_ops notifier_log, notifier_mail, notifier_webhook, notifier_slack, notifier_slack_webhook,
    notifier_ntfy, notifier_telegram;
/* The courier's own, in no table: no site can name them. */
extern const struct notifier_ops notifier_canary, notifier_heartbeat;

const struct notifier_ops *notifier_find(struct slice name); /* NULL: no such kind in this version */
const struct notifier_ops *notifier_at(size_t i); /* all of them in turn; NULL behind the last */

const char *fault_text(enum fault f);

#endif
