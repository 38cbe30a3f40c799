/* sql.h - the text of every statement, the same for every SQL engine.
 *
 * Statements over rows are built from row_defs; the few that join or touch the timeline are written out. Parameters are
 * $1 … $n in order of first appearance, because SQLite numbers them so (a test asserts it for every statement).
 * Names are always quoted: `on`, `by` and `offset` are words of SQL. */
#ifndef STORE_SQL_H
#define STORE_SQL_H

#include "base/buf.h"
#include "store/port.h"

/* Kinds of statement; the comment says what `which` counts and what the parameters are. */
enum sql_op {
    SQL_PUT, /* which: row kind. $1… the fields in order, then the text */
    SQL_PUT_MANY, /* row kind. The same for SQL_MANY rows, one after the other: half the work of as many statements */
    SQL_DELETE, /* row kind. $1… the key */
    SQL_GET, /* row kind. $1… the key */
    SQL_ALL, /* row kind */
    SQL_LOAD, /* row kind. see sql_load_params */
    SQL_LIST, /* enum store_list. of (where the list has it), from, limit */
    SQL_FIXED, /* enum sql_fixed */
    SQL_OP_MAX
};

enum sql_fixed {
    SQL_APPEND, /* the columns of ENTRY_COLUMNS */
    SQL_ERASE, /* an empty text, incident, seq */
    SQL_LAST_ENTRY, /* the highest id */
    SQL_ENTRIES, /* incident, after, limit */
    SQL_ALL_ENTRIES,
    SQL_HISTORY, /* after (id), limit */
    SQL_FIRING, /* columns: struct store_alert's members in order; of the annotations the id */
    SQL_ENTER_BLOCK, /* incident, block of alerts */
    SQL_ENTER_FIRING, /* block */
    SQL_LEAVE_FIRING, /* block: stays where one of it still fires */
    SQL_HORIZON, /* at, wall of the last commit */
    SQL_FIXED_MAX
};

#define SQL_WHICH_MAX 32 /* of any op */

#define SQL_MANY 16
#define SQL_BLOCK_BITS 6 /* of an alert's id: a block's number is the rest */

/* Columns of an entry, in the order that SQL_APPEND binds and the readers return them. */
#define ENTRY_COLUMNS                                                           \
    "incident, seq, at, wall, actor, via, kind, ref, rule, line, text, changes" \
    ", id, previous, salt, text_hash, hash"
enum {
    ENTRY_INTS = 10,
    ENTRY_TEXT = 10,
    ENTRY_CHANGES,
    ENTRY_ID,
    ENTRY_PREVIOUS,
    ENTRY_SALT,
    ENTRY_TEXT_HASH,
    ENTRY_HASH,
    ENTRY_COUNT
};

/* Appends the statement; false (and nothing appended) where there is none. */
bool sql_build(enum sql_op op, int which, struct buf *out);

/* Which end of the last 24 h each parameter of SQL_LOAD is; LOAD_NONE ends the list. */
enum load_param { LOAD_NONE = 0, LOAD_AT, LOAD_WALL };
enum { LOAD_PARAMS_MAX = 2 };
const enum load_param *sql_load_params(enum row_kind kind);

#endif
