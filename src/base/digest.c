/* digest.c - libsodium and base64 behind slices. */
#include "base/digest.h"

#include <sodium.h>

#include "base/check.h"
#include "base/vec.h"

static const unsigned char *bytes_of(struct slice s)
{
    return (const unsigned char *)(s.p == NULL ? "" : s.p);
}

void digest_blake2b(struct slice key, struct slice message, uint8_t *out, size_t n)
{
    CHECK(n >= DIGEST_BLAKE2B_MIN && n <= DIGEST_BLAKE2B_MAX);
    CHECK(key.n == 0 || (key.n >= 16 && key.n <= DIGEST_KEY_MAX));
    int rc = crypto_generichash_blake2b(out, n, bytes_of(message), message.n, key.n == 0 ? NULL : bytes_of(key), key.n);
    CHECK(rc == 0);
}

void digest_sha256(struct slice message, uint8_t out[DIGEST_SHA256_BYTES])
{
    crypto_hash_sha256(out, bytes_of(message), message.n);
}

void digest_hmac_sha256(struct slice key, struct slice message, uint8_t out[DIGEST_SHA256_BYTES])
{
    crypto_auth_hmacsha256_state state; /* the one-call form takes keys of 32 bytes only */
    crypto_auth_hmacsha256_init(&state, bytes_of(key), key.n);
    crypto_auth_hmacsha256_update(&state, bytes_of(message), message.n);
    crypto_auth_hmacsha256_final(&state, out);
    sodium_memzero(&state, sizeof state);
}

bool digest_equal(struct slice a, struct slice b)
{
    return a.n == b.n && (a.n == 0 || sodium_memcmp(a.p, b.p, a.n) == 0);
}

static int sodium_variant(enum base64_form form)
{
    switch (form) {
    case BASE64_UNSET: break;
    case BASE64_STANDARD: return sodium_base64_VARIANT_ORIGINAL;
    case BASE64_URL: return sodium_base64_VARIANT_URLSAFE_NO_PADDING;
    }
    CHECK(!"a base64 form");
    return 0;
}

void digest_add_base64(struct buf *out, struct slice bytes, enum base64_form form)
{
    size_t size = sodium_base64_encoded_len(bytes.n, sodium_variant(form));
    char *text = mem_alloc(size);
    sodium_bin2base64(text, size, bytes_of(bytes), bytes.n, sodium_variant(form));
    buf_add_str(out, text);
    sodium_memzero(text, size); /* it may have been a secret */
    mem_free(text);
}

static struct slice without_padding(struct slice s)
{
    if (s.n % 4 == 0)
        for (int i = 0; i < 2 && s.n > 0 && s.p[s.n - 1] == '='; i++) s.n--;
    return s;
}

int digest_decode_base64(struct slice text, enum base64_form form, struct buf *out, struct error *e)
{
    struct slice in = form == BASE64_URL ? without_padding(text) : text;
    size_t size = in.n / 4 * 3 + 3, n = 0;
    unsigned char *bytes = mem_alloc(size);
    const char *end = NULL;
    int rc = sodium_base642bin(bytes, size, in.p == NULL ? "" : in.p, in.n, NULL, &n, &end, sodium_variant(form));
    if (rc == 0 && (in.n == 0 || end == in.p + in.n))
        buf_add(out, (struct slice){ (const char *)bytes, n });
    else
        rc = fail(e, ERR_SYNTAX, "not base64%s of whole bytes", form == BASE64_URL ? " (URL alphabet: - and _)" : "");
    sodium_memzero(bytes, size);
    mem_free(bytes);
    return rc;
}

int digest_decode_hex(struct slice text, struct buf *out, struct error *e)
{
    size_t n = 0;
    unsigned char *bytes = mem_alloc(text.n / 2 + 1);
    const char *end = NULL;
    int rc = text.n % 2 == 0 ? 0 : -1;
    if (rc == 0 && text.n > 0) rc = sodium_hex2bin(bytes, text.n / 2, text.p, text.n, NULL, &n, &end);
    if (rc == 0 && n == text.n / 2)
        buf_add(out, (struct slice){ (const char *)bytes, n });
    else
        rc = fail(e, ERR_SYNTAX, "not hexadecimal: an even number of digits 0-9 and a-f is expected");
    sodium_memzero(bytes, text.n / 2 + 1);
    mem_free(bytes);
    return rc;
}
