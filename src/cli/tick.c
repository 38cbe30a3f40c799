/* tick.c - tocsin tick: a person ticks a check of the response timeline by hand.
 * Not here: those that tick themselves (core/milestone.c); their numbers, which tocsin show prints.
 */
#include "base/check.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/value.h"
#include "cli/view.h"

static const struct parameter parameters[] = {
    { .name = "incident", .kind = VALUE_INCIDENT, .required = true, .what = "The incident: INC-42 or 42." },
    { .name = "check", .kind = VALUE_TEXT, .required = true, .what = "Its number, as tocsin show prints it: 3.2." },
    { 0 },
};

static const struct example examples[] = {
    { "tocsin tick INC-42 3.2", "The second check of the third milestone is done." },
    { NULL, NULL },
};

/* "3.2": both from 1. */
static bool number_read(struct slice text, int64_t *milestone, int64_t *check)
{
    const struct slice first = slice_cut(&text, '.');
    return slice_to_int(first, milestone) && slice_to_int(text, check) && *milestone > 0 && *check > 0;
}

static int run(struct invocation *in)
{
    struct buf path = { 0 }, body = { 0 };
    int64_t id = 0, milestone = 0, check = 0;
    value_incident(given_value(in, "incident"), &id);
    if (!number_read(slice_of(given_value(in, "check")), &milestone, &check))
        return command_fail(in, EXIT_USAGE, "write the check as tocsin show INC-%lld numbers it, like 3.2",
                            (long long)id);
    buf_addf(&path, "/api/v1/incidents/INC-%lld/check", (long long)id);
    buf_addf(&body, "{\"milestone\":%lld,\"check\":%lld}", (long long)milestone - 1, (long long)check - 1);
    const int status = view_sentence_with(in, "POST", buf_str(&path), buf_slice(&body));
    buf_release(&path);
    buf_release(&body);
    return status;
}

const struct command command_tick = {
    .name = "tick",
    .summary = "Tick a check of the response timeline by hand, under your name.",
    .parameters = parameters,
    .examples = examples,
    .more = "Many tick themselves: `tocsin explain` says from what. What is ticked stays ticked, whoever did it.",
    .flags = NEEDS_SERVER | WRITES | HAS_FORMAT,
    .run = run,
};
