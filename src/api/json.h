/* json.h - writing JSON member by member into the answer's buffer.
 *
 *   struct json j = { .out = &rq->out };
 *   json_begin(&j, NULL, '{'); json_text(&j, "id", id); json_begin(&j, "pages", '['); … json_end(&j, ']'); …
 *
 * The key is NULL for the outermost value and for elements of a list. */
#ifndef API_JSON_H
#define API_JSON_H

#include "base/buf.h"

struct json {
    struct buf *out;
    bool comma; /* something stands before at this level */
};

void json_begin(struct json *j, const char *key, char bracket); /* '{' or '[' */
void json_end(struct json *j, char bracket); /* '}' or ']' */
void json_text(struct json *j, const char *key, struct slice value);
void json_word(struct json *j, const char *key, const char *value); /* NULL: null */
void json_text_or_null(struct json *j, const char *key, struct slice value); /* empty: null */
void json_int(struct json *j, const char *key, int64_t value);
void json_bool(struct json *j, const char *key, bool value);
void json_null(struct json *j, const char *key);
void json_time(struct json *j, const char *key, int64_t wall); /* RFC 3339 in UTC with ms; 0: null */
void json_incident(struct json *j, const char *key, int64_t incident); /* "INC-42"; 0: null */

#endif
