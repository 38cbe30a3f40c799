/* alert_table_labels.h - how the alert table keeps label sets: names once, values as they are.
 *
 * A set is a block: the number of labels, then for each the number of its name, the length of its value (both in seven
 * bits a byte, lowest first, the top bit says that more follows) and the value's bytes. Name 0 stands for a name that the
 * full dictionary did not take: its length and bytes follow at once. For alert_table*.c alone. */
#ifndef CORE_ALERT_TABLE_LABELS_H
#define CORE_ALERT_TABLE_LABELS_H

#include "base/blocks.h"
#include "base/map.h"
#include "core/alert_table.h"

enum { NAMES_MAX = 4096 }; /* a sender that makes up names must not fill the memory with them */

struct label_names {
    struct smap *numbers; /* name -> its number from 1 */
    VEC(struct slice) names; /* owned; number - 1 */
    uint64_t last[LABELS_MAX]; /* numbers of the set that was packed last: the next one has mostly the same names */
    struct blocks blocks; /* of the sets */
};

void label_names_init(struct label_names *d, uint64_t hash_key);
void label_names_release(struct label_names *d); /* after every set was forgotten */
/* The block for a canonical text; labels_forget() takes it back. */
unsigned char *labels_packed(struct label_names *d, struct slice text);
void labels_forget(struct label_names *d, const unsigned char *block); /* NULL is fine */
/* Borrowed from the block and the dictionary. Returns how many, at most 64. */
size_t labels_unpacked(const struct label_names *d, const unsigned char *block, struct label *out);
bool labels_are(const struct label_names *d, const unsigned char *block, struct slice text);

#endif
