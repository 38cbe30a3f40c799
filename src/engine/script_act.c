/* script_act.c - lines in which a person does something: `ack ada`, `severity SEV1 INC-2 "why" by grace`.
 *
 * Every act takes the same further words in any order: INC-n, by PERSON, a sentence in quotes, refused. What is its own
 * stands in its row. */
#include "engine/script_inner.h"

enum place {
    PLACE_NONE = 0,
    PLACE_ACTOR,
    PLACE_SEVERITY,
    PLACE_CATEGORY,
    PLACE_ROLE,
    PLACE_PERSON,
    PLACE_SERVICE,
    PLACE_CHECK,
    PLACE_FINDING
};
enum { TAKES_AS = 1, TAKES_WHERE = 2, TAKES_INTO = 4, TAKES_MATCHERS = 8, NEEDS_TEXT = 16, TAKES_FOR = 32 };

struct act_form {
    const char *word;
    enum act_kind kind;
    enum place place[2]; /* bare words, in order */
    size_t needed; /* of them */
    unsigned flags;
    const char *form;
};

static const struct act_form forms[] = {
    { "ack", ACT_ACKNOWLEDGE, { PLACE_ACTOR }, 0, TAKES_AS, "ack [PERSON] [INC-n] [as SEVERITY]" },
    { "declare",
      ACT_DECLARE,
      { 0 },
      0,
      TAKES_AS | TAKES_WHERE,
      "declare \"what is wrong\" [as SEVERITY] [service ID] [category NAME], or: declare INC-n [as SEVERITY]" },
    { "severity", ACT_SEVERITY, { PLACE_SEVERITY }, 0, 0, "severity [LABEL] [INC-n] [\"why\"]" },
    { "classify", ACT_CLASSIFY, { PLACE_CATEGORY }, 1, 0, "classify CATEGORY [INC-n]" },
    { "assign", ACT_ASSIGN, { PLACE_ROLE, PLACE_PERSON }, 1, 0, "assign ROLE [PERSON] [INC-n]" },
    { "note", ACT_NOTE, { 0 }, 0, NEEDS_TEXT, "note \"text\" [INC-n]" },
    { "assess", ACT_ASSESS, { PLACE_FINDING }, 1, NEEDS_TEXT, "assess impact|cause|mitigation \"what\" [INC-n]" },
    { "snooze", ACT_SNOOZE, { 0 }, 0, NEEDS_TEXT | TAKES_FOR, "snooze \"why\" for 2h [INC-n]" },
    { "pass", ACT_PASS, { PLACE_PERSON }, 0, 0, "pass [PERSON] [INC-n] [by PERSON]" },
    { "silence", ACT_SILENCE, { 0 }, 0, TAKES_MATCHERS, "silence MATCHERS [for 1h] [\"why\"]" },
    { "mitigate", ACT_MITIGATE, { 0 }, 0, 0, "mitigate [INC-n] [\"how\"]" },
    { "resolve", ACT_RESOLVE, { 0 }, 0, 0, "resolve [INC-n] [\"how\"], or: resolve alertname=NAME … for an alert" },
    { "dismiss", ACT_DISMISS, { 0 }, 0, NEEDS_TEXT, "dismiss \"why\" [INC-n]" },
    { "merge", ACT_MERGE, { 0 }, 0, TAKES_INTO, "merge INC-n into INC-m" },
    { "reopen", ACT_REOPEN, { 0 }, 0, 0, "reopen [INC-n] [\"why\"]" },
    { "check", ACT_CHECK, { PLACE_CHECK }, 1, 0, "check MILESTONE/CHECK [INC-n]" },
};

static void put_place(struct script_command *c, enum place p, struct slice text)
{
    switch (p) {
    case PLACE_NONE: break;
    case PLACE_ACTOR: c->act.actor = text; break;
    case PLACE_SEVERITY: c->act.severity_label = text; break;
    case PLACE_CATEGORY: c->act.category = text; break;
    case PLACE_ROLE: c->act.role = text; break;
    case PLACE_PERSON: c->act.person = text; break;
    case PLACE_SERVICE: c->act.service = text; break;
    case PLACE_CHECK:
    case PLACE_FINDING: c->name = text; break;
    }
}

static int read_named(struct line *l, struct script_command *c, enum place p, const char *what)
{
    const struct word *w = line_next(l);
    if (w == NULL || w->text.n == 0) return line_fail_next(l, "expected %s here", what);
    put_place(c, p, w->text);
    return 1;
}

static int read_into(struct line *l, struct script_command *c)
{
    const struct word *w = line_peek(l);
    if (w == NULL || !read_incident(w, &c->act.into))
        return line_fail_next(l, "expected the other incident, like INC-1");
    l->at++;
    return 1;
}

static int read_lasts(struct line *l, struct script_command *c)
{
    const struct word *w = line_peek(l);
    if (w == NULL || !read_duration(w->text, &c->lasts) || c->lasts == 0)
        return line_fail_next(l, "expected how long, like 1h or 30m");
    l->at++;
    return 1;
}

/* A word that any act takes, or one that this act's flags allow. 1 = taken, 0 = something else, else the error. */
static int read_modifier(struct line *l, const struct act_form *f, struct script_command *c)
{
    const struct word *w = line_peek(l);
    if (w->quoted) {
        c->act.text = w->text;
        l->at++;
        return 1;
    }
    if (read_incident(w, &c->act.incident)) {
        l->at++;
        return 1;
    }
    if (line_take(l, "refused")) return c->refused = true, 1;
    if (line_take(l, "by")) return read_named(l, c, PLACE_ACTOR, "a person of site.yaml");
    if ((f->flags & TAKES_AS) != 0 && line_take(l, "as"))
        return read_named(l, c, PLACE_SEVERITY, "a severity, like SEV1");
    if ((f->flags & TAKES_WHERE) != 0 && line_take(l, "service")) return read_named(l, c, PLACE_SERVICE, "a service");
    if ((f->flags & TAKES_WHERE) != 0 && line_take(l, "category"))
        return read_named(l, c, PLACE_CATEGORY, "a category");
    if ((f->flags & TAKES_INTO) != 0 && line_take(l, "into")) return read_into(l, c);
    if ((f->flags & (TAKES_MATCHERS | TAKES_FOR)) != 0 && line_take(l, "for")) return read_lasts(l, c);
    return 0;
}

/* The matchers of a silence: the words up to the first keyword or sentence, as written. */
static int read_matchers(struct line *l, struct script_command *c)
{
    const struct word *first = line_peek(l), *last = NULL;
    struct matchers m;
    struct error why = { 0 };
    for (const struct word *w; (w = line_peek(l)) != NULL && !w->quoted && slice_find_char(w->raw, '=') < w->raw.n;
         l->at++)
        last = w;
    if (last == NULL) return line_fail_next(l, "expected matchers, like alertname=\"DiskFull\"");
    c->act.matchers = (struct slice){ first->raw.p, (size_t)(last->raw.p + last->raw.n - first->raw.p) };
    if (matchers_parse(l->arena, c->act.matchers, &m, &why) < 0)
        return fail_at(l->error, ERR_SYNTAX, l->number, first->col, "%s", why.detail);
    matchers_release(&m);
    return 0;
}

static int check_complete(struct line *l, const struct act_form *f, const struct script_command *c, size_t places)
{
    const bool no_text = (f->flags & NEEDS_TEXT) != 0 && c->act.text.n == 0;
    const bool no_end = (f->flags & TAKES_FOR) != 0 && c->lasts == 0;
    const bool no_into = (f->flags & TAKES_INTO) != 0 && c->act.into == 0;
    if (places >= f->needed && !no_text && !no_into && !no_end) return 0;
    return line_fail_next(l, "expected: %s", f->form);
}

/* The sentence is the finding that the word before it names. */
static int take_finding(struct line *l, const struct act_form *f, struct script_command *c)
{
    struct slice *to = slice_eq(c->name, S("impact"))       ? &c->act.impact
                       : slice_eq(c->name, S("cause"))      ? &c->act.cause
                       : slice_eq(c->name, S("mitigation")) ? &c->act.mitigation
                                                            : NULL;
    if (to == NULL) return line_fail_next(l, "expected: %s", f->form);
    *to = c->act.text;
    return 0;
}

static int read_form(struct line *l, const struct act_form *f, struct script_command *c)
{
    size_t places = 0;
    c->verb = SCRIPT_ACT;
    c->act.kind = f->kind;
    c->act.via = VIA_SCRIPT;
    if ((f->flags & TAKES_MATCHERS) != 0) {
        const int rc = read_matchers(l, c);
        if (rc < 0) return rc;
    }
    while (line_peek(l) != NULL) {
        const int rc = read_modifier(l, f, c);
        if (rc < 0) return rc;
        if (rc > 0) continue;
        if (places == COUNT_OF(f->place) || f->place[places] == PLACE_NONE) return line_end(l, f->form);
        put_place(c, f->place[places++], line_next(l)->text);
    }
    const int rc = check_complete(l, f, c, places);
    return rc < 0 || f->kind != ACT_ASSESS ? rc : take_finding(l, f, c);
}

int read_act(struct line *l, const char *word, struct script_command *c)
{
    for (size_t i = 0; i < COUNT_OF(forms); i++)
        if (slice_eq(slice_of(forms[i].word), slice_of(word))) return read_form(l, &forms[i], c);
    return ERR_NOT_FOUND;
}

const char *script_act_forms(void)
{
    return "ack, declare, severity, classify, assign, note, assess, snooze, pass, silence, mitigate, resolve, dismiss, "
           "merge, reopen, check";
}
