/* role_name.c - folding of role names, and the table of aliases (A8).
 * Not here: who fills a role (team.c, directory.c), what a role must do (policy.h).
 * Always: role_id of an id is that id, so folding twice changes nothing. */
#include "core/role_name.h"

#include "base/arena.h"
#include "base/check.h"
#include "core/policy.h"

struct role_alias {
    struct slice slug;
    struct slice id;
};

#define ALIAS(slug, id) { { "" slug, sizeof(slug) - 1 }, { "" id, sizeof(id) - 1 } }

static const struct role_alias aliases[] = {
    ALIAS("primary-on-call", ROLE_PRIMARY),
    ALIAS("primary-oncall", ROLE_PRIMARY),
    ALIAS("primary-on-call-engineer", ROLE_PRIMARY),
    ALIAS("primary-engineer", ROLE_PRIMARY),
    ALIAS("primary-responder", ROLE_PRIMARY),
    ALIAS("on-call", ROLE_PRIMARY),
    ALIAS("oncall", ROLE_PRIMARY),
    ALIAS("on-call-engineer", ROLE_PRIMARY),
    ALIAS("on-call-primary", ROLE_PRIMARY),
    ALIAS("secondary-on-call", ROLE_SECONDARY),
    ALIAS("secondary-oncall", ROLE_SECONDARY),
    ALIAS("secondary-on-call-engineer", ROLE_SECONDARY),
    ALIAS("secondary-engineer", ROLE_SECONDARY),
    ALIAS("secondary-responder", ROLE_SECONDARY),
    ALIAS("on-call-secondary", ROLE_SECONDARY),
    ALIAS("backup-on-call", ROLE_SECONDARY),
    ALIAS("backup-on-call-engineer", ROLE_SECONDARY),
    ALIAS("commander", ROLE_COMMANDER),
    ALIAS("ic", ROLE_COMMANDER),
    ALIAS("incident-commander-ic", ROLE_COMMANDER),
    ALIAS("incident-manager", ROLE_COMMANDER),
    ALIAS("incident-lead", ROLE_COMMANDER),
    ALIAS("manager", ROLE_MANAGEMENT),
    ALIAS("managers", ROLE_MANAGEMENT),
    ALIAS("management-team", ROLE_MANAGEMENT),
    ALIAS("management-notification", ROLE_MANAGEMENT),
    ALIAS("management-approval", ROLE_MANAGEMENT),
    ALIAS("security", ROLE_SECURITY_TEAM),
    ALIAS("security-specialist", ROLE_SECURITY_TEAM),
    ALIAS("security-specialists", ROLE_SECURITY_TEAM),
    ALIAS("security-on-call", ROLE_SECURITY_TEAM),
    ALIAS("sme", ROLE_EXPERTS),
    ALIAS("smes", ROLE_EXPERTS),
    ALIAS("subject-matter-expert", ROLE_EXPERTS),
    ALIAS("subject-matter-experts-sme", ROLE_EXPERTS),
    ALIAS("subject-matter-experts-smes", ROLE_EXPERTS),
};

static char fold(char c)
{
    if (c >= 'A' && c <= 'Z') return (char)(c + ('a' - 'A'));
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80) return c;
    return '-';
}

static struct slice slug_make(struct arena *a, struct slice written)
{
    char *out = arena_alloc(a, written.n + 1);
    size_t n = 0;

    if (out == NULL) return (struct slice){ 0 };
    for (size_t i = 0; i < written.n; i++) {
        char c = fold(written.p[i]);

        if (c != '-' || (n > 0 && out[n - 1] != '-')) out[n++] = c;
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
        if (slice_eq(slug, aliases[i].slug)) return aliases[i].id;
    return slug;
}
