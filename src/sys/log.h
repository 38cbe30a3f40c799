/* log.h - one line a record on standard error: time, level, component, message, key=value pairs.
 *
 *   2026-01-05T03:00:00.250Z info engine recovered incidents=3 timers=12
 *
 * Under systemd (JOURNAL_STREAM names our standard error) the time is left to the journal and the level becomes its
 * prefix (<3> error, <4> warning, <6> info, <7> debug). Control characters in a message are escaped: what a stranger
 * sent can never make a second line. One write(2) a record; any thread. Never pass a secret: nothing is masked here.
 * The level is the one setting of the process; it is set before threads start. */
#ifndef SYS_LOG_H
#define SYS_LOG_H

#include "base/slice.h"

#define LOG_LEVELS(X) X(ERROR, 3, "error") X(WARNING, 4, "warning") X(INFO, 6, "info") X(DEBUG, 7, "debug")

enum log_level {
    LOG_UNSET = 0,
#define X(sym, code, text) LOG_LEVEL_##sym = code, /* the codes are syslog's (RFC 5424, table 2) */
    LOG_LEVELS(X)
#undef X
};

struct log_pair {
    const char *key; /* ASCII word */
    struct slice value; /* quoted where it holds blanks, quotes or '=' */
};

void log_start(enum log_level least); /* info when never called; looks at JOURNAL_STREAM */
bool log_parse_level(struct slice name, enum log_level *level); /* "error" … "debug" */

/* The message may carry its own pairs: log_info("engine", "recovered incidents=%zu", n). */
void log_error(const char *component, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void log_warning(const char *component, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void log_info(const char *component, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void log_debug(const char *component, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* For values that come from outside. */
void log_pairs(enum log_level level, const char *component, const char *message, const struct log_pair *pairs,
               size_t n);

#endif
