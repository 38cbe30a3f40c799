/* channel.h - the channels of site.yaml as they stand there: where a message goes, and the names of the secrets for it.
 *
 * Not here: reading them (channels.c, channel_url.c, channel_chat.c), what the rules know of a channel (core/directory.h),
 * how one is used (notify/). Texts live in the site's arena. A secret is only ever named: site_secret() resolves it. */
#ifndef SITE_CHANNEL_H
#define SITE_CHANNEL_H

#include <stdbool.h>

#include "base/slice.h"

#define SECRET_SOURCES(X) X(CREDENTIAL, 1, "credential") X(ENV, 2, "env")

enum secret_source {
    SECRET_UNSET = 0, /* no secret named */
#define X(sym, code, text) SECRET_##sym = code,
    SECRET_SOURCES(X)
#undef X
};

struct secret_ref {
    enum secret_source source;
    struct slice name; /* of the credential or the environment variable */
    unsigned line;
};

/* Only kinds that this version can send by. */
#define CHANNEL_KINDS(X)                 \
    X(LOG, 1, "log")                     \
    X(SMTP, 2, "smtp")                   \
    X(WEBHOOK, 3, "webhook")             \
    X(SLACK, 4, "slack")                 \
    X(SLACK_WEBHOOK, 5, "slack_webhook") \
    X(NTFY, 6, "ntfy")                   \
    X(TELEGRAM, 7, "telegram")

enum channel_kind {
    CHANNEL_UNSET = 0,
#define X(sym, code, text) CHANNEL_##sym = code,
    CHANNEL_KINDS(X)
#undef X
};

#define STARTTLS_MODES(X) X(REQUIRED, 1, "required") X(TRY, 2, "try") X(NO, 3, "no")

enum starttls_mode {
    STARTTLS_UNSET = 0,
#define X(sym, code, text) STARTTLS_##sym = code,
    STARTTLS_MODES(X)
#undef X
};

struct channel_log {
    struct slice path; /* NUL-terminated; empty: the process's own log */
};

struct channel_smtp {
    struct slice url; /* smtp://host[:port] or smtps://host[:port], NUL-terminated */
    struct slice from; /* a bare address */
    enum starttls_mode starttls; /* never UNSET; default TRY on a loopback host, REQUIRED elsewhere; NO for smtps:// */
    struct slice user; /* empty: no AUTH */
    struct secret_ref password;
    struct slice hello; /* EHLO name; empty: the domain of `from` */
    struct slice ca; /* file of certificate authorities to trust instead of the system's, NUL-terminated; or empty */
};

struct channel_webhook {
    struct slice url; /* http:// or https://, NUL-terminated */
    struct secret_ref secret; /* Standard Webhooks signing secret */
    struct slice ca; /* as in channel_smtp */
};

/* slack, slack_webhook, ntfy, telegram */
struct channel_chat {
    struct slice url; /* of the API, http(s)://, without a final slash, NUL-terminated; empty: url_secret */
    struct secret_ref url_secret; /* slack_webhook */
    struct secret_ref token;
    struct slice target; /* `channel`, `topic`, `chat`: also the directory channel's address */
    struct slice ca; /* as in channel_smtp */
};

struct channel_config {
    struct slice id;
    enum channel_kind kind; /* says which member below is meant */
    bool acknowledges; /* `ack:` — a page sent here can be acknowledged from it (R165) */
    struct channel_log log;
    struct channel_smtp smtp;
    struct channel_webhook webhook;
    struct channel_chat chat; /* of the four kinds above */
};

#endif
