/* sql.c - builds the statements from the field lists of row.h.
 * Not here: the schema (schema.c), running anything (sqlite*.c). */
#include "store/sql.h"

#include "base/check.h"
#include "core/alert.h"

_Static_assert(ALERT_FIRING == 1, "the statements below say `state = 1`");
_Static_assert(SQL_BLOCK_BITS == 6, "the statements below say 6, 64 and 63");

/* What recovery needs (store_load), as conditions. OPEN: incidents that are still in the world. */
#define OPEN "SELECT id FROM incident WHERE closed_at = 0 OR closed_at > $1"
#define OF_OPEN "incident IN (" OPEN ")"
/* Alerts of the blocks b. Always with CROSS JOIN: the blocks first. */
#define IN_BLOCK "a.id BETWEEN b.block * 64 AND b.block * 64 + 63"
#define KNOWN_ALERTS                                                                                      \
    "SELECT a.id FROM (SELECT block FROM alert_block WHERE " OF_OPEN                                      \
    " UNION SELECT block FROM firing_block) AS b CROSS JOIN alert AS a ON " IN_BLOCK                      \
    " WHERE a.state = 1 OR a." OF_OPEN                                                                    \
    " UNION SELECT id FROM alert_live WHERE updated_wall > $2"
/* What is newer is in alert_live, if there is such a row (core/row.h). */
#define LATEST(column) "COALESCE(l." column ", a." column ")"
#define WITH_LATEST " LEFT JOIN alert_live AS l ON l.id = a.id"

struct load_def {
    const char *where; /* NULL: all */
    enum load_param params[LOAD_PARAMS_MAX + 1];
};

static const struct load_def load_defs[ROW_KIND_MAX] = {
    [ROW_ANNOTATIONS] = { "id IN (SELECT " LATEST("annotations") " FROM alert AS a" WITH_LATEST " WHERE a.id IN (" KNOWN_ALERTS "))",
                          { LOAD_AT, LOAD_WALL } },
    [ROW_BUNDLE] = { "active = 1 OR waiting = 1 OR id IN (SELECT bundle FROM incident WHERE closed_at = 0 OR closed_at > $1)",
                     { LOAD_AT } },
    [ROW_ALERT] = { "id IN (" KNOWN_ALERTS ")", { LOAD_AT, LOAD_WALL } },
    [ROW_ALERT_LIVE] = { "id IN (" KNOWN_ALERTS ")", { LOAD_AT, LOAD_WALL } },
    [ROW_INCIDENT] = { "closed_at = 0 OR closed_at > $1", { LOAD_AT } },
    [ROW_HOLDER] = { OF_OPEN, { LOAD_AT } },
    [ROW_PAGE] = { OF_OPEN, { LOAD_AT } },
    [ROW_DELIVERY] = { OF_OPEN " OR (incident = 0 AND (ended_at = 0 OR ended_at >= $1))", { LOAD_AT } },
    [ROW_ATTEMPT] = { "outcome = 0", { LOAD_NONE } },
    [ROW_SILENCE] = { "ended = 0 OR ends_wall >= $1", { LOAD_WALL } },
    [ROW_CHECK] = { OF_OPEN, { LOAD_AT } },
    [ROW_LINK] = { "id = (SELECT MAX(id) FROM chain_link)", { LOAD_NONE } },
};

const enum load_param *sql_load_params(enum row_kind kind)
{
    return load_defs[kind].params;
}

static void add_name(struct buf *out, const char *prefix, const char *name)
{
    buf_add_str(out, prefix);
    buf_add_char(out, '"');
    buf_add_str(out, name);
    buf_add_char(out, '"');
}

/* "id","state",…,"text", each behind the prefix */
static void add_columns(struct buf *out, const struct row_def *def, const char *prefix)
{
    for (size_t i = 0; i < def->n_fields; i++) {
        if (i > 0) buf_add_str(out, ", ");
        add_name(out, prefix, def->fields[i].name);
    }
    if (!def->has_text) return;
    buf_add_str(out, ", ");
    add_name(out, prefix, "text");
}

static void add_keys(struct buf *out, const struct row_def *def)
{
    for (size_t i = 0; i < def->n_keys; i++) add_name(out, i > 0 ? ", " : "", def->fields[i].name);
}

static void add_key_condition(struct buf *out, const struct row_def *def)
{
    for (size_t i = 0; i < def->n_keys; i++) {
        add_name(out, i == 0 ? " WHERE " : " AND ", def->fields[i].name);
        buf_addf(out, " = $%zu", i + 1);
    }
}

static void add_select(struct buf *out, const struct row_def *def)
{
    buf_add_str(out, "SELECT ");
    add_columns(out, def, "");
    add_name(out, " FROM ", def->table);
}

static void add_put(const struct row_def *def, size_t rows, struct buf *out)
{
    size_t n = def->n_fields + (def->has_text ? 1 : 0);
    add_name(out, "INSERT INTO ", def->table);
    buf_add_char(out, '(');
    add_columns(out, def, "");
    buf_add_str(out, ") VALUES");
    for (size_t i = 0; i < rows * n; i++)
        buf_addf(out, i % n > 0 ? ", $%zu" : i > 0 ? "), ($%zu" : "($%zu", i + 1);
    buf_add_str(out, ") ON CONFLICT(");
    add_keys(out, def);
    buf_add_str(out, ") DO UPDATE SET ");
    for (size_t i = def->n_keys; i < n; i++) {
        const char *name = i < def->n_fields ? def->fields[i].name : "text";
        add_name(out, i > def->n_keys ? ", " : "", name);
        add_name(out, " = excluded.", name);
    }
}

static void build_put(const struct row_def *def, struct buf *out)
{
    add_put(def, 1, out);
}

static void build_put_many(const struct row_def *def, struct buf *out)
{
    add_put(def, SQL_MANY, out);
}

static void build_delete(const struct row_def *def, struct buf *out)
{
    add_name(out, "DELETE FROM ", def->table);
    add_key_condition(out, def);
}

static void build_get(const struct row_def *def, struct buf *out)
{
    add_select(out, def);
    add_key_condition(out, def);
}

static void build_all(const struct row_def *def, struct buf *out)
{
    add_select(out, def);
    buf_add_str(out, " ORDER BY ");
    add_keys(out, def);
}

static void build_load(enum row_kind kind, struct buf *out)
{
    add_select(out, &row_defs[kind]);
    if (load_defs[kind].where == NULL) return;
    buf_add_str(out, " WHERE ");
    buf_add_str(out, load_defs[kind].where);
}

/* By its blocks. `+`: no index is made for these, and each block is read from its own start. */
static void build_alerts(struct buf *out)
{
    buf_add_str(out, "SELECT ");
    add_columns(out, &row_defs[ROW_ALERT], "a.");
    buf_add_str(out, " FROM alert_block AS b CROSS JOIN alert AS a ON " IN_BLOCK
                     " WHERE b.incident = $1 AND b.block >= $2 >> 6 AND +a.incident = $1 AND +a.id > $2"
                     " ORDER BY b.block, a.id LIMIT $3");
}

static void build_list(enum store_list list, struct buf *out)
{
    if (list == STORE_ALERTS) {
        build_alerts(out);
        return;
    }
    const struct list_def l = store_list_def(list);
    const struct row_def *def = &row_defs[l.kind];
    int n = 1;
    add_select(out, def);
    if (l.of >= 0) {
        add_name(out, " WHERE ", def->fields[l.of].name);
        buf_addf(out, " = $%d", n++);
    }
    add_name(out, n == 1 ? " WHERE " : " AND ", def->fields[l.page].name);
    buf_addf(out, " %s $%d", l.newest ? "<" : ">", n++);
    if (l.zero >= 0) {
        add_name(out, " AND ", def->fields[l.zero].name);
        buf_add_str(out, " = 0");
    }
    add_name(out, " ORDER BY ", def->fields[l.page].name);
    if (l.newest) buf_add_str(out, " DESC");
    for (size_t i = (size_t)l.page + 1; i < def->n_keys; i++) add_name(out, ", ", def->fields[i].name);
    buf_addf(out, " LIMIT $%d", n);
}

static void build_fixed(enum sql_fixed which, struct buf *out)
{
    switch (which) {
    case SQL_APPEND:
        buf_add_str(out, "INSERT INTO timeline(" ENTRY_COLUMNS ")"
                         " VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)");
        break;
    case SQL_ERASE:
        buf_add_str(out, "UPDATE timeline SET text = $1, salt = NULL WHERE incident = $2 AND seq = $3");
        break;
    case SQL_LAST_ENTRY: buf_add_str(out, "SELECT COALESCE(MAX(id), 0) FROM timeline"); break;
    case SQL_ENTRIES:
        buf_add_str(out, "SELECT " ENTRY_COLUMNS " FROM timeline WHERE incident = $1 AND seq > $2"
                         " ORDER BY seq LIMIT $3");
        break;
    case SQL_ALL_ENTRIES: buf_add_str(out, "SELECT " ENTRY_COLUMNS " FROM timeline ORDER BY incident, seq"); break;
    case SQL_HISTORY:
        buf_add_str(out, "SELECT " ENTRY_COLUMNS " FROM timeline WHERE id > $1 ORDER BY id LIMIT $2");
        break;
    case SQL_FIRING:
        buf_add_str(out, "SELECT a.id, " LATEST("starts_wall") ", " LATEST("ends_wall") ", " LATEST("updated_wall")
                         ", a.text, " LATEST("annotations") ", a.sender"
                         " FROM firing_block AS b CROSS JOIN alert AS a ON " IN_BLOCK WITH_LATEST
                         " WHERE b.block >= $1 >> 6 AND +a.state = 1 AND +a.id > $1 ORDER BY b.block, a.id LIMIT $2");
        break;
    case SQL_ENTER_BLOCK:
        buf_add_str(out, "INSERT INTO alert_block(incident, block) VALUES($1, $2) ON CONFLICT DO NOTHING");
        break;
    case SQL_ENTER_FIRING: buf_add_str(out, "INSERT INTO firing_block(block) VALUES($1) ON CONFLICT DO NOTHING"); break;
    case SQL_LEAVE_FIRING:
        buf_add_str(out, "DELETE FROM firing_block WHERE block = $1 AND NOT EXISTS"
                         " (SELECT 1 FROM alert WHERE id BETWEEN $1 * 64 AND $1 * 64 + 63 AND state = 1)");
        break;
    case SQL_HORIZON: buf_add_str(out, "SELECT at, wall FROM clock_row WHERE id = 1"); break;
    case SQL_FIXED_MAX: break;
    }
}

static bool is_kind(int which)
{
    return which > 0 && which < ROW_KIND_MAX && row_defs[which].table != NULL;
}

bool sql_build(enum sql_op op, int which, struct buf *out)
{
    static void (*const of_row[])(const struct row_def *def, struct buf *out) = {
        [SQL_PUT] = build_put,
        [SQL_PUT_MANY] = build_put_many,
        [SQL_DELETE] = build_delete,
        [SQL_GET] = build_get,
        [SQL_ALL] = build_all,
    };
    switch (op) {
    case SQL_PUT:
    case SQL_PUT_MANY:
    case SQL_DELETE:
    case SQL_GET:
    case SQL_ALL:
        if (!is_kind(which)) return false;
        of_row[op](&row_defs[which], out);
        return true;
    case SQL_LOAD:
        if (!is_kind(which)) return false;
        build_load((enum row_kind)which, out);
        return true;
    case SQL_LIST:
        if (which < 0 || which >= STORE_LIST_MAX) return false;
        build_list((enum store_list)which, out);
        return true;
    case SQL_FIXED:
        if (which < 0 || which >= SQL_FIXED_MAX) return false;
        build_fixed((enum sql_fixed)which, out);
        return true;
    case SQL_OP_MAX: break;
    }
    return false;
}
