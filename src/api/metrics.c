/* metrics.c - GET /metrics: the counters of all rooms, and what is open now, counted from the store.
 * Not here: the counters themselves (engine/, serve/, http/), their text form (http/metrics.c).
 * Always: the counters are printed even when the store cannot be read; what is counted from it is then left out.
 */
#include "api/reading.h"
#include "api/routes.h"
#include "core/delivery.h"
#include "core/page.h"

#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"
#define INCIDENTS_LOOKED_INTO 500 /* the newest; their pages and deliveries are counted */
#define STATES_MAX 16

struct census {
    int64_t incidents[POLICY_MAX_LEVELS + 1], unacknowledged;
    int64_t pages[STATES_MAX], deliveries[STATES_MAX];
};

static void count_state(int64_t counts[STATES_MAX], int64_t state)
{
    if (state > 0 && state < STATES_MAX) counts[state]++;
}

static int incident_count(struct reading *r, const struct incident *i, struct census *c)
{
    struct rows pages, deliveries;
    int rc = rows_read(r, STORE_PAGES, i->id, 0, &pages);
    if (rc == 0) rc = rows_read(r, STORE_DELIVERIES, i->id, 0, &deliveries);
    for (size_t k = 0; rc == 0 && k < pages.n; k++) count_state(c->pages, ROW_AT(&pages, page, k)->state);
    for (size_t k = 0; rc == 0 && k < deliveries.n; k++)
        count_state(c->deliveries, ROW_AT(&deliveries, delivery, k)->state);
    return rc;
}

static int census_take(struct reading *r, struct census *c)
{
    struct rows rows;
    int rc = rows_read(r, STORE_INCIDENTS_OPEN, 0, 0, &rows);
    for (size_t k = 0; rc == 0 && k < rows.n; k++) {
        const struct incident *i = ROW_AT(&rows, incident, k);
        c->incidents[i->severity >= 0 && i->severity <= POLICY_MAX_LEVELS ? i->severity : 0]++;
        c->unacknowledged += i->acknowledged_at == 0 && i->resolved_at == 0;
        if (k < INCIDENTS_LOOKED_INTO) rc = incident_count(r, i, c);
    }
    return rc;
}

static void add_gauge(struct buf *out, const char *name, const char *label, struct slice value, int64_t n)
{
    buf_addf(out, "%s{%s=\"", name, label);
    for (size_t i = 0; i < value.n; i++) {
        if (value.p[i] == '"' || value.p[i] == '\\') buf_add_char(out, '\\');
        buf_add_char(out, value.p[i] == '\n' ? ' ' : value.p[i]);
    }
    buf_addf(out, "\"} %lld\n", (long long)n);
}

static void add_head(struct buf *out, const char *name, const char *help)
{
    buf_addf(out, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
}

static void census_print(struct reading *r, const struct census *c)
{
    static const char incidents[] = "tocsin_open_incidents", pages[] = "tocsin_open_incident_pages",
                      deliveries[] = "tocsin_open_incident_deliveries";
    struct buf *out = &r->rq->out;
    const struct policy *p = reading_policy(r, 0);
    int levels = p != NULL ? policy_levels(p) : 4;

    add_head(out, incidents, "Incidents that are not closed, by severity.");
    add_gauge(out, incidents, "severity", S("unclassified"), c->incidents[0]);
    for (int level = 1; level <= levels && p != NULL; level++)
        add_gauge(out, incidents, "severity", policy_level_label(p, level), c->incidents[level]);
    add_head(out, "tocsin_unacknowledged_incidents", "Incidents that nobody has acknowledged or resolved.");
    buf_addf(out, "tocsin_unacknowledged_incidents %lld\n", (long long)c->unacknowledged);
    add_head(out, pages, "Pages and notifications of incidents that are not closed, by state.");
    for (int64_t s = PAGE_STATE_OPEN; s <= PAGE_STATE_TOLD; s++)
        add_gauge(out, pages, "state", slice_of(page_state_name(s)), c->pages[s]);
    add_head(out, deliveries, "Deliveries of incidents that are not closed, by state.");
    for (int64_t s = DELIVERY_WAITING; s <= DELIVERY_CARRIED; s++)
        add_gauge(out, deliveries, "state", slice_of(delivery_state_name(s)), c->deliveries[s]);
}

static void metrics_read(struct request *rq, struct store_reader *store)
{
    struct reading r = { .rq = rq, .store = store };
    struct census c = { .unacknowledged = 0 };

    buf_addf(&rq->out,
             "# HELP tocsin_build_info Which build this is.\n# TYPE tocsin_build_info gauge\n"
             "tocsin_build_info{version=\"%s\"} 1\n",
             TOCSIN_VERSION);
    add_head(&rq->out, "tocsin_start_time_seconds", "When this server started.");
    buf_addf(&rq->out, "tocsin_start_time_seconds %lld\n", (long long)(rq->facts->started_wall / SECOND));
    if (store != NULL && census_take(&r, &c) == 0) census_print(&r, &c);
    request_print_metrics(rq);
    request_answer(rq, 200, METRICS_TYPE);
}

void metrics_get(struct request *rq)
{
    request_read(rq, metrics_read);
}
