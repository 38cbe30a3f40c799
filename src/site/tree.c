/* tree.c - libyaml's event stream, built into nodes.
 * Not here: which keys exist and what their values mean (keys.c and the sections).
 * Always: the stack of open nodes is at most TREE_MAX_DEPTH deep, so hostile input cannot exhaust ours. */
#include "site/tree.h"

#include <yaml.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/vec.h"

struct builder {
    struct arena *a;
    struct slice file;
    struct problems *problems;
    yaml_parser_t parser;
    struct node *root;
    struct node *open[TREE_MAX_DEPTH];
    struct node *last[TREE_MAX_DEPTH]; /* the latest child of each open node */
    size_t depth;
    struct slice key; /* read, its value not yet */
    unsigned key_line, key_col;
    bool has_key;
};

static struct place place_of(const struct builder *b, yaml_mark_t mark)
{
    return (struct place){ b->file, (unsigned)mark.line + 1, (unsigned)mark.column + 1 };
}

static bool in_map(const struct builder *b)
{
    return b->depth > 0 && b->open[b->depth - 1]->kind == NODE_MAP;
}

static bool out_of_room(struct builder *b, yaml_mark_t mark)
{
    problem_error(b->problems, place_of(b, mark), "the file needs more memory than its limit");
    return false;
}

/* Hangs a node under the innermost open one, with the key read before it. */
static struct node *node_add(struct builder *b, enum node_kind kind, yaml_mark_t mark)
{
    struct node *n = arena_new(b->a, struct node), *parent = b->depth > 0 ? b->open[b->depth - 1] : NULL;

    if (n == NULL) return out_of_room(b, mark), NULL;
    *n = (struct node){ .kind = kind, .line = (unsigned)mark.line + 1, .col = (unsigned)mark.column + 1 };
    n->parent = parent;
    if (parent == NULL) return b->root = n;
    if (b->has_key) {
        n->key = b->key;
        n->key_line = b->key_line;
        n->key_col = b->key_col;
        b->has_key = false;
    }
    if (parent->n == TREE_MAX_CHILDREN) {
        problem_error(b->problems, place_of(b, mark), "more than %d entries in one list or map", TREE_MAX_CHILDREN);
        return NULL;
    }
    if (parent->n++ == 0)
        parent->first = n;
    else
        b->last[b->depth - 1]->next = n;
    b->last[b->depth - 1] = n;
    return n;
}

static bool key_read(struct builder *b, struct slice text, yaml_mark_t mark)
{
    const struct node *twin = node_child(b->open[b->depth - 1], text);

    if (text.n == 0) {
        problem_error(b->problems, place_of(b, mark), "a key is missing before the colon");
        return false;
    }
    /* The rest is still worth reading: the file has one more error, not one error less. */
    if (twin != NULL)
        problem_error(b->problems, place_of(b, mark), "`%.*s` stands here and in line %u: keep one of them",
                      (int)slice_upto(text, 80).n, text.p, twin->key_line);
    b->key = arena_copy(b->a, text);
    b->key_line = (unsigned)mark.line + 1;
    b->key_col = (unsigned)mark.column + 1;
    b->has_key = true;
    return b->key.p != NULL || out_of_room(b, mark);
}

static bool refuse(struct builder *b, yaml_mark_t mark, const char *what)
{
    problem_error(b->problems, place_of(b, mark), "%s", what);
    return false;
}

static bool bare_check(struct builder *b, const yaml_event_t *ev, const void *anchor, const void *tag)
{
    if (anchor != NULL) return refuse(b, ev->start_mark, "anchors (&name) are not read here: write the value out");
    if (tag != NULL) return refuse(b, ev->start_mark, "tags (!name) are not read here: leave it out");
    return true;
}

static bool scalar_read(struct builder *b, const yaml_event_t *ev)
{
    struct slice text = { (const char *)ev->data.scalar.value, ev->data.scalar.length };
    struct node *n;

    if (!bare_check(b, ev, ev->data.scalar.anchor, ev->data.scalar.tag)) return false;
    if (memchr(text.p, '\0', text.n) != NULL) return refuse(b, ev->start_mark, "a text holds a NUL byte");
    if (in_map(b) && !b->has_key) return key_read(b, text, ev->start_mark);
    if ((n = node_add(b, NODE_SCALAR, ev->start_mark)) == NULL) return false;
    n->quoted = ev->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    n->text = text.n > 0 ? arena_copy(b->a, text) : S("");
    return n->text.p != NULL || out_of_room(b, ev->start_mark);
}

static bool group_open(struct builder *b, const yaml_event_t *ev, enum node_kind kind, const void *anchor,
                       const void *tag)
{
    struct node *n;

    if (!bare_check(b, ev, anchor, tag)) return false;
    if (in_map(b) && !b->has_key) return refuse(b, ev->start_mark, "a key is a plain word, not a list or a map");
    if (b->depth == TREE_MAX_DEPTH) return refuse(b, ev->start_mark, "nested deeper than 16 levels");
    if ((n = node_add(b, kind, ev->start_mark)) == NULL) return false;
    b->open[b->depth++] = n;
    return true;
}

/* False ends the reading: a problem was added. */
static bool event_take(struct builder *b, const yaml_event_t *ev)
{
    switch (ev->type) {
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
    case YAML_DOCUMENT_END_EVENT: return true;
    case YAML_DOCUMENT_START_EVENT:
        return b->root == NULL || refuse(b, ev->start_mark, "a second document begins here: one file, one document");
    case YAML_ALIAS_EVENT: return refuse(b, ev->start_mark, "aliases (*name) are not read here: write the value out");
    case YAML_SCALAR_EVENT: return scalar_read(b, ev);
    case YAML_SEQUENCE_START_EVENT:
        return group_open(b, ev, NODE_LIST, ev->data.sequence_start.anchor, ev->data.sequence_start.tag);
    case YAML_MAPPING_START_EVENT:
        return group_open(b, ev, NODE_MAP, ev->data.mapping_start.anchor, ev->data.mapping_start.tag);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        CHECK(b->depth > 0);
        b->depth--;
        return true;
    }
    return true;
}

static bool syntax_refuse(struct builder *b)
{
    const yaml_parser_t *y = &b->parser;
    yaml_mark_t mark = y->problem_mark;

    if (y->error == YAML_MEMORY_ERROR) mem_none_left(0); /* never the file's fault: for that, nobody starts us again */
    problem_error(b->problems, place_of(b, mark), "not YAML: %s%s%s", y->problem != NULL ? y->problem : "unreadable",
                  y->context != NULL ? ", " : "", y->context != NULL ? y->context : "");
    return false;
}

static bool events_read(struct builder *b)
{
    bool more = true;

    while (more) {
        yaml_event_t ev;
        bool good = yaml_parser_parse(&b->parser, &ev) != 0;

        if (!good) return syntax_refuse(b);
        more = ev.type != YAML_STREAM_END_EVENT;
        good = event_take(b, &ev);
        yaml_event_delete(&ev);
        if (!good) return false;
    }
    return true;
}

static bool bytes_check(struct slice file, struct slice bytes, struct problems *p)
{
    struct place at = { file, 1, 0 };
    size_t bad = 0;

    if (bytes.n > TREE_MAX_BYTES) {
        problem_error(p, (struct place){ file, 0, 0 }, "larger than 1 MiB");
        return false;
    }
    if (slice_is_utf8(bytes, &bad)) return true;
    for (size_t i = 0; i < bad; i++) at.line += bytes.p[i] == '\n';
    problem_error(p, at, "not UTF-8: byte 0x%02x at offset %zu", (unsigned)(unsigned char)bytes.p[bad], bad);
    return false;
}

const struct node *tree_parse(struct arena *a, struct slice file, struct slice bytes, struct problems *p)
{
    struct builder b = { .a = a, .file = file, .problems = p };
    bool good;

    if (!bytes_check(file, bytes, p)) return NULL;
    slice_cut_prefix(&bytes, S("\xef\xbb\xbf")); /* libyaml counts it as a column of the first line */
    if (!yaml_parser_initialize(&b.parser)) mem_none_left(0); /* nothing else makes it fail */
    yaml_parser_set_encoding(&b.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&b.parser, (const unsigned char *)(bytes.n > 0 ? bytes.p : ""), bytes.n);
    good = events_read(&b);
    yaml_parser_delete(&b.parser);
    if (!good) return NULL;
    if (b.root == NULL || (b.root->kind == NODE_SCALAR && node_is_empty(b.root))) {
        static const struct node empty = { .kind = NODE_MAP, .line = 1, .col = 1 };

        return &empty;
    }
    return b.root;
}

const struct node *node_child(const struct node *map, struct slice key)
{
    if (map == NULL || map->kind != NODE_MAP) return NULL;
    for (const struct node *n = map->first; n != NULL; n = n->next)
        if (slice_eq(n->key, key)) return n;
    return NULL;
}

bool node_is_empty(const struct node *n)
{
    return n->kind == NODE_SCALAR && !n->quoted &&
           (n->text.n == 0 || slice_eq(n->text, S("~")) || slice_eq(n->text, S("null")));
}

/* Its place in its list, from 1 as people count. */
static size_t node_number(const struct node *n)
{
    size_t number = 1;

    for (const struct node *one = n->parent->first; one != n; one = one->next) number++;
    return number;
}

void node_path(const struct node *n, struct buf *out)
{
    const struct node *chain[TREE_MAX_DEPTH + 1];
    size_t depth = 0;

    for (; n != NULL && depth < COUNT_OF(chain); n = n->parent)
        if (n->key.n > 0 || (n->kind == NODE_MAP && n->parent != NULL)) chain[depth++] = n;
    for (size_t i = depth; i-- > 0;) {
        if (chain[i]->key.n > 0 && i + 1 < depth) buf_add_char(out, '.');
        if (chain[i]->key.n > 0)
            buf_add(out, chain[i]->key);
        else
            buf_addf(out, "[%zu]", node_number(chain[i]));
    }
}

const char *node_kind_name(enum node_kind kind)
{
    switch (kind) {
    case NODE_UNSET: break;
    case NODE_SCALAR: return "a text";
    case NODE_LIST: return "a list";
    case NODE_MAP: return "a map";
    }
    return "nothing";
}
