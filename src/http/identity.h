/* identity.h - who asks: by the socket they came through, or by the secret they hold.
 *
 * A unix socket tells the uid: its login name is looked up among the people's `login:`; root and the owner of the server
 * are administrators whether or not a person has their login. An ingest key comes in the path (/i/KEY/…), as Bearer or as
 * the password of Basic; a token as Bearer alone. Secrets are compared by hash, in constant time, with every secret there
 * is. Loopback may send alerts without a key where the site allows it. */
#ifndef HTTP_IDENTITY_H
#define HTTP_IDENTITY_H

#include <sys/types.h>

#include "http/request.h"

/* What is known of the connection and the head of the request. */
struct claim {
    bool unix_socket; /* then `uid` and `login` are the peer's; login is empty when the uid has no name here */
    uid_t uid;
    struct slice login;
    bool loopback; /* TCP from 127/8 or ::1 */
    bool browser; /* an Origin header: a page somewhere made a browser send this */
    bool reads; /* GET or HEAD: nothing is sent */
    bool has_key;
    struct slice key; /* from the path */
    struct slice authorization; /* header; empty: none */
};

/* Fills `who`. A secret that is wrong is an error even where none would have been needed: ERR_DENIED. */
int identity_establish(struct arena *a, const struct facts *f, const struct claim *c, struct identity *who,
                       struct error *e);

/* May `who` use a route of this scope? If not: ERR_DENIED with what is missing, and what to do in `remedy`. *known tells
 * whether they are known at all (403) or not (401). */
int identity_check(const struct identity *who, const struct claim *c, enum access scope, bool *known,
                   struct slice *remedy, struct error *e);

/* The login name of a uid, in `a`; empty when it has none. */
struct slice identity_login(struct arena *a, uid_t uid);

const char *access_name(enum access s);

#endif
