/* alert_table_labels.c - label sets to blocks and back. */
#include "core/alert_table_labels.h"

#include <string.h>

#include "base/check.h"
#include "core/alert_table.h"

void label_names_init(struct label_names *d, uint64_t hash_key)
{
    d->numbers = smap_create(hash_key);
}

void label_names_release(struct label_names *d)
{
    smap_destroy(&d->numbers);
    blocks_release(&d->blocks);
    for (size_t i = 0; i < d->names.n; i++) mem_free((void *)(uintptr_t)d->names.v[i].p);
    vec_release(&d->names);
}

static struct slice slice_kept(struct slice s)
{
    char *copy = mem_alloc(s.n + 1);
    if (s.n > 0) memcpy(copy, s.p, s.n);
    return (struct slice){ copy, s.n };
}

/* Of the label at this place of its set. 0 = the dictionary is full. */
static uint64_t name_number(struct label_names *d, struct slice name, uint64_t guess)
{
    int64_t n;
    if (guess != 0 && slice_eq(d->names.v[guess - 1], name)) return guess;
    if (smap_get(d->numbers, name, &n)) return (uint64_t)n;
    if (d->names.n == NAMES_MAX) return 0;
    *vec_push(&d->names) = slice_kept(name);
    smap_put(d->numbers, name, (int64_t)d->names.n);
    return d->names.n;
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

static size_t bytes_size(struct slice s)
{
    return number_size(s.n) + s.n;
}

static unsigned char *put_bytes(unsigned char *to, struct slice s)
{
    to = put_number(to, s.n);
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

static struct slice take_bytes(const unsigned char **at)
{
    struct slice s;
    s.n = take_number(at);
    s.p = (const char *)*at;
    *at += s.n;
    return s;
}

unsigned char *labels_packed(struct label_names *d, struct slice text)
{
    struct label labels[LABELS_MAX];
    uint64_t *numbers = d->last;
    size_t n = 0, size = 1;
    for (; text.n > 0 && n < LABELS_MAX; n++) {
        struct label *l = &labels[n];
        l->name = slice_cut(&text, '\xff');
        l->value = slice_cut(&text, '\xff');
        numbers[n] = name_number(d, l->name, numbers[n]);
        size += number_size(numbers[n]) + (numbers[n] == 0 ? bytes_size(l->name) : 0) + bytes_size(l->value);
    }
    CHECK(text.n == 0);
    unsigned char *block = blocks_take(&d->blocks, size), *to = block;
    *to++ = (unsigned char)n;
    for (size_t i = 0; i < n; i++) {
        to = put_number(to, numbers[i]);
        if (numbers[i] == 0) to = put_bytes(to, labels[i].name);
        to = put_bytes(to, labels[i].value);
    }
    CHECK(to == block + size);
    return block;
}

static struct label take_label(const struct label_names *d, const unsigned char **at)
{
    uint64_t number = take_number(at);
    struct slice name = number == 0 ? take_bytes(at) : d->names.v[number - 1];
    return (struct label){ name, take_bytes(at) };
}

size_t labels_unpacked(const struct label_names *d, const unsigned char *block, struct label *out)
{
    size_t n = *block++;
    for (size_t i = 0; i < n; i++) out[i] = take_label(d, &block);
    return n;
}

void labels_forget(struct label_names *d, const unsigned char *block)
{
    if (block == NULL) return;
    const unsigned char *end = block + 1;
    for (size_t n = *block; n > 0; n--) take_label(d, &end);
    blocks_give(&d->blocks, (void *)(uintptr_t)block, (size_t)(end - block));
}

static bool cut_part(struct slice *text, struct slice part)
{
    return slice_cut_prefix(text, part) && slice_cut_prefix(text, S("\xff"));
}

bool labels_are(const struct label_names *d, const unsigned char *block, struct slice text)
{
    for (size_t n = *block++; n > 0; n--) {
        struct label l = take_label(d, &block);
        if (!cut_part(&text, l.name) || !cut_part(&text, l.value)) return false;
    }
    return text.n == 0;
}
