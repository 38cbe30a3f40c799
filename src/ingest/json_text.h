/* json_text.h - JSON as strangers send it, read as forgivingly as Go reads it: bad UTF-8 and lone surrogates become
 * U+FFFD, what follows the first value is ignored. The depth is limited, the rest is strict (RFC 8259). */
#ifndef INGEST_JSON_TEXT_H
#define INGEST_JSON_TEXT_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"

struct yyjson_doc;

/* NULL with ERR_SYNTAX (detail: "unexpected EOF", or the character and its byte) or ERR_LIMIT (depth). The caller frees
 * the document with yyjson_doc_free(). Where a repair was needed, *text is the repaired copy afterwards, in the arena. */
struct yyjson_doc *json_text_read(struct arena *a, struct slice *text, int max_depth, struct error *e);

struct yyjson_val;
/* Appends what Go says of a value that is of another type than wanted: `json: cannot unmarshal number into Go ` + into. */
void json_text_add_type_error(struct buf *out, struct yyjson_val *v, const char *into);

/* Appends `s` as Go's %q prints it: quotes, backslash escapes, \x01 for control bytes; other text as it is. */
void json_text_quote_go(struct buf *out, struct slice s);

#endif
