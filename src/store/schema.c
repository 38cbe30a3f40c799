/* schema.c - the tables, version by version.
 * Not here: the check that tables and row.h agree (sqlite_open.c).
 * Always: append only. Released rows are never edited, moved or removed; a new field is a new migration. */
#include "store/schema.h"

#include "base/check.h"

/* The timeline's last four columns are the chain's (P6): NULL in rows older than the chain; `salt` is NULL where the text
 * was taken out. Incident 0 is the
 * system's own timeline. Indexes are few on purpose: each costs a page write in every batch; alert_live, the table that
 * changes most, has none, and alerts are found by the blocks of 64 in which they lie (sqlite_blocks.c). */
static const char first_light[] =
    "CREATE TABLE symbol_row(id @int NOT NULL PRIMARY KEY, text @bytes NOT NULL) @strict;"
    "CREATE TABLE annotations(id @int NOT NULL PRIMARY KEY, hash @int NOT NULL, text @bytes NOT NULL) @strict;"
    "CREATE TABLE bundle(id @int NOT NULL PRIMARY KEY, active @int NOT NULL, activated_wall @int NOT NULL,"
    " activated_by @int NOT NULL, hash @int NOT NULL, waiting @int NOT NULL, proposed_wall @int NOT NULL,"
    " proposed_by @int NOT NULL, proposed_why @int NOT NULL, compiled @int NOT NULL, text @bytes NOT NULL) @strict;"
    "CREATE TABLE sender(id @int NOT NULL PRIMARY KEY, last_wall @int NOT NULL, resends @int NOT NULL,"
    " silent_since_wall @int NOT NULL, incident @int NOT NULL) @strict;"
    "CREATE TABLE alert(id @int NOT NULL PRIMARY KEY, sender @int NOT NULL,"
    " service @int NOT NULL, incident @int NOT NULL, reason @int NOT NULL, reason_text @int NOT NULL,"
    " name @int NOT NULL, summary @int NOT NULL, severity @int NOT NULL, change_gaps @int NOT NULL,"
    " changed_at @int NOT NULL, created_wall @int NOT NULL, state @int NOT NULL, starts_wall @int NOT NULL,"
    " ends_wall @int NOT NULL, updated_wall @int NOT NULL, annotations @int NOT NULL, sends @int NOT NULL,"
    " text @bytes NOT NULL) @strict;"
    "CREATE TABLE alert_block(incident @int NOT NULL, block @int NOT NULL, PRIMARY KEY(incident, block)) @clustered;"
    "CREATE TABLE firing_block(block @int NOT NULL PRIMARY KEY) @strict;"
    "CREATE TABLE alert_live(id @int NOT NULL PRIMARY KEY, state @int NOT NULL, starts_wall @int NOT NULL,"
    " ends_wall @int NOT NULL, updated_wall @int NOT NULL, annotations @int NOT NULL, sends @int NOT NULL) @strict;"
    "CREATE TABLE incident(id @int NOT NULL PRIMARY KEY, state @int NOT NULL, service @int NOT NULL,"
    " team @int NOT NULL, bundle @int NOT NULL, title @int NOT NULL, impact @int NOT NULL,"
    " category @int NOT NULL, severity @int NOT NULL, severity_source @int NOT NULL,"
    " severity_at @int NOT NULL, rule @int NOT NULL, group_key @int NOT NULL, opened_at @int NOT NULL,"
    " opened_wall @int NOT NULL, detected_wall @int NOT NULL, clock_at @int NOT NULL, clock_wall @int NOT NULL,"
    " acknowledged_at @int NOT NULL, acknowledged_wall @int NOT NULL, acknowledged_by @int NOT NULL,"
    " confirmed_wall @int NOT NULL, confirmed_by @int NOT NULL, declared_wall @int NOT NULL,"
    " declared_by @int NOT NULL, triaged_wall @int NOT NULL, mitigated_wall @int NOT NULL,"
    " resolved_at @int NOT NULL, resolved_wall @int NOT NULL, resolved_by @int NOT NULL,"
    " closed_at @int NOT NULL, closed_wall @int NOT NULL, reason @int NOT NULL, merged_into @int NOT NULL,"
    " follows @int NOT NULL, joined_at @int NOT NULL, recovered_at @int NOT NULL, held_at @int NOT NULL,"
    " chain_rule @int NOT NULL, chain_step @int NOT NULL, round @int NOT NULL, round_step @int NOT NULL,"
    " exhausted_at @int NOT NULL, level_at @int NOT NULL, alerts @int NOT NULL, firing @int NOT NULL,"
    " seq @int NOT NULL, asked @int NOT NULL, snoozed_until_at @int NOT NULL,"
    " snoozed_until_wall @int NOT NULL, snoozed_by @int NOT NULL,"
    " cause @int NOT NULL, mitigation @int NOT NULL, loud_at @int NOT NULL, chain_at @int NOT NULL) @strict;"
    "CREATE TABLE holder(incident @int NOT NULL, role @int NOT NULL, person @int NOT NULL,"
    " since_wall @int NOT NULL, \"by\" @int NOT NULL, PRIMARY KEY(incident, role)) @clustered;"
    "CREATE TABLE page(id @int NOT NULL PRIMARY KEY, incident @int NOT NULL, kind @int NOT NULL,"
    " reason @int NOT NULL, rule @int NOT NULL, line @int NOT NULL, level @int NOT NULL, role @int NOT NULL,"
    " person @int NOT NULL, schedule @int NOT NULL, turn @int NOT NULL, scope @int NOT NULL,"
    " rings @int NOT NULL, all_at_once @int NOT NULL, by_kind @int NOT NULL, state @int NOT NULL,"
    " next_kind @int NOT NULL, created_at @int NOT NULL, created_wall @int NOT NULL, ended_at @int NOT NULL,"
    " ended_wall @int NOT NULL, ended_by @int NOT NULL, repeat_of @int NOT NULL) @strict;"
    "CREATE TABLE delivery(id @int NOT NULL PRIMARY KEY, incident @int NOT NULL, page @int NOT NULL,"
    " purpose @int NOT NULL, team @int NOT NULL, person @int NOT NULL, kind @int NOT NULL,"
    " channel @int NOT NULL, address @int NOT NULL, place @int NOT NULL, wakes @int NOT NULL,"
    " level @int NOT NULL, state @int NOT NULL, attempts @int NOT NULL, uncertain @int NOT NULL,"
    " outcome @int NOT NULL, queued_at @int NOT NULL, next_at @int NOT NULL, ended_at @int NOT NULL,"
    " ended_wall @int NOT NULL, line @int NOT NULL, ref @int NOT NULL, note @int NOT NULL,"
    " carrier @int NOT NULL, begun_at @int NOT NULL, provider @int NOT NULL) @strict;"
    "CREATE TABLE attempt(delivery @int NOT NULL, n @int NOT NULL, started_at @int NOT NULL,"
    " started_wall @int NOT NULL, outcome @int NOT NULL, code @int NOT NULL, finished_at @int NOT NULL,"
    " finished_wall @int NOT NULL, text @bytes NOT NULL, PRIMARY KEY(delivery, n)) @clustered;"
    "CREATE TABLE timer(subject @int NOT NULL, \"on\" @int NOT NULL, kind @int NOT NULL, rule @int NOT NULL,"
    " due_at @int NOT NULL, due_wall @int NOT NULL, PRIMARY KEY(subject, \"on\", kind, rule)) @clustered;"
    "CREATE TABLE silence(id @int NOT NULL PRIMARY KEY, starts_wall @int NOT NULL, ends_wall @int NOT NULL,"
    " updated_wall @int NOT NULL, \"by\" @int NOT NULL, comment @int NOT NULL, ended @int NOT NULL,"
    " text @bytes NOT NULL) @strict;"
    "CREATE TABLE milestone_check(incident @int NOT NULL, milestone @int NOT NULL, idx @int NOT NULL,"
    " state @int NOT NULL, done_at @int NOT NULL, done_wall @int NOT NULL, \"by\" @int NOT NULL,"
    " evidence @int NOT NULL, reason @int NOT NULL, PRIMARY KEY(incident, milestone, idx)) @clustered;"
    "CREATE TABLE counter(id @int NOT NULL PRIMARY KEY, last @int NOT NULL) @strict;"
    "CREATE TABLE clock_row(id @int NOT NULL PRIMARY KEY, at @int NOT NULL, wall @int NOT NULL,"
    " boot_hi @int NOT NULL, boot_lo @int NOT NULL, \"offset\" @int NOT NULL, serial @int NOT NULL) @strict;"
    "CREATE TABLE activation(id @int NOT NULL PRIMARY KEY, bundle @int NOT NULL, previous @int NOT NULL,"
    " how @int NOT NULL, wall @int NOT NULL, \"by\" @int NOT NULL, author @int NOT NULL, reason @int NOT NULL,"
    " compiler @int NOT NULL, interpretations @int NOT NULL, hash @int NOT NULL, moved @int NOT NULL,"
    " text @bytes NOT NULL) @strict;"
    "CREATE TABLE timeline(id @int NOT NULL PRIMARY KEY, incident @int NOT NULL, seq @int NOT NULL, at @int NOT NULL,"
    " wall @int NOT NULL, actor @int NOT NULL, via @int NOT NULL, kind @int NOT NULL, ref @int NOT NULL,"
    " rule @int NOT NULL, line @int NOT NULL, text @bytes NOT NULL, changes @bytes NOT NULL,"
    " previous @bytes, salt @bytes, text_hash @bytes, hash @bytes, UNIQUE(incident, seq)) @strict;"
    "CREATE INDEX incident_closed ON incident(closed_at, id);"
    "CREATE INDEX page_incident ON page(incident, id);"
    "CREATE INDEX delivery_incident ON delivery(incident, id);"
    "CREATE INDEX delivery_carrier ON delivery(carrier, id);"
    "CREATE INDEX attempt_in_flight ON attempt(delivery) WHERE outcome = 0;"
    "CREATE INDEX silence_ended ON silence(ended, id);";

/* The chain over all timelines, a link a batch; and whose store this is. */
static const char evidence[] =
    "CREATE TABLE chain_link(id @int NOT NULL PRIMARY KEY, at @int NOT NULL, wall @int NOT NULL,"
    " entries @int NOT NULL, symbols @int NOT NULL, text @bytes NOT NULL) @strict;"
    "CREATE TABLE instance(id @int NOT NULL PRIMARY KEY, hi @int NOT NULL, lo @int NOT NULL,"
    " held @int NOT NULL) @strict;";

const struct migration schema_migrations[] = {
    { first_light },
    { evidence },
};
const size_t schema_version = COUNT_OF(schema_migrations);

const struct schema_words schema_words_sqlite = { .integer = "INTEGER", .bytes = "BLOB", .strict = "STRICT", .clustered = "STRICT, WITHOUT ROWID" };

void schema_expand(const char *sql, const struct schema_words *w, struct buf *out)
{
    struct slice rest = slice_of(sql);
    while (rest.n > 0) {
        buf_add(out, slice_cut(&rest, '@'));
        if (slice_cut_prefix(&rest, S("int")))
            buf_add_str(out, w->integer);
        else if (slice_cut_prefix(&rest, S("bytes")))
            buf_add_str(out, w->bytes);
        else if (slice_cut_prefix(&rest, S("strict")))
            buf_add_str(out, w->strict);
        else if (slice_cut_prefix(&rest, S("clustered")))
            buf_add_str(out, w->clustered);
        else
            CHECK(rest.n == 0);
    }
}
