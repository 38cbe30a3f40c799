/* merge.c - several documents become one policy with views.
 * Not here: front matter (front.c, merge_front.c), what is weaker (merge_weaker.c). */
#include "procedures/merge.h"

#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "procedures/merge_inner.h"

#define PART(role, noun, list, type, id)                                                                             \
    {                                                                                                                \
        SECTION_##role, noun, offsetof(struct policy, list), offsetof(struct policy, n_##list), sizeof(struct type), \
            offsetof(struct type, id), offsetof(struct type, line)                                                   \
    }
#define BOOK(role, noun, list, type, id)                                                                  \
    {                                                                                                     \
        SECTION_##role, noun, offsetof(struct policy, book.list), offsetof(struct policy, book.n_##list), \
            sizeof(struct type), offsetof(struct type, id), offsetof(struct type, line)                   \
    }

const struct part merge_parts[] = {
    PART(SEVERITY, "severity", severities, policy_severity, label),
    PART(TEAM, "role", roles, policy_role, id),
    PART(CONTACTS, "contact", contacts, policy_contact, party),
    PART(CHANNELS, "channel", channels, policy_channel, text),
    PART(TIMELINE, "milestone", milestones, policy_milestone, id),
    PART(COMMUNICATION, "obligation", communications, policy_communication, id),
    PART(TEMPLATES, "template", templates, policy_template, id),
    PART(ESCALATION, "rule", rules, policy_rule, id),
    BOOK(SCENARIOS, "scenario", scenarios, policy_scenario, id),
    BOOK(TRIGGERS, "trigger", triggers, policy_trigger, id),
    BOOK(SEVERITY_RAISE, "change of severity", changes, policy_change, id),
    BOOK(TREES, "tree", trees, policy_tree, id),
    BOOK(POST_INCIDENT, "window", windows, policy_window, id),
    BOOK(METRICS, "metric", metrics, policy_step, id),
    BOOK(THRESHOLDS, "threshold", thresholds, policy_threshold, id),
    BOOK(TOOLS, "tool", tools, policy_tool, id),
    BOOK(TRAINING, "training", training, policy_training, id),
    BOOK(DRILLS, "drill", drills, policy_drill, id),
    BOOK(SUCCESS, "success metric", success, policy_step, id),
    BOOK(REVIEWS, "review", reviews, policy_review, id),
};
const size_t merge_parts_n = COUNT_OF(merge_parts);

/* A pointer to const of any type and a size_t: the same representation on every platform we build for. */
const void *part_v(const struct part *part, const struct policy *p)
{
    const void *v;
    memcpy(&v, (const char *)p + part->v, sizeof v);
    return v;
}

size_t part_n(const struct part *part, const struct policy *p)
{
    size_t n;
    memcpy(&n, (const char *)p + part->n, sizeof n);
    return n;
}

static void part_set(const struct part *part, struct policy *p, const void *v, size_t n)
{
    memcpy((char *)p + part->v, &v, sizeof v);
    memcpy((char *)p + part->n, &n, sizeof n);
}

struct slice part_id(const struct part *part, const void *element)
{
    struct slice id;
    memcpy(&id, (const char *)element + part->id, sizeof id);
    return id;
}

unsigned part_line(const struct part *part, const void *element)
{
    unsigned line;
    memcpy(&line, (const char *)element + part->line, sizeof line);
    return (unsigned)POLICY_LINE(line);
}

/* --- where elements come from --------------------------------------------------------------------------------------- */

size_t merge_file(const struct merger *m, const void *element)
{
    const uintptr_t at = (uintptr_t)element;
    for (size_t i = 0; i < m->origins.n; i++) {
        const struct origin *o = &m->origins.v[i];
        const uintptr_t begin = (uintptr_t)o->v;
        if (at >= begin && at < begin + o->n * o->size) return o->files[(at - begin) / o->size];
    }
    return SIZE_MAX;
}

struct slice merge_place(struct merger *m, const void *element, unsigned line)
{
    const size_t file = merge_file(m, element);
    struct slice name = file == SIZE_MAX ? S("?") : m->set->docs[file]->file_name;
    struct buf text = { 0 };
    buf_addf(&text, "%.*s:%u", ARG(name), POLICY_LINE(line));
    struct slice kept = arena_copy(m->arena, buf_slice(&text));
    buf_release(&text);
    return kept;
}

static const uint32_t *files_all(struct merger *m, size_t n, size_t doc)
{
    uint32_t *files = arena_array(m->arena, uint32_t, n + 1);
    for (size_t i = 0; i < n; i++) files[i] = (uint32_t)doc;
    return files;
}

/* The lists of a document as they came from the compiler. */
static void origins_of_document(struct merger *m, size_t doc)
{
    const struct policy *p = &m->set->docs[doc]->policy;
    for (size_t i = 0; i < merge_parts_n; i++) {
        const struct part *part = &merge_parts[i];
        const size_t n = part_n(part, p);
        const bool borrowed = part->role == SECTION_SEVERITY && doc != m->set->organisation;
        if (n > 0 && !borrowed)
            *vec_push(&m->origins) = (struct origin){ part_v(part, p), n, part->size, files_all(m, n, doc) };
    }
}

/* --- diagnostics ---------------------------------------------------------------------------------------------------- */

void merge_diagnose(struct merger *m, size_t doc, const char *code, unsigned line, struct slice suggestion,
                    const char *fmt, ...)
{
    struct buf text = { 0 };
    va_list ap;
    va_start(ap, fmt);
    buf_vaddf(&text, fmt, ap);
    va_end(ap);
    struct extra *x = vec_push(&m->extras);
    *x = (struct extra){ .doc = doc };
    x->d = (struct diagnostic){ .level = code[0] == 'E'   ? DIAGNOSTIC_ERROR
                                         : code[0] == 'W' ? DIAGNOSTIC_WARNING
                                                          : DIAGNOSTIC_NOTE,
                                .code = slice_of(code),
                                .line = line == 0 ? 1 : (unsigned)POLICY_LINE(line),
                                .col = 1,
                                .width = 1,
                                .message = arena_copy(m->set->docs[doc]->arena, buf_slice(&text)),
                                .suggestion = arena_copy(m->set->docs[doc]->arena, suggestion) };
    buf_release(&text);
}

static int by_line(const void *a, const void *b, void *ctx)
{
    const struct diagnostic *x = a, *y = b;
    (void)ctx;
    return x->line != y->line ? (x->line < y->line ? -1 : 1) : (x->col > y->col) - (x->col < y->col);
}

static void diagnostics_add(struct merger *m, size_t doc)
{
    struct compiled *c = m->set->docs[doc];
    struct diagnostic *all = arena_array(c->arena, struct diagnostic, c->n_diagnostics + m->extras.n + 1);
    size_t n = c->n_diagnostics;
    if (n > 0) memcpy(all, c->diagnostics, n * sizeof *all);
    for (size_t i = 0; i < m->extras.n; i++) {
        if (m->extras.v[i].doc != doc) continue;
        const struct diagnostic *d = &m->extras.v[i].d;
        all[n++] = *d;
        c->errors += d->level == DIAGNOSTIC_ERROR;
        c->warnings += d->level == DIAGNOSTIC_WARNING;
        c->notes += d->level == DIAGNOSTIC_NOTE;
    }
    sort_stable(all, n, sizeof *all, by_line, NULL);
    c->diagnostics = all;
    c->n_diagnostics = n;
}

/* --- joining -------------------------------------------------------------------------------------------------------- */

static size_t find_id(const struct part *part, const void *v, size_t n, struct slice id)
{
    for (size_t i = 0; i < n; i++)
        if (slice_eq(part_id(part, (const char *)v + i * part->size), id)) return i;
    return n;
}

struct joined { /* a list in the making */
    char *v;
    uint32_t *files;
    size_t n;
};

static void joined_add(struct joined *j, const struct part *part, const void *v, size_t n, const struct merger *m)
{
    if (n > 0) memcpy(j->v + j->n * part->size, v, n * part->size);
    for (size_t i = 0; i < n; i++) j->files[j->n + i] = (uint32_t)merge_file(m, (const char *)v + i * part->size);
    j->n += n;
}

/* --- runbooks --- */

/* Named outright for the document: by the site, else by its front matter. A document of several scenarios attaches each by
 * its title. */
static struct slice scenario_wanted(const struct merger *m, size_t doc)
{
    if (m->set->docs[doc]->policy.book.n_scenarios != 1) return (struct slice){ 0 };
    return m->wanted[doc].n > 0 ? m->wanted[doc] : m->fronts[doc].scenario.text;
}

static struct slice scenario_names(struct merger *m, const struct joined *j)
{
    const struct policy_scenario *v = (const void *)j->v;
    struct buf text = { 0 };
    for (size_t i = 0; i < j->n; i++) buf_addf(&text, "%s%.*s", i > 0 ? ", " : "", ARG(v[i].name));
    struct slice kept = arena_copy(m->arena, buf_slice(&text));
    buf_release(&text);
    return kept;
}

/* True: it is attached, or nothing by the name that was given is there, which is told. */
static bool join_runbook(struct merger *m, struct joined *j, const struct policy_scenario *runbook, size_t doc)
{
    struct policy_scenario *all = (void *)j->v;
    const struct slice wanted = scenario_wanted(m, doc);
    const size_t at = merge_runbook_target(m->arena, all, j->n, wanted, runbook->name);
    if (at == j->n && wanted.n > 0)
        merge_diagnose(m, doc, "E-RUNBOOK", runbook->line, scenario_names(m, j),
                       "this runbook is to belong to the scenario %.*s, and there is none", ARG(wanted));
    if (at == j->n) return wanted.n > 0;
    if (j->files[at] == doc) return false;
    merge_diagnose(m, doc, "N-RUNBOOK", runbook->line, S(""),
                   "the runbook of the scenario %.*s at %.*s:%u: what it does not say, and each trigger there, stays",
                   ARG(all[at].name), ARG(m->set->docs[j->files[at]]->file_name), POLICY_LINE(all[at].line));
    *vec_push(&m->instead) = runbook->line;
    all[at] = merge_runbook(m->arena, &all[at], runbook);
    j->files[at] = (uint32_t)doc;
    return true;
}

/* Attached by name, and nothing of it can be. */
static void check_attached(struct merger *m, size_t doc)
{
    const size_t n = m->set->docs[doc]->policy.book.n_scenarios;
    const struct slice wanted = m->wanted[doc].n > 0 ? m->wanted[doc] : m->fronts[doc].scenario.text;
    if (wanted.n == 0 || n == 1 || m->fronts[doc].team.line > 0) return;
    merge_diagnose(m, doc, "E-RUNBOOK", m->fronts[doc].scenario.line,
                   S("head its parts Symptoms, Immediate Actions, Mitigation, When to Escalate, Verification"),
                   n == 0 ? "this document is to belong to the scenario %.*s, and no runbook was read in it"
                          : "this document is to belong to the scenario %.*s, and holds several: each finds its own by "
                            "its title",
                   ARG(wanted));
}

/* --- elements --- */

static void join_element(struct merger *m, const struct part *part, struct joined *j, const void *element, size_t doc)
{
    const bool shared = m->fronts[doc].team.line == 0;
    if (shared && part->role == SECTION_SCENARIOS && join_runbook(m, j, element, doc)) return;
    const size_t at = find_id(part, j->v, j->n, part_id(part, element));
    /* A team's own contact of a party and its own threshold of a metric stand instead of the organisation's. */
    const bool instead = !shared && (part->role == SECTION_CONTACTS || part->role == SECTION_THRESHOLDS);
    char *there = j->v + at * part->size;
    if (at == j->n) {
        joined_add(j, part, element, 1, m);
        return;
    }
    struct slice file = m->set->docs[j->files[at]]->file_name;
    const unsigned line = part_line(part, element), other = part_line(part, there);
    if (!instead || j->files[at] == doc) {
        merge_diagnose(m, doc, "E-EXTENDS-TWICE", line,
                       S("leave it out, name it otherwise, or replace the whole section (front matter: replaces)"),
                       "this %s stands at %.*s:%u already: %.*s", part->noun, ARG(file), other,
                       ARG(part_id(part, element)));
        return;
    }
    merge_diagnose(m, doc, "N-INSTEAD", line, S(""), "stands instead of the %s at %.*s:%u", part->noun, ARG(file),
                   other);
    *vec_push(&m->instead) = line | (unsigned)doc << POLICY_FILE_SHIFT;
    memcpy(there, element, part->size);
    j->files[at] = (uint32_t)doc;
}

static void part_join(struct merger *m, const struct part *part, struct policy *out, size_t doc)
{
    const struct policy *p = &m->set->docs[doc]->policy;
    const size_t have = part_n(part, out), n = part_n(part, p);
    const char *v = part_v(part, p);
    const bool replaces = front_names(m->arena, &m->fronts[doc].replaces, part->role, NULL);
    if (n == 0 || part->role == SECTION_SEVERITY) return;
    struct joined j = { arena_alloc(m->arena, (have + n) * part->size + 1),
                        arena_array(m->arena, uint32_t, have + n + 1), 0 };
    if (!replaces) joined_add(&j, part, part_v(part, out), have, m);
    for (size_t i = 0; i < n; i++) join_element(m, part, &j, v + i * part->size, doc);
    part_set(part, out, j.v, j.n);
    *vec_push(&m->origins) = (struct origin){ j.v, j.n, part->size, j.files };
}

void *merge_own_list(struct merger *m, const struct part *part, struct policy *p)
{
    const size_t n = part_n(part, p);
    struct joined j = { arena_alloc(m->arena, n * part->size + 1), arena_array(m->arena, uint32_t, n + 1), 0 };
    joined_add(&j, part, part_v(part, p), n, m);
    part_set(part, p, j.v, n);
    *vec_push(&m->origins) = (struct origin){ j.v, n, part->size, j.files };
    return j.v;
}

/* Another template of the same purpose would never be sent: the first of a purpose is. */
static void check_purposes(struct merger *m, const struct policy *out, size_t doc)
{
    for (size_t i = 0; i < out->n_templates; i++) {
        const struct policy_template *t = &out->templates[i];
        if (t->purpose == COMMUNICATION_OBLIGATION || merge_file(m, t) != doc) continue;
        const struct policy_template *first = policy_template_for(out, t->purpose);
        if (first == t) continue;
        merge_diagnose(m, doc, "E-EXTENDS-TWICE", t->line,
                       S("replace the templates as a whole (front matter: replaces: communication templates)"),
                       "the template for this purpose stands at %.*s already", ARG(merge_place(m, first, first->line)));
    }
}

static void document_join(struct merger *m, struct policy *out, size_t doc)
{
    const struct policy *p = &m->set->docs[doc]->policy;
    check_attached(m, doc);
    for (size_t i = 0; i < merge_parts_n; i++) part_join(m, &merge_parts[i], out, doc);
    out->book.placeholders += p->book.placeholders;
    check_purposes(m, out, doc);
}

/* --- views ---------------------------------------------------------------------------------------------------------- */

static bool same_view(const struct policy_view *v, const struct front *f)
{
    if (!slice_eq(v->team, f->team.text) || v->n_services != f->services.n) return false;
    for (size_t i = 0; i < v->n_services; i++)
        if (!slice_eq(v->services[i], f->services.v[i])) return false;
    return true;
}

static struct policy_view view_create(struct merger *m, const struct front *f)
{
    struct slice *services = arena_array(m->arena, struct slice, f->services.n + 1);
    struct policy *p = arena_new(m->arena, struct policy);
    *p = m->set->policy;
    p->views = NULL;
    p->n_views = 0;
    for (size_t i = 0; i < f->services.n; i++) services[i] = arena_copy(m->arena, f->services.v[i]);
    return (struct policy_view){ arena_copy(m->arena, f->team.text), services, f->services.n, p };
}

static bool is_of_team(const struct merger *m, size_t doc)
{
    return m->set->docs[doc] != NULL && doc != m->set->organisation && m->fronts[doc].team.line > 0;
}

/* Documents of one team and the same services share a view; a view for services holds what its team's has too. */
static void views_make(struct merger *m)
{
    struct policy_view *views = arena_array(m->arena, struct policy_view, m->set->n + 1);
    size_t n = 0;
    for (int narrow = 1; narrow >= 0; narrow--)
        for (size_t doc = 0; doc < m->set->n; doc++) {
            size_t at = 0;
            if (!is_of_team(m, doc) || (m->fronts[doc].services.n > 0) != (narrow == 1)) continue;
            while (at < n && !same_view(&views[at], &m->fronts[doc])) at++;
            if (at == n) views[n++] = view_create(m, &m->fronts[doc]);
        }
    for (size_t i = 0; i < n; i++)
        for (int narrow = 0; narrow <= 1; narrow++)
            for (size_t doc = 0; doc < m->set->n; doc++) {
                const struct front *f = &m->fronts[doc];
                const bool its = is_of_team(m, doc) && slice_eq(f->team.text, views[i].team);
                const bool wanted = narrow == 0 ? f->services.n == 0 : f->services.n > 0 && same_view(&views[i], f);
                if (!its || !wanted) continue;
                const size_t before = m->extras.n;
                document_join(m, (struct policy *)(uintptr_t)views[i].policy, doc);
                if (!same_view(&views[i], f))
                    m->extras.n = before; /* told by its own view */
                else
                    merge_check_weaker(m, doc, &m->set->policy, views[i].policy);
            }
    m->set->policy.views = views;
    m->set->policy.n_views = n;
}

/* --- the whole ------------------------------------------------------------------------------------------------------ */

/* From here on the lines of all policies say which file they stand in. */
static void files_name(struct merger *m)
{
    struct procedures_set *s = m->set;
    const struct compiled *org = s->docs[s->organisation];
    struct slice *names = arena_array(m->arena, struct slice, s->n);
    if (s->n == 1) return;
    for (size_t i = 0; i < s->n; i++) {
        if (s->docs[i] == NULL) continue;
        names[i] = s->docs[i]->file_name;
        merge_mark_lines(&s->docs[i]->policy, i == s->organisation ? NULL : &org->policy, i);
    }
    for (size_t i = 0; i < s->n; i++) {
        if (s->docs[i] == NULL) continue;
        s->docs[i]->policy.files = names;
        s->docs[i]->policy.n_files = s->n;
        s->docs[i]->set = s;
    }
}

static void documents_join(struct merger *m)
{
    struct procedures_set *s = m->set;
    if (s->docs[s->organisation] == NULL) return;
    files_name(m);
    for (size_t i = 0; i < s->n; i++)
        if (s->docs[i] != NULL) origins_of_document(m, i);
    s->policy = s->docs[s->organisation]->policy;
    for (size_t i = 0; i < s->n; i++) {
        if (s->docs[i] == NULL) continue;
        merge_check_front(m, i);
        if (i != s->organisation) merge_check_levels(m, i);
        if (i != s->organisation && m->fronts[i].team.line == 0) document_join(m, &s->policy, i);
    }
    views_make(m);
    if (s->n > 1) merge_check_whole(m);
}

struct procedures_set *procedures_set_compile(const struct procedures_file *files, size_t n,
                                              const struct set_options *options)
{
    struct arena *a = arena_create(0);
    struct procedures_set *s = arena_new(a, struct procedures_set);
    struct merger m = { .arena = a, .set = s, .fronts = arena_array(a, struct front, n), .today = options->today };
    CHECK(n > 0);
    *s = (struct procedures_set){
        .arena = a, .n = n, .docs = arena_array(a, struct compiled *, n), .failures = arena_array(a, struct error, n)
    };
    m.wanted = arena_array(a, struct slice, n);
    for (size_t i = 0; i < n; i++) m.wanted[i] = arena_copy(a, files[i].scenario);
    merge_documents_compile(&m, files, options->strict);
    documents_join(&m);
    for (size_t i = 0; i < n; i++) {
        if (s->docs[i] != NULL) diagnostics_add(&m, i);
        s->errors += s->docs[i] == NULL ? 1 : s->docs[i]->errors;
        s->warnings += s->docs[i] == NULL ? 0 : s->docs[i]->warnings;
    }
    struct origin *kept = arena_array(a, struct origin, m.origins.n + 1);
    if (m.origins.n > 0) memcpy(kept, m.origins.v, m.origins.n * sizeof *kept);
    s->origins = kept;
    s->n_origins = m.origins.n;
    s->fronts = m.fronts;
    s->instead = arena_copy(a, (struct slice){ (const char *)m.instead.v, m.instead.n * sizeof *m.instead.v }).p;
    s->n_instead = m.instead.n;
    vec_release(&m.instead);
    vec_release(&m.extras);
    vec_release(&m.origins);
    return s;
}

void procedures_set_destroy(struct procedures_set **sp)
{
    struct procedures_set *s = *sp;
    *sp = NULL;
    if (s == NULL) return;
    struct arena *a = s->arena;
    for (size_t i = 0; i < s->n; i++) compiled_destroy(&s->docs[i]);
    arena_destroy(&a);
}
