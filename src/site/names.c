/* names.c - the names of people, teams, services, schedules and channels, and what refers to them.
 * Not here: what stands behind the names (the sections).
 * Always: an index that leaves this file is inside its list, so the directory holds no dangling reference. */
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "site/loader.h"
#include "sys/zoneinfo.h"

#define NAME_MAX_BYTES 64

/* Names appear in URLs, on the command line and in log lines: plain words. */
static bool name_is_plain(struct slice s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                     c == '_' || c == '.';

        if (!plain) return false;
    }
    return s.n > 0 && s.n <= NAME_MAX_BYTES && s.p[0] != '-' && s.p[0] != '.';
}

void name_check(struct loader *l, const struct node *n, const char *kind)
{
    if (name_is_plain(n->key)) return;
    problem_error(l->problems, key_place(l, n),
                  "`%.*s` cannot name a %s: letters, digits, - _ and . only, at most %d, not beginning with - or .",
                  (int)slice_upto(n->key, 80).n, n->key.p, kind, NAME_MAX_BYTES);
}

void names_collect(struct loader *l, const char *kind, const char *section, struct names *out)
{
    const struct node *map = node_child(l->root, slice_of(section));
    struct slice *v;

    *out = (struct names){ .kind = kind, .section = section, .file = l->file };
    if (map == NULL || !map_check(l, map)) return;
    out->line = map->key_line;
    out->v = v = arena_array(l->a, struct slice, map->n + 1);
    out->nodes = arena_array(l->a, const struct node *, map->n + 1);
    for (const struct node *n = map->first; n != NULL; n = n->next) {
        name_check(l, n, kind);
        out->nodes[out->n] = n;
        v[out->n++] = n->key;
    }
}

static void dangling_report(struct loader *l, const struct node *n, const struct names *among)
{
    int near = nearest_find(n->text, among->v, among->n);
    struct buf text = { .max = 1024 };

    buf_addf(&text, "%s `%.*s` in ", among->kind, (int)slice_upto(n->text, 80).n, n->text.p);
    node_path(n, &text);
    if (among->line > 0)
        buf_addf(&text, " is not in %s (%.*s:%u)", among->section, (int)among->file.n, among->file.p, among->line);
    else
        buf_addf(&text, " is unknown: %.*s has no `%s:`", (int)among->file.n, among->file.p, among->section);
    if (near >= 0) buf_addf(&text, ": did you mean `%.*s`?", (int)among->v[near].n, among->v[near].p);
    problem_error(l->problems, node_place(l, n), "%s", buf_str(&text));
    buf_release(&text);
}

int name_resolve(struct loader *l, const struct node *n, const struct names *among)
{
    struct slice text;

    if (!text_read(l, n, &text)) return -1;
    for (size_t i = 0; i < among->n; i++)
        if (slice_eq(among->v[i], text)) return (int)i;
    dangling_report(l, n, among);
    return -1;
}

bool names_resolve(struct loader *l, const struct node *n, const struct names *among, const int **v, size_t *count)
{
    struct texts texts;
    bool good = texts_read(l, n, &texts);
    int *out = arena_array(l->a, int, texts.n + 1);

    *v = out;
    *count = 0;
    if (good && texts.n == 0) {
        node_error(l, n, "name at least one %s", among->kind);
        return false;
    }
    for (size_t i = 0; i < texts.n; i++) {
        int at = name_resolve(l, texts.nodes[i], among);

        for (size_t k = 0; k < *count && at >= 0; k++) {
            if (out[k] != at) continue;
            node_error(l, texts.nodes[i], "`%.*s` is named twice", (int)texts.v[i].n, texts.v[i].p);
            at = -1;
        }
        if (at >= 0)
            out[(*count)++] = at;
        else
            good = false;
    }
    return good;
}

bool zone_resolve(struct loader *l, const struct node *n, const struct zone **zone, struct slice *name)
{
    struct error e = { 0 };
    struct slice text;

    if (!text_read(l, n, &text)) return false;
    if (zoneinfo_load(l->zones, text, zone, &e) < 0) {
        node_error(l, n, "%s", e.detail);
        return false;
    }
    *name = text;
    return true;
}

bool time_of_day_read(struct loader *l, const struct node *n, int *minutes)
{
    struct slice text, rest;
    int64_t hour, minute;
    bool good;

    if (!text_read(l, n, &text)) return false;
    rest = text;
    good = slice_cut_uint(&rest, &hour) && slice_cut_prefix(&rest, S(":")) && rest.n == 2 &&
           slice_cut_uint(&rest, &minute) && rest.n == 0 && minute < 60 && (hour < 24 || (hour == 24 && minute == 0));
    if (!good) {
        node_error(l, n, "`%.*s` is no time of day: write \"09:00\", in quotes", (int)slice_upto(text, 40).n, text.p);
        return false;
    }
    *minutes = (int)(hour * 60 + minute);
    return true;
}

struct slice path_resolve(struct loader *l, struct slice written)
{
    struct buf path = { 0 };
    struct slice out;

    if (written.n > 0 && written.p[0] != '/' && l->site->folder.n > 0) {
        buf_add(&path, l->site->folder);
        buf_add_char(&path, '/');
    }
    buf_add(&path, written);
    out = arena_copy(l->a, buf_slice(&path));
    buf_release(&path);
    return out;
}
