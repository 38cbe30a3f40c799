/* The record: taking a text out of it, who may, of what, and what is said about it; and the head that leaves once a day
 * (P6). */
#include "core_kit.h"

#include "core/delivery.h"
#include "core/template.h"
#include "core/timeline.h"

static struct reply redact(struct kit *k, const char *who, bool administrator, incident_id id, int64_t entry,
                           const char *why)
{
    const struct act a = { .kind = ACT_REDACT,
                           .via = VIA_API,
                           .actor = slice_of(who),
                           .administrator = administrator,
                           .incident = id,
                           .entry = entry,
                           .text = slice_of(why) };
    kit_step(k, (struct event){ .kind = EVENT_ACT, .act = &a, .reply_to = 1 });
    assert_int_equal(k->fx.replies.n, 1);
    return k->fx.replies.v[0];
}

static void an_administrator_takes_a_text_out_and_says_why(void **state)
{
    struct kit k;
    (void)state;
    kit_open(&k);
    kit_alert(&k, "HighErrorRate", "critical");
    assert_int_equal(redact(&k, "joan", true, 1, 2, "names a patient").code, 0);
    assert_int_equal(k.fx.erasures.n, 1);
    assert_int_equal(k.fx.erasures.v[0].incident, 1);
    assert_int_equal(k.fx.erasures.v[0].seq, 2);
    assert_int_equal(k.fx.entries.n, 1);
    assert_int_equal(k.fx.entries.v[0].kind, ENTRY_REDACTED);
    assert_int_equal(k.fx.entries.v[0].incident, 1);
    assert_int_equal(k.fx.entries.v[0].ref, 2);
    kit_close(&k);
}

static const struct {
    const char *what, *who;
    bool administrator; /* the door says so: its socket, or a token of scope admin */
    incident_id incident;
    int64_t entry;
    const char *why;
    int code;
} rows[] = {
    { "nobody else may", "joan", false, 1, 2, "names a patient", ERR_DENIED },
    { "nor an administrator by a token of less", "grace", false, 1, 2, "names a patient", ERR_DENIED },
    { "not without a reason", "joan", true, 1, 2, "", ERR_INVALID },
    { "not without a number", "joan", true, 1, 0, "why", ERR_INVALID },
    { "no entry that is not there", "joan", true, 1, 1000, "why", ERR_INVALID },
    { "no incident that never was", "joan", true, 99, 2, "why", ERR_NOT_FOUND },
};

static void what_is_refused_erases_nothing(void **state)
{
    struct kit k;
    (void)state;
    kit_open(&k);
    kit_alert(&k, "HighErrorRate", "critical");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const int code =
            redact(&k, rows[i].who, rows[i].administrator, rows[i].incident, rows[i].entry, rows[i].why).code;
        if (code != rows[i].code || k.fx.erasures.n != 0) fail_msg("%s: %d", rows[i].what, code);
    }
    const int64_t last = world_incident(k.w, 1)->seq;
    assert_int_equal(redact(&k, "joan", true, 1, last + 1, "names a patient").code, ERR_INVALID);
    assert_int_equal(redact(&k, "joan", true, 1, last, "names a patient").code, 0);
    kit_close(&k);
}

static struct reply redact_field(struct kit *k, const char *field, incident_id id)
{
    const struct act a = { .kind = ACT_REDACT,
                           .via = VIA_API,
                           .actor = S("joan"),
                           .administrator = true,
                           .incident = id,
                           .entry = 1,
                           .field = slice_of(field),
                           .text = S("names a patient") };
    kit_step(k, (struct event){ .kind = EVENT_ACT, .act = &a, .reply_to = 1 });
    return k->fx.replies.v[0];
}

/* What every list shows goes with its entry, by its name, and whatever else says the same; what is left is told. */
static void a_fact_goes_with_its_entry(void **state)
{
    struct kit k;
    (void)state;
    kit_open(&k);
    kit_act(&k, ACT_DECLARE, "ada", 0, "Mrs Miller's record is public");
    const struct act assess = {
        .kind = ACT_ASSESS, .via = VIA_CLI, .actor = S("ada"), .incident = 1, .cause = S("Mr Smith sent it")
    };
    kit_step(&k, (struct event){ .kind = EVENT_ACT, .act = &assess });
    struct reply r = redact(&k, "joan", true, 1, 1, "names a patient");
    assert_true(slice_find(r.text, S("the incident keeps its title, impact, cause: --field takes one out")) < r.text.n);
    r = redact_field(&k, "title", 1);
    const struct incident *i = world_incident(k.w, 1);
    assert_int_equal(r.code, 0);
    assert_true(slice_eq(world_text(k.w, i->title), S("[taken out]")));
    assert_true(slice_eq(world_text(k.w, i->impact), S("[taken out]"))); /* the same sentence */
    assert_true(slice_eq(world_text(k.w, i->cause), S("Mr Smith sent it")));
    assert_true(slice_find(r.text, S("the incident keeps its cause: --field")) < r.text.n);
    assert_int_equal(k.fx.erasures.n, 1);
    assert_int_equal(redact_field(&k, "cause", 1).code, 0);
    assert_true(slice_eq(world_text(k.w, i->cause), S("[taken out]")));
    assert_int_equal(redact_field(&k, "colour", 1).code, ERR_INVALID);
    assert_int_equal(k.fx.erasures.n, 0);
    kit_close(&k);
}

/* What is out already is not taken out again: the record would say that somebody did what was done before. */
static void what_is_out_is_not_taken_out_again(void **state)
{
    static const struct {
        const char *what;
        bool out; /* the door saw that the entry's text is gone */
        const char *field;
        int code;
        size_t erased;
        const char *answer;
    } again[] = {
        { "a field that is empty", false, "cause", ERR_CONFLICT, 0,
          "INC-1 has no cause: nothing was taken out. Without --field its entry 1 goes" },
        { "the entry", false, "", 0, 1, NULL },
        { "the entry again", true, "", ERR_CONFLICT, 0,
          "The text of INC-1, entry 1, is out already: nothing is left of it to take out. Apart from its entries the "
          "incident keeps its title, impact: --field takes one out" },
        { "then a fact with it", true, "title", 0, 0, NULL },
        { "the fact again", true, "title", ERR_CONFLICT, 0,
          "The title of INC-1 and the text of its entry 1 are out already: nothing is left of them to take out" },
        { "a fact that is out, with an entry that is not", false, "title", 0, 1, NULL },
    };
    struct kit k;
    (void)state;
    kit_open(&k);
    kit_act(&k, ACT_DECLARE, "ada", 0, "Mrs Miller's record is public");
    for (size_t i = 0; i < COUNT_OF(again); i++) {
        const struct act a = { .kind = ACT_REDACT,
                               .via = VIA_API,
                               .actor = S("joan"),
                               .administrator = true,
                               .incident = 1,
                               .entry = 1,
                               .entry_out = again[i].out,
                               .field = slice_of(again[i].field),
                               .text = S("names a patient") };
        kit_step(&k, (struct event){ .kind = EVENT_ACT, .act = &a, .reply_to = 1 });
        const struct reply *r = &k.fx.replies.v[0];
        if (r->code != again[i].code || k.fx.erasures.n != again[i].erased || k.fx.entries.n != (r->code == 0) ||
            (again[i].answer != NULL && !slice_eq(r->text, slice_of(again[i].answer))))
            fail_msg("%s: %d, %zu erased, %zu entries: %.*s", again[i].what, r->code, k.fx.erasures.n, k.fx.entries.n,
                     (int)r->text.n, r->text.p);
    }
    const struct incident *i = world_incident(k.w, 1);
    assert_true(i->cause == 0 && i->mitigation == 0 && i->reason == 0); /* what was empty stays so */
    kit_close(&k);
}

/* A closed incident left the world; its record may still have to say less. */
static void an_old_incident_is_no_obstacle(void **state)
{
    struct kit k;
    (void)state;
    kit_open(&k);
    kit_alert(&k, "HighErrorRate", "critical");
    kit_accept(&k);
    kit_act(&k, ACT_RESOLVE, "ada", 1, "done");
    kit_until(&k, 3 * DAY);
    assert_null(world_incident(k.w, 1));
    assert_int_equal(redact(&k, "joan", true, 1, 2, "names a patient").code, 0);
    assert_int_equal(k.fx.erasures.v[0].incident, 1);
    assert_int_equal(k.fx.entries.v[0].incident, 0); /* said on the system's own timeline */
    assert_int_equal(redact_field(&k, "title", 1).code, ERR_CONFLICT);
    kit_close(&k);
}

/* The administrators by mail, never by what wakes; a restart within the day is no reason for another one. */
static void the_head_leaves_by_mail_once_a_day(void **state)
{
    struct kit k;
    const struct event head = { .kind = EVENT_HEAD, .head = S("chain head 00ff, link 7") };
    (void)state;
    kit_open(&k);
    kit_step(&k, head);
    assert_int_equal(k.fx.sends.n, 1);
    const struct delivery *d = world_delivery(k.w, k.fx.sends.v[0].delivery);
    assert_int_equal(d->purpose, PURPOSE_EVIDENCE);
    assert_true(slice_eq(world_text(k.w, d->channel), S("post")));
    assert_true(slice_eq(world_text(k.w, d->address), S("grace@x")));
    struct message_text text;
    message_render(k.w, d->id, k.wall, S(""), &text);
    assert_true(slice_find(buf_slice(&text.text), S("chain head 00ff, link 7")) < text.text.len);
    message_release(&text);
    kit_result(&k, k.fx.sends.v[0], OUTCOME_ACCEPTED);
    kit_step(&k, head);
    assert_int_equal(k.fx.sends.n, 0);
    kit_until(&k, 20 * HOUR - 1);
    kit_step(&k, head);
    assert_int_equal(k.fx.sends.n, 0);
    kit_until(&k, 20 * HOUR);
    kit_step(&k, head);
    assert_int_equal(k.fx.sends.n, 1);
    kit_close(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_administrator_takes_a_text_out_and_says_why),
        cmocka_unit_test(what_is_refused_erases_nothing),
        cmocka_unit_test(a_fact_goes_with_its_entry),
        cmocka_unit_test(what_is_out_is_not_taken_out_again),
        cmocka_unit_test(an_old_incident_is_no_obstacle),
        cmocka_unit_test(the_head_leaves_by_mail_once_a_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
