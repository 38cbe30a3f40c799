/* responder_lists.h - what the responder's view lists below the incident: people, and what the same message told. */
#ifndef API_RESPONDER_LISTS_H
#define API_RESPONDER_LISTS_H

#include "api/reading.h"
#include "base/civil.h"
#include "core/page.h"
#include "http/view.h"

/* Who fills a role of the incident now, but for the person `but` (0: nobody): from the site alone, no directory is asked
 * (R28). In the request's arena. */
void responder_people(struct reading *r, const struct incident *i, symbol but, struct responder_view *v);
/* The response timeline, each check with who ticked it and when, on the clock of `reader`. */
int responder_checks(struct reading *r, const struct incident *i, symbol reader, struct responder_view *v);
/* The incidents of the message that carried this page or was carried with it (R154). */
int responder_others(struct reading *r, const struct page *page, struct responder_view *v);

/* A person's name, or their id where the site has forgotten them. */
struct slice responder_name(struct reading *r, symbol person);
/* The clock of whoever reads it; its zone's abbreviation. */
struct slice responder_local(struct reading *r, symbol reader, int64_t wall, struct civil *c);

#endif
