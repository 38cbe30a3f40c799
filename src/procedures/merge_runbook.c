/* merge_runbook.c - a runbook in a file of its own and the scenario that it belongs to (several documents).
 * Always: no trigger of the scenario is lost, and the scenario keeps its id, by which drills and incidents know it. */
#include "procedures/compiler.h"
#include "procedures/merge_inner.h"

/* Words that titles have around what they are about. */
static bool is_filler(struct slice word)
{
    static const struct slice fillers[] = {
        S("runbook"),  S("playbook"),  S("guide"),    S("procedure"), S("procedures"), S("response"),
        S("incident"), S("incidents"), S("scenario"), S("alert"),     S("handling"),   S("troubleshooting"),
        S("recovery"), S("issue"),     S("issues"),   S("the"),       S("a"),          S("an"),
        S("of"),       S("for"),       S("to"),       S("is"),        S("and"),        S("or"),
        S("when"),     S("how"),
    };
    for (size_t i = 0; i < COUNT_OF(fillers); i++)
        if (slice_eq_nocase(word, fillers[i])) return true;
    return false;
}

static bool next_word(struct slice *rest, struct slice *word)
{
    for (;;) {
        size_t n = 0;
        while (rest->n > 0 && !is_letter(rest->p[0]) && !is_digit(rest->p[0]) && (unsigned char)rest->p[0] < 0x80)
            *rest = slice_from(*rest, 1);
        while (n < rest->n && (is_letter(rest->p[n]) || is_digit(rest->p[n]) || (unsigned char)rest->p[n] >= 0x80)) n++;
        *word = slice_upto(*rest, n);
        *rest = slice_from(*rest, n);
        if (n == 0) return false;
        if (!is_filler(*word)) return true;
    }
}

static bool has_word(struct slice text, struct slice wanted)
{
    struct slice word;
    while (next_word(&text, &word))
        if (slice_eq_nocase(word, wanted)) return true;
    return false;
}

/* Does every word of `a` that says something stand in `b`, and is there one? */
static bool words_within(struct slice a, struct slice b)
{
    struct slice word;
    bool any = false;
    while (next_word(&a, &word)) {
        if (!has_word(b, word)) return false;
        any = true;
    }
    return any;
}

static bool same_title(struct slice a, struct slice b)
{
    return words_within(a, b) && words_within(b, a);
}

size_t merge_runbook_target(struct arena *a, const struct policy_scenario *v, size_t n, struct slice wanted,
                            struct slice name)
{
    const struct slice title = wanted.n > 0 ? wanted : name;
    const struct slice slug = slug_of(a, title);
    for (size_t i = 0; i < n; i++)
        if (slice_eq(v[i].id, slug) || slice_eq(v[i].id, title)) return i;
    for (size_t i = 0; i < n; i++)
        if (same_title(v[i].name, title)) return i;
    return n;
}

static void take_steps(struct policy_steps *out, const struct policy_steps *of)
{
    if (of->n > 0) *out = *of;
}

static bool has_trigger(const struct policy_trigger *v, size_t n, struct slice text)
{
    for (size_t i = 0; i < n; i++)
        if (slice_eq_nocase(slice_trim(v[i].text), slice_trim(text))) return true;
    return false;
}

struct policy_scenario merge_runbook(struct arena *a, const struct policy_scenario *scenario,
                                     const struct policy_scenario *runbook)
{
    struct policy_scenario out = *scenario;
    struct policy_trigger *all = arena_array(a, struct policy_trigger, scenario->n_triggers + runbook->n_triggers + 1);
    size_t n = 0;
    for (size_t i = 0; i < runbook->n_triggers; i++) all[n++] = runbook->triggers[i];
    for (size_t i = 0; i < scenario->n_triggers; i++)
        if (!has_trigger(runbook->triggers, runbook->n_triggers, scenario->triggers[i].text))
            all[n++] = scenario->triggers[i];
    out.triggers = all;
    out.n_triggers = n;
    out.line = runbook->line;
    out.source = runbook->source;
    if (runbook->severity > 0) out.severity = runbook->severity;
    if (runbook->owner.n > 0) out.owner = runbook->owner;
    if (runbook->n_symptoms > 0) {
        out.symptoms = runbook->symptoms;
        out.n_symptoms = runbook->n_symptoms;
    }
    take_steps(&out.immediate, &runbook->immediate);
    take_steps(&out.mitigation, &runbook->mitigation);
    take_steps(&out.verification, &runbook->verification);
    take_steps(&out.rollback, &runbook->rollback);
    return out;
}
