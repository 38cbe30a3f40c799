/* nearest.c - optimal string alignment: a letter more, less, other, or two swapped.
 */
#include "cli/nearest.h"

#define WORD_MAX 24 /* longer words are nobody's slip */

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t distance(struct slice a, struct slice b)
{
    size_t d[WORD_MAX + 1][WORD_MAX + 1];
    if (a.n > WORD_MAX || b.n > WORD_MAX) return WORD_MAX + 1;
    for (size_t i = 0; i <= a.n; i++) d[i][0] = i;
    for (size_t j = 0; j <= b.n; j++) d[0][j] = j;
    for (size_t i = 1; i <= a.n; i++) {
        for (size_t j = 1; j <= b.n; j++) {
            const size_t other = a.p[i - 1] != b.p[j - 1];
            d[i][j] = least(least(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + other);
            if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1])
                d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
        }
    }
    return d[a.n][b.n];
}

/* Half of the word may be wrong, but for one letter at least; a beginning is always near. */
static size_t allowed(size_t n)
{
    return n <= 3 ? 1 : n <= 6 ? 2 : 3;
}

struct nearest nearest_start(struct slice meant)
{
    return (struct nearest){ .meant = meant, .distance = WORD_MAX + 1 };
}

void nearest_try(struct nearest *n, const char *known)
{
    const struct slice k = slice_of(known);
    size_t d = distance(n->meant, k);
    if (n->meant.n >= 3 && slice_has_prefix(k, n->meant)) d = least(d, 1);
    if (d > allowed(n->meant.n) || d >= n->distance) return;
    n->best = known;
    n->distance = d;
}
