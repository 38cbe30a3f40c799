/* pattern.c - PCRE2 behind an anchored, bounded match. */
#include "base/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/vec.h"

/* A value is at most 16 KiB (design: Limits); an honest pattern needs a few steps a byte. These stop a hostile one
 * after some tens of milliseconds. Not compiled to machine code: JIT would need writable and executable pages, which
 * the confined server does not have, and JIT code counts its steps differently. */
#define MATCH_LIMIT 1000000
#define DEPTH_LIMIT 100000
#define HEAP_LIMIT_KIB (32 * 1024)

struct pattern {
    pcre2_code *utf; /* for subjects that are UTF-8 */
    pcre2_code *raw; /* for those that are not; NULL where the text has no meaning in bytes */
    pcre2_general_context *memory; /* that never fails softly: a pattern is not wrong, nor a value another, for want of it */
    pcre2_match_context *limits;
    bool anything; /* `.*` or `.+`: most of what is written, and asked of every alert */
    size_t least; /* its bytes */
};

static void *room(size_t n, void *nothing)
{
    (void)nothing;
    return mem_realloc(NULL, n);
}

static void give_back(void *p, void *nothing)
{
    (void)nothing;
    mem_free(p);
}

/* Anchored at both ends by option, not by wrapping: "a)|(?:b" and (*ACCEPT) then cannot get out of the anchors. A
 * dollar does not match before a final newline (RE2). */
static pcre2_code *compile(const struct pattern *p, struct slice text, uint32_t options, int *code, size_t *at)
{
    pcre2_compile_context *context = pcre2_compile_context_create(p->memory);
    options |= PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C;
    pcre2_code *compiled = pcre2_compile((PCRE2_SPTR)text.p, text.n, options, code, at, context);
    pcre2_compile_context_free(context);
    return compiled;
}

static int fail_compile(struct error *e, int code, size_t at, struct slice text)
{
    PCRE2_UCHAR why[160];
    if (pcre2_get_error_message(code, why, sizeof why) < 0) why[0] = '\0';
    struct slice shown = slice_upto(text, 80);
    return fail_at(e, ERR_SYNTAX, 0, (unsigned)at + 1, "regular expression \"%.*s\": %s, at byte %zu", (int)shown.n,
                   shown.p, (const char *)why, at + 1);
}

static pcre2_match_context *make_limits(const struct pattern *p)
{
    pcre2_match_context *limits = pcre2_match_context_create(p->memory);
    pcre2_set_match_limit(limits, MATCH_LIMIT);
    pcre2_set_depth_limit(limits, DEPTH_LIMIT);
    pcre2_set_heap_limit(limits, HEAP_LIMIT_KIB);
    return limits;
}

struct pattern *pattern_compile(struct slice text, struct error *e)
{
    int code;
    size_t at;
    if (text.n > PATTERN_MAX_BYTES) {
        fail(e, ERR_LIMIT, "regular expression of %zu bytes: at most %d are taken", text.n, PATTERN_MAX_BYTES);
        return NULL;
    }
    if (text.p == NULL) text = S("");
    struct pattern *p = mem_alloc(sizeof *p);
    p->memory = pcre2_general_context_create(room, give_back, NULL);
    p->limits = make_limits(p);
    p->utf = compile(p, text, PCRE2_UTF, &code, &at);
    if (p->utf == NULL) {
        fail_compile(e, code, at, text);
        pattern_destroy(&p);
        return NULL;
    }
    p->raw = compile(p, text, 0, &code, &at);
    p->anything = slice_eq(text, S(".*")) || slice_eq(text, S(".+"));
    p->least = slice_eq(text, S(".+"));
    return p;
}

void pattern_destroy(struct pattern **p)
{
    if (*p == NULL) return;
    pcre2_code_free((*p)->utf);
    pcre2_code_free((*p)->raw);
    pcre2_match_context_free((*p)->limits);
    pcre2_general_context_free((*p)->memory);
    mem_free(*p);
    *p = NULL;
}

bool pattern_matches(const struct pattern *p, struct slice subject, bool *limit_hit)
{
    if (limit_hit != NULL) *limit_hit = false;
    if (p->anything && slice_find_char(subject, '\n') == subject.n) return subject.n >= p->least;
    const pcre2_code *code = slice_is_utf8(subject, NULL) ? p->utf : p->raw;
    if (code == NULL) return false;
    pcre2_match_data *found = pcre2_match_data_create(1, p->memory);
    PCRE2_SPTR bytes = (PCRE2_SPTR)(subject.p == NULL ? "" : subject.p);
    int rc = pcre2_match(code, bytes, subject.n, 0, code == p->utf ? PCRE2_NO_UTF_CHECK : 0, found, p->limits);
    pcre2_match_data_free(found);
    if (limit_hit != NULL) *limit_hit = rc < 0 && rc != PCRE2_ERROR_NOMATCH; /* limits: never an answer */
    return rc >= 0;
}
