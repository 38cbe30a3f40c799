/* act.h - what the commands that act have in common: one request made of the act's arguments, one sentence back. */
#ifndef CLI_ACT_H
#define CLI_ACT_H

#include "cli/command.h"

int act_run(struct invocation *in);
/* The request of an act, from what was given: its method, its path, and its body as JSON, which may be empty. Reads the
 * clock and the zone where a time was given, else nothing. */
int act_request(const struct invocation *in, const char **method, struct buf *path, struct buf *body, struct error *e);

#endif
