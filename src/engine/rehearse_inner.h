/* rehearse_inner.h - what rehearse*.c share: one rehearsal under way. */
#ifndef ENGINE_REHEARSE_INNER_H
#define ENGINE_REHEARSE_INNER_H

#include "base/check.h"
#include "base/vec.h"
#include "core/page.h"
#include "engine/rehearse.h"
#include "engine/rehearse_duty.h"

/* Something that an expectation may ask for. Texts live in the rehearsal's arena. */
struct happening {
    int64_t t;
    enum expect_kind kind;
    incident_id incident;
    struct slice what; /* role, channel, milestone, word of the entry */
    struct slice person; /* id */
    struct slice by; /* kind of contact, for what was sent */
    bool sent; /* an attempt began; else it was decided */
};

struct answer { /* of the simulated courier */
    int64_t at;
    struct event_result result;
};

struct said { /* an alert that a monitor keeps saying */
    struct slice sender;
    const struct label *labels;
    size_t n_labels;
    struct slice text; /* canonical */
    int64_t starts, resolved; /* UTC ms; resolved 0 = firing */
    int64_t next_at, until_at; /* steady; until_at 0 = for ever */
    bool once;
};

struct mood { /* of a channel or a person */
    struct slice name;
    enum channel_mood mood;
};

struct attached { /* a runbook, by the script */
    incident_id incident;
    const struct policy_scenario *scenario;
    int64_t t;
};

struct rehearsal {
    struct stage stage;
    const struct script *script;
    struct rehearsal_report *report;
    struct arena *arena; /* the report's */
    struct rehearsal_outcome *outcome; /* the report's */
    struct buf text; /* of the line that is being told */
    bool placed; /* and it says its place already */
    VEC(struct happening) happenings;
    VEC(struct answer) answers;
    VEC(struct said) alerts;
    VEC(struct mood) channels, people;
    VEC(struct slice) silent; /* senders */
    VEC(struct duty) duties;
    VEC(struct career) careers;
    VEC(struct attached) attached;
    VEC(struct slice) paged; /* people who got a page */
    size_t told; /* bytes of stage.broken that were printed */
    int64_t down_until; /* steady; 0 = we are there */
    int64_t down_at, down_wall; /* of the last commit before */
};

static inline int64_t rehearsal_now(const struct rehearsal *r)
{
    return r->stage.at - STAGE_BEGINS;
}

/* rehearse.c */
void rehearsal_step(struct rehearsal *r, struct event *ev); /* steps and notes */
void rehearsal_judges(struct rehearsal *r, const struct script_command *c,
                      const struct buf *why); /* why empty: holds */
void rehearsal_fails(struct rehearsal *r, const struct script_command *c, const struct buf *why);
/* rehearse_world.c: the courier and the monitors */
void courier_gives_credit(struct rehearsal *r);
void courier_takes(struct rehearsal *r); /* what the last step sent */
bool courier_answers(struct rehearsal *r); /* one that is due; false when none is */
void monitor_says(struct rehearsal *r, const struct script_command *c);
bool monitor_repeats(struct rehearsal *r); /* one that is due */
void monitor_stops(struct rehearsal *r, struct slice sender, bool silent);
bool rehearsal_next(const struct rehearsal *r, int64_t *at); /* of both and the world's timers */
/* rehearse_act.c */
void rehearsal_act(struct rehearsal *r, const struct script_command *c);
incident_id newest_incident(const struct rehearsal *r, bool open);
/* rehearse_tell.c */
void rehearsal_note(struct rehearsal *r); /* what the last step did: happenings and lines */
/* One more line of the story: `x` gets the present time and what stands in r->text, which is empty again then. */
struct told *rehearsal_tells(struct rehearsal *r, struct told x);
struct happening *rehearsal_happens(struct rehearsal *r, enum expect_kind kind, incident_id incident);
struct slice person_name(const struct rehearsal *r, struct slice id);
/* What holds for the incident's team and service; for all, when there is no such incident. Never NULL. */
const struct policy *rehearsal_policy(const struct rehearsal *r, incident_id id);
/* "line 12", "shop.md:12" where there are several documents, into r->text. */
void rehearsal_place(struct rehearsal *r, int64_t line);
/* rehearse_prompts.c */
void prompts_observe(struct rehearsal *r); /* what the last step made of its incidents */
bool prompts_tell(struct rehearsal *r); /* one that is due */
bool prompts_next(const struct rehearsal *r, int64_t *at);
void rehearsal_attach(struct rehearsal *r, const struct script_command *c);
void prompts_arm(struct rehearsal *r, struct duty d);
bool prompts_is_armed(const struct rehearsal *r, incident_id id, const void *of);
void prompts_cancel(struct rehearsal *r, incident_id id, unsigned kinds); /* DUTY_BITs */
struct career *career_of(struct rehearsal *r, incident_id id); /* valid until the next is asked for */
struct slice person_on(struct rehearsal *r, const struct incident *i, struct slice role); /* "" = nobody */
void print_span(int64_t ms, struct buf *out);
/* rehearse_updates.c: what an incident owes to those who wait for news */
void updates_begin(struct rehearsal *r, struct career *k, const struct incident *i); /* declared, or reopened */
void updates_follow(struct rehearsal *r, struct career *k, const struct incident *i); /* its severity may be another */
void updates_resolved(struct rehearsal *r, struct career *k, const struct incident *i);
unsigned updates_print(struct rehearsal *r, const struct duty *d); /* into r->text; the line of the procedures */
bool updates_unbound(struct rehearsal *r, const struct duty *d); /* says that there is nothing to be done */
void updates_told(struct rehearsal *r, const struct duty *d); /* what falls due after this one */
void rehearsal_publish(struct rehearsal *r, const struct script_command *c);
void rehearsal_sums_up(struct rehearsal *r); /* at the end: what was said in time (R118) */
/* rehearse_unreached.c */
void rehearsal_weigh(struct rehearsal *r); /* at the end: which pages reached nobody */
/* rehearse_expect.c */
void rehearsal_expect(struct rehearsal *r, const struct script_command *c);

#endif
