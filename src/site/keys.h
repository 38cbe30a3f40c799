/* keys.h - one row a key: name, type, place in its struct, whether it must be there, a sentence of help.
 *
 * A section of the site's files is a table of such rows; section_read() walks a map once, stores the simple values by
 * offset, calls `read` for the rest, and reports unknown keys (with the nearest known one) and missing ones. Private to
 * site/. docs/site.md ends with these tables, printed by manual.c. */
#ifndef SITE_KEYS_H
#define SITE_KEYS_H

#include "site/tree.h"

struct arena;
struct loader;

enum key_type {
    KEY_UNSET = 0,
    KEY_TEXT, /* struct slice, not empty */
    KEY_BOOL, /* bool: true, false, yes, no */
    KEY_TEXTS, /* struct texts: one text or a list of them */
    KEY_READ, /* read() does it */
    KEY_LATER, /* known, not in this version: an error that says so */
};

struct texts {
    const struct slice *v;
    const struct node **nodes; /* where each stands */
    size_t n;
};

struct key {
    const char *name;
    enum key_type type;
    size_t at; /* offset in the section's struct: TEXT, BOOL, TEXTS */
    void (*read)(struct loader *l, const struct node *value, void *section);
    bool required;
    const char *help; /* one sentence, in words of the site's owner */
};

struct key_table {
    const char *where; /* "people.NAME": as the manual calls it */
    const struct key *keys;
    size_t n;
};

/* False: `map` is no map (reported). Values that are missing or wrong leave the struct's member as it was. */
bool section_read(struct loader *l, const struct node *map, const struct key_table *table, void *section);

/* Values, each reporting what is wrong with it and returning false then. */
bool text_read(struct loader *l, const struct node *n, struct slice *out); /* a scalar, not empty */
bool bool_read(struct loader *l, const struct node *n, bool *out);
bool texts_read(struct loader *l, const struct node *n, struct texts *out);
bool map_check(struct loader *l, const struct node *n); /* `key:` with nothing behind it is an empty map */
/* The index + 1 of the word in the list (which ends with NULL), 0 after reporting. */
int word_read(struct loader *l, const struct node *n, const char *const *words);

struct place node_place(const struct loader *l, const struct node *n);
struct place key_place(const struct loader *l, const struct node *n); /* of its key; of itself in a list */
void node_error(struct loader *l, const struct node *n, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* The candidate most like `text`, when it is like it at all (a slip or two); -1. */
int nearest_find(struct slice text, const struct slice *candidates, size_t n);

#endif
