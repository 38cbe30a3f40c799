/* texts.c - an arena of texts and an index by symbol. */
#include "store/texts.h"

#include "base/arena.h"
#include "base/map.h"
#include "base/vec.h"

struct store_texts {
    struct arena *arena;
    struct imap *index; /* symbol → place in texts */
    VEC(struct slice) texts;
};

struct store_texts *store_texts_create(void)
{
    struct store_texts *t = mem_alloc(sizeof *t);
    t->arena = arena_create(0);
    t->index = imap_create(0); /* our own numbers: nobody can choose them to collide */
    return t;
}

void store_texts_destroy(struct store_texts **t)
{
    if (*t == NULL) return;
    arena_destroy(&(*t)->arena);
    imap_destroy(&(*t)->index);
    vec_release(&(*t)->texts);
    mem_free(*t);
    *t = NULL;
}

bool store_texts_get(const struct store_texts *t, symbol s, struct slice *text)
{
    int64_t place;
    if (!imap_get(t->index, (struct ikey){ s, 0 }, &place)) return false;
    *text = t->texts.v[place];
    return true;
}

struct slice store_texts_add(struct store_texts *t, symbol s, struct slice text)
{
    imap_put(t->index, (struct ikey){ s, 0 }, (int64_t)t->texts.n);
    struct slice *kept = vec_push(&t->texts);
    *kept = arena_copy(t->arena, text);
    return *kept;
}

void store_texts_trim(struct store_texts *t)
{
    if (arena_used(t->arena) <= STORE_TEXTS_MAX) return;
    arena_reset(t->arena);
    vec_clear(&t->texts);
    imap_destroy(&t->index);
    t->index = imap_create(0);
}
