/* world_redact.c - a text is taken out of the record: a name, a password, somebody's health.
 *
 * What stays: that the entry was there, when, by whom, of which kind, what it changed, and the hash of its text, so that
 * the chain keeps verifying (docs/evidence.md). Who took it out and why is an entry of its own: on the incident while the
 * world holds it, else on the system's timeline. Not here: the erasing (store/).
 * Always: an administrator's act; nobody else can make the record say less. */
#include "core/world_parts.h"

/* --- facts of the incident: what people and senders wrote, and every list shows --- */

#define TAKEN_OUT S("[taken out]")

static const struct {
    struct slice name;
    size_t at;
} facts[] = {
    { S("title"), offsetof(struct incident, title) },   { S("impact"), offsetof(struct incident, impact) },
    { S("cause"), offsetof(struct incident, cause) },   { S("mitigation"), offsetof(struct incident, mitigation) },
    { S("reason"), offsetof(struct incident, reason) },
};

static int64_t *fact_of(struct incident *i, size_t k)
{
    return (int64_t *)(void *)((char *)i + facts[k].at);
}

/* COUNT_OF(facts): there is no such fact. */
static size_t fact_named(struct slice name)
{
    size_t k = 0;
    while (k < COUNT_OF(facts) && !slice_eq(facts[k].name, name)) k++;
    return k;
}

/* Whatever else of the incident says the same goes too: a declaration's sentence is title and impact. */
static void take_out(struct world *w, incident_id id, size_t which)
{
    struct incident *i = incident_edit(w, id);
    const symbol said = *fact_of(i, which);
    for (size_t k = 0; k < COUNT_OF(facts); k++)
        if (*fact_of(i, k) == said) *fact_of(i, k) = symbol_of(w, TAKEN_OUT);
}

/* Who takes an entry out may think that its words are gone from everywhere: what still says something is named. */
static void add_facts_left(struct world *w, incident_id id, struct buf *out)
{
    struct incident i = *incident_get(w, id);
    size_t n = 0;
    for (size_t k = 0; k < COUNT_OF(facts); k++) {
        const symbol says = *fact_of(&i, k);
        if (says == 0 || slice_eq(symbol_text(w, says), TAKEN_OUT)) continue;
        buf_add(out, n++ > 0 ? S(", ") : S(". Apart from its entries the incident keeps its "));
        buf_add(out, facts[k].name);
    }
    if (n > 0) buf_add(out, S(": --field takes one out"));
}

static bool is_out(const struct world *w, symbol said)
{
    return slice_eq(symbol_text(w, said), TAKEN_OUT);
}

static bool is_refused(struct world *w, const struct act *a, const struct incident *i)
{
    const size_t field = fact_named(a->field);
    if (a->text.n == 0 || a->entry <= 0)
        REPLY(w, ERR_INVALID, a->incident, 0,
              S("Say which entry of the timeline, by its number, and why: the reason stays in the record"));
    else if (i != NULL && a->entry > i->seq)
        REPLY(w, ERR_INVALID, a->incident, 0, text_incident(w, a->incident), S(" has the entries 1 to "),
              text_int(w, i->seq), S("; `tocsin show "), text_incident(w, a->incident), S("` numbers them"));
    else if (a->field.n > 0 && field == COUNT_OF(facts))
        REPLY(w, ERR_INVALID, a->incident, 0, S("There is no fact \""), a->field,
              S("\"; these are: title, impact, cause, mitigation, reason"));
    else if (a->field.n > 0 && i == NULL)
        REPLY(w, ERR_CONFLICT, a->incident, 0, text_incident(w, a->incident),
              S(" was closed more than a day ago: its entries can be taken out, its facts are fixed"));
    else
        return false;
    return true;
}

/* Said and done before: once more the record would tell of an act that took nothing. `fact` is 0: none is named. */
static bool is_done(struct world *w, const struct act *a, const struct incident *i, symbol fact)
{
    const struct slice id = text_incident(w, a->incident);
    struct buf left = { 0 };
    bool done = true;
    if (a->field.n > 0 && fact == 0) {
        REPLY(w, ERR_CONFLICT, a->incident, 0, id, S(" has no "), a->field,
              S(": nothing was taken out. Without --field its entry "), text_int(w, a->entry), S(" goes"));
    } else if (a->entry_out && a->field.n == 0) {
        if (i != NULL) add_facts_left(w, i->id, &left);
        REPLY(w, ERR_CONFLICT, a->incident, 0, S("The text of "), id, S(", entry "), text_int(w, a->entry),
              S(", is out already: nothing is left of it to take out"), buf_slice(&left));
    } else if (a->entry_out && is_out(w, fact)) {
        REPLY(w, ERR_CONFLICT, a->incident, 0, S("The "), a->field, S(" of "), id, S(" and the text of its entry "),
              text_int(w, a->entry), S(" are out already: nothing is left of them to take out"));
    } else {
        done = false;
    }
    buf_release(&left);
    return done;
}

static void say_taken_out(struct world *w, incident_id on, const struct act *a, bool fact)
{
    const struct slice id = text_incident(w, a->incident);
    if (a->entry_out)
        SAY(w, on, ENTRY_REDACTED, a->entry, S("The "), a->field, S(" of "), id, S(" was taken out: "), a->text);
    else
        SAY(w, on, ENTRY_REDACTED, a->entry, S("The text of "), id, S(", entry "), text_int(w, a->entry),
            fact ? S(", and its ") : S(""), fact ? a->field : S(""), S(", was taken out: "), a->text);
}

void world_act_redact(struct world *w)
{
    const struct act *a = w->ev->act;
    const struct incident *i = incident_get(w, a->incident);
    const incident_id on = i == NULL ? 0 : i->id;
    if (!a->administrator) { /* what the door says of the caller: a token of scope write is none, whoever has it */
        REPLY(w, ERR_DENIED, a->incident, 0, S("Only an administrator takes texts out of the record"));
        return;
    }
    if (is_refused(w, a, i)) return;
    struct incident now = on == 0 ? (struct incident){ 0 } : *i;
    const size_t field = fact_named(a->field);
    const symbol fact = a->field.n == 0 ? 0 : *fact_of(&now, field);
    if (is_done(w, a, i, fact)) return;
    const bool takes_fact = fact != 0 && !is_out(w, fact);
    if (takes_fact) take_out(w, on, field);
    say_taken_out(w, on, a, takes_fact);
    if (!a->entry_out) *vec_push(&w->fx->erasures) = (struct erasure){ a->incident, a->entry };
    struct buf left = { 0 };
    if (on != 0) add_facts_left(w, on, &left);
    REPLY(w, 0, a->incident, 0, S("Taken out of the store; copies made before (backups, mails, chats) still have it"),
          buf_slice(&left));
    buf_release(&left);
}
