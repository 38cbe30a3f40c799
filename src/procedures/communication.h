/* communication.h - what the two files share that read who is told what by when. Private to procedures/. */
#ifndef PROCEDURES_COMMUNICATION_H
#define PROCEDURES_COMMUNICATION_H

#include "procedures/compiler.h"

enum communication_kind
communication_kind_of(struct slice name); /* by the words of a name; an obligation without one */
struct slice communication_audience(struct compiler *c,
                                    struct slice heading); /* "internal", "external", else its slug */
void communication_cadence(struct compiler *c, unsigned line); /* what "every" means (A35) */
void communication_business(struct compiler *c, const struct node *n, struct duration d); /* working time (G15) */

/* One row of a table. `audience` is what its heading says; a column about it says more. */
void communication_row(struct compiler *c, const struct node *n, const struct node *header, struct slice audience);

#endif
