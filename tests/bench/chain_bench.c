/* chain_bench.c - what sealing costs a commit: batches of entries with and without the chain, in turn, on one file.
 *
 * usage: bench-chain [DIR]     (default: the working directory; the disk under DIR is what is measured)
 * Each batch is entries of one incident with one changed field each, as an alert that joins makes one. Medians of five
 * rounds of half a second. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/check.h"
#include "core/world.h"
#include "engine/chain.h"
#include "store/store.h"
#include "sys/clock.h"
#include "sys/entropy.h"

#define ROUND_MS 500
#define ROUNDS 5

static struct clock *watch;
static int64_t seqs[2]; /* of the two incidents: sealed, not sealed */

static void must(int rc, const struct error *e)
{
    if (rc == 0) return;
    fprintf(stderr, "bench-chain: %s\n", e->detail);
    exit(1);
}

static void fill(struct effects *fx, incident_id id, int64_t n)
{
    static const struct change change = { 42, 7 };
    effects_reset(fx);
    for (int64_t i = 0; i < n; i++) {
        struct entry *en = vec_push(&fx->entries);
        *en = (struct entry){ .incident = id,
                              .seq = ++seqs[id - 1],
                              .at = 1000,
                              .wall = INT64_C(1767582000000),
                              .kind = 3,
                              .ref = i,
                              .changes = &change,
                              .n_changes = 1,
                              .text = S("Alert joined: HighErrorRate on host-17:9100, the 17th of this incident") };
    }
}

/* Entries a second. */
static int64_t measure(struct store *s, struct chain *c, const struct world *w, struct effects *fx, int64_t batch)
{
    const int64_t start = clock_read(watch).steady_ms;
    int64_t entries = 0, spent;
    struct error e = { 0 };
    do {
        fill(fx, c == NULL ? 2 : 1, batch);
        if (c != NULL) must(chain_seal(c, w, fx, clock_read(watch), &e), &e);
        must(store_begin(s, &e), &e);
        for (size_t i = 0; i < fx->entries.n; i++) store_append_entry(s, &fx->entries.v[i]);
        if (c != NULL) chain_put(c, s);
        must(store_commit(s, &e), &e);
        if (c != NULL) chain_committed(c);
        entries += batch;
    } while ((spent = clock_read(watch).steady_ms - start) < ROUND_MS);
    return entries * 1000 / spent;
}

static int compare(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void compare_batches(struct store *s, struct chain *c, const struct world *w, struct effects *fx, int64_t batch)
{
    int64_t plain[ROUNDS], sealed[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        plain[i] = measure(s, NULL, w, fx, batch);
        sealed[i] = measure(s, c, w, fx, batch);
    }
    qsort(plain, ROUNDS, sizeof plain[0], compare);
    qsort(sealed, ROUNDS, sizeof sealed[0], compare);
    printf("batch %3lld: %8lld entries/s plain %8lld sealed (%lld %%), %lld ns an entry more\n", (long long)batch,
           (long long)plain[ROUNDS / 2], (long long)sealed[ROUNDS / 2],
           (long long)(sealed[ROUNDS / 2] * 100 / plain[ROUNDS / 2]),
           (long long)(INT64_C(1000000000) / sealed[ROUNDS / 2] - INT64_C(1000000000) / plain[ROUNDS / 2]));
}

int main(int argc, char **argv)
{
    static const int64_t batches[] = { 1, 5, 64, 320 };
    static const char *const tails[] = { "", "-wal", "-shm", ".lock" };
    static const char key[SEAL_KEY_BYTES] = "0123456789abcdef0123456789abcde";
    struct buf path = { 0 }, file = { 0 };
    struct effects fx;
    struct store *s;
    struct error e = { 0 };
    entropy_start();
    watch = clock_create();
    buf_addf(&path, "%s/bench-chain-%ld", argc > 1 ? argv[1] : ".", (long)getpid());
    must(store_open(buf_str(&path), &s, &e), &e);
    struct world *w = world_create(1, (struct world_limits){ 0 });
    struct chain *c = chain_create((struct slice){ key, sizeof key }, s);
    effects_init(&fx);
    for (size_t i = 0; i < COUNT_OF(batches); i++) compare_batches(s, c, w, &fx, batches[i]);
    effects_release(&fx);
    chain_destroy(&c);
    world_destroy(&w);
    store_close(&s);
    for (size_t i = 0; i < COUNT_OF(tails); i++) {
        buf_reset(&file);
        buf_addf(&file, "%s%s", buf_str(&path), tails[i]);
        unlink(buf_str(&file));
    }
    buf_release(&path);
    buf_release(&file);
    clock_destroy(&watch);
    return 0;
}
