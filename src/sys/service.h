/* service.h - what the service manager is told: one datagram a word, over the socket that $NOTIFY_SOCKET names.
 *
 * The protocol of sd_notify(3), whose manual shows how to speak it without libsystemd: forty lines, against a library that
 * would be mapped into four confined processes. Without the variable nothing is said. Only
 * the process that service_begin() was called in speaks: the variables are taken out of the environment and overwritten
 * there, and who is forked from it calls service_forget(). */
#ifndef SYS_SERVICE_H
#define SYS_SERVICE_H

#include <stdbool.h>
#include <stdint.h>

void service_begin(void); /* before service_say(); once */
void service_forget(void); /* nothing is said any more; nobody can be found out from here */

/* Lines "READY=1", "STATUS=…", "STOPPING=1", "WATCHDOG=1". Never blocks; a manager that does not listen is no error of
 * ours. */
void service_say(const char *lines);
/* RELOADING=1 with the time that the manager wants beside it; READY=1 ends it. */
void service_say_reloading(void);

/* $WATCHDOG_USEC in ms, of this process; 0: the manager watches nothing. */
int64_t service_watchdog_ms(void);

#endif
