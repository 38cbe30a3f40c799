/* seal.h - the bytes that are hashed: of a text, of a timeline entry, of a link of the system's chain (P6).
 *
 * All hashes are BLAKE2b-256 (RFC 7693). Integers are 64-bit two's complement, least significant byte first; `‖` joins;
 * 32 zero bytes stand for the predecessor of the first.
 *
 *   text_hash    = H(salt[16] ‖ text)
 *   entry hash   = H_key("tocsin-e" ‖ previous[32] ‖ incident ‖ seq ‖ at ‖ wall ‖ actor ‖ via ‖ kind ‖ ref ‖ rule ‖ line
 *                        ‖ text_hash[32] ‖ n ‖ n × (field ‖ value))           previous: of the incident's entry before it
 *   link hash    = H_key("tocsin-l" ‖ previous[32] ‖ id ‖ at ‖ wall ‖ entries ‖ symbols
 *                        ‖ H(entry hashes since the link before, in order of their place)
 *                        ‖ H(id ‖ length ‖ text, of each symbol since the link before, in order of id))
 *
 * The key is 32 random bytes outside the database. The salt makes a text unguessable from its hash once both are taken
 * out: the chain needs the hash alone. docs/evidence.md says what follows from this and what does not.
 * Released bytes never change: a new form gets another first word. */
#ifndef ENGINE_SEAL_H
#define ENGINE_SEAL_H

#include "base/buf.h"
#include "core/effect.h"

#define SEAL_KEY_BYTES 32

struct sealer {
    struct slice key; /* SEAL_KEY_BYTES, borrowed */
    struct buf scratch; /* owned: buf_release() */
};

void seal_text(struct sealer *s, const uint8_t salt[SEAL_SALT_BYTES], struct slice text, uint8_t out[SEAL_BYTES]);
/* Everything but salt and text is taken from the entry; the seal gives previous and text_hash. */
void seal_entry(struct sealer *s, const struct entry *en, const struct seal *seal, uint8_t out[SEAL_BYTES]);
/* What is wrong with an entry as it was read, in words for people; NULL: nothing. Its place in the chain is not looked at. */
const char *seal_judge(struct sealer *s, const struct entry *en);
/* `hashes`: of the entries, joined; `symbols`: what seal_add_symbol() wrote. */
void seal_link(struct sealer *s, const struct chain_link *l, const uint8_t previous[SEAL_BYTES], struct slice hashes,
               struct slice symbols, uint8_t out[SEAL_BYTES]);
void seal_add_symbol(struct buf *out, symbol id, struct slice text);

#endif
