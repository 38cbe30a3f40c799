/* seal.c - puts the bytes together and hashes them. The forms are in seal.h. */
#include "engine/seal.h"

#include <string.h>

#include "base/check.h"
#include "base/digest.h"

#define NO_KEY ((struct slice){ NULL, 0 })

static void add_int(struct buf *out, int64_t v)
{
    char bytes[8];
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (char)((uint64_t)v >> (8 * i));
    buf_add(out, (struct slice){ bytes, sizeof bytes });
}

static void add_hash(struct buf *out, const uint8_t hash[SEAL_BYTES])
{
    buf_add(out, (struct slice){ (const char *)hash, SEAL_BYTES });
}

static void add_hash_of(struct buf *out, struct slice bytes)
{
    uint8_t hash[SEAL_BYTES];
    digest_blake2b(NO_KEY, bytes, hash, sizeof hash);
    add_hash(out, hash);
}

static void begin(struct sealer *s, size_t room)
{
    buf_reset(&s->scratch);
    s->scratch.max = room;
}

static void finish(struct sealer *s, struct slice key, uint8_t out[SEAL_BYTES])
{
    CHECK(!s->scratch.overflow);
    digest_blake2b(key, buf_slice(&s->scratch), out, SEAL_BYTES);
}

void seal_text(struct sealer *s, const uint8_t salt[SEAL_SALT_BYTES], struct slice text, uint8_t out[SEAL_BYTES])
{
    begin(s, SEAL_SALT_BYTES + text.n + 1);
    buf_add(&s->scratch, (struct slice){ (const char *)salt, SEAL_SALT_BYTES });
    buf_add(&s->scratch, text);
    finish(s, NO_KEY, out);
}

void seal_entry(struct sealer *s, const struct entry *en, const struct seal *seal, uint8_t out[SEAL_BYTES])
{
    const int64_t ints[] = { en->incident, en->seq,  en->at,  en->wall, en->actor,
                             en->via,      en->kind, en->ref, en->rule, en->line };
    begin(s, 256 + 16 * en->n_changes);
    buf_add(&s->scratch, S("tocsin-e"));
    add_hash(&s->scratch, seal->previous);
    for (size_t i = 0; i < COUNT_OF(ints); i++) add_int(&s->scratch, ints[i]);
    add_hash(&s->scratch, seal->text_hash);
    add_int(&s->scratch, (int64_t)en->n_changes);
    for (size_t i = 0; i < en->n_changes; i++) {
        add_int(&s->scratch, en->changes[i].field);
        add_int(&s->scratch, en->changes[i].value);
    }
    finish(s, s->key, out);
}

const char *seal_judge(struct sealer *s, const struct entry *en)
{
    uint8_t hash[SEAL_BYTES];
    if ((en->seal->parts & SEAL_HASHED) == 0) return "it has no seal";
    if ((en->seal->parts & SEAL_SALTED) != 0) {
        seal_text(s, en->seal->salt, en->text, hash);
        if (memcmp(hash, en->seal->text_hash, SEAL_BYTES) != 0) return "its text is not the one that was sealed";
    } else if (en->text.n > 0) {
        return "its salt is gone, its text is not";
    }
    seal_entry(s, en, en->seal, hash);
    return memcmp(hash, en->seal->hash, SEAL_BYTES) == 0 ? NULL : "it is not what was sealed, or the key is another";
}

void seal_link(struct sealer *s, const struct chain_link *l, const uint8_t previous[SEAL_BYTES], struct slice hashes,
               struct slice symbols, uint8_t out[SEAL_BYTES])
{
    const int64_t ints[] = { l->id, l->at, l->wall, l->entries, l->symbols };
    begin(s, 256);
    buf_add(&s->scratch, S("tocsin-l"));
    add_hash(&s->scratch, previous);
    for (size_t i = 0; i < COUNT_OF(ints); i++) add_int(&s->scratch, ints[i]);
    add_hash_of(&s->scratch, hashes);
    add_hash_of(&s->scratch, symbols);
    finish(s, s->key, out);
}

void seal_add_symbol(struct buf *out, symbol id, struct slice text)
{
    add_int(out, id);
    add_int(out, (int64_t)text.n);
    buf_add(out, text);
}
