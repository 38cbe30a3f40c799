/* channel_chat.c - `slack`, `slack_webhook`, `ntfy` and `telegram`: channels that POST to somebody's API.
 * Not here: what is posted (notify/).
 * Always: a token, and a URL that is one, stand in the site by reference alone.
 */
#include <stddef.h>

#include "base/arena.h"
#include "base/check.h"
#include "site/channel_parts.h"

static void chat_url_read(struct loader *l, const struct node *n, void *section)
{
    http_url_read(l, n, "https://chat.example.org", &((struct channel_chat *)section)->url);
}

static void chat_url_secret_read(struct loader *l, const struct node *n, void *section)
{
    secret_read(l, n, &((struct channel_chat *)section)->url_secret);
}

static void chat_token_read(struct loader *l, const struct node *n, void *section)
{
    secret_read(l, n, &((struct channel_chat *)section)->token);
}

static void chat_ca_read(struct loader *l, const struct node *n, void *section)
{
    struct slice text;

    if (text_read(l, n, &text)) ((struct channel_chat *)section)->ca = path_resolve(l, text);
}

#define TARGET offsetof(struct channel_chat, target)
#define CA_HELP "File of authorities to trust instead of the system's."

static const struct key slack_keys[] = {
    { "token", KEY_READ, 0, chat_token_read, true, "The bot's token (xoxb-…): { credential: NAME } or { env: NAME }." },
    { "channel", KEY_TEXT, TARGET, NULL, false, "Where posts go: \"#incidents\" or a channel's id." },
    { "url", KEY_READ, 0, chat_url_read, false, "The API; https://slack.com/api when left out." },
    { "ca", KEY_READ, 0, chat_ca_read, false, CA_HELP },
};
const struct key_table slack_table = { "channels.NAME.slack", slack_keys, COUNT_OF(slack_keys) };

static const struct key slack_webhook_keys[] = {
    { "url", KEY_READ, 0, chat_url_secret_read, true,
      "The webhook's URL is its secret: { credential: NAME } or { env: NAME }." },
    { "ca", KEY_READ, 0, chat_ca_read, false, CA_HELP },
};
const struct key_table slack_webhook_table = { "channels.NAME.slack_webhook", slack_webhook_keys,
                                               COUNT_OF(slack_webhook_keys) };

static const struct key ntfy_keys[] = {
    { "url", KEY_READ, 0, chat_url_read, true, "The server: https://ntfy.example.org." },
    { "topic", KEY_TEXT, TARGET, NULL, false, "Where posts go; a person's topic is the contact `push`." },
    { "token", KEY_READ, 0, chat_token_read, false, "Access token: { credential: NAME } or { env: NAME }." },
    { "ca", KEY_READ, 0, chat_ca_read, false, CA_HELP },
};
const struct key_table ntfy_table = { "channels.NAME.ntfy", ntfy_keys, COUNT_OF(ntfy_keys) };

static const struct key telegram_keys[] = {
    { "token", KEY_READ, 0, chat_token_read, true, "The bot's token: { credential: NAME } or { env: NAME }." },
    { "chat", KEY_TEXT, TARGET, NULL, false, "Where posts go: a chat's number, in quotes, or \"@channel\"." },
    { "url", KEY_READ, 0, chat_url_read, false, "The Bot API; https://api.telegram.org when left out." },
    { "ca", KEY_READ, 0, chat_ca_read, false, CA_HELP },
};
const struct key_table telegram_table = { "channels.NAME.telegram", telegram_keys, COUNT_OF(telegram_keys) };

/* `target` is the channel's own word for `to`. */
static void chat_read(struct loader *l, const struct node *n, const struct key_table *table, struct channel_section *s)
{
    struct channel_chat *chat = &s->config.chat;
    const struct node *to = node_child(n->parent, S("to"));

    if (!section_read(l, n, table, chat) || chat->target.n == 0) return;
    if (to != NULL) node_error(l, to, "line %u says already where posts go: leave one of the two out", n->line);
    s->channel.address = chat->target;
}

void slack_read(struct loader *l, const struct node *n, void *section)
{
    struct channel_section *s = section;

    channel_kind_set(s, n, CHANNEL_SLACK, S("slack"));
    s->config.chat.url = S("https://slack.com/api");
    chat_read(l, n, &slack_table, s);
}

/* No kind of contact of its own: it reaches a room, never a person. Posts find it by its name or its `for`. */
void slack_webhook_read(struct loader *l, const struct node *n, void *section)
{
    channel_kind_set(section, n, CHANNEL_SLACK_WEBHOOK, S("slack-webhook"));
    chat_read(l, n, &slack_webhook_table, section);
}

void ntfy_read(struct loader *l, const struct node *n, void *section)
{
    channel_kind_set(section, n, CHANNEL_NTFY, S("push"));
    chat_read(l, n, &ntfy_table, section);
}

void telegram_read(struct loader *l, const struct node *n, void *section)
{
    struct channel_section *s = section;

    channel_kind_set(s, n, CHANNEL_TELEGRAM, S("telegram"));
    s->config.chat.url = S("https://api.telegram.org");
    chat_read(l, n, &telegram_table, s);
}
