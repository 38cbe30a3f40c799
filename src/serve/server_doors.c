/* server_doors.c - the listeners of the server: bound before anything leaves, opened when the engine runs.
 * Not here: who may what behind them (http/, api/). */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "api/routes.h"
#include "serve/server_inner.h"
#include "sys/log.h"
#include "sys/sockets.h"

/* The address in force is appended to `name`. */
static int listen_tcp(struct slice where, const struct route_table *routes, struct http_listener *out, struct buf *name,
                      struct error *e)
{
    struct address a;
    struct error why = { 0 };
    int rc = address_parse(where, &a, &why);
    if (rc == 0) rc = socket_listen_tcp(&a, &out->fd, &why);
    if (rc == 0) rc = socket_local_address(out->fd, &a, &why);
    if (rc < 0) {
        fail(e, rc, "%s: name another address under `http:` in site.yaml", why.detail);
    } else {
        address_format(&a, name);
        log_info("server", "listening on http://%s", buf_str(name));
    }
    out->routes = routes;
    return rc;
}

/* For `make run`: what to do first, to be pasted as it stands. */
static void print_hints(const struct server *s, const struct site *site)
{
    char self[PATH_MAX], socket[PATH_MAX];
    const ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    const struct slice service = site->dir.n_services > 0 ? site->dir.services[0].id : S("web");
    self[n > 0 ? n : 0] = '\0';
    printf(
        "\nSend a first alert, from another terminal:\n"
        "  curl -H 'Content-Type: application/json' -d '[{\"labels\":{\"alertname\":\"FirstLight\",\"service\":\"%.*s\","
        "\"severity\":\"critical\"}}]' http://%.*s/api/v2/alerts\n"
        "See who was paged, and why; take it:\n"
        "  export TOCSIN_SOCKET=%s\n"
        "  %s why INC-1\n"
        "  %s ack INC-1\n\n",
        (int)service.n, service.p, (int)s->address.len, buf_str(&s->address),
        realpath(buf_str(&s->dir.socket), socket) != NULL ? socket : buf_str(&s->dir.socket), n > 0 ? self : "tocsin",
        n > 0 ? self : "tocsin");
    fflush(stdout);
}

static int listen_unix(struct server *s, struct http_listener *out, struct error *e)
{
    const int rc = socket_listen_unix(buf_str(&s->dir.socket), 0666, &out->fd, e); /* who may what: peer credentials */
    if (rc == 0) log_info("server", "listening on %s", buf_str(&s->dir.socket));
    s->socket_made = rc == 0;
    out->unix_socket = true;
    out->routes = &api_main_routes;
    return rc;
}

int doors_bind(struct server *s, const struct site *site, struct error *e)
{
    struct buf responder = { 0 };
    int rc = listen_tcp(site->listen, &api_main_routes, &s->doors[0], &s->address, e);
    if (rc == 0) rc = listen_tcp(site->responder, &api_responder_routes, &s->doors[1], &responder, e);
    if (rc == 0) rc = listen_unix(s, &s->doors[2], e);
    buf_release(&responder);
    return rc;
}

int doors_open(struct server *s, const struct site *site, struct error *e)
{
    const int rc = http_server_create(&s->port, s->doors, DOORS, NULL, &s->http, e);
    for (size_t i = 0; i < DOORS; i++) s->doors[i].fd = -1; /* they were given away, whatever became of them */
    if (rc == 0 && s->options->hints) print_hints(s, site);
    return rc;
}

void doors_close(struct server *s)
{
    for (size_t i = 0; i < DOORS; i++) {
        if (s->doors[i].fd >= 0) close(s->doors[i].fd);
        s->doors[i].fd = -1;
    }
    if (s->socket_made) unlink(buf_str(&s->dir.socket));
    buf_release(&s->address);
}
