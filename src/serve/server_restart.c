/* server_restart.c - what of site.yaml a reload cannot put in force, said with its key instead of being passed over.
 *
 * Addresses are bound and the state directory is opened once; the courier's walls (confine.c) stand around the folders that
 * the site named when it started, and nothing widens them from within. Everything else is live. */
#include "base/check.h"
#include "serve/server_inner.h"

/* The courier reads these whatever the site says (confine.c: add_system). */
static const struct slice system_places[] = { S("/etc/"), S("/usr/"), S("/lib/"), S("/lib64/") };

static struct slice folder_of(struct slice file)
{
    size_t n = file.n;
    while (n > 0 && file.p[n - 1] != '/') n--;
    return n > 0 ? slice_upto(file, n) : S("./");
}

/* A file that the courier opens, and for what: in another folder than those of its start it cannot. */
struct opened {
    struct slice channel; /* empty: the heartbeat's */
    const char *key;
    struct slice file;
    char right; /* 'a': appends; 'r': reads */
};

static struct opened opened_by(const struct channel_config *c)
{
    struct opened o = { .channel = c->id, .key = "ca", .right = 'r' };
    switch (c->kind) {
    case CHANNEL_UNSET: break;
    case CHANNEL_LOG:
        o.key = "path";
        o.file = c->log.path;
        o.right = 'a';
        break;
    case CHANNEL_SMTP: o.file = c->smtp.ca; break;
    case CHANNEL_WEBHOOK: o.file = c->webhook.ca; break;
    case CHANNEL_SLACK:
    case CHANNEL_SLACK_WEBHOOK:
    case CHANNEL_NTFY:
    case CHANNEL_TELEGRAM: o.file = c->chat.ca; break;
    }
    return o;
}

static struct opened opened_at(const struct site *s, size_t i)
{
    if (i < s->dir.n_channels) return opened_by(&s->channels[i]);
    return (struct opened){ .key = "ca", .file = s->heartbeat.request.ca, .right = 'r' };
}

/* One line a folder: the right, a blank, the folder with its slash. */
static void add_folder(struct buf *out, const struct opened *o)
{
    if (o->file.n == 0) return;
    buf_add_char(out, o->right);
    buf_add_char(out, ' ');
    buf_add(out, folder_of(o->file));
    buf_add_char(out, '\n');
}

static bool begins_with(struct slice s, struct slice with)
{
    return s.n >= with.n && slice_eq(slice_upto(s, with.n), with);
}

static bool is_within(struct slice walls, const struct opened *o)
{
    const struct slice folder = folder_of(o->file);
    for (size_t i = 0; o->right == 'r' && i < COUNT_OF(system_places); i++)
        if (begins_with(folder, system_places[i])) return true;
    while (walls.n > 0) {
        const struct slice line = slice_cut(&walls, '\n');
        if (line.p[0] == o->right && begins_with(folder, slice_from(line, 2))) return true;
    }
    return false;
}

void restart_courier_began(struct server *s, const struct site *site)
{
    buf_reset(&s->start.folders);
    for (size_t i = 0; i <= site->dir.n_channels; i++) {
        const struct opened o = opened_at(site, i);
        add_folder(&s->start.folders, &o);
    }
}

void restart_began(struct server *s, const struct site *site)
{
    buf_add(&s->start.listen, site->listen);
    buf_add(&s->start.responder, site->responder);
    buf_add(&s->start.public_url, site->public_url);
    buf_add(&s->start.state, site->state_dir);
    restart_courier_began(s, site);
}

void restart_release(struct server *s)
{
    buf_release(&s->start.listen);
    buf_release(&s->start.responder);
    buf_release(&s->start.public_url);
    buf_release(&s->start.state);
    buf_release(&s->start.folders);
}

struct slice restart_public_url(const struct server *s, const struct site *site)
{
    const bool moved = !slice_eq(buf_slice(&s->start.responder), site->responder);
    const bool derived = slice_find(site->public_url, site->responder) < site->public_url.n;
    return moved && derived ? buf_slice(&s->start.public_url) : site->public_url;
}

static void note(struct buf *out, const char *key, const struct buf *was, struct slice now)
{
    if (slice_eq(buf_slice(was), now)) return;
    buf_addf(out, "\n`%s` takes a restart: until then it is %s", key, was->len > 0 ? buf_str(was) : "the default");
}

void restart_note(const struct server *s, const struct site *fresh, struct buf *out)
{
    note(out, "http: listen", &s->start.listen, fresh->listen);
    note(out, "http: responder", &s->start.responder, fresh->responder);
    note(out, "state", &s->start.state, fresh->state_dir);
    for (size_t i = 0; s->options->confined && i <= fresh->dir.n_channels; i++) {
        const struct opened o = opened_at(fresh, i);
        const struct slice folder = folder_of(o.file);
        if (o.file.n == 0 || is_within(buf_slice(&s->start.folders), &o)) continue;
        buf_addf(out, "\n`%s%.*s: %s` takes a restart: the courier was started without a way into %.*s",
                 o.channel.n > 0 ? "channels: " : "heartbeat", (int)o.channel.n, o.channel.p, o.key, (int)folder.n,
                 folder.p);
    }
}
