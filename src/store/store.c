/* store.c - the port's thin functions: they check what callers promise, keep the first failure and the reader's time,
 * and hand on to the adapter.
 * Not here: SQL (sql.c), files (sqlite_open.c), what rows mean (core/). */
#include "store/store.h"

#include <string.h>

#include "base/check.h"
#include "base/vec.h"
#include "store/port.h"
#include "store/texts.h"
#include "sys/clock.h"

struct list_text {
    enum row_kind kind;
    const char *of, *page, *zero;
    bool newest;
};

static const struct list_text lists[STORE_LIST_MAX] = {
#define X(sym, kind, of, page, newest, zero) [STORE_##sym] = { ROW_##kind, of, page, zero, newest },
    STORE_LISTS(X)
#undef X
};

static int field_index(const struct row_def *def, const char *name)
{
    for (size_t i = 0; i < def->n_fields; i++)
        if (slice_eq(slice_of(def->fields[i].name), slice_of(name))) return (int)i;
    CHECK(name[0] == '\0'); /* STORE_LISTS names a field that is not there */
    return -1;
}

struct list_def store_list_def(enum store_list list)
{
    CHECK((int)list >= 0 && list < STORE_LIST_MAX);
    const struct list_text *t = &lists[list];
    const struct row_def *def = &row_defs[t->kind];
    return (struct list_def){ .kind = t->kind,
                              .of = field_index(def, t->of),
                              .page = field_index(def, t->page),
                              .zero = field_index(def, t->zero),
                              .newest = t->newest };
}

static bool kind_is_known(enum row_kind kind)
{
    return (int)kind > 0 && kind < ROW_KIND_MAX && row_defs[kind].table != NULL;
}

int store_open(const char *where, struct store **out, struct error *e)
{
    struct slice w = slice_of(where);
    *out = NULL;
    for (int k = 0; k < ROW_KIND_MAX; k++) CHECK(row_defs[k].n_fields <= ROW_FIELDS_MAX);
    if (slice_eq(w, S("memory:"))) return store_memory_open(out, e);
    if (w.n == 0) return fail(e, ERR_INVALID, "no store named: write the path of a file, or memory:");
    if (slice_find(w, S("://")) < w.n)
        return fail(e, ERR_INVALID,
                    "store %s: this version keeps its data in a file; write its path, or memory:", where);
    return store_sqlite_open(where, out, e);
}

void store_close(struct store **s)
{
    if (*s == NULL) return;
    store_rollback(*s);
    (*s)->ops->close(*s);
    *s = NULL;
}

int store_load(struct store *s, struct store_each_row *each, struct error *e)
{
    CHECK(!s->writing);
    return s->ops->load(s, each, e);
}

bool store_is_new(const struct store *s)
{
    return s->is_new;
}

int store_begin(struct store *s, struct error *e)
{
    CHECK(!s->writing);
    s->is_new = false;
    s->failed = (struct error){ 0 };
    int rc = s->ops->begin(s, e);
    s->writing = rc == 0;
    return rc;
}

static bool writes_on(const struct store *s)
{
    CHECK(s->writing); /* no transaction, no write */
    return s->failed.code == 0;
}

void store_put_row(struct store *s, const struct row *r)
{
    if (!writes_on(s)) return;
    if (!kind_is_known(r->kind)) {
        fail(&s->failed, ERR_BUG, "a row of unknown kind %d", (int)r->kind);
        return;
    }
    s->ops->put(s, r, &s->failed);
}

void store_delete_row(struct store *s, enum row_kind kind, const int64_t *key)
{
    if (!writes_on(s)) return;
    if (!kind_is_known(kind)) {
        fail(&s->failed, ERR_BUG, "a deleted row of unknown kind %d", (int)kind);
        return;
    }
    s->ops->remove(s, kind, key, &s->failed);
}

void store_append_entry(struct store *s, const struct entry *en)
{
    if (writes_on(s)) s->ops->append(s, en, &s->failed);
}

void store_erase_text(struct store *s, incident_id incident, int64_t seq)
{
    if (writes_on(s)) s->ops->erase(s, incident, seq, &s->failed);
}

int store_commit(struct store *s, struct error *e)
{
    CHECK(s->writing);
    if (s->failed.code != 0) {
        if (e != NULL) *e = s->failed;
        store_rollback(s);
        return s->failed.code;
    }
    s->writing = false;
    return s->ops->commit(s, e);
}

void store_rollback(struct store *s)
{
    if (!s->writing) return;
    s->writing = false;
    s->ops->rollback(s);
}

void store_rest(struct store *s)
{
    CHECK(!s->writing);
    s->ops->rest(s);
}

/* ---- reading ---- */

static void reader_equip(struct store_reader *r)
{
    r->texts = store_texts_create();
    r->clock = clock_create_plain(); /* for the deadline; who retries a commit opens ten a second */
}

int store_reader_open(struct store *s, struct store_reader **out, struct error *e)
{
    *out = NULL;
    int rc = s->ops->reader_open(s, out, e);
    if (rc == 0) reader_equip(*out);
    return rc;
}

int store_reader_open_file(const char *path, struct store_reader **out, struct error *e)
{
    *out = NULL;
    int rc = store_sqlite_reader_open(path, out, e);
    if (rc == 0) reader_equip(*out);
    return rc;
}

void store_reader_close(struct store_reader **r)
{
    if (*r == NULL) return;
    store_read_end(*r, NULL);
    store_texts_destroy(&(*r)->texts);
    for (int k = 0; k < ROW_KIND_MAX; k++) {
        if ((*r)->kept[k] == NULL) continue;
        buf_release(&(*r)->kept[k]->text);
        mem_free((*r)->kept[k]);
    }
    clock_destroy(&(*r)->clock);
    (*r)->ops->close(*r);
    *r = NULL;
}

int store_reader_begin(struct store_reader *r, int64_t ms, struct error *e)
{
    CHECK(!r->reading);
    store_texts_trim(r->texts);
    r->failed = (struct error){ 0 };
    r->deadline = ms == 0 ? 0 : clock_read(r->clock).steady_ms + ms;
    int rc = r->ops->begin(r, e);
    r->reading = rc == 0;
    return rc;
}

int store_read_begin(struct store_reader *r, struct error *e)
{
    return store_reader_begin(r, STORE_READ_MS, e);
}

int store_read_begin_unlimited(struct store_reader *r, struct error *e)
{
    return store_reader_begin(r, 0, e);
}

int store_read_end(struct store_reader *r, struct error *e)
{
    if (!r->reading) return 0;
    r->ops->end(r);
    r->reading = false;
    if (r->failed.code != 0 && e != NULL) *e = r->failed;
    return r->failed.code;
}

bool store_reader_late(const struct store_reader *r, struct error *e)
{
    if (r->deadline == 0 || clock_read(r->clock).steady_ms < r->deadline) return false;
    fail(e, ERR_LIMIT, "reading the store took longer than %d ms: ask for fewer rows at a time", STORE_READ_MS);
    return true;
}

static int read_done(struct store_reader *r, bool own, int rc, const struct error *e)
{
    if (rc < 0 && rc != ERR_NOT_FOUND && r->failed.code == 0) {
        r->failed = *e;
        r->failed.code = rc;
    }
    if (own) store_read_end(r, NULL);
    return rc;
}

/* A read outside begin … end is a view of its own. */
static int read_start(struct store_reader *r, bool *own, struct error *e)
{
    *own = !r->reading;
    if (*own) return store_read_begin(r, e);
    return store_reader_late(r, e) ? read_done(r, false, ERR_LIMIT, e) : 0;
}

/* Callbacks may take their time; the transaction's end does not wait for them. */
struct timed_row {
    struct store_each_row each;
    struct store_reader *r;
    struct store_each_row *inner;
};

static int timed_row(struct store_each_row *self, const struct row *row, struct error *e)
{
    struct timed_row *t = (struct timed_row *)self;
    return store_reader_late(t->r, e) ? ERR_LIMIT : t->inner->row(t->inner, row, e);
}

static size_t page_limit(size_t asked)
{
    return asked == 0 || asked > STORE_PAGE_MAX ? STORE_PAGE_MAX : asked;
}

int store_read_list(struct store_reader *r, const struct store_query *q, struct store_each_row *each, struct error *e)
{
    struct timed_row timed = { { timed_row }, r, each };
    struct store_query query = *q;
    bool own;
    query.limit = page_limit(q->limit);
    if (q->from == 0) query.from = store_list_def(q->list).newest ? INT64_MAX : INT64_MIN;
    int rc = read_start(r, &own, e);
    if (rc < 0) return rc;
    return read_done(r, own, r->ops->list(r, &query, &timed.each, e), e);
}

struct keeper {
    struct store_each_row each;
    struct kept_row *kept;
    struct row *out;
};

static int keep_row(struct store_each_row *self, const struct row *row, struct error *e)
{
    struct keeper *k = (struct keeper *)self;
    (void)e;
    memcpy(k->kept->v, row->v, row_defs[row->kind].n_fields * sizeof row->v[0]);
    buf_reset(&k->kept->text);
    k->kept->text.max = row->text.n + 1;
    buf_add(&k->kept->text, row->text);
    *k->out = (struct row){ .kind = row->kind, .v = k->kept->v, .text = buf_slice(&k->kept->text) };
    return 0;
}

int store_read_row(struct store_reader *r, enum row_kind kind, const int64_t *key, struct row *out, struct error *e)
{
    bool own;
    CHECK(kind_is_known(kind));
    if (r->kept[kind] == NULL) r->kept[kind] = mem_alloc(sizeof(struct kept_row));
    struct keeper keeper = { { keep_row }, r->kept[kind], out };
    int rc = read_start(r, &own, e);
    if (rc < 0) return rc;
    return read_done(r, own, r->ops->row(r, kind, key, &keeper.each, e), e);
}

struct slice store_read_text(struct store_reader *r, symbol s)
{
    struct slice text = { NULL, 0 };
    struct error e = { 0 };
    struct row row;
    if (s == 0 || store_texts_get(r->texts, s, &text)) return text;
    if (store_read_row(r, ROW_SYMBOL, &s, &row, &e) < 0) return text;
    return store_texts_add(r->texts, s, row.text);
}

int store_read_entries(struct store_reader *r, incident_id incident, int64_t after, size_t limit,
                       struct store_each_entry *each, struct error *e)
{
    bool own;
    int rc = read_start(r, &own, e);
    if (rc < 0) return rc;
    return read_done(r, own, r->ops->entries(r, incident, after, page_limit(limit), each, e), e);
}

int store_read_history(struct store_reader *r, int64_t after, size_t limit, struct store_each_entry *each,
                       struct error *e)
{
    bool own;
    int rc = read_start(r, &own, e);
    if (rc < 0) return rc;
    return read_done(r, own, r->ops->history(r, after, page_limit(limit), each, e), e);
}

int store_read_all(struct store_reader *r, enum row_kind kind, struct store_each_row *each, struct error *e)
{
    struct timed_row timed = { { timed_row }, r, each };
    bool own;
    CHECK(kind_is_known(kind));
    int rc = read_start(r, &own, e);
    if (rc < 0) return rc;
    return read_done(r, own, r->ops->all_rows(r, kind, &timed.each, e), e);
}

int store_backup(struct store_reader *r, const char *path, struct store_progress *p, struct error *e)
{
    CHECK(!r->reading);
    r->deadline = 0;
    return r->ops->backup(r, path, p, e);
}

/* Alerts come by the hundred, each in a microsecond: the clock is read for every so many. */
enum { ALERTS_A_LOOK = 32 };

struct timed_alert {
    struct store_each_alert each;
    struct store_reader *r;
    struct store_each_alert *inner;
    size_t n;
};

static int timed_alert(struct store_each_alert *self, const struct store_alert *a, struct error *e)
{
    struct timed_alert *t = (struct timed_alert *)self;
    const bool late = t->n++ % ALERTS_A_LOOK == 0 && store_reader_late(t->r, e);
    return late ? ERR_LIMIT : t->inner->alert(t->inner, a, e);
}

int store_read_firing(struct store_reader *r, alert_id after, size_t limit, struct store_each_alert *each,
                      struct error *e)
{
    struct timed_alert timed = { { timed_alert }, r, each, 0 };
    bool own;
    int rc = read_start(r, &own, e);
    if (rc < 0) return rc;
    return read_done(r, own, r->ops->firing(r, after, page_limit(limit), &timed.each, e), e);
}
