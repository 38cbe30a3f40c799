/* contact.c - the order of a person's kinds for one page. */
#include "core/contact.h"

struct choices {
    const struct directory *d;
    const struct person *person;
    struct contact_choice *v;
    size_t n;
};

/* Every contact of this kind that a channel can carry, once. */
static void add_kind(struct choices *c, struct slice kind)
{
    int channel = directory_channel_for_kind(c->d, kind);
    if (channel < 0) return;
    for (size_t i = 0; i < c->person->n_contacts && c->n < CONTACT_MAX; i++) {
        const struct contact *k = &c->person->contacts[i];
        bool seen = !slice_eq(k->kind, kind);
        for (size_t j = 0; !seen && j < c->n; j++)
            seen = slice_eq(c->v[j].kind, kind) && slice_eq(c->v[j].address, k->address);
        if (seen) continue;
        c->v[c->n++] = (struct contact_choice){ k->kind, k->address, channel,
                                                contact_kind_wakes(kind) || c->d->channels[channel].wakes };
    }
}

/* Stable: those that wake first (ringing) or last (quiet); what the sentence named stays in front. */
static void order_by_waking(struct contact_choice *v, size_t n, bool waking_first)
{
    struct contact_choice sorted[CONTACT_MAX];
    size_t k = 0;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < n; i++)
            if (v[i].wakes == (waking_first == (pass == 0))) sorted[k++] = v[i];
    for (size_t i = 0; i < n; i++) v[i] = sorted[i];
}

size_t contact_choices(const struct directory *d, const struct policy *p, int person, struct slice role,
                       struct slice by, bool rings, struct contact_choice out[CONTACT_MAX])
{
    struct choices c = { d, &d->people[person], out, 0 };
    const struct policy_contact *named = policy_contact_for(p, role);
    if (by.n > 0) add_kind(&c, by);
    size_t fixed = c.n;
    for (size_t i = 0; named != NULL && i < named->n_kinds; i++) add_kind(&c, named->kinds[i]);
    for (size_t i = 0; i < c.person->n_contacts; i++) add_kind(&c, c.person->contacts[i].kind);
    order_by_waking(out + fixed, c.n - fixed, rings);
    return c.n;
}
