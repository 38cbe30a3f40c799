/* silence_post.h - the body of POST /api/v2/silences, as amtool and Grafana send it, to what an act carries.
 *
 * What is refused, in which order and with which words is Alertmanager 0.25's (R153). One thing is refused that is
 * accepted there: more than 64 matchers, since to leave some out would silence more than was asked for. */
#ifndef INGEST_SILENCE_POST_H
#define INGEST_SILENCE_POST_H

#include "base/arena.h"
#include "base/slice.h"

#define SILENCE_MAX_MATCHERS 64

struct silence_post {
    struct slice id; /* the silence to replace, as written; empty = a new one */
    struct slice comment, created_by;
    struct slice matchers; /* canonical: {a="x",b=~"y"}; each is known to be valid */
    int64_t starts, ends; /* UTC ms; ends lies after starts and after now */
    int status; /* 200, or that of the refusal in `answer` (JSON text) */
    struct slice answer;
};

/* Never fails: what is wrong is in the answer. All slices are in the arena. `now_wall` is when the body was read. */
void silence_post_parse(struct arena *a, struct slice body, int64_t now_wall, struct silence_post *out);

#endif
