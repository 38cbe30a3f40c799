/* merge_front.c - what front matter says about sections, judged: known names, complete overrides, dates. */
#include "procedures/merge_inner.h"

/* By its heading or by the name that our messages give it. */
static enum section_role role_of(struct arena *a, struct slice text)
{
    const enum section_role role = section_role_of(a, text);
    if (role != SECTION_UNSET && role != SECTION_PROSE) return role;
    for (size_t i = 0; i < merge_parts_n; i++)
        if (slice_eq_nocase(slice_of(section_role_name(merge_parts[i].role)), text)) return merge_parts[i].role;
    return section_role_named(text);
}

bool front_names(struct arena *a, const struct front_list *l, enum section_role role, unsigned *line)
{
    for (size_t i = 0; i < l->n; i++) {
        if (role_of(a, l->v[i]) != role) continue;
        if (line != NULL) *line = l->lines[i];
        return true;
    }
    return false;
}

static const struct part *part_of(enum section_role role)
{
    for (size_t i = 0; i < merge_parts_n; i++)
        if (merge_parts[i].role == role && role != SECTION_SEVERITY) return &merge_parts[i];
    return NULL;
}

static struct slice known_sections(struct merger *m)
{
    struct buf text = { 0 };
    for (size_t i = 0; i < merge_parts_n; i++) {
        if (merge_parts[i].role == SECTION_SEVERITY) continue;
        buf_addf(&text, "%s%s", text.len > 0 ? ", " : "", section_role_name(merge_parts[i].role));
    }
    struct slice kept = arena_copy(m->arena, buf_slice(&text));
    buf_release(&text);
    return kept;
}

static void check_names(struct merger *m, size_t doc, const char *key, const struct front_list *l)
{
    const struct policy *p = &m->set->docs[doc]->policy;
    for (size_t i = 0; i < l->n; i++) {
        const enum section_role role = role_of(m->arena, l->v[i]);
        const struct part *part = part_of(role);
        if (part == NULL)
            merge_diagnose(m, doc, "E-FRONT-SECTION", l->lines[i],
                           role == SECTION_SEVERITY ? S("severity levels are the organisation's alone")
                                                    : known_sections(m),
                           "%s: %.*s is no section that a team may have of its own", key, ARG(l->v[i]));
        else if (l == &m->fronts[doc].replaces && part_n(part, p) == 0)
            merge_diagnose(m, doc, "E-FRONT-SECTION", l->lines[i], S("write the section, or leave it out of replaces"),
                           "replaces: this document says nothing under %s", section_role_name(role));
    }
}

static unsigned override_line(const struct front *f)
{
    return f->weaker.n > 0 ? f->weaker.lines[0] : 1;
}

static const char *days_left(struct merger *m, int64_t days)
{
    struct buf text = { 0 };
    if (days == 0) return "today";
    buf_addf(&text, "in %lld day%s", (long long)days, days == 1 ? "" : "s");
    const char *kept = arena_copy(m->arena, buf_slice(&text)).p;
    buf_release(&text);
    return kept;
}

static void check_override(struct merger *m, size_t doc)
{
    const struct front *f = &m->fronts[doc];
    int64_t until = 0;
    if (f->weaker.n == 0) return;
    const char *missing = f->approved_by.text.n == 0 ? "approved_by" : f->reason.text.n == 0 ? "reason" : NULL;
    if (missing != NULL)
        merge_diagnose(m, doc, "E-FRONT-OVERRIDE", override_line(f),
                       S("approved_by: NAME, reason: WHY, until: YEAR-MM-DD"), "weaker: the override does not say %s",
                       missing);
    if (!front_date(f->until.text, &until))
        merge_diagnose(m, doc, "E-FRONT-OVERRIDE", f->until.line > 0 ? f->until.line : override_line(f),
                       S("until: 2026-03-31"), "weaker: the override needs its last day");
    else if (m->today > 0 && until < m->today)
        merge_diagnose(m, doc, "E-FRONT-EXPIRED", f->until.line,
                       S("cure what is weaker, or have it approved again until another day"),
                       "weaker: the override ended on %.*s", ARG(f->until.text));
    else if (m->today > 0 && until - m->today < OVERRIDE_SOON_DAYS)
        merge_diagnose(m, doc, "W-FRONT-ENDS", f->until.line,
                       S("cure what is weaker before, or have it approved again until another day"),
                       "weaker: the override ends on %.*s, %s", ARG(f->until.text), days_left(m, until - m->today));
}

enum override_state procedures_set_override(const struct procedures_set *s, int64_t today, struct buf *out)
{
    static const char *const said[] = { "", "ends soon, on", "ended on" };
    enum override_state worst = OVERRIDE_HOLDS;
    for (size_t i = 0; i < s->n; i++) {
        const struct front *f = &s->fronts[i];
        int64_t until = 0;
        if (s->docs[i] == NULL || f->weaker.n == 0 || !front_date(f->until.text, &until)) continue;
        const enum override_state state = until < today                        ? OVERRIDE_ENDED
                                          : until - today < OVERRIDE_SOON_DAYS ? OVERRIDE_ENDS_SOON
                                                                               : OVERRIDE_HOLDS;
        if (state > worst) worst = state;
        if (state == OVERRIDE_HOLDS) continue;
        buf_add(out, s->docs[i]->file_name);
        buf_addf(out, ":%u: the override for being weaker %s %.*s (approved by %.*s: %.*s)\n", f->until.line,
                 said[state], ARG(f->until.text), ARG(f->approved_by.text), ARG(f->reason.text));
    }
    return worst;
}

void merge_check_front(struct merger *m, size_t doc)
{
    const struct front *f = &m->fronts[doc];
    if (f->team.line > 0 && doc == m->set->organisation) {
        merge_diagnose(m, doc, "W-ALONE", f->team.line, S("tocsin check ORGANISATION.md THIS.md"),
                       "a document of team %.*s, read alone: name the organisation's before it", ARG(f->team.text));
        return;
    }
    if (f->team.line == 0 && f->services.n + f->replaces.n + f->weaker.n > 0) {
        merge_diagnose(m, doc, "E-FRONT-TEAM", f->services.n > 0 ? f->services.lines[0] : 1, S("team: NAME"),
                       "services, replaces and weaker belong to a team's document, and this one names no team");
        return;
    }
    check_names(m, doc, "replaces", &f->replaces);
    check_names(m, doc, "weaker", &f->weaker);
    check_override(m, doc);
}
