/* tree_build.c - nodes and edges of a decision tree: what follows what on a walk.
 * Not here: reading the drawing (tree_read.c), what is missing (tree_check.c), listing the ways (tree_paths.c).
 * Always: a walk needs no memory of its own: where a question is asked after each of several actions (A31), it stands
 * once for each of them, and only the written one's answers count. */
#include "core/policy.h"
#include "core/role_name.h"
#include "procedures/tree.h"

struct builder {
    struct compiler *c;
    struct tree_source *t;
    struct smap *names; /* short name → index of the source + 1 */
    struct smap *questions; /* folded text → node + 1 */
};

static struct segment *segment(const struct builder *b, int at)
{
    return &b->t->segments.v[at];
}

static int node_add(struct builder *b, enum tree_node_kind kind, struct slice text, unsigned line)
{
    struct node at = { .line = line, .last = line, .col = 1 };
    struct policy_node *n = vec_push(&b->t->nodes);
    *n = (struct policy_node){ .kind = kind, .text = text, .line = line };
    n->id = id_make(b->c, "node", &at, b->t->id, text);
    return (int)b->t->nodes.n - 1;
}

static void edge_add(struct builder *b, int from, struct policy_edge edge)
{
    *vec_push(&b->t->edges) = (struct tree_edge){ from, edge };
}

static void next_add(struct builder *b, int from, int to)
{
    edge_add(b, from, (struct policy_edge){ .label = S("next"), .to = to, .line = b->t->nodes.v[to].line });
}

/* Two texts with a comparison between them and no figure: both are asked for (A30). */
static bool is_numeric(struct slice text)
{
    static const struct slice signs[] = { S("<"),         S(">"),         S("≤"),           S("≥"),
                                          S("less than"), S("more than"), S("greater than") };
    for (size_t i = 0; i < text.n; i++)
        if (is_digit(text.p[i])) return false;
    for (size_t i = 0; i < COUNT_OF(signs); i++) {
        size_t at = slice_find_nocase(text, signs[i]);
        if (at > 0 && at < text.n) return true;
    }
    return false;
}

/* The first node below a segment; -1 without one. */
static int entry_below(const struct builder *b, int at)
{
    int child = segment(b, at)->first;
    return child < 0 ? -1 : segment(b, child)->node;
}

/* Where an action leads that has nothing below it: its next sibling, else that of the action it stands under. */
static int after_action(const struct builder *b, int at)
{
    for (; at > 0 && segment(b, at)->kind == SEGMENT_ACTION; at = segment(b, at)->parent)
        if (segment(b, at)->next >= 0) return segment(b, segment(b, at)->next)->node;
    return -1;
}

/* The question that an action answers, and its next sibling (A28). */
static int next_question(const struct builder *b, int at)
{
    while (at > 0 && segment(b, at)->kind != SEGMENT_QUESTION) at = segment(b, at)->parent;
    int next = at > 0 ? segment(b, at)->next : -1;
    return next < 0 ? -1 : segment(b, next)->node;
}

bool tree_text_continues(struct slice text)
{
    static const struct slice starts[] = { S("continue"), S("proceed") };
    size_t viable = find_phrase(text, S("is viable"));
    struct slice rest = text;
    if (scan_any(&rest, starts, COUNT_OF(starts))) return true;
    return viable > 0 && viable < text.n && scan_end(slice_from(text, viable + S("is viable").n));
}

/* "Get management approval", "Get approval from management": who decides. */
static bool gate_party(struct builder *b, struct slice text, struct slice *party)
{
    static const struct slice verbs[] = { S("get"), S("obtain"), S("request"), S("require") };
    struct slice rest = text;
    if (!scan_any(&rest, verbs, COUNT_OF(verbs))) return false;
    struct slice from = rest;
    size_t at = find_phrase(rest, S("approval"));
    if (at == rest.n) return false;
    struct slice name = slice_trim(slice_upto(rest, at));
    if (scan_phrase(&from, S("approval from")) || scan_phrase(&from, S("approval of"))) name = slice_trim(from);
    struct slice id = role_id(b->c->arena, name);
    if (id.n == 0) return false;
    *party = id;
    return true;
}

bool tree_text_jumps(struct slice text, bool *outright, struct slice *name)
{
    static const struct slice verbs[] = { S("initiate"), S("execute"), S("start") };
    static const struct slice jumps[] = {
        S("go to"), S("goto"), S("jump to"), S("continue with"), S("see"), S("follow")
    };
    static const struct slice ends[] = { S("immediately"), S("now") };
    struct slice rest = text;
    bool verb = scan_any(&rest, verbs, COUNT_OF(verbs)), jump = !verb && scan_any(&rest, jumps, COUNT_OF(jumps));
    if (!verb && !jump) return false;
    rest = slice_trim(rest);
    while (rest.n > 0 && slice_find_char(S(".!;"), rest.p[rest.n - 1]) < 3) rest.n--;
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        size_t at = find_phrase(rest, ends[i]);
        if (at > 0 && at + ends[i].n == rest.n) rest = slice_trim(slice_upto(rest, at));
    }
    size_t tree = find_phrase(rest, S("tree"));
    *outright = tree < rest.n && tree + S("tree").n == rest.n;
    *name = rest;
    return rest.n > 0 && (verb || *outright);
}

static int question_named(const struct builder *b, struct slice where)
{
    struct slice wanted = heading_fold(b->c->arena, where);
    int64_t node = 0;
    if (slice_eq(wanted, S("start")) || slice_eq(wanted, S("the start")) || slice_eq(wanted, S("the beginning")))
        return entry_below(b, 0);
    return smap_get(b->questions, wanted, &node) ? (int)node - 1 : -1;
}

static void return_read(struct builder *b, struct policy_node *n, int node, struct slice where)
{
    int to = question_named(b, where);
    if (to < 0) {
        offer_line(tree_say(b->c, n->line, where, "E-TREE-GOTO",
                            S("name a question of this tree as it stands there, or START"),
                            "no such question in this tree", where),
                   line_with(b->c, n->line, where, S("START")));
        return;
    }
    n->kind = TREE_NODE_GOTO;
    n->target = b->t->id;
    next_add(b, node, to);
}

static struct slice known_trees(struct builder *b)
{
    struct slice list = { 0 };
    for (size_t i = 0; i < b->c->book.tree_sources.n && i < 12; i++) {
        struct slice name = text_cut(b->c->book.tree_sources.v[i]->name, 60);
        list = text_make(b->c, "%.*s%s%.*s", (int)list.n, list.p, i > 0 ? "; " : "known trees: ", (int)name.n, name.p);
    }
    return list;
}

/* A leaf that starts another tree; naming its own is an outcome (A54). */
static void goto_read(struct builder *b, struct policy_node *n, struct slice name, bool outright)
{
    int64_t at;
    struct slice short_name = tree_short_name(b->c, name);
    if (!smap_get(b->names, short_name, &at)) {
        if (outright && !b->c->options.part) /* else in another document, perhaps: trees_link */
            tree_say(b->c, n->line, name, "E-TREE-GOTO", known_trees(b), "no decision tree has this name", name);
        return;
    }
    struct tree_source *target = b->c->book.tree_sources.v[at - 1];
    if (target == b->t) {
        interpret(b->c, n->line, "A54", "the tree it stands in: the walk ends with this", "the tree begins again",
                  "Return to START");
        return;
    }
    n->kind = TREE_NODE_GOTO;
    n->target = target->id;
}

static void escalate_read(struct builder *b, struct policy_node *n)
{
    struct slice rest = n->text, label;
    if (!scan_phrase(&rest, S("escalate to"))) return;
    if (scan_level(b->c, &rest, &n->level)) {
        n->kind = TREE_NODE_ESCALATE;
        interpret(b->c, n->line, "A7", "raises the level to at least this one, and pages the Incident Commander anyway",
                  "sets the level to this one, down too", "Raise to at least …");
    } else if (looks_like_level(rest, &label)) {
        struct slice levels = level_list(b->c);
        offer_line(tree_say(b->c, n->line, label, "E-TREE-LEVEL",
                            text_make(b->c, "one of %.*s", (int)levels.n, levels.p),
                            "no such severity level in this document", label),
                   line_with(b->c, n->line, label, policy_level_label(&b->c->policy, 1)));
    }
}

/* What an action is by its words. A leaf ends the walk there, continues, or jumps. */
static void action_read(struct builder *b, int at)
{
    struct segment *s = segment(b, at);
    struct policy_node *n = &b->t->nodes.v[s->node];
    int to = s->first >= 0 ? entry_below(b, at) : after_action(b, at), node = s->node;
    struct slice name;
    bool outright;
    escalate_read(b, n);
    if (n->kind == TREE_NODE_ACTION && gate_party(b, n->text, &n->target)) n->kind = TREE_NODE_GATE;
    if (n->kind == TREE_NODE_GATE) return; /* its edges need to know the outcomes: gates_link */
    if (to < 0 && n->kind == TREE_NODE_ACTION) {
        if (tree_text_returns(n->text, &name)) {
            return_read(b, n, node, name);
            return;
        }
        if (tree_text_jumps(n->text, &outright, &name)) goto_read(b, n, name, outright);
        if (n->kind == TREE_NODE_ACTION && tree_text_continues(n->text)) {
            to = next_question(b, at);
            interpret(b->c, n->line, to < 0 ? "A54" : "A28",
                      to < 0 ? "no question follows: the walk ends with this" : "the next question is asked",
                      to < 0 ? "an answer is missing" : "the walk ends here", "… → the question that follows");
        }
    }
    if (to >= 0)
        next_add(b, node, to);
    else if (n->kind == TREE_NODE_ACTION)
        n->kind = TREE_NODE_OUTCOME;
}

static void question_read(struct builder *b, int at)
{
    struct segment *s = segment(b, at);
    struct policy_node *n = &b->t->nodes.v[s->node];
    n->numeric = is_numeric(n->text);
    if (n->numeric)
        interpret(b->c, n->line, "A30", "two numbers are asked for and kept; equal counts as NO",
                  "a person's yes or no", "Is the failover time below 30 minutes?");
    if (s->again)
        interpret(b->c, n->line, "A32", "one question, asked once; the lines are its answers", "two questions",
                  "├─ … ? with YES and NO below it");
    for (int child = s->first; child >= 0; child = segment(b, child)->next) {
        struct segment *answer = segment(b, child);
        if (answer->kind != SEGMENT_ANSWER || (answer->first < 0 && !answer->yes_no)) {
            tree_say(b->c, answer->line, answer->text, "E-TREE-ANSWER", S("write an answer: ├─ YES → what follows"),
                     "below a question stand its answers: YES → … or LABEL → …, found", answer->text);
            continue;
        }
        edge_add(b, s->node,
                 (struct policy_edge){
                     .label = answer->text, .to = entry_below(b, child), .line = answer->line, .written = true });
    }
}

/* Does YES mean that trouble goes on? "Still failing?" */
static bool asks_for_trouble(struct slice text)
{
    static const struct slice words[] = { S("still"), S("persists"), S("persist"), S("remains"), S("failing"),
                                          S("fails"), S("not"),      S("broken"),  S("down"),    S("continues") };
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (find_phrase(text, words[i]) < text.n) return true;
    return false;
}

/* Where the answer of node `q` leads; -2 when it has no such answer. */
static int answer_to(const struct builder *b, int q, struct slice label)
{
    for (size_t i = b->t->edges.n; i > 0; i--) {
        const struct tree_edge *e = &b->t->edges.v[i - 1];
        if (e->from == q && slice_eq(e->edge.label, label)) return e->edge.to;
    }
    return -2;
}

static bool is_plain_action(const struct builder *b, int at)
{
    const struct segment *s = segment(b, at);
    return s->kind == SEGMENT_ACTION && s->first < 0 && b->t->nodes.v[s->node].kind == TREE_NODE_ACTION;
}

/* The question alone below the last action of a run; -1 without one. */
static int question_below(const struct builder *b, int at)
{
    int child = segment(b, at)->kind == SEGMENT_ACTION ? segment(b, at)->first : -1;
    bool alone = child >= 0 && segment(b, child)->kind == SEGMENT_QUESTION && segment(b, child)->next < 0;
    return alone ? segment(b, child)->node : -1;
}

/* A copy of question `q` between action `from` and the action behind it. */
static void ask_after(struct builder *b, int from, int to, int q, int yes, int no)
{
    bool trouble = asks_for_trouble(b->t->nodes.v[q].text);
    struct policy_node twin = b->t->nodes.v[q];
    int copy = node_add(b, TREE_NODE_QUESTION, twin.text, twin.line);
    b->t->nodes.v[copy].numeric = twin.numeric;
    edge_add(b, copy, (struct policy_edge){ .label = S("YES"), .to = trouble ? to : yes, .line = twin.line });
    edge_add(b, copy, (struct policy_edge){ .label = S("NO"), .to = trouble ? no : to, .line = twin.line });
    for (size_t i = 0; i < b->t->edges.n; i++)
        if (b->t->edges.v[i].from == from) b->t->edges.v[i].edge.to = copy;
}

/* A31: under the last of a run of sibling actions stands a question: it is asked after each of them. */
static void run_check(struct builder *b, int last)
{
    int q = question_below(b, last), parent = segment(b, last)->parent, before = -1;
    if (q < 0 || segment(b, last)->next >= 0 || b->t->after_last) return;
    int yes = answer_to(b, q, S("YES")), no = answer_to(b, q, S("NO"));
    if (yes == -2 || no == -2) return;
    bool any = false;
    for (int at = segment(b, parent)->first; at >= 0; at = segment(b, at)->next) {
        if (before >= 0 && is_plain_action(b, before) && (is_plain_action(b, at) || at == last)) {
            ask_after(b, segment(b, before)->node, segment(b, at)->node, q, yes, no);
            any = true;
        }
        before = at;
    }
    if (any)
        interpret(b->c, b->t->nodes.v[q].line, "A31", "asked after each of the actions above it, and counted once",
                  "asked after the last of them only", "<!-- tocsin: check=after-last -->");
}

static bool is_no_outcome(const struct builder *b, const struct tree_edge *e)
{
    return slice_eq(e->edge.label, S("NO")) && e->edge.to >= 0 && b->t->nodes.v[e->edge.to].kind == TREE_NODE_OUTCOME;
}

/* Granted: on to what follows. Refused: the last NO that ends the walk (A28). */
static void gate_link(struct builder *b, int at)
{
    struct segment *s = segment(b, at);
    int node = s->node, refused = -1;
    unsigned line = b->t->nodes.v[node].line;
    int granted = s->first >= 0 ? entry_below(b, at) : after_action(b, at);
    if (granted < 0) granted = next_question(b, at);
    for (size_t i = 0; i < b->t->edges.n; i++)
        if (is_no_outcome(b, &b->t->edges.v[i])) refused = b->t->edges.v[i].edge.to;
    if (granted < 0) granted = node_add(b, TREE_NODE_OUTCOME, S("approved"), line);
    if (refused < 0) refused = node_add(b, TREE_NODE_OUTCOME, S("refused"), line);
    edge_add(b, node, (struct policy_edge){ .label = S("granted"), .to = granted, .line = line });
    edge_add(b, node, (struct policy_edge){ .label = S("refused"), .to = refused, .line = line });
    interpret(b->c, line, "A28", "granted: the next question; refused: the last NO that ends the walk",
              "the walk ends with the answer", "├─ granted → …, └─ refused → …");
}

/* A node for each question and action, in the document's order. */
static void nodes_make(struct builder *b)
{
    for (int i = 1; i < (int)b->t->segments.n; i++) {
        struct segment *s = segment(b, i);
        if (s->kind == SEGMENT_ANSWER) continue;
        s->node = node_add(b, s->kind == SEGMENT_QUESTION ? TREE_NODE_QUESTION : TREE_NODE_ACTION, s->text, s->line);
        struct slice folded = heading_fold(b->c->arena, s->text);
        if (s->kind == SEGMENT_QUESTION && !smap_get(b->questions, folded, NULL))
            smap_put(b->questions, folded, s->node + 1);
    }
}

void tree_build(struct compiler *c, struct tree_source *t, struct smap *names)
{
    struct builder b = { c, t, names, smap_create(0) };
    int n = (int)t->segments.n;
    nodes_make(&b);
    for (int i = 1; i < n; i++) {
        if (segment(&b, i)->kind == SEGMENT_QUESTION) question_read(&b, i);
        if (segment(&b, i)->kind == SEGMENT_ACTION) action_read(&b, i);
    }
    for (int i = 1; i < n; i++) run_check(&b, i);
    for (int i = 1; i < n; i++)
        if (segment(&b, i)->kind == SEGMENT_ACTION && t->nodes.v[segment(&b, i)->node].kind == TREE_NODE_GATE)
            gate_link(&b, i);
    smap_destroy(&b.questions);
}
