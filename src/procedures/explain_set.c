/* explain_set.c - see explain_set.h. */
#include "procedures/explain_set.h"

#include "base/arena.h"
#include "base/check.h"
#include "procedures/diff.h"
#include "procedures/front.h"
#include "procedures/merge.h"
#include "procedures/place.h"
#include "procedures/policy_json_parts.h"
#include "procedures/visible.h"

void set_view_name(const struct policy_view *v, struct buf *out)
{
    buf_add_str(out, "team ");
    visible_add(out, v->team);
    for (size_t i = 0; i < v->n_services; i++) {
        buf_add_str(out, i > 0 ? ", " : v->n_services == 1 ? ", service " : ", services ");
        visible_add(out, v->services[i]);
    }
}

const struct policy_view *set_view_of(const struct compiled *c)
{
    const struct policy *org = &c->set->policy;
    for (size_t i = 0; i < org->n_views; i++)
        if (org->views[i].policy == c->set_policy) return &org->views[i];
    return NULL;
}

/* --- the head --- */

static void add_list(const char *what, const struct front_list *l, struct buf *out)
{
    for (size_t i = 0; i < l->n; i++) {
        buf_addf(out, "%s", i > 0 ? ", " : what);
        visible_add(out, l->v[i]);
    }
}

static void add_document(const struct procedures_set *s, size_t i, struct buf *out)
{
    const struct compiled *doc = s->docs[i];
    const struct front *f = &s->fronts[i];
    buf_add_str(out, "  ");
    visible_add(out, doc->file_name);
    buf_addf(out, ", %u line%s: ", doc->lines, doc->lines == 1 ? "" : "s");
    if (i == s->organisation) {
        buf_add_str(out, "the organisation's\n");
        return;
    }
    if (f->team.line > 0) {
        buf_add_str(out, "of the team ");
        visible_add(out, f->team.text);
        add_list(f->services.n == 1 ? ", service " : ", services ", &f->services, out);
        add_list("; replaces ", &f->replaces, out);
        add_list("; by leave weaker in ", &f->weaker, out);
    } else {
        buf_add_str(out, "a runbook or shared part, for everybody");
    }
    buf_add_char(out, '\n');
}

static size_t interpretations_of(const struct procedures_set *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++) n += s->docs[i] != NULL ? s->docs[i]->n_interpretations : 0;
    return n;
}

void set_head_print(const struct compiled *c, struct buf *out)
{
    const struct procedures_set *s = c->set;
    const struct policy_view *view = set_view_of(c);
    const size_t interpretations = interpretations_of(s);
    buf_add_str(out, "\nWhat holds for ");
    if (view != NULL)
        set_view_name(view, out);
    else
        buf_add_str(out, "the whole organisation");
    buf_addf(out, ", from %zu documents:\n", s->n);
    for (size_t i = 0; i < s->n; i++)
        if (s->docs[i] != NULL) add_document(s, i, out);
    if (s->errors > 0)
        buf_addf(out, "%u error%s: a server refuses these documents; ", s->errors, s->errors == 1 ? "" : "s");
    buf_addf(out, "%u warning%s, %zu interpretation%s. Sentences without a line are Tocsin's own rules.\n", s->warnings,
             s->warnings == 1 ? "" : "s", interpretations, interpretations == 1 ? "" : "s");
}

/* --- what differs for each team --- */

static struct policy_diff team_diff(struct arena *a, const struct procedures_set *s, const struct policy_view *v)
{
    const struct compiled org = procedures_set_compiled(s, &s->policy), own = procedures_set_compiled(s, v->policy);
    struct policy_diff d;
    procedures_diff(a, &org, &own, &d);
    return d;
}

static void add_place(const struct compiled *org, const struct compiled *own, const struct change *x, struct buf *out)
{
    if (x->new_line == 0 && x->old_line == 0) return;
    buf_add_str(out, " (");
    if (x->new_line > 0) place_add(own, x->new_line, out);
    if (x->old_line > 0 && x->old_line != x->new_line) {
        buf_add_str(out, x->new_line > 0 ? "; was " : "was ");
        place_add(org, x->old_line, out);
    }
    buf_add_char(out, ')');
}

static void add_team(const struct procedures_set *s, const struct policy_view *v, struct buf *out)
{
    struct arena *a = arena_create(0);
    const struct compiled org = procedures_set_compiled(s, &s->policy), own = procedures_set_compiled(s, v->policy);
    const struct policy_diff d = team_diff(a, s, v);
    enum diff_area area = AREA_UNSET;
    const size_t from = out->len + 1;
    buf_add_str(out, "\nFor ");
    set_view_name(v, out);
    const size_t wide = out->len - from;
    buf_add_char(out, '\n');
    for (size_t i = 0; i < wide; i++) buf_add_char(out, '-');
    buf_add_str(out, "\n(what differs from the above; --team ");
    visible_add(out, v->team);
    if (v->n_services > 0) buf_add_str(out, " --service ");
    if (v->n_services > 0) visible_add(out, v->services[0]);
    buf_add_str(out, " shows all of it)\n");
    for (size_t i = 0; i < d.n; i++) {
        if (d.v[i].wording) continue;
        if (d.v[i].area != area) buf_addf(out, "%s\n", diff_area_name(area = d.v[i].area));
        buf_add_str(out, "    - ");
        visible_add(out, d.v[i].text);
        add_place(&org, &own, &d.v[i], out);
        buf_add_str(out, ".\n");
    }
    if (d.behaviour == 0) buf_add_str(out, "- Nothing: all is inherited.\n");
    arena_destroy(&a);
}

void set_teams_print(const struct compiled *c, struct buf *out)
{
    if (c->set_policy != &c->set->policy) return;
    for (size_t i = 0; i < c->set->policy.n_views; i++) add_team(c->set, &c->set->policy.views[i], out);
}

/* --- JSON --- */

static void put_list(struct json *j, const char *key, const struct slice *v, size_t n)
{
    put_open(j, key, '[');
    for (size_t i = 0; i < n; i++) put_text(j, NULL, v[i]);
    put_close(j);
}

static void put_documents(struct json *j, const struct procedures_set *s)
{
    put_open(j, "documents", '[');
    for (size_t i = 0; i < s->n; i++) {
        const struct front *f = &s->fronts[i];
        if (s->docs[i] == NULL) continue;
        put_open(j, NULL, '{');
        put_document(j, s->docs[i]);
        put_bool(j, "organisation", i == s->organisation);
        put_text_or_null(j, "team", f->team.text);
        put_list(j, "services", f->services.v, f->services.n);
        put_list(j, "replaces", f->replaces.v, f->replaces.n);
        put_list(j, "weaker", f->weaker.v, f->weaker.n);
        put_text_or_null(j, "approved_by", f->approved_by.text);
        put_text_or_null(j, "reason", f->reason.text);
        put_text_or_null(j, "until", f->until.text);
        put_close(j);
    }
    put_close(j);
}

static void put_view(struct json *j, const char *key, const struct policy_view *v)
{
    if (v == NULL) {
        put_null(j, key);
        return;
    }
    put_open(j, key, '{');
    put_text(j, "team", v->team);
    put_list(j, "services", v->services, v->n_services);
}

static void put_change(struct json *j, const struct compiled *org, const struct compiled *own, const struct change *x)
{
    put_open(j, NULL, '{');
    put_text(j, "area", slice_of(diff_area_name(x->area)));
    put_text(j, "kind", slice_of(change_kind_name(x->kind)));
    put_text(j, "text", x->text);
    put_text_or_null(j, "id", x->id);
    j->c = own;
    put_line(j, "line", x->new_line);
    j->c = NULL;
    put_line(j, "organisation_line", x->old_line);
    if (x->old_line > 0) put_text(j, "organisation_file", policy_file(&org->policy, x->old_line));
    put_close(j);
}

static void put_team(struct json *j, const struct procedures_set *s, const struct policy_view *v)
{
    struct arena *a = arena_create(0);
    const struct compiled org = procedures_set_compiled(s, &s->policy), own = procedures_set_compiled(s, v->policy);
    const struct policy_diff d = team_diff(a, s, v);
    put_view(j, NULL, v);
    put_open(j, "changes", '[');
    for (size_t i = 0; i < d.n; i++)
        if (!d.v[i].wording) put_change(j, &org, &own, &d.v[i]);
    put_close(j);
    put_close(j);
    arena_destroy(&a);
}

void set_print_json(struct json *j, const struct compiled *c)
{
    const struct policy_view *view = set_view_of(c);
    put_documents(j, c->set);
    put_view(j, "view", view);
    if (view != NULL) put_close(j);
    put_open(j, "teams", '[');
    for (size_t i = 0; view == NULL && i < c->set->policy.n_views; i++) put_team(j, c->set, &c->set->policy.views[i]);
    put_close(j);
}

/* --- each document by itself --- */

void set_each_document(const struct compiled *c, document_print_fn *print, struct buf *out)
{
    for (size_t i = 0; i < c->set->n; i++) {
        if (c->set->docs[i] == NULL) continue;
        if (i > 0) buf_add_char(out, '\n');
        visible_add(out, c->set->docs[i]->file_name);
        buf_add_str(out, ":\n");
        print(c->set->docs[i], out);
    }
}

void set_each_document_json(const struct compiled *c, document_print_fn *print, struct buf *out)
{
    size_t n = 0;
    buf_add_char(out, '[');
    for (size_t i = 0; i < c->set->n; i++) {
        if (c->set->docs[i] == NULL) continue;
        if (n++ > 0) buf_add_char(out, ',');
        print(c->set->docs[i], out);
    }
    buf_add_str(out, "]\n");
}
