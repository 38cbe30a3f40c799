/* front.c - reads the few keys of front matter that say how documents belong together. */
#include "procedures/front.h"

#include "base/check.h"
#include "base/civil.h"

struct front_reader {
    struct slice rest;
    unsigned line;
    struct front_list *list; /* the one that `- item` lines add to; NULL = none */
};

static struct slice line_next(struct front_reader *r)
{
    size_t n = 0;
    while (n < r->rest.n && r->rest.p[n] != '\n' && r->rest.p[n] != '\r') n++;
    struct slice line = slice_upto(r->rest, n);
    r->rest = slice_from(r->rest, n);
    if (!slice_cut_prefix(&r->rest, S("\r\n"))) r->rest = slice_from(r->rest, 1);
    r->line++;
    return line;
}

/* Without a comment and the quotes around it. */
static struct slice scalar(struct slice text)
{
    text = slice_trim(text);
    const size_t comment = slice_find(text, S(" #"));
    const bool quoted = text.n > 0 && (text.p[0] == '"' || text.p[0] == '\'');
    if (slice_has_prefix(text, S("#"))) return (struct slice){ 0 };
    if (!quoted) return slice_trim(slice_upto(text, comment));
    const size_t end = slice_find_char(slice_from(text, 1), text.p[0]);
    return slice_upto(slice_from(text, 1), end);
}

static void list_add(struct front_list *l, struct slice text, unsigned line)
{
    text = scalar(text);
    if (text.n == 0 || l->n == COUNT_OF(l->v)) return;
    l->v[l->n] = text;
    l->lines[l->n++] = line;
}

static void list_read(struct front_list *l, struct slice text, unsigned line)
{
    text = slice_trim(text);
    if (slice_cut_prefix(&text, S("[")))
        text = slice_upto(text, slice_find_char(text, ']'));
    else
        text = scalar(text);
    while (text.n > 0) list_add(l, slice_cut(&text, ','), line);
}

static void pair_read(struct front_reader *r, struct front *out, struct slice key, struct slice value)
{
    const struct {
        struct slice key;
        struct front_value *value;
        struct front_list *list;
    } keys[] = {
        { S("team"), &out->team, NULL },         { S("approved_by"), &out->approved_by, NULL },
        { S("reason"), &out->reason, NULL },     { S("until"), &out->until, NULL },
        { S("services"), NULL, &out->services }, { S("replaces"), NULL, &out->replaces },
        { S("weaker"), NULL, &out->weaker },     { S("scenario"), &out->scenario, NULL },
    };
    r->list = NULL;
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        if (!slice_eq_nocase(key, keys[i].key)) continue;
        if (keys[i].value != NULL)
            *keys[i].value = (struct front_value){ scalar(value), r->line };
        else
            list_read(r->list = keys[i].list, value, r->line);
    }
}

void front_read(struct slice document, struct front *out)
{
    struct front_reader r = { .rest = document };
    *out = (struct front){ 0 };
    slice_cut_prefix(&r.rest, S("\xef\xbb\xbf"));
    if (!slice_eq(slice_trim(line_next(&r)), S("---"))) return; /* as blocks.c finds it */
    while (r.rest.n > 0) {
        struct slice line = line_next(&r), item = slice_trim(line);
        if (slice_eq(item, S("---")) || slice_eq(item, S("..."))) return;
        if (slice_cut_prefix(&item, S("- "))) {
            if (r.list != NULL) list_add(r.list, item, r.line);
            continue;
        }
        const size_t colon = slice_find_char(line, ':');
        if (colon < line.n) pair_read(&r, out, slice_trim(slice_upto(line, colon)), slice_from(line, colon + 1));
    }
    *out = (struct front){ 0 }; /* never closed: a rule and text, no front matter */
}

bool front_date(struct slice text, int64_t *days)
{
    int64_t year, month, day;
    if (!slice_cut_uint(&text, &year) || !slice_cut_prefix(&text, S("-"))) return false;
    if (!slice_cut_uint(&text, &month) || !slice_cut_prefix(&text, S("-"))) return false;
    if (!slice_cut_uint(&text, &day) || text.n > 0) return false;
    if (year < 1970 || year > 9999 || month < 1 || month > 12 || day < 1) return false;
    *days = civil_days(year, month, day);
    const struct civil back = civil_from_days(*days);
    return back.month == month && back.day == day;
}
