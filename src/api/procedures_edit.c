/* procedures_edit.c - changing a document from outside: the whole file, or spans of its bytes (R14).
 *
 *   PUT /api/v1/procedures/procedures.md?before=HASH&text=why      the file
 *   PATCH /api/v1/procedures/procedures.md
 *     {"patches": [{"offset", "length", "before" or "before_hash", "after"}], "text": why}
 *
 * Both are made against the newest version: the one that is proposed, else the active one. A span that holds other bytes
 * than its author saw is refused with 409 and both versions. What is taken is proposed; an approver activates it.
 * Not here: files on disk; they stay as they are. */
#include <string.h>
#include <yyjson.h>

#include "api/acts.h"
#include "api/json.h"
#include "api/routes.h"
#include "base/check.h"
#include "base/json.h"
#include "engine/bundle.h"
#include "procedures/patch.h"

#define PATCHES_MAX 256

struct editing {
    struct request *rq;
    struct bundle_file files[BUNDLE_FILES_MAX];
    int n;
    struct bundle_file *file; /* the one that is changed */
    struct patch patches[PATCHES_MAX];
    struct slice before[PATCHES_MAX]; /* what their authors saw; empty where they gave its hash only */
    size_t n_patches;
    struct act act;
    struct error error;
};

/* The newest version, and the file of it. False: answered. */
static bool editing_begin(struct editing *ed, struct request *rq)
{
    const struct facts *f = rq->facts;
    struct slice bytes = { 0 };
    *ed = (struct editing){ .rq = rq, .act = { .kind = ACT_PROPOSE } };
    for (size_t i = 0; i < f->n_bundles; i++)
        if (i == 0 || f->bundles[i].id == f->proposed) bytes = f->bundles[i].bytes;
    ed->n = bundle_files(bytes, ed->files, COUNT_OF(ed->files), &ed->error);
    for (int i = 0; i < ed->n; i++)
        if (slice_eq(ed->files[i].name, rq->captures[0])) ed->file = &ed->files[i];
    if (ed->file == NULL)
        request_fail(rq, 404, "not_found", S("the procedures have no file of that name"),
                     S("GET /api/v1/procedures lists them"));
    return ed->file != NULL;
}

/* Proposes the bundle with the file changed. */
static void propose(struct editing *ed, struct slice changed)
{
    struct buf framed = { .max = BUNDLE_MAX_BYTES };
    ed->file->bytes = changed;
    for (int i = 0; i < ed->n; i++) bundle_add_file(&framed, &ed->files[i]);
    const struct slice bytes = arena_copy(ed->rq->arena, buf_slice(&framed));
    const bool whole = !framed.overflow && bytes.n == framed.len;
    buf_release(&framed);
    if (whole)
        procedures_submit(ed->rq, &ed->act, bytes);
    else
        request_fail_code(ed->rq, ERR_LIMIT, S("the procedures would be larger than their limit"));
}

/* --- the whole file --- */

static struct slice hash_text(struct arena *a, const uint8_t *bytes, size_t n)
{
    struct buf hex = { 0 };
    for (size_t i = 0; i < n; i++) buf_addf(&hex, "%02x", bytes[i]);
    const struct slice s = arena_copy(a, buf_slice(&hex));
    buf_release(&hex);
    return s;
}

/* 409, {"error","detail","try"} and what stands where. */
static void conflict_begin(struct json *j, const char *detail)
{
    json_begin(j, NULL, '{');
    json_word(j, "error", "conflict");
    json_word(j, "detail", detail);
    json_word(j, "try", "read what stands there now, and send the change made of that");
}

void procedures_file_put(struct request *rq)
{
    struct editing ed;
    struct json j = { .out = &rq->out };
    const struct slice before = request_query(rq, S("before"), NULL);
    if (!editing_begin(&ed, rq)) return;
    const int64_t hash = bundle_hash(ed.file->bytes);
    const struct slice now = hash_text(rq->arena, (const uint8_t *)&hash, sizeof hash);
    ed.act.text = request_query(rq, S("text"), NULL);
    if (before.n == 0 || slice_eq(before, now)) {
        propose(&ed, rq->body);
        return;
    }
    conflict_begin(&j, "somebody else changed the file meanwhile");
    json_text(&j, "hash", now);
    json_text(&j, "yours", rq->body);
    json_text(&j, "theirs", ed.file->bytes);
    json_end(&j, '}');
    request_answer(rq, 409, TYPE_JSON);
}

/* --- spans --- */

static bool hash_read(struct slice hex, uint8_t out[COMPILED_NODE_HASH])
{
    if (hex.n != 2 * COMPILED_NODE_HASH) return false;
    for (size_t i = 0; i < hex.n; i++) {
        const char c = hex.p[i];
        const int v = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
        if (v < 0) return false;
        out[i / 2] = (uint8_t)(i % 2 == 0 ? v << 4 : out[i / 2] | v);
    }
    return true;
}

static struct slice text_member(struct editing *ed, yyjson_val *object, const char *name)
{
    yyjson_val *v = yyjson_obj_get(object, name);
    return arena_copy(ed->rq->arena, json_slice(v));
}

static int patch_read(struct editing *ed, yyjson_val *v)
{
    yyjson_val *offset = yyjson_obj_get(v, "offset"), *length = yyjson_obj_get(v, "length");
    yyjson_val *before = yyjson_obj_get(v, "before"), *after = yyjson_obj_get(v, "after");
    struct patch *p = &ed->patches[ed->n_patches];
    if (ed->n_patches == PATCHES_MAX) return fail(&ed->error, ERR_LIMIT, "more than %d patches", PATCHES_MAX);
    if (!yyjson_is_uint(offset) || !yyjson_is_uint(length) || !yyjson_is_str(after))
        return fail(&ed->error, ERR_INVALID,
                    "a patch is {\"offset\", \"length\", \"before\" or \"before_hash\", \"after\"}");
    *p = (struct patch){ .offset = yyjson_get_uint(offset),
                         .length = yyjson_get_uint(length),
                         .after = text_member(ed, v, "after") };
    ed->before[ed->n_patches] = text_member(ed, v, "before");
    if (yyjson_is_str(before))
        compiled_node_hash(ed->before[ed->n_patches], p->hash);
    else if (!hash_read(text_member(ed, v, "before_hash"), p->hash))
        return fail(&ed->error, ERR_INVALID, "patch %zu says neither `before` nor `before_hash` (16 hex digits)",
                    ed->n_patches + 1);
    ed->n_patches++;
    return 0;
}

static int patches_read(struct editing *ed)
{
    yyjson_doc *doc = json_read(ed->rq->body, 0, NULL);
    yyjson_val *root = yyjson_doc_get_root(doc), *list = yyjson_obj_get(root, "patches"), *item;
    yyjson_arr_iter it = yyjson_arr_iter_with(list);
    int rc = yyjson_arr_size(list) > 0
                 ? 0
                 : fail(&ed->error, ERR_INVALID, "the body is {\"patches\": [{\"offset\", …}], …}");
    while (rc == 0 && (item = yyjson_arr_iter_next(&it)) != NULL) rc = patch_read(ed, item);
    ed->act.text = text_member(ed, root, "text");
    yyjson_doc_free(doc);
    return rc;
}

/* Both versions: what the author saw and wants, and what stands there now. */
static void answer_stale(struct editing *ed, const struct patch_refusal *why)
{
    struct json j = { .out = &ed->rq->out };
    const struct patch *p = &ed->patches[why->index];
    const struct slice now = ed->file->bytes;
    uint8_t hash[COMPILED_NODE_HASH];
    compiled_node_hash(why->found, hash);
    conflict_begin(&j, "other words stand there by now");
    json_int(&j, "patch", (int64_t)why->index);
    json_int(&j, "offset", (int64_t)p->offset);
    json_begin(&j, "yours", '{');
    json_text_or_null(&j, "before", ed->before[why->index]);
    json_text(&j, "after", p->after);
    json_end(&j, '}');
    json_begin(&j, "theirs", '{');
    json_text(&j, "text", why->found);
    json_text(&j, "hash", hash_text(ed->rq->arena, hash, sizeof hash));
    json_int(&j, "bytes", (int64_t)now.n);
    json_end(&j, '}');
    json_end(&j, '}');
    request_answer(ed->rq, 409, TYPE_JSON);
}

static void patches_run(struct editing *ed)
{
    struct buf changed = { .max = PROCEDURES_MAX_BYTES };
    struct patch_refusal why = { 0 };
    const int rc = patches_apply(ed->file->bytes, ed->patches, ed->n_patches, &changed, &why, &ed->error);
    const struct slice text = arena_copy(ed->rq->arena, buf_slice(&changed));
    buf_release(&changed);
    if (rc == ERR_CONFLICT)
        answer_stale(ed, &why);
    else if (rc < 0)
        request_fail_code(ed->rq, rc, arena_copy(ed->rq->arena, slice_of(ed->error.detail)));
    else
        propose(ed, text);
}

void procedures_file_patch(struct request *rq)
{
    struct editing *ed = arena_new(rq->arena, struct editing);
    if (ed == NULL || !editing_begin(ed, rq)) return;
    const int rc = patches_read(ed);
    if (rc < 0)
        request_fail_code(rq, rc, arena_copy(rq->arena, slice_of(ed->error.detail)));
    else
        patches_run(ed);
}
