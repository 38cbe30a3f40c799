/* screen.c - colours, times, spans.
 * Not here: tables (table.c), what is shown.
 */
#include "cli/screen.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "sys/clock.h"
#include "sys/files.h"

#define ZONE_BYTES_MAX ((size_t)256 << 10)
#define ZONE_DIR "/usr/share/zoneinfo"

bool terminal_takes_colour(int fd)
{
    const char *term = getenv("TERM"), *no = getenv("NO_COLOR");
    return isatty(fd) && (no == NULL || no[0] == '\0') && term != NULL && strcmp(term, "dumb") != 0;
}

/* What the reader's clock goes by. A zone that cannot be read is UTC: the zone is named beside every time. */
static struct zone *zone_of_reader(void)
{
    const char *tz = getenv("TZ");
    struct buf path = { 0 }, bytes = { .max = ZONE_BYTES_MAX };
    struct zone *z = NULL;
    if (tz != NULL && tz[0] == ':') tz++;
    if (tz == NULL)
        buf_add_str(&path, "/etc/localtime");
    else if (tz[0] == '/')
        buf_add_str(&path, tz);
    else if (tz[0] != '\0')
        buf_addf(&path, ZONE_DIR "/%s", tz);
    if (path.len > 0 && file_read(buf_str(&path), ZONE_BYTES_MAX, &bytes, NULL) == 0)
        z = zone_parse(buf_slice(&bytes), NULL);
    buf_release(&path);
    buf_release(&bytes);
    return z != NULL ? z : zone_create_utc();
}

void screen_open(struct screen *s)
{
    struct clock *clock = clock_create();
    *s = (struct screen){ .out = { .max = (size_t)64 << 20 }, .colour = terminal_takes_colour(STDOUT_FILENO) };
    s->now_ms = clock_read(clock).wall_ms;
    s->zone = zone_of_reader();
    clock_destroy(&clock);
}

int screen_close(struct screen *s, struct error *e)
{
    int rc = s->out.overflow ? fail(e, ERR_LIMIT, "the answer is too large to print: ask for less of it") : 0;
    for (size_t done = 0; rc == 0 && done < s->out.len;) {
        const ssize_t n = write(STDOUT_FILENO, s->out.p + done, s->out.len - done);
        if (n < 0)
            rc = file_fail(e, "write", "standard output");
        else
            done += (size_t)n;
    }
    buf_release(&s->out);
    zone_destroy(&s->zone);
    return rc;
}

static const char *colour_code(enum colour c)
{
    switch (c) {
#define X(sym, code) \
    case COLOUR_##sym: return code;
        COLOURS(X)
#undef X
    }
    return "0";
}

void screen_coloured(struct screen *s, enum colour c, struct slice text)
{
    const bool on = s->colour && c != COLOUR_PLAIN && text.n > 0;
    if (on) buf_addf(&s->out, "\033[%sm", colour_code(c));
    screen_text(s, text);
    if (on) buf_add_str(&s->out, "\033[0m");
}

/* Not C0, DEL and C1 (U+0080 to U+009F, which some terminals obey), nor what breaks the line or turns its direction: a
 * page's subject could show another name than it holds. */
static bool is_harmless(int32_t rune)
{
    return rune == '\n' || (rune >= 0x20 && rune < 0x7f) ||
           (rune >= 0xa0 && !(rune >= 0x2028 && rune <= 0x202e) && !(rune >= 0x2066 && rune <= 0x2069));
}

/* What is not harmless becomes U+FFFD. */
void screen_text(struct screen *s, struct slice text)
{
    while (text.n > 0) {
        const struct slice at = text;
        const int32_t rune = slice_cut_rune(&text);
        if (is_harmless(rune))
            buf_add(&s->out, slice_upto(at, at.n - text.n));
        else if (rune == '\t')
            buf_add_char(&s->out, ' ');
        else
            buf_add_str(&s->out, "\xef\xbf\xbd");
    }
}

static void add_date(struct buf *out, struct civil c)
{
    buf_add_uint_pad(out, (uint64_t)c.year, 4);
    buf_add_char(out, '-');
    buf_add_uint_pad(out, (uint64_t)c.month, 2);
    buf_add_char(out, '-');
    buf_add_uint_pad(out, (uint64_t)c.day, 2);
    buf_add_char(out, ' ');
}

static void add_clock(struct buf *out, struct civil c)
{
    buf_add_uint_pad(out, (uint64_t)c.hour, 2);
    buf_add_char(out, ':');
    buf_add_uint_pad(out, (uint64_t)c.minute, 2);
    buf_add_char(out, ':');
    buf_add_uint_pad(out, (uint64_t)c.second, 2);
}

void screen_time(struct screen *s, int64_t utc_ms)
{
    struct zone_local local;
    const struct civil c = zone_to_local(s->zone, utc_ms / 1000);
    zone_offset_at(s->zone, utc_ms / 1000, &local);
    add_date(&s->out, c);
    add_clock(&s->out, c);
    buf_add_char(&s->out, ' ');
    buf_add(&s->out, local.abbreviation);
}

void screen_clock(struct screen *s, int64_t utc_ms)
{
    const struct civil c = zone_to_local(s->zone, utc_ms / 1000), today = zone_to_local(s->zone, s->now_ms / 1000);
    if (c.year != today.year || c.month != today.month || c.day != today.day) add_date(&s->out, c);
    add_clock(&s->out, c);
}

void screen_span(struct screen *s, int64_t ms)
{
    static const struct {
        int64_t from_s, big_s, small_s;
        char big, small;
    } rows[] = {
        { 86400, 86400, 3600, 'd', 'h' },
        { 3600, 3600, 60, 'h', 'm' },
        { 60, 60, 1, 'm', 's' },
    };
    const int64_t seconds = ms < 0 ? 0 : ms / 1000;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (seconds < rows[i].from_s) continue;
        buf_addf(&s->out, "%lld%c ", (long long)(seconds / rows[i].big_s), rows[i].big);
        buf_addf(&s->out, "%02lld%c", (long long)(seconds % rows[i].big_s / rows[i].small_s), rows[i].small);
        return;
    }
    buf_addf(&s->out, "%llds", (long long)seconds);
}
