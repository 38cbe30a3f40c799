/* log.c - builds a record in memory and hands it to the kernel in one piece. */
#include "sys/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/civil.h"
#include "sys/clock.h"

#define RECORD_MAX 8192

/* The one piece of process-wide state: where lines go and how many. Written before threads start. */
static atomic_int least_level = LOG_LEVEL_INFO;
static atomic_bool to_journal = false;

/* JOURNAL_STREAM is "device:inode" of the journal's socket: the variable may be inherited where our stream is not. */
static bool is_journal(void)
{
    struct stat st;
    int64_t device, inode;
    const char *named = getenv("JOURNAL_STREAM");
    if (named == NULL || fstat(STDERR_FILENO, &st) < 0) return false;
    struct slice rest = slice_of(named);
    return slice_cut_uint(&rest, &device) && slice_cut_prefix(&rest, S(":")) && slice_to_int(rest, &inode) &&
           (int64_t)st.st_dev == device && (int64_t)st.st_ino == inode;
}

void log_start(enum log_level least)
{
    least_level = least == LOG_UNSET ? LOG_LEVEL_INFO : least;
    to_journal = is_journal();
}

static const char *level_name(enum log_level level)
{
    switch (level) {
    case LOG_UNSET: break;
#define X(sym, code, text) \
    case LOG_LEVEL_##sym: return text;
        LOG_LEVELS(X)
#undef X
    }
    return "unset";
}

bool log_parse_level(struct slice name, enum log_level *level)
{
#define X(sym, code, text)                \
    if (slice_eq_nocase(name, S(text))) { \
        *level = LOG_LEVEL_##sym;         \
        return true;                      \
    }
    LOG_LEVELS(X)
#undef X
    return false;
}

static void add_head(struct buf *line, enum log_level level, const char *component)
{
    if (to_journal) {
        buf_addf(line, "<%d>", (int)level);
    } else {
        civil_format_rfc3339(line, clock_stamp_ms(), 0, true);
        buf_addf(line, " %s ", level_name(level));
    }
    buf_add_str(line, component);
    buf_add_char(line, ' ');
}

/* Control characters, DEL and bytes that are not UTF-8 print as \xNN: one record stays one line on any terminal. */
static void add_printable(struct buf *line, struct slice s, bool quoted)
{
    while (s.n > 0) {
        struct slice from = s;
        int32_t rune = slice_cut_rune(&s);
        struct slice bytes = slice_upto(from, from.n - s.n);
        if (quoted && (rune == '"' || rune == '\\')) buf_add_char(line, '\\');
        if (rune < 0x20 || (rune >= 0x7f && rune < 0xa0) || rune == 0x2028 || rune == 0x2029)
            for (size_t i = 0; i < bytes.n; i++) buf_addf(line, "\\x%02x", (unsigned)(unsigned char)bytes.p[i]);
        else
            buf_add(line, bytes);
    }
}

static bool needs_quotes(struct slice s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] <= ' ' || s.p[i] == '"' || s.p[i] == '=' || s.p[i] == '\\') return true;
    return s.n == 0;
}

static void add_pair(struct buf *line, const struct log_pair *pair)
{
    bool quoted = needs_quotes(pair->value);
    buf_addf(line, " %s=%s", pair->key, quoted ? "\"" : "");
    add_printable(line, pair->value, quoted);
    if (quoted) buf_add_char(line, '"');
}

/* A log that cannot be written has nowhere to complain to. */
static void emit(struct buf *line)
{
    line->overflow = false; /* what did not fit is cut */
    line->max += 8;
    buf_add_char(line, '\n');
    ssize_t n = write(STDERR_FILENO, line->p, line->len);
    (void)n;
    buf_release(line);
}

static void log_message(enum log_level level, const char *component, const char *fmt, va_list ap)
{
    if (level > (enum log_level)least_level) return;
    struct buf text = { .max = RECORD_MAX }, line = { .max = RECORD_MAX };
    buf_vaddf(&text, fmt, ap);
    if (text.overflow) buf_add_str((text.overflow = false, &text), "(a message too long to log)");
    add_head(&line, level, component);
    add_printable(&line, buf_slice(&text), false);
    emit(&line);
    buf_release(&text);
}

void log_pairs(enum log_level level, const char *component, const char *message, const struct log_pair *pairs, size_t n)
{
    if (level > (enum log_level)least_level) return;
    struct buf line = { .max = RECORD_MAX };
    add_head(&line, level, component);
    add_printable(&line, slice_of(message), false);
    for (size_t i = 0; i < n; i++) add_pair(&line, &pairs[i]);
    emit(&line);
}

#define X(function, level)                                     \
    void function(const char *component, const char *fmt, ...) \
    {                                                          \
        va_list ap;                                            \
        va_start(ap, fmt);                                     \
        log_message(level, component, fmt, ap);                \
        va_end(ap);                                            \
    }
X(log_error, LOG_LEVEL_ERROR)
X(log_warning, LOG_LEVEL_WARNING)
X(log_info, LOG_LEVEL_INFO)
X(log_debug, LOG_LEVEL_DEBUG)
#undef X
