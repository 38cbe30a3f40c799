/* template.c - facts into words: what a page, a stand-down, an alarm and a morning list say (R157, R158).
 *
 * Not here: the document's own templates (template_post.c). Nothing is cut in the middle of an address: the link comes
 * whole or the text before it gets shorter. */
#include "core/template.h"

#include "core/template_parts.h"

#include "base/zone.h"
#include "core/budget.h"

#define SUBJECT_MAX 60
#define BRIEF_MAX 160

void message_release(struct message_text *m)
{
    buf_release(&m->subject);
    buf_release(&m->text);
    buf_release(&m->brief);
    buf_release(&m->voice);
}

/* --- pieces --- */

struct slice text_service(const struct world *w, const struct incident *i)
{
    struct slice id = symbol_text(w, i->service);
    int s = id.n == 0 || w->directory == NULL ? -1 : directory_service(w->directory, id);
    return s >= 0 ? w->directory->services[s].name : id.n > 0 ? id : S("unrouted");
}

void text_severity(const struct world *w, const struct incident *i, struct buf *out)
{
    buf_add(out, policy_level_label(state_policy(w, i->id), (int)i->severity));
    if (i->confirmed_wall == 0) buf_add_char(out, '?');
}

static void clock_face(struct buf *out, struct civil c)
{
    buf_add_uint_pad(out, (uint64_t)c.hour, 2);
    buf_add_char(out, ':');
    buf_add_uint_pad(out, (uint64_t)c.minute, 2);
}

void text_clock(const struct world *w, int64_t wall, bool with_date, struct buf *out)
{
    struct zone_local l = { .abbreviation = S("UTC") };
    struct civil c = civil_from_seconds(wall / SECOND);
    if (w->directory != NULL) {
        zone_offset_at(w->directory->zone, wall / SECOND, &l);
        c = zone_to_local(w->directory->zone, wall / SECOND);
    }
    if (with_date) {
        buf_add_uint_pad(out, (uint64_t)c.year, 4);
        buf_add_char(out, '-');
        buf_add_uint_pad(out, (uint64_t)c.month, 2);
        buf_add_char(out, '-');
        buf_add_uint_pad(out, (uint64_t)c.day, 2);
        buf_add_char(out, ' ');
    }
    clock_face(out, c);
    buf_add_char(out, ' ');
    buf_add(out, l.abbreviation);
}

void message_headline(const struct world *w, const struct incident *i, struct buf *out)
{
    buf_add(out, S("INC-"));
    buf_add_int(out, i->id);
    buf_add_char(out, ' ');
    text_severity(w, i, out);
    buf_add_char(out, ' ');
    buf_add(out, text_service(w, i));
    buf_add(out, S(": "));
    buf_add(out, symbol_text(w, i->title));
    struct buf since = { 0 };
    buf_add(&since, S(" since "));
    text_clock(w, i->detected_wall, false, &since);
    if (slice_find(symbol_text(w, i->title), buf_slice(&since)) == symbol_text(w, i->title).n) /* a missed heartbeat's */
        buf_add(out, buf_slice(&since));
    buf_release(&since);
}

/* Who is next, and when, if nobody answers: the same chain that will decide it (R158, I15). */
struct next_up {
    int64_t wall; /* 0: nobody is next */
    struct slice role, name;
};

static struct slice role_title(const struct world *w, const struct incident *i, struct slice role)
{
    return policy_role_title(state_policy(w, i->id), role);
}

static struct next_up next_up(const struct world *w, const struct incident *i, int64_t wall)
{
    struct chain c = escalation_chain(state_policy(w, i->id), w->directory, i->severity, wall);
    size_t k = (size_t)i->chain_step + 1;
    int64_t due = k < c.n ? timer_due(w, SUBJECT_INCIDENT, i->id, TIMER_NO_RESPONSE, c.v[k].rule * 16 + c.v[k].step)
                          : timer_due(w, SUBJECT_INCIDENT, i->id, TIMER_ROUND, 0);
    if (due == 0 || w->directory == NULL || (k >= c.n && !incident_rings(i))) return (struct next_up){ 0 };
    struct next_up n = { .wall = due + (i->opened_wall - i->opened_at),
                         .role = k < c.n ? c.v[k].target->party : S(ROLE_COMMANDER) };
    struct role_now who =
        role_resolve_in(w->directory, symbol_text(w, i->service), symbol_text(w, i->team), n.role, n.wall);
    n.name = who.n > 0 ? w->directory->people[who.people[0]].name : S("nobody");
    n.role = role_title(w, i, n.role);
    return n;
}

/* --- the short forms --- */

/* At most `max` bytes, cut at a code point, with an ellipsis that GSM-7 has too. */
static void add_cut(struct buf *out, struct slice s, size_t max)
{
    if (s.n > max) {
        s = slice_upto(s, max > 2 ? max - 2 : 0);
        while (s.n > 0 && ((unsigned char)s.p[s.n - 1] & 0xc0) == 0x80) s.n--;
        if (s.n > 0 && (unsigned char)s.p[s.n - 1] >= 0xc0) s.n--;
        buf_add(out, s);
        buf_add(out, S(".."));
        return;
    }
    buf_add(out, s);
}

/* One GSM-7 septet each: what the basic table lacks becomes its nearest neighbour (3GPP TS 23.038, 6.2.1). */
static char gsm7(int32_t rune)
{
    static const char from[] = "`[]{}~\\|^\t\n\r", to[] = "'()()-//'   ";
    if ((rune >= ' ' && rune <= 'Z') || (rune >= 'a' && rune <= 'z')) return (char)rune; /* nearly all */
    for (size_t i = 0; i + 1 < sizeof from; i++)
        if (rune == from[i]) return to[i];
    if (rune == 0x2013 || rune == 0x2014) return '-';
    if (rune == 0x2018 || rune == 0x2019) return '\'';
    if (rune == 0x201c || rune == 0x201d) return '"';
    return rune >= 0x20 && rune < 0x7f ? (char)rune : '?';
}

static void add_gsm7(struct buf *out, struct slice s, size_t max)
{
    for (size_t n = 0; s.n > 0 && n < max; n++) {
        if (n + 3 > max && s.n > max - n) { /* no room for all that is left: say so */
            buf_add(out, S(".."));
            return;
        }
        buf_add_char(out, gsm7(slice_cut_rune(&s)));
    }
}

/* "repeat: " (P3), "+12 more: " where the message carries others (R154). */
static void add_prefix(const struct world *w, const struct delivery *d, struct buf *out)
{
    int64_t more = 0;
    for (size_t at = 0; reach_carried(w, d, &at) != NULL;) more++;
    if (d->attempts > 1) buf_add(out, S("repeat: "));
    if (more == 0) return;
    buf_add_char(out, '+');
    buf_add_int(out, more);
    buf_add(out, S(" more: "));
}

/* "INC-7 SEV2? Dashboard: HighErrorRate", at most 60 characters. */
static void subject_line(const struct world *w, const struct incident *i, struct slice prefix, struct message_text *m)
{
    struct buf line = { 0 };
    buf_add(&line, prefix);
    buf_add(&line, S("INC-"));
    buf_add_int(&line, i->id);
    buf_add_char(&line, ' ');
    text_severity(w, i, &line);
    buf_add_char(&line, ' ');
    add_cut(&line, text_service(w, i), 24);
    buf_add(&line, S(": "));
    buf_add(&line, symbol_text(w, i->title));
    add_cut(&m->subject, buf_slice(&line), SUBJECT_MAX);
    buf_release(&line);
}

/* The link is worth more than the words before it: it is never cut. */
static void brief_line(struct message_text *m, struct slice words, struct slice ack_url)
{
    size_t room = BRIEF_MAX;
    if (ack_url.n > 0 && ack_url.n + 20 < BRIEF_MAX) {
        room -= ack_url.n + 1;
        add_gsm7(&m->brief, words, room);
        buf_add_char(&m->brief, ' ');
        buf_add(&m->brief, ack_url);
        return;
    }
    add_gsm7(&m->brief, words, room);
}

/* --- pages and notifications --- */

static void add_next(const struct world *w, const struct next_up *n, struct buf *out)
{
    buf_add(out, n->name);
    if (n->role.n > 0) {
        buf_add(out, S(" ("));
        buf_add(out, n->role);
        buf_add(out, S(")"));
    }
    buf_add(out, S(" at "));
    text_clock(w, n->wall, false, out);
}

static void page_body(const struct world *w, const struct page *p, const struct incident *i, const struct next_up *next,
                      struct slice ack_url, struct buf *out)
{
    message_headline(w, i, out);
    buf_add(out, S("\n\nWhat: "));
    buf_add(out, i->impact != 0 ? symbol_text(w, i->impact) : symbol_text(w, i->title));
    if (i->severity == 0) buf_add(out, S("\nSeverity: unclassified, so it rings until somebody sets one"));
    buf_add(out, S("\nSince: "));
    text_clock(w, i->detected_wall, true, out);
    buf_add(out, p->kind == PAGE_PAGE ? S("\nYou are paged as ") : S("\nYou are told as "));
    buf_add(out, role_title(w, i, symbol_text(w, p->role)));
    buf_add(out, S(": "));
    buf_add_str(out, page_reason_name(p->reason));
    if (p->line != 0) {
        const struct slice file = policy_file(state_policy(w, i->id), p->line);
        buf_add(out, S(" ("));
        buf_add(out, file.n > 0 ? file : S("procedures"));
        buf_add(out, S(", line "));
        buf_add_int(out, POLICY_LINE(p->line));
        buf_add_char(out, ')');
    }
    if (p->kind == PAGE_NOTIFICATION) {
        buf_add(out, S("\nThis is for your information: no acknowledgement is asked.\n"));
        return;
    }
    if (next->wall != 0) {
        buf_add(out, S("\nNext, unless somebody acknowledges: "));
        add_next(w, next, out);
    }
    text_dial_list(w, i, p->person, out);
    buf_add(out, S("\nAcknowledge: "));
    if (ack_url.n > 0) {
        buf_add(out, ack_url);
        buf_add(out, S("\n         or: "));
    }
    buf_add(out, S("tocsin ack INC-"));
    buf_add_int(out, i->id);
    buf_add_char(out, '\n');
}

static void page_brief(const struct world *w, const struct page *p, const struct incident *i,
                       const struct next_up *next, struct slice prefix, struct slice ack_url, struct message_text *m)
{
    struct buf line = { 0 };
    buf_add(&line, prefix);
    message_headline(w, i, &line);
    if (next->wall != 0 && p->kind == PAGE_PAGE) {
        buf_add(&line, S(". Next: "));
        buf_add(&line, next->name);
        buf_add_char(&line, ' ');
        text_clock(w, next->wall, false, &line);
    }
    if (p->kind == PAGE_PAGE) buf_add(&line, ack_url.n > 0 ? S(". Ack:") : S(". Ack: tocsin ack"));
    brief_line(m, buf_slice(&line), ack_url);
    buf_release(&line);
}

static void page_voice(const struct world *w, const struct page *p, const struct incident *i,
                       const struct next_up *next, struct buf *out)
{
    buf_add(out, S("This is Tocsin. Incident "));
    buf_add_int(out, i->id);
    buf_add(out, S(", severity "));
    if (i->severity == 0)
        buf_add(out, S("unknown"));
    else
        buf_add_int(out, i->severity);
    if (i->severity != 0 && i->confirmed_wall == 0) buf_add(out, S(", provisional"));
    buf_add(out, S(". "));
    add_cut(out, text_service(w, i), 40);
    buf_add(out, S(". "));
    add_cut(out, symbol_text(w, i->title), 60);
    buf_add(out, S(". Since "));
    text_clock(w, i->detected_wall, false, out);
    if (next->wall != 0 && p->kind == PAGE_PAGE) {
        buf_add(out, S(". Next is "));
        add_cut(out, next->name, 30);
    }
    buf_add(out, p->kind == PAGE_PAGE ? S(". Press 1 to acknowledge.") : S(". No answer is needed."));
}

static void render_page(const struct world *w, const struct delivery *d, int64_t wall, struct slice ack_url,
                        struct message_text *m)
{
    const struct page *p = page_get(w, d->page);
    const struct incident *i = incident_get(w, d->incident);
    struct buf prefix = { 0 };
    struct next_up next = next_up(w, i, wall);
    if (p->kind != PAGE_PAGE) ack_url = S("");
    add_prefix(w, d, &prefix);
    subject_line(w, i, buf_slice(&prefix), m);
    if (d->attempts > 1) buf_add(&m->text, S("repeat: "));
    page_body(w, p, i, &next, ack_url, &m->text);
    page_brief(w, p, i, &next, buf_slice(&prefix), ack_url, m);
    page_voice(w, p, i, &next, &m->voice);
    buf_release(&prefix);
}

/* --- the others --- */

static void render_plain(struct slice words, struct message_text *m)
{
    buf_add(&m->text, words);
    buf_add_char(&m->text, '\n');
    brief_line(m, words, S(""));
    add_cut(&m->voice, words, 200);
}

static void render_stand_down(const struct world *w, const struct delivery *d, struct message_text *m)
{
    const struct incident *i = incident_get(w, d->incident);
    struct buf words = { 0 }, prefix = { 0 };
    add_prefix(w, d, &prefix);
    buf_add(&prefix, S("stand down: "));
    subject_line(w, i, buf_slice(&prefix), m);
    buf_release(&prefix);
    message_headline(w, i, &words);
    buf_add(&words, S(". Stand down: "));
    buf_add(&words, symbol_text(w, d->note));
    buf_add(&words, S(". Nothing is asked of you any more."));
    render_plain(buf_slice(&words), m);
    buf_release(&words);
}

static void render_alarm(const struct world *w, const struct delivery *d, struct message_text *m)
{
    struct buf words = { 0 }, about = { 0 };
    const struct incident *i = incident_get(w, d->incident);
    add_prefix(w, d, &words);
    buf_add(&words, S("Tocsin alarm: "));
    buf_add(&words, symbol_text(w, d->note));
    if (i != NULL) {
        buf_add(&about, S(" - "));
        message_headline(w, i, &about);
    }
    struct buf subject = { 0 };
    buf_add(&subject, buf_slice(&words));
    buf_add(&subject, buf_slice(&about));
    add_cut(&m->subject, buf_slice(&subject), SUBJECT_MAX);
    buf_release(&subject);
    if (i != NULL) text_dial_first(w, i, &words); /* before what may be cut */
    buf_add(&words, buf_slice(&about));
    render_plain(buf_slice(&words), m);
    if (i != NULL) text_dial_list(w, i, 0, &m->text);
    buf_release(&about);
    buf_release(&words);
}

static void render_morning(const struct world *w, const struct delivery *d, struct message_text *m)
{
    const struct incident *i;
    int64_t n = 0;
    struct buf list = { 0 };
    for (size_t at = 0; (i = state_next(w, ROW_INCIDENT, &at)) != NULL;) {
        if (i->team != d->team || !incident_is_active(i) || i->acknowledged_at != 0) continue;
        buf_add(&list, S("- "));
        message_headline(w, i, &list);
        buf_add_char(&list, '\n');
        n++;
    }
    add_prefix(w, d, &m->subject);
    buf_add_int(&m->subject, n);
    buf_add(&m->subject, S(" open and unanswered: "));
    add_cut(&m->subject, symbol_text(w, d->team), 30);
    buf_add(&m->text, buf_slice(&m->subject));
    buf_add(&m->text, S("\n\n"));
    buf_add(&m->text, buf_slice(&list));
    buf_add(&m->text, S("\nTake one: tocsin ack INC-n\n"));
    brief_line(m, buf_slice(&m->subject), S(""));
    buf_release(&list);
}

/* A reader of the log, of the mail and of the webhook can hand the same line to `tocsin verify --head`. */
static void render_evidence(const struct world *w, const struct delivery *d, struct message_text *m)
{
    buf_add(&m->subject, S("Tocsin: the head of the history"));
    render_plain(symbol_text(w, d->note), m);
    buf_add(&m->text,
            S("\nKeep this where nobody who can write Tocsin's disk can change it. `tocsin verify --head HEAD` proves\n"
              "that the history still holds everything up to here.\n"));
}

/* --- what a message carries besides (R154) --- */

#define CARRIED_MAX 20 /* lines; the rest is a count */

static void carried_line(const struct world *w, const struct delivery *d, struct buf *out)
{
    const struct incident *i = incident_get(w, d->incident);
    const bool page = d->purpose == PURPOSE_PAGE;
    buf_add(out, S("- "));
    if (!page) buf_add_str(out, purpose_name(d->purpose));
    if (!page && i != NULL) buf_add(out, S(": "));
    if (i != NULL) message_headline(w, i, out);
    if (d->note != 0) {
        buf_add(out, S(": "));
        buf_add(out, symbol_text(w, d->note));
    }
    buf_add_char(out, '\n');
}

static void add_carried(const struct world *w, const struct delivery *carrier, struct slice ack_url,
                        struct message_text *m)
{
    const struct delivery *d;
    int64_t n = 0, pages = 0;
    struct buf lines = { 0 };
    for (size_t at = 0; (d = reach_carried(w, carrier, &at)) != NULL; n++) {
        pages += d->purpose == PURPOSE_PAGE;
        if (n < CARRIED_MAX) carried_line(w, d, &lines);
    }
    if (n == 0) return;
    buf_add(&m->text, S("\nAnd "));
    buf_add_int(&m->text, n);
    buf_add(&m->text, S(" more for you, in one message because three a minute are enough:\n"));
    buf_add(&m->text, buf_slice(&lines));
    if (n > CARRIED_MAX) {
        buf_add(&m->text, S("- and "));
        buf_add_int(&m->text, n - CARRIED_MAX);
        buf_add(&m->text, S(" more: tocsin incidents\n"));
    }
    if (pages > 0)
        buf_add(&m->text, ack_url.n > 0 ? S("Each is acknowledged on its own: the link lists them.\n")
                                        : S("Each is acknowledged on its own: tocsin ack INC-n.\n"));
    buf_add(&m->voice, S(" And "));
    buf_add_int(&m->voice, n);
    buf_add(&m->voice, S(" more."));
    buf_release(&lines);
}

void message_render(const struct world *w, delivery_id id, int64_t wall, struct slice ack_url, struct message_text *out)
{
    const struct delivery *d = delivery_get(w, id);
    *out = (struct message_text){ 0 };
    switch ((enum purpose)d->purpose) {
    case PURPOSE_UNSET:
    case PURPOSE_CANARY: break; /* says nothing */
    case PURPOSE_PAGE:
    case PURPOSE_NOTIFICATION: render_page(w, d, wall, ack_url, out); break;
    case PURPOSE_POST: template_render_post(w, d, wall, out); break;
    case PURPOSE_UPDATE: template_render_update(w, d, wall, out); break;
    case PURPOSE_STAND_DOWN: render_stand_down(w, d, out); break;
    case PURPOSE_ALARM: render_alarm(w, d, out); break;
    case PURPOSE_MORNING_LIST: render_morning(w, d, out); break;
    case PURPOSE_EVIDENCE: render_evidence(w, d, out); break;
    }
    add_carried(w, d, ack_url, out);
}
