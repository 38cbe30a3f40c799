/* fuzz_judge.c - what a provider answers is a stranger's text: every judge, on any bytes.
 * The first four bytes choose notifier, fault, reach and the hundreds of the status; the rest is head, NUL, body.
 */
#include <stdlib.h>

#include "notify/notifier.h"
#include "notify/telegram.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void verdict_check(const struct verdict *v)
{
    if (v->outcome < MESSAGE_OUTCOME_ACCEPTED || v->outcome > MESSAGE_OUTCOME_UNCERTAIN) abort();
    if (v->retry_after_ms < 0 || v->detail.n == 0) abort();
    if (!slice_is_utf8(v->detail, NULL) || !slice_is_utf8(v->provider_id, NULL)) abort();
    for (size_t i = 0; i < v->detail.n; i++)
        if ((unsigned char)v->detail.p[i] < 0x20) abort();
}

/* What is read as presses of buttons comes from the same stranger. */
static void presses_check(const struct response *r, struct arena *a)
{
    static struct telegram_press presses[TELEGRAM_PRESSES_MAX];
    int64_t offset = 5;
    size_t n;

    telegram_updates_read(r, a, presses, &n, &offset);
    if (n > TELEGRAM_PRESSES_MAX || offset < 5) abort();
    for (size_t i = 0; i < n; i++)
        if (presses[i].token.n > 64 || !slice_is_utf8(presses[i].token, NULL)) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice rest = { (const char *)data, size };
    struct response r = { .wall_ms = INT64_C(1767582000000) };
    struct verdict v = { 0 };
    struct arena *a;

    if (size < 4) return 0;
    rest = slice_from(rest, 4);
    r.fault = (enum fault)(data[1] % (FAULT_FORBIDDEN + 2));
    r.reach = (enum reach)(data[2] % (REACH_ALL + 2));
    r.status = data[3] == 255 ? 200 : data[3] * 3;
    r.head = slice_cut(&rest, '\0');
    r.body = rest;
    r.problem = rest;
    a = arena_create(64 << 10);
    notifier_at(data[0] % 7)->judge(&r, a, &v);
    verdict_check(&v);
    presses_check(&r, a);
    arena_destroy(&a);
    return 0;
}
