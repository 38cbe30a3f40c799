/* rehearse_init.c - see rehearse_init.h. */
#include "engine/rehearse_init.h"

#include <string.h>

#include "base/check.h"

#define AT_NIGHT "2026-01-04T03:00:00Z" /* a Sunday */
#define AT_WORK "2026-01-05T11:00:00Z" /* a Monday noon, in Europe and Africa at least: yours to move */
#define ANSWERED (2 * MINUTE)
#define AFTERWARDS (MINUTE)
#define PHASE (30 * MINUTE) /* of a runbook without clocks */
#define NAME_MAX_BYTES 200

struct line { /* of the script to be */
    int64_t t;
    struct slice text;
};

struct making {
    const struct stage_options *o;
    const struct policy *policy; /* the organisation's, or a team's view of it */
    struct slice service; /* one for which that policy holds; empty: none */
    struct arena *arena;
    struct slice head; /* comment and start */
    VEC(struct line) lines; /* in order of time */
    int64_t end;
};

/* --- what happens --- */

static void add_line(struct making *m, int64_t t, struct buf *text)
{
    *vec_push(&m->lines) = (struct line){ t, arena_copy(m->arena, buf_slice(text)) };
    buf_release(text);
}

static void add_words(struct making *m, int64_t t, const char *words)
{
    struct buf text = { 0 };
    buf_add_str(&text, words);
    add_line(m, t, &text);
}

/* A word that needs no quotes: an id, a label; none of the words that mean something behind an expectation. */
static bool is_plain(struct slice s)
{
    static const struct slice keywords[] = { S("by"), S("so"), S("since") };
    for (size_t i = 0; i < s.n; i++) {
        const unsigned char c = (unsigned char)s.p[i], lower = c | 0x20;
        if (!(c >= '0' && c <= '9') && !(lower >= 'a' && lower <= 'z') && c != '-' && c != '/' && c != '_')
            return false;
    }
    for (size_t i = 0; i < COUNT_OF(keywords); i++)
        if (slice_eq(s, keywords[i])) return false;
    return s.n > 0;
}

/* Quoted, without what would end the quotes or the line. */
static void add_sentence(struct buf *out, struct slice s)
{
    buf_add(out, S(" \""));
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] != '"' && s.p[i] != '\\' && s.p[i] != '\n') buf_add_char(out, s.p[i]);
    buf_add_char(out, '"');
}

static void add_word(struct buf *out, struct slice s)
{
    if (!is_plain(s)) {
        add_sentence(out, s);
        return;
    }
    buf_add_char(out, ' ');
    buf_add(out, s);
}

static void begin(struct making *m, struct slice kind, struct slice words, unsigned line, bool at_work)
{
    struct buf head = { 0 };
    const struct slice file = policy_file(m->policy, line);
    buf_addf(&head, "# %.*s, ", (int)kind.n, kind.p);
    buf_add(&head, file.n > 0 ? file : S("line "));
    buf_addf(&head, "%s%u: ", file.n > 0 ? ":" : "", POLICY_LINE(line));
    for (size_t i = 0; i < words.n; i++) buf_add_char(&head, words.p[i] == '\n' ? ' ' : words.p[i]);
    buf_addf(&head,
             "\n# Written by tocsin rehearse --init: what is expected is what happened then. It is yours to change.\n"
             "start %s\n",
             at_work ? AT_WORK : AT_NIGHT);
    m->head = arena_copy(m->arena, buf_slice(&head));
    buf_release(&head);
}

static void declare(struct making *m, struct slice what, int level, struct slice category)
{
    struct buf text = { 0 };
    buf_add(&text, S("declare"));
    add_sentence(&text, what);
    if (level > 0) buf_add(&text, S(" as"));
    if (level > 0) add_word(&text, policy_level_label(m->policy, level));
    if (m->service.n > 0) buf_add(&text, S(" service"));
    if (m->service.n > 0) add_word(&text, m->service);
    if (category.n > 0) buf_add(&text, S(" category"));
    if (category.n > 0) add_word(&text, category);
    add_line(m, 0, &text);
}

static int level_of(const struct policy *p, const struct policy_rule *rule)
{
    const int levels = policy_levels(p);
    if (rule->level > 0) return rule->level;
    for (int level = 1; level <= levels && rule->severities != 0; level++)
        if ((rule->severities & LEVEL_BIT(level)) != 0) return level;
    return levels < 2 ? levels : 2;
}

static void write_rule(struct making *m, const struct policy_rule *rule)
{
    int steps = 1;
    for (size_t i = 0; i < rule->n_targets; i++)
        if (rule->targets[i].step + 1 > steps) steps = rule->targets[i].step + 1;
    begin(m, S("Escalation rule"), rule->text, rule->line, rule->hours == HOURS_DURING);
    declare(m, rule->text, level_of(m->policy, rule), rule->category);
    if (rule->when == RULE_NO_RESOLUTION && rule->after_ms > ANSWERED) add_words(m, ANSWERED, "ack");
    m->end = (rule->after_ms > 0 ? rule->after_ms * steps : 0) + AFTERWARDS;
}

static void write_scenario(struct making *m, const struct policy_scenario *s)
{
    struct buf text = { 0 };
    m->end = PHASE;
    for (size_t i = 0; i < s->n_triggers; i++)
        if (s->triggers[i].after_ms > m->end) m->end = s->triggers[i].after_ms;
    begin(m, S("Scenario"), s->name, s->line, false);
    declare(m, s->name, s->severity, S(""));
    buf_add(&text, S("scenario"));
    add_word(&text, s->id);
    add_line(m, 0, &text);
    add_words(m, ANSWERED, "ack");
    m->end += AFTERWARDS;
    add_words(m, m->end, "resolve \"over\"");
    m->end += AFTERWARDS;
}

/* --- what is expected --- */

/* Whole seconds without their ".000". */
static void print_time(int64_t t, struct buf *out)
{
    struct buf text = { 0 };
    script_print_time(t, &text);
    buf_add(out, slice_upto(buf_slice(&text), t % SECOND == 0 ? text.len - strlen(".000") : text.len));
    buf_release(&text);
}

static void print_lines(const struct making *m, struct buf *out)
{
    buf_add(out, m->head);
    for (size_t i = 0; i < m->lines.n; i++) {
        print_time(m->lines.v[i].t, out);
        buf_addf(out, " %.*s\n", (int)m->lines.v[i].text.n, m->lines.v[i].text.p);
    }
}

/* Behind everything that is at this instant or before; not twice. Returns whether it is new. */
static bool insert(struct making *m, int64_t t, struct buf *text)
{
    size_t at = m->lines.n;
    for (size_t i = 0; i < m->lines.n; i++)
        if (m->lines.v[i].t == t && slice_eq(m->lines.v[i].text, buf_slice(text))) return buf_release(text), false;
    const struct line line = { t, arena_copy(m->arena, buf_slice(text)) };
    buf_release(text);
    *vec_push(&m->lines) = line;
    for (; at > 0 && m->lines.v[at - 1].t > t; at--) m->lines.v[at] = m->lines.v[at - 1];
    m->lines.v[at] = line;
    return true;
}

static bool expect(struct making *m, const struct told *x)
{
    struct buf text = { 0 };
    struct slice what = slice_upto(x->asked, slice_find_char(x->asked, '"'));
    if (x->expect == EXPECT_PROMPT) what = slice_upto(what, slice_find_char(what, ':'));
    buf_addf(&text, "expect %s", expect_kind_name(x->expect));
    if (what.n > 0) add_word(&text, what);
    return insert(m, x->t, &text);
}

static unsigned expect_all(struct making *m, const struct rehearsal_report *report)
{
    struct buf text = { 0 };
    unsigned n = 0;
    for (size_t i = 0; i < report->told.n; i++)
        if (report->told.v[i].expect != EXPECT_UNSET) n += expect(m, &report->told.v[i]);
    buf_addf(&text, "expect pages %u", report->outcome.pages);
    return n + insert(m, m->end, &text);
}

static struct slice file_name(struct arena *a, struct slice kind, struct slice id)
{
    struct buf name = { 0 };
    buf_addf(&name, "%.*s-%.*s.tocsin", (int)kind.n, kind.p, (int)(id.n < NAME_MAX_BYTES ? id.n : NAME_MAX_BYTES),
             id.p);
    for (size_t i = 0; i < name.len; i++)
        if (name.p[i] == '/') name.p[i] = '-'; /* ids of what stands inside something else */
    const struct slice kept = arena_copy(a, buf_slice(&name));
    buf_release(&name);
    return kept;
}

/* Plays what stands there until the end, and writes down what happened. */
static struct starter finish(struct making *m, struct slice kind, struct slice id)
{
    struct buf text = { 0 }, until = { 0 };
    struct script script;
    struct rehearsal_report report;
    struct error e = { 0 };
    struct starter s = { .name = file_name(m->arena, kind, id) };
    print_lines(m, &until);
    script_print_time(m->end, &until);
    buf_add(&until, S(" expect incidents 1\n"));
    if (script_read(m->arena, s.name, arena_copy(m->arena, buf_slice(&until)), &script, &e) == 0) {
        rehearsal_run(m->o, &script, &report);
        s.expectations = expect_all(m, &report);
        s.stumbles = report.outcome.stumbles;
        rehearsal_release(&report);
    }
    print_lines(m, &text);
    s.text = arena_copy(m->arena, buf_slice(&text));
    buf_release(&until);
    buf_release(&text);
    vec_release(&m->lines);
    return s;
}

/* The first service of the site for which this policy holds. */
static struct slice service_for(const struct stage_options *o, const struct policy *p)
{
    const struct directory *d = o->directory;
    for (size_t i = 0; i < d->n_services; i++) {
        const struct service *s = &d->services[i];
        const struct slice team = s->team >= 0 ? d->teams[s->team].id : S("");
        if (policy_for(o->policy, team, s->id) == p) return s->id;
    }
    return S("");
}

static bool has_rule(const struct policy *p, unsigned line)
{
    for (size_t i = 0; i < p->n_rules; i++)
        if (p->rules[i].line == line) return true;
    return false;
}

static bool has_scenario(const struct policy *p, unsigned line)
{
    for (size_t i = 0; i < p->book.n_scenarios; i++)
        if (p->book.scenarios[i].line == line) return true;
    return false;
}

/* "shop-rule" */
static struct slice kind_for(struct arena *a, const struct policy_view *view, const char *kind)
{
    struct buf text = { 0 };
    if (view != NULL) buf_add(&text, view->team);
    buf_addf(&text, "%s%s", view != NULL ? "-" : "", kind);
    const struct slice kept = arena_copy(a, buf_slice(&text));
    buf_release(&text);
    return kept;
}

/* Of a team only what the organisation does not say already. */
static void make_for(struct starters *out, const struct stage_options *o, const struct policy_view *view,
                     struct arena *a)
{
    const struct policy *p = view != NULL ? view->policy : o->policy;
    const struct making empty = { .o = o, .arena = a, .policy = p, .service = service_for(o, p) };
    if (view != NULL && empty.service.n == 0) return; /* no service of this site is that team's */
    for (size_t i = 0; i < p->n_rules; i++) {
        struct making m = empty;
        if (view != NULL && has_rule(o->policy, p->rules[i].line)) continue;
        write_rule(&m, &p->rules[i]);
        out->v[out->n++] = finish(&m, kind_for(a, view, "rule"), p->rules[i].id);
    }
    for (size_t i = 0; i < p->book.n_scenarios; i++) {
        struct making m = empty;
        if (view != NULL && has_scenario(o->policy, p->book.scenarios[i].line)) continue;
        write_scenario(&m, &p->book.scenarios[i]);
        out->v[out->n++] = finish(&m, kind_for(a, view, "scenario"), p->book.scenarios[i].id);
    }
}

struct starters starters_make(const struct stage_options *o, struct arena *a)
{
    const struct policy *p = o->policy;
    size_t room = p->n_rules + p->book.n_scenarios + 1;
    for (size_t i = 0; i < p->n_views; i++)
        room += p->views[i].policy->n_rules + p->views[i].policy->book.n_scenarios;
    struct starters out = { arena_array(a, struct starter, room), 0 };
    make_for(&out, o, NULL, a);
    for (size_t i = 0; i < p->n_views; i++) make_for(&out, o, &p->views[i], a);
    return out;
}
