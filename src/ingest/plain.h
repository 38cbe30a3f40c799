/* plain.h - reads alerts in the form in which nearly all of them are sent, in one pass and without a tree of JSON.
 *
 * A body of POST /api/v2/alerts is read whole or not at all: whatever is unusual (another key, a value of another type, a
 * key twice, bytes that are no UTF-8, an escape beyond ASCII) and whatever would be refused is left to the full reader,
 * which then says what is wrong. What is read here is what that one would read, byte for byte. */
#ifndef INGEST_PLAIN_H
#define INGEST_PLAIN_H

#include "base/arena.h"
#include "core/event.h"

struct known;

/* The signals of the body, in the arena, in its order; keeps them in `known`, whose known_read() saw the body before.
 * False: read it as JSON. `body` must live as long as the arena's content is used. */
bool plain_read(struct arena *a, struct slice body, struct known *known, struct signal **v, size_t *n);

#endif
