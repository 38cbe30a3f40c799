/* seal.c - puts the bytes together and hashes them. The forms are in seal.h. */
#include "engine/seal.h"

#include <string.h>

#include "base/check.h"
#include "base/digest.h"

#define NO_KEY ((struct slice){ NULL, 0 })

static void add_ints(struct buf *out, const int64_t *v, size_t n)
{
    char *to = buf_room(out, 8 * n);
    for (size_t i = 0; to != NULL && i < n; i++, to += 8) {
        const uint64_t u = (uint64_t)v[i];
        const char bytes[8] = { (char)u,         (char)(u >> 8),  (char)(u >> 16), (char)(u >> 24),
                                (char)(u >> 32), (char)(u >> 40), (char)(u >> 48), (char)(u >> 56) };
        memcpy(to, bytes, sizeof bytes);
    }
}

static void add_int(struct buf *out, int64_t v)
{
    add_ints(out, &v, 1);
}

static void add_hash(struct buf *out, const uint8_t hash[SEAL_BYTES])
{
    buf_add(out, (struct slice){ (const char *)hash, SEAL_BYTES });
}

/* Most links cover no new symbol: nothing has one and the same hash. */
static void add_hash_of(struct buf *out, struct slice bytes)
{
    static const uint8_t of_nothing[SEAL_BYTES] = { 0x0e, 0x57, 0x51, 0xc0, 0x26, 0xe5, 0x43, 0xb2, 0xe8, 0xab, 0x2e,
                                                    0xb0, 0x60, 0x99, 0xda, 0xa1, 0xd1, 0xe5, 0xdf, 0x47, 0x77, 0x8f,
                                                    0x77, 0x87, 0xfa, 0xab, 0x45, 0xcd, 0xf1, 0x2f, 0xe3, 0xa8 };
    uint8_t hash[SEAL_BYTES];
    if (bytes.n > 0) digest_blake2b(NO_KEY, bytes, hash, sizeof hash);
    add_hash(out, bytes.n > 0 ? hash : of_nothing);
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
    add_ints(&s->scratch, ints, COUNT_OF(ints));
    add_hash(&s->scratch, seal->text_hash);
    add_int(&s->scratch, (int64_t)en->n_changes);
    for (size_t i = 0; i < en->n_changes; i++)
        add_ints(&s->scratch, (const int64_t[]){ en->changes[i].field, en->changes[i].value }, 2);
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
    add_ints(&s->scratch, ints, COUNT_OF(ints));
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
