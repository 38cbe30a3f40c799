/* timeline.c - the words of entries, and folding their changes into a row. How they come about: state_timeline.c. */
#include "core/timeline.h"

const char *entry_kind_name(int64_t kind)
{
    switch ((enum entry_kind)kind) {
    case ENTRY_UNSET: break;
#define X(sym, code, text) \
    case ENTRY_##sym: return text;
        ENTRY_KINDS(X)
#undef X
    }
    return "unknown";
}

void timeline_replay(struct incident *row, const struct entry *e)
{
    int64_t *v = &row->id;
    for (size_t i = 0; i < e->n_changes; i++)
        if (e->changes[i].field >= 0 && e->changes[i].field < (int64_t)row_defs[ROW_INCIDENT].n_fields)
            v[e->changes[i].field] = e->changes[i].value;
}

void timeline_print_changes(const struct entry *e, struct buf *out)
{
    for (size_t i = 0; i < e->n_changes; i++) {
        if (i > 0) buf_add_char(out, ' ');
        buf_add_int(out, e->changes[i].field);
        buf_add_char(out, '=');
        buf_add_int(out, e->changes[i].value);
    }
}

int timeline_parse_changes(struct arena *a, struct slice text, struct entry *e)
{
    size_t n = 0;
    struct change *v = arena_array(a, struct change, row_defs[ROW_INCIDENT].n_fields);
    if (v == NULL) return ERR_LIMIT;
    while (text.n > 0) {
        struct slice pair = slice_cut(&text, ' '), field = slice_cut(&pair, '=');
        if (n == row_defs[ROW_INCIDENT].n_fields || !slice_to_int(field, &v[n].field) ||
            !slice_to_int(pair, &v[n].value))
            return ERR_SYNTAX;
        n++;
    }
    e->changes = v;
    e->n_changes = n;
    return 0;
}
