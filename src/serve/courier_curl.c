/* courier_curl.c - finds libcurl and its functions. */
#include "serve/courier_curl.h"

#include <dlfcn.h>

#include "base/check.h"

struct curl_calls curl_calls;

/* The one that uses GnuTLS first: one TLS library in all processes. */
static const char *const names[] = { "libcurl-gnutls.so.4", "libcurl.so.4" };

static void *library(void)
{
    void *found = NULL;
    for (size_t i = 0; i < COUNT_OF(names) && found == NULL; i++) found = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    return found;
}

int curl_load(struct error *e)
{
    static const struct {
        const char *name;
        void **at;
    } calls[] = {
#define X(name) { "curl_" #name, (void **)&curl_calls.name },
        CURL_CALLS(X)
#undef X
    };
    if (curl_calls.easy_init != NULL) return 0;
    void *lib = library();
    if (lib == NULL)
        return fail(e, ERR_UNAVAILABLE, "libcurl cannot be loaded: %s. Install libcurl3-gnutls", dlerror());
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        *calls[i].at = dlsym(lib, calls[i].name);
        if (*calls[i].at == NULL) return fail(e, ERR_UNAVAILABLE, "libcurl has no %s: it is too old", calls[i].name);
    }
    return 0; /* never unloaded */
}
