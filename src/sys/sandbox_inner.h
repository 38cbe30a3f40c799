/* sandbox_inner.h - what the parts of the sandbox share. Private to sys/sandbox*.c. */
#ifndef SYS_SANDBOX_INNER_H
#define SYS_SANDBOX_INNER_H

#include <linux/filter.h>
#include <stddef.h>

#include "sys/sandbox.h"

/* A sanitizer's runtime reads maps, traces itself and starts helpers: neither wall stands around it. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANDBOX_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer) || __has_feature(thread_sanitizer)
#define SANDBOX_SANITIZED 1
#endif
#endif
#ifndef SANDBOX_SANITIZED
#define SANDBOX_SANITIZED 0
#endif

/* What stands in a filter made beforehand where the process's own number belongs: no process has it (PID_MAX_LIMIT). */
#define SANDBOX_OWN_PID 0x7069643fU
#define SANDBOX_API 3 /* of libseccomp, seccomp_api_get(3): with the end of a whole process, Linux 4.14 */

/* What a role may do, as the kernel takes it: made by sandbox_program.c when Tocsin is built. */
struct sandbox_program {
    const struct sock_filter *code;
    size_t n, calls; /* instructions; system calls that the tables name */
};
extern const struct sandbox_program sandbox_programs[SANDBOX_ROLES];

#define SANDBOX_NOT_HERE "none, this build has a sanitizer"

#endif
