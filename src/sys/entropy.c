/* entropy.c - libsodium's randomness, which is the kernel's. */
#include "sys/entropy.h"

#include <sodium.h>

#include "base/check.h"

void entropy_start(void)
{
    int rc = sodium_init();
    CHECK(rc >= 0);
}

void entropy_fill(void *out, size_t n)
{
    randombytes_buf(out, n);
}

uint64_t entropy_u64(void)
{
    uint64_t v;
    entropy_fill(&v, sizeof v);
    return v;
}
