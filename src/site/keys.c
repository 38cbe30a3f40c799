/* keys.c - walking a section by its table, and the simple values.
 * Not here: names that refer to other sections (names.c), the sections themselves. */
#include "site/keys.h"

#include <stdarg.h>

#include "base/arena.h"
#include "base/check.h"
#include "site/loader.h"

struct place node_place(const struct loader *l, const struct node *n)
{
    return (struct place){ l->file, n->line, n->col };
}

struct place key_place(const struct loader *l, const struct node *n)
{
    return n->key.n > 0 ? (struct place){ l->file, n->key_line, n->key_col } : node_place(l, n);
}

void node_error(struct loader *l, const struct node *n, const char *fmt, ...)
{
    struct buf text = { .max = 4096 }, path = { .max = 1024 };
    va_list ap;

    va_start(ap, fmt);
    buf_vaddf(&text, fmt, ap);
    va_end(ap);
    node_path(n, &path);
    problem_error(l->problems, node_place(l, n), "%s%s%s", buf_str(&path), path.len > 0 ? ": " : "", buf_str(&text));
    buf_release(&text);
    buf_release(&path);
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

enum { NEAREST_MAX = 48 }; /* longer names are compared by their first bytes */

/* Levenshtein's distance, ASCII case aside, a swap of neighbours counting as one slip. */
static size_t distance(struct slice a, struct slice b)
{
    size_t row[3][NEAREST_MAX + 1];

    a = slice_upto(a, NEAREST_MAX);
    b = slice_upto(b, NEAREST_MAX);
    for (size_t j = 0; j <= b.n; j++) row[0][j] = j;
    for (size_t i = 1; i <= a.n; i++) {
        size_t *now = row[i % 3], *before = row[(i + 2) % 3], *two_ago = row[(i + 1) % 3];

        now[0] = i;
        for (size_t j = 1; j <= b.n; j++) {
            size_t best = before[j - 1] + (lower(a.p[i - 1]) != lower(b.p[j - 1]));

            if (before[j] + 1 < best) best = before[j] + 1;
            if (now[j - 1] + 1 < best) best = now[j - 1] + 1;
            if (i > 1 && j > 1 && lower(a.p[i - 1]) == lower(b.p[j - 2]) && lower(a.p[i - 2]) == lower(b.p[j - 1]) &&
                two_ago[j - 2] + 1 < best)
                best = two_ago[j - 2] + 1;
            now[j] = best;
        }
    }
    return row[a.n % 3][b.n];
}

int nearest_find(struct slice text, const struct slice *candidates, size_t n)
{
    size_t best = 1 + (text.n > 3 ? text.n / 3 : 1);
    int found = -1;

    for (size_t i = 0; i < n; i++) {
        size_t d = distance(text, candidates[i]);

        if (d < best) {
            best = d;
            found = (int)i;
        }
    }
    return found;
}

static int key_nearest(struct slice text, const struct key *keys, size_t n)
{
    struct slice names[64];

    CHECK(n <= COUNT_OF(names));
    for (size_t i = 0; i < n; i++) names[i] = slice_of(keys[i].name);
    return nearest_find(text, names, n);
}

static void unknown_report(struct loader *l, const struct node *child, const struct key *keys, size_t n)
{
    int near = key_nearest(child->key, keys, n);
    struct buf text = { .max = 2048 };

    buf_add(&text, S("unknown key `"));
    node_path(child, &text);
    buf_add(&text, S("`: "));
    if (near >= 0) buf_addf(&text, "did you mean `%s`? ", keys[near].name);
    buf_add(&text, S("known here:"));
    for (size_t i = 0; i < n; i++)
        if (keys[i].type != KEY_LATER) buf_addf(&text, " %s", keys[i].name);
    problem_error(l->problems, key_place(l, child), "%s", buf_str(&text));
    buf_release(&text);
}

static void later_report(struct loader *l, const struct node *child, const struct key *key)
{
    struct buf path = { .max = 1024 };

    node_path(child, &path);
    problem_error(l->problems, key_place(l, child), "`%s` is not in this version of Tocsin: leave it out%s%s",
                  buf_str(&path), key->help != NULL ? "; " : "", key->help != NULL ? key->help : "");
    buf_release(&path);
}

static void value_store(struct loader *l, const struct node *value, const struct key *key, void *section)
{
    void *at = (char *)section + key->at;

    switch (key->type) {
    case KEY_UNSET: break;
    case KEY_TEXT: text_read(l, value, at); break;
    case KEY_BOOL: bool_read(l, value, at); break;
    case KEY_TEXTS: texts_read(l, value, at); break;
    case KEY_READ:
        if (key->read != NULL) key->read(l, value, section);
        break;
    case KEY_LATER: later_report(l, value, key); break;
    }
}

static const struct key *key_find(const struct key *keys, size_t n, struct slice name)
{
    for (size_t i = 0; i < n; i++)
        if (slice_eq(slice_of(keys[i].name), name)) return &keys[i];
    return NULL;
}

/* Is it there, or at least a misspelling of it, which was reported as such? */
static bool key_is_meant(const struct node *map, const struct key *keys, size_t n, const struct key *key)
{
    for (const struct node *child = map->first; child != NULL; child = child->next) {
        const struct key *found = key_find(keys, n, child->key);

        if (found == key || (found == NULL && key_nearest(child->key, keys, n) == key - keys)) return true;
    }
    return false;
}

static void missing_report(struct loader *l, const struct node *map, const struct key *key)
{
    struct buf path = { .max = 1024 };

    node_path(map, &path);
    problem_error(l->problems, key_place(l, map), "%s%s`%s` is missing: %s", buf_str(&path), path.len > 0 ? ": " : "",
                  key->name, key->help);
    buf_release(&path);
}

bool section_read(struct loader *l, const struct node *map, const struct key_table *table, void *section)
{
    const struct key *keys = table->keys;
    size_t n = table->n;

    if (!map_check(l, map)) return false;
    for (const struct node *child = map->first; child != NULL; child = child->next) {
        const struct key *key = key_find(keys, n, child->key);

        if (node_child(map, child->key) != child) continue; /* a second one, reported by the tree: read one only */
        if (key == NULL)
            unknown_report(l, child, keys, n);
        else
            value_store(l, child, key, section);
    }
    for (size_t i = 0; i < n; i++)
        if (keys[i].required && !key_is_meant(map, keys, n, &keys[i])) missing_report(l, map, &keys[i]);
    return true;
}

bool map_check(struct loader *l, const struct node *n)
{
    if (n->kind == NODE_MAP || node_is_empty(n)) return true;
    node_error(l, n, "a map is wanted here (keys and values), not %s", node_kind_name(n->kind));
    return false;
}

bool text_read(struct loader *l, const struct node *n, struct slice *out)
{
    if (n->kind != NODE_SCALAR) {
        node_error(l, n, "one text is wanted here, not %s", node_kind_name(n->kind));
        return false;
    }
    if (node_is_empty(n) || slice_trim(n->text).n == 0) {
        node_error(l, n, "a text is wanted here, and there is none");
        return false;
    }
    *out = n->text;
    return true;
}

bool bool_read(struct loader *l, const struct node *n, bool *out)
{
    static const char *const words[] = { "true", "yes", "on", "false", "no", "off" };

    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (n->kind != NODE_SCALAR || n->quoted || !slice_eq_nocase(n->text, slice_of(words[i]))) continue;
        *out = i < COUNT_OF(words) / 2;
        return true;
    }
    node_error(l, n, "write true or false");
    return false;
}

bool texts_read(struct loader *l, const struct node *n, struct texts *out)
{
    bool single = n->kind == NODE_SCALAR && !node_is_empty(n);
    size_t room = single ? 1 : n->n;
    struct slice *v = arena_array(l->a, struct slice, room + 1);
    const struct node **nodes = arena_array(l->a, const struct node *, room + 1);
    bool good = true;

    *out = (struct texts){ .v = v, .nodes = nodes };
    if (n->kind == NODE_MAP) {
        node_error(l, n, "a text or a list of texts is wanted here, not a map");
        return false;
    }
    for (const struct node *one = single ? n : n->first; one != NULL; one = single ? NULL : one->next) {
        nodes[out->n] = one;
        if (text_read(l, one, &v[out->n]))
            out->n++;
        else
            good = false;
    }
    return good;
}

int word_read(struct loader *l, const struct node *n, const char *const *words)
{
    struct buf known = { .max = 512 };
    struct slice text;

    if (!text_read(l, n, &text)) return 0;
    for (int i = 0; words[i] != NULL; i++) {
        if (slice_eq_nocase(text, slice_of(words[i]))) {
            buf_release(&known);
            return i + 1;
        }
        buf_addf(&known, "%s%s", i == 0 ? "" : words[i + 1] != NULL ? ", " : " or ", words[i]);
    }
    node_error(l, n, "`%.*s` is not known here: write %s", (int)slice_upto(text, 80).n, text.p, buf_str(&known));
    buf_release(&known);
    return 0;
}
