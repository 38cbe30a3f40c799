/* token.h - the secret in the link of a page: who holds it may acknowledge that page, until it expires (R146).
 *
 * Pure, given the key. A token is base64url of page id (6 bytes), expiry (5 bytes, UTC seconds) and the first 16 bytes of
 * BLAKE2b(instance key, "tocsin page link 1" ‖ both): 36 characters, all of them safe in a URL and in an SMS. It is not
 * stored: the key and the page's row are all there is. */
#ifndef ENGINE_TOKEN_H
#define ENGINE_TOKEN_H

#include "base/buf.h"
#include "core/ids.h"

#define TOKEN_KEY_BYTES 32
#define TOKEN_CHARS 36

enum token_verdict { TOKEN_UNSET = 0, TOKEN_GOOD, TOKEN_EXPIRED, TOKEN_WRONG };

/* Appends the token. `expires_wall` is UTC ms; the token is good up to and with that second. */
void token_add(struct buf *out, struct slice key, page_id page, int64_t expires_wall);

/* *page and *expires_wall (may be NULL) are set unless WRONG. The comparison takes constant time. */
enum token_verdict token_check(struct slice key, struct slice token, int64_t now_wall, page_id *page,
                               int64_t *expires_wall);

#endif
