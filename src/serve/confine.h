/* confine.h - the walls around each process of `tocsin serve` (sys/sandbox.h): which paths, and the line that says what is
 * really enforced. Each is called once, before the process's first thread. What cannot be enforced is logged as a warning
 * and stops nothing. */
#ifndef SERVE_CONFINE_H
#define SERVE_CONFINE_H

#include "serve/state_dir.h"
#include "site/site.h"

void supervisor_confine(void);
void clerk_confine(void);
void server_confine(const struct state_dir *dir); /* its listeners stand */
void courier_confine(const struct site *s, const char *state_dir);
/* Instead of all of them, in `serve --one-process`. */
void confine_nothing(void);

#endif
