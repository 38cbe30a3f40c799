/* login.c - uid to name. */
#include "sys/login.h"

#include <pwd.h>

#include "base/vec.h"

#define PASSWD_ROOM ((size_t)16 << 10)

static login_fn *asked;
static void *asked_ctx;

void login_ask(login_fn *whom, void *ctx)
{
    asked = whom;
    asked_ctx = ctx;
}

static bool name_here(uid_t uid, struct buf *out)
{
    char *room = mem_alloc(PASSWD_ROOM);
    struct passwd entry, *found = NULL;
    const bool known = getpwuid_r(uid, &entry, room, PASSWD_ROOM, &found) == 0 && found != NULL;
    if (known) buf_add_str(out, found->pw_name);
    mem_free(room);
    return known;
}

bool login_name(uid_t uid, struct buf *out)
{
    return asked != NULL ? asked(asked_ctx, uid, out) : name_here(uid, out);
}
