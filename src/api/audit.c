/* audit.c - GET /api/v1/status: what the self-audit found last; and its trouble in a few words, for other views.
 * Not here: the checks (engine/audit.h).
 * Always: answered without engine and store.
 */
#include "engine/audit.h"

#include "api/json.h"
#include "api/routes.h"

static void read_audit(struct request *rq, struct audit *out)
{
    audit_reset(out, 0);
    if (rq->port->audit != NULL) rq->port->audit(rq->port->ctx, out);
}

void audit_get(struct request *rq)
{
    struct json j = { .out = &rq->out };
    struct audit a = { 0 };

    read_audit(rq, &a);
    json_begin(&j, NULL, '{');
    json_time(&j, "at", a.wall); /* null: it has not looked yet */
    json_word(&j, "state", a.wall == 0 ? NULL : audit_state_name(audit_worst(&a)));
    json_begin(&j, "checks", '[');
    for (size_t i = 1; i < AUDIT_CHECK_MAX; i++) {
        if (a.lines[i].state == AUDIT_STATE_UNSET) continue;
        json_begin(&j, NULL, '{');
        json_word(&j, "check", audit_check_name((enum audit_check)i));
        json_word(&j, "state", audit_state_name(a.lines[i].state));
        json_text(&j, "text", buf_slice(&a.lines[i].text));
        json_end(&j, '}');
    }
    json_end(&j, ']');
    json_end(&j, '}');
    buf_add_char(&rq->out, '\n');
    audit_release(&a);
    request_answer(rq, 200, TYPE_JSON);
}

static struct slice kept(struct request *rq, struct buf *text)
{
    const struct slice s = arena_copy(rq->arena, buf_slice(text));
    buf_release(text);
    return s;
}

struct slice audit_warning(struct request *rq, int check)
{
    struct audit a = { 0 };
    struct buf text = { 0 };

    read_audit(rq, &a);
    if (a.lines[check].state > AUDIT_OK) buf_add(&text, buf_slice(&a.lines[check].text));
    audit_release(&a);
    return kept(rq, &text);
}

struct slice audit_unwatched(struct request *rq)
{
    return audit_warning(rq, AUDIT_HEARTBEAT);
}

static struct slice audit_trouble(struct request *rq)
{
    struct audit a = { 0 };
    struct buf text = { 0 };

    read_audit(rq, &a);
    for (size_t i = 1; i < AUDIT_CHECK_MAX && text.len == 0; i++)
        if (a.lines[i].state == AUDIT_FAILING)
            buf_addf(&text, "the self-audit fails: %s: %s (tocsin status)", audit_check_name((enum audit_check)i),
                     buf_str(&a.lines[i].text));
    audit_release(&a);
    return kept(rq, &text);
}

/* A server that stops is not ready either. */
bool store_fails(struct request *rq)
{
    struct audit a = { 0 };
    if (rq->port->ready(rq->port->ctx)) return false;
    read_audit(rq, &a);
    const bool fails = rq->port->audit == NULL || a.lines[AUDIT_STORE].state == AUDIT_FAILING;
    audit_release(&a);
    return fails;
}

bool is_held(const struct request *rq)
{
    return rq->port->held != NULL && rq->port->held(rq->port->ctx);
}

struct slice trouble_of(struct request *rq)
{
    if (is_held(rq))
        return S("this is a restored copy and HELD: everything is taken, nobody is paged; tocsin release lets it page");
    if (store_fails(rq))
        return S("the store cannot be written: what came since is in memory only, and not here; pages that wake leave all "
                 "the same; make room on its disk (tocsin status)");
    return rq->facts->broken.n > 0 ? rq->facts->broken : audit_trouble(rq);
}
