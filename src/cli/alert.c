/* alert.c - tocsin alert: posts one alert as amtool would, through the same door. */
#include <string.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/screen.h"
#include "cli/value.h"

static const struct parameter parameters[] = {
    { .name = "label",
      .kind = VALUE_PAIR,
      .required = true,
      .many = true,
      .what = "The alert's labels; alertname=X is needed, severity=Y and what the routing looks at are useful." },
    { .name = "annotation",
      .kind = VALUE_PAIR,
      .option = true,
      .many = true,
      .what = "What people read, summary=… first of all; no part of the alert's identity." },
    { .name = "resolve", .kind = VALUE_SWITCH, .option = true, .what = "It no longer fires." },
    { .name = "for",
      .kind = VALUE_DURATION,
      .option = true,
      .what = "It fires for so long unless sent again; left out: 5 minutes, as Alertmanager's." },
    { 0 },
};

static const struct example examples[] = {
    { "tocsin alert alertname=ApiDown severity=critical --annotation summary=\"the API does not answer\"", NULL },
    { "tocsin alert alertname=ApiDown severity=critical --resolve", "The same labels: the same alert." },
    { NULL, NULL },
};

static int add_pairs(const struct given *pairs, struct buf *body, bool *named)
{
    buf_add_char(body, '{');
    for (size_t i = 0; i < pairs->n; i++) {
        struct slice value = slice_of(pairs->v[i]), name = slice_cut(&value, '=');
        if (slice_eq(name, S("alertname"))) *named = true;
        if (i > 0) buf_add_char(body, ',');
        buf_add_json(body, name);
        buf_add_char(body, ':');
        buf_add_json(body, value);
    }
    buf_add_char(body, '}');
    return 0;
}

/* endsAt: now when it is over; left out, the server's resolve time-out holds. */
static void add_end(const struct invocation *in, struct buf *body)
{
    const char *duration = given_value(in, "for");
    struct screen clock;
    int64_t ms = 0;
    if (duration == NULL && !given_switch(in, "resolve")) return;
    screen_open(&clock);
    if (duration != NULL && !given_switch(in, "resolve")) value_duration(duration, &ms);
    buf_add_str(body, ",\"endsAt\":\"");
    civil_format_rfc3339(body, clock.now_ms + ms, 0, true);
    buf_add_char(body, '"');
    zone_destroy(&clock.zone);
}

static int post(struct invocation *in, struct slice body)
{
    struct answer a = { 0 };
    struct screen s;
    struct error e = { 0 };
    int status;
    if (client_ask(in, "POST", "/api/v2/alerts", body, &a, &status)) {
        screen_open(&s);
        if (in->json)
            buf_add(&s.out, a.body.len > 0 ? buf_slice(&a.body) : S("{}\n"));
        else
            buf_add_str(&s.out, "accepted: it is on disk. tocsin incidents shows what became of it\n");
        if (screen_close(&s, &e) < 0) status = command_fail(in, EXIT_REFUSED, "%s", e.detail);
    }
    answer_release(&a);
    return status;
}

static int run(struct invocation *in)
{
    struct buf body = { 0 };
    bool named = false, ignored;
    int status;
    buf_add_str(&body, "[{\"labels\":");
    add_pairs(given_values(in, "label"), &body, &named);
    buf_add_str(&body, ",\"annotations\":");
    add_pairs(given_values(in, "annotation"), &body, &ignored);
    add_end(in, &body);
    buf_add_str(&body, "}]");
    status =
        named ? post(in, buf_slice(&body))
              : command_fail(in, EXIT_USAGE, "an alert needs a name: tocsin alert alertname=ApiDown severity=critical");
    buf_release(&body);
    return status;
}

const struct command command_alert = {
    .name = "alert",
    .summary = "Send an alert to the server, as a monitor would.",
    .parameters = parameters,
    .examples = examples,
    .flags = NEEDS_SERVER | WRITES | HAS_FORMAT,
    .run = run,
};
