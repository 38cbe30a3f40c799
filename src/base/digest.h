/* digest.h - hashes, message authentication, constant-time comparison, base64 and hex. Pure wraps of libsodium.
 *
 * Not here: random bytes (sys/entropy.h), passwords. Sizes are bytes. Outputs are raw bytes; print them with
 * buf_add_hex() or digest_add_base64(). */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include "base/buf.h"
#include "base/error.h"

#define DIGEST_SHA256_BYTES 32
#define DIGEST_BLAKE2B_MIN 16
#define DIGEST_BLAKE2B_MAX 64
#define DIGEST_KEY_MAX 64

/* BLAKE2b (RFC 7693) of n bytes, 16 to 64; key.n is 0 (unkeyed) or 16 to 64, all else is a fault of the caller. */
void digest_blake2b(struct slice key, struct slice message, uint8_t *out, size_t n);
void digest_sha256(struct slice message, uint8_t out[DIGEST_SHA256_BYTES]); /* FIPS 180-4 */
void digest_hmac_sha256(struct slice key, struct slice message, uint8_t out[DIGEST_SHA256_BYTES]); /* RFC 2104 */

/* Equal, in time that depends on the lengths alone. */
bool digest_equal(struct slice a, struct slice b);

/* RFC 4648: section 4 with padding, section 5 (URL and file names) without. */
enum base64_form { BASE64_UNSET = 0, BASE64_STANDARD, BASE64_URL };
void digest_add_base64(struct buf *out, struct slice bytes, enum base64_form form);
/* Appends the bytes. Padding is required in the standard form, optional in the URL form. ERR_SYNTAX adds nothing. */
int digest_decode_base64(struct slice text, enum base64_form form, struct buf *out, struct error *e);
int digest_decode_hex(struct slice text, struct buf *out, struct error *e); /* either case; ERR_SYNTAX adds nothing */

#endif
