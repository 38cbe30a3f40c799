/* directory.h - the people and things of the site: who, which teams and services, which schedules, which channels.
 *
 * site/ makes it from site.yaml, whole or not at all; the world holds the current one and looks names up in it at the
 * moment of use, so a deleted person gets no page decided after the deletion (I20). Immutable, owned by one arena; ids
 * are the site's own keys ("ada"). References between entries are indexes that were checked when it was made; -1 =
 * none. Names that the site does not know never appear here. */
#ifndef CORE_DIRECTORY_H
#define CORE_DIRECTORY_H

#include "core/person.h"
#include "core/schedule.h"
#include "core/service.h"
#include "core/team.h"

/* A site channel as far as the rules care; addresses, URLs and secrets are the courier's. */
struct channel {
    struct slice id; /* "incidents" */
    struct slice kind; /* canonical contact kind that it carries: mail slack webhook log phone sms push … */
    const struct slice *serves; /* `for:` further kinds ("phone") and targets ("#incidents") it stands in for */
    size_t n_serves;
    bool wakes; /* phone, sms, push, or `wakes: true` (R165) */
    struct slice address; /* fixed target of posts ("#incidents", a list address); may be empty */
    unsigned line; /* in site.yaml */
};

/* Whose the alerts of a sender are that name no service: the service of its ingest key, else that key's team. */
struct sender_owner {
    struct slice sender; /* the key's name */
    int service, team; /* indexes; -1 = the key says none */
};

struct working_time { /* local to the organisation's zone */
    unsigned days; /* bit 0 = Monday … bit 6 = Sunday */
    int from_min, to_min; /* minutes of the day */
};

struct directory {
    struct slice organisation;
    const struct zone *zone; /* the organisation's; never NULL */
    struct slice zone_name;
    const struct person *people;
    size_t n_people;
    const struct team *teams;
    size_t n_teams;
    const struct service *services;
    size_t n_services;
    const struct schedule *schedules;
    size_t n_schedules;
    const struct channel *channels;
    size_t n_channels;
    const struct role_binding *roles; /* the organisation's own, after service's and team's (R161) */
    size_t n_roles;
    const struct sender_owner *senders; /* those whose key names a service or a team */
    size_t n_senders;
    int unrouted_team; /* index; always there */
    const int *administrators; /* indexes of people */
    size_t n_administrators;
    struct working_time working;
    bool by_approver; /* changed procedures wait for an approver; else they are active as soon as they are read */
    const int *approvers; /* indexes of people; none = the administrators */
    size_t n_approvers;
};

int directory_person(const struct directory *d, struct slice id); /* index or -1 */
int directory_person_by_login(const struct directory *d, struct slice login);
int directory_team(const struct directory *d, struct slice id);
int directory_service(const struct directory *d, struct slice id); /* by id or full name, any case */
const struct sender_owner *directory_sender(const struct directory *d, struct slice name); /* NULL: owned by nobody */
int directory_schedule(const struct directory *d, struct slice id);
int directory_channel(const struct directory *d, struct slice id);
/* May they activate procedures? Approvers, else administrators; `administrator`: the door knows them as one (R11). */
bool directory_is_approver(const struct directory *d, struct slice person, bool administrator);
/* The channel that carries a contact of `kind`: one whose kind equals it, else one that serves it; -1. */
int directory_channel_for_kind(const struct directory *d, struct slice kind);
/* The channel for a post: name or `for:` equals the target, else by kind (design: documents, routing, site); -1. */
int directory_channel_for_post(const struct directory *d, struct slice kind, struct slice target);

#endif
