/* fuzz_silence.c - any bytes as the body of POST /api/v2/silences.
 * Always: 200 without an answer and matchers that can be read back, or a refusal with one. */
#include "base/check.h"
#include "core/routing.h"
#include "core/silence.h"
#include "ingest/silence_post.h"

#define NOW INT64_C(1795402050000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_create((size_t)64 << 20);
    struct matchers m = { 0 };
    struct error e = { 0 };
    struct silence_post post;

    silence_post_parse(a, (struct slice){ (const char *)data, size }, NOW, &post);
    CHECK((post.status == 200) == (post.answer.n == 0));
    if (post.status == 200) {
        CHECK(post.ends > NOW && post.starts < post.ends);
        CHECK(matchers_parse(a, post.matchers, &m, &e) == 0 && m.n >= 1 && m.n <= SILENCE_MAX_MATCHERS);
        CHECK(!silence_matches_everything(&m));
        matchers_release(&m);
    } else {
        CHECK(slice_is_utf8(post.answer, NULL));
    }
    arena_destroy(&a);
    return 0;
}
