/* reading.h - what the reading handlers share: lists of rows in the request's arena, names behind symbols, the policy
 * that an incident was opened under. */
#ifndef API_READING_H
#define API_READING_H

#include "api/json.h"
#include "core/policy.h"
#include "http/request.h"
#include "store/store.h"

struct reading {
    struct request *rq;
    struct store_reader *store;
    struct json json; /* into rq->out */
    struct error error;
};

/* Rows of one kind, copied into the arena. */
struct rows {
    int64_t *v; /* n times `width` fields */
    struct slice *text;
    size_t n, room, width;
};
#define ROW_AT(rows, type, i) ((const struct type *)((rows)->v + (i) * (rows)->width))

/* False: the store cannot be read now, and the request is answered. */
bool reading_begin(struct reading *r, struct request *rq, struct store_reader *store);
/* Answers 200 with what was written, or the error. */
void reading_end(struct reading *r, int rc);

/* All rows of a list, page by page, up to `max` (0: no bound). */
/* The same, beginning behind the paging field's value `from`. */
int rows_read_from(struct reading *r, enum store_list list, int64_t of, int64_t from, size_t max, struct rows *out);
int rows_read(struct reading *r, enum store_list list, int64_t of, size_t max, struct rows *out);

struct slice reading_text(struct reading *r, symbol s);
/* {"id":"ada","name":"Ada Byron"}; 0: null. */
void reading_person(struct reading *r, const char *key, symbol person);
/* The policy that the incident pins; the active one when that is gone; NULL when there is none. */
const struct policy *reading_policy(const struct reading *r, bundle_id bundle);
/* The same as it is for the incident's team and service. */
const struct policy *reading_policy_of(struct reading *r, const struct incident *i);
/* The members `line`, and `file` where the procedures are several documents. `p` may be NULL. */
void reading_place(struct reading *r, const struct policy *p, int64_t line);
/* "SEV2" or "SEV2?" while provisional; "SEV?" when unclassified. */
struct slice reading_severity(struct reading *r, const struct incident *i);

/* "INC-42", "inc-42" or "42"; 0 when it is none. */
int64_t incident_number(struct slice text);
/* The incident of the route's first capture; false: answered 404. */
bool reading_incident(struct reading *r, struct incident *out);

/* Fields that lists and single views have in common. */
void incident_members(struct reading *r, const struct incident *i);
/* checks.c: "checks": […], the response timeline. */
int checks_members(struct reading *r, const struct incident *i);
/* The same as rows, of the request's arena, with those that nothing has happened to yet. `p` may be NULL. */
struct checks {
    struct milestone_check *v;
    size_t n;
};
int checks_read(struct reading *r, const struct incident *i, const struct policy *p, struct checks *out);
struct slice check_reason(struct reading *r, const struct milestone_check *c); /* why it is not applicable */

#endif
