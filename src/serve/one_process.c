/* one_process.c - server and courier as two threads of one process, for a debugger: `serve --one-process`.
 * Not here: any restart; what ends, ends.
 * Always: both see the same sockets and words as under the supervisor, so they do not know the difference.
 */
#include "serve/supervisor.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "serve/confine.h"
#include "serve/control.h"
#include "sys/log.h"
#include "sys/sockets.h"
#include "sys/thread.h"

struct house {
    struct child_options server, courier;
    int to_server, to_courier; /* our ends of the control sockets */
    int courier_status;
};

static void tell(int over, enum control_word word)
{
    struct error e = { 0 };

    if (control_send(over, word, -1, &e) == ERR_BUSY) log_error("serve", "%s", e.detail);
}

static void *courier_thread(void *ctx)
{
    struct house *h = ctx;

    h->courier_status = courier_main(&h->courier);
    tell(h->to_server, CONTROL_STOP); /* without a courier no page leaves: better to end and say so */
    return NULL;
}

/* The signals are blocked in every thread; this one waits for them. */
static void *signal_thread(void *ctx)
{
    const struct house *h = ctx;
    sigset_t set;
    int signo;

    sigemptyset(&set);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    while (sigwait(&set, &signo) == 0) tell(h->to_server, signo == SIGHUP ? CONTROL_RELOAD : CONTROL_STOP);
    return NULL;
}

static int house_connect(struct house *h, const struct serve_options *o, struct error *e)
{
    int control[2], peers[2], rc;

    h->server = h->courier =
        (struct child_options){ .site_path = o->site_path, .state_dir = o->state_dir, .hints = o->hints };
    if ((rc = control_pair(control, e)) < 0) return rc;
    h->to_server = control[0];
    h->server.control_fd = control[1];
    if ((rc = control_pair(control, e)) < 0) return rc;
    h->to_courier = control[0];
    h->courier.control_fd = control[1];
    if ((rc = socket_pair(peers, e)) < 0) return rc;
    h->server.peer_fd = peers[0];
    h->courier.peer_fd = peers[1];
    return 0;
}

int one_process_run(const struct serve_options *o)
{
    struct house h = { .courier_status = 1 };
    struct error e = { 0 };
    pthread_t courier, signals;
    sigset_t set;
    int status;

    confine_nothing();
    sigemptyset(&set);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    /* What was opened before a failure goes with the process, which is about to end. */
    if (house_connect(&h, o, &e) < 0 || thread_start(&courier, courier_thread, &h, "sends messages", &e) < 0 ||
        thread_start(&signals, signal_thread, &h, "takes signals", &e) < 0) {
        log_error("serve", "ends: %s", e.detail);
        return 1;
    }
    status = server_main(&h.server);
    tell(h.to_courier, CONTROL_STOP);
    pthread_join(courier, NULL);
    pthread_cancel(signals);
    pthread_join(signals, NULL);
    close(h.to_server);
    close(h.to_courier);
    return status != 0 ? status : h.courier_status;
}
