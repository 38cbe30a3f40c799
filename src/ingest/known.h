/* known.h - alerts as their sender wrote them, and what was read from them.
 *
 * A Prometheus tells each alert again every minute, byte for byte but for endsAt. What stands here is recognised by those
 * bytes, all of them compared: nothing of it is parsed, checked, sorted, escaped or hashed again. Not here: what is not
 * valid (it is refused in full each time), what was sent once only (it may never come again; most memory would be spent
 * on it). One thread's alone. Memory: nothing before the first request, then 90 KiB, then at most KNOWN_MAX_BYTES: what
 * was not heard for longest makes room. */
#ifndef INGEST_KNOWN_H
#define INGEST_KNOWN_H

#include "base/arena.h"
#include "core/event.h"

#define KNOWN_MAX_BYTES ((size_t)2 << 20)

struct known; /* opaque */

struct known *known_create(void);
void known_destroy(struct known **k); /* NULL is fine; clears *k */

/* The signals of a body whose alerts are all known, in the arena, in the order of the body. False: read it as JSON. Either
 * way the body's alerts are those that known_keep() speaks of; it must live until then. */
bool known_read(struct known *k, struct arena *a, struct slice body, struct signal **v, size_t *n);

/* What a body said beside its signals. */
struct known_said {
    int64_t starts; /* 0: nothing */
    size_t ends; /* how often endsAt stood there */
};

/* Alert `i` of the body that known_read() saw last became `s` (whose fingerprint is not looked at): keeps that, the second
 * time it is heard. The body must have been accepted as it stands, without repair. */
void known_keep(struct known *k, size_t i, const struct signal *s, const struct known_said *said);

size_t known_size(const struct known *k); /* bytes of all that is kept */

#endif
