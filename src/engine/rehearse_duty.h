/* rehearse_duty.h - what people owe while a rehearsed incident lasts and afterwards, and what each incident has gone
 * through as far as that matters. Values of rehearse_prompts.c and rehearse_updates.c; instants are ms since the start. */
#ifndef ENGINE_REHEARSE_DUTY_H
#define ENGINE_REHEARSE_DUTY_H

#include "core/policy.h"

enum duty_kind {
    DUTY_UPDATE,
    DUTY_OVERDUE, /* a status update that has not come for OVERDUE_AFTER */
    DUTY_STATUS_PAGE,
    DUTY_DRAFT, /* of the notice to customers: to be approved */
    DUTY_NOTICE,
    DUTY_POSTMORTEM,
    DUTY_WINDOW,
    DUTY_TRIGGER,
    DUTY_STEP,
    DUTY_KINDS
};
#define DUTY_BIT(kind) (1u << (kind))

struct duty { /* something that people are to be reminded of (rehearse_prompts.c) */
    incident_id incident;
    enum duty_kind kind;
    const void *of; /* the policy's communication, window, trigger or step; NULL for updates */
    int64_t due; /* ms since the start */
};

struct owed { /* a message that is owed once: status page, notice, postmortem */
    const struct policy_communication *of; /* NULL: not owed */
    int64_t from, due, done; /* ms since the start; done POLICY_NONE = not yet */
    bool unbound; /* the site has no such thing: it cannot be late (R87) */
};

struct career { /* what an incident has gone through, as far as duties care */
    incident_id incident;
    int64_t clock; /* T, ms since the start; POLICY_NONE: nobody paged yet */
    bool declared, over;
    struct slice owner, owner_role; /* who was reminded last */
    /* status updates (R82): */
    int64_t declared_at, level;
    struct policy_cadence cadence; /* in force: the procedures', or what a person lengthened it to (R83) */
    bool lengthened;
    int64_t last; /* the declaration, the last update or the last reminder */
    int64_t unmet; /* the first update that is due and has not come; POLICY_NONE: none */
    int64_t due, kept; /* updates that fell due, and how many of them came in time (R118) */
    struct owed owed[DUTY_KINDS]; /* by the duty that tells that it is due */
};

#endif
