/* destination.c - classes of internet addresses.
 * Not here: resolving names; where the rule is applied (serve/courier_easy.c, site/channel_url.c).
 * Always: an IPv6 address that carries an IPv4 address is judged by that one too.
 */
#include "sys/destination.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "base/check.h"

#define HOST_MAX 1024 /* a name is at most 255 bytes; zeros may stand before a number */

struct range4 {
    uint32_t net;
    int bits;
    enum destination is;
};

#define V4(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

static const struct range4 ranges4[] = {
    { V4(127, 0, 0, 0), 8, DESTINATION_LOOPBACK },
    { V4(0, 0, 0, 0), 8, DESTINATION_FORBIDDEN }, /* this network; Linux takes 0.0.0.0 for itself */
    { V4(169, 254, 0, 0), 16, DESTINATION_FORBIDDEN }, /* link-local: most clouds' metadata */
    { V4(100, 100, 100, 200), 32, DESTINATION_FORBIDDEN }, /* metadata of Alibaba Cloud */
    { V4(192, 0, 0, 192), 32, DESTINATION_FORBIDDEN }, /* metadata of Oracle Cloud */
    { V4(168, 63, 129, 16), 32, DESTINATION_FORBIDDEN }, /* the host behind a machine of Azure */
    { V4(224, 0, 0, 0), 3, DESTINATION_FORBIDDEN }, /* multicast, reserved, broadcast */
};

static enum destination of_v4(uint32_t address)
{
    for (size_t i = 0; i < COUNT_OF(ranges4); i++)
        if ((address ^ ranges4[i].net) >> (32 - ranges4[i].bits) == 0) return ranges4[i].is;
    return DESTINATION_ORDINARY;
}

struct range6 {
    uint8_t net[16];
    size_t bits;
    enum destination is; /* UNSET: judged by the IPv4 address in it */
    size_t v4; /* its place */
};

static const struct range6 ranges6[] = {
    { { [15] = 1 }, 128, DESTINATION_LOOPBACK, 0 },
    { { [10] = 0xff, [11] = 0xff }, 96, DESTINATION_UNSET, 12 }, /* IPv4-mapped */
    { { 0x00, 0x64, 0xff, 0x9b }, 96, DESTINATION_UNSET, 12 }, /* NAT64 */
    { { 0x00, 0x64, 0xff, 0x9b, 0x00, 0x01 }, 48, DESTINATION_FORBIDDEN, 0 }, /* NAT64 of one site: its IPv4 lies anywhere */
    { { 0x20, 0x02 }, 16, DESTINATION_UNSET, 2 }, /* 6to4 */
    { { 0x20, 0x01, 0x00, 0x00 }, 32, DESTINATION_FORBIDDEN, 0 }, /* Teredo: two IPv4 addresses, one of them veiled */
    { { 0 }, 96, DESTINATION_FORBIDDEN, 0 }, /* ::, and IPv4-compatible ones, which nobody has */
    { { 0xfe, 0x80 }, 10, DESTINATION_FORBIDDEN, 0 }, /* link-local */
    { { 0xff }, 8, DESTINATION_FORBIDDEN, 0 }, /* multicast */
    { { 0xfd, 0x00, 0x0e, 0xc2, [15] = 0 }, 32, DESTINATION_FORBIDDEN, 0 }, /* metadata of AWS */
};

static bool range6_holds(const struct range6 *r, const uint8_t a[16])
{
    size_t bytes = r->bits / 8, rest = r->bits % 8;

    if (memcmp(r->net, a, bytes) != 0) return false;
    return rest == 0 || (r->net[bytes] ^ a[bytes]) >> (8 - rest) == 0;
}

static enum destination of_v6(const uint8_t a[16])
{
    for (size_t i = 0; i < COUNT_OF(ranges6); i++) {
        if (!range6_holds(&ranges6[i], a)) continue;
        const uint8_t *v4 = a + ranges6[i].v4;
        return ranges6[i].is != DESTINATION_UNSET ? ranges6[i].is : of_v4(V4(v4[0], v4[1], v4[2], v4[3]));
    }
    return DESTINATION_ORDINARY;
}

enum destination destination_of(const struct sockaddr *a, socklen_t n)
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;

    if (a->sa_family == AF_INET && n >= sizeof v4) {
        memcpy(&v4, a, sizeof v4);
        return of_v4(ntohl(v4.sin_addr.s_addr));
    }
    if (a->sa_family == AF_INET6 && n >= sizeof v6) {
        memcpy(&v6, a, sizeof v6);
        return of_v6(v6.sin6_addr.s6_addr);
    }
    return DESTINATION_FORBIDDEN;
}

/* [fe80::1%25eth0]: which interface says nothing about the address. */
static struct slice without_brackets(struct slice host)
{
    if (host.n <= 2 || host.p[0] != '[' || host.p[host.n - 1] != ']') return host;
    host = slice_from(slice_upto(host, host.n - 1), 1);
    return slice_upto(host, slice_find_char(host, '%'));
}

enum destination destination_of_host(struct slice host)
{
    char text[HOST_MAX + 1];
    struct in_addr v4;
    struct in6_addr v6;

    if (slice_eq_nocase(host, S("localhost"))) return DESTINATION_LOOPBACK;
    host = without_brackets(host);
    if (host.n > 1 && host.p[host.n - 1] == '.') host.n--;
    if (host.n == 0 || host.n >= sizeof text) return DESTINATION_ORDINARY;
    memcpy(text, host.p, host.n);
    text[host.n] = '\0';
    /* As libcurl and getaddrinfo() read digits: one to four parts, each decimal, octal (0…) or hexadecimal (0x…), the last
     * one filling what remains. */
    if (inet_aton(text, &v4) == 1) return of_v4(ntohl(v4.s_addr));
    if (inet_pton(AF_INET6, text, &v6) == 1) return of_v6(v6.s6_addr);
    return DESTINATION_ORDINARY;
}
