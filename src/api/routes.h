/* routes.h - which handler answers what: the tables of the listeners, and nothing else.
 *
 * serve/ gives api_main_routes to the TCP and the unix listener, api_responder_routes to the responder's, which is safe
 * to expose alone: nothing is reachable there but the view behind a page's link (R146). */
#ifndef API_ROUTES_H
#define API_ROUTES_H

#include "http/request.h"

extern const struct route_table api_main_routes;
extern const struct route_table api_responder_routes;

/* alerts.c, status.c */
void alerts_post(struct request *rq);
void alerts_forget(void *kept);
void alerts_get(struct request *rq);
void alerts_groups_get(struct request *rq);
void status_get(struct request *rq);
void receivers_get(struct request *rq);
/* webhook4.c */
void webhook4_post(struct request *rq);
/* incidents.c, why.c */
void incidents_get(struct request *rq);
void incident_show_get(struct request *rq);
void incident_timeline_get(struct request *rq);
void incident_why_get(struct request *rq);
/* acts.c */
void incident_post(struct request *rq);
void incident_act_post(struct request *rq);
void silences_post(struct request *rq);
void silence_delete(struct request *rq);
/* silences_v2.c */
void silences_v2_get(struct request *rq);
void silences_v2_post(struct request *rq);
void silence_v2_get(struct request *rq);
void silence_v2_delete(struct request *rq);
/* Alertmanager's ids are UUIDs, and amtool checks them: the silence's number stands in the last group. */
void silence_uuid_add(struct buf *out, silence_id id);
/* silences.c, oncall.c */
void silences_get(struct request *rq);
void oncall_get(struct request *rq);
/* procedures.c */
void procedures_get(struct request *rq);
void procedures_history_get(struct request *rq);
void procedures_bundle_get(struct request *rq);
void procedures_file_get(struct request *rq);
void procedures_activate_post(struct request *rq);
/* procedures_edit.c */
void procedures_file_put(struct request *rq);
void procedures_file_patch(struct request *rq);
/* openapi.c, metrics.c */
void openapi_get(struct request *rq);
void metrics_get(struct request *rq);
/* responder.c */
void responder_get(struct request *rq);
void responder_post(struct request *rq);
/* health.c */
void healthy_get(struct request *rq);
void ready_get(struct request *rq);
void version_get(struct request *rq);
/* audit.c */
void audit_get(struct request *rq);
/* Tocsin's own trouble, for above every list and view: held, a bundle that does not compile, what the self-audit found.
 * In a sentence, in the request's arena; empty: nothing fails. */
struct slice trouble_of(struct request *rq);
bool is_held(const struct request *rq); /* a restored copy, which sends nothing before it is released */
bool store_fails(struct request *rq); /* commits fail now: what came since is in memory only, where no reader sees it */
/* Nobody outside would notice if Tocsin were gone: no heartbeat URL is set, or it takes nothing. Empty: somebody does. */
struct slice audit_unwatched(struct request *rq);
/* What a check (enum audit_check) warns of or fails by; empty: it passes; in the request's arena. */
struct slice audit_warning(struct request *rq, int check);
void reload_post(struct request *rq);
void release_post(struct request *rq);

#endif
