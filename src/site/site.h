/* site.h - the environment's facts: site.yaml, loaded whole or not at all.
 *
 * The directory is the part that the rules read (core/directory.h); the rest is for the server's doors and the courier.
 * Immutable after site_load; a reload makes another one. Everything lives in the site's arena and dies with it, zones
 * included: whoever keeps a directory keeps its site. Channels here stand in the same order as dir.channels.
 * Secrets are references; only the courier and the doors' token check resolve them, at the moment of use. */
#ifndef SITE_SITE_H
#define SITE_SITE_H

#include "base/buf.h"
#include "base/error.h"
#include "core/directory.h"
#include "site/channel.h"
#include "site/problems.h"

/* The URL outside that is called while Tocsin's self-audit passes. */
struct site_heartbeat {
    struct channel_chat request; /* url or url_secret, ca */
    int64_t every_ms;
};

struct ingest_key {
    struct slice name; /* stands in /i/NAME-or-secret/… and names the sender */
    struct secret_ref secret;
    int service, team; /* defaults for alerts that name none; -1 */
    unsigned line;
};

#define TOKEN_SCOPES(X) X(READ, 1, "read") X(WRITE, 2, "write") X(ADMIN, 3, "admin")

enum token_scope {
    TOKEN_SCOPE_UNSET = 0, /* each scope holds those before it */
#define X(sym, code, text) TOKEN_SCOPE_##sym = code,
    TOKEN_SCOPES(X)
#undef X
};

struct site_token {
    struct slice name;
    struct secret_ref secret;
    int person; /* who acts by it */
    enum token_scope scope;
    unsigned line;
};

#define NO_DATA_WAYS(X) X(ALERT, 1, "alert") X(KEEP, 2, "keep") X(OK, 3, "ok")

enum no_data {
    NO_DATA_UNSET = 0,
#define X(sym, code, text) NO_DATA_##sym = code,
    NO_DATA_WAYS(X)
#undef X
};

/* Who says that a threshold of the procedures is crossed (R15, R112). Tocsin measures nothing: the rest says what the
 * monitor behind the alert does, so that people read it beside the document's limit. */
struct site_metric {
    struct slice id, name; /* name: as the document writes it */
    struct slice match; /* matchers of the alert, canonical; empty: by_person */
    bool by_person;
    int64_t window_ms, percentile, consecutive;
    enum no_data no_data;
    unsigned line;
};

struct site {
    struct directory dir;
    struct slice path, folder; /* of site.yaml; NUL-terminated */
    char hash[65]; /* BLAKE2b-256 of the file's bytes, hex: server and courier compare it */
    struct slice instance; /* name of this instance; default "tocsin" */
    struct slice state_dir; /* `state:`, resolved against the folder; NUL-terminated; empty when not named */
    struct slice timezone;
    unsigned services_line; /* of `services:`, for messages about routing.yaml; 0 = none */
    const struct slice *procedures; /* paths resolved against the folder, NUL-terminated; at least one */
    const struct slice *attached; /* by procedure: the scenario that a runbook belongs to; empty: by its title */
    size_t n_procedures;
    struct slice routing; /* path, or empty: no rules */
    struct slice listen, responder; /* host:port */
    struct slice
        public_url; /* without a final slash; not written: the responder's, empty if that names no usable one */
    const struct channel_config *channels; /* dir.n_channels of them */
    const struct ingest_key *ingest;
    size_t n_ingest;
    bool allow_loopback; /* alerts without a key are taken from 127.0.0.0/8 and ::1 */
    const struct site_token *tokens;
    size_t n_tokens;
    struct site_heartbeat heartbeat; /* every_ms 0: none */
    const struct site_metric *metrics;
    size_t n_metrics;
};

/* 0, or ERR_SYNTAX with everything that is wrong in `p` (up to PROBLEMS_MAX), ERR_IO and the like with the file's own
 * failure in `p`. Warnings may come with 0. */
int site_load(const char *path, struct site **out, struct problems *p);
/* The same from bytes; `path` is for messages and for what is relative to its folder. */
int site_load_bytes(const char *path, struct slice bytes, struct site **out, struct problems *p);
/* The metric that the document writes so: the same words, else the same last words (R113); NULL when there is none. */
const struct site_metric *site_metric_for(const struct site *s, struct slice written);
void site_metric_key(struct slice written, struct buf *out); /* a key for it: "response-time" */
/* Who says it and how, as one clause; a share (`%`) has no percentile. */
void site_metric_print(const struct site_metric *m, bool percentile, struct buf *out);
/* The keys of site.yaml and routing.yaml as Markdown: the second half of docs/site.md. */
void site_manual(struct buf *out);
void site_destroy(struct site **s); /* NULL is fine; clears *s */

/* Appends the secret's bytes, without a final newline. `credential` reads $CREDENTIALS_DIRECTORY/NAME, else
 * credentials/NAME beside site.yaml, which nobody but its owner may read; `env` reads the environment.
 * ERR_NOT_FOUND says where it was looked for, ERR_DENIED how to close the file. */
int site_secret(const struct site *s, const struct secret_ref *ref, struct buf *out, struct error *e);

/* Warns (W-CREDENTIAL) of each credential that is missing, empty, or open to others. Only where credentials/ stands beside
 * site.yaml and the caller may look into it; of the environment it knows nothing. */
void site_credentials_check(const struct site *s, struct problems *p);

#endif
