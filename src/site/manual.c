/* manual.c - the tables of keys as Markdown, so that the manual knows what the reader of the files knows. */
#include "base/check.h"
#include "site/loader.h"

static const struct key_table *const tables[] = {
    &site_table,     &organisation_table,  &runbook_table,   &team_table,     &service_table, &binding_table,
    &person_table,   &schedule_table,      &channel_table,   &log_table,      &smtp_table,    &webhook_table,
    &slack_table,    &slack_webhook_table, &ntfy_table,      &telegram_table, &secret_table,  &metric_table,
    &unrouted_table, &working_table,       &heartbeat_table, &http_table,     &ingest_table,  &token_table,
    &routing_table,  &rule_table,
};

static const char *type_name(enum key_type type)
{
    switch (type) {
    case KEY_UNSET:
    case KEY_READ:
    case KEY_LATER: break;
    case KEY_TEXT: return "text";
    case KEY_BOOL: return "true or false";
    case KEY_TEXTS: return "text or list";
    }
    return "";
}

/* What instead, of a key before it already. */
static bool is_said(const struct key_table *t, size_t key)
{
    for (size_t i = 0; i < key; i++)
        if (t->keys[i].type == KEY_LATER && t->keys[i].help != NULL && slice_eq(slice_of(t->keys[i].help), slice_of(t->keys[key].help)))
            return true;
    return false;
}

static void table_print(const struct key_table *t, struct buf *out)
{
    size_t later = 0;

    buf_addf(out, "\n### `%s`\n\n| key | | |\n|---|---|---|\n", t->where);
    for (size_t i = 0; i < t->n; i++) {
        const struct key *k = &t->keys[i];

        later += k->type == KEY_LATER;
        if (k->type != KEY_LATER)
            buf_addf(out, "| `%s`%s | %s | %s |\n", k->name, k->required ? " *" : "", type_name(k->type), k->help);
    }
    if (later > 0) buf_add_str(out, "\nKnown, and not in this version:");
    for (size_t i = 0, n = 0; i < t->n; i++) {
        if (t->keys[i].type != KEY_LATER) continue;
        buf_addf(out, "%s `%s`", n++ > 0 ? "," : "", t->keys[i].name);
        if (t->keys[i].help != NULL && !is_said(t, i)) buf_addf(out, " (%s)", t->keys[i].help);
    }
    if (later > 0) buf_add_str(out, ".\n");
}

void site_manual(struct buf *out)
{
    for (size_t i = 0; i < COUNT_OF(tables); i++) table_print(tables[i], out);
}
