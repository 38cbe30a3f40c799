/* mail_encode.c - the encodings of mail: RFC 2047 for headers, quoted-printable for bodies.
 * Not here: which headers a mail has (mail.c); dots at the start of a line (libcurl doubles them).
 * Always: output is ASCII, and no header value leaves with a control character.
 */
#include "notify/mail_encode.h"

#include "base/civil.h"
#include "base/digest.h"
#include "core/ids.h"

/* 45 bytes are 60 of base64; with =?UTF-8?B? and ?= that is 72 of the 75 an encoded word may have (RFC 2047, 2). The
 * first shares its line with the header's name. */
enum { WORD_BYTES = 45, FIRST_WORD_BYTES = 39, LINE_CHARS = 76, PLAIN_MAX = 60, ADDRESS_MAX = 254, LOCAL_MAX = 64 };

bool mail_value_is_clean(struct slice value)
{
    for (size_t i = 0; i < value.n; i++)
        if ((unsigned char)value.p[i] < 0x20 || value.p[i] == 0x7f) return false;
    return true;
}

static bool address_byte_is_valid(unsigned char c)
{
    return c > ' ' && c != 0x7f && slice_find(S("\"<>,;:()[]\\"), (struct slice){ (const char *)&c, 1 }) == 11;
}

bool mail_address_is_valid(struct slice address)
{
    struct slice domain = address, local = slice_cut(&domain, '@');

    if (address.n > ADDRESS_MAX || local.n == 0 || local.n > LOCAL_MAX || domain.n == 0) return false;
    if (slice_find(domain, S("@")) != domain.n || local.p[0] == '-') return false;
    for (size_t i = 0; i < address.n; i++)
        if (!address_byte_is_valid((unsigned char)address.p[i])) return false;
    return slice_is_utf8(address, NULL);
}

struct slice mail_address_domain(struct slice address)
{
    slice_cut(&address, '@');
    return address;
}

static bool value_is_plain(struct slice value)
{
    for (size_t i = 0; i < value.n; i++)
        if ((unsigned char)value.p[i] >= 0x80) return false;
    /* What looks like an encoded word would be decoded by the reader. */
    return value.n <= PLAIN_MAX && slice_find(value, S("=?")) == value.n;
}

/* As many whole characters as one encoded word takes. */
static struct slice word_cut(struct slice *rest, size_t max)
{
    struct slice word = { rest->p, 0 }, ahead = *rest;

    while (ahead.n > 0) {
        slice_cut_rune(&ahead);
        if ((size_t)(ahead.p - word.p) > max) break;
        word.n = (size_t)(ahead.p - word.p);
    }
    *rest = slice_from(*rest, word.n);
    return word;
}

static void words_add(struct buf *out, struct slice value)
{
    for (bool first = true; value.n > 0; first = false) {
        if (!first) buf_add(out, S("\r\n "));
        buf_add(out, S("=?UTF-8?B?"));
        digest_add_base64(out, word_cut(&value, first ? FIRST_WORD_BYTES : WORD_BYTES), BASE64_STANDARD);
        buf_add(out, S("?="));
    }
}

static void clean_add(struct buf *out, struct slice value)
{
    for (size_t i = 0; i < value.n; i++) {
        bool control = (unsigned char)value.p[i] < 0x20 || value.p[i] == 0x7f;

        buf_add_char(out, control ? ' ' : value.p[i]);
    }
}

void mail_add_text_header(struct buf *out, const char *name, struct slice value)
{
    struct buf clean = { .max = value.n };

    clean_add(&clean, value);
    buf_addf(out, "%s: ", name);
    if (value_is_plain(buf_slice(&clean)))
        buf_add(out, buf_slice(&clean));
    else
        words_add(out, buf_slice(&clean));
    buf_add(out, S("\r\n"));
    buf_release(&clean);
}

/* Blanks at the end of a line would be lost on the way; a lone "." or "From " at the start invites meddling. */
static bool byte_is_literal(struct slice line, size_t i)
{
    unsigned char c = (unsigned char)line.p[i];

    if (c == ' ' || c == '\t') return i + 1 < line.n;
    if (i == 0 && (c == '.' || c == 'F')) return false;
    return c > ' ' && c < 0x7f && c != '=';
}

static void line_add(struct buf *out, struct slice line)
{
    static const char hex[] = "0123456789ABCDEF";
    size_t column = 0;

    for (size_t i = 0; i < line.n; i++) {
        unsigned char c = (unsigned char)line.p[i];
        char coded[3] = { '=', hex[c >> 4], hex[c & 15] };
        struct slice piece = byte_is_literal(line, i) ? (struct slice){ line.p + i, 1 } : (struct slice){ coded, 3 };

        /* The last column belongs to the soft break. */
        if (column + piece.n > LINE_CHARS - 1) {
            buf_add(out, S("=\r\n"));
            column = 0;
        }
        buf_add(out, piece);
        column += piece.n;
    }
    buf_add(out, S("\r\n"));
}

void mail_add_quoted_printable(struct buf *out, struct slice text)
{
    while (text.n > 0) {
        struct slice line = slice_cut(&text, '\n');

        if (line.n > 0 && line.p[line.n - 1] == '\r') line.n--;
        line_add(out, line);
    }
}

void mail_add_date(struct buf *out, int64_t wall_ms)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    struct civil c = civil_from_seconds(wall_ms / SECOND);

    buf_add(out, civil_weekday_name(civil_weekday(civil_days(c.year, c.month, c.day))));
    buf_addf(out, ", %02d %.3s %04d %02d:%02d:%02d +0000", (int)c.day, months + 3 * (c.month - 1), (int)c.year,
             (int)c.hour, (int)c.minute, (int)c.second);
}
