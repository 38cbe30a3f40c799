/* router.h - which row of a const table a path and a method mean. Pure. */
#ifndef HTTP_ROUTER_H
#define HTTP_ROUTER_H

#include "http/request.h"

/* The target of a request line, cut in pieces and decoded into `a`. */
struct target {
    bool has_key; /* it began with /i/KEY/, which is taken off the path */
    struct slice key; /* decoded */
    struct slice path; /* "/api/v2/alerts"; no slash at its end; not decoded: its escapes are known to be good */
    const struct param *query;
    size_t n_query;
};

/* ERR_SYNTAX: no absolute path, or a % that is not followed by two hexadecimal digits in the path; in the query such a
 * pair is left out, as Go does. ERR_LIMIT: more than 64 parameters. */
int target_parse(struct arena *a, struct slice raw, struct target *out, struct error *e);

/* The first value of a field in a form's body (application/x-www-form-urlencoded), decoded into `a`; empty when absent. */
struct slice form_value(struct arena *a, struct slice body, struct slice name);

/* The row that answers, with its captures as they stand in the path; NULL: none. *known tells whether the path alone is known to the table:
 * then `allow` lists the methods it takes ("GET, HEAD, POST" by `separator`). */
const struct route *route_find(const struct route_table *t, enum method m, struct slice path,
                               struct slice captures[ROUTE_MAX_CAPTURES], bool *known);
void captures_decode(struct arena *a, struct slice captures[ROUTE_MAX_CAPTURES]);
void route_allow(const struct route_table *t, struct slice path, bool with_head, const char *separator,
                 struct buf *out);

#endif
