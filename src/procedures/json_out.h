/* json_out.h - JSON text built member by member; commas and layout are this writer's.
 *
 * An object inside a list begins a line of its own, so that two outputs can be compared line by line; the same calls
 * give the same bytes. `key` is NULL for an element of a list. Durations are given in ms and printed in seconds.
 * Private to procedures/. */
#ifndef PROCEDURES_JSON_OUT_H
#define PROCEDURES_JSON_OUT_H

#include "base/buf.h"
#include "procedures/compile.h"

#define JSON_MAX_DEPTH 16

struct json {
    struct buf *out;
    const struct compiled *c; /* whose lines put_line() prints; NULL: of one document */
    int depth;
    char open[JSON_MAX_DEPTH]; /* '{' or '[' of each level */
    bool filled[JSON_MAX_DEPTH]; /* something stands in it already */
};

void put_open(struct json *j, const char *key, char bracket); /* '{' or '[' */
void put_close(struct json *j);
void put_text(struct json *j, const char *key, struct slice value);
void put_text_or_null(struct json *j, const char *key, struct slice value); /* null when empty */
void put_int(struct json *j, const char *key, int64_t value);
/* null for 0: nothing in the document says this. Of several documents with the members `file` and `origin` behind it. */
void put_line(struct json *j, const char *key, unsigned line);
void put_bool(struct json *j, const char *key, bool value);
void put_null(struct json *j, const char *key);
void put_seconds(struct json *j, const char *key, int64_t ms); /* null for POLICY_NONE */
void put_decimal(struct json *j, const char *key, int64_t micro); /* millionths: 999000 is 0.999 */
void put_number(struct json *j, const char *key, struct slice written); /* a string when it is no JSON number */
/* The key is text of a document, not a word of the contract. */
void put_open_named(struct json *j, struct slice key, char bracket);
void put_text_named(struct json *j, struct slice key, struct slice value);

#endif
