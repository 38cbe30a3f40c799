/* error.c - filling struct error. */
#include "base/error.h"

#include <stdio.h>
#include <string.h>

/* Cutting in the middle of a code point would print as rubbish: step back to its start. */
static void end_at_code_point(char *s, size_t size)
{
    size_t n = strlen(s);
    if (n + 1 < size) return;
    while (n > 0 && ((unsigned char)s[n - 1] & 0xc0) == 0x80) n--;
    if (n > 0 && (unsigned char)s[n - 1] >= 0xc0) n--;
    s[n] = '\0';
}

static int fill(struct error *e, int code, unsigned line, unsigned col, const char *fmt, va_list ap)
{
    if (e == NULL) return code;
    e->code = code;
    e->line = line;
    e->col = col;
    vsnprintf(e->detail, sizeof e->detail, fmt, ap);
    end_at_code_point(e->detail, sizeof e->detail);
    return code;
}

int fail(struct error *e, int code, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fill(e, code, 0, 0, fmt, ap);
    va_end(ap);
    return code;
}

int fail_at(struct error *e, int code, unsigned line, unsigned col, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fill(e, code, line, col, fmt, ap);
    va_end(ap);
    return code;
}

const char *error_code_name(int code)
{
    switch (code) {
#define X(sym, value, text) \
    case ERR_##sym: return text;
        ERROR_CODES(X)
#undef X
    }
    return code == 0 ? "fine" : "failed";
}
