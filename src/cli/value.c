/* value.c - reading and judging the values of a command line. Pure.
 * Not here: whether an incident or a person exists; the server knows.
 */
#include "cli/value.h"

#include <string.h>

#include "base/check.h"

#define MS_SECOND INT64_C(1000)
#define DURATION_MAX_MS (INT64_C(3660) * 24 * 3600 * MS_SECOND) /* ten years: beyond it is a slip of the keyboard */

const char *value_completion(enum value_kind kind)
{
    switch (kind) {
    case VALUE_UNSET: break;
#define X(sym, word, complete) \
    case VALUE_##sym: return complete;
        VALUE_KINDS(X)
#undef X
    }
    return "";
}

static const char *kind_word(enum value_kind kind)
{
    switch (kind) {
    case VALUE_UNSET: break;
#define X(sym, word, complete) \
    case VALUE_##sym: return word;
        VALUE_KINDS(X)
#undef X
    }
    return "";
}

const char *value_word(const struct parameter *p, struct arena *a)
{
    if (p->kind != VALUE_CHOICE) return kind_word(p->kind);
    char *word = arena_str(a, slice_of(p->choices));
    for (char *c = word; *c != '\0'; c++)
        if (*c == ' ') *c = '|';
    return word;
}

enum value_kind value_kind_of(enum arg_type type)
{
    switch (type) {
    case ARG_NONE: break;
    case ARG_INCIDENT: return VALUE_INCIDENT;
    case ARG_TEXT: return VALUE_TEXT;
    case ARG_SEVERITY: return VALUE_SEVERITY;
    case ARG_PERSON: return VALUE_PERSON;
    case ARG_ROLE: return VALUE_ROLE;
    case ARG_CATEGORY: return VALUE_CATEGORY;
    case ARG_SERVICE: return VALUE_SERVICE;
    case ARG_MATCHERS: return VALUE_MATCHERS;
    case ARG_DURATION: return VALUE_DURATION;
    case ARG_TIME: return VALUE_TIME;
    case ARG_NUMBER: return VALUE_NUMBER;
    case ARG_SWITCH: return VALUE_SWITCH;
    case ARG_TEXTS: return VALUE_PAIR;
    }
    return VALUE_TEXT;
}

bool value_incident(const char *text, int64_t *id)
{
    struct slice s = slice_of(text);
    slice_cut_prefix_nocase(&s, S("INC-"));
    return slice_cut_uint(&s, id) && s.n == 0 && *id > 0;
}

static int64_t unit_ms(char unit)
{
    static const struct {
        char unit;
        int64_t ms;
    } units[] = {
        { 's', MS_SECOND },
        { 'm', 60 * MS_SECOND },
        { 'h', 3600 * MS_SECOND },
        { 'd', 24 * 3600 * MS_SECOND },
        { 'w', 7 * 24 * 3600 * MS_SECOND },
    };
    for (size_t i = 0; i < COUNT_OF(units); i++)
        if (units[i].unit == unit) return units[i].ms;
    return 0;
}

bool value_duration(const char *text, int64_t *ms)
{
    struct slice s = slice_of(text);
    int64_t sum = 0;
    while (s.n > 0) {
        int64_t n, unit;
        if (!slice_cut_uint(&s, &n) || s.n == 0) return false;
        unit = unit_ms(s.p[0]);
        if (unit == 0 || n > DURATION_MAX_MS / unit) return false;
        sum += n * unit;
        if (sum > DURATION_MAX_MS) return false;
        s = slice_from(s, 1);
    }
    *ms = sum;
    return sum > 0;
}

/* --- points in time --- */

/* Two digits and what must follow them ('\0': nothing need). */
static bool cut_two(struct slice *s, char after, int32_t *out)
{
    if (s->n < 2 || s->p[0] < '0' || s->p[0] > '9' || s->p[1] < '0' || s->p[1] > '9') return false;
    *out = (s->p[0] - '0') * 10 + s->p[1] - '0';
    *s = slice_from(*s, 2);
    if (after == '\0') return true;
    if (s->n == 0 || s->p[0] != after) return false;
    *s = slice_from(*s, 1);
    return true;
}

static bool cut_clock(struct slice *s, struct civil *c)
{
    c->second = 0;
    if (!cut_two(s, ':', &c->hour) || !cut_two(s, '\0', &c->minute)) return false;
    if (s->n > 0 && (!slice_cut_prefix(s, S(":")) || !cut_two(s, '\0', &c->second))) return false;
    return s->n == 0;
}

static bool cut_date(struct slice *s, struct civil *c)
{
    int32_t century, year;
    if (!cut_two(s, '\0', &century) || !cut_two(s, '-', &year) || !cut_two(s, '-', &c->month) ||
        !cut_two(s, '\0', &c->day))
        return false;
    c->year = century * 100 + year;
    return true;
}

static bool local_time(struct slice s, const struct zone *z, int64_t now_ms, int64_t *utc_ms)
{
    struct civil c = zone_to_local(z, now_ms / MS_SECOND);
    struct slice rest = s;
    if (cut_date(&rest, &c) && (slice_cut_prefix(&rest, S(" ")) || slice_cut_prefix(&rest, S("T"))))
        s = rest;
    else
        c = zone_to_local(z, now_ms / MS_SECOND);
    if (!cut_clock(&s, &c) || !civil_is_valid(c)) return false;
    *utc_ms = zone_to_utc(z, c, NULL) * MS_SECOND;
    return true;
}

int value_time(const char *text, const struct zone *z, int64_t now_ms, int64_t *utc_ms, struct error *e)
{
    int64_t ms;
    if (strcmp(text, "now") == 0) {
        *utc_ms = now_ms;
        return 0;
    }
    if ((text[0] == '+' || text[0] == '-') && value_duration(text + 1, &ms)) {
        *utc_ms = text[0] == '+' ? now_ms + ms : now_ms - ms;
        return 0;
    }
    if (civil_parse_rfc3339(slice_of(text), utc_ms, NULL) == 0) return 0;
    if (local_time(slice_of(text), z, now_ms, utc_ms)) return 0;
    return fail(e, ERR_SYNTAX, "'%s' is no time: write 2026-01-05T03:00:00Z, \"2026-01-05 03:00\", 03:00, +2h or now",
                text);
}

/* --- judging --- */

static bool is_choice(const char *choices, struct slice text)
{
    struct slice left = slice_of(choices);
    while (left.n > 0)
        if (slice_eq(slice_cut(&left, ' '), text)) return true;
    return false;
}

static bool is_number(const char *text)
{
    struct slice s = slice_of(text);
    int64_t n;
    return slice_cut_uint(&s, &n) && s.n == 0;
}

static bool is_matcher(const char *text)
{
    return strpbrk(text, "=~") != NULL;
}

int value_check(const struct parameter *p, const char *text, struct error *e)
{
    int64_t ignored;
    if (!slice_is_utf8(slice_of(text), NULL)) return fail(e, ERR_SYNTAX, "the value of %s is not UTF-8", p->name);
    switch (p->kind) {
    case VALUE_INCIDENT:
        if (value_incident(text, &ignored)) return 0;
        return fail(e, ERR_SYNTAX, "'%s' is no incident: write INC-42 or 42 (tocsin incidents lists them)", text);
    case VALUE_DURATION:
        if (value_duration(text, &ignored)) return 0;
        return fail(e, ERR_SYNTAX, "'%s' is no duration: write 90s, 30m, 2h, 1h30m or 1d", text);
    case VALUE_NUMBER:
        if (is_number(text)) return 0;
        return fail(e, ERR_SYNTAX, "'%s' is no number", text);
    case VALUE_CHOICE:
        if (is_choice(p->choices, slice_of(text))) return 0;
        return fail(e, ERR_SYNTAX, "--%s takes one of: %s; not '%s'", p->name, p->choices, text);
    case VALUE_PAIR:
        if (text[0] != '=' && strchr(text, '=') != NULL) return 0;
        return fail(e, ERR_SYNTAX, "'%s' is no NAME=VALUE pair", text);
    case VALUE_MATCHERS:
        if (is_matcher(text)) return 0;
        return fail(e, ERR_SYNTAX, "'%s' is no matcher: write 'alertname=\"DiskFull\"' or 'instance=~\"web.*\"'", text);
    case VALUE_TEXT:
    case VALUE_SEVERITY:
    case VALUE_PERSON:
    case VALUE_ROLE:
    case VALUE_CATEGORY:
    case VALUE_SERVICE:
    case VALUE_FILE:
    case VALUE_DIRECTORY:
    case VALUE_COMMAND:
        if (text[0] != '\0') return 0;
        return fail(e, ERR_SYNTAX, "%s is empty", p->name);
    case VALUE_TIME:
    case VALUE_SWITCH:
    case VALUE_UNSET: break;
    }
    return 0;
}
