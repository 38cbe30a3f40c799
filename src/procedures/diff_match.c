/* diff_match.c - which element of the old list is which of the new one (G6).
 * In this order: same id and text; same id; same subject (key); same text; then, between the same neighbours, the most
 * alike words, and what is left by its place when as many are left on both sides. Linear but for the words, which are
 * compared only in small gaps. */
#include <string.h>

#include "procedures/diff_inner.h"

enum { ALIKE_PERCENT = 50, GAP_MAX = 24, WORDS_MAX = 32 };

static bool is_plain_word(struct slice word)
{
    for (size_t i = 0; i < word.n; i++) {
        char c = word.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
        if (!letter && c != '\'' && !(c == '-' && i > 0)) return false;
    }
    return true;
}

static struct slice word_cut(struct slice *text)
{
    while (text->n > 0 && (text->p[0] == ' ' || text->p[0] == '\t' || text->p[0] == '\n')) *text = slice_from(*text, 1);
    size_t n = 0;
    while (n < text->n && text->p[n] != ' ' && text->p[n] != '\t' && text->p[n] != '\n') n++;
    struct slice word = slice_upto(*text, n);
    *text = slice_from(*text, n);
    while (word.n > 1 && strchr(".,;:", word.p[word.n - 1]) != NULL) word.n--;
    return word;
}

struct slice text_fold(struct arena *a, struct slice text)
{
    char *out = arena_alloc(a, text.n + 2);
    size_t n = 0;
    while (text.n > 0) {
        struct slice word = word_cut(&text);
        if (word.n == 0) continue;
        const bool plain = is_plain_word(word);
        if (n > 0) out[n++] = ' ';
        for (size_t i = 0; i < word.n; i++) {
            char c = word.p[i];
            out[n++] = plain && c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
        }
    }
    return (struct slice){ out, n };
}

/* --- by name -------------------------------------------------------------------------------------------------------- */

enum pass { PASS_SAME, PASS_ID, PASS_KEY, PASS_TEXT, PASSES };

/* "item", "item-2": slugs of texts without a letter that an id may have. They number, they do not name. */
static bool id_names(struct slice id)
{
    size_t at = id.n;
    while (at > 0 && id.p[at - 1] != '/') at--;
    return id.n > 0 && !slice_has_prefix(slice_from(id, at), S("item"));
}

static struct slice pass_name(struct differ *d, const struct element *e, enum pass pass)
{
    if (pass == PASS_SAME && e->id.n > 0) return diff_say(d, "%.*s\x1f%.*s", ARG(e->id), ARG(e->folded));
    if (pass == PASS_ID && id_names(e->id)) return e->id;
    if (pass == PASS_KEY && e->key.n > 0) return e->key;
    if (pass == PASS_TEXT) return e->folded;
    return (struct slice){ 0 };
}

/* The name and which of its bearers: the first of one list meets the first of the other. */
static struct slice numbered(struct differ *d, struct smap *counts, struct slice name)
{
    int64_t n = 0;
    smap_get(counts, name, &n);
    smap_put(counts, name, n + 1);
    return diff_say(d, "%.*s\x1f%lld", ARG(name), (long long)n);
}

static void match_pass(struct differ *d, struct element *old, size_t n, struct element *new, size_t m, enum pass pass)
{
    struct smap *places = smap_create(0), *old_counts = smap_create(0), *new_counts = smap_create(0);
    int64_t at;
    for (size_t i = 0; i < n; i++) {
        struct slice name = old[i].match >= 0 ? (struct slice){ 0 } : pass_name(d, &old[i], pass);
        if (name.n > 0) smap_put(places, numbered(d, old_counts, name), (int64_t)i);
    }
    for (size_t i = 0; i < m; i++) {
        struct slice name = new[i].match >= 0 ? (struct slice){ 0 } : pass_name(d, &new[i], pass);
        if (name.n == 0 || !smap_get(places, numbered(d, new_counts, name), &at)) continue;
        new[i].match = at;
        old[at].match = (long)i;
    }
    smap_destroy(&places);
    smap_destroy(&old_counts);
    smap_destroy(&new_counts);
}

/* --- by place ------------------------------------------------------------------------------------------------------- */

static size_t words_of(struct slice folded, struct slice *words)
{
    size_t n = 0;
    while (folded.n > 0 && n < WORDS_MAX) {
        words[n] = slice_cut(&folded, ' ');
        if (words[n].n > 0) n++;
    }
    return n;
}

/* Words in common, of both texts, in percent. */
static int alike(const struct element *x, const struct element *y)
{
    struct slice a[WORDS_MAX], b[WORDS_MAX];
    const size_t n = words_of(x->folded, a), m = words_of(y->folded, b);
    int common = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < m; k++)
            if (b[k].n > 0 && slice_eq(a[i], b[k])) {
                common++;
                b[k].n = 0;
                break;
            }
    return n + m == 0 ? 0 : 200 * common / (int)(n + m);
}

struct gap { /* unmatched neighbours: old[o..o+n), new[w..w+m) */
    struct element *old, *new;
    size_t o, n, w, m;
};

static void pair(struct gap *g, size_t i, size_t k)
{
    g->old[g->o + i].match = (long)(g->w + k);
    g->new[g->w + k].match = (long)(g->o + i);
}

static bool pair_best(struct gap *g, int scores[GAP_MAX][GAP_MAX])
{
    int best = ALIKE_PERCENT - 1;
    size_t bi = 0, bk = 0;
    for (size_t i = 0; i < g->n; i++)
        for (size_t k = 0; k < g->m; k++) {
            const bool taken = g->old[g->o + i].match >= 0 || g->new[g->w + k].match >= 0;
            if (taken || scores[i][k] <= best) continue;
            best = scores[i][k];
            bi = i;
            bk = k;
        }
    if (best >= ALIKE_PERCENT) pair(g, bi, bk);
    return best >= ALIKE_PERCENT;
}

static void gap_pair_words(struct gap *g)
{
    int scores[GAP_MAX][GAP_MAX];
    bool more = g->n > 0;
    if (g->n > GAP_MAX || g->m > GAP_MAX) return;
    for (size_t i = 0; i < g->n; i++)
        for (size_t k = 0; k < g->m; k++) {
            const struct element *x = &g->old[g->o + i], *y = &g->new[g->w + k];
            scores[i][k] = x->class == y->class ? alike(x, y) : 0;
        }
    while (more) more = pair_best(g, scores);
}

static void gap_pair_places(struct gap *g)
{
    size_t i = 0, k = 0, left_old = 0, left_new = 0;
    for (i = 0; i < g->n; i++) left_old += g->old[g->o + i].match < 0;
    for (k = 0; k < g->m; k++) left_new += g->new[g->w + k].match < 0;
    if (left_old != left_new) return;
    for (i = k = 0; i < g->n && k < g->m; i++, k++) {
        while (i < g->n && g->old[g->o + i].match >= 0) i++;
        while (k < g->m && g->new[g->w + k].match >= 0) k++;
        if (i < g->n && k < g->m && g->old[g->o + i].class == g->new[g->w + k].class) pair(g, i, k);
    }
}

static void match_gaps(const struct list *l, struct element *old, struct element *new)
{
    size_t before = 0; /* index in old behind the last matched neighbour */
    for (size_t w = 0; w < l->new_n; w++) {
        struct gap g = { old, new, before, 0, w, 0 };
        if (new[w].match >= 0) {
            before = (size_t) new[w].match + 1;
            continue;
        }
        while (w + g.m < l->new_n && new[w + g.m].match < 0) g.m++;
        while (before + g.n < l->old_n && old[before + g.n].match < 0) g.n++;
        gap_pair_words(&g);
        if (l->by_place) gap_pair_places(&g);
        w += g.m - 1;
        before += g.n;
    }
}

/* --- order ---------------------------------------------------------------------------------------------------------- */

/* The longest run of pairs in the same order stays; whoever is not in it has moved. */
static void mark_moved(struct differ *d, const struct list *l, struct element *old, struct element *new)
{
    long *tail = arena_array(d->arena, long, l->new_n + 1), *before = arena_array(d->arena, long, l->new_n + 1);
    size_t length = 0;
    for (size_t i = 0; i < l->new_n; i++) {
        if (new[i].match < 0) continue;
        size_t low = 0, high = length;
        while (low < high) {
            size_t mid = (low + high) / 2;
            if (new[tail[mid]].match < new[i].match)
                low = mid + 1;
            else
                high = mid;
        }
        before[i] = low > 0 ? tail[low - 1] : -1;
        tail[low] = (long)i;
        if (low == length) length++;
        new[i].moved = old[new[i].match].moved = true;
    }
    for (long i = length > 0 ? tail[length - 1] : -1; i >= 0; i = before[i])
        new[i].moved = old[new[i].match].moved = false;
}

void elements_match(struct differ *d, const struct list *l, struct element *old, struct element *new)
{
    for (int pass = 0; pass < PASSES; pass++) match_pass(d, old, l->old_n, new, l->new_n, (enum pass)pass);
    match_gaps(l, old, new);
    mark_moved(d, l, old, new);
}
