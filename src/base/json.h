/* json.h - yyjson's reader with Tocsin's memory.
 *
 * yyjson answers NULL both for text that is no JSON and for want of memory; the second would turn a good alert into 400,
 * which its sender never repeats. Here want of memory aborts, as it does everywhere (vec.h), so that NULL says one thing.
 * Whoever calls this includes <yyjson.h> for the rest. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/slice.h"

struct yyjson_doc;
struct yyjson_read_err;

/* NULL: not JSON; `why` (may be NULL) says what and where. `flags` are yyjson's, never the in-situ one. The caller frees the
 * document with yyjson_doc_free(); it copies what it needs of the text. */
struct yyjson_doc *json_read(struct slice text, unsigned flags, struct yyjson_read_err *why);

/* The bytes of a string; of anything else, and of NULL, nothing. yyjson_get_len() alone also counts the members of an
 * object. */
struct yyjson_val;
struct slice json_slice(struct yyjson_val *v);

#endif
