/* routing.c - routing.yaml's rules.
 * Not here: matching (core/routing.c), whether a severity or scenario is the document's (bind.c).
 * Always: after an error no pattern is left allocated. */
#include "site/routing.h"

#include <stddef.h>

#include "base/arena.h"
#include "base/check.h"
#include "site/loader.h"
#include "sys/files.h"

struct rules {
    struct routing_rule *v;
    size_t n;
    bool declare_every_alert;
};

struct level_name {
    const char *name;
    int level;
};

/* Levels by name alone (grammar G16). */
static const struct level_name level_names[] = {
    { "critical", 1 }, { "urgent", 1 },  { "high", 2 }, { "major", 2 }, { "medium", 3 },
    { "moderate", 3 }, { "warning", 3 }, { "low", 4 },  { "minor", 4 }, { "info", 4 },
};

/* SEV1, sev-2, P0, 3, critical; 0 = none of them. */
static int level_of(struct slice text)
{
    struct slice rest = text;
    int64_t number;
    int from = 0;

    for (size_t i = 0; i < COUNT_OF(level_names); i++)
        if (slice_eq_nocase(text, slice_of(level_names[i].name))) return level_names[i].level;
    if (!slice_cut_prefix_nocase(&rest, S("sev")) && slice_cut_prefix_nocase(&rest, S("p"))) from = 1;
    if (rest.n < text.n) slice_cut_prefix(&rest, S("-"));
    if (!slice_cut_uint(&rest, &number) || rest.n > 0) return 0;
    number += from;
    return number >= 1 && number <= 9 ? (int)number : 0;
}

static void severity_read(struct loader *l, const struct node *n, void *section)
{
    struct routing_rule *rule = section;
    struct slice text;

    if (!text_read(l, n, &text)) return;
    rule->severity = level_of(slice_trim(text));
    rule->severity_label = slice_trim(text);
    if (rule->severity == 0)
        node_error(l, n,
                   "`%.*s` is no severity: write SEV1 … SEV9, P0 … P8, a number from 1, or a name such as critical",
                   (int)slice_upto(text, 40).n, text.p);
}

void matchers_read(struct loader *l, const struct node *n, struct matchers *out)
{
    struct texts texts;

    if (!texts_read(l, n, &texts)) return;
    out->v = arena_array(l->a, struct matcher, texts.n + 1);
    for (size_t i = 0; i < texts.n; i++) {
        struct error e = { 0 };

        if (matcher_parse(l->a, texts.v[i], &out->v[out->n], &e) < 0)
            node_error(l, texts.nodes[i], "%s; write 'name=\"value\"', with =, !=, =~ or !~", e.detail);
        else
            out->n++;
    }
}

static void match_read(struct loader *l, const struct node *n, void *section)
{
    matchers_read(l, n, &((struct routing_rule *)section)->match);
}

static void service_read(struct loader *l, const struct node *n, void *section)
{
    struct routing_rule *rule = section;

    if (!text_read(l, n, &rule->service) || l->services.v == NULL) return;
    name_resolve(l, n, &l->services);
}

static bool is_label_name(struct slice s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';

        if (!letter && (i == 0 || c < '0' || c > '9')) return false;
    }
    return s.n > 0;
}

static void group_by_read(struct loader *l, const struct node *n, void *section)
{
    struct routing_rule *rule = section;
    struct texts texts;

    if (!texts_read(l, n, &texts)) return;
    for (size_t i = 0; i < texts.n; i++)
        if (!is_label_name(texts.v[i]))
            node_error(l, texts.nodes[i], "`%.*s` is no label name: letters, digits and _, not beginning with a digit",
                       (int)slice_upto(texts.v[i], 80).n, texts.v[i].p);
    rule->group_by = texts.v;
    rule->n_group_by = texts.n;
}

static const struct key rule_keys[] = {
    { "name", KEY_TEXT, offsetof(struct routing_rule, name), NULL, true,
      "What people call the rule; shown wherever it "
      "decided something." },
    { "match", KEY_READ, 0, match_read, true, "Matchers that must all hold: ['alertname=~\"Db.*\"']; [] matches all." },
    { "service", KEY_READ, 0, service_read, false, "The site's service that it is about." },
    { "severity", KEY_READ, 0, severity_read, false, "One of the document's levels; SEV1 and SEV2 declare." },
    { "category", KEY_TEXT, offsetof(struct routing_rule, category), NULL, false, "security, database, network …" },
    { "scenario", KEY_TEXT, offsetof(struct routing_rule, scenario), NULL, false,
      "A scenario of the document; declares." },
    { "declare", KEY_BOOL, offsetof(struct routing_rule, declare), NULL, false, "Declare the incident at once." },
    { "group_by", KEY_READ, 0, group_by_read, false, "Labels that keep incidents apart; the service always does." },
    { "drop", KEY_TEXT, offsetof(struct routing_rule, drop), NULL, false, "Open nothing, and record this reason." },
};
const struct key_table rule_table = { "rules[]", rule_keys, COUNT_OF(rule_keys) };

/* A rule that drops and pages at once says two things. */
static void drop_check(struct loader *l, const struct node *n, const struct routing_rule *rule)
{
    static const char *const others[] = { "severity", "scenario", "declare", "group_by" };

    for (size_t i = 0; i < COUNT_OF(others) && rule->drop.n > 0; i++) {
        const struct node *other = node_child(n, slice_of(others[i]));

        if (other != NULL)
            problem_error(l->problems, key_place(l, other),
                          "the rule drops its alerts, so `%s` says nothing: leave one "
                          "of them out",
                          others[i]);
    }
}

static void twins_check(struct loader *l, const struct node *n, const struct rules *rules)
{
    const struct routing_rule *last = &rules->v[rules->n - 1];

    for (size_t i = 0; i + 1 < rules->n && last->name.n > 0; i++)
        if (slice_eq(rules->v[i].name, last->name))
            node_error(l, n, "`%.*s` names the rule in line %u too: records must tell them apart", (int)last->name.n,
                       last->name.p, rules->v[i].line);
}

static void rules_read(struct loader *l, const struct node *list, void *section)
{
    struct rules *rules = section;

    if (list->kind != NODE_LIST && !node_is_empty(list)) {
        node_error(l, list, "a list of rules is wanted here (- name: …), not %s", node_kind_name(list->kind));
        return;
    }
    rules->v = arena_array(l->a, struct routing_rule, list->n + 1);
    for (const struct node *n = list->first; n != NULL; n = n->next) {
        struct routing_rule *rule = &rules->v[rules->n++];

        rule->line = n->line;
        section_read(l, n, &rule_table, rule);
        drop_check(l, n, rule);
        twins_check(l, n, rules);
    }
}

/* `declare: every alert`: the literal reading of the document (A51). */
static void declare_read(struct loader *l, const struct node *n, void *section)
{
    static const char *const words[] = { "every alert", "by rule", NULL };

    ((struct rules *)section)->declare_every_alert = word_read(l, n, words) == 1;
}

static const struct key routing_keys[] = {
    { "rules", KEY_READ, 0, rules_read, false, "The rules; the first that matches wins." },
    { "declare", KEY_READ, 0, declare_read, false, "`every alert` declares each incident when it opens; `by rule`." },
    { "inhibition", KEY_LATER, 0, NULL, false, "alerts of one service join one incident; else an Alertmanager in front inhibits" },
    { "inhibit_rules", KEY_LATER, 0, NULL, false, "alerts of one service join one incident; else an Alertmanager in front inhibits" },
    { "windows", KEY_LATER, 0, NULL, false, "silence by hand meanwhile: tocsin silence … --starts 22:00 --for 6h" },
    { "commands", KEY_LATER, 0, NULL, false, "runbooks are not executed yet" },
};
const struct key_table routing_table = { "routing.yaml", routing_keys, COUNT_OF(routing_keys) };

static void services_know(struct loader *l, const struct site *site)
{
    struct slice *v;

    if (site == NULL) return;
    v = arena_array(l->a, struct slice, site->dir.n_services + 1);
    for (size_t i = 0; i < site->dir.n_services; i++) v[i] = site->dir.services[i].id;
    l->services = (struct names){ .kind = "service", .section = "services", .file = site->path, .v = v };
    l->services.line = site->services_line;
    l->services.n = site->dir.n_services;
}

int routing_load_bytes(struct arena *a, struct slice file, struct slice bytes, const struct site *site,
                       struct routing *out, struct problems *p)
{
    struct loader l = { .a = a, .file = arena_copy(a, file), .problems = p };
    size_t before = problems_errors(p), first = problems_count(p);
    struct rules rules = { 0 };

    services_know(&l, site);
    l.root = tree_parse(a, l.file, bytes, p);
    if (l.root != NULL) section_read(&l, l.root, &routing_table, &rules);
    problems_sort(p, first);
    *out = (struct routing){ rules.v, rules.n, rules.declare_every_alert };
    if (problems_errors(p) == before) return 0;
    routing_release(out);
    return ERR_SYNTAX;
}

int routing_load(struct arena *a, const struct site *site, struct routing *out, struct problems *p)
{
    struct buf bytes = { .max = TREE_MAX_BYTES + 1 };
    struct error e = { 0 };
    int rc;

    *out = (struct routing){ 0 };
    if (site->routing.n == 0) return 0;
    rc = file_read(site->routing.p, TREE_MAX_BYTES, &bytes, &e);
    if (rc < 0)
        problem_error(p, (struct place){ site->routing, 0, 0 }, "%s; %.*s names it as `organisation.routing`", e.detail,
                      (int)site->path.n, site->path.p);
    else
        rc = routing_load_bytes(a, site->routing, buf_slice(&bytes), site, out, p);
    buf_release(&bytes);
    return rc;
}
