/* state_dir.h - the directory in which this instance lives: locked, with the key that makes it itself.
 *
 *   lock           held by the one server of this directory
 *   tocsin.db      everything that must survive (store/)
 *   instance.key   32 random bytes, 0600: signs the links of pages; never in the database, so a stolen copy of it signs
 *                  nothing
 *   chain.key      32 random bytes, 0600: seals the history (engine/seal.h); never in the database, so that who can write
 *                  it cannot write history anew
 *   instance.id    32 random bytes: the store names its first 16, so that a copy elsewhere is known for one
 *   return-path.key  32 random bytes, 0600: the courier's, signs the return paths of mail
 *   spool          8 MiB, reserved: what could not be committed when a page left (engine/spool.h)
 *   tocsin.sock    the command line's door, where $RUNTIME_DIRECTORY and /run/tocsin are no better place */
#ifndef SERVE_STATE_DIR_H
#define SERVE_STATE_DIR_H

#include "base/buf.h"
#include "base/error.h"

#define INSTANCE_KEY_BYTES 32
#define STATE_DIR_KEYS 3
#define CHAIN_KEY_NAME "chain.key"
#define RETURN_KEY_NAME "return-path.key"
#define DATABASE_NAME "tocsin.db"
#define SPOOL_NAME "spool"

struct state_dir {
    struct buf path; /* without a slash at its end */
    struct buf database, spool, socket; /* paths */
    uint8_t key[INSTANCE_KEY_BYTES], chain_key[INSTANCE_KEY_BYTES];
    uint8_t id[INSTANCE_KEY_BYTES]; /* no secret: whose store this is */
    bool chain_key_made; /* by this start: what is older was sealed with another one, or not at all */
    bool made[STATE_DIR_KEYS]; /* keys that are nowhere on disk before state_dir_keep() */
    int lock; /* -1: none */
};

/* Appends the path of the directory that state_dir_open() would take; nothing is made or locked. */
void state_dir_choose(const char *named, struct slice site, struct buf *out);

/* Appends the path of the unix socket at which a server is to be found: `named` when not NULL, else the machine's own,
 * else that of a server which this user starts without a word about places. Not looked at: --state, site.yaml. */
void socket_choose(const char *named, struct buf *out);

/* `named`: --state, or NULL; `site`: what site.yaml says, or empty; else $STATE_DIRECTORY, else /var/lib/tocsin, for
 * others than root $XDG_STATE_HOME/tocsin or ~/.local/state/tocsin. Makes it (0700) where it is missing, takes the lock,
 * reads the keys or makes what is missing of them. Errors say what to do. */
int state_dir_open(const char *named, struct slice site, struct state_dir *out, struct error *e);
/* Writes the keys that were made, durable on return. Before anything that stands by them is stored, signed or sent: a
 * start that ends earlier leaves nothing that needs them, and the next one makes others. May wait in another thread. */
int state_dir_keep(struct state_dir *d, struct error *e);
void state_dir_close(struct state_dir *d); /* zeroed is fine but for lock: use state_dir_open()'s */

#endif
