/* entropy.h - unpredictable bytes from the kernel, by libsodium. For keys, tokens, salts and hash keys; the core gets
 * none (its randomness is seeded and replayable). */
#ifndef SYS_ENTROPY_H
#define SYS_ENTROPY_H

#include <stddef.h>
#include <stdint.h>

/* Once a process, before the first thread and before confinement: also chooses libsodium's fastest code for this
 * processor. Returns 0 or aborts the process: without randomness there are no keys to be had. */
void entropy_start(void);
void entropy_fill(void *out, size_t n);
uint64_t entropy_u64(void);

#endif
