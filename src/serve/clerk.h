/* clerk.h - the server's clerk: a process of its own that reads for the server what the server may not read itself.
 *
 * The server takes bytes from strangers, so it is walled in: below its state directory and the time zones it sees no file.
 * The clerk takes nothing from strangers. It opens what site.yaml names (site.yaml itself, the routing, the documents)
 * and nothing else, answers with hashes of the secrets of `ingest:` and `tokens:` and never with a secret, and asks the
 * machine's name services who a uid is. It is forked before the server's first thread and ends with it; when it ends
 * first, the server ends too and both are started anew. Any thread may ask; one at a time is answered. */
#ifndef SERVE_CLERK_H
#define SERVE_CLERK_H

#include "http/identity.h"

struct clerk; /* opaque */

enum clerk_secret { CLERK_SECRET_INGEST = 1, CLERK_SECRET_TOKEN };

/* Forks; only from a process with one thread. `keep_out`: descriptors that the clerk is to close. */
int clerk_start(const char *site_path, const int *keep_out, size_t n, struct clerk **out, struct error *e);
void clerk_stop(struct clerk **c); /* NULL is fine; clears *c */
int clerk_pidfd(const struct clerk *c); /* readable once it has ended */
void clerk_describe_end(struct clerk *c, struct buf *out); /* how, as process_describe_exit(); once, then it is forgotten */

/* Whatever is asked: ERR_UNAVAILABLE when it has ended or gives no answer in time. Nothing is wrong with the files then, and
 * the text says so; no other failure has this code. */

/* A descriptor to read from. ERR_DENIED: site.yaml, as it is now, does not name the path. */
int clerk_open(struct clerk *c, const char *path, struct error *e);

/* The hash (secret_hash()) of the secret of that ingest key or token, of the site.yaml with this hash; ERR_CONFLICT when
 * the file is another one by now. */
int clerk_secret(struct clerk *c, enum clerk_secret of, struct slice name, const char *site_hash,
                 uint8_t out[SECRET_HASH_BYTES], struct error *e);

/* As login_name(). */
bool clerk_login(struct clerk *c, uid_t uid, struct buf *out);

#endif
