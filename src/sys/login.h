/* login.h - the login name of a user of this machine.
 *
 * By the system's name services; or, in a process that may not read their files, by whoever was set to be asked. */
#ifndef SYS_LOGIN_H
#define SYS_LOGIN_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/buf.h"

/* Appends the name; false: no such user, or nobody can say. Any thread. */
bool login_name(uid_t uid, struct buf *out);

/* One setting of the process, made before its second thread; NULL: nobody. */
typedef bool login_fn(void *ctx, uid_t uid, struct buf *out);
void login_ask(login_fn *whom, void *ctx);

#endif
