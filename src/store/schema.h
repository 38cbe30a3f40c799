/* schema.h - the tables, as a list of migrations whose index is the version.
 *
 * The same text serves every engine after four words are replaced: @int (64-bit integer), @bytes (bytes, any of them),
 * @strict (refuse what does not fit the column, where the engine must be told) and @clustered (@strict, and the rows lie in
 * the tree of their key: a row of two keys or more is one page to write, not two). */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include "base/buf.h"

struct migration {
    const char *sql; /* statements, each ends with `;` */
};

extern const struct migration schema_migrations[];
extern const size_t schema_version; /* number of migrations: what this version of Tocsin writes */

struct schema_words {
    const char *integer, *bytes, *strict, *clustered;
};
extern const struct schema_words schema_words_sqlite;

/* Appends `sql` with the engine's words in place of ours. */
void schema_expand(const char *sql, const struct schema_words *w, struct buf *out);

#endif
