/* channel_parts.h - what the files that read `channels:` share. Private to site/. */
#ifndef SITE_CHANNEL_PARTS_H
#define SITE_CHANNEL_PARTS_H

#include "site/loader.h"

/* One channel while it is read. */
struct channel_section {
    struct channel channel;
    struct channel_config config;
    const struct node *kind_node; /* the first key that names a kind */
};

/* The first key that names a kind decides; `carries` is the kind of contact it is for. */
void channel_kind_set(struct channel_section *s, const struct node *n, enum channel_kind kind, struct slice carries);

/* channel_url.c */
/* What stands between the scheme and the next slash; empty when the URL has none of the two schemes. */
struct slice url_host(struct slice url, struct slice scheme, struct slice secure_scheme);
bool host_is_local(struct slice host); /* with or without a port */
/* False after reporting: no such scheme, blanks, user or password, an address nobody may mean. */
bool url_check(struct loader *l, const struct node *n, struct slice url, struct slice host, const char *example);
/* An http(s) URL without its final slashes; https, unless it is this machine. False after reporting. */
bool http_url_read(struct loader *l, const struct node *n, const char *example, struct slice *out);

/* channel_chat.c: `slack`, `slack_webhook`, `ntfy`, `telegram` into their section. */
void slack_read(struct loader *l, const struct node *n, void *section);
void slack_webhook_read(struct loader *l, const struct node *n, void *section);
void ntfy_read(struct loader *l, const struct node *n, void *section);
void telegram_read(struct loader *l, const struct node *n, void *section);

#endif
