/* courier_threads.c - a ring of places and ids.
 * Not here: what a channel kind does with the id (notify/). */
#include "serve/courier_threads.h"

static void key_make(struct buf *key, const struct message_send *m)
{
    buf_add(key, m->channel);
    buf_add_char(key, '\0');
    buf_add(key, m->address);
    buf_add_char(key, '\0');
    buf_add(key, m->thread);
}

struct slice threads_find(const struct threads *t, const struct message_send *m)
{
    struct buf key = { 0 };
    struct slice found = { 0 };

    if (m->thread.n == 0) return found;
    key_make(&key, m);
    for (size_t i = 0; i < THREADS_MAX && found.n == 0; i++)
        if (slice_eq(buf_slice(&t->keys[i]), buf_slice(&key))) found = buf_slice(&t->ids[i]);
    buf_release(&key);
    return found;
}

void threads_remember(struct threads *t, const struct message_send *m, struct slice provider_id)
{
    size_t at = t->next;

    if (m->thread.n == 0 || provider_id.n == 0 || threads_find(t, m).n > 0) return;
    t->next = (t->next + 1) % THREADS_MAX;
    buf_reset(&t->keys[at]);
    buf_reset(&t->ids[at]);
    key_make(&t->keys[at], m);
    buf_add(&t->ids[at], provider_id);
}

void threads_release(struct threads *t)
{
    for (size_t i = 0; i < THREADS_MAX; i++) {
        buf_release(&t->keys[i]);
        buf_release(&t->ids[i]);
    }
}
