/* sandbox_inner.h - what the parts of the sandbox share. Private to sys/sandbox*.c. */
#ifndef SYS_SANDBOX_INNER_H
#define SYS_SANDBOX_INNER_H

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

#define SANDBOX_NOT_HERE "none, this build has a sanitizer"

#endif
