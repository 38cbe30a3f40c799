/* spool.c - the file: records one behind the other, each with its checksum.
 *
 *   record = "tocspool" ‖ period ‖ serial ‖ length ‖ checksum ‖ body       integers 64-bit, as this machine has them
 *
 * `period` is the serial of the commit that the records stand on: what an earlier period left behind the last record of
 * this one is not read, and nothing is put over an older store than that. The checksum is FNV-1a over all of it but itself: it finds what was torn, not a forger.
 * Always: records stand from the first byte on without a gap; serials grow. */
#include "engine/spool.h"

#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "engine/spool_rows.h"
#include "sys/files.h"

#define READ_MAX ((size_t)256 << 20)

static const char magic[8] = "tocspool";

struct head {
    char magic[8];
    int64_t period, serial, length;
    uint64_t checksum;
};

struct spool {
    struct buf path;
    int fd;
    bool named; /* its name is on disk: waited for by the first record, not by every start */
    int64_t size, at; /* bytes; behind the last record */
    int64_t period; /* of the records, if there are any */
    struct buf record; /* scratch */
    VEC(uint64_t) written; /* by place in the batch's marks: hash of what the last record said of it, 0 = nothing yet */
    size_t entries; /* of the batch, written */
};

int spool_open(const char *path, int64_t bytes, struct spool **out, struct error *e)
{
    struct spool *s = mem_alloc(sizeof *s);
    buf_add_str(&s->path, path);
    s->size = bytes;
    s->record.max = (size_t)bytes;
    s->fd = -1;
    const int rc = file_reserve(path, bytes, &s->fd, e);
    if (rc < 0)
        spool_close(&s);
    else
        *out = s;
    return rc;
}

void spool_close(struct spool **sp)
{
    struct spool *s = *sp;
    if (s == NULL) return;
    if (s->fd >= 0) close(s->fd);
    buf_release(&s->path);
    buf_release(&s->record);
    vec_release(&s->written);
    mem_free(s);
    *sp = NULL;
}

static uint64_t checksum_of(const struct head *h, struct slice body)
{
    const uint64_t sum = fnv1a64(FNV1A64_START, (struct slice){ (const char *)h, offsetof(struct head, checksum) });
    return fnv1a64(sum, body);
}

/* --- out --- */

#define HASH_OF_GONE UINT64_C(1)

static uint64_t hash_now(const struct world *w, const struct mark *m, struct row *r)
{
    const bool there = !m->deleted && world_row(w, m, r);
    if (!there) return m->deleted ? HASH_OF_GONE : 0; /* not deleted and not there: forgotten, what is stored stays */
    const uint64_t h = row_hash(FNV1A64_START, r);
    return h > HASH_OF_GONE ? h : HASH_OF_GONE + 1;
}

static void add_marks(struct spool *s, const struct world *w, const struct effects *fx)
{
    struct row r;
    for (size_t i = 0; i < fx->marks.n; i++) {
        const struct mark *m = &fx->marks.v[i];
        const uint64_t h = hash_now(w, m, &r);
        if (i < s->written.n && s->written.v[i] == h) continue;
        if (h == HASH_OF_GONE)
            spool_add_deletion(&s->record, m->kind, m->key);
        else if (h != 0)
            spool_add_row(&s->record, &r);
    }
}

static void note_written(struct spool *s, const struct world *w, const struct effects *fx)
{
    struct row r;
    vec_clear(&s->written);
    for (size_t i = 0; i < fx->marks.n; i++) *vec_push(&s->written) = hash_now(w, &fx->marks.v[i], &r);
    s->entries = fx->entries.n;
}

int spool_write(struct spool *s, const struct world *w, const struct effects *fx, const struct clock_row *clock,
                int64_t base, struct error *e)
{
    struct head h = { .period = s->at == 0 ? base : s->period, .serial = clock->serial };
    buf_reset(&s->record);
    buf_add(&s->record, (struct slice){ (const char *)&h, sizeof h });
    add_marks(s, w, fx);
    for (size_t i = s->entries; i < fx->entries.n; i++) spool_add_entry(&s->record, &fx->entries.v[i]);
    for (size_t i = 0; i < fx->erasures.n; i++)
        spool_add_erasure(&s->record, &fx->erasures.v[i]); /* few, and twice is once */
    spool_add_row(&s->record, &(struct row){ .kind = ROW_CLOCK, .v = &clock->id });
    if (s->record.overflow || s->at + (int64_t)s->record.len > s->size)
        return fail(e, ERR_LIMIT, "%s is full", buf_str(&s->path));
    memcpy(h.magic, magic, sizeof magic);
    h.length = (int64_t)(s->record.len - sizeof h);
    h.checksum = checksum_of(&h, slice_from(buf_slice(&s->record), sizeof h));
    memcpy(s->record.p, &h, sizeof h);
    int rc = file_write_at(s->fd, s->at, buf_slice(&s->record), buf_str(&s->path), e);
    if (rc == 0 && !s->named) rc = file_sync_name(buf_str(&s->path), e);
    if (rc < 0) return rc;
    s->named = true;
    s->period = h.period;
    s->at += (int64_t)s->record.len;
    note_written(s, w, fx);
    return 0;
}

void spool_clear(struct spool *s)
{
    struct error ignored = { 0 }; /* the serials tell that it is old */
    static const char zeros[4096];
    for (int64_t at = 0; at < s->at; at += (int64_t)sizeof zeros) {
        const int64_t left = s->at - at;
        const size_t n = left < (int64_t)sizeof zeros ? (size_t)left : sizeof zeros;
        if (pwrite(s->fd, zeros, n, at) < 0) break;
    }
    if (s->at > 0)
        (void)file_write_at(s->fd, 0, (struct slice){ zeros, sizeof(struct head) }, buf_str(&s->path), &ignored);
    s->at = s->period = 0;
    s->entries = 0;
    vec_clear(&s->written);
}

void spool_dropped(struct spool *s, size_t entries)
{
    s->entries -= entries < s->entries ? entries : s->entries;
}

int64_t spool_used(const struct spool *s)
{
    return s->at;
}

/* --- in --- */

/* The record at the front of `rest`; false: none, or one that was torn. */
static bool record_at(struct slice rest, struct head *h, struct slice *body)
{
    if (rest.n < sizeof *h) return false;
    memcpy(h, rest.p, sizeof *h);
    if (memcmp(h->magic, magic, sizeof magic) != 0 || h->length < 0 || (uint64_t)h->length > rest.n - sizeof *h)
        return false;
    *body = slice_upto(slice_from(rest, sizeof *h), (size_t)h->length);
    return h->checksum == checksum_of(h, *body);
}

/* Nearly always: a look at the first bytes is enough. */
static bool is_empty(const struct spool *s)
{
    char first[sizeof magic];
    return pread(s->fd, first, sizeof first, 0) == (ssize_t)sizeof first && memcmp(first, magic, sizeof magic) != 0;
}

int spool_read(struct spool *s, int64_t serial, struct spooled *out, struct error *e)
{
    struct buf bytes = { .max = READ_MAX };
    struct head h;
    struct slice body;
    int64_t last = 0;
    *out = (struct spooled){ .arena = arena_create(0) };
    if (is_empty(s)) return 0;
    int rc = file_read(buf_str(&s->path), READ_MAX, &bytes, e);
    struct slice rest = buf_slice(&bytes);
    while (rc == 0 && record_at(rest, &h, &body)) {
        if ((s->at > 0 && h.period != s->period) || h.serial <= last) break;
        if (h.period > serial)
            rc = fail(e, ERR_CONFLICT, "%s is of a later time than the store: was a backup restored?",
                      buf_str(&s->path));
        s->period = h.period;
        last = h.serial;
        if (rc == 0 && h.serial > serial) {
            rc = spool_take_items(body, out, e);
            out->records++;
        }
        rest = slice_from(rest, sizeof h + body.n);
        s->at += (int64_t)(sizeof h + body.n);
    }
    buf_release(&bytes);
    if (rc < 0) s->at = s->period = 0; /* behind what cannot be read the next start would find nothing */
    return rc;
}

void spooled_release(struct spooled *p)
{
    for (size_t i = 0; i < COUNT_OF(p->index); i++) imap_destroy(&p->index[i]);
    vec_release(&p->rows);
    vec_release(&p->entries);
    vec_release(&p->erasures);
    imap_destroy(&p->seen);
    arena_destroy(&p->arena);
    p->records = 0;
}

bool spooled_has(const struct spooled *p, enum row_kind kind, const int64_t *v)
{
    return p->index[kind] != NULL && imap_get(p->index[kind], row_key(kind, v), NULL);
}
