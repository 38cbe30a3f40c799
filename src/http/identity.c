/* identity.c - who asks, and whether they may.
 * Not here: what they may be told about incidents (nothing is secret inside one organisation yet).
 * Always: the time of a comparison with the site's secrets does not depend on where they differ.
 */
#include "http/identity.h"

#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "core/directory.h"
#include "sys/login.h"

#define NO_SECRET_OF_OURS "the Authorization header holds no key or token of this site"

void secret_hash(struct slice secret, uint8_t out[SECRET_HASH_BYTES])
{
    digest_blake2b((struct slice){ 0 }, secret, out, SECRET_HASH_BYTES);
}

const char *access_name(enum access s)
{
    switch (s) {
    case ACCESS_UNSET: break;
#define X(sym, code, text) \
    case ACCESS_##sym: return text;
        ACCESSES(X)
#undef X
    }
    return "unset";
}

struct slice identity_login(struct arena *a, uid_t uid)
{
    struct buf name = { 0 };
    const struct slice login = login_name(uid, &name) ? arena_copy(a, buf_slice(&name)) : (struct slice){ 0 };
    buf_release(&name);
    return login;
}

/* Looks at all of them, so that time tells nothing. */
static const struct secret *secret_find(const struct secret *v, size_t n, struct slice secret)
{
    uint8_t hash[SECRET_HASH_BYTES];
    const struct secret *found = NULL;
    secret_hash(secret, hash);
    for (size_t i = 0; i < n; i++) {
        struct slice mine = { (const char *)v[i].hash, sizeof v[i].hash }, theirs = { (const char *)hash, sizeof hash };
        if (digest_equal(mine, theirs)) found = &v[i];
    }
    return found;
}

/* The secret of "Bearer X" or "Basic base64(user:X)"; {NULL, 0}: neither. */
static struct slice authorization_secret(struct arena *a, struct slice header)
{
    struct buf plain = { .max = 8192 };
    struct slice secret = { 0 };

    if (slice_cut_prefix_nocase(&header, S("Bearer "))) return slice_trim(header);
    if (!slice_cut_prefix_nocase(&header, S("Basic "))) return secret;
    if (digest_decode_base64(slice_trim(header), BASE64_STANDARD, &plain, NULL) == 0) {
        struct slice pair = buf_slice(&plain);
        secret = arena_copy(a, slice_from(pair, slice_find_char(pair, ':') + 1));
    }
    buf_release(&plain);
    return secret;
}

static void grant_key(const struct secret *key, struct identity *who)
{
    *who = (struct identity){ .scope = ACCESS_INGEST, .name = key->name, .sender = key->name, .ingest = true };
}

static void grant_token(const struct secret *token, struct identity *who)
{
    enum access scope = token->scope;
    if (token->person.n == 0 && scope > ACCESS_READ) scope = ACCESS_READ; /* every act has an actor */
    *who = (struct identity){ .scope = scope,
                              .name = token->name,
                              .person = token->person,
                              .sender = token->name,
                              .ingest = scope >= ACCESS_WRITE };
}

static int grant_authorization(struct arena *a, const struct facts *f, const struct claim *c, struct identity *who,
                               struct error *e)
{
    struct slice secret = authorization_secret(a, c->authorization);
    const struct secret *key = secret_find(f->keys, f->n_keys, secret);
    const struct secret *token = secret_find(f->tokens, f->n_tokens, secret);
    if (secret.p == NULL) return fail(e, ERR_DENIED, "the Authorization header is neither Bearer nor Basic");
    if (key != NULL)
        grant_key(key, who);
    else if (token != NULL)
        grant_token(token, who);
    else
        return fail(e, ERR_DENIED, NO_SECRET_OF_OURS);
    return 0;
}

static void grant_unix(const struct facts *f, const struct claim *c, struct identity *who)
{
    bool administrator = c->uid == 0 || c->uid == geteuid();
    int person = c->login.n > 0 ? directory_person_by_login(f->directory, c->login) : -1;

    *who =
        (struct identity){ .scope = ACCESS_READ, .name = c->login, .sender = c->login, .ingest = true, .local = true };
    if (person >= 0) {
        who->person = f->directory->people[person].id;
        who->scope = ACCESS_WRITE;
        for (size_t i = 0; i < f->directory->n_administrators; i++)
            if (f->directory->administrators[i] == person) administrator = true;
    }
    if (!administrator) return;
    who->scope = ACCESS_ADMIN;
    if (who->person.n == 0) who->person = c->login.n > 0 ? c->login : S("root"); /* every act has an actor */
}

int identity_establish(struct arena *a, const struct facts *f, const struct claim *c, struct identity *who,
                       struct error *e)
{
    const struct secret *key;

    *who = (struct identity){ .scope = ACCESS_NONE };
    if (c->has_key) {
        key = secret_find(f->keys, f->n_keys, c->key);
        if (key == NULL) return fail(e, ERR_DENIED, "the path holds no ingest key of this site");
        grant_key(key, who);
    } else if (c->unix_socket) {
        grant_unix(f, c, who);
    } else if (c->authorization.n > 0) {
        /* Where nothing was asked for, what is offered does not matter: Prometheus may carry another's password. */
        int rc = grant_authorization(a, f, c, who, e);
        if (rc < 0 && !(c->loopback && f->allow_loopback && !c->browser)) return rc;
    }
    if (who->scope == ACCESS_NONE && c->loopback && f->allow_loopback && !c->browser)
        *who = (struct identity){
            .scope = ACCESS_INGEST, .name = S("loopback"), .sender = S("loopback"), .ingest = true, .by_address = true
        };
    return 0;
}

/* What was shown, and what it lacks. Nothing tells how near a wrong secret came: all of them hear the same. */
static int refuse_scope(const struct identity *who, const struct claim *c, enum access scope, struct slice *remedy,
                        struct error *e)
{
    const int n = (int)who->name.n;
    *remedy = S("send `Authorization: Bearer TOKEN` with a token of `tokens:` in site.yaml, or use the unix socket");
    if (who->scope > ACCESS_INGEST) {
        *remedy = S("give it that scope under `tokens:` in site.yaml, or use another or the unix socket");
        return fail(e, ERR_DENIED, "the token `%.*s` has scope %s: this needs scope %s", n, who->name.p,
                    access_name(who->scope), access_name(scope));
    }
    if (who->scope == ACCESS_INGEST && !who->by_address)
        return fail(e, ERR_DENIED, "`%.*s` is an ingest key and sends alerts alone: this needs scope %s", n,
                    who->name.p, access_name(scope));
    return fail(e, ERR_DENIED, "%s: this needs scope %s",
                c->authorization.n > 0 ? NO_SECRET_OF_OURS : "no token was sent", access_name(scope));
}

static int refuse_alerts(const struct identity *who, const struct claim *c, struct slice *remedy, struct error *e)
{
    *remedy = S("use the path /i/KEY/api/v2/… with a key of `ingest:` in site.yaml, or set `allow_loopback: true` there"
                " and come from this machine");
    if (who->scope > ACCESS_INGEST)
        return fail(e, ERR_DENIED, "the token `%.*s` has scope %s and sends no alerts", (int)who->name.n, who->name.p,
                    access_name(who->scope));
    return fail(e, ERR_DENIED, c->browser ? "alerts are not taken from pages in a browser" : "no ingest key was given");
}

int identity_check(const struct identity *who, const struct claim *c, enum access scope, bool *known,
                   struct slice *remedy, struct error *e)
{
    *known = who->scope != ACCESS_NONE;
    *remedy = S("");
    if (scope == ACCESS_NONE || (scope == ACCESS_INGEST && who->ingest)) return 0;
    if (scope != ACCESS_INGEST && who->scope != ACCESS_INGEST && who->scope >= scope) return 0;
    if (scope == ACCESS_INGEST && c->reads && who->scope >= ACCESS_READ) return 0;
    if (scope == ACCESS_INGEST) return refuse_alerts(who, c, remedy, e);
    if (c->unix_socket) {
        *remedy =
            scope == ACCESS_ADMIN
                ? S("run it as root, as the owner of the server, or as one of `administrators:` in site.yaml")
                : S("add `login: NAME` with your login name to your entry under `people:` in site.yaml, then `tocsin reload`");
        return fail(e, ERR_DENIED, "uid %lu (%.*s) is nobody who may do this: scope %s is needed",
                    (unsigned long)c->uid, (int)c->login.n, c->login.p != NULL ? c->login.p : "", access_name(scope));
    }
    return refuse_scope(who, c, scope, remedy, e);
}
