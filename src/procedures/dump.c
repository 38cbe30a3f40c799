/* dump.c - the policy as text, line by line. Not here: runbooks and what follows them (dump_book.c). */
#include "procedures/dump.h"

#include "base/check.h"
#include "procedures/names.h"

#define ARG(s) (int)(s).n, (s).p == NULL ? "" : (s).p

void duration_dump(int64_t ms, struct buf *out)
{
    static const struct {
        int64_t ms;
        const char *unit;
    } scale[] = {
        { DAY, "d" }, { HOUR, "h" }, { MINUTE, "m" }, { SECOND, "s" }, { 1, "ms" },
    };
    if (ms == POLICY_NONE) buf_add_char(out, '-');
    if (ms == 0) buf_add_char(out, '0');
    for (size_t i = 0; ms > 0 && i < COUNT_OF(scale); i++) {
        if (ms < scale[i].ms) continue;
        buf_addf(out, "%lld%s", (long long)(ms / scale[i].ms), scale[i].unit);
        ms %= scale[i].ms;
    }
}

void level_set_dump(const struct policy *p, level_set set, struct buf *out)
{
    bool first = true;
    if (set == 0) buf_add_str(out, "every level");
    for (int level = 1; set != 0 && level <= policy_levels(p); level++) {
        if (!LEVEL_IN(set, level)) continue;
        if (!first) buf_add_char(out, '/');
        buf_add(out, policy_level_label(p, level));
        first = false;
    }
}

void duration_field_dump(struct buf *out, const char *name, int64_t ms)
{
    if (ms == POLICY_NONE) return;
    buf_addf(out, " %s=", name);
    duration_dump(ms, out);
}

void text_field_dump(struct buf *out, const char *name, struct slice value)
{
    if (value.n > 0) buf_addf(out, " %s=\"%.*s\"", name, ARG(value));
}

static void dump_items(const char *what, struct policy_items items, struct buf *out)
{
    for (size_t i = 0; i < items.n; i++)
        buf_addf(out, "  %s L%u \"%.*s\" id=%.*s\n", what, items.v[i].line, ARG(items.v[i].text), ARG(items.v[i].id));
}

static void dump_severity(const struct policy_severity *s, struct buf *out)
{
    buf_addf(out, "severity L%u %d label=%.*s", s->line, s->level, ARG(s->label));
    text_field_dump(out, "name", s->name);
    duration_field_dump(out, "respond", s->respond_within_ms);
    duration_field_dump(out, "update", s->update_every_ms);
    buf_add_char(out, '\n');
    dump_items("criterion", s->criteria, out);
    if (s->recovery_line == 0) return;
    buf_addf(out, "  recovery L%u %c", s->recovery_line, s->recovery_min_open ? '(' : '[');
    duration_dump(s->recovery_min_ms, out);
    buf_add_str(out, " .. ");
    duration_dump(s->recovery_max_ms, out);
    buf_addf(out, "%c\n", s->recovery_max_open ? ')' : ']');
}

static void dump_role(const struct policy_role *r, struct buf *out)
{
    buf_addf(out, "role L%u %.*s \"%.*s\"\n", r->line, ARG(r->id), ARG(r->name));
    dump_items("duty", r->duties, out);
    for (size_t i = 0; i < r->n_selectors; i++)
        buf_addf(out, "  selector L%u %.*s → %.*s \"%.*s\"\n", r->selectors[i].line, ARG(r->selectors[i].category),
                 ARG(r->selectors[i].group), ARG(r->selectors[i].name));
}

static void dump_contact(const struct policy_contact *c, struct buf *out)
{
    buf_addf(out, "contact L%u %.*s \"%.*s\"%s", c->line, ARG(c->party), ARG(c->name),
             c->placeholder ? " unbound" : "");
    for (size_t i = 0; i < c->n_kinds; i++) buf_addf(out, "%s%.*s", i == 0 ? " kinds=" : "/", ARG(c->kinds[i]));
    for (size_t i = 0; i < c->n_addresses; i++)
        buf_addf(out, " %.*s=\"%.*s\"", c->addresses[i].kind.n > 0 ? (int)c->addresses[i].kind.n : 7,
                 c->addresses[i].kind.n > 0 ? c->addresses[i].kind.p : "address", ARG(c->addresses[i].value));
    buf_add_char(out, '\n');
}

static void dump_channel(const struct policy_channel *c, struct buf *out)
{
    buf_addf(out, "channel L%u rank=%.*s kind=%.*s", c->line, ARG(c->rank), ARG(c->kind));
    text_field_dump(out, "target", c->target);
    text_field_dump(out, "text", c->text);
    buf_add_char(out, '\n');
}

static void dump_milestone(const struct policy_milestone *m, struct buf *out)
{
    buf_addf(out, "milestone L%u %.*s \"%.*s\"", m->line, ARG(m->id), ARG(m->name));
    duration_field_dump(out, "at", m->at_ms);
    duration_field_dump(out, "due", m->due_ms);
    buf_add_str(out, m->after_resolution ? " after-resolution\n" : "\n");
    for (size_t i = 0; i < m->n_checks; i++)
        buf_addf(out, "  check L%u \"%.*s\" id=%.*s evidence=%s\n", m->checks[i].line, ARG(m->checks[i].text),
                 ARG(m->checks[i].id), evidence_name(m->checks[i].evidence));
}

static void dump_communication(const struct policy *p, const struct policy_communication *c, struct buf *out)
{
    buf_addf(out, "communication L%u %s \"%.*s\" id=%.*s audience=%.*s", c->line, communication_name(c->kind),
             ARG(c->name), ARG(c->id), ARG(c->audience));
    text_field_dump(out, "channel", c->channel_kind);
    text_field_dump(out, "target", c->channel_target);
    duration_field_dump(out, "every", c->every_ms);
    duration_field_dump(out, "within", c->within_ms);
    if (c->effective_within_ms != c->within_ms) duration_field_dump(out, "effective-within", c->effective_within_ms);
    if (c->clock != 0) buf_addf(out, " clock=%c", c->clock);
    buf_add_str(out, " for ");
    level_set_dump(p, c->severities, out);
    buf_add_char(out, '\n');
}

static void dump_template(const struct policy_template *t, struct buf *out)
{
    buf_addf(out, "template L%u %s \"%.*s\" id=%.*s", t->line, communication_name(t->purpose), ARG(t->name),
             ARG(t->id));
    duration_field_dump(out, "every", t->every_ms);
    buf_add_char(out, '\n');
    for (size_t i = 0; i < t->n_lines; i++) {
        const struct policy_template_line *l = &t->lines[i];
        buf_addf(out, "  line L%u %s", l->line, field_name(l->kind));
        text_field_dump(out, "label", l->label);
        buf_addf(out, " \"%.*s\"", ARG(l->text));
        for (size_t k = 0; k < l->n_values; k++) buf_addf(out, "%s%.*s", k == 0 ? " values=" : "|", ARG(l->values[k]));
        buf_add_char(out, '\n');
    }
}

static void dump_rule(const struct policy *p, const struct policy_rule *r, size_t number, struct buf *out)
{
    buf_addf(out, "rule %zu L%u:%u \"%.*s\" id=%.*s\n", number, r->line, r->col, ARG(r->text), ARG(r->id));
    buf_addf(out, "  when %s", rule_when_name(r->when));
    duration_field_dump(out, "after", r->after_ms);
    if (r->level > 0) buf_addf(out, " level=%.*s", ARG(policy_level_label(p, r->level)));
    text_field_dump(out, "category", r->category);
    buf_add_str(out, " for ");
    level_set_dump(p, r->severities, out);
    if (r->hours != HOURS_ALWAYS)
        buf_addf(out, " %s \"%.*s\"", r->hours == HOURS_DURING ? "during" : "outside", ARG(r->calendar));
    buf_addf(out, " %s%s\n", r->page ? "page" : "notification", r->immediate ? " immediately" : "");
    for (size_t i = 0; i < r->n_targets; i++) {
        const struct policy_target *t = &r->targets[i];
        buf_addf(out, "  target %d %.*s \"%.*s\"%s", t->step, ARG(t->party), ARG(t->name),
                 t->told_only ? " told only" : "");
        text_field_dump(out, "by", t->by);
        buf_add_char(out, '\n');
    }
}

void policy_dump(const struct policy *p, struct buf *out)
{
    buf_addf(out, "title \"%.*s\"\n", ARG(p->title));
    for (size_t i = 0; i < p->n_severities; i++) dump_severity(&p->severities[i], out);
    for (size_t i = 0; i < p->n_roles; i++) dump_role(&p->roles[i], out);
    for (size_t i = 0; i < p->n_contacts; i++) dump_contact(&p->contacts[i], out);
    for (size_t i = 0; i < p->n_channels; i++) dump_channel(&p->channels[i], out);
    for (size_t i = 0; i < p->n_milestones; i++) dump_milestone(&p->milestones[i], out);
    for (size_t i = 0; i < p->n_communications; i++) dump_communication(p, &p->communications[i], out);
    for (size_t i = 0; i < p->n_templates; i++) dump_template(&p->templates[i], out);
    for (size_t i = 0; i < p->n_rules; i++) dump_rule(p, &p->rules[i], i + 1, out);
    book_dump(p, out);
    buf_addf(out, "first L%u %.*s \"%.*s\"\n", p->first_line, ARG(p->first.party), ARG(p->first.name));
}

void classes_dump(const struct compiled *c, struct buf *out)
{
    static const char letters[LINE_CLASSES_END] = { '?', 'C', 'P', 'S', 'R' };
    for (unsigned line = 1; line <= c->lines; line++) {
        if (line % 50 == 1) buf_addf(out, "%s%5u ", line > 1 ? "\n" : "", line);
        buf_add_char(out, letters[c->classes[line - 1]]);
    }
    if (c->lines > 0) buf_add_char(out, '\n');
}
