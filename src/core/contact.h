/* contact.h - through which kinds, in which order, a person is reached (A50, R30, R159). */
#ifndef CORE_CONTACT_H
#define CORE_CONTACT_H

#include "core/page.h"

#define CONTACT_MAX 16

struct contact_choice {
    struct slice kind, address;
    int channel; /* index into the directory */
    bool wakes;
};

/* The bound kinds of a person in the order in which this page tries them: the document's contact for the role first
 * (`by` before all), then the rest; ringing: kinds that wake first; quiet: kinds that wake last. Returns how many. */
size_t contact_choices(const struct directory *d, const struct policy *p, int person, struct slice role,
                       struct slice by, bool rings, struct contact_choice out[CONTACT_MAX]);

#endif
