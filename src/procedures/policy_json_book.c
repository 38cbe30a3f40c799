/* policy_json_book.c - the JSON contract: runbooks, trees, duties afterwards, measures, drills, reviews, control. */
#include "base/civil.h"
#include "base/map.h"
#include "procedures/names.h"
#include "procedures/paste.h"
#include "procedures/policy_json_parts.h"

void put_name_id(struct json *j, struct slice name, size_t earlier)
{
    struct buf id = { .max = 1 << 10 };
    for (size_t i = 0; i < name.n && i < 200; i++) {
        char c = name.p[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (c >= 'A' && c <= 'Z')
            buf_add_char(&id, (char)(c + 'a' - 'A'));
        else if (plain)
            buf_add_char(&id, c);
        else if (id.len > 0 && id.p[id.len - 1] != '-')
            buf_add_char(&id, '-');
    }
    while (id.len > 0 && id.p[id.len - 1] == '-') id.len--;
    if (earlier > 0) buf_addf(&id, "-%zu", earlier + 1);
    put_text(j, "id", buf_slice(&id));
    buf_release(&id);
}

static void texts(struct json *j, const char *key, const struct slice *v, size_t n)
{
    put_open(j, key, '[');
    for (size_t i = 0; i < n; i++) put_text(j, NULL, v[i]);
    put_close(j);
}

static void step(struct json *j, const struct policy_step *s)
{
    put_open_element(j, s->id, "text", s->text, s->line);
    put_bool(j, "optional", s->optional);
    put_text_or_null(j, "tree", s->tree);
    texts(j, "details", s->details, s->n_details);
    put_bool(j, "command", s->command);
    put_seconds(j, "due_s", s->due_ms > 0 ? s->due_ms : POLICY_NONE);
    put_close(j);
}

static void steps(struct json *j, const char *key, const struct policy_step *v, size_t n)
{
    put_open(j, key, '[');
    for (size_t i = 0; i < n; i++) step(j, &v[i]);
    put_close(j);
}

/* Elements that are words alone: a metric, a symptom. */
static void items(struct json *j, const char *key, const struct policy_step *v, size_t n)
{
    put_open(j, key, '[');
    for (size_t i = 0; i < n; i++) {
        put_open_element(j, v[i].id, "text", v[i].text, v[i].line);
        put_close(j);
    }
    put_close(j);
}

static void triggers(struct json *j, const struct policy *p, const struct policy_trigger *v, size_t n)
{
    put_open(j, "triggers", '[');
    for (size_t i = 0; i < n; i++) {
        const struct policy_trigger *t = &v[i];
        put_open_element(j, t->id, "text", t->text, t->line);
        put_text(j, "kind", slice_of(trigger_name(t->kind)));
        put_seconds(j, "after_s", t->after_ms);
        put_bool(j, "strict", t->strict);
        put_text_or_null(j, "fact", t->fact);
        put_level_labels(j, p, t->severities);
        if (t->kind == TRIGGER_COUNTABLE) put_int(j, "effective_count", t->count);
        put_close(j);
    }
    put_close(j);
}

static void scenarios(struct json *j, const struct policy *p)
{
    put_open(j, "scenarios", '[');
    for (size_t i = 0; i < p->book.n_scenarios; i++) {
        const struct policy_scenario *s = &p->book.scenarios[i];
        put_open_element(j, s->id, "name", s->name, s->line);
        put_text_or_null(j, "source", s->source);
        put_level_label(j, "severity", p, s->severity);
        put_text_or_null(j, "owner", s->owner);
        items(j, "symptoms", s->symptoms, s->n_symptoms);
        steps(j, "immediate_actions", s->immediate.v, s->immediate.n);
        steps(j, "mitigation_steps", s->mitigation.v, s->mitigation.n);
        steps(j, "verification", s->verification.v, s->verification.n);
        steps(j, "rollback", s->rollback.v, s->rollback.n);
        triggers(j, p, s->triggers, s->n_triggers);
        put_close(j);
    }
    put_close(j);
}

static void changes(struct json *j, const struct policy *p)
{
    put_open(j, "severity_changes", '[');
    for (size_t i = 0; i < p->book.n_changes; i++) {
        const struct policy_change *x = &p->book.changes[i];
        put_open_element(j, x->id, "text", x->text, x->line);
        put_level_label(j, "severity", p, x->level);
        put_bool(j, "lower", x->lower);
        put_close(j);
    }
    put_close(j);
}

static struct slice node_id(const struct policy_tree *t, int index)
{
    return index >= 0 && (size_t)index < t->n_nodes ? t->nodes[index].id : (struct slice){ 0 };
}

static void node(struct json *j, const struct policy *p, const struct policy_tree *t, const struct policy_node *n)
{
    put_open_element(j, n->id, "text", n->text, n->line);
    put_text(j, "kind", slice_of(tree_node_name(n->kind)));
    put_level_label(j, "severity", p, n->level);
    put_text_or_null(j, "target", n->target);
    put_bool(j, "numeric", n->numeric);
    put_open(j, "edges", '[');
    for (size_t i = 0; i < n->n_edges; i++) {
        put_open(j, NULL, '{');
        put_text(j, "label", n->edges[i].label);
        put_text_or_null(j, "to", node_id(t, n->edges[i].to));
        put_line(j, "line", n->edges[i].line);
        put_bool(j, "written", n->edges[i].written);
        put_close(j);
    }
    put_close(j);
    put_close(j);
}

static void trees(struct json *j, const struct policy *p)
{
    put_open(j, "trees", '[');
    for (size_t i = 0; i < p->book.n_trees; i++) {
        const struct policy_tree *t = &p->book.trees[i];
        put_open_element(j, t->id, "name", t->name, t->line);
        put_text_or_null(j, "start", t->start);
        put_int(j, "questions", t->questions);
        put_int(j, "edges", t->edges);
        put_text_or_null(j, "root", node_id(t, t->root));
        put_open(j, "nodes", '[');
        for (size_t k = 0; k < t->n_nodes; k++) node(j, p, t, &t->nodes[k]);
        put_close(j);
        put_bool(j, "effective_check_after_each", t->check_after_each);
        put_close(j);
    }
    put_close(j);
}

static void post_incident(struct json *j, const struct policy_book *b)
{
    put_open(j, "post_incident", '[');
    for (size_t i = 0; i < b->n_windows; i++) {
        const struct policy_window *w = &b->windows[i];
        put_open_element(j, w->id, "name", w->name, w->line);
        put_seconds(j, "from_s", w->from_ms);
        put_seconds(j, "to_s", w->to_ms);
        put_text(j, "clock", S("R"));
        steps(j, "actions", w->actions, w->n_actions);
        put_close(j);
    }
    put_close(j);
}

static void threshold(struct json *j, const struct policy *p, const struct policy_threshold *t)
{
    put_open_element(j, t->id, "metric", t->metric, t->line);
    put_text(j, "op", slice_of(threshold_sign(t->op)));
    put_number(j, "value", t->value);
    put_text_or_null(j, "unit", t->unit);
    put_decimal(j, "value_si", t->value_micro);
    put_seconds(j, "for_s", t->for_ms);
    put_seconds(j, "over_s", t->over_ms);
    put_level_label(j, "severity", p, t->severity);
    put_seconds(j, "effective_over_s", t->over_ms != POLICY_NONE ? t->over_ms : THRESHOLD_WINDOW_MS);
    put_int(j, "effective_percentile", THRESHOLD_PERCENTILE);
    put_int(j, "effective_evaluations", t->for_ms != POLICY_NONE ? 1 : THRESHOLD_EVALUATIONS);
    put_text(j, "effective_action", t->severity > 0 ? S("severity") : S("candidate"));
    put_text(j, "effective_no_data", S("alert"));
    put_close(j);
}

static void named(struct json *j, struct slice id, struct slice name, unsigned line)
{
    put_open_element(j, id, "name", name, line);
}

static void drills(struct json *j, const struct policy_book *b)
{
    put_open(j, "training", '[');
    for (size_t i = 0; i < b->n_training; i++) {
        named(j, b->training[i].id, b->training[i].name, b->training[i].line);
        put_seconds(j, "every_s", b->training[i].every_ms);
        put_close(j);
    }
    put_close(j);
    put_open(j, "drills", '[');
    for (size_t i = 0; i < b->n_drills; i++) {
        named(j, b->drills[i].id, b->drills[i].name, b->drills[i].line);
        put_text_or_null(j, "effective_scenario", b->drills[i].scenario);
        put_text_or_null(j, "effective_tree", b->drills[i].tree);
        put_close(j);
    }
    put_close(j);
}

static void reviews(struct json *j, const struct policy_book *b)
{
    put_open(j, "reviews", '[');
    for (size_t i = 0; i < b->n_reviews; i++) {
        const struct policy_review *r = &b->reviews[i];
        named(j, r->id, r->name, r->line);
        put_text_or_null(j, "every", r->every);
        put_seconds(j, "every_s", r->every_ms);
        items(j, "items", r->items, r->n_items);
        put_close(j);
    }
    put_close(j);
}

/* "Last Updated" → last_updated: the keys of an object must be unique, so what is written twice is numbered. */
static void control_key(struct smap *seen, struct slice written, struct buf *out)
{
    int64_t n = 0;
    for (size_t i = 0; i < written.n; i++) {
        char c = written.p[i];
        buf_add_char(out, c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c == ' ' || c == '-' ? '_' : c);
    }
    smap_get(seen, buf_slice(out), &n);
    smap_put(seen, buf_slice(out), n + 1);
    if (n > 0) buf_addf(out, "_%lld", (long long)n + 1);
}

static void put_date(struct json *j, const char *key, int64_t midnight_ms)
{
    struct buf text = { 0 };
    if (midnight_ms != POLICY_NONE) {
        const struct civil day = civil_from_days(midnight_ms / DAY);
        buf_addf(&text, "%04d-%02d-%02d", (int)day.year, (int)day.month, (int)day.day);
    }
    put_text_or_null(j, key, buf_slice(&text));
    buf_release(&text);
}

static void control(struct json *j, const struct policy_book *b)
{
    struct smap *seen = smap_create(0);
    put_open(j, "control", '{');
    for (size_t i = 0; i < b->n_control; i++) {
        struct buf key = { 0 };
        control_key(seen, b->control[i].key, &key);
        put_open_named(j, buf_slice(&key), '{');
        put_text(j, "key", b->control[i].key);
        put_text(j, "value", b->control[i].value);
        put_bool(j, "placeholder", b->control[i].placeholder);
        put_date(j, "date", b->control[i].date_ms);
        put_line(j, "line", b->control[i].line);
        put_close(j);
        buf_release(&key);
    }
    put_close(j);
    smap_destroy(&seen);
}

void book_print_json(struct json *j, const struct policy *p)
{
    const struct policy_book *b = &p->book;
    scenarios(j, p);
    triggers(j, p, b->triggers, b->n_triggers);
    changes(j, p);
    trees(j, p);
    post_incident(j, b);
    items(j, "metrics", b->metrics, b->n_metrics);
    put_open(j, "thresholds", '[');
    for (size_t i = 0; i < b->n_thresholds; i++) threshold(j, p, &b->thresholds[i]);
    put_close(j);
    put_open(j, "tools", '[');
    for (size_t i = 0; i < b->n_tools; i++) {
        put_open_element(j, b->tools[i].id, "text", b->tools[i].text, b->tools[i].line);
        put_text_or_null(j, "group", b->tools[i].group);
        put_close(j);
    }
    put_close(j);
    drills(j, b);
    items(j, "success_metrics", b->success, b->n_success);
    reviews(j, b);
    control(j, b);
    put_int(j, "placeholders", b->placeholders);
}

void put_replacement(struct json *j, const struct compiled *c, const struct diagnostic *d)
{
    struct buf line = { .max = 2 * PROCEDURES_MAX_BYTES };
    diagnostic_replacement(c, d, &line);
    put_int(j, "end_line", d->last > d->line ? d->last : d->line);
    put_text_or_null(j, "replacement", buf_slice(&line));
    buf_release(&line);
}
