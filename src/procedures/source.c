/* source.c - limits, encoding, line ends. Linear in the document. */
#include "procedures/source.h"

#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "procedures/compile.h"
#include "procedures/mojibake.h"

struct place {
    unsigned line, col;
};

static struct place place_of(struct slice bytes, size_t offset)
{
    struct place at = { 1, 1 };
    for (size_t i = 0; i < offset && i < bytes.n; i++) {
        bool ends = bytes.p[i] == '\n' || (bytes.p[i] == '\r' && !(i + 1 < bytes.n && bytes.p[i + 1] == '\n'));
        at = ends ? (struct place){ at.line + 1, 1 } : (struct place){ at.line, at.col + 1 };
    }
    return at;
}

static int check_bytes(struct slice bytes, struct error *e)
{
    size_t bad;

    if (bytes.n > PROCEDURES_MAX_BYTES)
        return fail_at(e, ERR_LIMIT, 1, 1, "the document has %zu bytes; the limit is %zu: split it by team", bytes.n,
                       PROCEDURES_MAX_BYTES);
    bad = slice_find_char(bytes, '\0');
    if (bad < bytes.n) {
        struct place at = place_of(bytes, bad);
        return fail_at(e, ERR_INVALID, at.line, at.col, "a NUL byte at offset %zu: a procedures document is text", bad);
    }
    if (!slice_is_utf8(bytes, &bad)) {
        struct place at = place_of(bytes, bad);
        return fail_at(e, ERR_INVALID, at.line, at.col,
                       "byte 0x%02x at offset %zu is not UTF-8: save the file as UTF-8", (unsigned char)bytes.p[bad],
                       bad);
    }
    return 0;
}

/* Cuts one line off *rest. */
static struct slice line_cut(struct slice *rest)
{
    size_t n = 0;
    while (n < rest->n && rest->p[n] != '\n' && rest->p[n] != '\r') n++;
    struct slice line = slice_upto(*rest, n);
    *rest = slice_from(*rest, n);
    if (!slice_cut_prefix(rest, S("\r\n"))) *rest = slice_from(*rest, 1);
    return line;
}

static size_t lines_count(struct slice rest)
{
    size_t n = 0;
    for (; rest.n > 0; n++) line_cut(&rest);
    return n;
}

int source_read(struct source *out, struct arena *a, struct slice bytes, struct error *e)
{
    int rc = check_bytes(bytes, e);
    if (rc < 0) return rc;

    *out = (struct source){ .bytes = arena_copy(a, bytes) };
    struct slice rest = out->bytes;
    slice_cut_prefix(&rest, S("\xef\xbb\xbf"));
    size_t n = lines_count(rest);
    if (n > PROCEDURES_MAX_LINES)
        return fail_at(e, ERR_LIMIT, PROCEDURES_MAX_LINES + 1, 1, "the document has %zu lines; the limit is %u", n,
                       PROCEDURES_MAX_LINES);

    out->n = (unsigned)n;
    out->lines = arena_array(a, struct line, n + 1);
    for (size_t i = 0; i < n; i++) {
        struct line *line = &out->lines[i];
        line->raw = line_cut(&rest);
        line->text = mojibake_repair(a, line->raw, &line->runs);
        out->runs += line->runs;
        out->repaired_lines += line->runs > 0;
    }
    return 0;
}

const struct line *source_line(const struct source *s, unsigned line)
{
    CHECK(line >= 1 && line <= s->n);
    return &s->lines[line - 1];
}

unsigned source_column(const struct source *s, unsigned line, const char *at)
{
    const struct line *l = source_line(s, line);
    uintptr_t begin = (uintptr_t)l->text.p, here = (uintptr_t)at;
    if (at == NULL || here < begin || here > begin + l->text.n) return 1;
    size_t offset = here - begin;
    return 1 + (unsigned)(l->runs == 0 ? offset : mojibake_origin(l->raw, offset));
}
