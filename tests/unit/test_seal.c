/* test_seal.c - the chain's bytes (P6) against answers that python3's hashlib.blake2b gave for the forms in seal.h:
 * key 00 01 … 1f, salt 64 65 … 73, predecessor 32 times 07. (tests/fault/evidence.py does the same on a live history.) */
#include "harness.h"

#include <string.h>

#include "base/check.h"
#include "engine/seal.h"

static uint8_t key[SEAL_KEY_BYTES], salt[SEAL_SALT_BYTES], previous[SEAL_BYTES];

static int setup(void **state)
{
    for (size_t i = 0; i < sizeof key; i++) key[i] = (uint8_t)i;
    for (size_t i = 0; i < sizeof salt; i++) salt[i] = (uint8_t)(100 + i);
    memset(previous, 7, sizeof previous);
    (void)state;
    return 0;
}

static struct sealer sealer_with_key(void)
{
    return (struct sealer){ .key = { (const char *)key, sizeof key } };
}

static void assert_hex(const uint8_t hash[SEAL_BYTES], const char *hex)
{
    struct buf out = { 0 };
    buf_add_hex(&out, (struct slice){ (const char *)hash, SEAL_BYTES });
    assert_string_equal(buf_str(&out), hex);
    buf_release(&out);
}

static void a_text_is_hashed_with_its_salt_and_without_the_key(void **state)
{
    static const struct {
        struct slice text;
        const char *hex;
    } rows[] = {
        { { "", 0 }, "62fe944b55eb3101dc196a8b4be20a64bdd4723d835dab0724b6fdf043c203db" },
        { { "Acknowledged by Ada", 19 }, "e3664aab5329479c54a88d1a3da7196423d41e28683cbd5a55824dfbc5341a92" },
    };
    struct sealer s = sealer_with_key();
    uint8_t hash[SEAL_BYTES];
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        seal_text(&s, salt, rows[i].text, hash);
        assert_hex(hash, rows[i].hex);
    }
    buf_release(&s.scratch);
    (void)state;
}

static const struct change changes[] = { { 1, 2 }, { 60, -1 } };
static const struct entry plain = { .incident = 1,
                                    .seq = 2,
                                    .at = 3,
                                    .wall = 4,
                                    .actor = 5,
                                    .via = 6,
                                    .kind = 7,
                                    .ref = 8,
                                    .rule = 9,
                                    .line = 10,
                                    .text = { "Acknowledged by Ada", 19 } };
static const struct entry odd = { .incident = 0,
                                  .seq = 1,
                                  .at = -1,
                                  .wall = INT64_C(1767582000000),
                                  .actor = INT64_MIN,
                                  .via = INT64_MAX,
                                  .kind = 7,
                                  .ref = 8,
                                  .rule = 9,
                                  .line = 10,
                                  .text = { "\0\xff", 2 },
                                  .changes = changes,
                                  .n_changes = 2 };

static struct seal sealed(struct sealer *s, const struct entry *en)
{
    struct seal seal = { .parts = SEAL_WHOLE };
    memcpy(seal.previous, previous, sizeof previous);
    memcpy(seal.salt, salt, sizeof salt);
    seal_text(s, salt, en->text, seal.text_hash);
    seal_entry(s, en, &seal, seal.hash);
    return seal;
}

static void an_entry_is_hashed_with_everything_that_it_says(void **state)
{
    struct sealer s = sealer_with_key();
    assert_hex(sealed(&s, &plain).hash, "06220ca89c73db7ca7b4ca48eb5a9279bbbfd9a1b0815b820bf3d7d6158b8d27");
    assert_hex(sealed(&s, &odd).hash, "236d0676e78a072da3c72c3c8c03a8d30f367b91bff3d83e81008e0016670b73");
    buf_release(&s.scratch);
    (void)state;
}

static void a_link_is_hashed_with_what_it_covers(void **state)
{
    const struct chain_link link = { .id = 1, .at = 2, .wall = 3, .entries = 4, .symbols = 5 }, bare = { .id = 1 };
    struct sealer s = sealer_with_key();
    struct buf hashes = { 0 }, symbols = { 0 };
    uint8_t hash[SEAL_BYTES];
    buf_add(&hashes, (struct slice){ (const char *)sealed(&s, &plain).hash, SEAL_BYTES });
    buf_add(&hashes, (struct slice){ (const char *)sealed(&s, &odd).hash, SEAL_BYTES });
    seal_add_symbol(&symbols, 5, S("ada"));
    seal_link(&s, &link, previous, buf_slice(&hashes), buf_slice(&symbols), hash);
    assert_hex(hash, "9cc93b92b6201465aaad20b6d642d7553347d503314e527ac68dc38018a333cf");
    seal_link(&s, &bare, previous, S(""), S(""), hash);
    assert_hex(hash, "a418125c699d93a368536b33b3042297838955729cd1a69a71fe76a233744da3");
    buf_release(&hashes);
    buf_release(&symbols);
    buf_release(&s.scratch);
    (void)state;
}

/* Any field of an entry, changed, is told; so is a text; a text taken out together with its salt is not. */
static void what_was_changed_does_not_fit(void **state)
{
    struct sealer s = sealer_with_key();
    struct seal seal = sealed(&s, &plain);
    struct entry en = plain;
    int64_t *const fields[] = { &en.incident, &en.seq,  &en.at,  &en.wall, &en.actor,
                                &en.via,      &en.kind, &en.ref, &en.rule, &en.line };
    en.seal = &seal;
    assert_null(seal_judge(&s, &en));
    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        ++*fields[i];
        assert_non_null(seal_judge(&s, &en));
        --*fields[i];
    }
    en.changes = changes;
    en.n_changes = 1;
    assert_non_null(seal_judge(&s, &en));
    en.n_changes = 0;
    en.text = S("Acknowledged by Eve");
    assert_string_equal(seal_judge(&s, &en), "its text is not the one that was sealed");
    seal.parts = SEAL_HASHED;
    assert_string_equal(seal_judge(&s, &en), "its salt is gone, its text is not");
    en.text = S("");
    assert_null(seal_judge(&s, &en));
    seal.parts = 0;
    assert_string_equal(seal_judge(&s, &en), "it has no seal");
    buf_release(&s.scratch);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_is_hashed_with_its_salt_and_without_the_key),
        cmocka_unit_test(an_entry_is_hashed_with_everything_that_it_says),
        cmocka_unit_test(a_link_is_hashed_with_what_it_covers),
        cmocka_unit_test(what_was_changed_does_not_fit),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
