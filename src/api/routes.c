/* routes.c - the tables of routes.
 * Not here: what any of them does.
 * Always: a row names its least access; what has no row is not there.
 */
#include "api/routes.h"

#include "base/check.h"
#include "ingest/alertmanager.h"
#include "procedures/compile.h"

#define FORM_BODY_MAX ((size_t)4 << 10)
#define ACT_BODY_MAX ((size_t)256 << 10)

/* clang-format off */
static const struct route main_rows[] = {
    /* As Alertmanager 0.25 (R153), with or without /i/KEY in front. */
    { METHOD_POST, "/api/v2/alerts", ACCESS_INGEST, STYLE_ALERTMANAGER, ALERT_MAX_BODY, alerts_post },
    { METHOD_GET, "/api/v2/alerts", ACCESS_INGEST, STYLE_ALERTMANAGER, 0, alerts_get },
    { METHOD_GET, "/api/v2/alerts/groups", ACCESS_INGEST, STYLE_ALERTMANAGER, 0, alerts_groups_get },
    { METHOD_GET, "/api/v2/status", ACCESS_INGEST, STYLE_ALERTMANAGER, 0, status_get },
    { METHOD_GET, "/api/v2/receivers", ACCESS_INGEST, STYLE_ALERTMANAGER, 0, receivers_get },
    { METHOD_GET, "/api/v2/silences", ACCESS_INGEST, STYLE_ALERTMANAGER, 0, silences_v2_get },
    { METHOD_POST, "/api/v2/silences", ACCESS_WRITE, STYLE_ALERTMANAGER, ACT_BODY_MAX, silences_v2_post },
    { METHOD_GET, "/api/v2/silence/{id}", ACCESS_INGEST, STYLE_ALERTMANAGER, 0, silence_v2_get },
    { METHOD_DELETE, "/api/v2/silence/{id}", ACCESS_WRITE, STYLE_ALERTMANAGER, 0, silence_v2_delete },
    /* An Alertmanager's own webhook. */
    { METHOD_POST, "/alertmanager", ACCESS_INGEST, STYLE_JSON, ALERT_MAX_BODY, webhook4_post },
    { METHOD_GET, "/-/healthy", ACCESS_NONE, STYLE_JSON, 0, healthy_get },
    { METHOD_GET, "/-/ready", ACCESS_NONE, STYLE_JSON, 0, ready_get },
    { METHOD_GET, "/metrics", ACCESS_NONE, STYLE_JSON, 0, metrics_get },
    /* Our own. */
    { METHOD_GET, "/api/v1/version", ACCESS_NONE, STYLE_JSON, 0, version_get },
    { METHOD_GET, "/api/v1/openapi.json", ACCESS_NONE, STYLE_JSON, 0, openapi_get },
    { METHOD_GET, "/api/v1/incidents", ACCESS_READ, STYLE_JSON, 0, incidents_get },
    { METHOD_POST, "/api/v1/incidents", ACCESS_WRITE, STYLE_JSON, ACT_BODY_MAX, incident_post },
    { METHOD_GET, "/api/v1/incidents/{id}", ACCESS_READ, STYLE_JSON, 0, incident_show_get },
    { METHOD_GET, "/api/v1/incidents/{id}/timeline", ACCESS_READ, STYLE_JSON, 0, incident_timeline_get },
    { METHOD_GET, "/api/v1/incidents/{id}/why", ACCESS_READ, STYLE_JSON, 0, incident_why_get },
    { METHOD_POST, "/api/v1/incidents/{id}/{act}", ACCESS_WRITE, STYLE_JSON, ACT_BODY_MAX, incident_act_post },
    { METHOD_GET, "/api/v1/silences", ACCESS_READ, STYLE_JSON, 0, silences_get },
    { METHOD_POST, "/api/v1/silences", ACCESS_WRITE, STYLE_JSON, ACT_BODY_MAX, silences_post },
    { METHOD_DELETE, "/api/v1/silences/{id}", ACCESS_WRITE, STYLE_JSON, 0, silence_delete },
    { METHOD_GET, "/api/v1/status", ACCESS_READ, STYLE_JSON, 0, audit_get },
    { METHOD_GET, "/api/v1/oncall", ACCESS_READ, STYLE_JSON, 0, oncall_get },
    { METHOD_GET, "/api/v1/procedures", ACCESS_READ, STYLE_JSON, 0, procedures_get },
    { METHOD_POST, "/api/v1/procedures/activate", ACCESS_WRITE, STYLE_JSON, ACT_BODY_MAX, procedures_activate_post },
    { METHOD_GET, "/api/v1/procedures/history", ACCESS_READ, STYLE_JSON, 0, procedures_history_get },
    { METHOD_GET, "/api/v1/procedures/{bundle}", ACCESS_READ, STYLE_JSON, 0, procedures_bundle_get },
    { METHOD_PUT, "/api/v1/procedures/{file}", ACCESS_WRITE, STYLE_JSON, PROCEDURES_MAX_BYTES, procedures_file_put },
    { METHOD_PATCH, "/api/v1/procedures/{file}", ACCESS_WRITE, STYLE_JSON, ACT_BODY_MAX, procedures_file_patch },
    { METHOD_GET, "/api/v1/procedures/{bundle}/{file}", ACCESS_READ, STYLE_JSON, 0, procedures_file_get },
    { METHOD_POST, "/api/v1/reload", ACCESS_ADMIN, STYLE_JSON, ACT_BODY_MAX, reload_post },
    { METHOD_POST, "/api/v1/release", ACCESS_ADMIN, STYLE_JSON, ACT_BODY_MAX, release_post },
};
/* clang-format on */

const struct route_table api_main_routes = { main_rows, COUNT_OF(main_rows), STYLE_JSON, alerts_forget };

static const struct route responder_rows[] = {
    { METHOD_GET, "/a/{token}", ACCESS_NONE, STYLE_VIEW, 0, responder_get },
    { METHOD_POST, "/a/{token}", ACCESS_NONE, STYLE_VIEW, FORM_BODY_MAX, responder_post },
    { METHOD_GET, "/-/healthy", ACCESS_NONE, STYLE_JSON, 0, healthy_get },
};

const struct route_table api_responder_routes = { responder_rows, COUNT_OF(responder_rows), STYLE_VIEW, NULL };
