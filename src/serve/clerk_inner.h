/* clerk_inner.h - what server and clerk say to each other: one packet each way. Private to serve/clerk*.c. */
#ifndef SERVE_CLERK_INNER_H
#define SERVE_CLERK_INNER_H

#include <limits.h>

#include "serve/clerk.h"

enum clerk_wish { CLERK_UNSET = 0, CLERK_OPEN, CLERK_SECRET, CLERK_LOGIN };

/* Both ends are the same program: bytes as they lie in memory. */
struct clerk_request {
    uint32_t serial;
    uint32_t wish;
    uint32_t detail; /* SECRET: enum clerk_secret; LOGIN: the uid */
    char site_hash[65]; /* SECRET */
    char text[PATH_MAX]; /* OPEN: the path; SECRET: the name; ends with NUL */
};

struct clerk_reply {
    uint32_t serial;
    int32_t code; /* 0 or ERR_ */
    uint8_t hash[SECRET_HASH_BYTES]; /* SECRET */
    char text[320]; /* LOGIN: the name; a failure: why; ends with NUL */
};

int clerk_main(const char *site_path, int fd); /* until the server closes its end; the exit status */

#endif
