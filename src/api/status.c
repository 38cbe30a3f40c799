/* status.c - what an Alertmanager says of itself, as far as its clients look: amtool wants a configuration with a route
 * and a receiver before it does anything.
 * Not here: the site's real routing, which is no Alertmanager configuration.
 * Always: the configuration is one that Alertmanager 0.25 reads.
 */
#include "api/routes.h"
#include "base/civil.h"

static const char configuration[] =
    "global:\n  resolve_timeout: 5m\nroute:\n  receiver: tocsin\n  group_by:\n  - service\nreceivers:\n- name: tocsin\n";

void status_get(struct request *rq)
{
    struct buf *out = &rq->out;
    buf_add_str(out, "{\"cluster\":{\"peers\":[],\"status\":\"disabled\"},\"config\":{\"original\":");
    buf_add_json(out, slice_of(configuration));
    buf_add_str(out, "},\"uptime\":\"");
    civil_format_rfc3339(out, rq->facts->started_wall, 0, true);
    /* The version is the one whose behaviour this is: amtool warns about any other than its own. */
    buf_addf(out,
             "\",\"versionInfo\":{\"branch\":\"tocsin\",\"buildDate\":\"\",\"buildUser\":\"\",\"goVersion\":\"\","
             "\"revision\":\"tocsin %s\",\"version\":\"0.25.0\"}}\n",
             TOCSIN_VERSION);
    request_answer(rq, 200, TYPE_JSON);
}

void receivers_get(struct request *rq)
{
    buf_add_str(&rq->out, "[{\"name\":\"tocsin\"}]\n");
    request_answer(rq, 200, TYPE_JSON);
}
