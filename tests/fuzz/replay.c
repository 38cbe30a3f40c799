/* replay.c - runs one fuzz target over its kept corpus and over a fixed number of seeded mutations of it.
 * Not here: exploring (build with -Dlibfuzzer=true), the targets themselves (fuzz_*.c).
 * Always: the same corpus gives the same run; one TAP line a corpus file; no corpus is a failure, not a pass.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MUTATIONS = 200, INPUT_MAX = 1 << 20, MUTANT_ROOM = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t random_state = 0x9e3779b97f4a7c15u;

static uint64_t random_next(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

/* An exact-sized heap copy, so that a sanitizer sees the first byte read past the end. */
static void target_run(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size > 0 ? size : 1);

    if (copy == NULL) abort();
    memcpy(copy, data, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

/* One change: flip a bit, write a byte, cut the end, or repeat a piece at the end. Returns the new size. */
static size_t input_mutate(uint8_t *data, size_t size, size_t room)
{
    size_t at = size > 0 ? random_next() % size : 0, n;

    switch (size > 0 ? random_next() % 4 : 3) {
    case 0: data[at] ^= (uint8_t)(1u << random_next() % 8); return size;
    case 1: data[at] = (uint8_t)random_next(); return size;
    case 2: return at;
    case 3:
        n = random_next() % MUTANT_ROOM;
        n = n < room - size ? n : room - size;
        n = n < size - at ? n : size - at;
        memmove(data + size, data + at, n);
        return size + n;
    }
    return size;
}

static void input_torment(const uint8_t *data, size_t size)
{
    size_t room = size + MUTANT_ROOM;
    uint8_t *mutant = malloc(room);

    if (mutant == NULL) abort();
    for (int i = 0; i < MUTATIONS; i++) {
        size_t n = size;

        memcpy(mutant, data, size);
        for (uint64_t changes = 1 + random_next() % 4; changes > 0; changes--) n = input_mutate(mutant, n, room);
        target_run(mutant, n);
    }
    free(mutant);
}

static int file_replay(const char *folder, const char *name, uint8_t *room)
{
    char path[4096];
    FILE *file;
    size_t size;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "rb");
    if (file == NULL) return -1;
    size = fread(room, 1, INPUT_MAX, file);
    fclose(file);
    target_run(room, size);
    input_torment(room, size);
    return 0;
}

int main(int argc, char **argv)
{
    struct dirent **names;
    uint8_t *room = malloc(INPUT_MAX);
    int count = argc == 2 ? scandir(argv[1], &names, NULL, alphasort) : -1, run = 0, failed = 0;

    setvbuf(stdout, NULL, _IOLBF, 0);
    for (int i = 0; i < count; i++) {
        if (names[i]->d_name[0] != '.') {
            int rc = room != NULL ? file_replay(argv[1], names[i]->d_name, room) : -1;

            printf("%sok %d - %s\n", rc == 0 ? "" : "not ", ++run, names[i]->d_name);
            failed += rc != 0;
        }
        free(names[i]);
    }
    if (count >= 0) free(names);
    free(room);
    if (run == 0) printf("not ok 1 - no corpus in %s\n", argc == 2 ? argv[1] : "(no folder named)");
    printf("1..%d\n", run > 0 ? run : 1);
    return run > 0 && failed == 0 ? 0 : 1;
}
