/* procedures.c - /api/v1/procedures: what is in force, what is proposed, who approved what, and changing a sentence.
 * Not here: compiling and what is unbound (serve/server_bundle.c), who may (core/world_bundle.c).
 * Always: a change is proposed here, never in force by itself; a version that was active once can be read for ever.
 */
#include <string.h>

#include "api/acts.h"
#include "api/reading.h"
#include "api/routes.h"
#include "base/check.h"
#include "core/directory.h"
#include "core/effect.h"
#include "engine/audit.h"
#include "engine/bundle.h"

#define HISTORY_SHOWN 20

/* --- reading --- */

static void hash_member(struct json *j, const char *key, int64_t hash)
{
    struct buf hex = { .max = 32 };
    uint8_t bytes[8];
    memcpy(bytes, &hash, sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++) buf_addf(&hex, "%02x", bytes[i]);
    json_text(j, key, buf_slice(&hex));
    buf_release(&hex);
}

static const char *how_name(int64_t how)
{
    static const char *const names[] = { NULL, "first", "automatic", "approved", "instead" };
    return how > 0 && how < (int64_t)COUNT_OF(names) ? names[how] : NULL;
}

/* [{"code","reason"}] from the lines of an activation. */
static void overrides_member(struct json *j, struct slice lines)
{
    json_begin(j, "overrides", '[');
    while (lines.n > 0) {
        struct slice line = slice_cut(&lines, '\n');
        const struct slice code = slice_trim(slice_cut(&line, '='));
        json_begin(j, NULL, '{');
        json_text(j, "code", code);
        json_text(j, "reason", slice_trim(line));
        json_end(j, '}');
    }
    json_end(j, ']');
}

static void activation_object(struct reading *r, const char *key, const struct activation *a, struct slice overrides)
{
    struct json *j = &r->json;
    json_begin(j, key, '{');
    json_int(j, "number", a->id);
    json_int(j, "bundle", a->bundle);
    json_int(j, "previous", a->previous);
    json_word(j, "how", how_name(a->how));
    json_time(j, "at", a->wall);
    reading_person(r, "by", a->by);
    reading_person(r, "author", a->author);
    json_text(j, "reason", reading_text(r, a->reason));
    json_text(j, "compiler", reading_text(r, a->compiler));
    hash_member(j, "interpretations", a->interpretations);
    hash_member(j, "hash", a->hash);
    json_int(j, "moved", a->moved);
    overrides_member(j, overrides);
    json_end(j, '}');
}

static int history_members(struct reading *r, size_t max)
{
    struct rows rows;
    const int rc = rows_read(r, STORE_ACTIVATIONS, 0, max, &rows);
    json_begin(&r->json, "history", '[');
    for (size_t i = 0; rc == 0 && i < rows.n; i++)
        activation_object(r, NULL, ROW_AT(&rows, activation, i), rows.text[i]);
    json_end(&r->json, ']');
    return rc;
}

static void files_member(struct json *j, struct slice bytes)
{
    struct bundle_file files[BUNDLE_FILES_MAX];
    struct error e = { 0 };
    const int n = bundle_files(bytes, files, COUNT_OF(files), &e);
    json_begin(j, "files", '[');
    for (int i = 0; i < n; i++) {
        json_begin(j, NULL, '{');
        json_text(j, "name", files[i].name);
        json_text(j, "kind", bundle_kind_name(files[i].kind));
        json_int(j, "bytes", (int64_t)files[i].bytes.n);
        hash_member(j, "hash", bundle_hash(files[i].bytes));
        json_end(j, '}');
    }
    json_end(j, ']');
}

static void bundle_object(struct reading *r, const char *key, const struct bundle *b, struct slice bytes)
{
    struct json *j = &r->json;
    const struct policy *p = NULL;
    for (size_t i = 0; i < r->rq->facts->n_bundles; i++)
        if (r->rq->facts->bundles[i].id == b->id) p = r->rq->facts->bundles[i].policy;
    json_begin(j, key, '{');
    json_int(j, "id", b->id);
    json_bool(j, "active", b->active != 0);
    json_bool(j, "proposed", b->waiting != 0);
    hash_member(j, "hash", b->hash);
    json_time(j, "proposed_at", b->proposed_wall);
    reading_person(r, "proposed_by", b->proposed_by);
    json_text_or_null(j, "proposed_why", reading_text(r, b->proposed_why));
    json_time(j, "activated_at", b->activated_wall);
    reading_person(r, "activated_by", b->activated_by);
    if (p != NULL) json_bool(j, "draft", policy_unfilled(p) > 0);
    if (p != NULL) json_int(j, "unfilled", (int64_t)policy_unfilled(p));
    if (p != NULL) json_int(j, "placeholders", p->book.placeholders);
    files_member(j, bytes);
    json_end(j, '}');
}

/* The row of a bundle, written under `key`; null when there is none. */
static int bundle_member(struct reading *r, const char *key, bundle_id id)
{
    struct row row;
    struct bundle b;
    if (id == 0) {
        json_null(&r->json, key);
        return 0;
    }
    const int rc = store_read_row(r->store, ROW_BUNDLE, &id, &row, &r->error);
    if (rc < 0) return rc;
    memcpy(&b, row.v, sizeof b);
    bundle_object(r, key, &b, row.text);
    return 0;
}

static void unbound_member(struct json *j, const struct facts *f)
{
    json_begin(j, "unbound", '[');
    for (size_t i = 0; i < f->n_unbound; i++) {
        json_begin(j, NULL, '{');
        json_text(j, "code", f->unbound[i].code);
        json_text(j, "text", f->unbound[i].text);
        json_end(j, '}');
    }
    json_end(j, ']');
}

static void watched_member(struct json *j, const struct facts *f)
{
    json_begin(j, "thresholds", '[');
    for (size_t i = 0; i < f->n_watched; i++) {
        json_begin(j, NULL, '{');
        json_text(j, "metric", f->watched[i].metric);
        json_text(j, "limit", f->watched[i].limit);
        json_text_or_null(j, "by", f->watched[i].by);
        json_text_or_null(j, "file", f->watched[i].file);
        json_int(j, "line", f->watched[i].line);
        json_end(j, '}');
    }
    json_end(j, ']');
}

static void overview_read(struct request *rq, struct store_reader *store)
{
    struct reading r;
    const struct facts *f = rq->facts;
    if (!reading_begin(&r, rq, store)) return;
    json_begin(&r.json, NULL, '{');
    json_word(&r.json, "activation", f->directory->by_approver ? "by-approver" : "automatic");
    json_text_or_null(&r.json, "broken", f->broken);
    json_text_or_null(&r.json, "overrides", audit_warning(rq, AUDIT_PROCEDURES));
    int rc = bundle_member(&r, "active", f->n_bundles > 0 ? f->bundles[0].id : 0);
    if (rc == 0) rc = bundle_member(&r, "proposed", f->proposed);
    unbound_member(&r.json, f);
    watched_member(&r.json, f);
    if (rc == 0) rc = history_members(&r, HISTORY_SHOWN);
    json_end(&r.json, '}');
    reading_end(&r, rc);
}

void procedures_get(struct request *rq)
{
    request_read(rq, overview_read);
}

static void history_read(struct request *rq, struct store_reader *store)
{
    struct reading r;
    if (!reading_begin(&r, rq, store)) return;
    json_begin(&r.json, NULL, '{');
    const int rc = history_members(&r, 0);
    json_end(&r.json, '}');
    reading_end(&r, rc);
}

void procedures_history_get(struct request *rq)
{
    request_read(rq, history_read);
}

/* --- one bundle: by number, "active" or "proposed" --- */

static bundle_id bundle_number(const struct request *rq)
{
    const struct slice word = rq->captures[0];
    int64_t id = 0;
    if (slice_eq(word, S("active"))) return rq->facts->n_bundles > 0 ? rq->facts->bundles[0].id : 0;
    if (slice_eq(word, S("proposed"))) return rq->facts->proposed;
    return slice_to_int(word, &id) && id > 0 ? id : 0;
}

/* False: answered. */
static bool bundle_read_row(struct reading *r, struct row *row)
{
    const bundle_id id = bundle_number(r->rq);
    const int rc = id == 0 ? ERR_NOT_FOUND : store_read_row(r->store, ROW_BUNDLE, &id, row, &r->error);
    if (rc == ERR_NOT_FOUND)
        request_fail(r->rq, 404, "not_found", S("there is no such bundle"),
                     S("GET /api/v1/procedures/history (tocsin procedures history) lists them"));
    else if (rc < 0)
        request_fail_code(r->rq, rc, slice_of(r->error.detail));
    return rc == 0;
}

static void bundle_shown(struct request *rq, struct store_reader *store)
{
    struct reading r;
    struct row row;
    struct bundle b;
    if (!reading_begin(&r, rq, store) || !bundle_read_row(&r, &row)) return;
    memcpy(&b, row.v, sizeof b);
    bundle_object(&r, NULL, &b, row.text);
    reading_end(&r, 0);
}

void procedures_bundle_get(struct request *rq)
{
    request_read(rq, bundle_shown);
}

static const struct bundle_file *file_named(const struct bundle_file *v, int n, struct slice name)
{
    for (int i = 0; i < n; i++)
        if (slice_eq(v[i].name, name)) return &v[i];
    return NULL;
}

static void file_shown(struct request *rq, struct store_reader *store)
{
    struct reading r;
    struct row row;
    struct bundle_file files[BUNDLE_FILES_MAX];
    if (!reading_begin(&r, rq, store) || !bundle_read_row(&r, &row)) return;
    const int n = bundle_files(row.text, files, COUNT_OF(files), &r.error);
    const struct bundle_file *f = file_named(files, n, rq->captures[1]);
    if (f == NULL) {
        request_fail(rq, 404, "not_found", S("this bundle has no file of that name"),
                     S("GET the bundle: it lists them"));
        return;
    }
    buf_add(&rq->out, f->bytes);
    request_answer(rq, 200, TYPE_TEXT);
}

void procedures_file_get(struct request *rq)
{
    request_read(rq, file_shown);
}

/* --- activating --- */

static void act_replied(struct request *rq, const struct reply *reply)
{
    struct json j = { .out = &rq->out };
    if (reply->code < 0) {
        request_fail_code(rq, reply->code, arena_copy(rq->arena, reply->text));
        return;
    }
    json_begin(&j, NULL, '{');
    json_text(&j, "text", reply->text);
    json_int(&j, "bundle", reply->id);
    json_end(&j, '}');
    buf_add_char(&rq->out, '\n');
    request_answer(rq, 200, TYPE_JSON);
}

void procedures_submit(struct request *rq, const struct act *act, struct slice bytes)
{
    struct bundle_wish *wish = arena_new(rq->arena, struct bundle_wish);
    wish->act = *act;
    wish->act.actor = rq->who.person;
    wish->act.via = rq->who.local ? VIA_CLI : VIA_API;
    wish->act.administrator = rq->who.scope >= ACCESS_ADMIN;
    wish->bytes = bytes;
    request_bundle(rq, wish, act_replied);
}

/* R11: a person approves at the socket, under their own login; what a program approves in their name is its token's. */
static bool caller_may_activate(struct request *rq)
{
    struct buf text = { .max = 256 };
    if (rq->who.local || rq->who.scope >= ACCESS_ADMIN) return true;
    buf_addf(&text, "the token `%.*s` may propose procedures, not activate them: this needs scope admin",
             (int)rq->who.name.n, rq->who.name.p);
    request_fail(rq, 403, "forbidden", arena_copy(rq->arena, buf_slice(&text)),
                 S("an approver says `tocsin activate` on the server; or give the token that scope in site.yaml"));
    buf_release(&text);
    return false;
}

void procedures_activate_post(struct request *rq)
{
    struct error e = { 0 };
    struct act act = { 0 };
    if (!caller_may_activate(rq)) return;
    const int rc = act_from_json(rq->arena, &act_defs[ACT_ACTIVATE], rq->body, rq->received.wall_ms, &act, &e);
    if (rc < 0)
        request_fail_code(rq, rc, arena_copy(rq->arena, slice_of(e.detail)));
    else
        procedures_submit(rq, &act, (struct slice){ 0 });
}
