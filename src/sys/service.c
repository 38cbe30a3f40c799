/* service.c - datagrams to the service manager.
 * Not here: when what is said (serve/supervisor.c).
 */
#include "sys/service.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/slice.h"
#include "sys/clock.h"

static struct {
    struct sockaddr_un to;
    socklen_t n; /* 0: nobody */
    int64_t watchdog_ms;
} manager;

static int64_t number_in(const char *variable)
{
    int64_t value = 0;
    return slice_to_int(slice_of(getenv(variable)), &value) ? value : 0;
}

/* An absolute path, or "@name" in the abstract name space. */
static void take_address(const char *name)
{
    const size_t n = name != NULL ? strlen(name) : 0;
    if (n < 2 || n >= sizeof manager.to.sun_path || (name[0] != '/' && name[0] != '@')) return;
    manager.to.sun_family = AF_UNIX;
    memcpy(manager.to.sun_path, name, n);
    if (name[0] == '@') manager.to.sun_path[0] = '\0';
    manager.n = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
}

/* Also where /proc shows it, and where a forked child would find it. */
static void forget_variable(const char *name)
{
    char *const value = getenv(name);
    unsetenv(name);
    if (value != NULL) explicit_bzero(value - strlen(name) - 1, strlen(name) + 1 + strlen(value));
}

void service_begin(void)
{
    static const char *const ours[] = { "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID" };
    const int64_t watched = number_in("WATCHDOG_PID");
    take_address(getenv("NOTIFY_SOCKET"));
    if (watched == 0 || watched == getpid()) manager.watchdog_ms = number_in("WATCHDOG_USEC") / 1000;
    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++) forget_variable(ours[i]);
}

void service_forget(void)
{
    explicit_bzero(&manager, sizeof manager);
}

void service_say(const char *lines)
{
    if (manager.n == 0) return;
    const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return;
    sendto(fd, lines, strlen(lines), MSG_NOSIGNAL | MSG_DONTWAIT, (const struct sockaddr *)&manager.to, manager.n);
    close(fd);
}

void service_say_reloading(void)
{
    char lines[80];
    snprintf(lines, sizeof lines, "RELOADING=1\nMONOTONIC_USEC=%" PRId64 "\nSTATUS=reading the site again",
             clock_monotonic_us());
    service_say(lines);
}

int64_t service_watchdog_ms(void)
{
    return manager.watchdog_ms;
}
