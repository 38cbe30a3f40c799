/* token.c - makes and checks the tokens in links.
 * Not here: what a page is, whether it is still open (core/), the link around the token (outbox.c).
 * Always: nothing is believed of a token before its code was compared.
 */
#include "engine/token.h"

#include <string.h>

#include "base/check.h"
#include "base/digest.h"

enum {
    PAGE_BYTES = 5,
    MADE_BYTES = 4,
    EXPIRY_BYTES = 4,
    CLAIM_BYTES = PAGE_BYTES + MADE_BYTES + EXPIRY_BYTES,
    CODE_BYTES = 14,
    DIGEST_BYTES = 16, /* the shortest there is */
    TOKEN_BYTES = CLAIM_BYTES + CODE_BYTES
};
_Static_assert(TOKEN_BYTES * 4 == TOKEN_CHARS * 3, "base64 without padding");

static void put_number(uint8_t *at, size_t n, int64_t v)
{
    for (size_t i = n; i-- > 0; v >>= 8) at[i] = (uint8_t)v;
}

static int64_t get_number(const uint8_t *at, size_t n)
{
    int64_t v = 0;
    for (size_t i = 0; i < n; i++) v = (v << 8) | at[i];
    return v;
}

static void make_code(struct slice key, const uint8_t claim[CLAIM_BYTES], uint8_t code[CODE_BYTES])
{
    static const char domain[] = "tocsin page link 2"; /* a code made for anything else never fits here */
    uint8_t text[sizeof domain - 1 + CLAIM_BYTES], digest[DIGEST_BYTES];

    CHECK(key.n == TOKEN_KEY_BYTES);
    memcpy(text, domain, sizeof domain - 1);
    memcpy(text + sizeof domain - 1, claim, CLAIM_BYTES);
    digest_blake2b(key, (struct slice){ (const char *)text, sizeof text }, digest, DIGEST_BYTES);
    memcpy(code, digest, CODE_BYTES);
}

struct token_page token_page(page_id id, int64_t created_wall)
{
    return (struct token_page){ .id = id, .made = (uint32_t)created_wall };
}

bool token_is_of(const struct token_page *t, page_id id, int64_t created_wall)
{
    return t->id == id && t->made == (uint32_t)created_wall;
}

void token_add(struct buf *out, struct slice key, struct token_page page, int64_t expires_wall)
{
    uint8_t bytes[TOKEN_BYTES];

    CHECK(page.id > 0 && page.id < INT64_C(1) << (8 * PAGE_BYTES));
    CHECK(expires_wall >= 0 && expires_wall / SECOND < INT64_C(1) << (8 * EXPIRY_BYTES));
    put_number(bytes, PAGE_BYTES, page.id);
    put_number(bytes + PAGE_BYTES, MADE_BYTES, page.made);
    put_number(bytes + PAGE_BYTES + MADE_BYTES, EXPIRY_BYTES, expires_wall / SECOND);
    make_code(key, bytes, bytes + CLAIM_BYTES);
    digest_add_base64(out, (struct slice){ (const char *)bytes, sizeof bytes }, BASE64_URL);
}

enum token_verdict token_check(struct slice key, struct slice token, int64_t now_wall,
                               struct token_page *page, int64_t *expires_wall)
{
    struct buf bytes = { .max = TOKEN_BYTES };
    uint8_t code[CODE_BYTES];
    const uint8_t *p;
    enum token_verdict verdict = TOKEN_WRONG;

    if (token.n != TOKEN_CHARS || digest_decode_base64(token, BASE64_URL, &bytes, NULL) < 0) goto out;
    p = (const uint8_t *)bytes.p;
    make_code(key, p, code);
    if (!digest_equal((struct slice){ (const char *)code, CODE_BYTES }, slice_from(buf_slice(&bytes), CLAIM_BYTES)))
        goto out;
    *page = token_page(get_number(p, PAGE_BYTES), get_number(p + PAGE_BYTES, MADE_BYTES));
    int64_t expires = get_number(p + PAGE_BYTES + MADE_BYTES, EXPIRY_BYTES);
    if (expires_wall != NULL) *expires_wall = expires * SECOND;
    verdict = now_wall / SECOND > expires ? TOKEN_EXPIRED : TOKEN_GOOD;
out:
    buf_release(&bytes);
    return verdict;
}
