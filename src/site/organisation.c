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

/* Adds a document; `scenario` is empty for what is no runbook or finds its scenario by its title. */
static void document_add(struct loader *l, struct site *site, struct slice path, struct slice scenario)
{
    struct slice *paths = arena_array(l->a, struct slice, site->n_procedures + 1);
    struct slice *attached = arena_array(l->a, struct slice, site->n_procedures + 1);

    for (size_t i = 0; i < site->n_procedures; i++) {
        paths[i] = site->procedures[i];
        attached[i] = site->attached[i];
    }
    paths[site->n_procedures] = path_resolve(l, path);
    attached[site->n_procedures++] = scenario;
    site->procedures = paths;
    site->attached = attached;
}

static void procedures_read(struct loader *l, const struct node *n, void *section)
{
    struct texts texts;

    if (!texts_read(l, n, &texts)) return;
    if (texts.n == 0) node_error(l, n, "name at least one Markdown file");
    for (size_t i = 0; i < texts.n; i++) document_add(l, section, texts.v[i], (struct slice){ 0 });
}

struct runbook {
    struct slice file, scenario;
};

static const struct key runbook_keys[] = {
    { "file", KEY_TEXT, offsetof(struct runbook, file), NULL, true, "The Markdown file of a runbook." },
    { "scenario", KEY_TEXT, offsetof(struct runbook, scenario), NULL, false,
      "The scenario that it belongs to, as the procedures call it; left out: the one of its title." },
};
const struct key_table runbook_table = { "organisation.runbooks[]", runbook_keys, COUNT_OF(runbook_keys) };

static void runbooks_read(struct loader *l, const struct node *n, void *section)
{
    if (n->kind == NODE_MAP) {
        node_error(l, n, "a list is wanted here, of files or of { file: NAME, scenario: NAME }");
        return;
    }
    if (((struct site *)section)->n_procedures == 0) node_error(l, n, "`procedures` stand above `runbooks`");
    for (const struct node *one = n->kind == NODE_SCALAR ? n : n->first; one != NULL;
         one = n->kind == NODE_SCALAR ? NULL : one->next) {
        struct runbook r = { 0 };
        if (one->kind == NODE_MAP ? !section_read(l, one, &runbook_table, &r) : !text_read(l, one, &r.file)) continue;
        if (r.file.n > 0) document_add(l, section, r.file, r.scenario);
    }
}

static struct slice base_name(struct slice path)
{
    size_t at = path.n;

    while (at > 0 && path.p[at - 1] != '/') at--;
    return slice_from(path, at);
}

/* Messages, timelines and the API call a document by its file's name, wherever it lies. */
static void names_check(struct loader *l, const struct node *n)
{
    const struct site *site = l->site;

    for (size_t i = 0; i < site->n_procedures; i++)
        for (size_t k = 0; k < i; k++) {
            const struct slice name = base_name(site->procedures[i]);
            if (!slice_eq(name, base_name(site->procedures[k]))) continue;
            node_error(l, n, "two documents are called %.*s: give one another name, so that a line of it can be found",
                       (int)name.n, name.p);
        }
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
    { "runbooks", KEY_READ, 0, runbooks_read, false,
      "Runbooks in files of their own: a list of files, or of `{ file: NAME, scenario: NAME }`." },
    { "routing", KEY_READ, 0, routing_path_read, false, "The file of rules that turn alerts into incidents." },
};
const struct key_table organisation_table = { "organisation", organisation_keys, COUNT_OF(organisation_keys) };

void organisation_load(struct loader *l)
{
    const struct node *n = node_child(l->root, S("organisation"));

    if (n == NULL) return;
    section_read(l, n, &organisation_table, l->site);
    names_check(l, n);
}
