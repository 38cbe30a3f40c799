/* act.c - runs an act: a request with its arguments, then the server's sentence.
 * Not here: whether it may be done; the server decides and says why not.
 */
#include "cli/act.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "cli/client.h"
#include "cli/field.h"
#include "cli/screen.h"
#include "cli/value.h"

#define API "/api/v1"

static const struct given *given_of(const struct invocation *in, size_t i)
{
    return &in->given[i];
}

/* A sentence of several words. */
static struct slice joined(const struct invocation *in, const struct given *g)
{
    struct buf text = { 0 };
    for (size_t i = 0; i < g->n; i++) {
        if (i > 0) buf_add_char(&text, ' ');
        buf_add_str(&text, g->v[i]);
    }
    const struct slice s = arena_copy(in->arena, buf_slice(&text));
    buf_release(&text);
    return s;
}

static int add_time(struct buf *body, const char *text, struct error *e)
{
    struct screen s;
    int64_t at = 0;
    screen_open(&s);
    const int rc = value_time(text, s.zone, s.now_ms, &at, e);
    if (rc == 0) {
        buf_add_char(body, '"');
        civil_format_rfc3339(body, at, 0, true);
        buf_add_char(body, '"');
    }
    zone_destroy(&s.zone);
    return rc;
}

static void add_list(struct buf *body, const struct given *g)
{
    buf_add_char(body, '[');
    for (size_t i = 0; i < g->n; i++) {
        if (i > 0) buf_add_char(body, ',');
        buf_add_json(body, slice_of(g->v[i]));
    }
    buf_add_char(body, ']');
}

static int add_value(const struct invocation *in, size_t i, struct buf *body, struct error *e)
{
    const struct parameter *p = &in->parameters[i];
    const struct given *g = given_of(in, i);
    int64_t id = 0;
    if (p->kind == VALUE_TIME) return add_time(body, g->v[0], e);
    if (p->kind == VALUE_INCIDENT && value_incident(g->v[0], &id))
        buf_addf(body, "\"INC-%lld\"", (long long)id);
    else if (p->kind == VALUE_NUMBER)
        buf_add_str(body, g->v[0]);
    else if (p->kind == VALUE_SWITCH)
        buf_add_str(body, "true");
    else if (p->kind == VALUE_PAIR)
        add_list(body, g);
    else
        buf_add_json(body, joined(in, g));
    return 0;
}

static bool is_argument(const struct invocation *in, const char *name)
{
    const struct arg_def *defs = act_defs[in->command->act].args;
    for (size_t i = 0; defs[i].type != ARG_NONE; i++)
        if (strcmp(defs[i].name, name) == 0) return true;
    return false;
}

static int add_body(const struct invocation *in, struct buf *body, struct error *e)
{
    const char *comma = "";
    int rc = 0;
    buf_add_char(body, '{');
    for (size_t i = 0; rc == 0 && i < in->n_parameters; i++) {
        const char *name = in->parameters[i].name;
        if (given_of(in, i)->n == 0 || !is_argument(in, name) || strcmp(name, "incident") == 0) continue;
        buf_add_str(body, comma);
        buf_add_json(body, slice_of(name));
        buf_add_char(body, ':');
        rc = add_value(in, i, body, e);
        comma = ",";
    }
    buf_add_char(body, '}');
    return rc;
}

/* Acts on an incident stand below it; what makes a thing goes to where the things are. */
static void add_path(const struct invocation *in, struct buf *path)
{
    const enum act_kind act = in->command->act;
    const bool is_silence = act == ACT_SILENCE || act == ACT_UNSILENCE;
    const char *incident = act_is_of_incident(act) ? given_value(in, "incident") : NULL;
    int64_t id = 0;
    if (act == ACT_UNSILENCE)
        buf_addf(path, API "/silences/%s", given_value(in, "silence"));
    else if (is_silence)
        buf_add_str(path, API "/silences");
    else if (act == ACT_ACTIVATE)
        buf_add_str(path, API "/procedures/activate");
    else if (incident == NULL)
        buf_add_str(path, API "/incidents");
    else if (value_incident(incident, &id))
        buf_addf(path, API "/incidents/INC-%lld/%s", (long long)id, act_defs[act].name);
}

int act_request(const struct invocation *in, const char **method, struct buf *path, struct buf *body, struct error *e)
{
    const bool is_delete = in->command->act == ACT_UNSILENCE;
    *method = is_delete ? "DELETE" : "POST";
    add_path(in, path);
    return is_delete ? 0 : add_body(in, body, e);
}

static int print_reply(const struct invocation *in, const struct answer *a)
{
    struct error e = { 0 };
    struct screen s;
    struct fields *doc = fields_read(buf_slice(&a->body), NULL);
    const struct slice text = field_text(fields_top(doc), "text");
    screen_open(&s);
    if (in->json)
        buf_add(&s.out, buf_slice(&a->body));
    else
        screen_text(&s, text.n > 0 ? text : S("done"));
    if (!in->json) buf_add_char(&s.out, '\n');
    fields_free(&doc);
    return screen_close(&s, &e) < 0 ? command_fail(in, EXIT_REFUSED, "%s", e.detail) : EXIT_DONE;
}

/* `ack INC-12 INC-13`: a sentence of nothing but incidents was meant as more of them, and would be lost as a note. */
static const struct given *more_incidents(const struct invocation *in)
{
    int64_t id;
    for (size_t i = 0; act_is_of_incident(in->command->act) && i < in->n_parameters; i++) {
        const struct given *g = given_of(in, i);
        size_t n = 0;
        if (strcmp(in->parameters[i].name, "text") != 0) continue;
        while (n < g->n && value_incident(g->v[n], &id)) n++;
        if (n > 0 && n == g->n) return g;
    }
    return NULL;
}

static int refuse_more(const struct invocation *in, const struct given *more)
{
    return command_fail(in, EXIT_USAGE,
                        "it takes one incident, and %s reads like another: nothing was done; for several: "
                        "`for i in %s %s; do tocsin %s $i; done`",
                        more->v[0], given_value(in, "incident"), more->v[0], in->command->name);
}

int act_run(struct invocation *in)
{
    const struct given *more = more_incidents(in);
    struct buf path = { 0 }, body = { 0 };
    struct answer answer = { 0 };
    struct error e = { 0 };
    const char *method;
    int status = EXIT_USAGE;
    CHECK(in->command->act != ACT_UNSET);
    if (more != NULL) return refuse_more(in, more);
    if (act_request(in, &method, &path, &body, &e) < 0)
        command_fail(in, EXIT_USAGE, "%s", e.detail);
    else if (client_ask(in, method, buf_str(&path), buf_slice(&body), &answer, &status))
        status = print_reply(in, &answer);
    answer_release(&answer);
    buf_release(&path);
    buf_release(&body);
    return status;
}
