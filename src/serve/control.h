/* control.h - the few words between the supervisor and a child: one byte a message over SOCK_SEQPACKET.
 *
 * Not frames: the supervisor parses nothing. Messages are whole or not there; a descriptor may ride along. */
#ifndef SERVE_CONTROL_H
#define SERVE_CONTROL_H

#include "base/error.h"

/* X(symbol, byte, name) */
#define CONTROL_WORDS(X)                                                                                           \
    X(STOP, 's', "stop") /* to a child: end in order */                                                            \
    X(RELOAD, 'r', "reload") /* to the server: read site.yaml and what it names again (SIGHUP) */                  \
    X(PEER, 'p', "peer") /* to a child: the other one was started anew; *fd is the new end, the old one is dead */ \
    X(READY, 'y', "ready") /* from the server, and passed on to the courier: it takes requests; or it has finished \
                              reading the site again */                                                            \
    X(TICK, 't', "tick") /* from a child: it completed a round; at least one a second */

enum control_word {
    CONTROL_UNSET = 0,
#define X(sym, byte, text) CONTROL_##sym = byte,
    CONTROL_WORDS(X)
#undef X
};

/* Close-on-exec, non-blocking on both ends. */
int control_pair(int fds[2], struct error *e);

/* fd -1: none. Never blocks: ERR_BUSY when the other side does not read (harmless for ticks), ERR_UNAVAILABLE when it
 * is gone. The caller keeps its descriptor. Any thread. */
int control_send(int over, enum control_word word, int fd, struct error *e);

/* 1: *word came, *fd is the descriptor that rode along (close-on-exec, the caller's to close) or -1; 0: nothing now;
 * ERR_UNAVAILABLE: the other side is gone. Unknown bytes are skipped: they come from a newer supervisor. */
int control_receive(int over, enum control_word *word, int *fd, struct error *e);

/* A child's heartbeat; a failure needs no handling: the supervisor's end is then gone or full of ticks. */
void control_tick(int over);

const char *control_word_name(enum control_word w);

#endif
