/* doors.c - `http:`, `ingest:`, `tokens:` where Tocsin listens, and who may come in. */
#include <stddef.h>

#include "base/arena.h"
#include "base/check.h"
#include "site/loader.h"

/* "127.0.0.1:8911", "[::1]:8911", ":8911" (every address); port 0 takes a free one. */
static bool address_is_good(struct slice s)
{
    size_t colon = s.n;
    int64_t port;

    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == ':') colon = i;
    return colon < s.n && slice_to_int(slice_from(s, colon + 1), &port) && port >= 0 && port <= 65535 &&
           slice_find_char(s, ' ') == s.n && slice_find_char(s, '/') == s.n;
}

static void address_read(struct loader *l, const struct node *n, struct slice *out)
{
    struct slice text;

    if (!text_read(l, n, &text)) return;
    if (address_is_good(text))
        *out = text;
    else
        node_error(l, n, "`%.*s` is no address to listen at: write 127.0.0.1:8911", (int)slice_upto(text, 80).n,
                   text.p);
}

static void listen_read(struct loader *l, const struct node *n, void *section)
{
    address_read(l, n, &((struct site *)section)->listen);
}

static void responder_read(struct loader *l, const struct node *n, void *section)
{
    address_read(l, n, &((struct site *)section)->responder);
}

static void public_url_read(struct loader *l, const struct node *n, void *section)
{
    struct slice text;

    if (!text_read(l, n, &text)) return;
    if (!slice_has_prefix(text, S("http://")) && !slice_has_prefix(text, S("https://"))) {
        node_error(l, n, "`%.*s` is no URL: write https://tocsin.example.org", (int)slice_upto(text, 80).n, text.p);
        return;
    }
    while (text.n > 0 && text.p[text.n - 1] == '/') text.n--;
    ((struct site *)section)->public_url = text;
}

static const struct key http_keys[] = {
    { "listen", KEY_READ, 0, listen_read, false, "Where monitors and people connect: 127.0.0.1:8911." },
    { "responder", KEY_READ, 0, responder_read, false, "Where links in pages lead; safe to expose alone." },
    { "public_url", KEY_READ, 0, public_url_read, false, "How a phone outside reaches the responder listener." },
    { "tls", KEY_LATER, 0, NULL, false, "put a proxy that speaks TLS before it" },
};
const struct key_table http_table = { "http", http_keys, COUNT_OF(http_keys) };

/* Empty when the address names no host or no port that a browser could use: ":8912", "0.0.0.0:8912", "[::]:0". */
static struct slice url_of(struct loader *l, struct slice address)
{
    static const char *const everywhere[] = { ":", "0.0.0.0:", "[::]:", "*:" };
    struct buf url = { 0 };
    struct slice out;

    for (size_t i = 0; i < COUNT_OF(everywhere); i++)
        if (slice_has_prefix(address, slice_of(everywhere[i]))) return (struct slice){ 0 };
    if (slice_has_suffix(address, S(":0"))) return (struct slice){ 0 };
    buf_add(&url, S("http://"));
    buf_add(&url, address);
    out = arena_copy(l->a, buf_slice(&url));
    buf_release(&url);
    return out;
}

static void http_load(struct loader *l)
{
    const struct node *n = node_child(l->root, S("http"));
    struct site *site = l->site;

    site->listen = S("127.0.0.1:8911");
    site->responder = S("127.0.0.1:8912");
    if (n != NULL) section_read(l, n, &http_table, site);
    if (site->public_url.n == 0) site->public_url = url_of(l, site->responder);
}

static void ingest_secret_read(struct loader *l, const struct node *n, void *section)
{
    secret_read(l, n, &((struct ingest_key *)section)->secret);
}

static void ingest_service_read(struct loader *l, const struct node *n, void *section)
{
    ((struct ingest_key *)section)->service = name_resolve(l, n, &l->services);
}

static void ingest_team_read(struct loader *l, const struct node *n, void *section)
{
    ((struct ingest_key *)section)->team = name_resolve(l, n, &l->teams);
}

static const struct key ingest_keys[] = {
    { "secret", KEY_READ, 0, ingest_secret_read, true,
      "What the sender shows: { credential: NAME } or { env: NAME }." },
    { "service", KEY_READ, 0, ingest_service_read, false, "Service of alerts that name none." },
    { "team", KEY_READ, 0, ingest_team_read, false, "Team of alerts that name no service." },
};
const struct key_table ingest_table = { "ingest.NAME", ingest_keys, COUNT_OF(ingest_keys) };

/* What the rules need to know of the keys: whose the alerts are that name no service. */
static void owners_load(struct loader *l)
{
    struct sender_owner *owners = arena_array(l->a, struct sender_owner, l->site->n_ingest + 1);
    struct directory *d = &l->site->dir;

    for (size_t i = 0; i < l->site->n_ingest; i++) {
        const struct ingest_key *k = &l->site->ingest[i];

        if (k->service < 0 && k->team < 0) continue;
        owners[d->n_senders++] = (struct sender_owner){ k->name, k->service, k->team };
    }
    d->senders = owners;
}

static void ingest_load(struct loader *l)
{
    const struct node *map = node_child(l->root, S("ingest"));
    struct ingest_key *keys;

    if (map == NULL || !map_check(l, map)) return;
    keys = arena_array(l->a, struct ingest_key, map->n + 1);
    for (const struct node *n = map->first; n != NULL; n = n->next) {
        struct ingest_key *key = &keys[l->site->n_ingest];

        if (slice_eq(n->key, S("allow_loopback"))) {
            bool_read(l, n, &l->site->allow_loopback);
            continue;
        }
        *key = (struct ingest_key){ .name = n->key, .service = -1, .team = -1, .line = n->key_line };
        name_check(l, n, "sender");
        section_read(l, n, &ingest_table, key);
        l->site->n_ingest++;
    }
    l->site->ingest = keys;
    owners_load(l);
}

static void token_secret_read(struct loader *l, const struct node *n, void *section)
{
    secret_read(l, n, &((struct site_token *)section)->secret);
}

static void token_person_read(struct loader *l, const struct node *n, void *section)
{
    ((struct site_token *)section)->person = name_resolve(l, n, &l->people);
}

static void token_scope_read(struct loader *l, const struct node *n, void *section)
{
    static const char *const words[] = {
#define X(sym, code, text) text,
        TOKEN_SCOPES(X)
#undef X
            NULL
    };

    ((struct site_token *)section)->scope = (enum token_scope)word_read(l, n, words);
}

static const struct key token_keys[] = {
    { "secret", KEY_READ, 0, token_secret_read, true, "What the caller shows: { credential: NAME } or { env: NAME }." },
    { "person", KEY_READ, 0, token_person_read, true, "Who acts by it: every act has an actor." },
    { "scope", KEY_READ, 0, token_scope_read, true, "What it may do: read, write (a responder's acts), admin (also activates, redacts)." },
};
const struct key_table token_table = { "tokens.NAME", token_keys, COUNT_OF(token_keys) };

static void tokens_load(struct loader *l)
{
    const struct node *map = node_child(l->root, S("tokens"));
    struct site_token *tokens;

    if (map == NULL || !map_check(l, map)) return;
    tokens = arena_array(l->a, struct site_token, map->n + 1);
    for (const struct node *n = map->first; n != NULL; n = n->next) {
        struct site_token *token = &tokens[l->site->n_tokens++];

        *token = (struct site_token){ .name = n->key, .person = -1, .line = n->key_line };
        name_check(l, n, "token");
        section_read(l, n, &token_table, token);
    }
    l->site->tokens = tokens;
}

void doors_load(struct loader *l)
{
    http_load(l);
    ingest_load(l);
    tokens_load(l);
}
