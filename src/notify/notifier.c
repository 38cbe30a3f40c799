/* notifier.c - the table of channel kinds, and the words for faults.
 * Not here: any channel (a file each).
 */
#include "notify/notifier.h"

#include "base/check.h"

static const struct notifier_ops *const notifiers[] = {
    &notifier_log,           &notifier_mail, &notifier_webhook,  &notifier_slack,
    &notifier_slack_webhook, &notifier_ntfy, &notifier_telegram,
};

const struct notifier_ops *notifier_at(size_t i)
{
    return i < COUNT_OF(notifiers) ? notifiers[i] : NULL;
}

const struct notifier_ops *notifier_find(struct slice name)
{
    for (size_t i = 0; i < COUNT_OF(notifiers); i++)
        if (slice_eq(slice_of(notifiers[i]->name), name)) return notifiers[i];
    return NULL;
}

const char *fault_text(enum fault f)
{
    switch (f) {
    case FAULT_UNSET: break;
#define X(sym, code, text) \
    case FAULT_##sym: return text;
        FAULTS(X)
#undef X
    }
    return "not judged";
}
