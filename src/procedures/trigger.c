/* trigger.c - escalation triggers: which of them a clock fires, which events do, and which a person must raise.
 * Not here: what firing does (page the commander and open a decision, A23). The patterns are tried in this order and
 * the first that reads the whole line wins; what none reads is raised by hand (R56). */
#include "core/policy.h"
#include "procedures/book.h"

/* The facts whose absence a clock watches; a word that is none of them makes a timed question to the commander. */
static const struct {
    struct slice word, fact;
} facts[] = {
    { S("restored"), S("restored") },         { S("restore"), S("restored") },
    { S("recovered"), S("recovered") },       { S("recover"), S("recovered") },
    { S("resolved"), S("resolved") },         { S("resolve"), S("resolved") },
    { S("mitigated"), S("mitigated") },       { S("mitigate"), S("mitigated") },
    { S("acknowledged"), S("acknowledged") }, { S("acknowledge"), S("acknowledged") },
    { S("contained"), S("contained") },       { S("contain"), S("contained") },
    { S("identified"), S("identified") },     { S("identify"), S("identified") },
};

#define ROOT_CAUSE S("root cause")

static struct slice fact_of(struct slice word, struct slice thing)
{
    for (size_t i = 0; i < COUNT_OF(facts); i++) {
        if (!slice_eq_nocase(word, facts[i].word)) continue;
        bool cause = slice_eq(facts[i].fact, S("identified")) && find_phrase(thing, S("cause")) < thing.n;
        return cause ? ROOT_CAUSE : facts[i].fact;
    }
    return (struct slice){ 0 };
}

static bool scan_some_word(struct slice *s, struct slice *word)
{
    size_t n = 0;
    scan_blanks(s);
    while (n < s->n && (is_letter(s->p[n]) || is_digit(s->p[n]) || s->p[n] == '-')) n++;
    *word = slice_upto(*s, n);
    *s = slice_from(*s, n);
    return n > 0;
}

/* "within 30 minutes" and nothing behind it. */
static bool scan_clock(struct slice s, struct slice keyword, int64_t *ms)
{
    struct duration d;
    if (!scan_word(&s, keyword) || !scan_duration(&s, &d) || !scan_end(s)) return false;
    *ms = d.ms;
    return true;
}

/* THING? "not" FACT "within" DUR */
static bool not_within(struct compiler *c, struct slice text, struct policy_trigger *t)
{
    static const struct slice between[] = { S("been"), S("yet"), S("fully") };
    size_t at = find_phrase(text, S("not"));
    struct slice rest = slice_from(text, at), word;
    (void)c;
    if (!scan_word(&rest, S("not"))) return false; /* "Not resolved within …": the incident */
    while (scan_any(&rest, between, COUNT_OF(between))) {
    }
    if (!scan_some_word(&rest, &word) || !scan_clock(rest, S("within"), &t->after_ms)) return false;
    t->fact = fact_of(word, slice_upto(text, at));
    return true;
}

static struct slice lower_copy(struct compiler *c, struct slice s)
{
    char *out = arena_alloc(c->arena, s.n + 1);
    for (size_t i = 0; i < s.n; i++) out[i] = (char)(s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] - 'A' + 'a' : s.p[i]);
    return (struct slice){ out, s.n };
}

static struct slice fact_named(struct compiler *c, struct slice text)
{
    static const struct slice ends[] = { S(" is"), S(" still"), S(" remains"), S(" the") };
    text = slice_trim(text);
    for (size_t i = 0; i < COUNT_OF(ends); i++)
        if (slice_has_suffix(text, ends[i])) text = slice_trim(slice_upto(text, text.n - ends[i].n));
    return find_phrase(text, S("cause")) < text.n ? ROOT_CAUSE : lower_copy(c, text);
}

/* "Unknown" FACT "after" DUR, FACT "unknown" … "after" DUR */
static bool unknown_after(struct compiler *c, struct slice text, struct policy_trigger *t)
{
    size_t at = find_phrase(text, S("unknown"));
    if (at == text.n) return false;
    struct slice rest = slice_from(text, at + S("unknown").n);
    size_t clock = find_phrase(rest, S("after"));
    struct slice fact = slice_trim(at == 0 ? slice_upto(rest, clock) : slice_upto(text, at));
    if (fact.n == 0 || clock == rest.n || !scan_clock(slice_from(rest, clock), S("after"), &t->after_ms)) return false;
    t->fact = fact_named(c, fact);
    return true;
}

/* ("Can't"|"Cannot"|"Unable to") VERB … "within" DUR */
static bool cannot_within(struct compiler *c, struct slice text, struct policy_trigger *t)
{
    static const struct slice starts[] = { S("can't"), S("can’t"), S("cannot"), S("unable to"), S("can not") };
    struct slice rest = text, verb;
    (void)c;
    if (!scan_any(&rest, starts, COUNT_OF(starts)) || !scan_some_word(&rest, &verb)) return false;
    size_t at = find_phrase(rest, S("within"));
    if (at == rest.n || !scan_clock(slice_from(rest, at), S("within"), &t->after_ms)) return false;
    t->fact = fact_of(verb, slice_upto(rest, at));
    return true;
}

/* SEV? "incident"? ("lasting"|"unresolved"|"open") CMP? DUR */
static bool lasting(struct compiler *c, struct slice text, struct policy_trigger *t)
{
    static const struct slice words[] = { S("lasting"), S("unresolved"), S("open") };
    struct slice rest = text;
    enum comparison cmp = CMP_NONE;
    struct duration d;
    level_set set = 0;
    scan_level_set(c, &rest, &set);
    if (!scan_word(&rest, S("incidents"))) scan_word(&rest, S("incident"));
    if (!scan_any(&rest, words, COUNT_OF(words))) return false;
    scan_word(&rest, S("for"));
    scan_comparison(&rest, &cmp);
    if (!scan_duration(&rest, &d) || !scan_end(rest) || cmp == CMP_LT || cmp == CMP_LE) return false;
    t->after_ms = d.ms;
    t->severities = set;
    t->strict = cmp == CMP_GT;
    t->fact = S("resolved");
    return true;
}

/* "No" ("progress"|"root cause"|"acknowledgement") ("in"|"after") DUR */
static bool none_after(struct compiler *c, struct slice text, struct policy_trigger *t)
{
    static const struct {
        struct slice words, fact;
    } things[] = {
        { S("progress"), S("progress") },
        { S("root cause"), ROOT_CAUSE },
        { S("acknowledgement"), S("acknowledged") },
        { S("acknowledgment"), S("acknowledged") },
    };
    struct slice rest = text;
    (void)c;
    if (!scan_word(&rest, S("no"))) return false;
    for (size_t i = 0; i < COUNT_OF(things); i++) {
        if (!scan_phrase(&rest, things[i].words)) continue;
        t->fact = things[i].fact;
        return scan_clock(rest, S("in"), &t->after_ms) || scan_clock(rest, S("after"), &t->after_ms);
    }
    return false;
}

/* THING "unavailable for" CMP DUR: on the component's own clock (A21) */
static bool unavailable(struct compiler *c, struct slice text, struct policy_trigger *t)
{
    size_t at = find_phrase(text, S("unavailable for"));
    struct slice rest = slice_from(text, at);
    enum comparison cmp = CMP_NONE;
    struct duration d;
    (void)c;
    if (at == 0 || !scan_phrase(&rest, S("unavailable for"))) return false;
    scan_comparison(&rest, &cmp);
    if (!scan_duration(&rest, &d) || !scan_end(rest) || cmp == CMP_LT || cmp == CMP_LE) return false;
    t->after_ms = d.ms;
    t->strict = cmp == CMP_GT;
    t->fact = S("unavailable");
    return true;
}

size_t find_measurement(struct slice text, struct slice *behind)
{
    enum comparison cmp;
    for (size_t i = 1; i < text.n; i++) {
        bool sign = slice_find_char(S("<>\xe2"), text.p[i]) < 3;
        bool word = is_letter(text.p[i]) && text.p[i - 1] == ' ';
        struct slice rest = slice_from(text, i), tail;
        if ((!sign && !word) || scan_word(&rest, S("within")) || !scan_comparison(&rest, &cmp)) continue;
        scan_blanks(&rest);
        tail = rest;
        if (tail.n == 0 || (!is_digit(tail.p[0]) && tail.p[0] != '.')) continue;
        *behind = rest;
        return i;
    }
    return text.n;
}

/* METRIC CMP NUM UNIT ("for" CMP? DUR)? */
static bool measured(struct compiler *c, struct slice text, struct policy_trigger *t)
{
    struct slice rest = { 0 }, written;
    enum comparison cmp;
    struct duration d;
    int64_t micro;
    (void)c;
    if (slice_trim(slice_upto(text, find_measurement(text, &rest))).n == 0 || rest.n == 0) return false;
    if (!scan_micro(&rest, &micro, &written)) return false;
    scan_measure(&rest);
    t->kind = TRIGGER_THRESHOLD;
    if (scan_end(rest)) return true;
    if (!scan_word(&rest, S("for"))) return false;
    scan_comparison(&rest, &cmp);
    if (!scan_duration(&rest, &d) || !scan_end(rest)) return false;
    t->after_ms = d.ms;
    return true;
}

/* "Multiple" THING …: at least two of them */
static bool multiple(struct compiler *c, struct slice text, struct policy_trigger *t)
{
    struct slice rest = text;
    (void)c;
    if (!scan_word(&rest, S("multiple")) || slice_trim(rest).n == 0) return false;
    t->kind = TRIGGER_COUNTABLE;
    t->count = 2;
    return true;
}

static bool (*const patterns[])(struct compiler *c, struct slice text, struct policy_trigger *t) = {
    not_within, unknown_after, cannot_within, lasting, none_after, unavailable, measured, multiple,
};

/* A line to paste: what it probably means, as a sentence that a clock fires. */
struct slice trigger_offer(struct compiler *c, struct slice text)
{
    struct duration d;
    size_t at;
    if (!find_duration(text, &d, &at)) return S("- Service not restored within 30 minutes");
    struct slice dur = duration_text(c, d.ms);
    return text_make(c, "- Service not restored within %.*s", (int)dur.n, dur.p);
}

static void interpret_kind(struct compiler *c, const struct policy_trigger *t)
{
    unsigned line = t->line;
    bool cause = slice_eq(t->fact, ROOT_CAUSE), down = slice_eq(t->fact, S("unavailable"));
    if (slice_eq(t->fact, S("restored")) || slice_eq(t->fact, S("recovered")))
        interpret(c, line, "A18", "restored is mitigated or resolved; apart from the escalation rules",
                  "resolved only; the same clock as the rule \"no resolution\"",
                  "Service not resolved within 30 minutes");
    if (cause)
        interpret(c, line, "A19", "the fact \"root cause identified\" is missing, counted from the first page",
                  "counted from the declaration, or a person judges", "Root cause not identified within 15 minutes");
    if (t->kind == TRIGGER_COUNTABLE)
        interpret(c, line, "A20", "two or more at one moment, of those linked to the incident",
                  "two one after the other; any two in the house", "Two or more linked components fail at one moment");
    if (down)
        interpret(c, line, "A21", "without a break, on the component's own clock; unbound, the commander is asked",
                  "counted from the first page", "Database unavailable for > 10 minutes without a break");
    if (t->kind == TRIGGER_HUMAN)
        interpret(c, line, "A22", "a person raises it with a reason; it is annotated, never taken back",
                  "something raises it by itself", "write it with a clock, a count or a measurement");
    if (find_phrase(t->text, S("suspected")) < t->text.n)
        interpret(c, line, "A5", "a suspicion fires the trigger and proposes the level; it confirms no criterion",
                  "a suspicion is the criterion", "… confirmed");
}

struct policy_trigger trigger_read(struct compiler *c, const struct node *n, struct slice text, struct slice path,
                                   int64_t after_ms)
{
    struct policy_trigger out = { 0 };
    size_t at;
    for (size_t i = 0; i < COUNT_OF(patterns) && out.kind == TRIGGER_UNSET; i++) {
        struct policy_trigger t = { .kind = TRIGGER_TIMED, .after_ms = POLICY_NONE };
        if (patterns[i](c, text, &t)) out = t;
    }
    bool lost = (out.kind == TRIGGER_UNSET || out.kind == TRIGGER_COUNTABLE) && has_clock(text, &at);
    if (out.kind == TRIGGER_UNSET) {
        out.kind = after_ms != POLICY_NONE ? TRIGGER_TIMED : TRIGGER_HUMAN;
        out.after_ms = POLICY_NONE;
    }
    if (out.after_ms == POLICY_NONE && out.kind != TRIGGER_HUMAN) out.after_ms = after_ms;
    out.text = text;
    out.line = n->line;
    out.id = id_make(c, "trigger", n, path, text);
    mark(c, n, CLASS_COMPILED);
    if (lost)
        warn_clock_lost(c, n,
                        out.kind == TRIGGER_HUMAN ? "a trigger that a person raises" : "a trigger without a clock",
                        trigger_offer(c, text));
    if (find_arrow(text) < text.n)
        diagnose(c, (struct at){ n, slice_from(text, find_arrow(text)) }, "W-TRIGGER-TARGET",
                 S("say whom to page under Escalation Rules: - Security incident → Security team"),
                 "a trigger pages the Incident Commander; the party behind the arrow is not paged by it");
    interpret_kind(c, &out);
    return out;
}
