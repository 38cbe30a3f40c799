/* view.c - asking and showing. */
#include "cli/view.h"

#include "base/check.h"

static int close_screen(const struct invocation *in, struct screen *s)
{
    struct error e = { 0 };
    return screen_close(s, &e) < 0 ? command_fail(in, EXIT_REFUSED, "%s", e.detail) : EXIT_DONE;
}

static int show_all(const struct invocation *in, const struct answer *answers, size_t n, view_fn *show)
{
    struct fields *docs[VIEW_PATHS] = { NULL };
    const struct field *values[VIEW_PATHS] = { NULL };
    struct error e = { 0 };
    struct screen s;
    int status = EXIT_DONE;
    for (size_t i = 0; i < n && status == EXIT_DONE; i++) {
        docs[i] = fields_read(buf_slice(&answers[i].body), &e);
        values[i] = fields_top(docs[i]);
        if (docs[i] == NULL) status = command_fail(in, EXIT_UNREACHABLE, "%s", e.detail);
    }
    if (status == EXIT_DONE) {
        screen_open(&s);
        show(&s, in, values);
        status = close_screen(in, &s);
    }
    for (size_t i = 0; i < n; i++) fields_free(&docs[i]);
    return status;
}

static int print_all(const struct invocation *in, const struct answer *answers, size_t n)
{
    struct screen s;
    screen_open(&s);
    for (size_t i = 0; i < n; i++) buf_add(&s.out, buf_slice(&answers[i].body));
    return close_screen(in, &s);
}

int view_run(const struct invocation *in, const char *const *paths, size_t n, view_fn *show)
{
    struct answer answers[VIEW_PATHS] = { 0 };
    int status = EXIT_DONE;
    CHECK(n <= VIEW_PATHS);
    for (size_t i = 0; i < n && status == EXIT_DONE; i++)
        client_ask(in, "GET", paths[i], (struct slice){ 0 }, &answers[i], &status);
    if (status == EXIT_DONE) status = in->json ? print_all(in, answers, n) : show_all(in, answers, n, show);
    for (size_t i = 0; i < n; i++) answer_release(&answers[i]);
    return status;
}

static void show_sentence(struct screen *s, const struct invocation *in, const struct field *const answers[VIEW_PATHS])
{
    (void)in;
    const struct slice text = field_text(answers[0], "text");
    screen_text(s, text.n > 0 ? text : S("done"));
    buf_add_char(&s->out, '\n');
}

int view_sentence(const struct invocation *in, const char *method, const char *path)
{
    return view_sentence_with(in, method, path, S("{}"));
}

int view_sentence_with(const struct invocation *in, const char *method, const char *path, struct slice body)
{
    struct answer a = { 0 };
    int status;
    if (client_ask(in, method, path, body, &a, &status))
        status = in->json ? print_all(in, &a, 1) : show_all(in, &a, 1, show_sentence);
    answer_release(&a);
    return status;
}

void view_add_broken(struct screen *s, const struct field *top)
{
    static const struct {
        const char *member;
        enum colour colour;
    } banners[] = { { "broken", COLOUR_RED }, { "unwatched", COLOUR_YELLOW } };
    for (size_t i = 0; i < COUNT_OF(banners); i++) {
        const struct slice text = field_text(top, banners[i].member);
        if (text.n == 0) continue;
        screen_coloured(s, banners[i].colour, slice_of(banners[i].member));
        buf_add_str(&s->out, ": ");
        screen_text(s, text);
        buf_add_char(&s->out, '\n');
    }
}

struct slice view_person(const struct field *v, const char *name)
{
    const struct slice s = field_text(field_member(v, name), "name");
    return s.n > 0 ? s : S("nobody");
}

enum colour view_severity_colour(const struct field *incident)
{
    const int64_t level = field_int(incident, "severity_level");
    return level <= 1 ? COLOUR_RED : level == 2 ? COLOUR_YELLOW : COLOUR_PLAIN;
}

void view_add_clock(struct screen *s, const struct field *v, const char *name)
{
    int64_t at;
    if (field_time(v, name, &at))
        screen_clock(s, at);
    else
        buf_add_str(&s->out, "\xe2\x80\x93");
}

void view_cell_clock(struct table *t, const struct screen *s, const struct field *v, const char *name)
{
    struct screen cell = *s;
    cell.out = (struct buf){ 0 };
    view_add_clock(&cell, v, name);
    table_cell(t, COLOUR_PLAIN, buf_slice(&cell.out));
    buf_release(&cell.out);
}

static enum colour colour_of(struct slice word, const char *const *good, const char *const *bad)
{
    for (; *good != NULL; good++)
        if (slice_eq(word, slice_of(*good))) return COLOUR_GREEN;
    for (; *bad != NULL; bad++)
        if (slice_eq(word, slice_of(*bad))) return COLOUR_RED;
    return COLOUR_PLAIN;
}

enum colour view_outcome_colour(struct slice outcome)
{
    static const char *const good[] = { "accepted", NULL }, *const bad[] = { "refused", "not sent", "uncertain",
                                                                             "failed", NULL };
    return colour_of(outcome, good, bad);
}

enum colour view_entry_colour(struct slice kind)
{
    static const char *const good[] = { "acknowledged", "resolved", "mitigated", NULL };
    static const char *const bad[] = { "late", "alarm", "nobody", "exhausted", "page failed", "delivery failed", NULL };
    return colour_of(kind, good, bad);
}

void view_add_delivery(struct screen *s, const struct field *delivery)
{
    const struct slice channel = field_text(delivery, "channel"), kind = field_text(delivery, "kind");
    const struct slice address = field_text(delivery, "address"), state = field_text(delivery, "state");
    const struct slice waits_for = field_text(delivery, "waits_for");
    screen_text(s, kind.n > 0 ? kind : channel);
    if (kind.n > 0 && channel.n > 0 && !slice_eq(kind, channel)) {
        buf_add_str(&s->out, " by channel ");
        screen_text(s, channel);
    }
    if (address.n > 0) buf_add_str(&s->out, " to ");
    screen_text(s, address);
    buf_add_str(&s->out, ": ");
    if (waits_for.n > 0) {
        screen_coloured(s, COLOUR_RED, S("held"));
        buf_add_str(&s->out, ", waits for ");
        screen_text(s, waits_for);
    } else {
        screen_coloured(s, view_outcome_colour(state), state);
    }
}

void view_add_zone(struct screen *s)
{
    struct zone_local local;
    zone_offset_at(s->zone, s->now_ms / 1000, &local);
    buf_add_str(&s->out, "times are ");
    buf_add(&s->out, local.abbreviation);
}
