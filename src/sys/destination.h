/* destination.h - may a request leave for this address? The one rule for every URL that the site names (SSRF).
 *
 * Pure. What the site's owner may mean is ordinary, private networks included: mail servers and chat servers live there.
 * Never meant, and refused at the moment of connecting whatever a name resolved to: link-local addresses and the clouds'
 * metadata services, "this network", multicast and reserved ones, and IPv6 forms that hide one of these. */
#ifndef SYS_DESTINATION_H
#define SYS_DESTINATION_H

#include <sys/socket.h>

#include "base/slice.h"

enum destination {
    DESTINATION_UNSET = 0,
    DESTINATION_ORDINARY,
    DESTINATION_LOOPBACK, /* this machine: plain text is as good as TLS */
    DESTINATION_FORBIDDEN, /* also of what is no internet address at all */
};

enum destination destination_of(const struct sockaddr *a, socklen_t n);

/* The host of a URL: "localhost", an address in any form that a request would read as one ("169.254.169.254", "2852039166",
 * "0xa9.0376.43518", "[fe80::1]"), else a name, which is ordinary: where it leads is judged when it is resolved. */
enum destination destination_of_host(struct slice host);

#endif
