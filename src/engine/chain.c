/* chain.c - heads in memory, seals of a batch, the link behind it.
 * Always: a head moves only when the transaction that holds its entry is committed. */
#include "engine/chain.h"

#include <inttypes.h>
#include <string.h>

#include "base/check.h"
#include "base/map.h"
#include "base/vec.h"
#include "store/store.h"
#include "sys/entropy.h"

#define HEADS_MAX 65536 /* beyond it all are forgotten and read again where needed */
#define HASHES_MAX ((size_t)256 << 20) /* of one batch: commits that failed for hours */

struct head {
    uint8_t hash[SEAL_BYTES], next[SEAL_BYTES]; /* committed; of the batch under way */
    uint64_t batch; /* in which `next` was set */
};

struct chain {
    uint8_t key[SEAL_KEY_BYTES];
    struct sealer sealer;
    struct store *store;
    struct store_reader *reader; /* opened when first needed */
    struct imap *index; /* incident -> place in heads */
    VEC(struct head) heads;
    VEC(size_t) touched; /* heads with a `next` of this batch */
    uint64_t batch;
    VEC(struct seal) seals;
    struct salt {
        uint8_t bytes[SEAL_SALT_BYTES];
    } * salts; /* of a batch, drawn at once: each draw is a system call */
    struct buf hashes, symbols;
    int64_t last_symbol; /* highest that is known of */
    struct chain_link last, next; /* committed; of the batch under way, id 0: none */
    uint8_t last_hash[SEAL_BYTES], next_text[2 * SEAL_BYTES];
};

struct chain *chain_create(struct slice key, struct store *s)
{
    struct chain *c = mem_alloc(sizeof *c);
    CHECK(key.n == sizeof c->key);
    memcpy(c->key, key.p, sizeof c->key);
    c->sealer.key = (struct slice){ (const char *)c->key, sizeof c->key };
    c->store = s;
    c->index = imap_create(0); /* our own numbers */
    c->hashes.max = c->symbols.max = HASHES_MAX;
    return c;
}

void chain_destroy(struct chain **cp)
{
    struct chain *c = *cp;
    if (c == NULL) return;
    store_reader_close(&c->reader);
    imap_destroy(&c->index);
    vec_release(&c->heads);
    vec_release(&c->touched);
    vec_release(&c->seals);
    mem_free(c->salts);
    buf_release(&c->sealer.scratch);
    buf_release(&c->hashes);
    buf_release(&c->symbols);
    explicit_bzero(c->key, sizeof c->key);
    mem_free(c);
    *cp = NULL;
}

void chain_load(struct chain *c, const struct row *r)
{
    if (r->kind == ROW_SYMBOL && r->v[0] > c->last_symbol) c->last_symbol = r->v[0];
    if (r->kind != ROW_LINK) return;
    memcpy(&c->last, r->v, sizeof c->last);
    if (r->text.n == 2 * SEAL_BYTES) memcpy(c->last_hash, r->text.p + SEAL_BYTES, SEAL_BYTES);
}

/* --- heads ---------------------------------------------------------------------------------------------------------- */

static int reader_of(struct chain *c, struct store_reader **out, struct error *e)
{
    const int rc = c->reader == NULL ? store_reader_open(c->store, &c->reader, e) : 0;
    *out = c->reader;
    return rc;
}

struct one_entry {
    struct store_each_entry each;
    struct sealer *sealer;
    bool found, sealed;
    const char *wrong;
    uint8_t hash[SEAL_BYTES]; /* as stored; zero where the entry is older than the chain */
};

static int look_at_entry(struct store_each_entry *self, const struct entry *en, struct error *e)
{
    struct one_entry *o = (struct one_entry *)self;
    (void)e;
    o->found = true;
    o->sealed = (en->seal->parts & SEAL_HASHED) != 0;
    o->wrong = o->sealed ? seal_judge(o->sealer, en) : NULL;
    if (o->sealed) memcpy(o->hash, en->seal->hash, SEAL_BYTES);
    return 0;
}

static int read_entry(struct chain *c, incident_id id, int64_t seq, struct one_entry *out, struct error *e)
{
    struct store_reader *r;
    *out = (struct one_entry){ .each = { look_at_entry }, .sealer = &c->sealer };
    const int rc = reader_of(c, &r, e);
    return rc < 0 ? rc : store_read_entries(r, id, seq - 1, 1, &out->each, e);
}

static struct head *head_add(struct chain *c, incident_id id, const uint8_t hash[SEAL_BYTES])
{
    imap_put(c->index, (struct ikey){ id, 0 }, (int64_t)c->heads.n);
    struct head *h = vec_push(&c->heads);
    memcpy(h->hash, hash, SEAL_BYTES);
    return h;
}

static void forget_heads(struct chain *c)
{
    imap_destroy(&c->index);
    c->index = imap_create(0);
    vec_clear(&c->heads);
}

/* The head behind which entry `seq` goes. NULL: the store could not be read. */
static struct head *head_of(struct chain *c, incident_id id, int64_t seq, struct error *e)
{
    static const uint8_t none[SEAL_BYTES];
    struct one_entry before;
    int64_t place;
    if (imap_get(c->index, (struct ikey){ id, 0 }, &place)) return &c->heads.v[place];
    if (seq == 1) return head_add(c, id, none);
    if (read_entry(c, id, seq - 1, &before, e) < 0) return NULL;
    return head_add(c, id, before.hash);
}

/* --- a batch -------------------------------------------------------------------------------------------------------- */

static int seal_one(struct chain *c, const struct entry *en, struct seal *seal, struct error *e)
{
    struct head *h = head_of(c, en->incident, en->seq, e);
    if (h == NULL) return e->code;
    memcpy(seal->previous, h->batch == c->batch ? h->next : h->hash, SEAL_BYTES);
    memcpy(seal->salt, c->salts[seal - c->seals.v].bytes, sizeof seal->salt);
    seal_text(&c->sealer, seal->salt, en->text, seal->text_hash);
    seal_entry(&c->sealer, en, seal, seal->hash);
    seal->parts = SEAL_WHOLE;
    memcpy(h->next, seal->hash, SEAL_BYTES);
    if (h->batch != c->batch) *vec_push(&c->touched) = (size_t)(h - c->heads.v);
    h->batch = c->batch;
    buf_add(&c->hashes, (struct slice){ (const char *)seal->hash, SEAL_BYTES });
    return 0;
}

static void note_symbols(struct chain *c, const struct effects *fx)
{
    for (size_t i = 0; i < fx->marks.n; i++) {
        const struct mark *m = &fx->marks.v[i];
        if (m->kind == ROW_SYMBOL && m->key[0] > c->last_symbol) c->last_symbol = m->key[0];
    }
}

static void make_link(struct chain *c, const struct world *w, size_t entries, struct moment now)
{
    c->next = (struct chain_link){ .id = c->last.id + 1,
                                   .at = now.steady_ms,
                                   .wall = now.wall_ms,
                                   .entries = c->last.entries + (int64_t)entries,
                                   .symbols = c->last_symbol };
    for (symbol s = c->last.symbols + 1; s <= c->last_symbol; s++) {
        const struct slice text = world_text(w, s);
        if (text.n > 0) seal_add_symbol(&c->symbols, s, text);
    }
    CHECK(!c->hashes.overflow && !c->symbols.overflow);
    memcpy(c->next_text, c->last_hash, SEAL_BYTES);
    seal_link(&c->sealer, &c->next, c->last_hash, buf_slice(&c->hashes), buf_slice(&c->symbols),
              &c->next_text[SEAL_BYTES]);
}

int chain_seal(struct chain *c, const struct world *w, struct effects *fx, struct moment now, struct error *e)
{
    c->batch++;
    vec_clear(&c->touched);
    vec_clear(&c->seals);
    buf_reset(&c->hashes);
    buf_reset(&c->symbols);
    c->next.id = 0;
    note_symbols(c, fx);
    if (fx->entries.n == 0) return 0;
    c->salts = mem_realloc(c->salts, fx->entries.n * sizeof c->salts[0]);
    entropy_fill(c->salts, fx->entries.n * sizeof c->salts[0]);
    for (size_t i = 0; i < fx->entries.n; i++) {
        struct seal *seal = vec_push(&c->seals);
        const int rc = seal_one(c, &fx->entries.v[i], seal, e);
        if (rc < 0) return rc;
    }
    for (size_t i = 0; i < fx->entries.n; i++) fx->entries.v[i].seal = &c->seals.v[i];
    make_link(c, w, fx->entries.n, now);
    return 0;
}

void chain_put(struct chain *c, struct store *s)
{
    if (c->next.id == 0) return;
    store_put_row(s, &(struct row){ .kind = ROW_LINK,
                                    .v = &c->next.id,
                                    .text = { (const char *)c->next_text, sizeof c->next_text } });
}

void chain_committed(struct chain *c)
{
    for (size_t i = 0; i < c->touched.n; i++) {
        struct head *h = &c->heads.v[c->touched.v[i]];
        memcpy(h->hash, h->next, SEAL_BYTES);
    }
    if (c->next.id != 0) {
        c->last = c->next;
        memcpy(c->last_hash, &c->next_text[SEAL_BYTES], SEAL_BYTES);
    }
    c->next.id = 0;
    if (c->heads.n > HEADS_MAX) forget_heads(c);
}

bool chain_head(const struct chain *c, struct chain_link *link, uint8_t hash[SEAL_BYTES])
{
    *link = c->last;
    memcpy(hash, c->last_hash, SEAL_BYTES);
    return c->last.id != 0;
}

/* --- start ---------------------------------------------------------------------------------------------------------- */

struct walk {
    struct store_each_entry each;
    struct chain *c;
    int64_t at; /* place of the last entry seen */
    size_t got;
    int64_t bad; /* place of the first entry that is not what was sealed; 0: none */
};

static int walk_entry(struct store_each_entry *self, const struct entry *en, struct error *e)
{
    struct walk *k = (struct walk *)self;
    (void)e;
    k->got++;
    k->at = en->seal->id;
    if (k->at > k->c->last.entries || (en->seal->parts & SEAL_HASHED) == 0) return 0;
    if (k->bad == 0 && seal_judge(&k->c->sealer, en) != NULL) k->bad = k->at;
    buf_add(&k->c->hashes, (struct slice){ (const char *)en->seal->hash, SEAL_BYTES });
    return 0;
}

static int walk_on(struct chain *c, struct walk *k, struct error *e)
{
    struct store_reader *r;
    int rc = reader_of(c, &r, e);
    do {
        k->got = 0;
        if (rc == 0) rc = store_read_history(r, k->at, 0, &k->each, e);
    } while (rc == 0 && k->got == STORE_PAGE_MAX);
    return rc;
}

/* A store that is older than the chain: the first link stands behind what is there. */
static int start_anew(struct chain *c, struct error *e)
{
    struct walk k = { .each = { walk_entry }, .c = c };
    const int rc = store_is_new(c->store) ? 0 : walk_on(c, &k, e);
    c->last.entries = k.at;
    return rc;
}

/* Where the link before the last one ended; its hash must be the one that the last names. */
static int link_before(struct chain *c, struct chain_link *out, uint8_t hash[SEAL_BYTES], struct error *e)
{
    struct store_reader *r;
    struct row row;
    const int64_t key = c->last.id - 1;
    *out = (struct chain_link){ 0 };
    memset(hash, 0, SEAL_BYTES);
    int rc = reader_of(c, &r, e);
    if (rc < 0) return rc;
    rc = store_read_row(r, ROW_LINK, &key, &row, e);
    if (rc == ERR_NOT_FOUND && key == 0) return 0;
    if (rc < 0) return rc == ERR_NOT_FOUND ? fail(e, ERR_INVALID, "link %" PRId64 " is missing", key) : rc;
    memcpy(out, row.v, sizeof *out);
    if (row.text.n == 2 * SEAL_BYTES) memcpy(hash, row.text.p + SEAL_BYTES, SEAL_BYTES);
    return 0;
}

static int check_last_link(struct chain *c, const struct world *w, struct error *e)
{
    struct chain_link before;
    uint8_t previous[SEAL_BYTES], hash[SEAL_BYTES];
    int rc = link_before(c, &before, previous, e);
    if (rc < 0) return rc;
    struct walk k = { .each = { walk_entry }, .c = c, .at = before.entries };
    buf_reset(&c->hashes);
    buf_reset(&c->symbols);
    if ((rc = walk_on(c, &k, e)) < 0) return rc;
    if (k.at > c->last.entries) {
        c->last.entries = k.at; /* later links begin behind them: verify names these */
        return fail(e, ERR_INVALID, "entries stand behind the last link %" PRId64, c->last.id);
    }
    if (k.bad != 0) return fail(e, ERR_INVALID, "entry %" PRId64 " of the history was changed", k.bad);
    for (symbol s = before.symbols + 1; s <= c->last.symbols; s++)
        if (world_text(w, s).n > 0) seal_add_symbol(&c->symbols, s, world_text(w, s));
    seal_link(&c->sealer, &c->last, previous, buf_slice(&c->hashes), buf_slice(&c->symbols), hash);
    if (memcmp(hash, c->last_hash, SEAL_BYTES) != 0)
        return fail(e, ERR_INVALID, "the last link %" PRId64 " does not fit what it covers, or the key is another",
                    c->last.id);
    return 0;
}

static int check_heads(struct chain *c, const struct world *w, struct error *e)
{
    struct one_entry last;
    struct row r;
    int rc = 0;
    for (size_t at = 0; world_next_row(w, ROW_INCIDENT, &at, &r);) {
        struct incident i;
        memcpy(&i, r.v, sizeof i);
        if (i.seq == 0) continue;
        const int read = read_entry(c, i.id, i.seq, &last, e);
        if (read < 0) return read;
        if (rc == 0 && (!last.found || last.wrong != NULL))
            rc = fail(e, ERR_INVALID, "the last entry of INC-%" PRId64 ": %s", i.id,
                      last.found ? last.wrong : "it is missing");
        head_add(c, i.id, last.hash);
    }
    return rc;
}

int chain_start(struct chain *c, const struct world *w, struct error *e)
{
    struct error heads = { 0 };
    int rc = c->last.id == 0 ? start_anew(c, e) : check_last_link(c, w, e);
    const int also = check_heads(c, w, &heads);
    if (rc == 0 && also < 0) {
        rc = also;
        *e = heads;
    }
    return rc;
}
