/* grouping.c - one key for alerts that belong together, and the newest incident of each key (R151).
 * Always: `groups` is an index, made of incidents alone: built again at start, never stored. */
#include "core/grouping.h"

static uint64_t hash_part(uint64_t h, struct slice part)
{
    return fnv1a64(fnv1a64(h, part), S("\xff"));
}

static uint64_t hash_label(uint64_t h, struct slice name, const struct label *labels, size_t n)
{
    return hash_part(hash_part(h, name), labels_get(labels, n, name));
}

int64_t grouping_key(struct slice service, const struct routing_rule *rule, const struct label *labels, size_t n)
{
    uint64_t h = hash_part(hash_part(FNV1A64_START, S("service")), service);
    for (size_t i = 0; rule != NULL && i < rule->n_group_by; i++) h = hash_label(h, rule->group_by[i], labels, n);
    /* What nobody claims has little in common but its name. */
    if (service.n == 0) h = hash_label(h, S("alertname"), labels, n);
    return (int64_t)h;
}

/* A person's declaration has no key of its own: alerts of its service belong to it. */
static int64_t key_of(const struct world *w, const struct incident *i)
{
    if (i->group_key != 0 || i->service == 0) return i->group_key;
    return grouping_key(symbol_text(w, i->service), NULL, NULL, 0);
}

/* Keys of incidents that left the world are swept out once they are the larger half. */
static void sweep(struct world *w)
{
    enum { FEW = 1024 };
    struct ikey k;
    int64_t id;
    if (imap_count(w->groups) < 2 * state_count(w, ROW_INCIDENT) + FEW) return;
    for (size_t at = 0; imap_next(w->groups, &at, &k, &id);)
        if (incident_get(w, id) == NULL) imap_remove(w->groups, k);
}

void grouping_catch_up(struct world *w)
{
    const struct counter *c = state_get(w, ROW_COUNTER, (struct ikey){ ROW_INCIDENT, 0 });
    int64_t last = c == NULL ? 0 : c->last;
    if (w->grouped == last) return;
    for (incident_id id = w->grouped + 1; id <= last; id++) {
        const struct incident *i = incident_get(w, id);
        int64_t key = i == NULL ? 0 : key_of(w, i);
        if (key != 0) imap_put(w->groups, (struct ikey){ key, 0 }, id);
    }
    w->grouped = last;
    sweep(w);
}

/* A person's resolution stands: what is new after it is a new incident that follows. */
bool grouping_is_open(const struct incident *i, int64_t at)
{
    if (i->closed_at != 0) return false;
    if (i->resolved_at != 0) return i->resolved_by == 0 && at - i->resolved_at <= ALERT_RESUMES_WITHIN;
    return at - i->joined_at <= GROUPING_JOINS_FOR;
}

incident_id grouping_find(const struct world *w, int64_t key, int64_t at, incident_id *earlier)
{
    int64_t id = 0;
    if (earlier != NULL) *earlier = 0;
    if (!imap_get(w->groups, (struct ikey){ key, 0 }, &id)) return 0;
    const struct incident *i = incident_get(w, id);
    /* One that was merged stands for the one it became part of. */
    if (i != NULL && i->merged_into != 0) i = incident_get(w, i->merged_into);
    if (i == NULL) return 0;
    if (grouping_is_open(i, at)) return i->id;
    if (earlier != NULL) *earlier = i->id;
    return 0;
}
