/* role_name.c - folding of role names, and the table of aliases (A8).
 * Not here: who fills a role (team.c, directory.c), what a role must do (policy.h).
 * Always: role_id of an id is that id, so folding twice changes nothing. */
#include "core/role_name.h"

#include "base/arena.h"
#include "base/check.h"
#include "core/policy.h"

struct role_alias {
    const char *slug, *id;
};

static const struct role_alias aliases[] = {
    { "primary-on-call", ROLE_PRIMARY },
    { "primary-oncall", ROLE_PRIMARY },
    { "primary-on-call-engineer", ROLE_PRIMARY },
    { "primary-engineer", ROLE_PRIMARY },
    { "primary-responder", ROLE_PRIMARY },
    { "on-call", ROLE_PRIMARY },
    { "oncall", ROLE_PRIMARY },
    { "on-call-engineer", ROLE_PRIMARY },
    { "on-call-primary", ROLE_PRIMARY },
    { "secondary-on-call", ROLE_SECONDARY },
    { "secondary-oncall", ROLE_SECONDARY },
    { "secondary-on-call-engineer", ROLE_SECONDARY },
    { "secondary-engineer", ROLE_SECONDARY },
    { "secondary-responder", ROLE_SECONDARY },
    { "on-call-secondary", ROLE_SECONDARY },
    { "backup-on-call", ROLE_SECONDARY },
    { "backup-on-call-engineer", ROLE_SECONDARY },
    { "commander", ROLE_COMMANDER },
    { "ic", ROLE_COMMANDER },
    { "incident-commander-ic", ROLE_COMMANDER },
    { "incident-manager", ROLE_COMMANDER },
    { "incident-lead", ROLE_COMMANDER },
    { "manager", ROLE_MANAGEMENT },
    { "managers", ROLE_MANAGEMENT },
    { "management-team", ROLE_MANAGEMENT },
    { "management-notification", ROLE_MANAGEMENT },
    { "management-approval", ROLE_MANAGEMENT },
    { "security", ROLE_SECURITY_TEAM },
    { "security-specialist", ROLE_SECURITY_TEAM },
    { "security-specialists", ROLE_SECURITY_TEAM },
    { "security-on-call", ROLE_SECURITY_TEAM },
    { "sme", ROLE_EXPERTS },
    { "smes", ROLE_EXPERTS },
    { "subject-matter-expert", ROLE_EXPERTS },
    { "subject-matter-experts-sme", ROLE_EXPERTS },
    { "subject-matter-experts-smes", ROLE_EXPERTS },
};

static char fold(char c)
{
    if (c >= 'A' && c <= 'Z') return (char)(c + ('a' - 'A'));
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80) return c;
    return '-';
}

/* Emoji, arrows, dashes and their joiners decorate a name; letters of any script are a part of it. */
static bool is_decoration(int32_t rune)
{
    return (rune >= 0x2000 && rune < 0x2c00) || (rune >= 0xfe00 && rune < 0xfe10) || rune >= 0x1f000;
}

/* Cuts one code point off *written and folds it; returns how many bytes it has then. Decoration becomes one '-'. */
static size_t fold_next(struct slice *written, char folded[4])
{
    struct slice before = *written;
    int32_t rune = slice_cut_rune(written);
    size_t n = before.n - written->n;

    for (size_t i = 0; i < n; i++) folded[i] = fold(before.p[i]);
    if (!is_decoration(rune)) return n;
    folded[0] = '-';
    return 1;
}

static struct slice slug_make(struct arena *a, struct slice written)
{
    char *out = arena_alloc(a, written.n + 1);
    size_t n = 0;

    if (out == NULL) return (struct slice){ 0 };
    while (written.n > 0) {
        char folded[4];
        size_t length = fold_next(&written, folded);

        for (size_t i = 0; i < length; i++)
            if (folded[i] != '-' || (n > 0 && out[n - 1] != '-')) out[n++] = folded[i];
    }
    while (n > 0 && out[n - 1] == '-') n--;
    out[n] = '\0';
    return (struct slice){ n > 0 ? out : NULL, n };
}

struct slice role_id(struct arena *a, struct slice written)
{
    struct slice slug = slug_make(a, written);

    slice_cut_prefix(&slug, S("the-"));
    for (size_t i = 0; i < COUNT_OF(aliases); i++)
        if (slice_eq(slug, slice_of(aliases[i].slug))) return slice_of(aliases[i].id);
    return slug;
}
