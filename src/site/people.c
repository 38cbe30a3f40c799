/* people.c - `people:` who they are, how they log in, how they are reached. */
#include <stddef.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/vec.h"
#include "site/loader.h"

struct contacts {
    VEC(struct contact) list;
};

struct person_section {
    struct person person;
    struct contacts contacts;
};

static struct slice folded(struct loader *l, struct slice s)
{
    char *out = arena_alloc(l->a, s.n + 1);

    for (size_t i = 0; i < s.n; i++) out[i] = s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] + ('a' - 'A')) : s.p[i];
    return (struct slice){ out, s.n };
}

/* What is certainly wrong; whether an address works, only a delivery tells. */
static const char *address_fault(struct slice kind, struct slice address)
{
    size_t at = slice_find_char(address, '@');

    for (size_t i = 0; i < address.n; i++)
        if ((unsigned char)address.p[i] < 0x20) return "an address stands in one line";
    if (slice_eq(kind, S("mail")) && (at == 0 || at + 1 >= address.n || slice_find_char(address, ' ') < address.n))
        return "a mail address is wanted: name@example.org";
    if ((slice_eq(kind, S("phone")) || slice_eq(kind, S("sms"))) &&
        slice_find_char(S("+(0123456789"), address.p[0]) == 12)
        return "a phone number is wanted: \"+49 30 1234567\", in quotes";
    return NULL;
}

static void contact_add(struct loader *l, const struct node *n, struct slice kind, struct contacts *out)
{
    struct contact c = { .kind = kind, .line = n->line };
    const char *fault;

    if (!text_read(l, n, &c.address)) return;
    c.address = slice_trim(c.address);
    if ((fault = address_fault(kind, c.address)) != NULL)
        node_error(l, n, "%s", fault);
    else
        *vec_push(&out->list) = c;
}

/* mail: one address, or a list of them in order. */
static void contacts_read(struct loader *l, const struct node *map, void *section)
{
    struct contacts *out = &((struct person_section *)section)->contacts;

    if (!map_check(l, map)) return;
    for (const struct node *n = map->first; n != NULL; n = n->next) {
        struct slice kind = contact_kind_canonical(folded(l, n->key));

        if (n->kind != NODE_LIST) contact_add(l, n, kind, out);
        if (n->kind != NODE_LIST) continue;
        for (const struct node *one = n->first; one != NULL; one = one->next) contact_add(l, one, kind, out);
    }
}

static void timezone_read(struct loader *l, const struct node *n, void *section)
{
    struct person *p = &((struct person_section *)section)->person;

    zone_resolve(l, n, &p->zone, &p->zone_name);
}

#define AT(member) offsetof(struct person_section, person.member)

static const struct key person_keys[] = {
    { "name", KEY_TEXT, AT(name), NULL, false, "The full name; the key when left out." },
    { "login", KEY_TEXT, AT(login), NULL, false, "Account on this machine: acts on the local socket are theirs." },
    { "timezone", KEY_READ, 0, timezone_read, false, "Where they live; the organisation's when left out." },
    { "contacts", KEY_READ, 0, contacts_read, false, "How to reach them: mail, phone, sms, push, slack …, in order." },
};
const struct key_table person_table = { "people.NAME", person_keys, COUNT_OF(person_keys) };

static void logins_check(struct loader *l, const struct person *people, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < i && people[i].login.n > 0; k++) {
            if (!slice_eq(people[i].login, people[k].login)) continue;
            node_error(l, node_child(l->people.nodes[i], S("login")),
                       "`%.*s` is the login of `%.*s` too (%.*s:%u): one login, one person", (int)people[i].login.n,
                       people[i].login.p, (int)people[k].id.n, people[k].id.p, (int)l->file.n, l->file.p,
                       people[k].line);
            break;
        }
    }
}

static void person_read(struct loader *l, size_t i, struct person *out)
{
    const struct node *n = l->people.nodes[i];
    struct person_section s = { .person = { .id = l->people.v[i], .name = l->people.v[i], .line = n->key_line } };
    struct contact *kept;

    section_read(l, n, &person_table, &s);
    kept = arena_array(l->a, struct contact, s.contacts.list.n + 1);
    for (size_t k = 0; k < s.contacts.list.n; k++) kept[k] = s.contacts.list.v[k];
    s.person.contacts = kept;
    s.person.n_contacts = s.contacts.list.n;
    vec_release(&s.contacts.list);
    *out = s.person;
}

void people_load(struct loader *l)
{
    struct person *people = arena_array(l->a, struct person, l->people.n + 1);

    for (size_t i = 0; i < l->people.n; i++) person_read(l, i, &people[i]);
    logins_check(l, people, l->people.n);
    l->site->dir.people = people;
    l->site->dir.n_people = l->people.n;
}
