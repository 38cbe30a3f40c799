/* links.c - which decision tree a mitigation step opens (A27), which runbook and tree a drill exercises (A45).
 * A step links when the tree's name stands in it and every other word that says something occurs in that tree. A drill
 * links to the runbook that holds most of its words, at least half of them; without one it is a coverage gap. */
#include "core/policy.h"
#include "procedures/book.h"
#include "procedures/merge.h"

enum { WORDS_MAX = 24, NAME_WORDS_MAX = 4, POSTINGS_MAX = 64 };

struct words {
    struct slice v[WORDS_MAX];
    size_t n;
};

static struct words words_of(struct arena *a, struct slice text)
{
    struct words w = { 0 };
    text = text_cut(text, 240);
    while (w.n < WORDS_MAX && word_next(a, &text, &w.v[w.n])) w.n++;
    return w;
}

struct linker {
    struct compiler *c;
    struct smap *tree_names; /* short name → tree + 1 */
    struct smap *tree_words; /* "tree:stem" */
    struct smap *written; /* of several documents: "file:id" → the scenario as it stands there */
    struct smap *postings; /* stem → the first of its chain + 1 */
    VEC(struct posting) chains;
    int64_t *scores; /* of each scenario, for one drill */
};

struct posting {
    size_t scenario;
    int64_t weight, next;
    int64_t count; /* postings in this chain, kept in its newest */
};

static struct slice tree_key(struct linker *l, size_t tree, struct slice stem)
{
    return text_make(l->c, "%zu:%.*s", tree, (int)stem.n, stem.p);
}

static void tree_text_put(struct linker *l, size_t tree, struct slice text)
{
    struct words w = words_of(l->c->arena, text);
    for (size_t i = 0; i < w.n; i++) smap_put(l->tree_words, tree_key(l, tree, w.v[i]), 1);
}

static void trees_index(struct linker *l)
{
    const struct policy_book *b = &l->c->policy.book;
    for (size_t i = 0; i < b->n_trees; i++) {
        struct slice name = tree_short_name(l->c, b->trees[i].name);
        if (name.n > 0 && !smap_get(l->tree_names, name, NULL)) smap_put(l->tree_names, name, (int64_t)i + 1);
        tree_text_put(l, i, b->trees[i].start);
        for (size_t k = 0; k < b->trees[i].n_nodes; k++) tree_text_put(l, i, b->trees[i].nodes[k].text);
    }
}

/* All words of a step outside of [from, from + n) that say something occur in the tree. */
static bool others_occur(struct linker *l, const struct words *w, size_t from, size_t n, size_t tree)
{
    for (size_t i = 0; i < w->n; i++) {
        bool named = i >= from && i < from + n;
        if (!named && !word_is_plain(w->v[i]) && !smap_get(l->tree_words, tree_key(l, tree, w->v[i]), NULL))
            return false;
    }
    return true;
}

/* The tree whose name stands in the text and that knows its other words; -1. */
static int64_t tree_of(struct linker *l, struct slice text)
{
    struct words w = words_of(l->c->arena, text);
    for (size_t from = 0; from < w.n; from++) {
        struct slice name = { 0 };
        for (size_t n = 1; n <= NAME_WORDS_MAX && from + n <= w.n; n++) {
            struct slice stem = w.v[from + n - 1];
            int64_t tree;
            name = n == 1 ? stem : text_make(l->c, "%.*s %.*s", (int)name.n, name.p, (int)stem.n, stem.p);
            if (smap_get(l->tree_names, name, &tree) && others_occur(l, &w, from, n, (size_t)tree - 1)) return tree - 1;
        }
    }
    return -1;
}

static void steps_link(struct linker *l, const struct policy_steps *steps)
{
    /* Who compiles or merges owns what is not handed out yet. */
    struct policy_step *v = (struct policy_step *)(uintptr_t)steps->v;
    for (size_t i = 0; i < steps->n; i++) {
        int64_t tree = tree_of(l, v[i].text);
        if (tree < 0) continue;
        v[i].tree = l->c->policy.book.trees[tree].id;
        interpret(l->c, v[i].line, "A27", "the step opens the decision tree of that name", "a step of its own",
                  "name the tree: Walk the Failover Decision Tree");
    }
}

/* --- drills --- */

static void posting_put(struct linker *l, struct slice stem, size_t scenario, int64_t weight)
{
    int64_t head = 0;
    if (word_is_plain(stem)) return;
    if (smap_get(l->postings, stem, &head)) {
        struct posting *p = &l->chains.v[head - 1];
        if (p->scenario == scenario) {
            p->weight += p->weight % 100 < 50; /* said again: a little more */
            return;
        }
        if (p->count >= POSTINGS_MAX) return; /* a word of every runbook tells none of them apart */
    }
    int64_t count = head > 0 ? l->chains.v[head - 1].count + 1 : 1;
    *vec_push(&l->chains) = (struct posting){ scenario, weight, head, count };
    smap_put(l->postings, stem, (int64_t)l->chains.n);
}

static void scenario_text_put(struct linker *l, size_t scenario, struct slice text, int64_t weight)
{
    struct words w = words_of(l->c->arena, text);
    for (size_t i = 0; i < w.n; i++) posting_put(l, w.v[i], scenario, weight);
}

static void scenario_index(struct linker *l, size_t i, const struct policy_scenario *s)
{
    scenario_text_put(l, i, s->name, 150);
    for (size_t k = 0; k < s->n_symptoms; k++) scenario_text_put(l, i, s->symptoms[k].text, 100);
    for (size_t k = 0; k < s->immediate.n; k++) scenario_text_put(l, i, s->immediate.v[k].text, 100);
    for (size_t k = 0; k < s->mitigation.n; k++) scenario_text_put(l, i, s->mitigation.v[k].text, 100);
    for (size_t k = 0; k < s->n_triggers; k++) scenario_text_put(l, i, s->triggers[k].text, 100);
}

/* The words of a scenario still say what it is about where a runbook of another file stands in their place. */
static void scenario_index_written(struct linker *l, size_t i, const struct policy_scenario *s)
{
    const struct procedures_set *set = l->c->set;
    for (size_t f = 0; set != NULL && f < set->n; f++) {
        int64_t at;
        if (set->docs[f] == NULL || !smap_get(l->written, text_make(l->c, "%zu:%.*s", f, (int)s->id.n, s->id.p), &at))
            continue;
        const struct policy_scenario *written = &set->docs[f]->policy.book.scenarios[at];
        if (written->line != s->line) scenario_index(l, i, written);
    }
}

static void scenarios_index(struct linker *l)
{
    const struct policy_book *b = &l->c->policy.book;
    const struct procedures_set *set = l->c->set;
    for (size_t f = 0; set != NULL && f < set->n; f++)
        for (size_t k = 0; set->docs[f] != NULL && k < set->docs[f]->policy.book.n_scenarios; k++) {
            struct slice id = set->docs[f]->policy.book.scenarios[k].id;
            smap_put(l->written, text_make(l->c, "%zu:%.*s", f, (int)id.n, id.p), (int64_t)k);
        }
    for (size_t i = 0; i < b->n_scenarios; i++) {
        scenario_index(l, i, &b->scenarios[i]);
        scenario_index_written(l, i, &b->scenarios[i]);
    }
}

/* The scenario with the best score for the drill's words; -1 when none has half of them. */
static int64_t scenario_for(struct linker *l, const struct words *w)
{
    size_t said = 0;
    int64_t best = -1, most = 0;
    for (size_t i = 0; i < w->n; i++) {
        int64_t at = 0;
        if (word_is_plain(w->v[i])) continue;
        said++;
        smap_get(l->postings, w->v[i], &at);
        for (; at > 0; at = l->chains.v[at - 1].next) {
            const struct posting *p = &l->chains.v[at - 1];
            int64_t score = l->scores[p->scenario] += p->weight;
            if (score < most || (score == most && best >= 0 && (size_t)best < p->scenario)) continue;
            most = score;
            best = (int64_t)p->scenario;
        }
    }
    for (size_t i = 0; i < w->n; i++) { /* the scores of what was touched, back to nothing */
        int64_t at = 0;
        if (!word_is_plain(w->v[i])) smap_get(l->postings, w->v[i], &at);
        for (; at > 0; at = l->chains.v[at - 1].next) l->scores[l->chains.v[at - 1].scenario] = 0;
    }
    return said > 0 && most >= 50 * (int64_t)said ? best : -1;
}

/* The tree that a step of the scenario opens, when the drill shares a word with it. */
static struct slice drill_tree(struct linker *l, const struct policy_scenario *s, const struct words *w)
{
    const struct policy_book *b = &l->c->policy.book;
    for (size_t i = 0; i < s->mitigation.n; i++) {
        if (s->mitigation.v[i].tree.n == 0) continue;
        int64_t tree = tree_of(l, s->mitigation.v[i].text);
        for (size_t k = 0; tree >= 0 && k < w->n; k++)
            if (!word_is_plain(w->v[k]) && smap_get(l->tree_words, tree_key(l, (size_t)tree, w->v[k]), NULL))
                return b->trees[tree].id;
    }
    return (struct slice){ 0 };
}

/* A name or a number behind the drill's arrow that its own document does not have (several documents); -1. */
static int64_t scenario_named(const struct policy_book *b, struct slice written)
{
    struct slice rest = written;
    int64_t number;
    if (scan_word(&rest, S("scenario"))) scan_blanks(&rest);
    if (slice_cut_uint(&rest, &number) && number >= 1 && number <= (int64_t)b->n_scenarios) return number - 1;
    for (size_t i = 0; i < b->n_scenarios; i++)
        if (slice_eq_nocase(b->scenarios[i].name, written)) return (int64_t)i;
    return -1;
}

static void drill_unnamed(struct compiler *c, const struct policy_drill *d)
{
    struct node n = { .line = d->line, .last = d->line, .col = 1 };
    struct slice target = text_cut(d->scenario, 60);
    diagnose(c, (struct at){ &n, { 0 } }, "E-DRILL-SCENARIO",
             text_make(c, "name one by its number: → Scenario 1 to %zu", c->policy.book.n_scenarios),
             "no scenario of these documents is \"%.*s\"", (int)target.n, target.p);
}

static void drill_link(struct linker *l, struct policy_drill *d, const struct smap *by_id)
{
    const struct policy_book *b = &l->c->policy.book;
    struct words w = words_of(l->c->arena, d->name);
    struct node n = { .line = d->line, .last = d->line, .col = 1 };
    int64_t scenario = -1;
    bool named = d->scenario.n > 0;
    struct slice name = text_cut(d->name, 80);
    if (named && !smap_get(by_id, d->scenario, &scenario)) {
        scenario = scenario_named(b, d->scenario);
        if (scenario < 0) drill_unnamed(l->c, d);
        if (scenario < 0) return;
    }
    if (!named)
        scenario = scenario_for(l, &w);
    if (scenario < 0) {
        diagnose(l->c, (struct at){ &n, { 0 } }, "W-DRILL-GAP", S("write a scenario for it, or name one: → Scenario 1"),
                 "no runbook for the drill \"%.*s\"", (int)name.n, name.p);
        interpret(l->c, d->line, "A45", "a coverage gap: it can be drilled, without a runbook",
                  "it has a runbook elsewhere", "DNS failure → Scenario 5");
        return;
    }
    d->scenario = b->scenarios[scenario].id;
    d->tree = drill_tree(l, &b->scenarios[scenario], &w);
    if (!named)
        interpret(l->c, d->line, "A45", "exercises the runbook that shares its words", "a drill without a runbook",
                  "Complete regional outage → Scenario 1");
}

static void drills_link(struct linker *l)
{
    struct smap *by_id = smap_create(0);
    const struct policy_book *b = &l->c->policy.book;
    l->scores = mem_alloc((b->n_scenarios + 1) * sizeof *l->scores);
    for (size_t i = 0; i < b->n_scenarios; i++) smap_put(by_id, b->scenarios[i].id, (int64_t)i);
    for (size_t i = 0; i < b->n_drills; i++) drill_link(l, (struct policy_drill *)(uintptr_t)&b->drills[i], by_id);
    mem_free(l->scores);
    smap_destroy(&by_id);
}

void book_link(struct compiler *c)
{
    struct linker l = {
        .c = c, .tree_names = smap_create(0), .tree_words = smap_create(0), .postings = smap_create(0),
        .written = smap_create(0),
    };
    trees_index(&l);
    for (size_t i = 0; i < c->policy.book.n_scenarios; i++) steps_link(&l, &c->policy.book.scenarios[i].mitigation);
    scenarios_index(&l);
    drills_link(&l);
    smap_destroy(&l.tree_names);
    smap_destroy(&l.tree_words);
    smap_destroy(&l.postings);
    smap_destroy(&l.written);
    vec_release(&l.chains);
}
