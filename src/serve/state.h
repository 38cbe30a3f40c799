/* state.h - where this instance keeps its state: one answer for server, courier and command line. */
#ifndef SERVE_STATE_H
#define SERVE_STATE_H

#include "base/buf.h"

/* Appends the directory: --state when given (`option` not NULL), else the site's `state:`, else $STATE_DIRECTORY (a
 * service manager's), else /var/lib/tocsin for root, else $XDG_STATE_HOME/tocsin or ~/.local/state/tocsin. It may not
 * exist yet. */
void state_dir_find(const char *option, struct slice site_state, struct buf *out);

#endif
