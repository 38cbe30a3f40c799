/* alert_table_labels.c - label sets to blocks and back. */
#include "core/alert_table_labels.h"

#include <string.h>

#include "base/check.h"
#include "core/alert_table.h"

void label_names_init(struct label_names *d, uint64_t hash_key)
{
    d->names.numbers = smap_create(hash_key);
    d->values.numbers = smap_create(hash_key);
}

static void texts_release(struct label_texts *t)
{
    smap_destroy(&t->numbers);
    for (size_t i = 0; i < t->v.n; i++) mem_free((void *)(uintptr_t)t->v.v[i].p);
    vec_release(&t->v);
}

void label_names_release(struct label_names *d)
{
    texts_release(&d->names);
    texts_release(&d->values);
    vec_release(&d->widths);
    blocks_release(&d->blocks);
}

static uint64_t text_find(const struct label_texts *t, struct slice text)
{
    int64_t n;
    return smap_get(t->numbers, text, &n) ? (uint64_t)n : 0;
}

static uint64_t text_add(struct label_texts *t, struct slice text)
{
    char *copy = mem_alloc(text.n + 1);
    if (text.n > 0) memcpy(copy, text.p, text.n);
    *vec_push(&t->v) = (struct slice){ copy, text.n };
    smap_put(t->numbers, text, (int64_t)t->v.n);
    return t->v.n;
}

/* Cuts a part and the separator behind it off *text, if they stand there. */
static bool cut_part(struct slice *text, struct slice part)
{
    if (text->n <= part.n || text->p[part.n] != '\xff' || memcmp(text->p, part.p, part.n) != 0) return false;
    *text = slice_from(*text, part.n + 1);
    return true;
}

/* Is it this one again? Mostly it is, and need not be searched for its end, nor looked up. */
static bool cut_again(const struct label_texts *t, uint64_t guess, struct slice *text)
{
    return guess != 0 && cut_part(text, t->v.v[guess - 1]);
}

/* 0 = the dictionary is full. */
static uint64_t name_number(struct label_names *d, struct slice name)
{
    const uint64_t n = text_find(&d->names, name);
    if (n != 0 || d->names.v.n == NAMES_MAX) return n;
    *vec_push(&d->widths) = 0;
    return text_add(&d->names, name);
}

static bool value_is_kept(const struct label_names *d, uint64_t name)
{
    return name != 0 && d->widths.v[name - 1] < VALUES_OF_A_NAME;
}

/* 0 = it is kept as it is. */
static uint64_t value_number(struct label_names *d, uint64_t name, struct slice value)
{
    if (!value_is_kept(d, name) || value.n < 2 || value.n > VALUE_LONGEST) return 0;
    const uint64_t n = text_find(&d->values, value);
    if (n != 0 || d->values.v.n == VALUES_MAX) return n;
    d->widths.v[name - 1]++;
    return text_add(&d->values, value);
}

static size_t number_size(uint64_t n)
{
    size_t size = 1;
    for (; n >= 128; n >>= 7) size++;
    return size;
}

static unsigned char *put_number(unsigned char *to, uint64_t n)
{
    for (; n >= 128; n >>= 7) *to++ = (unsigned char)(n | 128);
    *to = (unsigned char)n;
    return to + 1;
}

/* Bytes behind their length, which is told times `scale`. */
static size_t bytes_size(struct slice s, uint64_t scale)
{
    return number_size(s.n * scale) + s.n;
}

static unsigned char *put_bytes(unsigned char *to, struct slice s, uint64_t scale)
{
    to = put_number(to, s.n * scale);
    if (s.n > 0) memcpy(to, s.p, s.n);
    return to + s.n;
}

static uint64_t take_number(const unsigned char **at)
{
    uint64_t n = 0;
    unsigned shift = 0;
    for (; **at >= 128; shift += 7) n |= (uint64_t)(*(*at)++ & 127) << shift;
    return n | (uint64_t) * (*at)++ << shift;
}

static struct slice take_bytes(const unsigned char **at, size_t n)
{
    const struct slice s = { (const char *)*at, n };
    *at += n;
    return s;
}

/* Cuts a label off the text and numbers what it says for the place where it stands. Returns the bytes that it takes. */
static size_t cut_label(struct label_names *d, struct slice *text, struct label *l, size_t place)
{
    uint64_t name = d->last[place].name, value = d->last[place].value;
    *l = (struct label){ 0 };
    if (!cut_again(&d->names, name, text)) {
        l->name = slice_cut(text, '\xff');
        name = name_number(d, l->name);
    }
    if (!value_is_kept(d, name) || !cut_again(&d->values, value, text)) {
        l->value = slice_cut(text, '\xff');
        value = value_number(d, name, l->value);
    }
    d->last[place].name = name;
    d->last[place].value = value;
    return number_size(name) + (name == 0 ? bytes_size(l->name, 1) : 0) +
           (value == 0 ? bytes_size(l->value, 2) : number_size(2 * value - 1));
}

static unsigned char *put_label(unsigned char *to, const struct label_names *d, struct label l, size_t place)
{
    const uint64_t name = d->last[place].name, value = d->last[place].value;
    to = put_number(to, name);
    if (name == 0) to = put_bytes(to, l.name, 1);
    return value == 0 ? put_bytes(to, l.value, 2) : put_number(to, 2 * value - 1);
}

unsigned char *labels_packed(struct label_names *d, struct slice text)
{
    struct label labels[LABELS_MAX];
    size_t n = 0, size = 1;
    for (; text.n > 0 && n < LABELS_MAX; n++) size += cut_label(d, &text, &labels[n], n);
    CHECK(text.n == 0);
    unsigned char *block = blocks_take(&d->blocks, size), *to = block;
    *to++ = (unsigned char)n;
    for (size_t i = 0; i < n; i++) to = put_label(to, d, labels[i], i);
    CHECK(to == block + size);
    return block;
}

static struct label take_label(const struct label_names *d, const unsigned char **at)
{
    const uint64_t name = take_number(at);
    struct label l;
    l.name = name == 0 ? take_bytes(at, take_number(at)) : d->names.v.v[name - 1];
    const uint64_t value = take_number(at);
    l.value = value % 2 == 0 ? take_bytes(at, value / 2) : d->values.v.v[value / 2];
    return l;
}

size_t labels_unpacked(const struct label_names *d, const unsigned char *block, struct label *out)
{
    size_t n = *block++;
    for (size_t i = 0; i < n; i++) out[i] = take_label(d, &block);
    return n;
}

size_t labels_bytes(const struct label_names *d, const unsigned char *block)
{
    const unsigned char *end = block + 1;
    for (size_t n = *block; n > 0; n--) take_label(d, &end);
    return (size_t)(end - block);
}

bool labels_are(const struct label_names *d, const unsigned char *block, struct slice text)
{
    for (size_t n = *block++; n > 0; n--) {
        struct label l = take_label(d, &block);
        if (!cut_part(&text, l.name) || !cut_part(&text, l.value)) return false;
    }
    return text.n == 0;
}
