/* fuzz_alertmanager.c - any bytes as the body of POST /api/v2/alerts; behind a NUL, where there is one, stands a second
 * body of the same thread.
 * Always: 200 without an answer, or a refusal with one; every signal keeps the promises of core/event.h; what was read
 * before makes no difference, however often the two come and in which order.
 */
#include "../same_post.h"
#include "base/check.h"
#include "ingest/known.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void judge(const struct alertmanager_post *post)
{
    CHECK((post->status == 200) == (post->answer.n == 0));
    for (size_t i = 0; i < post->n; i++) {
        const struct signal *s = &post->v[i];
        CHECK(s->n_labels >= 1 && s->n_labels <= ALERT_MAX_LABELS);
        CHECK(s->fingerprint == fnv1a64(FNV1A64_START, s->labels_text));
        CHECK(s->starts == 0 || s->ends == 0 || s->starts <= s->ends);
        CHECK(slice_is_utf8(s->annotations, NULL));
        for (size_t j = 0; j < s->n_labels; j++) {
            CHECK(s->labels[j].name.n > 0 && s->labels[j].value.n > 0);
            CHECK(slice_is_utf8(s->labels[j].value, NULL));
            CHECK(j == 0 || slice_cmp(s->labels[j - 1].name, s->labels[j].name) < 0);
        }
    }
}

static void read_again(struct known *known, struct slice body, const struct alertmanager_post *fresh)
{
    struct arena *a = arena_create((size_t)64 << 20);
    struct alertmanager_post again;

    alertmanager_parse(a, body, known, &again);
    CHECK(same_post(fresh, &again));
    arena_destroy(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char order[] = "0010110"; /* each is new, seen, known, and known behind the other */
    struct arena *a = arena_create((size_t)128 << 20);
    struct known *known = known_create();
    struct slice rest = { (const char *)data, size }, bodies[2];
    struct alertmanager_post fresh[2];

    bodies[0] = slice_cut(&rest, '\0');
    bodies[1] = rest;
    for (size_t i = 0; i < 2; i++) {
        alertmanager_parse(a, bodies[i], NULL, &fresh[i]);
        judge(&fresh[i]);
    }
    for (const char *c = order; *c != '\0'; c++) read_again(known, bodies[*c - '0'], &fresh[*c - '0']);
    known_destroy(&known);
    arena_destroy(&a);
    return 0;
}
