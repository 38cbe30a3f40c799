/* view.h - what the reading commands share: ask, then print the server's JSON or a text for people. */
#ifndef CLI_VIEW_H
#define CLI_VIEW_H

#include "cli/client.h"
#include "cli/field.h"
#include "cli/screen.h"

/* Asks for each path in turn (at most VIEW_PATHS). With --format json the answers are printed as they stand, one after
 * the other; else `show` gets their values. Returns the exit status. */
#define VIEW_PATHS 3
typedef void view_fn(struct screen *s, const struct invocation *in, const struct field *const answers[VIEW_PATHS]);
int view_run(const struct invocation *in, const char *const *paths, size_t n, view_fn *show);

/* What the reading commands print, from their answers in the order in which they ask. */
view_fn incidents_text, show_text, why_text, oncall_text, silences_text, procedures_text, status_text;

/* One request whose answer is a sentence: {"text": …}. */
int view_sentence(const struct invocation *in, const char *method, const char *path);
int view_sentence_with(const struct invocation *in, const char *method, const char *path, struct slice body); /* JSON */

/* "broken: …" in red, where something of Tocsin itself fails; "unwatched: …" where nobody would notice if it were gone. */
void view_add_broken(struct screen *s, const struct field *top);

/* A member that is a person: the name; "nobody" when null. */
struct slice view_person(const struct field *v, const char *name);
/* Red, yellow or plain, by the level. */
enum colour view_severity_colour(const struct field *incident);
enum colour view_outcome_colour(struct slice outcome); /* of an attempt */
enum colour view_entry_colour(struct slice kind); /* of the timeline */
void view_add_clock(struct screen *s, const struct field *v, const char *name); /* "–" when null */
void view_cell_clock(struct table *t, const struct screen *s, const struct field *v, const char *name);
void view_add_zone(struct screen *s); /* "times are CET" */
/* "mail to ada@example.org: accepted", the kind before it where it says more. */
void view_add_delivery(struct screen *s, const struct field *delivery);

#endif
