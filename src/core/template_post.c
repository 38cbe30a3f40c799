/* template_post.c - the document's own template for the declaration, filled from facts (R80, A39, A40).
 *
 * A field is bound by its label. What nobody knows yet says "unknown"; a bracket hint of the document never leaves. */
#include "core/template_parts.h"

struct filling {
    const struct world *w;
    const struct incident *i;
    int64_t wall;
    struct buf *out;
};

static void fill_severity(const struct filling *f)
{
    buf_add(f->out, policy_level_label(state_policy(f->w, f->i->id), (int)f->i->severity));
}

static void fill_service(const struct filling *f)
{
    buf_add(f->out, text_service(f->w, f->i));
}

static void fill_impact(const struct filling *f)
{
    buf_add(f->out, f->i->impact != 0 ? symbol_text(f->w, f->i->impact) : S("unknown"));
}

static void fill_started(const struct filling *f)
{
    text_clock(f->w, f->i->detected_wall, true, f->out);
}

static void fill_investigation(const struct filling *f)
{
    if (f->i->acknowledged_by == 0) {
        buf_add(f->out, S("paged; nobody has acknowledged yet"));
        return;
    }
    buf_add(f->out, text_person(f->w, f->i->acknowledged_by));
    buf_add(f->out, S(" has acknowledged and investigates"));
}

/* The cadence of the document's status updates, from now. */
static void fill_next_update(const struct filling *f)
{
    const struct policy_cadence c = policy_cadence(state_policy(f->w, f->i->id), (int)f->i->severity);
    if (c.every_ms != POLICY_NONE) {
        text_clock(f->w, f->wall + c.every_ms, true, f->out);
        return;
    }
    buf_add(f->out, S("unknown"));
}

static void fill_incident(const struct filling *f)
{
    buf_add(f->out, S("INC-"));
    buf_add_int(f->out, f->i->id);
}

static void fill_title(const struct filling *f)
{
    buf_add(f->out, symbol_text(f->w, f->i->title));
}

static void fill_commander(const struct filling *f)
{
    symbol who = role_holder(f->w, f->i->id, S(ROLE_COMMANDER));
    buf_add(f->out, who != 0 ? text_person(f->w, who) : S("vacant"));
}

/* Labels that facts can fill; any other says "unknown". */
static const struct {
    struct slice label;
    void (*fill)(const struct filling *f);
    struct slice fact;
} fillers[] = {
    { { "severity", 8 }, fill_severity, S("the incident's severity") },
    { { "service", 7 }, fill_service, S("the incident's service") },
    { { "affected service", 16 }, fill_service, S("the incident's service") },
    { { "impact", 6 }, fill_impact, S("the impact that a person noted") },
    { { "started", 7 }, fill_started, S("when it was detected") },
    { { "start time", 10 }, fill_started, S("when it was detected") },
    { { "detected", 8 }, fill_started, S("when it was detected") },
    { { "investigation", 13 }, fill_investigation, S("who acknowledged") },
    { { "current actions", 15 }, fill_investigation, S("who acknowledged") },
    { { "next update", 11 }, fill_next_update, S("now and the cadence of status updates") },
    { { "incident", 8 }, fill_incident, S("the incident's number") },
    { { "incident id", 11 }, fill_incident, S("the incident's number") },
    { { "title", 5 }, fill_title, S("the incident's title") },
    { { "summary", 7 }, fill_title, S("the incident's title") },
    { { "incident commander", 18 }, fill_commander, S("who holds the role of Incident Commander") },
    { { "commander", 9 }, fill_commander, S("who holds the role of Incident Commander") },
};

struct slice template_fact(struct slice label)
{
    for (size_t k = 0; k < COUNT_OF(fillers); k++)
        if (slice_eq_nocase(fillers[k].label, label)) return fillers[k].fact;
    return (struct slice){ 0 };
}

static void fill_field(const struct filling *f, struct slice label)
{
    for (size_t k = 0; k < COUNT_OF(fillers); k++)
        if (slice_eq_nocase(fillers[k].label, label)) {
            fillers[k].fill(f);
            return;
        }
    buf_add(f->out, S("unknown"));
}

/* A literal of the document stays as it is written, but for brackets that are a hint inside it. */
static void add_literal(struct buf *out, struct slice s)
{
    size_t open = slice_find_char(s, '['), close = slice_find_char(s, ']');
    if (open >= close || close == s.n) {
        buf_add(out, s);
        return;
    }
    buf_add(out, slice_upto(s, open));
    buf_add(out, S("unknown"));
    add_literal(out, slice_from(s, close + 1));
}

static void add_line(const struct filling *f, const struct policy_template_line *l)
{
    if (l->kind == FIELD_FIXED) {
        add_literal(f->out, l->text);
    } else {
        buf_add(f->out, l->label);
        buf_add(f->out, S(": "));
        if (l->kind == FIELD_LITERAL)
            add_literal(f->out, l->text);
        else
            fill_field(f, l->label);
    }
    buf_add_char(f->out, '\n');
}

void template_render_post(const struct world *w, const struct delivery *d, int64_t wall, struct message_text *out)
{
    const struct incident *i = incident_get(w, d->incident);
    const struct policy_template *t = policy_template_for(state_policy(w, i->id), COMMUNICATION_INITIAL_ALERT);
    struct filling f = { w, i, wall, &out->text };
    buf_add(&out->subject, S("Declared: INC-"));
    buf_add_int(&out->subject, i->id);
    buf_add_char(&out->subject, ' ');
    buf_add(&out->subject, policy_level_label(state_policy(w, i->id), (int)i->severity));
    if (t == NULL) message_headline(w, i, &out->text);
    for (size_t k = 0; t != NULL && k < t->n_lines; k++) add_line(&f, &t->lines[k]);
    message_headline(w, i, &out->brief);
    message_headline(w, i, &out->voice);
}

/* "Now: acknowledged by Ada Byron at 03:05 CET". */
static void add_standing(const struct world *w, const struct incident *i, struct buf *out)
{
    const bool over = i->resolved_wall != 0 && !incident_is_active(i);
    const symbol by = over ? i->resolved_by : i->acknowledged_at != 0 ? i->acknowledged_by : 0;
    const int64_t wall = over ? i->resolved_wall : i->acknowledged_at != 0 ? i->acknowledged_wall : 0;
    buf_add(out, S("\nNow: "));
    buf_add_str(out, incident_word(i));
    if (by != 0) {
        buf_add(out, S(" by "));
        buf_add(out, text_person(w, by));
    }
    if (wall == 0) return;
    buf_add(out, S(" at "));
    text_clock(w, wall, false, out);
}

void template_render_update(const struct world *w, const struct delivery *d, int64_t wall, struct message_text *out)
{
    template_render_post(w, d, wall, out);
    add_standing(w, incident_get(w, d->incident), &out->text);
    buf_add_char(&out->text, '\n');
}
