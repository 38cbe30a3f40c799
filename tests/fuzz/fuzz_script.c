/* fuzz_script.c - any bytes as a rehearsal's script: read or refused with a place inside the text, never anything else. */
#include "engine/script.h"

#include "base/arena.h"
#include "base/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned lines_of(struct slice text)
{
    unsigned n = 1;
    for (size_t i = 0; i < text.n; i++) n += text.p[i] == '\n';
    return n;
}

/* Out of the verbs' own list, so that a new verb cannot make this check stale. */
static bool is_verb(enum script_verb verb)
{
    static const enum script_verb known[] = {
#define X(sym, code) SCRIPT_##sym,
        SCRIPT_VERBS(X)
#undef X
    };
    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (known[i] == verb) return true;
    return false;
}

static void check_command(const struct script *s, const struct script_command *c)
{
    struct buf time = { 0 };
    CHECK(c->t >= 0 && c->t <= SCRIPT_MAX_MS && (c == s->v || c[-1].t <= c->t));
    CHECK(is_verb(c->verb) && c->line >= 1 && c->col >= 1);
    for (size_t i = 1; i < c->n_labels; i++) CHECK(slice_cmp(c->labels[i - 1].name, c->labels[i].name) < 0);
    script_print_time(c->t, &time);
    CHECK(slice_has_prefix(buf_slice(&time), S("T+")));
    buf_release(&time);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_create(0);
    struct slice text = { (const char *)data, size };
    struct script s;
    struct error e = { 0 };
    const int rc = script_read(a, S("fuzz.tocsin"), text, &s, &e);
    if (rc == 0)
        for (size_t i = 0; i < s.n; i++) check_command(&s, &s.v[i]);
    else
        CHECK((rc == ERR_SYNTAX || rc == ERR_LIMIT) && e.detail[0] != '\0' && e.line <= lines_of(text));
    arena_destroy(&a);
    return 0;
}
