/* fuzz_webhook4.c - any bytes as the body of POST /alertmanager.
 * Always: 200 without an answer, or a refusal with one; every signal keeps the promises of core/event.h. */
#include "base/check.h"
#include "ingest/webhook4.h"

#define NOW INT64_C(1795402050000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_create((size_t)64 << 20);
    struct webhook4_post hook;
    const struct alertmanager_post *post = &hook.alerts;

    webhook4_parse(a, (struct slice){ (const char *)data, size }, NOW, &hook);
    CHECK(hook.truncated >= 0);
    CHECK((post->status == 200) == (post->answer.n == 0));
    for (size_t i = 0; i < post->n; i++) {
        const struct signal *s = &post->v[i];
        CHECK(s->n_labels >= 1 && s->n_labels <= ALERT_MAX_LABELS);
        CHECK(s->fingerprint == fnv1a64(FNV1A64_START, s->labels_text));
        CHECK(s->starts <= NOW && s->starts <= s->ends && (s->ends <= NOW || s->ends == NOW + WEBHOOK4_LEASE_MS));
        CHECK(slice_is_utf8(s->annotations, NULL));
        for (size_t j = 0; j < s->n_labels; j++) {
            CHECK(s->labels[j].name.n > 0 && s->labels[j].value.n > 0);
            CHECK(slice_is_utf8(s->labels[j].value, NULL));
            CHECK(j == 0 || slice_cmp(s->labels[j - 1].name, s->labels[j].name) < 0);
        }
    }
    arena_destroy(&a);
    return 0;
}
