/* world_redact.c - a text is taken out of the record: a name, a password, somebody's health.
 *
 * What stays: that the entry was there, when, by whom, of which kind, what it changed, and the hash of its text, so that
 * the chain keeps verifying (docs/evidence.md). Who took it out and why is an entry of its own: on the incident while the
 * world holds it, else on the system's timeline. Not here: the erasing (store/).
 * Always: an administrator's act; nobody else can make the record say less. */
#include "core/world_parts.h"

static bool may_redact(const struct world *w, const struct act *a)
{
    const int person = directory_person(w->directory, a->actor);
    bool may = a->administrator;
    for (size_t i = 0; i < w->directory->n_administrators; i++) may = may || w->directory->administrators[i] == person;
    return may;
}

void world_act_redact(struct world *w)
{
    const struct act *a = w->ev->act;
    const struct incident *i = incident_get(w, a->incident);
    if (!may_redact(w, a)) {
        REPLY(w, ERR_DENIED, a->incident, 0, S("Only an administrator takes texts out of the record"));
        return;
    }
    if (a->text.n == 0 || a->entry <= 0 || (i != NULL && a->entry > i->seq)) {
        REPLY(w, ERR_INVALID, a->incident, 0,
              S("Say which entry of the timeline, by its number, and why: the reason stays in the record"));
        return;
    }
    SAY(w, i == NULL ? 0 : i->id, ENTRY_REDACTED, a->entry, S("The text of "), text_incident(w, a->incident),
        S(", entry "), text_int(w, a->entry), S(", was taken out: "), a->text);
    *vec_push(&w->fx->erasures) = (struct erasure){ a->incident, a->entry };
    REPLY(w, 0, a->incident, 0, S("Taken out of the store; copies made before (backups, mails, chats) still have it"));
}
