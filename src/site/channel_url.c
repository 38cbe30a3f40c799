/* channel_url.c - which URLs a channel may have.
 * Not here: where a name leads; that is judged again when the courier connects (sys/destination.h).
 * Always: no message shows a URL behind an @, where a password may stand.
 */
#include "base/arena.h"
#include "base/check.h"
#include "site/channel_parts.h"
#include "sys/destination.h"

struct slice url_host(struct slice url, struct slice scheme, struct slice secure_scheme)
{
    if (!slice_cut_prefix(&url, secure_scheme) && !slice_cut_prefix(&url, scheme)) return (struct slice){ 0 };
    for (size_t i = 0; i < url.n; i++)
        if (url.p[i] == '/' || url.p[i] == '?' || url.p[i] == '#') return slice_upto(url, i);
    return url;
}

static struct slice without_port(struct slice host)
{
    size_t close = slice_find_char(host, ']');

    if (host.n > 0 && host.p[0] == '[' && close < host.n) return slice_upto(host, close + 1);
    return slice_cut(&host, ':');
}

bool host_is_local(struct slice host)
{
    return destination_of_host(without_port(host)) == DESTINATION_LOOPBACK;
}

bool url_check(struct loader *l, const struct node *n, struct slice url, struct slice host, const char *example)
{
    const char *fault = NULL;

    if (host.n == 0) fault = "is no URL for this channel";
    for (size_t i = 0; i < url.n; i++)
        if ((unsigned char)url.p[i] <= 0x20 || (unsigned char)url.p[i] == 0x7f) fault = "holds a blank";
    if (fault != NULL) {
        node_error(l, n, "`%.*s` %s: write %s", (int)slice_upto(url, 80).n, url.p, fault, example);
        return false;
    }
    /* Never echo it: a password may stand before the @. */
    if (slice_find_char(host, '@') < host.n) {
        node_error(l, n,
                   "a URL carries no user and no password: name them with `user` and `password: { credential: "
                   "NAME }`");
        return false;
    }
    if (host.p[0] != '[' && slice_find_char(host, '%') < host.n) {
        node_error(l, n, "a host is written plain, without %%: %s", example);
        return false;
    }
    if (destination_of_host(without_port(host)) != DESTINATION_FORBIDDEN) return true;
    node_error(l, n,
               "`%.*s` is no address that a channel may have: link-local, metadata and multicast addresses are "
               "never sent to",
               (int)slice_upto(host, 80).n, host.p);
    return false;
}

bool http_url_read(struct loader *l, const struct node *n, const char *example, struct slice *out)
{
    struct slice url, host;

    if (!text_read(l, n, &url)) return false;
    host = url_host(url, S("http://"), S("https://"));
    if (!url_check(l, n, url, host, example)) return false;
    if (slice_has_prefix(url, S("http://")) && !host_is_local(host)) {
        node_error(l, n, "plain http:// is for this machine alone: write https://, or let a proxy here speak TLS");
        return false;
    }
    while (url.n > 0 && url.p[url.n - 1] == '/') url.n--;
    *out = arena_copy(l->a, url);
    return true;
}
