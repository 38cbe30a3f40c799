/* state_text.c - symbols and annotation sets: every text once; and small texts for sentences. */
#include "core/state.h"

#include <string.h>

#include "base/civil.h"
#include "core/state_parts.h"

static symbol symbol_find(struct world *w, struct slice text)
{
    int64_t s;
    if (smap_get(w->symbols, text, &s)) return s;
    struct symbol_row *row = state_add(w, ROW_SYMBOL, (int64_t[]){ 0 });
    CHECK(row->id <= INT32_MAX); /* as wide as alert_table.h keeps them */
    state_set_text(w, ROW_SYMBOL, (struct ikey){ row->id, 0 }, text);
    smap_put(w->symbols, text, row->id);
    return row->id;
}

/* Neighbours are much alike: their names and summaries are compared before they are hashed. */
symbol symbol_of(struct world *w, struct slice text)
{
    if (text.n == 0) return 0;
    symbol *said = &w->said[(text.n + (unsigned char)text.p[0] + (unsigned char)text.p[text.n - 1]) % SYMBOLS_SAID];
    if (!slice_eq(symbol_text(w, *said), text)) *said = symbol_find(w, text);
    return *said;
}

struct slice symbol_text(const struct world *w, symbol s)
{
    return s == 0 ? (struct slice){ 0 } : state_text(w, ROW_SYMBOL, (struct ikey){ s, 0 });
}

struct slice text_person(const struct world *w, symbol person)
{
    struct slice id = symbol_text(w, person);
    int p = id.n == 0 || w->directory == NULL ? -1 : directory_person(w->directory, id);
    return p < 0 ? id : w->directory->people[p].name;
}

/* Sets are found by hash; two texts of one hash are told apart by probing the next hash value. Where none is found,
 * *probe is the free place. */
static int64_t set_find(const struct world *w, const struct imap *index, enum row_kind kind, uint64_t *probe,
                        struct slice text)
{
    int64_t id;
    for (; imap_get(index, (struct ikey){ (int64_t)*probe, 0 }, &id); (*probe)++)
        if (slice_eq(state_text(w, kind, (struct ikey){ id, 0 }), text)) return id;
    return 0;
}

static int64_t set_intern(struct world *w, struct imap *index, enum row_kind kind, uint64_t hash, struct slice text)
{
    uint64_t probe = hash;
    int64_t id = set_find(w, index, kind, &probe, text);
    if (id != 0) return id;
    int64_t *row = state_add(w, kind, (int64_t[]){ 0 });
    row[1] = (int64_t)hash;
    state_set_text(w, kind, (struct ikey){ row[0], 0 }, text);
    imap_put(index, (struct ikey){ (int64_t)probe, 0 }, row[0]);
    return row[0];
}

/* A text that left the world and came back is two rows of the store; the newer is the one that is used. */
static void index_set(const struct world *w, struct imap *index, const struct row *r)
{
    uint64_t probe = (uint64_t)r->v[1];
    if (set_find(w, index, r->kind, &probe, r->text) < r->v[0])
        imap_put(index, (struct ikey){ (int64_t)probe, 0 }, r->v[0]);
}

void texts_index_row(struct world *w, const struct row *r)
{
    if (r->kind == ROW_SYMBOL) smap_put(w->symbols, r->text, r->v[0]);
    if (r->kind == ROW_ANNOTATIONS) index_set(w, w->annotation_sets, r);
}

int64_t annotations_intern(struct world *w, struct slice json)
{
    const struct ikey last = { w->annotated, 0 }; /* neighbours are much alike */
    if (json.n > 0 && slice_eq(state_text(w, ROW_ANNOTATIONS, last), json)) return last.a;
    return w->annotated = set_intern(w, w->annotation_sets, ROW_ANNOTATIONS, fnv1a64(FNV1A64_START, json), json);
}

/* Whoever stands behind a gap is not found past it: each is put where the search for it would end now. */
static void sets_close_up(struct world *w, uint64_t gap)
{
    struct imap *index = w->annotation_sets;
    int64_t id, other;
    for (uint64_t behind = gap + 1; imap_get(index, (struct ikey){ (int64_t)behind, 0 }, &id); behind++) {
        uint64_t place = (uint64_t)annotations_get(w, id)->hash;
        imap_remove(index, (struct ikey){ (int64_t)behind, 0 });
        while (imap_get(index, (struct ikey){ (int64_t)place, 0 }, &other)) place++;
        imap_put(index, (struct ikey){ (int64_t)place, 0 }, id);
    }
}

/* Takes a set out of its index, while its row is there. */
static void set_unindex(struct world *w, int64_t set, uint64_t hash)
{
    int64_t id;
    for (uint64_t probe = hash; imap_get(w->annotation_sets, (struct ikey){ (int64_t)probe, 0 }, &id); probe++) {
        if (id != set) continue;
        imap_remove(w->annotation_sets, (struct ikey){ (int64_t)probe, 0 });
        sets_close_up(w, probe);
        return;
    }
}

void annotations_remove(struct world *w, int64_t set, bool stored_too)
{
    const struct annotations *row = annotations_get(w, set);
    if (row == NULL) return;
    set_unindex(w, set, (uint64_t)row->hash);
    if (stored_too)
        state_delete(w, ROW_ANNOTATIONS, (struct ikey){ set, 0 });
    else
        state_forget(w, ROW_ANNOTATIONS, (struct ikey){ set, 0 });
}

struct slice text_joined(struct world *w, const struct slice *parts, size_t n)
{
    size_t size = 0;
    for (size_t i = 0; i < n; i++) size += parts[i].n;
    char *text = arena_array(w->fx->arena, char, size + 1), *end = text;
    for (size_t i = 0; i < n; i++) {
        if (parts[i].n > 0) memcpy(end, parts[i].p, parts[i].n);
        end += parts[i].n;
    }
    return (struct slice){ text, size };
}

static struct slice keep(struct world *w, struct buf *b)
{
    struct slice s = arena_copy(w->fx->arena, buf_slice(b));
    buf_release(b);
    return s;
}

struct slice text_int(struct world *w, int64_t v)
{
    char digits[24];
    size_t at = sizeof digits;
    uint64_t left = v < 0 ? ~(uint64_t)v + 1 : (uint64_t)v;
    do digits[--at] = (char)('0' + left % 10);
    while ((left /= 10) != 0);
    if (v < 0) digits[--at] = '-';
    return arena_copy(w->fx->arena, (struct slice){ digits + at, sizeof digits - at });
}

struct slice text_incident(struct world *w, incident_id id)
{
    struct buf b = { 0 };
    buf_add(&b, S("INC-"));
    buf_add_int(&b, id);
    return keep(w, &b);
}

struct slice text_time(struct world *w, int64_t wall)
{
    struct buf b = { 0 };
    civil_format_rfc3339(&b, wall, 0, false);
    return keep(w, &b);
}

struct slice text_duration(struct world *w, int64_t ms)
{
    static const struct {
        int64_t ms;
        struct slice unit;
    } units[] = {
        { DAY, { " d", 2 } },
        { HOUR, { " h", 2 } },
        { MINUTE, { " min", 4 } },
        { SECOND, { " s", 2 } },
    };
    struct buf b = { 0 };
    for (size_t i = 0; i < COUNT_OF(units); i++) {
        int64_t n = ms / units[i].ms;
        if (n == 0) continue;
        if (b.len > 0) buf_add_char(&b, ' ');
        buf_add_int(&b, n);
        buf_add(&b, units[i].unit);
        ms -= n * units[i].ms;
    }
    if (b.len == 0) {
        buf_add_int(&b, ms);
        buf_add(&b, S(" ms"));
    }
    return keep(w, &b);
}

symbol state_actor(struct world *w)
{
    return w->ev->kind == EVENT_ACT ? symbol_of(w, w->ev->act->actor) : 0;
}

void reply_now(struct world *w, int code, incident_id id, int64_t made, const struct slice *parts, size_t n)
{
    if (w->ev->reply_to == 0) return;
    struct slice kept = text_joined(w, parts, n);
    *vec_push(&w->fx->replies) = (struct reply){ w->ev->reply_to, code, id, made, kept };
}
