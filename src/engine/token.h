/* token.h - the secret in the link of a page: who holds it may acknowledge that page, until it expires (R146).
 *
 * Pure, given the key. A token is base64url of page id (5 bytes), the low 4 bytes of the UTC ms at which the page was made,
 * expiry (4 bytes, UTC seconds) and the first 14 bytes of BLAKE2b(instance key, "tocsin page link 2" ‖ all three): 36
 * characters, all of them safe in a URL and in an SMS. It is not stored: the key and the page's row are all there is.
 *
 * A page that left while neither store nor spool could be written may be forgotten by a crash, and its number given to
 * another: so a number is not enough, whoever has the row compares with token_page(). */
#ifndef ENGINE_TOKEN_H
#define ENGINE_TOKEN_H

#include "base/buf.h"
#include "core/ids.h"

#define TOKEN_KEY_BYTES 32
#define TOKEN_CHARS 36

enum token_verdict { TOKEN_UNSET = 0, TOKEN_GOOD, TOKEN_EXPIRED, TOKEN_WRONG };

struct token_page {
    page_id id;
    uint32_t made; /* low bits of its created_wall */
};

struct token_page token_page(page_id id, int64_t created_wall);
bool token_is_of(const struct token_page *t, page_id id, int64_t created_wall);

/* Appends the token. `expires_wall` is UTC ms; the token is good up to and with that second. */
void token_add(struct buf *out, struct slice key, struct token_page page, int64_t expires_wall);

/* *page and *expires_wall (may be NULL) are set unless WRONG. The comparison takes constant time. */
enum token_verdict token_check(struct slice key, struct slice token, int64_t now_wall,
                               struct token_page *page, int64_t *expires_wall);

#endif
