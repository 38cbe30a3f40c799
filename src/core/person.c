/* person.c - the kinds of contact: many spellings, one name each.
 * Not here: which channel carries a kind (directory.c), in which order kinds are tried (contact.c). */
#include "core/person.h"

#include "base/check.h"

struct kind_alias {
    const char *written, *kind;
};

/* The canonical spelling stands first in each group. */
static const struct kind_alias aliases[] = {
    { "phone", "phone" },
    { "phone call", "phone" },
    { "phones", "phone" },
    { "call", "phone" },
    { "voice", "phone" },
    { "voice call", "phone" },
    { "telephone", "phone" },
    { "tel", "phone" },
    { "mobile", "phone" },
    { "cell", "phone" },
    { "cell phone", "phone" },
    { "sms", "sms" },
    { "text", "sms" },
    { "text message", "sms" },
    { "push", "push" },
    { "push notification", "push" },
    { "ntfy", "push" },
    { "pushover", "push" },
    { "app", "push" },
    { "mail", "mail" },
    { "email", "mail" },
    { "e-mail", "mail" },
    { "mails", "mail" },
    { "emails", "mail" },
    { "smtp", "mail" },
    { "slack", "slack" },
    { "teams", "teams" },
    { "ms teams", "teams" },
    { "msteams", "teams" },
    { "microsoft teams", "teams" },
    { "telegram", "telegram" },
    { "discord", "discord" },
    { "mattermost", "mattermost" },
    { "matrix", "matrix" },
    { "webhook", "webhook" },
    { "web hook", "webhook" },
    { "log", "log" },
    { "status-page", "status-page" }, /* takes posts, never pages */
    { "status page", "status-page" },
    { "statuspage", "status-page" },
};

static const char *const waking[] = { "phone", "sms", "push" };

struct slice contact_kind_canonical(struct slice written)
{
    struct slice text = slice_trim(written);

    for (size_t i = 0; i < COUNT_OF(aliases); i++)
        if (slice_eq_nocase(text, slice_of(aliases[i].written))) return slice_of(aliases[i].kind);
    return text;
}

bool contact_kind_wakes(struct slice kind)
{
    for (size_t i = 0; i < COUNT_OF(waking); i++)
        if (slice_eq(kind, slice_of(waking[i]))) return true;
    return false;
}
