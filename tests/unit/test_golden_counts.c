/* What the reference document holds, counted: every figure of the grammar's table (R1), and that each list item of it
 * and of the example counts exactly once, where it stands (R5). Deleting an item is the mutation: a compiler that
 * swallows a line, or reads it twice, changes another figure. */
#include "harness.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/check.h"
#include "procedures/compile.h"
#include "procedures/dump.h"
#include "procedures/tree_paths.h"

#define COUNTERS(X)                                                                                                    \
    X(SEVERITIES)                                                                                                      \
    X(CRITERIA)                                                                                                        \
    X(RECOVERY_WINDOWS)                                                                                                \
    X(ROLES)                                                                                                           \
    X(DUTIES) X(SELECTORS) X(CONTACTS) X(CHANNELS) X(MILESTONES) X(CHECKS) X(SCENARIOS) X(SYMPTOMS) X(IMMEDIATE)       \
        X(MITIGATION) X(TRIGGERS) X(TREES) X(QUESTIONS) X(ANSWERS) X(COMMUNICATIONS) X(TEMPLATES) X(FIELDS) X(WINDOWS) \
            X(ACTIONS) X(METRICS) X(THRESHOLDS) X(RULES) X(TOOLS) X(TRAINING) X(DRILLS) X(SUCCESS) X(REVIEWS)          \
                X(REVIEW_ITEMS) X(CONTROL) X(PLACEHOLDERS)

enum counter {
#define X(sym) sym,
    COUNTERS(X)
#undef X
        COUNTERS_END
};

static const char *const counter_names[] = {
#define X(sym) #sym,
    COUNTERS(X)
#undef X
};

static struct buf reference, example;

static int read_file_into(const char *path, struct buf *out)
{
    FILE *f = fopen(path, "rb");
    char chunk[4096];
    size_t n;
    if (f == NULL) return -1;
    while ((n = fread(chunk, 1, sizeof chunk, f)) > 0) buf_add(out, (struct slice){ chunk, n });
    fclose(f);
    return 0;
}

static int read_documents(void **state)
{
    (void)state;
    return read_file_into(TOCSIN_TESTS "/data/reference.md", &reference) +
           read_file_into(TOCSIN_TESTS "/../examples/procedures.md", &example);
}

static int release_documents(void **state)
{
    (void)state;
    buf_release(&reference);
    buf_release(&example);
    return 0;
}

static struct compiled *compile(struct slice text)
{
    struct error e = { 0 };
    struct compiled *c = procedures_compile(text, S("document.md"), NULL, &e);
    if (c == NULL) fail_msg("%u:%u: %s", e.line, e.col, e.detail);
    return c;
}

static void count_paging(const struct policy *p, size_t n[COUNTERS_END])
{
    n[SEVERITIES] = p->n_severities;
    n[ROLES] = p->n_roles;
    n[CONTACTS] = p->n_contacts;
    n[CHANNELS] = p->n_channels;
    n[MILESTONES] = p->n_milestones;
    n[COMMUNICATIONS] = p->n_communications;
    n[TEMPLATES] = p->n_templates;
    n[RULES] = p->n_rules;
    for (size_t i = 0; i < p->n_severities; i++) {
        n[CRITERIA] += p->severities[i].criteria.n;
        n[RECOVERY_WINDOWS] += p->severities[i].recovery_line > 0;
    }
    for (size_t i = 0; i < p->n_roles; i++) {
        n[DUTIES] += p->roles[i].duties.n;
        n[SELECTORS] += p->roles[i].n_selectors;
    }
    for (size_t i = 0; i < p->n_milestones; i++) n[CHECKS] += p->milestones[i].n_checks;
    for (size_t i = 0; i < p->n_templates; i++)
        for (size_t k = 0; k < p->templates[i].n_lines; k++) n[FIELDS] += p->templates[i].lines[k].kind != FIELD_FIXED;
}

static void count_book(const struct policy_book *b, size_t n[COUNTERS_END])
{
    n[SCENARIOS] = b->n_scenarios;
    n[TREES] = b->n_trees;
    n[WINDOWS] = b->n_windows;
    n[METRICS] = b->n_metrics;
    n[THRESHOLDS] = b->n_thresholds;
    n[TOOLS] = b->n_tools;
    n[TRAINING] = b->n_training;
    n[DRILLS] = b->n_drills;
    n[SUCCESS] = b->n_success;
    n[REVIEWS] = b->n_reviews;
    n[CONTROL] = b->n_control;
    n[PLACEHOLDERS] = (size_t)b->placeholders;
    for (size_t i = 0; i < b->n_scenarios; i++) {
        n[SYMPTOMS] += b->scenarios[i].n_symptoms;
        n[IMMEDIATE] += b->scenarios[i].immediate.n;
        n[MITIGATION] += b->scenarios[i].mitigation.n;
        n[TRIGGERS] += b->scenarios[i].n_triggers;
    }
    for (size_t i = 0; i < b->n_trees; i++) {
        n[QUESTIONS] += (size_t)b->trees[i].questions;
        n[ANSWERS] += (size_t)b->trees[i].edges;
    }
    for (size_t i = 0; i < b->n_windows; i++) n[ACTIONS] += b->windows[i].n_actions;
    for (size_t i = 0; i < b->n_reviews; i++) n[REVIEW_ITEMS] += b->reviews[i].n_items;
}

static void count(const struct compiled *c, size_t n[COUNTERS_END])
{
    memset(n, 0, COUNTERS_END * sizeof *n);
    count_paging(&c->policy, n);
    count_book(&c->policy.book, n);
}

static void r1_golden_counts(void **state)
{
    static const size_t golden[COUNTERS_END] = {
        [SEVERITIES] = 4, [CRITERIA] = 12,     [RECOVERY_WINDOWS] = 4, [ROLES] = 4,          [DUTIES] = 11,
        [SELECTORS] = 4,  [CONTACTS] = 5,      [CHANNELS] = 3,         [MILESTONES] = 6,     [CHECKS] = 18,
        [SCENARIOS] = 4,  [SYMPTOMS] = 14,     [IMMEDIATE] = 16,       [MITIGATION] = 16,    [TRIGGERS] = 12,
        [TREES] = 2,      [QUESTIONS] = 7,     [ANSWERS] = 14,         [COMMUNICATIONS] = 6, [TEMPLATES] = 3,
        [FIELDS] = 17,    [WINDOWS] = 3,       [ACTIONS] = 12,         [METRICS] = 4,        [THRESHOLDS] = 6,
        [RULES] = 4,      [TOOLS] = 12,        [TRAINING] = 4,         [DRILLS] = 6,         [SUCCESS] = 4,
        [REVIEWS] = 3,    [REVIEW_ITEMS] = 12, [CONTROL] = 4,          [PLACEHOLDERS] = 25,
    };
    struct compiled *c = compile(buf_slice(&reference));
    size_t n[COUNTERS_END];
    (void)state;
    count(c, n);
    for (int i = 0; i < COUNTERS_END; i++)
        if (n[i] != golden[i]) fail_msg("%s: %zu, not %zu", counter_names[i], n[i], golden[i]);
    assert_int_equal(c->headings[2], 13);
    assert_int_equal(c->headings[3], 40);
    assert_int_equal(c->headings[4], 3);
    assert_int_equal(c->class_counts[CLASS_REJECTED], 0);
    assert_int_equal(c->errors, 0);
    compiled_destroy(&c);
}

/* 17 fields are 16 placeholders and one literal. */
static void r1_template_fields(void **state)
{
    struct compiled *c = compile(buf_slice(&reference));
    size_t literals = 0;
    (void)state;
    for (size_t i = 0; i < c->policy.n_templates; i++)
        for (size_t k = 0; k < c->policy.templates[i].n_lines; k++)
            literals += c->policy.templates[i].lines[k].kind == FIELD_LITERAL;
    assert_int_equal(literals, 1);
    compiled_destroy(&c);
}

/* R56: which triggers a clock fires, which are counted, which a person raises. */
static void r56_triggers_by_kind(void **state)
{
    static const struct {
        unsigned line;
        enum trigger_kind kind;
    } rows[] = {
        { 126, TRIGGER_TIMED }, { 127, TRIGGER_COUNTABLE }, { 128, TRIGGER_TIMED }, { 150, TRIGGER_TIMED },
        { 151, TRIGGER_HUMAN }, { 152, TRIGGER_HUMAN },     { 175, TRIGGER_HUMAN }, { 176, TRIGGER_HUMAN },
        { 177, TRIGGER_HUMAN }, { 200, TRIGGER_HUMAN },     { 201, TRIGGER_HUMAN }, { 202, TRIGGER_COUNTABLE },
    };
    struct compiled *c = compile(buf_slice(&reference));
    size_t at = 0;
    (void)state;
    for (size_t i = 0; i < c->policy.book.n_scenarios; i++)
        for (size_t k = 0; k < c->policy.book.scenarios[i].n_triggers; k++, at++) {
            const struct policy_trigger *t = &c->policy.book.scenarios[i].triggers[k];
            assert_true(at < COUNT_OF(rows));
            assert_int_equal(t->line, rows[at].line);
            assert_int_equal(t->kind, rows[at].kind);
        }
    assert_int_equal(at, COUNT_OF(rows));
    compiled_destroy(&c);
}

static const struct diagnostic *find(const struct compiled *c, struct slice code, unsigned line)
{
    for (size_t i = 0; i < c->n_diagnostics; i++)
        if (slice_eq(c->diagnostics[i].code, code) && (line == 0 || c->diagnostics[i].line == line))
            return &c->diagnostics[i];
    return NULL;
}

/* R77, A29: the answer that goes past three questions, each named. */
static void r77_guard_bypass_names_every_question(void **state)
{
    struct compiled *c = compile(buf_slice(&reference));
    const struct diagnostic *d = find(c, S("W-GUARD-BYPASS"), 0);
    (void)state;
    assert_non_null(d);
    assert_int_equal(d->line, 229);
    assert_true(slice_find(d->message, S("L232, L236, L240")) < d->message.n);
    for (size_t i = 0; i < c->n_diagnostics; i++) /* and no other */
        assert_true(&c->diagnostics[i] == d || !slice_eq(c->diagnostics[i].code, S("W-GUARD-BYPASS")));
    compiled_destroy(&c);
}

/* R78: every way through the two trees; `literal` asks only after the last of several actions. */
static void r78_paths(void **state)
{
    static const struct {
        bool literal;
        size_t tree, outcomes, paths;
    } rows[] = { { false, 0, 4, 6 }, { true, 0, 4, 4 }, { false, 1, 4, 7 }, { true, 1, 4, 7 } };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buf text = { 0 };
        struct slice rest = buf_slice(&reference), heading = S("### Service Restoration Decision Tree\n");
        size_t at = slice_find(rest, heading);
        buf_add(&text, slice_upto(rest, at));
        if (rows[i].literal) buf_add(&text, S("<!-- tocsin: check=after-last -->\n"));
        buf_add(&text, slice_from(rest, at));
        struct compiled *c = compile(buf_slice(&text));
        struct tree_paths paths = tree_paths(c->arena, &c->policy.book.trees[rows[i].tree], 100);
        assert_int_equal(paths.outcomes, rows[i].outcomes);
        assert_int_equal(paths.n, rows[i].paths);
        assert_false(paths.more);
        compiled_destroy(&c);
        buf_release(&text);
    }
}

static const struct policy_step *step_at(const struct compiled *c, unsigned line)
{
    for (size_t i = 0; i < c->policy.book.n_scenarios; i++)
        for (size_t k = 0; k < c->policy.book.scenarios[i].mitigation.n; k++)
            if (c->policy.book.scenarios[i].mitigation.v[k].line == line)
                return &c->policy.book.scenarios[i].mitigation.v[k];
    return NULL;
}

/* A27: "Fail over to DR region" opens the tree; "Fail over to read replica" is another matter. */
static void a27_step_opens_its_tree(void **state)
{
    struct compiled *c = compile(buf_slice(&reference));
    (void)state;
    assert_true(slice_eq(step_at(c, 123)->tree, c->policy.book.trees[1].id));
    assert_int_equal(step_at(c, 147)->tree.n, 0);
    compiled_destroy(&c);
}

/* A45, R128: four drills have a runbook, one of them a tree too; two are coverage gaps. */
static void a45_drills_and_their_runbooks(void **state)
{
    static const struct {
        unsigned line;
        int scenario, tree;
    } rows[] = { { 365, 0, 1 }, { 366, 1, -1 }, { 367, 2, -1 }, { 368, -1, -1 }, { 369, -1, -1 }, { 370, 3, -1 } };
    struct compiled *c = compile(buf_slice(&reference));
    const struct policy_book *b = &c->policy.book;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct slice none = { 0 };
        assert_int_equal(b->drills[i].line, rows[i].line);
        assert_true(slice_eq(b->drills[i].scenario, rows[i].scenario < 0 ? none : b->scenarios[rows[i].scenario].id));
        assert_true(slice_eq(b->drills[i].tree, rows[i].tree < 0 ? none : b->trees[rows[i].tree].id));
        assert_true((find(c, S("W-DRILL-GAP"), rows[i].line) != NULL) == (rows[i].scenario < 0));
    }
    compiled_destroy(&c);
}

/* --- R5 --- */

/* Which figure an item below this heading (and sub-heading or bold label) counts in. The first row that fits. */
static const struct place {
    const char *section, *part, *item; /* beginnings; NULL fits all */
    enum counter counter;
} places[] = {
    { "Severity Levels", NULL, "- Estimated", RECOVERY_WINDOWS },
    { "Severity Levels", NULL, NULL, CRITERIA },
    { "Incident Response Team", "Subject", NULL, SELECTORS },
    { "Incident Response Team", NULL, NULL, DUTIES },
    { "Contact Information", "Emergency", NULL, CONTACTS },
    { "Contact Information", "Communication", NULL, CHANNELS },
    { "Response Timeline", NULL, NULL, CHECKS },
    { "Common Incident Scenarios", "Symptoms", NULL, SYMPTOMS },
    { "Common Incident Scenarios", "Immediate", NULL, IMMEDIATE },
    { "Common Incident Scenarios", "Mitigation", NULL, MITIGATION },
    { "Common Incident Scenarios", "Escalation", NULL, TRIGGERS },
    { "Communication Procedures", NULL, NULL, COMMUNICATIONS },
    { "Post-Incident Procedures", NULL, NULL, ACTIONS },
    { "Monitoring", "Critical", NULL, METRICS },
    { "Monitoring", "Alert", NULL, THRESHOLDS },
    { "Monitoring", "Escalation", NULL, RULES },
    { "Tools", NULL, NULL, TOOLS },
    { "Training", "Regular", NULL, TRAINING },
    { "Training", "Drill", NULL, DRILLS },
    { "Training", "Success", NULL, SUCCESS },
    { "Review", NULL, "**", CONTROL },
    { "Review", NULL, NULL, REVIEW_ITEMS },
};

static bool begins(struct slice s, const char *with)
{
    return with == NULL || slice_has_prefix(s, slice_of(with));
}

static enum counter counter_of(struct slice section, struct slice part, struct slice line)
{
    for (size_t i = 0; i < COUNT_OF(places); i++)
        if (begins(section, places[i].section) && begins(part, places[i].part) && begins(line, places[i].item))
            return places[i].counter;
    fail_msg("no figure for \"%.*s\"", (int)line.n, line.p);
    return COUNTERS_END;
}

static bool is_item(struct slice line)
{
    bool key = slice_has_prefix(line, S("**")) && slice_find(line, S("**: ")) < line.n;
    return key || slice_has_prefix(line, S("- ")) || (line.n > 2 && line.p[1] == '.' && line.p[2] == ' ');
}

/* The entry of the dump that stands at a line, apart from the nodes of trees: how many, and the text of the last. */
static size_t entries_at(struct slice dump, unsigned line, struct slice *text)
{
    size_t n = 0;
    struct buf place = { 0 };
    buf_addf(&place, " L%u", line);
    while (dump.n > 0) {
        struct slice entry = slice_cut(&dump, '\n');
        size_t at = slice_find(entry, buf_slice(&place)), behind = at + place.len;
        if (at == entry.n || slice_has_prefix(entry, S("first"))) continue;
        if (behind < entry.n && entry.p[behind] >= '0' && entry.p[behind] <= '9') continue;
        n++;
        *text = slice_from(entry, behind);
        slice_cut(text, '"');
        *text = slice_cut(text, '"');
    }
    buf_release(&place);
    return n;
}

/* Each item is one element, with its own words: one that is read twice while another is lost would count right. */
static void check_in_place(const struct compiled *c, struct slice dump, struct slice line, unsigned number)
{
    struct slice text = { 0 }, written = compiled_line_text(c, number);
    const size_t n = entries_at(dump, number, &text);
    if (n != 1) fail_msg("line %u \"%.*s\" stands in %zu elements", number, (int)line.n, line.p, n);
    if (slice_find(written, text) == written.n)
        fail_msg("line %u \"%.*s\" is \"%.*s\"", number, (int)line.n, line.p, (int)text.n, text.p);
}

static void check_without(struct slice all, size_t begin, size_t end, const size_t before[COUNTERS_END],
                          enum counter which)
{
    struct buf text = { 0 };
    size_t after[COUNTERS_END];
    buf_add(&text, slice_upto(all, begin));
    buf_add(&text, slice_from(all, end));
    struct compiled *c = compile(buf_slice(&text));
    count(c, after);
    for (int i = 0; i < COUNTERS_END; i++) {
        bool held = i == PLACEHOLDERS && before[i] != after[i]; /* contacts and control hold one each */
        size_t expected = before[i] - ((enum counter)i == which || (held && (which == CONTACTS || which == CONTROL)));
        if (after[i] != expected)
            fail_msg("without \"%.*s\": %s is %zu, not %zu", (int)(end - begin - 1), all.p + begin, counter_names[i],
                     after[i], expected);
    }
    compiled_destroy(&c);
    buf_release(&text);
}

/* Deletes one item after the other; returns how many there were. */
static size_t mutate(struct slice all)
{
    struct compiled *c = compile(all);
    struct slice rest = all, section = { 0 }, part = { 0 };
    size_t before[COUNTERS_END], items = 0;
    struct buf dump = { .max = 4u << 20 };
    unsigned number = 0;
    bool fence = false;
    count(c, before);
    policy_dump(&c->policy, &dump);
    while (rest.n > 0) {
        size_t begin = all.n - rest.n;
        number++;
        struct slice line = slice_cut(&rest, '\n'), text = line;
        if (slice_has_prefix(line, S("```"))) fence = !fence;
        if (fence) continue;
        if (slice_cut_prefix(&text, S("## "))) section = text;
        if (slice_cut_prefix(&text, S("### ")) || (!is_item(line) && slice_cut_prefix(&text, S("**")))) part = text;
        if (!is_item(line)) continue;
        check_in_place(c, buf_slice(&dump), line, number);
        check_without(all, begin, all.n - rest.n, before, counter_of(section, part, line));
        items++;
    }
    compiled_destroy(&c);
    buf_release(&dump);
    return items;
}

static void r5_each_item_of_the_reference_counts_once(void **state)
{
    (void)state;
    /* 185 list items and four keys of document control */
    assert_int_equal(mutate(buf_slice(&reference)), 185 + 4);
}

static void r5_each_item_of_the_example_counts_once(void **state)
{
    (void)state;
    assert_true(mutate(buf_slice(&example)) > 170);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(r1_golden_counts),
        cmocka_unit_test(r1_template_fields),
        cmocka_unit_test(r56_triggers_by_kind),
        cmocka_unit_test(r77_guard_bypass_names_every_question),
        cmocka_unit_test(r78_paths),
        cmocka_unit_test(a27_step_opens_its_tree),
        cmocka_unit_test(a45_drills_and_their_runbooks),
        cmocka_unit_test(r5_each_item_of_the_reference_counts_once),
        cmocka_unit_test(r5_each_item_of_the_example_counts_once),
    };
    return cmocka_run_group_tests(tests, read_documents, release_documents);
}
