/* reading.c - collects the sentences of all parts, and the words that they are made of. */
#include "procedures/reading.h"

#include <string.h>

#include "procedures/reading_parts.h"

#define SENTENCE_MAX ((size_t)64 << 10)

static struct slice keep(struct teller *t, const char *fmt, va_list ap)
{
    struct buf text = { .max = SENTENCE_MAX };
    buf_vaddf(&text, fmt, ap);
    struct slice kept = arena_copy(t->arena, buf_slice(&text));
    buf_release(&text);
    return kept;
}

void tell(struct teller *t, unsigned line, int depth, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    struct slice text = keep(t, fmt, ap);
    va_end(ap);
    *vec_push(&t->list) = (struct reading){ .part = t->part, .line = line, .depth = depth, .text = text };
}

struct slice words(struct teller *t, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    struct slice text = keep(t, fmt, ap);
    va_end(ap);
    return text;
}

const char *words_s(size_t n)
{
    return n == 1 ? "" : "s";
}

struct slice words_time(struct teller *t, int64_t ms)
{
    static const struct {
        int64_t ms;
        const char *unit;
    } scale[] = {
        { DAY, "day" }, { HOUR, "hour" }, { MINUTE, "minute" }, { SECOND, "second" }, { 1, "millisecond" },
    };
    struct slice out = { 0 };
    if (ms <= 0) return S("0 minutes");
    for (size_t i = 0; i < COUNT_OF(scale); i++) {
        int64_t n = ms / scale[i].ms;
        if (n == 0) continue;
        out = words(t, "%.*s%s%lld %s%s", ARG(out), out.n > 0 ? " " : "", (long long)n, scale[i].unit,
                    words_s((size_t)n));
        ms %= scale[i].ms;
    }
    return out;
}

struct slice words_period(struct teller *t, int64_t ms)
{
    static const struct {
        int64_t days;
        struct slice name;
    } periods[] = { { 1, S("day") }, { 7, S("week") }, { 30, S("month") }, { 90, S("quarter") }, { 365, S("year") } };
    for (size_t i = 0; i < COUNT_OF(periods); i++)
        if (ms == periods[i].days * DAY) return periods[i].name;
    return words_time(t, ms);
}

/* "A", "A and B", "A, B and C". */
static const char *joint(size_t at, size_t n)
{
    return at == 0 ? "" : at + 1 == n ? " and " : ", ";
}

struct slice words_levels(struct teller *t, level_set set)
{
    struct slice out = { 0 };
    size_t n = 0, at = 0;
    if (set == 0) return S("every severity");
    for (int level = 1; level <= policy_levels(t->p); level++) n += LEVEL_IN(set, level);
    for (int level = 1; level <= policy_levels(t->p); level++) {
        if (!LEVEL_IN(set, level)) continue;
        struct slice label = policy_level_label(t->p, level);
        out = words(t, "%.*s%s%.*s", ARG(out), joint(at++, n), ARG(label));
    }
    return out;
}

struct slice words_kind(struct slice kind)
{
    static const struct slice spoken[][2] = {
        { S("slack"), S("Slack") }, { S("teams"), S("Teams") },       { S("telegram"), S("Telegram") },
        { S("sms"), S("SMS") },     { S("push"), S("push message") }, { S("webhook"), S("a webhook") },
    };
    for (size_t i = 0; i < COUNT_OF(spoken); i++)
        if (slice_eq(spoken[i][0], kind)) return spoken[i][1];
    return kind;
}

struct slice words_kinds(struct teller *t, const struct slice *kinds, size_t n)
{
    struct slice out = { 0 };
    for (size_t i = 0; i < n; i++) {
        struct slice kind = words_kind(kinds[i]);
        out = words(t, "%.*s%s%.*s", ARG(out), i > 0 ? ", then " : "", ARG(kind));
    }
    return out;
}

struct slice words_place(struct teller *t, struct slice kind, struct slice target, struct slice text)
{
    struct slice spoken = words_kind(kind);
    if (target.n > 0) return words(t, "%.*s %.*s", ARG(spoken), ARG(target));
    if (text.n > 0) return words(t, "%.*s (\"%.*s\")", ARG(spoken), ARG(text));
    return spoken;
}

static const struct {
    enum reading_part part;
    void (*tell)(struct teller *t);
} tellers[] = {
    { READING_SEVERITIES, tell_severities },
    { READING_PAGING, tell_paging },
    { READING_TEAM, tell_team },
    { READING_CONTACTS, tell_contacts },
    { READING_TIMELINE, tell_timeline },
    { READING_COMMUNICATION, tell_communication },
    { READING_TEMPLATES, tell_templates },
    { READING_SCENARIOS, tell_scenarios },
    { READING_TREES, tell_trees },
    { READING_AFTERWARDS, tell_afterwards },
    { READING_MEASURES, tell_measures },
    { READING_DRILLS, tell_drills },
    { READING_REVIEWS, tell_reviews },
    { READING_TOOLS, tell_tools },
    { READING_CONTROL, tell_control },
};

struct readings readings_make(const struct compiled *c, struct arena *a)
{
    struct teller t = { .arena = a, .c = c, .p = &c->policy };
    struct readings out = { 0 };
    for (size_t i = 0; i < COUNT_OF(tellers); i++) {
        t.part = tellers[i].part;
        tellers[i].tell(&t);
    }
    struct reading *kept = arena_array(a, struct reading, t.list.n + 1);
    if (t.list.n > 0) memcpy(kept, t.list.v, t.list.n * sizeof *kept);
    out = (struct readings){ kept, t.list.n };
    vec_release(&t.list);
    return out;
}

const char *reading_part_title(enum reading_part part)
{
    switch (part) {
#define X(sym, title, executed) \
    case READING_##sym: return title;
        READING_PARTS(X)
#undef X
    case READING_UNSET:
    case READING_PARTS_END: break;
    }
    return "unset";
}

bool reading_part_executed(enum reading_part part)
{
    switch (part) {
#define X(sym, title, executed) \
    case READING_##sym: return executed;
        READING_PARTS(X)
#undef X
    case READING_UNSET:
    case READING_PARTS_END: break;
    }
    return false;
}
