/* health.c - is it there, is it ready, which one is it, how is it going; and reading the site again.
 * Not here: what the figures mean (serve/, http/).
 * Always: answered without the engine and without the store, but for reload.
 */
#include "api/routes.h"
#include "core/effect.h"

void healthy_get(struct request *rq)
{
    buf_add_str(&rq->out, "OK");
    request_answer(rq, 200, TYPE_TEXT);
}

void ready_get(struct request *rq)
{
    if (!rq->port->ready(rq->port->ctx)) {
        request_fail(rq, 503, "not_ready", S("recovering, stopping, or the store cannot be written"),
                     S("look at the log of the server"));
        return;
    }
    healthy_get(rq);
}

void version_get(struct request *rq)
{
    buf_addf(&rq->out, "{\"name\":\"tocsin\",\"version\":\"%s\"}\n", TOCSIN_VERSION);
    request_answer(rq, 200, TYPE_JSON);
}

static void reload_replied(struct request *rq, const struct reply *reply)
{
    if (reply->code < 0) {
        request_fail_code(rq, reply->code, reply->text);
        return;
    }
    buf_add_str(&rq->out, "{\"text\":");
    buf_add_json(&rq->out, reply->text);
    buf_add_str(&rq->out, "}\n");
    request_answer(rq, 200, TYPE_JSON);
}

void release_post(struct request *rq)
{
    const struct http_port *p = rq->port;
    const bool was_held = p->release != NULL && p->release(p->ctx, rq->who.person);
    buf_add_str(&rq->out, "{\"text\":");
    buf_add_json(&rq->out,
                 was_held ? S("Released: what waits leaves from now on") : S("It is not held: nothing was changed"));
    buf_add_str(&rq->out, "}\n");
    request_answer(rq, 200, TYPE_JSON);
}

void reload_post(struct request *rq)
{
    request_reload(rq, rq->who.person, reload_replied);
}
