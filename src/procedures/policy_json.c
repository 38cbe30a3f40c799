/* policy_json.c - the JSON contract: the document, who answers, who is paged, who is told; then the account of it.
 * Not here: runbooks, trees, duties, measures (policy_json_book.c). */
#include "procedures/policy_json.h"

#include "base/arena.h"
#include "base/check.h"
#include "base/digest.h"
#include "procedures/completeness.h"
#include "procedures/explain.h"
#include "procedures/explain_set.h"
#include "procedures/matrix.h"
#include "procedures/merge.h"
#include "procedures/names.h"
#include "procedures/policy_json_parts.h"
#include "procedures/scan.h"
#include "procedures/source.h"

void put_open_element(struct json *j, struct slice id, const char *text_key, struct slice text, unsigned line)
{
    put_open(j, NULL, '{');
    put_text(j, "id", id);
    put_text(j, text_key, text);
    put_line(j, "line", line);
}

static void element(struct json *j, struct slice id, struct slice text, unsigned line)
{
    put_open_element(j, id, "text", text, line);
    put_close(j);
}

static void items(struct json *j, const char *key, struct policy_items list)
{
    put_open(j, key, '[');
    for (size_t i = 0; i < list.n; i++) element(j, list.v[i].id, list.v[i].text, list.v[i].line);
    put_close(j);
}

void put_level_label(struct json *j, const char *key, const struct policy *p, int level)
{
    if (level == 0)
        put_null(j, key);
    else
        put_text(j, key, policy_level_label(p, level));
}

void put_level_labels(struct json *j, const struct policy *p, level_set set)
{
    put_open(j, "severities", '[');
    for (int level = 1; set != 0 && level <= policy_levels(p); level++)
        if (LEVEL_IN(set, level)) put_text(j, NULL, policy_level_label(p, level));
    put_close(j);
}

void put_document(struct json *j, const struct compiled *c)
{
    uint8_t hash[DIGEST_SHA256_BYTES];
    struct buf hex = { 0 };
    digest_sha256(c->source->bytes, hash);
    buf_add_hex(&hex, (struct slice){ (const char *)hash, sizeof hash });
    put_text(j, "title", c->policy.title);
    put_text(j, "sha256", buf_slice(&hex));
    put_int(j, "lines", c->lines);
    put_int(j, "bytes", (int64_t)c->bytes);
    put_text(j, "file", c->file_name);
    buf_release(&hex);
}

static void document(struct json *j, const struct compiled *c)
{
    put_open(j, "document", '{');
    put_document(j, c);
    put_close(j);
}

static void recovery(struct json *j, const struct policy_severity *s)
{
    if (s->recovery_line == 0) {
        put_null(j, "recovery");
        return;
    }
    put_open(j, "recovery", '{');
    put_seconds(j, "min_s", s->recovery_min_ms);
    put_seconds(j, "max_s", s->recovery_max_ms);
    put_bool(j, "min_open", s->recovery_min_open);
    put_bool(j, "max_open", s->recovery_max_open);
    put_line(j, "line", s->recovery_line);
    put_close(j);
}

/* The label is unique among the levels: in lower case it is the id, as in the ids of the criteria. */
static void label_id(struct json *j, struct slice label)
{
    struct buf id = { 0 };
    for (size_t i = 0; i < label.n; i++) {
        char c = label.p[i];
        buf_add_char(&id, c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c == ' ' ? '-' : c);
    }
    put_text(j, "id", buf_slice(&id));
    buf_release(&id);
}

static void severities(struct json *j, const struct policy *p)
{
    put_open(j, "severities", '[');
    for (size_t i = 0; i < p->n_severities; i++) {
        const struct policy_severity *s = &p->severities[i];
        put_open(j, NULL, '{');
        label_id(j, s->label);
        put_int(j, "level", s->level);
        put_text(j, "label", s->label);
        put_text_or_null(j, "name", s->name);
        put_line(j, "line", s->line);
        items(j, "criteria", s->criteria);
        recovery(j, s);
        put_seconds(j, "respond_within_s", s->respond_within_ms);
        put_seconds(j, "update_every_s", s->update_every_ms);
        put_close(j);
    }
    put_close(j);
}

static void selector(struct json *j, const struct policy_role *r, size_t k)
{
    size_t earlier = 0;
    for (size_t i = 0; i < k; i++) earlier += slice_eq(r->selectors[i].category, r->selectors[k].category);
    put_open(j, NULL, '{');
    put_name_id(j, r->selectors[k].category, earlier);
    put_text(j, "group", r->selectors[k].group);
    put_text(j, "name", r->selectors[k].name);
    put_text(j, "category", r->selectors[k].category);
    put_line(j, "line", r->selectors[k].line);
    put_close(j);
}

static void roles(struct json *j, const struct policy *p)
{
    put_open(j, "roles", '[');
    for (size_t i = 0; i < p->n_roles; i++) {
        const struct policy_role *r = &p->roles[i];
        put_open_element(j, r->id, "name", r->name, r->line);
        items(j, "duties", r->duties);
        put_open(j, "selectors", '[');
        for (size_t k = 0; k < r->n_selectors; k++) selector(j, r, k);
        put_close(j);
        put_close(j);
    }
    put_close(j);
}

/* By kind; "address" where nothing shows the kind; a second one of the same kind is numbered. */
static void contact_values(struct json *j, const struct policy_contact *c)
{
    put_open(j, "values", '{');
    for (size_t i = 0; i < c->n_addresses; i++) {
        struct buf key = { 0 };
        size_t same = 1;
        buf_add(&key, c->addresses[i].kind.n > 0 ? c->addresses[i].kind : S("address"));
        for (size_t k = 0; k < i; k++) same += slice_eq(c->addresses[k].kind, c->addresses[i].kind);
        if (same > 1) buf_addf(&key, "_%zu", same);
        put_text_named(j, buf_slice(&key), c->addresses[i].value);
        buf_release(&key);
    }
    put_close(j);
}

static void contacts(struct json *j, const struct policy *p)
{
    put_open(j, "contacts", '[');
    for (size_t i = 0; i < p->n_contacts; i++) {
        const struct policy_contact *c = &p->contacts[i];
        size_t earlier = 0;
        for (size_t k = 0; k < i; k++) earlier += slice_eq(p->contacts[k].party, c->party);
        put_open(j, NULL, '{');
        put_name_id(j, c->party, earlier);
        put_text(j, "party", c->party);
        put_text(j, "name", c->name);
        put_open(j, "kinds", '[');
        for (size_t k = 0; k < c->n_kinds; k++) put_text(j, NULL, c->kinds[k]);
        put_close(j);
        put_text_or_null(j, "value", c->value);
        contact_values(j, c);
        put_bool(j, "placeholder", c->placeholder);
        put_line(j, "line", c->line);
        put_close(j);
    }
    put_close(j);
}

static void channels(struct json *j, const struct policy *p)
{
    put_open(j, "channels", '[');
    for (size_t i = 0; i < p->n_channels; i++) {
        const struct policy_channel *c = &p->channels[i];
        const struct slice name = c->rank.n > 0 ? c->rank : c->kind;
        size_t earlier = 0;
        for (size_t k = 0; k < i; k++)
            earlier += slice_eq(p->channels[k].rank.n > 0 ? p->channels[k].rank : p->channels[k].kind, name);
        put_open(j, NULL, '{');
        put_name_id(j, name, earlier);
        put_text_or_null(j, "rank", c->rank);
        put_text(j, "kind", c->kind);
        put_text_or_null(j, "target", c->target);
        put_text(j, "text", c->text);
        put_line(j, "line", c->line);
        put_close(j);
    }
    put_close(j);
}

static void check(struct json *j, const struct policy_check *k)
{
    put_open_element(j, k->id, "text", k->text, k->line);
    put_text(j, "effective_evidence", slice_of(evidence_name(k->evidence)));
    put_close(j);
}

static void milestones(struct json *j, const struct policy *p)
{
    put_open(j, "milestones", '[');
    for (size_t i = 0; i < p->n_milestones; i++) {
        const struct policy_milestone *m = &p->milestones[i];
        put_open_element(j, m->id, "name", m->name, m->line);
        put_seconds(j, "at_s", m->at_ms);
        put_seconds(j, "due_s", m->due_ms);
        put_open(j, "checks", '[');
        for (size_t k = 0; k < m->n_checks; k++) check(j, &m->checks[k]);
        put_close(j);
        put_bool(j, "effective_after_resolution", m->after_resolution);
        put_close(j);
    }
    put_close(j);
}

static bool line_says(const struct compiled *c, unsigned line, struct slice words)
{
    struct slice text = compiled_line_text(c, line);
    return find_phrase(text, words) < text.n;
}

/* The clock that the words name: "of incident", "of declaration", "of resolution"; NULL when they name none. */
static const char *clock_written(const struct compiled *c, const struct policy_communication *k)
{
    if (k->clock == 'R' && line_says(c, k->line, S("resolution"))) return "R";
    if (line_says(c, k->line, S("of declaration"))) return "D";
    if (k->within_ms != POLICY_NONE && line_says(c, k->line, S("incident"))) return "T";
    return NULL;
}

static void channel_named(struct json *j, const struct policy_communication *k)
{
    struct buf text = { 0 };
    buf_add(&text, k->channel_kind);
    if (k->channel_kind.n > 0 && k->channel_target.n > 0) buf_add_char(&text, ' ');
    buf_add(&text, k->channel_target);
    put_text_or_null(j, "channel", buf_slice(&text));
    buf_release(&text);
    put_text_or_null(j, "channel_kind", k->channel_kind);
    put_text_or_null(j, "target", k->channel_target);
}

static void communication(struct json *j, const struct compiled *c, const struct policy_communication *k)
{
    const char *clock = clock_written(c, k);
    put_open_element(j, k->id, "name", k->name, k->line);
    put_text(j, "kind", slice_of(communication_name(k->kind)));
    put_text(j, "audience", k->audience);
    channel_named(j, k);
    put_seconds(j, "every_s", k->every_ms);
    put_seconds(j, "within_s", k->within_ms);
    put_text_or_null(j, "clock", slice_of(clock));
    put_level_labels(j, &c->policy, k->severities);
    put_text_or_null(j, "effective_clock", (struct slice){ &k->clock, k->clock != 0 });
    if (k->effective_within_ms != k->within_ms) put_seconds(j, "effective_within_s", k->effective_within_ms);
    put_close(j);
}

/* `[hint]` inside a literal. */
static void literal_placeholders(struct json *j, struct slice text)
{
    for (;;) {
        size_t open = slice_find_char(text, '[');
        struct slice inside = slice_from(text, open + 1);
        size_t close = slice_find_char(inside, ']');
        if (close == inside.n) return;
        put_text(j, NULL, slice_upto(inside, close));
        text = slice_from(inside, close + 1);
    }
}

static void field(struct json *j, const struct policy_template *t, const struct policy_template_line *l)
{
    size_t earlier = 0;
    for (const struct policy_template_line *k = t->lines; k < l; k++)
        earlier += k->kind != FIELD_FIXED && slice_eq(k->label, l->label);
    put_open(j, NULL, '{');
    put_name_id(j, l->label, earlier);
    put_text(j, "label", l->label);
    put_text(j, "kind", slice_of(field_name(l->kind)));
    put_open(j, "values", '[');
    for (size_t i = 0; i < l->n_values; i++) put_text(j, NULL, l->values[i]);
    put_close(j);
    put_open(j, "placeholders", '[');
    if (l->kind == FIELD_LITERAL)
        literal_placeholders(j, l->text);
    else
        put_text(j, NULL, l->text);
    put_close(j);
    put_text_or_null(j, "text", l->kind == FIELD_LITERAL ? l->text : (struct slice){ 0 });
    put_line(j, "line", l->line);
    put_close(j);
}

static void template(struct json *j, const struct policy_template *t)
{
    put_open_element(j, t->id, "name", t->name, t->line);
    put_seconds(j, "every_s", t->every_ms);
    put_open(j, "fields", '[');
    for (size_t i = 0; i < t->n_lines; i++)
        if (t->lines[i].kind != FIELD_FIXED) field(j, t, &t->lines[i]);
    put_close(j);
    put_open(j, "fixed", '[');
    for (size_t i = 0; i < t->n_lines; i++)
        if (t->lines[i].kind == FIELD_FIXED && t->lines[i].text.n > 0) put_text(j, NULL, t->lines[i].text);
    put_close(j);
    put_text(j, "effective_purpose", slice_of(communication_name(t->purpose)));
    put_close(j);
}

static const struct slice when_keys[] = {
    [RULE_UNSET] = S("unset"),       [RULE_NO_RESPONSE] = S("no_response"), [RULE_NO_RESOLUTION] = S("no_resolution"),
    [RULE_SEVERITY] = S("severity"), [RULE_CATEGORY] = S("category"),
};

static void targets(struct json *j, const struct policy_rule *r)
{
    put_open(j, "targets", '[');
    for (size_t i = 0; i < r->n_targets; i++) {
        const struct policy_target *t = &r->targets[i];
        put_open(j, NULL, '{');
        put_text(j, "party", t->party);
        put_text(j, "name", t->name);
        put_text_or_null(j, "by", t->by);
        put_int(j, "step", t->step);
        put_bool(j, "notification", t->told_only);
        put_line(j, "line", r->line);
        put_close(j);
    }
    put_close(j);
}

static void rule(struct json *j, const struct policy *p, const struct policy_rule *r)
{
    const bool timed = r->when == RULE_NO_RESPONSE || r->when == RULE_NO_RESOLUTION;
    const struct slice none = { 0 };
    put_open_element(j, r->id, "text", r->text, r->line);
    put_text(j, "when", when_keys[r->when]);
    put_seconds(j, "after_s", timed ? r->after_ms : POLICY_NONE);
    if (r->level > 0)
        put_int(j, "level", r->level);
    else
        put_null(j, "level");
    put_level_labels(j, p, r->severities);
    put_text_or_null(j, "category", r->category);
    targets(j, r);
    put_text_or_null(j, "during", r->hours == HOURS_DURING ? r->calendar : none);
    put_text_or_null(j, "outside", r->hours == HOURS_OUTSIDE ? r->calendar : none);
    put_bool(j, "page", r->page);
    put_bool(j, "immediate", r->immediate);
    put_close(j);
}

/* One object for each way of settling; all its lines. */
static void interpretations_of(struct json *j, const struct compiled *c)
{
    for (size_t i = 0; i < c->n_interpretations; i++) {
        const struct interpretation *x = &c->interpretations[i];
        if (interpretation_said(c, i)) continue;
        put_open(j, NULL, '{');
        put_text(j, "code", x->code);
        put_open(j, "lines", '[');
        for (size_t k = i; k < c->n_interpretations; k++)
            if (interpretation_same(x, &c->interpretations[k])) put_int(j, NULL, c->interpretations[k].line);
        put_close(j);
        put_text(j, "reading", x->reading);
        put_open(j, "rejected", '[');
        if (x->rejected.n > 0) put_text(j, NULL, x->rejected);
        put_close(j);
        put_text_or_null(j, "explicit", x->explicit_form);
        if (c->set != NULL) put_text(j, "file", c->file_name);
        put_close(j);
    }
}

/* A list of the document, or of all documents of its set. */
static void of_all(struct json *j, const char *key, const struct compiled *c,
                   void (*of)(struct json *j, const struct compiled *c))
{
    put_open(j, key, '[');
    for (size_t i = 0; c->set_policy != NULL && i < c->set->n; i++)
        if (c->set->docs[i] != NULL) of(j, c->set->docs[i]);
    if (c->set_policy == NULL) of(j, c);
    put_close(j);
}

static void interpretations(struct json *j, const struct compiled *c)
{
    of_all(j, "interpretations", c, interpretations_of);
}

static void diagnostics_of(struct json *j, const struct compiled *c)
{
    for (size_t i = 0; i < c->n_diagnostics; i++) {
        const struct diagnostic *d = &c->diagnostics[i];
        put_open(j, NULL, '{');
        put_text(j, "file", c->file_name);
        put_int(j, "line", d->line);
        put_int(j, "column", d->col);
        put_text(j, "code", d->code);
        put_text(j, "severity", slice_of(diagnostic_level_name(d->level)));
        put_text(j, "message", d->message);
        put_text_or_null(j, "suggestion", d->suggestion);
        put_replacement(j, c, d);
        put_close(j);
    }
}

void interpretations_print_json(const struct compiled *c, struct buf *out)
{
    struct json j = { .out = out };
    if (c->set_policy != NULL) {
        set_each_document_json(c, interpretations_print_json, out);
        return;
    }
    put_open(&j, NULL, '{');
    put_text(&j, "file", c->file_name);
    interpretations(&j, c);
    put_close(&j);
    buf_add_char(out, '\n');
}

static void first_page(struct json *j, const struct policy *p)
{
    put_open(j, "effective_first_page", '{');
    put_text(j, "party", p->first.party);
    put_text(j, "name", p->first.name);
    put_line(j, "line", p->first_line);
    put_close(j);
}

/* R137: by what the document alone shows. */
static void completeness_put(struct json *j, const struct compiled *c)
{
    const struct completeness score = completeness_of(c);
    put_open(j, "effective_completeness", '{');
    put_int(j, "percent", score.percent);
    put_open(j, "lacks", '[');
    for (size_t i = 0; i < score.n_lacks; i++) {
        put_open(j, NULL, '{');
        put_text(j, "text", score.lacks[i].text);
        put_line(j, "line", score.lacks[i].line);
        put_close(j);
    }
    put_close(j);
    put_close(j);
}

void policy_print_json(const struct compiled *c, struct buf *out)
{
    const struct policy *p = &c->policy;
    struct json j = { .out = out, .c = c };
    put_open(&j, NULL, '{');
    document(&j, c);
    severities(&j, p);
    roles(&j, p);
    contacts(&j, p);
    channels(&j, p);
    milestones(&j, p);
    put_open(&j, "communication", '[');
    for (size_t i = 0; i < p->n_communications; i++) communication(&j, c, &p->communications[i]);
    put_close(&j);
    put_open(&j, "templates", '[');
    for (size_t i = 0; i < p->n_templates; i++) template(&j, &p->templates[i]);
    put_close(&j);
    put_open(&j, "escalation_rules", '[');
    for (size_t i = 0; i < p->n_rules; i++) rule(&j, p, &p->rules[i]);
    put_close(&j);
    first_page(&j, p);
    book_print_json(&j, p);
    matrix_put_json(&j, c);
    completeness_put(&j, c);
    interpretations(&j, c);
    of_all(&j, "diagnostics", c, diagnostics_of);
    if (c->set_policy != NULL) set_print_json(&j, c);
    put_close(&j);
    buf_add_char(out, '\n');
}
