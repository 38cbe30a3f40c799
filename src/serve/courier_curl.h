/* courier_curl.h - libcurl, loaded by those who use it: the courier, and the command line's client.
 *
 * libcurl brings twenty-five libraries along (LDAP, Kerberos, SSH …). Linked as usual, every process of Tocsin would
 * load and relocate them at each start: 4 of 6 ms, and a megabyte each in processes that open no connection. So its
 * functions are looked up by name once, and called as curl_calls.easy_init() and so on. */
#ifndef SERVE_COURIER_CURL_H
#define SERVE_COURIER_CURL_H

#include <curl/curl.h>

#include "base/error.h"

#define CURL_CALLS(X)      \
    X(easy_cleanup)        \
    X(easy_getinfo)        \
    X(easy_init)           \
    X(easy_perform)        \
    X(easy_setopt)         \
    X(easy_strerror)       \
    X(global_cleanup)      \
    X(global_init)         \
    X(multi_add_handle)    \
    X(multi_assign)        \
    X(multi_cleanup)       \
    X(multi_info_read)     \
    X(multi_init)          \
    X(multi_remove_handle) \
    X(multi_setopt)        \
    X(multi_socket_action) \
    X(slist_append)        \
    X(slist_free_all)

struct curl_calls {
#define X(name) __typeof__(curl_##name) *name;
    CURL_CALLS(X)
#undef X
};

extern struct curl_calls curl_calls; /* valid after curl_load() */

/* Once or more, before the first call; not from two threads at once. ERR_UNAVAILABLE: it is not installed. */
int curl_load(struct error *e);

#endif
