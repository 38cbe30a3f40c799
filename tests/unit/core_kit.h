/* core_kit.h - a small world for tests of core/: four people, one team, the reference's rules, a clock one sets.
 *
 * Everything is in memory and literal, so that a row of a test can be read against the document. */
#ifndef TESTS_CORE_KIT_H
#define TESTS_CORE_KIT_H

#include "harness.h"

#include "base/zone.h"
#include "core/state.h"
#include "core/world.h"
#include "shadow.h"

#define KIT_START INT64_C(1000000) /* steady ms of the first event */
#define KIT_WALL INT64_C(1767582000000) /* 2026-01-05T03:00:00Z, a Monday */

enum { ADA, JOAN, GRACE, MARY }; /* primary, secondary, commander, management */

struct kit {
    struct world *w;
    struct effects fx;
    struct directory d;
    struct policy p;
    struct person people[4];
    int64_t at, wall;
    struct shadow stored; /* every change is marked: looked at after each step */
    bool accepts; /* the provider takes everything at once; set by kit_accept() */
};

void kit_open(struct kit *k); /* directory, policy, started, 100 credits a channel */
void kit_close(struct kit *k);
void kit_step(struct kit *k, struct event ev); /* stamps it; effects of this step alone are in k->fx */
/* Every timer due up to `at` (ms after the start) fires at its due time; the clock then stands there. */
void kit_until(struct kit *k, int64_t at);
void kit_alert(struct kit *k, const char *name, const char *severity); /* fires for four hours */
/* A service that the site does not have: each alert name is an incident of its own. */
void kit_alert_of(struct kit *k, const char *name, const char *severity, const char *service);
void kit_act(struct kit *k, enum act_kind kind, const char *who, incident_id id, const char *text);
void kit_result(struct kit *k, struct send s, enum outcome o);
/* From now on each attempt is accepted in the step after it began. */
void kit_accept(struct kit *k);
/* Pages (not notifications) of a person so far. */
size_t kit_pages(const struct kit *k, int person);
size_t kit_notifications(const struct kit *k, int person);

#endif
