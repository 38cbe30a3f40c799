/* heap.c - a binary heap with a map from key to place, so that any entry can be moved or removed. */
#include "base/heap.h"

#include "base/map.h"
#include "base/vec.h"

struct node {
    int64_t key, due, tie;
};

struct heap {
    VEC(struct node) nodes;
    struct imap *place; /* key -> index in nodes */
};

struct heap *heap_create(void)
{
    struct heap *h = mem_alloc(sizeof *h);
    h->place = imap_create(0);
    return h;
}

void heap_destroy(struct heap **h)
{
    if (*h == NULL) return;
    vec_release(&(*h)->nodes);
    imap_destroy(&(*h)->place);
    mem_free(*h);
    *h = NULL;
}

size_t heap_count(const struct heap *h)
{
    return h->nodes.n;
}

static bool before(const struct node *a, const struct node *b)
{
    if (a->due != b->due) return a->due < b->due;
    if (a->tie != b->tie) return a->tie < b->tie;
    return a->key < b->key;
}

static void place_node(struct heap *h, size_t i, struct node n)
{
    h->nodes.v[i] = n;
    imap_put(h->place, (struct ikey){ n.key, 0 }, (int64_t)i);
}

static void sift_up(struct heap *h, size_t i)
{
    struct node n = h->nodes.v[i];
    for (; i > 0 && before(&n, &h->nodes.v[(i - 1) / 2]); i = (i - 1) / 2) place_node(h, i, h->nodes.v[(i - 1) / 2]);
    place_node(h, i, n);
}

static void sift_down(struct heap *h, size_t i)
{
    struct node n = h->nodes.v[i];
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= h->nodes.n) break;
        if (child + 1 < h->nodes.n && before(&h->nodes.v[child + 1], &h->nodes.v[child])) child++;
        if (!before(&h->nodes.v[child], &n)) break;
        place_node(h, i, h->nodes.v[child]);
        i = child;
    }
    place_node(h, i, n);
}

bool heap_remove(struct heap *h, int64_t key)
{
    int64_t at;
    if (!imap_get(h->place, (struct ikey){ key, 0 }, &at)) return false;
    imap_remove(h->place, (struct ikey){ key, 0 });
    struct node last = h->nodes.v[--h->nodes.n];
    if ((size_t)at == h->nodes.n) return true;
    place_node(h, (size_t)at, last);
    sift_up(h, (size_t)at);
    imap_get(h->place, (struct ikey){ last.key, 0 }, &at);
    sift_down(h, (size_t)at);
    return true;
}

void heap_put(struct heap *h, int64_t key, int64_t due, int64_t tie)
{
    heap_remove(h, key);
    *vec_push(&h->nodes) = (struct node){ key, due, tie };
    sift_up(h, h->nodes.n - 1);
}

bool heap_peek(const struct heap *h, int64_t *key, int64_t *due)
{
    if (h->nodes.n == 0) return false;
    if (key != NULL) *key = h->nodes.v[0].key;
    if (due != NULL) *due = h->nodes.v[0].due;
    return true;
}
