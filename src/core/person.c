/* person.c - the kinds of contact: many spellings, one name each.
 * Not here: which channel carries a kind (directory.c), in which order kinds are tried (contact.c). */
#include "core/person.h"

#include "base/check.h"

struct kind_alias {
    struct slice written, kind;
};

#define ALIAS(written, kind) { { "" written, sizeof(written) - 1 }, { "" kind, sizeof(kind) - 1 } }

/* The canonical spelling stands first in each group. */
static const struct kind_alias aliases[] = {
    ALIAS("phone", "phone"),
    ALIAS("phone call", "phone"),
    ALIAS("phones", "phone"),
    ALIAS("call", "phone"),
    ALIAS("voice", "phone"),
    ALIAS("voice call", "phone"),
    ALIAS("telephone", "phone"),
    ALIAS("tel", "phone"),
    ALIAS("mobile", "phone"),
    ALIAS("cell", "phone"),
    ALIAS("cell phone", "phone"),
    ALIAS("sms", "sms"),
    ALIAS("text", "sms"),
    ALIAS("text message", "sms"),
    ALIAS("push", "push"),
    ALIAS("push notification", "push"),
    ALIAS("ntfy", "push"),
    ALIAS("pushover", "push"),
    ALIAS("app", "push"),
    ALIAS("mail", "mail"),
    ALIAS("email", "mail"),
    ALIAS("e-mail", "mail"),
    ALIAS("mails", "mail"),
    ALIAS("emails", "mail"),
    ALIAS("smtp", "mail"),
    ALIAS("slack", "slack"),
    ALIAS("teams", "teams"),
    ALIAS("ms teams", "teams"),
    ALIAS("msteams", "teams"),
    ALIAS("microsoft teams", "teams"),
    ALIAS("telegram", "telegram"),
    ALIAS("discord", "discord"),
    ALIAS("mattermost", "mattermost"),
    ALIAS("matrix", "matrix"),
    ALIAS("webhook", "webhook"),
    ALIAS("web hook", "webhook"),
    ALIAS("log", "log"),
};

static const struct slice waking[] = { { "phone", 5 }, { "sms", 3 }, { "push", 4 } };

struct slice contact_kind_canonical(struct slice written)
{
    struct slice text = slice_trim(written);

    for (size_t i = 0; i < COUNT_OF(aliases); i++)
        if (slice_eq_nocase(text, aliases[i].written)) return aliases[i].kind;
    return text;
}

bool contact_kind_wakes(struct slice kind)
{
    for (size_t i = 0; i < COUNT_OF(waking); i++)
        if (slice_eq(kind, waking[i])) return true;
    return false;
}
