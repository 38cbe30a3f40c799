/* known.c - recognises alerts by their bytes.
 * Not here: JSON (alertmanager.c reads it), who keeps this for how long (api/alerts.c).
 * Always: what is found equals in every byte, but for the value of endsAt, what was read in full before; whatever is
 * unusual is not known. A hash only says where to look.
 */
#include "ingest/known.h"

#include "base/vec.h"
#include "ingest/alertmanager.h"

enum {
    SETS = 256,
    WAYS = 16, /* places of one set: a hash says which */
    SEEN = 4096, /* hashes of what was sent once */
    BODIES = 1024,
    TAIL = 64, /* bytes that a body is recognised by, for a guess */
    STRANGE = 64, /* bodies in a row of which nothing was ever seen: from then on … */
    LOOK_EVERY = 8, /* … one of so many is looked at, until something is */
    PIECES = 256, /* alerts of one body; Prometheus sends 64 at most */
    PIECE_MAX = 8 << 10,
    ENDS_MAX = 40, /* 2006-01-02T15:04:05.999999999+01:00 and a little */
    NOWHERE = SETS * WAYS,
};

/* What was read from one alert. Behind it: the sizes of names and values, then its texts in a row: labels_text,
 * annotations, summary (as the arena keeps them, NUL behind the last two), and the bytes that it is known by. */
struct recalled {
    uint64_t fingerprint;
    int64_t starts, ends;
    uint32_t before, after; /* bytes around the value of endsAt; after == 0: there is none */
    uint32_t labels_text, annotations, summary;
    uint16_t n_labels;
    uint16_t next; /* where the alert stands that came behind it last time */
    bool heard; /* since somebody looked for room */
    uint16_t sizes[];
};

/* One alert of a body. */
struct piece {
    struct slice before, ends, after; /* around the value of "endsAt"; `before` is all where that is not said */
    uint64_t hash;
    struct recalled *alert; /* NULL: not known */
};

struct known {
    struct recalled *v[NOWHERE + 1]; /* the last is always NULL */
    uint32_t tags[NOWHERE]; /* of hashes: a set's lie in one line of the cache */
    uint32_t seen[SEEN];
    uint16_t firsts[BODIES]; /* by a body's end: the place of the alert that it began with */
    size_t bytes, hand; /* of all alerts; hand: where room is looked for next */
    struct piece pieces[PIECES];
    size_t n_pieces;
    uint32_t strange; /* bodies in a row of which nothing was seen before */
};

struct known *known_create(void)
{
    return mem_alloc(sizeof(struct known));
}

void known_destroy(struct known **k)
{
    if (*k == NULL) return;
    for (size_t i = 0; i < NOWHERE; i++) mem_free((*k)->v[i]);
    mem_free(*k);
    *k = NULL;
}

static size_t texts_size(const struct recalled *e)
{
    return (size_t)e->labels_text + e->annotations + 1 + e->summary + 1;
}

static const char *texts_of(const struct recalled *e)
{
    return (const char *)(e->sizes + (size_t)2 * e->n_labels);
}

static size_t alert_size(const struct recalled *e)
{
    return sizeof *e + (size_t)2 * e->n_labels * sizeof e->sizes[0] + texts_size(e) + e->before + e->after;
}

/* ---- one alert of a body, cut off without being read ---- */

/* The bytes of a JSON text behind its opening quote, and the closing one; 0: it does not end. */
static size_t text_size(struct slice s)
{
    size_t at = 0;
    while ((at += slice_find_char(slice_from(s, at), '"')) < s.n) {
        size_t escapes = 0;
        while (escapes < at && s.p[at - escapes - 1] == '\\') escapes++;
        at++;
        if (escapes % 2 == 0) return at;
    }
    return 0;
}

/* The object at the start of *rest. Its brackets and quotes are followed, nothing else: whether it is JSON was found out
 * when these bytes were read in full. */
static bool piece_cut(struct slice *rest, struct piece *out)
{
    static const struct slice key = { "\"endsAt\":\"", sizeof "\"endsAt\":\"" - 1 };
    const struct slice s = *rest;
    size_t depth = 0, ends = 0, ends_size = 0;

    for (size_t i = 0; i < s.n; i++) {
        const char c = s.p[i];
        size_t size;
        if (c == '"') {
            const bool is_ends = depth == 1 && ends == 0 && slice_has_prefix(slice_from(s, i), key);
            if (is_ends) i += key.n - 1;
            size = text_size(slice_from(s, i + 1));
            if (size == 0) return false;
            if (is_ends) ends = i + 1, ends_size = size - 1;
            i += size;
        } else if (c == '{' || c == '[') {
            depth++;
        } else if ((c == '}' || c == ']') && --depth == 0) {
            const struct slice all = slice_upto(s, i + 1);
            const struct slice none = { 0 };
            *out = (struct piece){ ends == 0 ? all : slice_upto(all, ends),
                                   ends == 0 ? none : slice_upto(slice_from(all, ends), ends_size),
                                   ends == 0 ? none : slice_from(all, ends + ends_size), 0, NULL };
            *rest = slice_from(s, i + 1);
            return true;
        }
    }
    return false;
}

/* ---- looking them up ---- */

static bool is_written_so(const struct recalled *e, const struct piece *p)
{
    const char *bytes = texts_of(e) + texts_size(e);
    return e->before == p->before.n && e->after == p->after.n && memcmp(bytes, p->before.p, p->before.n) == 0 &&
           (p->after.n == 0 || memcmp(bytes + e->before, p->after.p, p->after.n) == 0);
}

/* The place of what is written so; NOWHERE. */
static size_t place_of(const struct known *k, const struct piece *p)
{
    const size_t first = (size_t)(p->hash % SETS) * WAYS;
    for (size_t i = first; i < first + WAYS; i++)
        if (k->tags[i] == (uint32_t)(p->hash >> 32) && k->v[i] != NULL && is_written_so(k->v[i], p)) return i;
    return NOWHERE;
}

/* Does *rest begin with this alert? Whoever sends the same again mostly does it in the same order: then nothing has to be
 * searched for. */
static bool piece_expect(struct recalled *e, struct slice *rest, struct piece *out)
{
    struct slice after;
    const char *bytes, *quote;

    if (e == NULL || rest->n < e->before) return false;
    bytes = texts_of(e) + texts_size(e);
    if (memcmp(bytes, rest->p, e->before) != 0) return false;
    *out = (struct piece){ .before = slice_upto(*rest, e->before), .alert = e };
    after = slice_from(*rest, e->before);
    if (e->after > 0) {
        quote = memchr(after.p, '"', after.n < ENDS_MAX ? after.n : ENDS_MAX);
        if (quote == NULL) return false;
        out->ends = (struct slice){ after.p, (size_t)(quote - after.p) };
        after = slice_from(after, out->ends.n);
        out->after = slice_upto(after, e->after);
        if (after.n < e->after || memcmp(bytes + e->before, after.p, e->after) != 0) return false;
    }
    *rest = slice_from(after, e->after);
    return true;
}

/* `guess`: where it may stand; corrected where it stands elsewhere. */
static bool piece_find(struct known *k, struct slice *rest, uint16_t *guess, struct piece *out)
{
    size_t at;
    if (piece_expect(k->v[*guess], rest, out)) return true;
    if (!piece_cut(rest, out)) return false;
    out->hash = hash_bytes(hash_bytes(0, out->before), out->after);
    at = place_of(k, out);
    out->alert = k->v[at];
    *guess = (uint16_t)at;
    return true;
}

static void skip_blanks(struct slice *s)
{
    while (s->n > 0 && (s->p[0] == ' ' || s->p[0] == '\t' || s->p[0] == '\r' || s->p[0] == '\n'))
        *s = slice_from(*s, 1);
}

/* Who sends the same alerts in the same order ends with the same one. */
static uint16_t *first_guess(struct known *k, struct slice body)
{
    return &k->firsts[hash_bytes(0, slice_from(body, body.n - (body.n < TAIL ? body.n : TAIL))) % BODIES];
}

/* The pieces of [{…},{…}]; false: it is something else, or more. */
static bool list_cut(struct known *k, struct slice body)
{
    struct recalled *alert;
    uint16_t nobody = NOWHERE, *guess = first_guess(k, body);
    k->n_pieces = 0;
    skip_blanks(&body);
    for (char mark = '['; slice_cut_prefix(&body, (struct slice){ &mark, 1 }); mark = ',') {
        skip_blanks(&body);
        if (k->n_pieces == PIECES || body.n == 0 || body.p[0] != '{') return false;
        if (!piece_find(k, &body, guess, &k->pieces[k->n_pieces])) return false;
        alert = k->pieces[k->n_pieces++].alert;
        guess = alert != NULL ? &alert->next : &nobody;
        skip_blanks(&body);
    }
    if (k->n_pieces == 0 || !slice_cut_prefix(&body, S("]"))) return false;
    skip_blanks(&body);
    return body.n == 0;
}

/* ---- from what is known to signals ---- */

/* A time and nothing that would have to be unescaped or repaired. */
static bool ends_read(struct slice s, int64_t *out)
{
    struct error e = { 0 };
    for (size_t i = 0; i < s.n; i++) {
        const char c = s.p[i];
        if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == ':' || c == '.' ||
              c == '+' || c == '-'))
            return false;
    }
    return s.n <= ENDS_MAX && alertmanager_time(s, out, &e) == 0;
}

static bool signal_make(struct arena *a, const struct recalled *e, struct signal *s)
{
    struct label *labels = arena_alloc(a, e->n_labels * sizeof *labels + texts_size(e));
    char *at;

    if (labels == NULL) return false;
    at = memcpy(labels + e->n_labels, texts_of(e), texts_size(e));
    s->labels = labels;
    s->n_labels = e->n_labels;
    s->labels_text = (struct slice){ at, e->labels_text };
    s->fingerprint = e->fingerprint;
    s->annotations = (struct slice){ at + e->labels_text, e->annotations };
    s->summary = (struct slice){ s->annotations.p + e->annotations + 1, e->summary };
    for (size_t i = 0; i < e->n_labels; i++) {
        const size_t name = e->sizes[2 * i], value = e->sizes[2 * i + 1];
        labels[i] = (struct label){ { at, name }, { at + name + 1, value } };
        at += name + value + 2;
    }
    return true;
}

/* False: this has to be read in full, for what is to be said against it. */
static bool signal_time(const struct recalled *e, int64_t ends, struct signal *s)
{
    if (e->starts != 0 && ends != 0 && ends < e->starts) return false;
    s->starts = e->starts == 0 ? ends : e->starts;
    s->ends = ends;
    return true;
}

/* Where all is new, looking costs as much as a fifth of reading. */
static bool is_looked_at(struct known *k)
{
    return ++k->strange <= STRANGE || k->strange % LOOK_EVERY == 0;
}

bool known_read(struct known *k, struct arena *a, struct slice body, struct signal **v, size_t *n)
{
    struct slice text = { 0 };
    struct signal *signals;
    int64_t ends = 0;

    if (!is_looked_at(k) || !list_cut(k, body)) {
        k->n_pieces = 0;
        return false;
    }
    for (size_t i = 0; i < k->n_pieces; i++)
        if (k->pieces[i].alert == NULL) return false;
    k->strange = 0;
    if ((signals = arena_array(a, struct signal, k->n_pieces)) == NULL) return false;
    for (size_t i = 0; i < k->n_pieces; i++) {
        const struct piece *p = &k->pieces[i];
        if (p->after.n > 0 && (text.p == NULL || !slice_eq(text, p->ends))) {
            if (!ends_read(p->ends, &ends)) return false;
            text = p->ends;
        }
        if (!signal_time(p->alert, p->after.n > 0 ? ends : p->alert->ends, &signals[i])) return false;
        if (!signal_make(a, p->alert, &signals[i])) return false;
        p->alert->heard = true;
    }
    *v = signals;
    *n = k->n_pieces;
    return true;
}

/* ---- keeping ---- */

static void drop(struct known *k, size_t at)
{
    if (k->v[at] == NULL) return;
    k->bytes -= alert_size(k->v[at]);
    mem_free(k->v[at]);
    k->v[at] = NULL;
}

/* Until there is room for so many bytes more. What was heard since the hand came by is passed over once. */
static void make_room(struct known *k, size_t size)
{
    while (k->bytes + size > KNOWN_MAX_BYTES) {
        struct recalled *e = k->v[k->hand];
        if (e != NULL && e->heard)
            e->heard = false;
        else
            drop(k, k->hand);
        k->hand = (k->hand + 1) % NOWHERE;
    }
}

/* A place of its set: a free one, else one that was not heard lately, else any. */
static size_t place_for(struct known *k, uint64_t hash)
{
    const size_t first = (size_t)(hash % SETS) * WAYS;
    size_t best = first + (size_t)(hash >> 16) % WAYS;
    for (size_t i = first; i < first + WAYS; i++) {
        if (k->v[i] == NULL) return i;
        if (!k->v[i]->heard) best = i;
    }
    for (size_t i = first; i < first + WAYS; i++) k->v[i]->heard = false;
    return best;
}

static struct recalled *alert_make(const struct piece *p, const struct signal *s, const struct known_said *said)
{
    struct recalled head = {
        .fingerprint = fnv1a64(FNV1A64_START, s->labels_text),
        .starts = said->starts,
        .ends = s->ends,
        .before = (uint32_t)p->before.n,
        .after = (uint32_t)p->after.n,
        .labels_text = (uint32_t)s->labels_text.n,
        .annotations = (uint32_t)s->annotations.n,
        .summary = (uint32_t)s->summary.n,
        .n_labels = (uint16_t)s->n_labels,
        .next = NOWHERE,
        .heard = true,
    };
    struct recalled *e = mem_alloc(alert_size(&head));
    char *at;

    *e = head;
    for (size_t i = 0; i < s->n_labels; i++) {
        e->sizes[2 * i] = (uint16_t)s->labels[i].name.n;
        e->sizes[2 * i + 1] = (uint16_t)s->labels[i].value.n;
    }
    at = (char *)(e->sizes + 2 * s->n_labels);
    const struct {
        struct slice text;
        size_t behind;
    } parts[] = {
        { s->labels_text, 0 }, { s->annotations, 1 }, { s->summary, 1 }, { p->before, 0 }, { p->after, 0 },
    };
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (parts[i].text.n > 0) memcpy(at, parts[i].text.p, parts[i].text.n);
        at += parts[i].text.n + parts[i].behind;
    }
    return e;
}

/* True the second time, and then it is forgotten here. Whoever fell out of a full set finds
 * room in it when its others were seen again: in one place for each hash, two of a sender's alerts, which always come in the
 * same order, would push each other out for ever. */
static bool was_seen(struct known *k, uint64_t hash)
{
    uint32_t *set = &k->seen[hash % (SEEN / WAYS) * WAYS];
    const uint32_t tag = (uint32_t)(hash >> 32) | 1; /* 0: free */
    size_t place = (size_t)(hash >> 16) % WAYS;
    for (size_t i = 0; i < WAYS; i++) {
        if (set[i] == tag) {
            set[i] = 0;
            return true;
        }
        if (set[i] == 0) place = i;
    }
    set[place] = tag;
    return false;
}

void known_keep(struct known *k, size_t i, const struct signal *s, const struct known_said *said)
{
    const struct piece *p = i < k->n_pieces ? &k->pieces[i] : NULL;
    struct recalled *e;
    size_t at;

    if (p == NULL || p->alert != NULL || p->before.n + p->after.n > PIECE_MAX) return;
    if (p->after.n > 0 && said->ends != 1) return; /* which of them counts is not for us to say */
    if (!was_seen(k, p->hash)) return;
    k->strange = 0;
    if (place_of(k, p) != NOWHERE) return;
    e = alert_make(p, s, said);
    make_room(k, alert_size(e));
    at = place_for(k, p->hash);
    drop(k, at);
    k->v[at] = e;
    k->tags[at] = (uint32_t)(p->hash >> 32);
    k->bytes += alert_size(e);
}

size_t known_size(const struct known *k)
{
    return k->bytes;
}
