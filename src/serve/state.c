/* state.c - which directory is the state directory.
 * Not here: making or locking it (the server does).
 */
#include "serve/state.h"

#include <stdlib.h>
#include <unistd.h>

static bool is_set(const char *text)
{
    return text != NULL && text[0] != '\0';
}

void state_dir_find(const char *option, struct slice site_state, struct buf *out)
{
    const char *service = getenv("STATE_DIRECTORY"), *xdg = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

    if (is_set(option))
        buf_add_str(out, option);
    else if (site_state.n > 0)
        buf_add(out, site_state);
    else if (is_set(service)) /* several are separated by colons: ours is the first (systemd.exec) */
        buf_addf(out, "%.*s", (int)slice_find(slice_of(service), S(":")), service);
    else if (geteuid() == 0 || (!is_set(xdg) && !is_set(home)))
        buf_add(out, S("/var/lib/tocsin"));
    else if (is_set(xdg))
        buf_addf(out, "%s/tocsin", xdg);
    else
        buf_addf(out, "%s/.local/state/tocsin", home);
}
