/* view.h - the few HTML pages that Tocsin makes itself: no script, nothing from elsewhere, readable on a phone.
 *
 * A view is a template and a typed list of fields; every field is escaped, there is no raw form. The answer's headers
 * (answer.c) forbid scripts and frames besides. */
#ifndef HTTP_VIEW_H
#define HTTP_VIEW_H

#include "base/buf.h"

/* What the responder behind a link sees (R146). Empty texts are left out with the line they stand in. */
struct responder_view {
    struct slice notice; /* what their press of the button did; empty: they only looked */
    struct slice incident; /* "INC-42" */
    struct slice severity; /* "SEV2?": with ? while provisional */
    struct slice tone; /* of the badge: "ring", "quiet", "over" */
    struct slice title;
    struct slice service;
    struct slice impact;
    struct slice since; /* "03:00 CET on 5 January 2026, 12 minutes ago" */
    struct slice state; /* "open", "acknowledged", "resolved" … */
    struct slice taken_by; /* who acknowledged, and when */
    struct slice paged; /* whom this page summoned, and as what */
    struct slice action; /* not empty: there is a button that posts to the view's own address */
    struct slice after; /* what happens without an answer, or what to do now */
};

void view_responder(struct buf *out, const struct responder_view *v);
/* A dead end: what is wrong, what to do. */
void view_error(struct buf *out, int status, struct slice detail, struct slice what_to_do);

#endif
