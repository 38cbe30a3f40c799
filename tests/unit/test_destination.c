/* test_destination.c - which addresses a request may leave for: the SSRF list, by address and by the host of a URL. */
#include "harness.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "base/check.h"
#include "sys/destination.h"

static const struct {
    const char *address;
    enum destination is;
} rows[] = {
    { "127.0.0.1", DESTINATION_LOOPBACK },
    { "127.255.255.254", DESTINATION_LOOPBACK },
    { "::1", DESTINATION_LOOPBACK },
    { "::ffff:127.0.0.1", DESTINATION_LOOPBACK },
    { "192.0.2.1", DESTINATION_ORDINARY },
    { "10.0.0.7", DESTINATION_ORDINARY }, /* the house's own network is where its servers are */
    { "192.168.1.1", DESTINATION_ORDINARY },
    { "172.16.0.1", DESTINATION_ORDINARY },
    { "126.255.255.255", DESTINATION_ORDINARY },
    { "128.0.0.0", DESTINATION_ORDINARY },
    { "169.253.255.255", DESTINATION_ORDINARY },
    { "169.255.0.0", DESTINATION_ORDINARY },
    { "100.100.100.199", DESTINATION_ORDINARY },
    { "223.255.255.255", DESTINATION_ORDINARY },
    { "2001:db8::1", DESTINATION_ORDINARY },
    { "fd12:3456::1", DESTINATION_ORDINARY },
    { "64:ff9b::192.0.2.1", DESTINATION_ORDINARY },
    { "0.0.0.0", DESTINATION_FORBIDDEN },
    { "0.1.2.3", DESTINATION_FORBIDDEN },
    { "169.254.0.0", DESTINATION_FORBIDDEN },
    { "169.254.169.254", DESTINATION_FORBIDDEN },
    { "169.254.255.255", DESTINATION_FORBIDDEN },
    { "100.100.100.200", DESTINATION_FORBIDDEN },
    { "192.0.0.192", DESTINATION_FORBIDDEN },
    { "224.0.0.1", DESTINATION_FORBIDDEN },
    { "240.0.0.1", DESTINATION_FORBIDDEN },
    { "255.255.255.255", DESTINATION_FORBIDDEN },
    { "::", DESTINATION_FORBIDDEN },
    { "::169.254.169.254", DESTINATION_FORBIDDEN },
    { "::ffff:169.254.169.254", DESTINATION_FORBIDDEN },
    { "::ffff:0.0.0.0", DESTINATION_FORBIDDEN },
    { "64:ff9b::169.254.169.254", DESTINATION_FORBIDDEN },
    { "64:ff9b:1::169.254.169.254", DESTINATION_FORBIDDEN },
    { "2002:a9fe:a9fe::", DESTINATION_FORBIDDEN }, /* 6to4 of 169.254.169.254 */
    { "2002:7f00:1::1", DESTINATION_LOOPBACK },
    { "2002:c000:201::a9fe:a9fe", DESTINATION_ORDINARY },
    { "2001:0:a9fe:a9fe::1", DESTINATION_FORBIDDEN }, /* Teredo */
    { "2001:1::1", DESTINATION_ORDINARY },
    { "168.63.129.16", DESTINATION_FORBIDDEN },
    { "168.63.129.15", DESTINATION_ORDINARY },
    { "fe80::1", DESTINATION_FORBIDDEN },
    { "febf:ffff::1", DESTINATION_FORBIDDEN },
    { "ff02::1", DESTINATION_FORBIDDEN },
    { "fd00:ec2::254", DESTINATION_FORBIDDEN },
};

static enum destination of_text(const char *text)
{
    struct sockaddr_in v4 = { .sin_family = AF_INET };
    struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };

    if (inet_pton(AF_INET, text, &v4.sin_addr) == 1) return destination_of((struct sockaddr *)&v4, sizeof v4);
    assert_int_equal(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
    return destination_of((struct sockaddr *)&v6, sizeof v6);
}

static void addresses(void **state)
{
    struct sockaddr other = { .sa_family = AF_UNIX };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        enum destination by_host = destination_of_host(slice_of(rows[i].address));

        if (of_text(rows[i].address) != rows[i].is || by_host != rows[i].is) fail_msg("%s", rows[i].address);
    }
    assert_int_equal(destination_of(&other, sizeof other), DESTINATION_FORBIDDEN);
    other.sa_family = AF_INET6;
    assert_int_equal(destination_of(&other, 4), DESTINATION_FORBIDDEN);
}

static void hosts(void **state)
{
    static const struct {
        const char *host;
        enum destination is;
    } names[] = {
        { "localhost", DESTINATION_LOOPBACK },
        { "LOCALHOST", DESTINATION_LOOPBACK },
        { "[::1]", DESTINATION_LOOPBACK },
        { "[fe80::1]", DESTINATION_FORBIDDEN },
        { "hooks.example.org", DESTINATION_ORDINARY },
        { "localhost.example.org", DESTINATION_ORDINARY }, /* judged again when it is resolved */
        { "metadata.google.internal", DESTINATION_ORDINARY },
        { "127.0.0.1.example.org", DESTINATION_ORDINARY },
        /* numbers as a request reads them */
        { "2852039166", DESTINATION_FORBIDDEN },
        { "0xa9fea9fe", DESTINATION_FORBIDDEN },
        { "0XA9FEA9FE", DESTINATION_FORBIDDEN },
        { "025177524776", DESTINATION_FORBIDDEN },
        { "169.254.43518", DESTINATION_FORBIDDEN },
        { "169.16689662", DESTINATION_FORBIDDEN },
        { "0xa9.0376.43518", DESTINATION_FORBIDDEN },
        { "0251.0376.0251.0376", DESTINATION_FORBIDDEN },
        { "0000000000000000000000000000000000000000000000000251.254.169.254", DESTINATION_FORBIDDEN },
        { "169.254.169.254.", DESTINATION_FORBIDDEN },
        { "0", DESTINATION_FORBIDDEN },
        { "4294967295", DESTINATION_FORBIDDEN },
        { "127.1", DESTINATION_LOOPBACK },
        { "2130706433", DESTINATION_LOOPBACK },
        { "0x7f.1", DESTINATION_LOOPBACK },
        { "167772167", DESTINATION_ORDINARY },
        { "10.7", DESTINATION_ORDINARY },
        { "4294967296", DESTINATION_ORDINARY }, /* too large: a name, which nobody has */
        { "169.254.169.254.1", DESTINATION_ORDINARY },
        { "[::ffff:a9fe:a9fe]", DESTINATION_FORBIDDEN },
        { "[0:0:0:0:0:ffff:169.254.169.254]", DESTINATION_FORBIDDEN },
        { "[fe80::1%25eth0]", DESTINATION_FORBIDDEN },
        { "", DESTINATION_ORDINARY },
        { "[", DESTINATION_ORDINARY },
        { "[]", DESTINATION_ORDINARY },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (destination_of_host(slice_of(names[i].host)) != names[i].is) fail_msg("%s", names[i].host);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(addresses), cmocka_unit_test(hosts) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
