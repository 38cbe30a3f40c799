/* mend.h - what `tocsin fix` mends: only what the compiler already reads as mended, so that the policy stays the same.
 *
 * Today that is mojibake, one patch a run (G14). Line ends, a byte-order mark, list numbers, blanks, and arrows of any
 * accepted form are left as they are: they are read well. What is not read (an arrow of another kind) is not mended
 * either, because then the document would begin to say something else. Pure. R6, R7. */
#ifndef PROCEDURES_MEND_H
#define PROCEDURES_MEND_H

#include "procedures/patch.h"

struct arena;

struct mends {
    const struct patch *v; /* by offset */
    size_t n;
    unsigned lines; /* with at least one patch */
    unsigned left; /* lines that would be mojibake again once mended (encoded three times): by hand */
    unsigned first_left; /* the first of them; 0 = none */
};

/* `document` must outlive the patches. ERR_* as the compiler: limits, encoding. */
int mends_find(struct arena *a, struct slice document, struct mends *out, struct error *e);

#endif
