/* reading.c - rows and names for the reading handlers.
 * Not here: what a view holds.
 * Always: what was read is of one committed view: the reader's transaction is open around the whole job.
 */
#include "api/reading.h"

#include <string.h>

#include "api/routes.h"
#include "base/check.h"
#include "core/directory.h"
#include "core/incident.h"
#include "core/severity.h"

struct row_taker {
    struct store_each_row each; /* first */
    struct arena *arena;
    struct rows *to;
    size_t max;
    size_t seen; /* of this page */
};

bool reading_begin(struct reading *r, struct request *rq, struct store_reader *store)
{
    *r = (struct reading){ .rq = rq, .store = store, .json = { .out = &rq->out } };
    if (store == NULL)
        request_fail(rq, 503, "unavailable", S("the store cannot be read now"), S("send it again in a few seconds"));
    return store != NULL;
}

void reading_end(struct reading *r, int rc)
{
    if (rc < 0) {
        request_fail_code(r->rq, rc, slice_of(r->error.detail));
        return;
    }
    buf_add_char(&r->rq->out, '\n');
    request_answer(r->rq, 200, TYPE_JSON);
}

static int row_take(struct store_each_row *self, const struct row *row, struct error *e)
{
    struct row_taker *t = (struct row_taker *)self;
    struct rows *to = t->to;

    t->seen++;
    if (to->n == to->room) {
        size_t room = to->room == 0 ? 16 : to->room * 2;
        int64_t *v = arena_alloc(t->arena, room * to->width * sizeof *v);
        struct slice *text = arena_array(t->arena, struct slice, room);
        if (v == NULL || text == NULL) return fail(e, ERR_LIMIT, "the answer is larger than one request may have");
        if (to->n > 0) memcpy(v, to->v, to->n * to->width * sizeof *v);
        if (to->n > 0) memcpy(text, to->text, to->n * sizeof *text);
        to->v = v;
        to->text = text;
        to->room = room;
    }
    memcpy(to->v + to->n * to->width, row->v, to->width * sizeof *to->v);
    to->text[to->n] = arena_copy(t->arena, row->text);
    to->n++;
    return 0;
}

static const struct {
    enum row_kind kind;
    const char *page;
} list_shape[] = {
#define X(sym, kind, of, page, newest, zero) [STORE_##sym] = { ROW_##kind, page },
    STORE_LISTS(X)
#undef X
};

static size_t field_named(enum row_kind kind, const char *name)
{
    for (size_t i = 0; i < row_defs[kind].n_fields; i++)
        if (slice_eq(slice_of(row_defs[kind].fields[i].name), slice_of(name))) return i;
    CHECK(!"a list is paged by a field that its rows have");
    return 0;
}

int rows_read_from(struct reading *r, enum store_list list, int64_t of, int64_t from, size_t max, struct rows *out)
{
    struct store_query q = { .list = list, .of = of, .from = from };
    struct row_taker t = { .each = { row_take }, .arena = r->rq->arena, .to = out };
    size_t page = field_named(list_shape[list].kind, list_shape[list].page);
    int rc;

    *out = (struct rows){ .width = row_defs[list_shape[list].kind].n_fields };
    do {
        t.seen = 0;
        q.limit = max == 0 || max - out->n > STORE_PAGE_MAX ? STORE_PAGE_MAX : max - out->n;
        rc = store_read_list(r->store, &q, &t.each, &r->error);
        if (out->n > 0) q.from = out->v[(out->n - 1) * out->width + page];
    } while (rc == 0 && t.seen == STORE_PAGE_MAX && (max == 0 || out->n < max));
    return rc;
}

int rows_read(struct reading *r, enum store_list list, int64_t of, size_t max, struct rows *out)
{
    return rows_read_from(r, list, of, 0, max, out);
}

struct slice reading_text(struct reading *r, symbol s)
{
    return store_read_text(r->store, s);
}

void reading_person(struct reading *r, const char *key, symbol person)
{
    const struct directory *d = r->rq->facts->directory;
    struct slice id = reading_text(r, person);
    int i = person != 0 ? directory_person(d, id) : -1;

    if (person == 0) {
        json_null(&r->json, key);
        return;
    }
    json_begin(&r->json, key, '{');
    json_text(&r->json, "id", id);
    json_text(&r->json, "name", i >= 0 ? d->people[i].name : id);
    json_end(&r->json, '}');
}

const struct policy *reading_policy(const struct reading *r, bundle_id bundle)
{
    const struct facts *f = r->rq->facts;
    for (size_t i = 0; i < f->n_bundles; i++)
        if (f->bundles[i].id == bundle) return f->bundles[i].policy;
    return f->n_bundles > 0 ? f->bundles[0].policy : NULL;
}

const struct policy *reading_policy_of(struct reading *r, const struct incident *i)
{
    const struct policy *p = reading_policy(r, i->bundle);
    if (p == NULL || p->n_views == 0) return p;
    return policy_for(p, reading_text(r, i->team), reading_text(r, i->service));
}

void reading_place(struct reading *r, const struct policy *p, int64_t line)
{
    const struct slice file = p != NULL ? policy_file(p, line) : S("");
    json_int(&r->json, "line", POLICY_LINE(line));
    if (file.n > 0) json_text(&r->json, "file", file);
}

struct slice reading_severity(struct reading *r, const struct incident *i)
{
    const struct policy *p = reading_policy(r, i->bundle);
    struct buf text = { .max = 256 };
    struct slice s;

    if (i->severity == 0) return S("SEV?");
    if (p != NULL && i->severity <= policy_levels(p))
        buf_add(&text, policy_level_label(p, (int)i->severity));
    else
        buf_addf(&text, "SEV%lld", (long long)i->severity);
    if (i->confirmed_wall == 0) buf_add_char(&text, '?');
    s = arena_copy(r->rq->arena, buf_slice(&text));
    buf_release(&text);
    return s;
}

int64_t incident_number(struct slice text)
{
    int64_t n = 0;
    slice_cut_prefix_nocase(&text, S("INC-"));
    return slice_cut_uint(&text, &n) && text.n == 0 ? n : 0;
}

bool reading_incident(struct reading *r, struct incident *out)
{
    int64_t key[1] = { incident_number(r->rq->captures[0]) };
    struct row row;
    int rc = key[0] > 0 ? store_read_row(r->store, ROW_INCIDENT, key, &row, &r->error) : ERR_NOT_FOUND;

    if (rc == 0) {
        memcpy(out, row.v, sizeof *out);
        return true;
    }
    if (rc == ERR_NOT_FOUND && key[0] > 0 && store_fails(r->rq))
        request_fail(r->rq, 503, "unstored",
                     S("there is no such incident on disk; the store cannot be written, and what came since is in memory only"),
                     S("make room on its disk, then ask again; `tocsin status` says more"));
    else if (rc == ERR_NOT_FOUND)
        request_fail(r->rq, 404, "not_found", S("there is no such incident"),
                     S("`tocsin incidents` lists them, and GET /api/v1/incidents"));
    else
        request_fail_code(r->rq, rc, slice_of(r->error.detail));
    return false;
}

static void incident_facts(struct reading *r, const struct incident *i)
{
    struct json *j = &r->json;
    json_time(j, "opened_at", i->opened_wall);
    json_time(j, "detected_at", i->detected_wall);
    json_time(j, "clock_at", i->clock_wall);
    json_time(j, "acknowledged_at", i->acknowledged_wall);
    reading_person(r, "acknowledged_by", i->acknowledged_at != 0 ? i->acknowledged_by : 0);
    json_time(j, "confirmed_at", i->confirmed_wall);
    reading_person(r, "confirmed_by", i->confirmed_by);
    json_time(j, "declared_at", i->declared_wall);
    reading_person(r, "declared_by", i->declared_by);
    json_time(j, "mitigated_at", i->mitigated_wall);
    json_time(j, "resolved_at", i->resolved_wall);
    reading_person(r, "resolved_by", i->resolved_by);
    json_time(j, "closed_at", i->closed_wall);
    json_text_or_null(j, "reason", reading_text(r, i->reason));
    json_incident(j, "merged_into", i->merged_into);
    json_incident(j, "follows", i->follows);
    json_bool(j, "recovered", i->recovered_at != 0);
    json_bool(j, "held", i->held_at != 0);
    json_bool(j, "exhausted", i->exhausted_at != 0);
    json_time(j, "snoozed_until", i->snoozed_until_wall);
    reading_person(r, "snoozed_by", i->snoozed_by);
}

void incident_members(struct reading *r, const struct incident *i)
{
    struct json *j = &r->json;
    json_incident(j, "id", i->id);
    json_int(j, "number", i->id);
    json_word(j, "state", incident_state_name(i->state));
    json_word(j, "word", incident_word(i));
    json_text(j, "title", reading_text(r, i->title));
    json_text_or_null(j, "impact", reading_text(r, i->impact));
    json_text_or_null(j, "cause", reading_text(r, i->cause));
    json_text_or_null(j, "mitigation", reading_text(r, i->mitigation));
    json_text_or_null(j, "service", reading_text(r, i->service));
    json_text_or_null(j, "team", reading_text(r, i->team));
    json_text_or_null(j, "category", reading_text(r, i->category));
    json_text(j, "severity", reading_severity(r, i));
    json_int(j, "severity_level", i->severity);
    json_word(j, "severity_source", severity_source_name(i->severity_source));
    json_bool(j, "provisional", i->confirmed_wall == 0);
    json_bool(j, "declared", i->declared_wall != 0);
    incident_facts(r, i);
    json_int(j, "alerts", i->alerts);
    json_int(j, "firing", i->firing);
}
