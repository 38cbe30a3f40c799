/* bundle.h - procedures and routing that are in force together: their bytes, and what they compile to.
 *
 * The bytes are a framing of named files, the same for ever once stored: a first line `tocsin bundle 1`, then for each
 * file `KIND LENGTH NAME` on a line of its own, the bytes, and a line feed. KIND is `procedures`, `routing` or `runbooks`; the last says
 * which scenario the site attaches a document to, a line `SCENARIO<TAB>NAME` each. Names are
 * for messages; the hash covers all of it. A bundle is immutable and counted: the engine keeps those in use, the doors
 * keep those that they show. Any thread may take and release references. R12, R13. */
#ifndef ENGINE_BUNDLE_H
#define ENGINE_BUNDLE_H

#include "base/buf.h"
#include "base/error.h"
#include "core/event.h"

struct live_bundle; /* opaque */
struct site;

#define BUNDLE_FILES_MAX 64
#define BUNDLE_MAX_BYTES ((size_t)8 << 20)

#define BUNDLE_KINDS(X) X(PROCEDURES, 1, "procedures") X(ROUTING, 2, "routing") X(RUNBOOKS, 3, "runbooks")

enum bundle_kind {
    BUNDLE_UNSET = 0,
#define X(sym, code, text) BUNDLE_##sym = code,
    BUNDLE_KINDS(X)
#undef X
};

struct bundle_file {
    enum bundle_kind kind;
    struct slice name, bytes;
};

/* The site's documents and routing as they stand on disk now, framed. ERR_* names the file. */
int bundle_read(const struct site *site, struct buf *out, struct error *e);
struct slice bundle_kind_name(enum bundle_kind kind);
void bundle_add_file(struct buf *out, const struct bundle_file *f); /* the first call adds the first line too */
/* The framed files; slices borrow from `bytes`. Returns how many, or ERR_SYNTAX. */
int bundle_files(struct slice bytes, struct bundle_file *out, size_t max, struct error *e);
/* Of the bytes: the first 8 of BLAKE2b, what BUNDLE rows keep. */
int64_t bundle_hash(struct slice bytes);

/* Copies and compiles. Errors, or where there is none warnings, are appended to `report`, one a line as `tocsin check` has
 * them: `file:line:col: level[CODE]: text; instead: what to write`.
 * NULL with ERR_SYNTAX (the document or the routing has errors), ERR_INVALID (no document), ERR_LIMIT. `site` (may be
 * NULL) knows the services that routing names. */
struct live_bundle *bundle_create(struct slice bytes, const struct site *site, struct buf *report, struct error *e);
/* Tests and rehearsals: a bundle of parts made elsewhere, which must outlive it. */
struct live_bundle *bundle_of_parts(const struct policy *policy, const struct routing *routing, struct slice bytes);
struct live_bundle *bundle_take(struct live_bundle *b); /* another reference; returns b */
void bundle_release(struct live_bundle **b); /* NULL is fine; clears *b */

/* Compiling judges no days; who puts a bundle in force does, by today (days since 1970-01-01, UTC). ERR_CONFLICT: an
 * override for being weaker has ended; `said` gets a line each for those, and for those that end soon. */
int bundle_judge_days(const struct live_bundle *b, int64_t today, struct buf *said, struct error *e);

/* Files change by accident too: emptied, cut off. ERR_CONFLICT: where `now` says who is paged when nobody answers or nothing is
 * resolved, for everybody or for a team, `fresh` says nothing. */
int bundle_judge_loss(const struct live_bundle *now, const struct live_bundle *fresh, struct error *e);

const struct policy *bundle_policy_of(const struct live_bundle *b);
const struct routing *bundle_routing_of(const struct live_bundle *b);
struct slice bundle_bytes(const struct live_bundle *b);
/* Of what was decided where the documents were ambiguous: the first 8 bytes of BLAKE2b of code, line and reading. */
int64_t bundle_interpretations(const struct live_bundle *b);
/* What `new` does differently, in sentences with their lines, each on a line of its own behind a line feed (R9). Nothing
 * for bundles of parts. */
void bundle_diff(const struct live_bundle *old, const struct live_bundle *new, struct buf *out);
/* Policy, routing, bytes, hashes and compiler version into an event or an act; they borrow from the bundle. */
void bundle_describe(const struct live_bundle *b, struct event_bundle *out);
struct slice bundle_name(const struct live_bundle *b); /* of the first document, for people */
bundle_id bundle_id_of(const struct live_bundle *b); /* 0 until the world has given it one */
void bundle_set_id(struct live_bundle *b, bundle_id id); /* once; the engine's thread */

#endif
