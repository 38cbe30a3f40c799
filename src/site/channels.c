/* channels.c - `channels:` by which ways pages and posts leave.
 * Not here: chat and push (channel_chat.c), URLs (channel_url.c), building and sending (notify/, the courier), which
 * channel carries what (core/directory.c).
 * Always: channels[i] and dir.channels[i] are the same channel. */
#include <stddef.h>

#include "base/arena.h"
#include "base/check.h"
#include "site/channel_parts.h"

void channel_kind_set(struct channel_section *s, const struct node *n, enum channel_kind kind, struct slice carries)
{
    if (s->kind_node != NULL) return;
    s->kind_node = n;
    s->config.kind = kind;
    s->channel.kind = carries;
}

static void log_path_read(struct loader *l, const struct node *n, void *section)
{
    struct slice text;

    if (text_read(l, n, &text)) ((struct channel_log *)section)->path = path_resolve(l, text);
}

static const struct key log_keys[] = {
    { "path", KEY_READ, 0, log_path_read, false, "File to append to; Tocsin's own log when left out." },
};
const struct key_table log_table = { "channels.NAME.log", log_keys, COUNT_OF(log_keys) };

static void log_read(struct loader *l, const struct node *n, void *section)
{
    struct channel_section *s = section;

    channel_kind_set(s, n, CHANNEL_LOG, S("log"));
    section_read(l, n, &log_table, &s->config.log);
}

static void smtp_url_read(struct loader *l, const struct node *n, void *section)
{
    struct channel_smtp *smtp = section;
    struct slice url, host, port;
    int64_t number = 25;

    if (!text_read(l, n, &url)) return;
    host = url_host(url, S("smtp://"), S("smtps://"));
    if (!url_check(l, n, url, host, "smtp://mail.example.org:587 or smtps://mail.example.org")) return;
    while (url.p[url.n - 1] == '/') url.n--;
    if (slice_find(url, host) + host.n != url.n) {
        node_error(l, n, "nothing follows the host: the name for EHLO goes into `hello`");
        return;
    }
    port = host;
    if (host.p[0] != '[') slice_cut(&port, ':');
    if (host.p[0] != '[' && slice_find_char(host, ':') < host.n &&
        (!slice_to_int(port, &number) || number < 1 || number > 65535)) {
        node_error(l, n, "`%.*s` is no port", (int)slice_upto(port, 20).n, port.p);
        return;
    }
    smtp->url = arena_copy(l->a, url);
}

static void smtp_from_read(struct loader *l, const struct node *n, void *section)
{
    struct slice text, rest;

    if (!text_read(l, n, &text)) return;
    rest = text;
    slice_cut(&rest, '@');
    if (rest.n > 0 && rest.n + 1 < text.n && slice_find_char(text, ' ') == text.n &&
        slice_find_char(text, '<') == text.n)
        ((struct channel_smtp *)section)->from = text;
    else
        node_error(l, n, "`%.*s` is no bare address: write tocsin@example.org", (int)slice_upto(text, 80).n, text.p);
}

static void smtp_starttls_read(struct loader *l, const struct node *n, void *section)
{
    static const char *const words[] = {
#define X(sym, code, text) text,
        STARTTLS_MODES(X)
#undef X
            NULL
    };

    ((struct channel_smtp *)section)->starttls = (enum starttls_mode)word_read(l, n, words);
}

static void smtp_password_read(struct loader *l, const struct node *n, void *section)
{
    secret_read(l, n, &((struct channel_smtp *)section)->password);
}

static void smtp_ca_read(struct loader *l, const struct node *n, void *section)
{
    struct slice text;

    if (text_read(l, n, &text)) ((struct channel_smtp *)section)->ca = path_resolve(l, text);
}

static const struct key smtp_keys[] = {
    { "url", KEY_READ, 0, smtp_url_read, true, "The mail server: smtp://127.0.0.1:25 or smtps://mail.example.org." },
    { "from", KEY_READ, 0, smtp_from_read, true, "Sender's address: tocsin@example.org." },
    { "starttls", KEY_READ, 0, smtp_starttls_read, false,
      "required, try or no; left out: try on this machine, required elsewhere." },
    { "user", KEY_TEXT, offsetof(struct channel_smtp, user), NULL, false, "Name for AUTH." },
    { "password", KEY_READ, 0, smtp_password_read, false, "For AUTH: { credential: NAME } or { env: NAME }." },
    { "hello", KEY_TEXT, offsetof(struct channel_smtp, hello), NULL, false, "Our name in EHLO; the domain of `from`." },
    { "ca", KEY_READ, 0, smtp_ca_read, false, "File of authorities to trust instead of the system's." },
};
const struct key_table smtp_table = { "channels.NAME.smtp", smtp_keys, COUNT_OF(smtp_keys) };

static void smtp_read(struct loader *l, const struct node *n, void *section)
{
    struct channel_section *s = section;
    struct channel_smtp *smtp = &s->config.smtp;

    channel_kind_set(s, n, CHANNEL_SMTP, S("mail"));
    if (!section_read(l, n, &smtp_table, smtp)) return;
    if ((smtp->user.n > 0) != (node_child(n, S("password")) != NULL))
        node_error(l, n, "`user` and `password` go together");
    if (slice_has_prefix(smtp->url, S("smtps://"))) {
        if (smtp->starttls == STARTTLS_REQUIRED || smtp->starttls == STARTTLS_TRY)
            node_error(l, n, "smtps:// is encrypted from its first byte: leave `starttls` out, or write smtp://");
        smtp->starttls = STARTTLS_NO;
    } else if (smtp->starttls == STARTTLS_UNSET) {
        struct slice host = url_host(smtp->url, S("smtp://"), S("smtps://"));

        smtp->starttls = host_is_local(host) ? STARTTLS_TRY : STARTTLS_REQUIRED;
    }
}

static void webhook_url_read(struct loader *l, const struct node *n, void *section)
{
    http_url_read(l, n, "https://hooks.example.org/tocsin", &((struct channel_webhook *)section)->url);
}

static void webhook_secret_read(struct loader *l, const struct node *n, void *section)
{
    secret_read(l, n, &((struct channel_webhook *)section)->secret);
}

static void webhook_ca_read(struct loader *l, const struct node *n, void *section)
{
    struct slice text;

    if (text_read(l, n, &text)) ((struct channel_webhook *)section)->ca = path_resolve(l, text);
}

static const struct key webhook_keys[] = {
    { "url", KEY_READ, 0, webhook_url_read, true, "Where to POST: https://hooks.example.org/tocsin." },
    { "secret", KEY_READ, 0, webhook_secret_read, true, "Signs each message: { credential: NAME } or { env: NAME }." },
    { "ca", KEY_READ, 0, webhook_ca_read, false, "File of authorities to trust instead of the system's." },
};
const struct key_table webhook_table = { "channels.NAME.webhook", webhook_keys, COUNT_OF(webhook_keys) };

static void webhook_read(struct loader *l, const struct node *n, void *section)
{
    struct channel_section *s = section;

    channel_kind_set(s, n, CHANNEL_WEBHOOK, S("webhook"));
    section_read(l, n, &webhook_table, &s->config.webhook);
}

static void for_read(struct loader *l, const struct node *n, void *section)
{
    struct channel *c = &((struct channel_section *)section)->channel;
    struct texts texts;
    struct slice *serves;

    if (!texts_read(l, n, &texts)) return;
    serves = arena_array(l->a, struct slice, texts.n + 1);
    for (size_t i = 0; i < texts.n; i++) serves[i] = contact_kind_canonical(texts.v[i]);
    c->serves = serves;
    c->n_serves = texts.n;
}

/* clang-format off */
#define LATER(name) { name, KEY_LATER, 0, NULL, false, \
    "channels of this version: log, smtp, webhook, slack, slack_webhook, ntfy, telegram" }
/* clang-format on */

static const struct key channel_keys[] = {
    { "log", KEY_READ, 0, log_read, false, "Writes each message as one line: { } or { path: FILE }." },
    { "smtp", KEY_READ, 0, smtp_read, false, "Mail: { url: smtp://HOST:PORT, from: ADDRESS, … }." },
    { "webhook", KEY_READ, 0, webhook_read, false, "A signed POST: { url: URL, secret: { credential: NAME } }." },
    { "slack", KEY_READ, 0, slack_read, false,
      "Slack by its API: { token: { credential: NAME }, channel: \"#incidents\" }." },
    { "slack_webhook", KEY_READ, 0, slack_webhook_read, false,
      "A room by a webhook of Slack, Mattermost, Rocket.Chat or Discord: { url: { credential: NAME } }." },
    { "ntfy", KEY_READ, 0, ntfy_read, false, "Push: { url: https://ntfy.example.org, token: { credential: NAME } }." },
    { "telegram", KEY_READ, 0, telegram_read, false, "Telegram: { token: { credential: NAME } }." },
    { "for", KEY_READ, 0, for_read, false,
      "Kinds and targets it also carries: [phone, sms, \"#incidents\", status page]." },
    { "wakes", KEY_BOOL, offsetof(struct channel_section, channel.wakes), NULL, false,
      "Does it wake people? Only phone, sms and push do by themselves." },
    { "ack", KEY_BOOL, offsetof(struct channel_section, config.acknowledges), NULL, false,
      "Can a page be acknowledged from it? Yes, by the link, when left out." },
    { "to", KEY_TEXT, offsetof(struct channel_section, channel.address), NULL, false,
      "Where posts go: a list's address." },
    LATER("teams"),
    { "discord", KEY_LATER, 0, NULL, false,
      "write slack_webhook, with the URL of an incoming webhook and /slack behind it" },
    { "mattermost", KEY_LATER, 0, NULL, false, "write slack_webhook, with the URL of an incoming webhook" },
    LATER("matrix"),
    LATER("pushover"),
    { "push", KEY_LATER, 0, NULL, false, "write ntfy" },
    LATER("twilio"),
    LATER("sms"),
    LATER("phone"),
    LATER("sns"),
};
const struct key_table channel_table = { "channels.NAME", channel_keys, COUNT_OF(channel_keys) };

static bool is_kind_key(struct slice key)
{
    struct slice known[] = { S("for"), S("wakes"), S("ack"), S("to") };

    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (slice_eq(key, known[i])) return false;
    for (size_t i = 0; i < COUNT_OF(channel_keys); i++)
        if (slice_eq(key, slice_of(channel_keys[i].name))) return true;
    return false;
}

/* Exactly one key says what the channel is. */
static void kind_check(struct loader *l, const struct node *n)
{
    const struct node *kind = NULL;

    for (const struct node *child = n->first; child != NULL; child = child->next) {
        if (!is_kind_key(child->key)) continue;
        if (kind != NULL)
            problem_error(l->problems, key_place(l, child),
                          "channels.%.*s is `%.*s` (line %u) and `%.*s`: a channel is "
                          "one of them; make two channels",
                          (int)n->key.n, n->key.p, (int)kind->key.n, kind->key.p, kind->key_line, (int)child->key.n,
                          child->key.p);
        kind = child;
    }
    if (kind == NULL)
        problem_error(l->problems, key_place(l, n),
                      "channels.%.*s does not say what it is: add `log: {}`, `smtp: { … }` "
                      "or another (docs/site.md lists them)",
                      (int)n->key.n, n->key.p);
}

static void channel_read(struct loader *l, size_t i, struct channel *channel, struct channel_config *config)
{
    const struct node *n = l->channels.nodes[i];
    struct channel_section s = { .channel = { .id = l->channels.v[i], .line = n->key_line } };

    s.config = (struct channel_config){ .id = l->channels.v[i], .acknowledges = true };
    if (section_read(l, n, &channel_table, &s)) kind_check(l, n);
    if (node_child(n, S("wakes")) == NULL) s.channel.wakes = contact_kind_wakes(s.channel.kind);
    *channel = s.channel;
    *config = s.config;
}

void channels_load(struct loader *l)
{
    struct channel *channels = arena_array(l->a, struct channel, l->channels.n + 1);
    struct channel_config *configs = arena_array(l->a, struct channel_config, l->channels.n + 1);

    for (size_t i = 0; i < l->channels.n; i++) channel_read(l, i, &channels[i], &configs[i]);
    l->site->dir.channels = channels;
    l->site->dir.n_channels = l->channels.n;
    l->site->channels = configs;
}
