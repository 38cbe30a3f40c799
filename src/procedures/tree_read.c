/* tree_read.c - a decision tree's lines, drawn with connectors or nested as a list, cut into segments.
 * Not here: what the segments mean for a walk (tree_build.c), what is missing (tree_check.c).
 * Always: the parent of a line is the nearest earlier connector in a smaller column, whatever the step; bounded in
 * depth and size, so that hostile drawings end in one error. */
#include "core/policy.h"
#include "procedures/tree.h"

struct tree_reader {
    struct compiler *c;
    struct tree_source *t;
    struct smap *seen; /* "parent:text" of questions and answers → segment */
    struct {
        int column, segment;
    } stack[TREE_DEPTH_MAX];
    int depth;
    bool tabs;
};

struct diagnostic *tree_say(struct compiler *c, unsigned line, struct slice span, const char *code,
                            struct slice suggestion, const char *what, struct slice text)
{
    struct node n = { .line = line, .last = line, .col = 1 };
    struct slice shown = text_cut(text, 80);
    return diagnose(c, (struct at){ &n, span }, code, suggestion, "%s%s%.*s%s", what, shown.n > 0 ? ": \"" : "",
                    (int)shown.n, shown.p == NULL ? "" : shown.p, shown.n > 0 ? "\"" : "");
}

bool answer_yes_no(struct slice text, struct slice *label, struct slice *rest)
{
    struct slice s = text;
    if (scan_word(&s, S("yes")))
        *label = S("YES");
    else if (scan_word(&s, S("no")))
        *label = S("NO");
    else
        return false;
    scan_blanks(&s);
    if (s.n > 0 && slice_find_char(S(",(:-"), s.p[0]) == 4 && !slice_has_prefix(s, S("–")) &&
        !slice_has_prefix(s, S("—")))
        return false;
    *rest = s;
    return true;
}

bool tree_text_returns(struct slice text, struct slice *where)
{
    static const struct slice verbs[] = { S("go back to"), S("return to"), S("back to"), S("repeat from") };
    if (!scan_any(&text, verbs, COUNT_OF(verbs))) return false;
    scan_separator(&text);
    *where = slice_trim(text);
    return where->n > 0;
}

/* "… ?", "… ? (see the dashboard)"; "Return to Is it up?" asks nothing. */
static bool is_question(struct slice text)
{
    size_t mark = text.n;
    struct slice where;
    if (tree_text_returns(text, &where)) return false;
    while (mark > 0 && text.p[mark - 1] != '?') mark--;
    if (mark == 0) return false;
    struct slice rest = slice_trim(slice_from(text, mark));
    return rest.n == 0 || (rest.p[0] == '(' && slice_has_suffix(rest, S(")")));
}

static int segment_push(struct tree_reader *r, int parent, enum segment_kind kind, struct slice text, unsigned line)
{
    struct tree_source *t = r->t;
    int at = (int)t->segments.n;
    int depth = parent < 0 ? 0 : t->segments.v[parent].depth + 1;
    *vec_push(&t->segments) = (struct segment){ .kind = kind,
                                                .text = text,
                                                .line = line,
                                                .parent = parent,
                                                .first = -1,
                                                .last = -1,
                                                .next = -1,
                                                .depth = depth,
                                                .node = -1 };
    if (parent < 0) return at;
    struct segment *p = &t->segments.v[parent];
    if (p->last >= 0)
        t->segments.v[p->last].next = at;
    else
        p->first = at;
    p->last = at;
    return at;
}

static struct slice key_of(struct tree_reader *r, int parent, struct slice text)
{
    struct slice folded = heading_fold(r->c->arena, text);
    return text_make(r->c, "%d:%.*s", parent, (int)folded.n, folded.p);
}

/* The same question among siblings is one question (A32). */
static int question_add(struct tree_reader *r, int parent, struct slice text, unsigned line)
{
    struct slice key = key_of(r, parent, text);
    int64_t same;
    if (smap_get(r->seen, key, &same)) {
        r->t->segments.v[same].again = true;
        return (int)same;
    }
    int at = segment_push(r, parent, SEGMENT_QUESTION, text, line);
    smap_put(r->seen, key, at);
    r->t->questions++;
    return at;
}

/* An answer; `next` is the segment behind it: two lines may share an answer when they go on with the same question. */
static int answer_add(struct tree_reader *r, int parent, struct slice text, struct slice next, unsigned line)
{
    struct slice label = text, rest;
    bool yes_no = answer_yes_no(text, &label, &rest);
    struct slice key = key_of(r, parent, label);
    int64_t same, deeper;
    if (smap_get(r->seen, key, &same)) {
        bool shared = is_question(next) && smap_get(r->seen, key_of(r, (int)same, next), &deeper);
        if (!shared)
            tree_say(r->c, line, text, "E-TREE-TWICE", S("give the two lines different answers: YES and NO"),
                     "the same answer to the same question twice", text);
        return (int)same;
    }
    if (r->t->segments.v[parent].again && !yes_no)
        tree_say(r->c, line, text, "E-TREE-TWICE", S("write YES or NO"),
                 "a question asked on two lines takes YES and NO, not", text);
    int at = segment_push(r, parent, SEGMENT_ANSWER, label, line);
    r->t->segments.v[at].yes_no = yes_no;
    smap_put(r->seen, key, at);
    r->t->answers++;
    return at;
}

/* "YES: Is it lagging?" → "YES" and the rest; "Fixed? YES" → "Fixed?" and the rest. The length of the first, 0 = whole. */
static size_t segment_end(struct slice part)
{
    size_t mark = slice_find_char(part, '?');
    struct slice label, rest, behind = slice_from(part, mark + 1), tail;
    if (mark < part.n && answer_yes_no(behind, &label, &rest)) return mark + 1;
    if (!answer_yes_no(part, &label, &rest)) return 0;
    tail = rest;
    bool colon = scan_separator(&tail);
    bool asks = slice_has_prefix(rest, S(",")) && is_question(rest);
    return (colon || asks) && slice_trim(tail).n > 1 ? part.n - rest.n : 0;
}

/* ": Q: Is it lagging?" → "Is it lagging?" */
static struct slice lead_cut(struct slice text)
{
    if (!scan_separator(&text)) slice_cut_prefix(&text, S(","));
    text = slice_trim(text);
    struct slice rest = text;
    bool q = (scan_word(&rest, S("q")) || scan_word(&rest, S("question"))) && scan_char(&rest, ':');
    return q ? slice_trim(rest) : text;
}

/* Cuts a line on its arrows, and where an answer is followed by its question. Returns how many, at most the limit. */
static size_t segments_cut(struct slice text, struct slice *out)
{
    size_t n = 0;
    while (n < LINE_SEGMENTS_MAX) {
        size_t at = find_arrow(text);
        struct slice part = slice_trim(slice_upto(text, at));
        size_t end = segment_end(part);
        if (end > 0) {
            out[n++] = slice_trim(slice_upto(part, end));
            text = lead_cut(slice_from(text, (size_t)(part.p - text.p) + end));
            continue;
        }
        if (part.n > 0) out[n++] = part;
        if (at == text.n) break;
        text = slice_from(text, at);
        scan_arrow(&text);
    }
    return n;
}

/* "YES: restart", "YES, restart" with nothing behind: the answer and what to do. */
static bool answer_splits(struct slice text, struct slice *action)
{
    struct slice label, rest;
    if (!answer_yes_no(text, &label, &rest) || rest.n == 0 || rest.p[0] == '(') return false;
    bool comma = slice_cut_prefix(&rest, S(","));
    if (!comma && !scan_separator(&rest)) return false;
    size_t colon = slice_find(rest, S(": "));
    if (comma && colon < rest.n) rest = slice_from(rest, colon + 2); /* "NO, by a partner: call them" */
    *action = slice_trim(rest);
    return action->n > 0;
}

static int segment_add(struct tree_reader *r, int parent, struct slice text, struct slice next, unsigned line)
{
    enum segment_kind above = r->t->segments.v[parent].kind;
    struct slice label, rest, action;
    if (is_question(text)) return question_add(r, parent, text, line);
    if (above == SEGMENT_QUESTION) {
        int at = answer_add(r, parent, text, next, line);
        if (next.n == 0 && answer_splits(text, &action)) at = segment_push(r, at, SEGMENT_ACTION, action, line);
        return at;
    }
    if (answer_yes_no(text, &label, &rest) && (rest.n == 0 || next.n > 0))
        tree_say(r->c, line, text, "E-TREE-ANSWER", S("ask first: ├─ Is it restored? → YES → Monitor"),
                 "an answer without a question above it", text);
    return segment_push(r, parent, SEGMENT_ACTION, text, line);
}

static void line_add(struct tree_reader *r, unsigned line, int column, struct slice text)
{
    struct slice parts[LINE_SEGMENTS_MAX];
    size_t n = segments_cut(text, parts);
    if (r->t->broken || n == 0) return;
    while (r->depth > 0 && r->stack[r->depth - 1].column >= column) r->depth--;
    int at = r->depth > 0 ? r->stack[r->depth - 1].segment : 0;
    for (size_t i = 0; i < n; i++)
        at = segment_add(r, at, parts[i], i + 1 < n ? parts[i + 1] : (struct slice){ 0 }, line);
    if (r->depth == TREE_DEPTH_MAX || n == LINE_SEGMENTS_MAX || r->t->segments.n > TREE_SEGMENTS_MAX ||
        r->t->segments.v[at].depth > TREE_DEPTH_MAX) {
        r->t->broken = true;
        tree_say(r->c, line, text, "E-TREE-LARGE", S("cut it into several trees: → Initiate NAME"),
                 "this tree is larger than a person can follow", (struct slice){ 0 });
        return;
    }
    r->stack[r->depth].column = column;
    r->stack[r->depth].segment = at;
    r->depth++;
}

/* A line without a connector goes on with the line above. */
static void line_continue(struct tree_reader *r, struct slice text)
{
    if (r->t->segments.n < 2 || r->t->broken) return;
    struct segment *s = &r->t->segments.v[r->t->segments.n - 1];
    s->text = text_make(r->c, "%.*s %.*s", (int)s->text.n, s->text.p, (int)text.n, text.p);
}

static bool is_branch(struct slice *rest)
{
    static const struct slice drawn[] = { S("├"), S("└"), S("┣"), S("┗"), S("┌"), S("╰") };
    for (size_t i = 0; i < COUNT_OF(drawn); i++)
        if (slice_cut_prefix(rest, drawn[i])) return true;
    if (rest->n < 2 || slice_find_char(S("|+`\\"), rest->p[0]) == 4 || rest->p[1] != '-') return false;
    *rest = slice_from(*rest, 1);
    return true;
}

static void dashes_cut(struct slice *rest)
{
    static const struct slice marks[] = { S("─"), S("━"), S("-"), S("╴") };
    bool any = true;
    while (any) {
        any = false;
        for (size_t i = 0; i < COUNT_OF(marks); i++) any |= slice_cut_prefix(rest, marks[i]);
    }
    slice_cut_prefix(rest, S(">"));
}

static bool is_upright(struct slice *rest)
{
    return slice_cut_prefix(rest, S("│")) || slice_cut_prefix(rest, S("┃")) || slice_cut_prefix(rest, S("|"));
}

/* Skips blanks and upright lines up to a connector. False: none; *text is what else stands there. */
static bool connector_find(struct tree_reader *r, struct slice line, int *column, struct slice *text)
{
    struct slice rest = line;
    int at = 0;
    while (rest.n > 0) {
        struct slice branch = rest;
        if (is_branch(&branch)) {
            dashes_cut(&branch);
            *column = at;
            *text = slice_trim(branch);
            return true;
        }
        if (is_upright(&rest) || slice_cut_prefix(&rest, S("\xc2\xa0"))) { /* a blank that does not break */
            at++;
            continue;
        }
        if (rest.p[0] != ' ' && rest.p[0] != '\t') break;
        r->tabs |= rest.p[0] == '\t';
        at = rest.p[0] == '\t' ? at / 4 * 4 + 4 : at + 1;
        rest = slice_from(rest, 1);
    }
    *column = at;
    *text = slice_trim(rest);
    return false;
}

static bool start_cut(struct slice text, struct slice *start)
{
    if (!scan_word(&text, S("start")) || !scan_char(&text, ':')) return false;
    *start = slice_trim(text);
    return true;
}

static void fence_line(struct tree_reader *r, unsigned line, bool first)
{
    struct slice text;
    int column = 0;
    bool drawn = connector_find(r, source_line(r->c->source, line)->text, &column, &text);
    enum line_class said = r->t->broken ? CLASS_REJECTED : CLASS_COMPILED;
    mark_line(r->c, line, text.n > 0 ? said : CLASS_STRUCTURE);
    if (text.n == 0 || (first && start_cut(text, &r->t->start))) return;
    if (drawn)
        line_add(r, line, column + 1, text);
    else if (first || (column == 0 && is_question(text)))
        line_add(r, line, 0, text);
    else
        line_continue(r, text);
}

static struct tree_source *source_add(struct compiler *c, struct slice name, const struct node *named)
{
    struct tree_source *t = arena_new(c->arena, struct tree_source);
    *t = (struct tree_source){ .name = name, .line = named->line };
    t->id = id_make(c, "tree", named, (struct slice){ 0 }, name);
    t->short_name = tree_short_name(c, name);
    t->after_last = slice_eq(named->check, S("after-last"));
    *vec_push(&c->book.tree_sources) = t;
    return t;
}

/* The first line that says something; 0 when the fence is no tree. */
static unsigned tree_first_line(const struct compiler *c, const struct node *fence, unsigned *last)
{
    struct slice end = slice_trim(source_line(c->source, fence->last)->text), start;
    bool closed = fence->last > fence->line && (slice_has_prefix(end, S("```")) || slice_has_prefix(end, S("~~~")));
    *last = closed ? fence->last - 1 : fence->last;
    for (unsigned line = fence->line + 1; line <= *last; line++) {
        struct slice text = slice_trim(source_line(c->source, line)->text);
        if (text.n == 0) continue;
        return start_cut(text, &start) || is_question(text) ? line : 0;
    }
    return 0;
}

bool tree_fence_read(struct compiler *c, const struct node *fence, struct slice name, const struct node *named)
{
    unsigned last, first = tree_first_line(c, fence, &last);
    if (first == 0) return false;
    struct tree_reader r = { .c = c, .t = source_add(c, name, named), .seen = smap_create(0) };
    if (fence->check.n > 0) r.t->after_last = slice_eq(fence->check, S("after-last"));
    segment_push(&r, -1, SEGMENT_ROOT, (struct slice){ 0 }, fence->line);
    for (unsigned line = first; line <= last; line++) fence_line(&r, line, line == first);
    if (r.tabs)
        tree_say(c, fence->line, (struct slice){ 0 }, "W-TREE-TABS", S("indent the tree with blanks"),
                 "tabs in this tree count as up to four columns", (struct slice){ 0 });
    smap_destroy(&r.seen);
    return true;
}

static bool list_question(struct slice text, struct slice *question)
{
    struct slice rest = text;
    if (scan_word(&rest, S("q")) || scan_word(&rest, S("question"))) {
        if (!scan_char(&rest, ':')) return false;
        *question = slice_trim(rest);
        return question->n > 0;
    }
    *question = text;
    return is_question(text);
}

/* Nested bullets `Q:`, `YES:`, `NO:` from node `at` on; returns the node behind them, `at` when they are no tree. */
size_t tree_list_read(struct compiler *c, size_t at, size_t end, struct slice name, const struct node *named)
{
    struct slice question, start = { 0 };
    if (!list_question(c->doc.v[at].text, &question) && !start_cut(c->doc.v[at].text, &start)) return at;
    struct tree_reader r = { .c = c, .t = source_add(c, name, named), .seen = smap_create(0) };
    segment_push(&r, -1, SEGMENT_ROOT, (struct slice){ 0 }, c->doc.v[at].line);
    for (; at < end && c->doc.v[at].kind == NODE_ITEM; at++) {
        const struct node *n = &c->doc.v[at];
        if (n->text.n == 0) continue;
        mark(c, n, r.t->broken ? CLASS_REJECTED : CLASS_COMPILED);
        if (r.t->segments.n > 1 || !start_cut(n->text, &r.t->start))
            line_add(&r, n->line, n->level + 1, list_question(n->text, &question) ? question : n->text);
    }
    smap_destroy(&r.seen);
    return at;
}

/* The role decision trees: fences and nested lists, named by the heading or bold label above them. */
void compile_trees(struct compiler *c, const struct section *s)
{
    const struct node *named = &c->doc.v[s->heading];
    struct slice name = s->name;
    for (size_t at = s->heading + 1; at < s->end; at++) {
        const struct node *n = &c->doc.v[at];
        if (n->kind == NODE_HEADING || (n->kind == NODE_TEXT && n->labelled && n->rest.n == 0)) {
            named = n;
            name = n->kind == NODE_HEADING ? n->text : n->label;
        } else if (n->kind == NODE_FENCE) {
            bool read = tree_fence_read(c, n, name, named);
            if (read && named->kind == NODE_HEADING && named != &c->doc.v[s->heading]) mark(c, named, CLASS_COMPILED);
            if (!read)
                tree_say(c, n->line, (struct slice){ 0 }, "W-TREE-UNREAD", S("begin it with START: CONDITION"),
                         "no tree is drawn here: the first line is neither START: nor a question", (struct slice){ 0 });
        } else if (n->kind == NODE_ITEM) {
            size_t behind = tree_list_read(c, at, s->end, name, named);
            if (behind == at) continue;
            at = behind - 1;
            if (named->kind == NODE_HEADING && named != &c->doc.v[s->heading]) mark(c, named, CLASS_COMPILED);
        }
    }
}
