/* acts.c - the routes of acts: who acts on what, and what became of it.
 * Not here: arguments (act_json.c), rules (core/).
 * Always: every act has an actor; it is answered from the step's reply, after the commit.
 */
#include "api/acts.h"

#include "api/reading.h"
#include "api/routes.h"
#include "core/effect.h"

struct acting {
    struct act act;
    struct event event;
    int status;
};

static void act_replied(struct request *rq, const struct reply *reply)
{
    const struct acting *a = rq->state;
    struct json j = { .out = &rq->out };

    if (reply->code < 0) {
        request_fail_code(rq, reply->code, reply->text);
        return;
    }
    json_begin(&j, NULL, '{');
    json_text(&j, "text", reply->text);
    json_incident(&j, "incident", reply->incident);
    json_int(&j, "id", reply->id);
    json_end(&j, '}');
    buf_add_char(&rq->out, '\n');
    request_answer(rq, a->status, TYPE_JSON);
}

static struct acting *acting_of(struct request *rq, const struct act *act, int status)
{
    struct acting *a = arena_new(rq->arena, struct acting);

    a->act = *act;
    a->act.actor = rq->who.person;
    a->act.administrator = rq->who.scope >= ACCESS_ADMIN;
    a->act.via = rq->who.local ? VIA_CLI : VIA_API;
    a->status = status;
    a->event = (struct event){ .kind = EVENT_ACT, .act = &a->act };
    rq->state = a;
    return a;
}

void act_submit(struct request *rq, const struct act *act, int status_when_done)
{
    request_submit(rq, &acting_of(rq, act, status_when_done)->event, act_replied);
}

void act_submit_for(struct request *rq, const struct act *act, request_reply_fn *done)
{
    request_submit(rq, &acting_of(rq, act, 200)->event, done);
}

/* --- what the world does not know: whether an entry's text is out already --- */

struct entry_look {
    struct store_each_entry each; /* first */
    int64_t seq;
    bool out;
};

static int entry_see(struct store_each_entry *self, const struct entry *e, struct error *err)
{
    struct entry_look *l = (struct entry_look *)self;
    (void)err;
    l->out = e->seq == l->seq && e->text.n == 0;
    return 0;
}

static void redact_read(struct request *rq, struct store_reader *store)
{
    struct acting *a = rq->state;
    struct entry_look look = { .each = { entry_see }, .seq = a->act.entry };
    struct reading r;
    if (!reading_begin(&r, rq, store)) return;
    if (store_read_entries(store, a->act.incident, a->act.entry - 1, 1, &look.each, &r.error) < 0) {
        request_fail_code(rq, r.error.code, slice_of(r.error.detail));
        return;
    }
    a->act.entry_out = look.out;
    request_submit(rq, &a->event, act_replied);
}

static void act_run(struct request *rq, const struct act_def *def, struct act act, int status)
{
    struct error e = { 0 };
    incident_id from_path = act.incident;
    int rc = act_from_json(rq->arena, def, rq->body, rq->received.wall_ms, &act, &e);

    if (rc == 0 && from_path != 0 && act.incident != from_path)
        rc = fail(&e, ERR_INVALID, "the path names another incident than the body");
    if (rc < 0)
        request_fail_code(rq, rc, arena_copy(rq->arena, slice_of(e.detail)));
    else if (act.kind == ACT_REDACT && acting_of(rq, &act, status) != NULL)
        request_read(rq, redact_read);
    else
        act_submit(rq, &act, status);
}

/* POST /api/v1/incidents: declare a new one (or, with `incident`, a logged one). */
void incident_post(struct request *rq)
{
    act_run(rq, &act_defs[ACT_DECLARE], (struct act){ 0 }, 201);
}

/* POST /api/v1/incidents/{id}/{act} */
void incident_act_post(struct request *rq)
{
    const struct act_def *def = act_def_named(rq->captures[1]);
    struct act act = { .incident = incident_number(rq->captures[0]) };
    struct buf known = { .max = 512 };
    struct slice text;

    if (def != NULL && act_is_of_incident(def->kind)) {
        if (act.incident == 0)
            request_fail_code(rq, ERR_NOT_FOUND, S("there is no such incident"));
        else
            act_run(rq, def, act, 200);
        return;
    }
    buf_add_str(&known, "use one of:");
    for (size_t i = 1; i < ACT_KIND_MAX; i++)
        if (act_is_of_incident((enum act_kind)i)) buf_addf(&known, " %s", act_defs[i].name);
    text = arena_copy(rq->arena, buf_slice(&known));
    buf_release(&known);
    request_fail(rq, 404, "not_found", S("there is no such act on an incident"), text);
}

/* POST /api/v1/silences */
void silences_post(struct request *rq)
{
    act_run(rq, &act_defs[ACT_SILENCE], (struct act){ 0 }, 201);
}

/* DELETE /api/v1/silences/{id} */
void silence_delete(struct request *rq)
{
    struct act act = { .kind = ACT_UNSILENCE };
    if (!slice_to_int(rq->captures[0], &act.silence) || act.silence <= 0) {
        request_fail_code(rq, ERR_NOT_FOUND, S("there is no such silence"));
        return;
    }
    act_submit(rq, &act, 200);
}
