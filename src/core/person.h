/* person.h - a person and how to reach them. */
#ifndef CORE_PERSON_H
#define CORE_PERSON_H

#include "base/slice.h"

struct zone;

struct contact {
    struct slice kind; /* canonical: mail phone sms push slack … */
    struct slice address;
    unsigned line; /* in site.yaml */
};

struct person {
    struct slice id, name, login; /* login may be empty: no acts over the local socket */
    const struct zone *zone; /* may be NULL: the organisation's */
    struct slice zone_name;
    const struct contact *contacts; /* in the site's order */
    size_t n_contacts;
    unsigned line;
};

/* "email", "e-mail", "Mail" → "mail"; "call", "voice", "Phone call" → "phone"; "text" → "sms" …; unknown: as
 * written, without blanks at its ends (who stores it lower-cases it). */
struct slice contact_kind_canonical(struct slice written);
/* phone, sms and push wake by themselves (design: ring and quiet). */
bool contact_kind_wakes(struct slice kind);

#endif
