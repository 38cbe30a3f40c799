/* responder_lists.c - people to pass a page on to and to dial by hand; the other incidents of a bundle, each with a link.
 * Not here: the view's own facts (responder.c).
 */
#include "api/responder_lists.h"

#include <string.h>

#include "core/delivery.h"
#include "core/role.h"
#include "engine/token.h"

#define PEOPLE_MAX 40
#define OTHERS_MAX 50
#define LINK_MS (7 * DAY) /* as long as those in messages */

/* --- people --- */

struct people {
    struct reading *r;
    const struct incident *incident;
    struct slice but; /* who looks */
    struct view_person *v;
    size_t n;
};

static struct slice phone_of(const struct person *p)
{
    for (size_t i = 0; i < p->n_contacts; i++)
        if (slice_eq(p->contacts[i].kind, S("phone"))) return p->contacts[i].address;
    return S("");
}

/* What a telephone dials: no blanks (RFC 3966), and not the "(0)" of "+49 (0)30", which is for who dials without +49. */
static struct slice tel_of(struct arena *a, struct slice phone)
{
    struct buf tel = { .max = 256 };
    const bool abroad = slice_has_prefix(phone, S("+"));
    while (phone.n > 0) {
        if (abroad && slice_cut_prefix(&phone, S("(0)"))) continue;
        if (slice_find_char(S("+0123456789*#-.()"), phone.p[0]) < 17) buf_add_char(&tel, phone.p[0]);
        phone = slice_from(phone, 1);
    }
    const struct slice s = arena_copy(a, buf_slice(&tel));
    buf_release(&tel);
    return s;
}

static struct slice role_title(struct people *l, struct slice role)
{
    const struct policy *p = reading_policy_of(l->r, l->incident);
    return p == NULL ? role : policy_role_title(p, role);
}

static void add_person(struct people *l, const struct person *p, struct slice role)
{
    if (l->n == PEOPLE_MAX || (l->but.n > 0 && slice_eq(p->id, l->but))) return;
    for (size_t i = 0; i < l->n; i++)
        if (slice_eq(l->v[i].id, p->id)) return;
    const struct slice phone = phone_of(p);
    l->v[l->n++] = (struct view_person){ p->id, p->name, role_title(l, role), phone, tel_of(l->r->rq->arena, phone) };
}

static void add_roles(struct people *l, const struct role_binding *roles, size_t n)
{
    const struct directory *d = l->r->rq->facts->directory;
    const struct slice service = reading_text(l->r, l->incident->service), team = reading_text(l->r, l->incident->team);
    for (size_t i = 0; i < n; i++) {
        const struct role_now now = role_resolve_in(d, service, team, roles[i].role, l->r->rq->received.wall_ms);
        for (size_t k = 0; k < now.n; k++) add_person(l, &d->people[now.people[k]], roles[i].role);
    }
}

void responder_people(struct reading *r, const struct incident *i, symbol but, struct responder_view *v)
{
    const struct directory *d = r->rq->facts->directory;
    struct people l = { .r = r, .incident = i, .but = reading_text(r, but) };
    const int team = directory_team(d, reading_text(r, i->team));
    l.v = arena_array(r->rq->arena, struct view_person, PEOPLE_MAX);
    if (l.v == NULL) return;
    if (team >= 0) add_roles(&l, d->teams[team].roles, d->teams[team].n_roles);
    add_roles(&l, d->roles, d->n_roles);
    v->people = l.v;
    v->n_people = l.n;
}

/* --- the same message --- */

static int add_other(struct reading *r, const struct delivery *d, struct view_other *out)
{
    struct buf link = { 0 }, name = { 0 };
    const int64_t key[1] = { d->incident };
    const int64_t page_key[1] = { d->page };
    struct incident i;
    struct page page;
    struct row row;
    int rc = store_read_row(r->store, ROW_PAGE, page_key, &row, &r->error);
    if (rc < 0) return rc;
    memcpy(&page, row.v, sizeof page);
    rc = store_read_row(r->store, ROW_INCIDENT, key, &row, &r->error);
    if (rc < 0) return rc;
    memcpy(&i, row.v, sizeof i);
    buf_add_str(&link, "/a/");
    token_add(&link, r->rq->facts->instance_key, token_page(page.id, page.created_wall),
              r->rq->received.wall_ms + LINK_MS);
    buf_addf(&name, "INC-%lld", (long long)i.id);
    *out = (struct view_other){ .incident = arena_copy(r->rq->arena, buf_slice(&name)),
                                .severity = reading_severity(r, &i),
                                .title = arena_copy(r->rq->arena, reading_text(r, i.title)),
                                .state = slice_of(incident_word(&i)),
                                .link = arena_copy(r->rq->arena, buf_slice(&link)) };
    buf_release(&link);
    buf_release(&name);
    return 0;
}

/* The deliveries of one message: the carrier and those it carries; pages alone have something to press. */
static int add_message(struct reading *r, delivery_id carrier, const struct page *but, struct responder_view *v)
{
    struct view_other *others = arena_array(r->rq->arena, struct view_other, OTHERS_MAX);
    const int64_t key[1] = { carrier };
    struct delivery first;
    struct rows rows;
    struct row row;
    int rc = store_read_row(r->store, ROW_DELIVERY, key, &row, &r->error);
    if (rc < 0 || others == NULL) return rc == ERR_NOT_FOUND || rc == 0 ? 0 : rc;
    memcpy(&first, row.v, sizeof first);
    rc = rows_read(r, STORE_CARRIED, carrier, OTHERS_MAX, &rows);
    for (size_t i = 0; rc == 0 && i <= rows.n && v->n_others < OTHERS_MAX; i++) {
        const struct delivery *d = i == 0 ? &first : ROW_AT(&rows, delivery, i - 1);
        if (d->page == 0 || d->page == but->id || d->purpose != PURPOSE_PAGE) continue;
        rc = add_other(r, d, &others[v->n_others]);
        if (rc == 0) v->n_others++;
        if (rc == ERR_NOT_FOUND) rc = 0;
    }
    v->others = others;
    return rc;
}

int responder_others(struct reading *r, const struct page *page, struct responder_view *v)
{
    struct rows rows, carried;
    int rc = rows_read(r, STORE_DELIVERIES, page->incident, 0, &rows);
    for (size_t i = 0; rc == 0 && i < rows.n && v->n_others == 0; i++) {
        const struct delivery *d = ROW_AT(&rows, delivery, i);
        if (d->page != page->id) continue;
        if (d->carrier != 0) return add_message(r, d->carrier, page, v);
        rc = rows_read(r, STORE_CARRIED, d->id, 1, &carried);
        if (rc == 0 && carried.n > 0) return add_message(r, d->id, page, v);
    }
    return rc;
}
