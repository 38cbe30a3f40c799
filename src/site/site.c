/* site.c - site.yaml as a whole: collect the names, read each section, keep all or nothing.
 * Not here: the sections (one file each), routing.yaml (routing.c), what the procedures need of the site (bind.c). */
#include "site/site.h"

#include <stddef.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/digest.h"
#include "base/vec.h"
#include "site/loader.h"
#include "sys/files.h"
#include "sys/zoneinfo.h"

struct site_owner {
    struct site site; /* first: a site is freed as its owner */
    struct arena *a;
    struct zoneinfo *zones;
};

static void state_read(struct loader *l, const struct node *n, void *section)
{
    struct slice text;

    if (text_read(l, n, &text)) ((struct site *)section)->state_dir = path_resolve(l, text);
}

/* Sections without a reader here are read by their own files, in the order in which they need each other. */
static const struct key site_keys[] = {
    { "organisation", KEY_READ, 0, NULL, true, "{ name, timezone, procedures, routing }." },
    { "teams", KEY_READ, 0, NULL, true, "Teams by name: { services, roles }." },
    { "services", KEY_READ, 0, NULL, false, "Services by name: { name, category, roles }." },
    { "people", KEY_READ, 0, NULL, true, "People by name: { name, login, timezone, contacts }." },
    { "schedules", KEY_READ, 0, NULL, false, "Schedules by name: { rotation, handoff, timezone, people }." },
    { "channels", KEY_READ, 0, NULL, true, "Channels by name: { log: {} }, { smtp: { … } }, { webhook: { … } }." },
    { "metrics", KEY_READ, 0, NULL, false,
      "Who says that a threshold is crossed: { match: [ALERT] } or { by: person }." },
    { "roles", KEY_READ, 0, NULL, false, "Who fills which role when neither the service nor its team says." },
    { "unrouted", KEY_READ, 0, NULL, true, "{ team: NAME } that gets what matches no service." },
    { "administrators", KEY_READ, 0, NULL, false, "Who hears alarms about Tocsin itself: [NAME, …]." },
    { "heartbeat", KEY_READ, 0, NULL, false, "{ url: URL, every: 60s } called while Tocsin's self-audit passes." },
    { "working", KEY_READ, 0, NULL, false, "{ days: Mon-Fri, from: \"09:00\", to: \"17:00\" }." },
    { "activation", KEY_READ, 0, NULL, false,
      "automatic: what compiles is active from the next start or reload; by-approver, also when left out: it waits for "
      "`tocsin activate`." },
    { "approvers", KEY_READ, 0, NULL, false, "Who may activate: people; left out: the administrators." },
    { "http", KEY_READ, 0, NULL, false, "{ listen, responder, public_url }." },
    { "ingest", KEY_READ, 0, NULL, false, "Keys of senders by name, and allow_loopback." },
    { "tokens", KEY_READ, 0, NULL, false, "Tokens of programs by name: { secret, person, scope }." },
    { "state", KEY_READ, 0, state_read, false, "The state directory." },
    { "instance", KEY_TEXT, offsetof(struct site, instance), NULL, false, "Name of this instance: tocsin." },
};
const struct key_table site_table = { "site.yaml", site_keys, COUNT_OF(site_keys) };

static void names_gather(struct loader *l)
{
    names_collect(l, "person", "people", &l->people);
    names_collect(l, "team", "teams", &l->teams);
    names_collect(l, "service", "services", &l->services);
    names_collect(l, "schedule", "schedules", &l->schedules);
    names_collect(l, "channel", "channels", &l->channels);
    l->site->services_line = l->services.line;
}

/* The order is that of need: schedules take the organisation's zone, services the unrouted team, administrators all. */
static void sections_load(struct loader *l)
{
    if (!section_read(l, l->root, &site_table, l->site)) return;
    names_gather(l);
    organisation_load(l);
    people_load(l);
    schedules_load(l);
    unrouted_load(l);
    teams_load(l);
    channels_load(l);
    metrics_load(l);
    doors_load(l);
    duties_load(l);
    heartbeat_load(l);
}

static void hash_set(struct site *s, struct slice bytes)
{
    uint8_t digest[32];
    struct buf hex = { 0 };

    digest_blake2b((struct slice){ 0 }, bytes, digest, sizeof digest);
    buf_add_hex(&hex, (struct slice){ (const char *)digest, sizeof digest });
    CHECK(hex.len + 1 == sizeof s->hash);
    memcpy(s->hash, hex.p, sizeof s->hash);
    buf_release(&hex);
}

static struct slice folder_of(struct slice path)
{
    size_t n = path.n;

    while (n > 0 && path.p[n - 1] != '/') n--;
    if (n > 1) n--; /* "/site.yaml" lies in "/" */
    return slice_upto(path, n);
}

static struct site_owner *owner_create(const char *path, struct slice bytes)
{
    struct site_owner *owner = mem_alloc(sizeof *owner);

    owner->a = arena_create(0);
    owner->zones = zoneinfo_create(NULL);
    owner->site.path = arena_copy(owner->a, slice_of(path));
    owner->site.folder = arena_copy(owner->a, folder_of(slice_of(path)));
    owner->site.instance = S("tocsin");
    hash_set(&owner->site, bytes);
    return owner;
}

int site_load_bytes(const char *path, struct slice bytes, struct site **out, struct problems *p)
{
    size_t before = problems_errors(p), first = problems_count(p);
    struct site_owner *owner = owner_create(path, bytes);
    struct loader l = { .a = owner->a, .file = owner->site.path, .problems = p, .zones = owner->zones };
    struct site *site = &owner->site;

    *out = NULL;
    l.site = site;
    l.root = tree_parse(l.a, l.file, bytes, p);
    if (l.root != NULL) sections_load(&l);
    problems_sort(p, first);
    if (problems_errors(p) > before) {
        site_destroy(&site);
        return ERR_SYNTAX;
    }
    *out = site;
    return 0;
}

int site_load(const char *path, struct site **out, struct problems *p)
{
    struct buf bytes = { .max = TREE_MAX_BYTES + 1 };
    struct error e = { 0 };
    int rc = file_read(path, TREE_MAX_BYTES, &bytes, &e);

    *out = NULL;
    if (rc < 0)
        problem_error(p, (struct place){ slice_of(path), 0, 0 }, "%s", e.detail);
    else
        rc = site_load_bytes(path, buf_slice(&bytes), out, p);
    buf_release(&bytes);
    return rc;
}

void site_destroy(struct site **s)
{
    struct site_owner *owner = (struct site_owner *)*s;

    if (owner == NULL) return;
    zoneinfo_destroy(&owner->zones);
    arena_destroy(&owner->a);
    mem_free(owner);
    *s = NULL;
}
