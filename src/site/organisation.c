/* organisation.c - `organisation:` name, zone, and where the procedures and the routing lie. */
#include <stddef.h>

#include "base/arena.h"
#include "base/check.h"
#include "site/loader.h"

static void timezone_read(struct loader *l, const struct node *n, void *section)
{
    struct site *site = section;

    if (zone_resolve(l, n, &site->dir.zone, &site->dir.zone_name)) site->timezone = site->dir.zone_name;
}

static void procedures_read(struct loader *l, const struct node *n, void *section)
{
    struct site *site = section;
    struct texts texts;
    struct slice *paths;

    if (!texts_read(l, n, &texts)) return;
    if (texts.n == 0) node_error(l, n, "name at least one Markdown file");
    paths = arena_array(l->a, struct slice, texts.n + 1);
    for (size_t i = 0; i < texts.n; i++) paths[i] = path_resolve(l, texts.v[i]);
    site->procedures = paths;
    site->n_procedures = texts.n;
}

static void routing_path_read(struct loader *l, const struct node *n, void *section)
{
    struct slice text;

    if (text_read(l, n, &text)) ((struct site *)section)->routing = path_resolve(l, text);
}

static const struct key organisation_keys[] = {
    { "name", KEY_TEXT, offsetof(struct site, dir.organisation), NULL, true, "The organisation's name." },
    { "timezone", KEY_READ, 0, timezone_read, true, "Its time zone, such as Europe/Berlin." },
    { "procedures", KEY_READ, 0, procedures_read, true, "The Markdown files, the organisation's own first." },
    { "routing", KEY_READ, 0, routing_path_read, false, "The file of rules that turn alerts into incidents." },
};
const struct key_table organisation_table = { "organisation", organisation_keys, COUNT_OF(organisation_keys) };

void organisation_load(struct loader *l)
{
    const struct node *n = node_child(l->root, S("organisation"));

    if (n != NULL) section_read(l, n, &organisation_table, l->site);
}
