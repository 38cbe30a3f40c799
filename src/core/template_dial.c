/* template_dial.c - the numbers to dial by hand, where a page reached nobody (R28): from the site, no directory is asked.
 *
 * Not here: the list of everybody in charge, which the API and the responder view show (api/responder_lists.c). These are
 * the people who were to be reached, the last paged first. */
#include "core/template_parts.h"

#define DIAL_MAX 4

struct dial_list {
    const struct person *v[DIAL_MAX];
    size_t n;
};

static struct slice phone_of(const struct person *p)
{
    for (size_t k = 0; k < p->n_contacts; k++)
        if (slice_eq(p->contacts[k].kind, S("phone"))) return p->contacts[k].address;
    return S("");
}

static void add(const struct world *w, symbol person, struct dial_list *l)
{
    const int at = directory_person(w->directory, symbol_text(w, person));
    const struct person *p = at < 0 ? NULL : &w->directory->people[at];
    if (p == NULL || l->n == DIAL_MAX || phone_of(p).n == 0) return;
    for (size_t k = 0; k < l->n; k++)
        if (l->v[k] == p) return;
    l->v[l->n++] = p;
}

/* Whom no page of the incident reached, while nobody has answered; without a reader (`but`) everybody who was paged. */
static struct dial_list unreached(const struct world *w, const struct incident *i, symbol but)
{
    const struct incident_extra *x = incident_extra(w, i->id);
    struct dial_list l = { .n = 0 };
    if (w->directory == NULL || i->acknowledged_at != 0) return l;
    for (size_t k = x->pages.n; k > 0; k--) {
        const struct page *p = page_get(w, x->pages.v[k - 1]);
        if (p == NULL || p->kind != PAGE_PAGE || p->person == but) continue;
        if (p->state == PAGE_STATE_FAILED || but == 0) add(w, p->person, &l);
    }
    return l;
}

static void add_one(const struct person *p, struct buf *out)
{
    buf_add(out, p->name);
    buf_add_char(out, ' ');
    buf_add(out, phone_of(p));
}

void text_dial_first(const struct world *w, const struct incident *i, struct buf *out)
{
    const struct dial_list l = unreached(w, i, 0);
    if (l.n == 0) return;
    buf_add(out, S(". Dial "));
    add_one(l.v[0], out);
}

void text_dial_list(const struct world *w, const struct incident *i, symbol but, struct buf *out)
{
    const struct dial_list l = unreached(w, i, but);
    if (l.n == 0) return;
    buf_add(out, but == 0 ? S("Dial by hand: ") : S("\nNot reached, dial by hand: "));
    for (size_t k = 0; k < l.n; k++) {
        if (k > 0) buf_add(out, S(", "));
        add_one(l.v[k], out);
    }
    if (but == 0) buf_add_char(out, '\n');
}
