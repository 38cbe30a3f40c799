/* near.c - the distance between two names. */
#include "procedures/near.h"

enum { EDITS_MAX = 2 };

static char folded(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Levenshtein's, one row at a time. */
static size_t edits(struct slice a, struct slice b)
{
    size_t row[NEAR_NAME_MAX + 1];
    for (size_t k = 0; k <= b.n; k++) row[k] = k;
    for (size_t i = 0; i < a.n; i++) {
        size_t corner = row[0];
        row[0] = i + 1;
        for (size_t k = 0; k < b.n; k++) {
            size_t change = corner + (folded(a.p[i]) != folded(b.p[k]));
            corner = row[k + 1];
            row[k + 1] = least(change, least(corner, row[k]) + 1);
        }
    }
    return row[b.n];
}

struct slice near_name(const struct slice *known, size_t n, struct slice name)
{
    struct slice best = { 0 };
    size_t fewest = EDITS_MAX + 1;
    if (name.n > NEAR_NAME_MAX) return best;
    for (size_t i = 0; i < n; i++) {
        if (known[i].n > NEAR_NAME_MAX) continue;
        size_t d = edits(name, known[i]);
        if (d >= fewest || d * 4 >= name.n) continue;
        fewest = d;
        best = known[i];
    }
    return best;
}
