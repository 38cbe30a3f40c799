/* view.h - the few HTML pages that Tocsin makes itself: no script, nothing from elsewhere, readable on a phone.
 *
 * A view is a template and a typed list of fields; every field is escaped, there is no raw form. The answer's headers
 * (answer.c) forbid scripts and frames besides. */
#ifndef HTTP_VIEW_H
#define HTTP_VIEW_H

#include "base/buf.h"

/* Somebody who fills a role of the incident. */
struct view_person {
    struct slice id, name, role;
    struct slice phone; /* to dial by hand; empty: none is known */
    struct slice tel; /* the same for a link (RFC 3966: without blanks) */
};

/* Another incident of a bundle. */
struct view_other {
    struct slice incident, severity, title, state;
    struct slice link; /* to its own view */
};

/* A check of the response timeline. */
struct view_check {
    struct slice milestone; /* "T+15 min Triage", above the first of its checks; empty: another one of them */
    struct slice tone; /* "done", "late", "void", "open" */
    struct slice mark; /* a sign for whoever sees no colours */
    struct slice text;
    struct slice state; /* "done at 03:07 by Ada Byron", "late" */
};

/* What the responder behind a link sees (R146). Empty texts are left out with the line they stand in. */
struct responder_view {
    struct slice trouble; /* what of Tocsin itself is broken: pages may reach nobody */
    struct slice unwatched; /* nobody outside would notice if Tocsin itself were gone */
    struct slice notice; /* what their press of the button did; empty: they only looked */
    struct slice refusal; /* or why it did nothing */
    struct slice incident; /* "INC-42" */
    struct slice severity; /* "SEV2?": with ? while provisional */
    struct slice tone; /* of the badge: "ring", "quiet", "over" */
    struct slice title;
    struct slice service;
    struct slice impact, cause, mitigation; /* as people wrote them down */
    struct slice since; /* "03:00 CET on 5 January 2026, 12 minutes ago" */
    struct slice state; /* "open", "acknowledged", "resolved" … */
    struct slice taken_by; /* who acknowledged, and when */
    struct slice paged; /* whom this page summoned, and as what */
    struct slice action, action_do; /* not empty: a button that posts do=… to the view's own address */
    struct slice also, also_do; /* likewise, a lesser one */
    struct slice severity_at; /* the level that the buttons speak of: posted along */
    struct slice next; /* not empty: it can be passed on; who would be next */
    const struct view_person *people; /* to whom it can be passed on, and whom to dial by hand (R28) */
    size_t n_people;
    const struct view_other *others; /* what the same message told besides (R154) */
    size_t n_others;
    struct slice progress; /* "Response timeline: 5 of 18 done, 1 late" */
    const struct view_check *checks;
    size_t n_checks;
    struct slice after; /* what happens without an answer, or what to do now */
};

void view_responder(struct buf *out, const struct responder_view *v);
/* A dead end: what is wrong, what to do. */
void view_error(struct buf *out, int status, struct slice detail, struct slice what_to_do);

#endif
