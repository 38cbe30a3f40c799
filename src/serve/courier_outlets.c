/* courier_outlets.c - from site.yaml and credentials to channels that can be sent by.
 * Not here: sending (courier.c), the file's grammar (site/).
 * Always: secrets are read once a load, kept in memory of their own, and overwritten before it is given back.
 */
#include "serve/courier_outlets.h"

#include <string.h>
#include <unistd.h>

#include "base/vec.h"
#include "serve/state_dir.h"
#include "site/site.h"
#include "sys/entropy.h"
#include "sys/files.h"

enum { SECRET_MAX = 8 << 10, RETURN_KEY_BYTES = 32 };

struct holder {
    struct outlets public; /* first: outlets_destroy() casts */
    struct site *site;
    VEC(struct buf) secrets; /* of this load; the slices in outlets point into them */
};

static struct slice secret_read(struct holder *h, const struct secret_ref *ref, struct error *problem)
{
    struct buf secret = { .max = SECRET_MAX };

    if (ref->source == SECRET_UNSET) return (struct slice){ 0 };
    if (site_secret(h->site, ref, &secret, problem) < 0) {
        buf_release(&secret);
        return (struct slice){ 0 };
    }
    *vec_push(&h->secrets) = secret;
    return (struct slice){ secret.p, secret.len };
}

/* The key that return paths are authenticated with: the instance's own, made at the first start. */
static struct slice return_key_read(struct holder *h, const char *state_dir, struct error *e)
{
    struct buf path = { 0 }, key = { .max = RETURN_KEY_BYTES };
    uint8_t fresh[RETURN_KEY_BYTES];
    int rc;

    state_dir_choose(state_dir, h->site->state_dir, &path);
    if ((rc = file_make_dirs(buf_str(&path), 0700, e)) < 0) goto out;
    buf_add(&path, S("/" RETURN_KEY_NAME));
    rc = file_read(buf_str(&path), RETURN_KEY_BYTES, &key, e);
    if (rc == ERR_NOT_FOUND) {
        entropy_fill(fresh, sizeof fresh);
        buf_add(&key, (struct slice){ (const char *)fresh, sizeof fresh });
        rc = file_replace(buf_str(&path), buf_slice(&key), 0600, e);
    }
    if (rc == 0 && key.len != RETURN_KEY_BYTES)
        rc = fail(e, ERR_INVALID, "%s is not %d bytes long: remove it, a new one is made", buf_str(&path),
                  RETURN_KEY_BYTES);
out:
    buf_release(&path);
    if (rc < 0) {
        buf_release(&key);
        return (struct slice){ 0 };
    }
    *vec_push(&h->secrets) = key;
    return (struct slice){ key.p, key.len };
}

static enum tls_need tls_need_of(enum starttls_mode mode)
{
    switch (mode) {
    case STARTTLS_UNSET:
    case STARTTLS_REQUIRED: break;
    case STARTTLS_TRY: return TLS_TRY;
    case STARTTLS_NO: return TLS_NO;
    }
    return TLS_REQUIRED;
}

static void chat_fill(struct holder *h, const struct channel_chat *c, struct outlet *o)
{
    o->as.url = c->url;
    if (c->url_secret.source != SECRET_UNSET) o->as.url = secret_read(h, &c->url_secret, &o->problem);
    o->as.token = secret_read(h, &c->token, &o->problem);
    o->as.ca_file = c->ca;
}

static void outlet_fill(struct holder *h, const struct channel_config *c, struct slice return_key, struct outlet *o)
{
    o->as.name = c->id;
    switch (c->kind) {
    case CHANNEL_UNSET: break;
    case CHANNEL_LOG: o->as.path = c->log.path; break;
    case CHANNEL_SMTP:
        o->as.url = c->smtp.url;
        o->as.from = c->smtp.from;
        o->as.hello = c->smtp.hello;
        o->as.user = c->smtp.user;
        o->as.tls = tls_need_of(c->smtp.starttls);
        o->as.password = secret_read(h, &c->smtp.password, &o->problem);
        o->as.return_key = return_key;
        o->as.ca_file = c->smtp.ca;
        break;
    case CHANNEL_WEBHOOK:
        o->as.url = c->webhook.url;
        o->as.secret = secret_read(h, &c->webhook.secret, &o->problem);
        o->as.ca_file = c->webhook.ca;
        break;
    case CHANNEL_SLACK:
    case CHANNEL_SLACK_WEBHOOK:
    case CHANNEL_NTFY:
    case CHANNEL_TELEGRAM: chat_fill(h, &c->chat, o); break;
    }
}

static const struct notifier_ops *ops_of(enum channel_kind kind)
{
    switch (kind) {
    case CHANNEL_UNSET: break;
#define X(sym, code, text) \
    case CHANNEL_##sym: return notifier_find(S(text));
        CHANNEL_KINDS(X)
#undef X
    }
    return NULL;
}

static void outlets_fill(struct holder *h, const char *state_dir, struct buf *report)
{
    struct outlets *o = &h->public;
    struct error e = { 0 };
    struct slice key = return_key_read(h, state_dir, &e);

    /* Mail goes out all the same: only bounces cannot be told apart. */
    if (key.n == 0) buf_addf(report, "return paths of mail do not name their delivery: %s\n", e.detail);
    o->site_hash = slice_of(h->site->hash);
    o->v = mem_alloc((h->site->dir.n_channels + 2) * sizeof *o->v);
    for (size_t i = 0; i < h->site->dir.n_channels; i++) {
        const struct channel_config *c = &h->site->channels[i];

        o->v[o->n].ops = ops_of(c->kind);
        if (o->v[o->n].ops == NULL) continue;
        o->v[o->n].to = h->site->dir.channels[i].address;
        outlet_fill(h, c, key, &o->v[o->n]);
        if (o->v[o->n].problem.code != 0)
            buf_addf(report, "channel %.*s cannot be used: %s\n", (int)c->id.n, c->id.p, o->v[o->n].problem.detail);
        o->n++;
    }
}

/* The courier's own two: one that leads nowhere, and the site's heartbeat. */
static void own_outlets_fill(struct holder *h, struct buf *report)
{
    struct outlets *o = &h->public;
    struct outlet *beat;

    o->v[o->n++] = (struct outlet){ .ops = &notifier_canary, .as = { .name = S(MESSAGE_CANARY) } };
    if (h->site->heartbeat.every_ms == 0) return;
    beat = &o->v[o->n++];
    *beat = (struct outlet){ .ops = &notifier_heartbeat, .as = { .name = S(MESSAGE_HEARTBEAT) } };
    chat_fill(h, &h->site->heartbeat.request, beat);
    if (beat->problem.code != 0) buf_addf(report, "the heartbeat cannot be sent: %s\n", beat->problem.detail);
}

int outlets_load(const char *site_path, const char *state_dir, struct outlets **out, struct buf *report)
{
    struct holder *h = mem_alloc(sizeof *h);
    struct problems *problems = problems_create();
    int rc;

    h->public.owner = h;
    rc = site_load(site_path, &h->site, problems);
    if (rc == 0) {
        outlets_fill(h, state_dir, report);
        own_outlets_fill(h, report);
        *out = &h->public;
    } else {
        problems_print(problems, report);
        mem_free(h);
    }
    problems_destroy(&problems);
    return rc;
}

void outlets_destroy(struct outlets **o)
{
    struct holder *h;

    if (*o == NULL) return;
    h = (*o)->owner;
    for (size_t i = 0; i < h->secrets.n; i++) {
        explicit_bzero(h->secrets.v[i].p, h->secrets.v[i].len);
        buf_release(&h->secrets.v[i]);
    }
    vec_release(&h->secrets);
    mem_free(h->public.v);
    site_destroy(&h->site);
    mem_free(h);
    *o = NULL;
}

const struct site *outlets_site(const struct outlets *o)
{
    const struct holder *h = o->owner;
    return h->site;
}

const struct outlet *outlets_find(const struct outlets *o, struct slice name)
{
    for (size_t i = 0; i < o->n; i++)
        if (slice_eq(o->v[i].as.name, name)) return &o->v[i];
    return NULL;
}

static bool holds(struct slice text, struct slice secret)
{
    return secret.n > 0 && slice_find(text, secret) < text.n;
}

bool outlet_leaks(const struct outlet *o, struct slice text)
{
    struct slice secrets = o->as.secret;

    while (secrets.n > 0) {
        struct slice one = slice_cut(&secrets, ' ');

        slice_cut_prefix(&one, S("whsec_"));
        if (holds(text, one)) return true;
    }
    return holds(text, o->as.password) || holds(text, o->as.token) || holds(text, o->as.url);
}
