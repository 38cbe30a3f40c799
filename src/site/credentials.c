/* credentials.c - are the secrets there that a site names? Asked by `tocsin check`, beside the files themselves.
 * Not here: fetching one for use (secret.c). Always: what was read is wiped; a message holds no byte of it. */
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "site/site.h"

struct asking {
    const struct site *site;
    struct problems *problems;
};

static void ask(const struct asking *a, const struct secret_ref *ref, const char *what, struct slice name,
                const char *result)
{
    struct buf secret = { 0 };
    struct error e = { 0 };

    if (ref->source != SECRET_CREDENTIAL) return; /* the environment of a server is not ours */
    if (site_secret(a->site, ref, &secret, &e) < 0)
        problem_warn(a->problems, (struct place){ a->site->path, ref->line, 0 }, "W-CREDENTIAL", "%s%.*s %s: %s", what,
                     (int)name.n, name.p, result, e.detail);
    if (secret.p != NULL) explicit_bzero(secret.p, secret.cap);
    buf_release(&secret);
}

/* A machine that only checks has none, and another user may not look: both hear nothing. */
static bool folder_is_here(const struct site *s)
{
    struct buf path = { 0 };
    buf_addf(&path, "%s/credentials", s->folder.n > 0 ? s->folder.p : ".");
    const bool here = access(buf_str(&path), R_OK | X_OK) == 0;
    buf_release(&path);
    return here;
}

void site_credentials_check(const struct site *s, struct problems *p)
{
    const struct asking a = { s, p };

    if (!folder_is_here(s)) return;
    for (size_t i = 0; i < s->dir.n_channels; i++) {
        const struct channel_config *c = &s->channels[i];
        const struct secret_ref *refs[] = { &c->smtp.password, &c->webhook.secret, &c->chat.url_secret,
                                            &c->chat.token };
        for (size_t k = 0; k < COUNT_OF(refs); k++) ask(&a, refs[k], "channel ", c->id, "sends nothing");
    }
    for (size_t i = 0; i < s->n_ingest; i++) ask(&a, &s->ingest[i].secret, "ingest.", s->ingest[i].name, "is refused");
    for (size_t i = 0; i < s->n_tokens; i++) ask(&a, &s->tokens[i].secret, "token ", s->tokens[i].name, "is refused");
    ask(&a, &s->heartbeat.request.url_secret, "heartbeat", (struct slice){ 0 }, "calls nobody");
}
