/* alert_table_labels.h - how the alert table keeps label sets: texts that repeat once, the others as they are.
 *
 * A set is a block: the number of labels, then for each the number of its name and its value. Numbers have seven bits a
 * byte, lowest first; the top bit says that more follows. Name 0 stands for a name that the full dictionary did not take:
 * its length and bytes follow at once. A value is twice its length and its bytes, or an odd number: one more than twice
 * its place in the dictionary of values. A name that has many values (`instance`) leaves that dictionary alone.
 * For alert_table*.c alone. */
#ifndef CORE_ALERT_TABLE_LABELS_H
#define CORE_ALERT_TABLE_LABELS_H

#include "base/blocks.h"
#include "base/map.h"
#include "core/alert_table.h"

/* Nothing leaves a dictionary: a sender that makes up names and values must not fill the memory with them. */
enum { NAMES_MAX = 4096, VALUES_MAX = 4096, VALUES_OF_A_NAME = 256, VALUE_LONGEST = 256 };

struct label_texts {
    struct smap *numbers; /* text -> its place + 1 */
    VEC(struct slice) v; /* owned */
};

struct label_names {
    struct label_texts names, values;
    VEC(uint16_t) widths; /* of each name: values that it brought into the dictionary */
    struct {
        uint64_t name, value;
    } last[LABELS_MAX]; /* numbers of the set that was packed last: the next one has mostly the same */
    struct blocks blocks; /* of the sets */
};

void label_names_init(struct label_names *d, uint64_t hash_key);
void label_names_release(struct label_names *d); /* after every block was given back */
/* The block for a canonical text, and its size. */
unsigned char *labels_packed(struct label_names *d, struct slice text);
size_t labels_bytes(const struct label_names *d, const unsigned char *block);
/* Borrowed from the block and the dictionary. Returns how many, at most 64. */
size_t labels_unpacked(const struct label_names *d, const unsigned char *block, struct label *out);
bool labels_are(const struct label_names *d, const unsigned char *block, struct slice text);

#endif
