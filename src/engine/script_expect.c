/* script_expect.c - lines that say what must have happened: `expect page secondary`, `expect no page management`. */
#include "engine/script_inner.h"

/* What may stand behind the word of an expectation. */
enum { WANTS_WHAT = 1, MAY_WHAT = 2, MAY_BY = 4, WANTS_VALUE = 8, WANTS_NUMBER = 16, WANTS_OF = 32 };

struct expect_form {
    enum expect_kind kind;
    unsigned flags;
    const char *form;
};

static const struct expect_form forms[] = {
    { EXPECT_PAGE, MAY_WHAT | MAY_BY, "expect [no] page [ROLE or PERSON] [by KIND] [INC-n]" },
    { EXPECT_NOTIFICATION, MAY_WHAT | MAY_BY, "expect [no] notification [ROLE or PERSON] [by KIND] [INC-n]" },
    { EXPECT_POST, MAY_WHAT, "expect [no] post [CHANNEL] [INC-n]" },
    { EXPECT_TOLD, MAY_WHAT | MAY_BY, "expect [no] told [PERSON] [by KIND] [INC-n]" },
    { EXPECT_RING, MAY_WHAT, "expect [no] ring [PERSON] [INC-n]" },
    { EXPECT_ALARM, MAY_WHAT | MAY_BY, "expect [no] alarm [PERSON] [by KIND] [INC-n]" },
    { EXPECT_LATE, MAY_WHAT, "expect [no] late [MILESTONE] [INC-n]" },
    { EXPECT_ENTRY, WANTS_WHAT, "expect [no] entry WORD [INC-n]" },
    { EXPECT_STATE, WANTS_WHAT, "expect [no] state WORD [INC-n]" },
    { EXPECT_SEVERITY, WANTS_WHAT, "expect [no] severity LABEL [INC-n]" },
    { EXPECT_ROLE, WANTS_WHAT | WANTS_VALUE, "expect [no] role ROLE PERSON [INC-n]" },
    { EXPECT_CHECK, WANTS_WHAT | WANTS_VALUE, "expect [no] check MILESTONE/CHECK STATE [INC-n]" },
    { EXPECT_PAGES, WANTS_NUMBER, "expect pages NUMBER [INC-n]" },
    { EXPECT_PROMPT, MAY_WHAT, "expect [no] prompt [\"WORDS OF IT\"] [INC-n]" },
    { EXPECT_UPDATES, WANTS_NUMBER | WANTS_OF, "expect [no] updates NUMBER of NUMBER [INC-n]" },
    { EXPECT_INCIDENTS, WANTS_NUMBER, "expect incidents NUMBER" },
};

const char *expect_kind_name(enum expect_kind k)
{
    switch (k) {
    case EXPECT_UNSET: break;
#define X(sym, code, text, instant) \
    case EXPECT_##sym: return text;
        EXPECT_KINDS(X)
#undef X
    }
    return "unset";
}

bool expect_kind_is_instant(enum expect_kind k)
{
    switch (k) {
    case EXPECT_UNSET: break;
#define X(sym, code, text, instant) \
    case EXPECT_##sym: return instant;
        EXPECT_KINDS(X)
#undef X
    }
    return false;
}

static const struct expect_form *form_of(struct slice word)
{
    for (size_t i = 0; i < COUNT_OF(forms); i++)
        if (slice_eq(word, slice_of(expect_kind_name(forms[i].kind)))) return &forms[i];
    return NULL;
}

static int read_since(struct line *l, struct script_command *c)
{
    const struct word *w = line_peek(l);
    if (w == NULL || !read_time(w->text, &c->expect.since) || c->expect.since > c->t)
        return line_fail_next(l, "expected an earlier time, like T+05:00");
    l->at++;
    return 0;
}

static int read_kind_of_contact(struct line *l, struct script_command *c)
{
    const struct word *w = line_next(l);
    if (w == NULL) return line_fail_next(l, "expected a kind of contact, like phone or mail");
    c->expect.value = w->text;
    return 0;
}

/* `of 3`, behind the number of those in time. */
static int read_of(struct line *l, const struct expect_form *f, struct expectation *x)
{
    if (!line_take(l, "of") || line_peek(l) == NULL || !slice_to_int(line_peek(l)->text, &x->of) || x->of < 0)
        return line_fail_next(l, "expected: %s", f->form);
    l->at++;
    return 0;
}

static int read_bare(struct line *l, const struct expect_form *f, struct script_command *c)
{
    struct expectation *x = &c->expect;
    if ((f->flags & WANTS_NUMBER) != 0 && x->number < 0) {
        if (!slice_to_int(line_next(l)->text, &x->number) || x->number < 0)
            return line_fail(l, "expected a number: %s", f->form);
        return (f->flags & WANTS_OF) != 0 ? read_of(l, f, x) : 0;
    }
    if ((f->flags & (WANTS_WHAT | MAY_WHAT)) != 0 && x->what.n == 0) return x->what = line_next(l)->text, 0;
    if ((f->flags & WANTS_VALUE) != 0 && x->value.n == 0) return x->value = line_next(l)->text, 0;
    return line_end(l, f->form);
}

/* `so far`: two words, so that a role may be called `so`. */
static bool is_so_far(struct line *l)
{
    const bool is = l->at + 1 < l->n && slice_eq(l->v[l->at].raw, S("so")) && slice_eq(l->v[l->at + 1].raw, S("far"));
    if (is) l->at += 2;
    return is;
}

static int read_rest(struct line *l, const struct expect_form *f, struct script_command *c)
{
    struct expectation *x = &c->expect;
    for (const struct word *w; (w = line_peek(l)) != NULL;) {
        int rc = 0;
        if (read_incident(w, &x->incident))
            l->at++;
        else if ((f->flags & MAY_BY) != 0 && line_take(l, "by"))
            rc = read_kind_of_contact(l, c);
        else if ((x->none || x->so_far) && line_take(l, "since"))
            rc = read_since(l, c);
        else if (!x->none && expect_kind_is_instant(x->kind) && is_so_far(l))
            x->so_far = true;
        else
            rc = read_bare(l, f, c);
        if (rc < 0) return rc;
    }
    const bool no_what = (f->flags & WANTS_WHAT) != 0 && x->what.n == 0;
    const bool no_value = (f->flags & WANTS_VALUE) != 0 && x->value.n == 0;
    const bool no_number = (f->flags & WANTS_NUMBER) != 0 && x->number < 0;
    return no_what || no_value || no_number ? line_fail_next(l, "expected: %s", f->form) : 0;
}

int read_expect(struct line *l, struct script_command *c)
{
    static const char all[] =
        "page, notification, post, told, ring, quiet, alarm, late, prompt, entry, state, severity, role, "
        "check, pages, incidents, updates";
    c->verb = SCRIPT_EXPECT;
    c->expect.number = -1;
    c->expect.none = line_take(l, "no");
    const struct word *w = line_next(l);
    if (w == NULL) return line_fail_next(l, "expected one of: %s", all);
    if (slice_eq(w->text, S("quiet"))) { /* nobody was woken */
        c->expect.kind = EXPECT_RING;
        c->expect.none = true;
        return read_rest(l, form_of(S("ring")), c);
    }
    const struct expect_form *f = form_of(w->text);
    if (f == NULL) return line_fail(l, "nothing is called \"%.*s\"; expected one of: %s", (int)w->raw.n, w->raw.p, all);
    c->expect.kind = f->kind;
    return read_rest(l, f, c);
}
