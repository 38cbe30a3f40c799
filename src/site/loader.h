/* loader.h - what the sections of one file share while it is loaded. Private to site/. */
#ifndef SITE_LOADER_H
#define SITE_LOADER_H

#include "site/keys.h"
#include "site/site.h"

struct matchers;
struct zoneinfo;

/* The names of one kind of thing, collected before any section is read: sections may refer to each other in any
 * order. An entry's index here is its index in the directory. */
struct names {
    const char *kind; /* "person" */
    const char *section; /* "people" */
    struct slice file; /* that holds the section */
    unsigned line; /* of the section; 0 = the file has none */
    const struct slice *v;
    const struct node **nodes; /* what stands behind each name */
    size_t n;
};

struct loader {
    struct arena *a; /* without a limit: the file's own (tree.h) bounds it, and no allocation fails */
    struct slice file;
    struct problems *problems;
    struct zoneinfo *zones; /* routing.yaml needs none: NULL there */
    struct names people, teams, services, schedules, channels;
    struct site *site; /* being made */
    const struct node *root;
};

/* Reports a key that cannot be a name: names stand in URLs, on the command line and in log lines. */
void name_check(struct loader *l, const struct node *n, const char *kind);
void names_collect(struct loader *l, const char *kind, const char *section, struct names *out);
/* The index of the name in a scalar; -1 after reporting both places and the nearest name. */
int name_resolve(struct loader *l, const struct node *n, const struct names *among);
/* One name or a list of names, none twice. False after reporting. */
bool names_resolve(struct loader *l, const struct node *n, const struct names *among, const int **v, size_t *count);

bool zone_resolve(struct loader *l, const struct node *n, const struct zone **zone, struct slice *name);
bool time_of_day_read(struct loader *l, const struct node *n, int *minutes); /* "09:00" → 540 */
/* One matcher or a list of them; what cannot be one is reported. matchers_release() when done with the patterns. */
void matchers_read(struct loader *l, const struct node *n, struct matchers *out);
void secret_read(struct loader *l, const struct node *n, struct secret_ref *out);
struct slice path_resolve(struct loader *l, struct slice written); /* against the file's folder; NUL-terminated */

/* Sections, one function a part of the file; each reads l->root and fills l->site. */
void organisation_load(struct loader *l);
void people_load(struct loader *l);
void schedules_load(struct loader *l);
void teams_load(struct loader *l); /* and services, and the organisation's own roles */
void channels_load(struct loader *l);
void doors_load(struct loader *l); /* http, ingest, tokens */
void unrouted_load(struct loader *l); /* before the teams: services without a team belong to it */
void metrics_load(struct loader *l);
bool span_of(struct slice text, int64_t *ms); /* "5m", "90s", "1h": metrics.c */
void heartbeat_load(struct loader *l);
void duties_load(struct loader *l); /* administrators, working, activation */

/* Every table, for the manual. */
extern const struct key_table site_table;
extern const struct key_table organisation_table;
extern const struct key_table runbook_table;
extern const struct key_table team_table;
extern const struct key_table service_table;
extern const struct key_table binding_table;
extern const struct key_table person_table;
extern const struct key_table schedule_table;
extern const struct key_table channel_table;
extern const struct key_table log_table;
extern const struct key_table smtp_table;
extern const struct key_table webhook_table;
extern const struct key_table slack_table;
extern const struct key_table slack_webhook_table;
extern const struct key_table ntfy_table;
extern const struct key_table telegram_table;
extern const struct key_table secret_table;
extern const struct key_table metric_table;
extern const struct key_table unrouted_table;
extern const struct key_table working_table;
extern const struct key_table heartbeat_table;
extern const struct key_table http_table;
extern const struct key_table ingest_table;
extern const struct key_table token_table;
extern const struct key_table routing_table;
extern const struct key_table rule_table;

#endif
