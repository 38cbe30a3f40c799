/* silences.c - GET /api/v1/silences?state=all: what is held, until when, by whom.
 * Not here: making and ending them (acts.c), what they hold (core/silence.c).
 */
#include "api/reading.h"
#include "api/routes.h"

static const char *silence_state(const struct silence *s, int64_t now)
{
    if (s->ended != 0 || s->ends_wall <= now) return "expired";
    return s->starts_wall > now ? "pending" : "active";
}

static void list_read(struct request *rq, struct store_reader *store)
{
    struct reading r;
    struct rows rows;
    bool all = slice_eq(request_query(rq, S("state"), NULL), S("all"));
    int rc;

    if (!reading_begin(&r, rq, store)) return;
    rc = rows_read(&r, all ? STORE_SILENCES : STORE_SILENCES_ACTIVE, 0, STORE_PAGE_MAX, &rows);
    json_begin(&r.json, NULL, '{');
    json_begin(&r.json, "silences", '[');
    for (size_t i = 0; rc == 0 && i < rows.n; i++) {
        const struct silence *s = ROW_AT(&rows, silence, i);
        json_begin(&r.json, NULL, '{');
        json_int(&r.json, "id", s->id);
        json_text(&r.json, "matchers", rows.text[i]);
        json_word(&r.json, "state", silence_state(s, rq->received.wall_ms));
        json_time(&r.json, "starts_at", s->starts_wall);
        json_time(&r.json, "ends_at", s->ends_wall);
        reading_person(&r, "by", s->by);
        json_text(&r.json, "text", reading_text(&r, s->comment));
        json_end(&r.json, '}');
    }
    json_end(&r.json, ']');
    json_end(&r.json, '}');
    reading_end(&r, rc);
}

void silences_get(struct request *rq)
{
    request_read(rq, list_read);
}
