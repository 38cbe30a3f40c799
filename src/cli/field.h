/* field.h - reading the server's answers: members by name, and nothing fails: what is not there is empty, 0 or NULL.
 *
 * A thin face over yyjson, so that views need no checks of their own: an older server's answer lacks members. */
#ifndef CLI_FIELD_H
#define CLI_FIELD_H

#include "base/error.h"
#include "base/slice.h"

struct fields; /* opaque */
struct field; /* opaque; lives as long as its document */

struct fields *fields_read(struct slice text, struct error *e); /* copies; NULL with ERR_SYNTAX */
void fields_free(struct fields **d); /* NULL is fine; clears *d */
const struct field *fields_top(const struct fields *d); /* NULL is fine */

const struct field *field_member(const struct field *v, const char *name); /* NULL when absent or null */
struct slice field_text(const struct field *v, const char *name);
int64_t field_int(const struct field *v, const char *name);
bool field_bool(const struct field *v, const char *name);
bool field_time(const struct field *v, const char *name, int64_t *utc_ms); /* RFC 3339; false: absent */
struct slice field_string(const struct field *v); /* the value itself; empty when it is no string */

size_t field_count(const struct field *list);
const struct field *field_at(const struct field *list, size_t i);

#endif
