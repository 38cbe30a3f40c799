/* alerts.c - the door of alerts: POST /api/v2/alerts as Alertmanager 0.25 answers (R153).
 * Not here: the format (ingest/alertmanager.c), what an alert does (core/), reading them back (alerts_list.c).
 * Always: 2xx says that the alert is on disk (P1); the engine answers what only repeats that ahead of its commit.
 */
#include "api/routes.h"
#include "core/effect.h"
#include "ingest/alertmanager.h"
#include "ingest/known.h"

struct posting {
    struct alertmanager_post post;
    struct event event;
};

static void posting_answer(struct request *rq, const struct alertmanager_post *post)
{
    if (post->answer.n > 0) buf_add(&rq->out, post->answer); /* nothing would be put into memory of its own */
    request_answer(rq, post->status, post->answer.n > 0 ? TYPE_JSON : NULL);
}

static void posting_replied(struct request *rq, const struct reply *reply)
{
    const struct posting *p = rq->state;
    if (reply->code < 0)
        request_fail_code(rq, reply->code, reply->text);
    else
        posting_answer(rq, &p->post);
}

void alerts_forget(void *kept)
{
    struct known *k = kept;
    known_destroy(&k);
}

/* What is valid is taken although something else of the body is not: the answer names that. */
void alerts_post(struct request *rq)
{
    struct posting *p = arena_new(rq->arena, struct posting);

    rq->state = p;
    if (*rq->kept == NULL) *rq->kept = known_create();
    alertmanager_parse(rq->arena, rq->body, *rq->kept, &p->post);
    if (p->post.n == 0) {
        posting_answer(rq, &p->post);
        return;
    }
    p->event =
        (struct event){ .kind = EVENT_ALERTS, .alerts = { .sender = rq->who.sender, .v = p->post.v, .n = p->post.n } };
    request_submit(rq, &p->event, posting_replied);
}
