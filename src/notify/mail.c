/* mail.c - mail by SMTP: one recipient a message, threaded by incident, with a return path that names the delivery.
 * Not here: the SMTP conversation (libcurl, serve/courier_smtp.c), reading bounces.
 * Always: an address with a line break is refused, in the subject it becomes a blank; a password leaves only under TLS;
 * once the body was handed over to its end no error is taken for "not delivered".
 */
#include "notify/notifier.h"

#include <inttypes.h>
#include <string.h>

#include "base/check.h"
#include "base/digest.h"
#include "notify/judge.h"
#include "notify/mail_encode.h"

enum { MAIL_MAX = 512 << 10, LOCAL_MAX = 64, RETURN_MAC_BYTES = 10, THREAD_MAX = 100, URL_MAX = 1024 };

/* tocsin+v1.<delivery>.<mac>@domain: a bounce names its delivery, and nobody else can make one up. The mac is 80 bits of
 * keyed BLAKE2b over "tocsin return path v1.<delivery>", in hex because mail systems may fold the case. */
static void return_path_add(struct buf *out, const struct notifier_channel *c, const struct message_send *m)
{
    struct buf text = { .max = 64 }, local = { .max = LOCAL_MAX };
    struct slice domain = c->from;
    uint8_t mac[DIGEST_BLAKE2B_MIN];

    if (c->return_key.n >= DIGEST_BLAKE2B_MIN) {
        buf_addf(&text, "tocsin return path v1.%" PRId64, m->delivery);
        digest_blake2b(c->return_key, buf_slice(&text), mac, sizeof mac);
        buf_add(&local, slice_cut(&domain, '@'));
        buf_addf(&local, "+v1.%" PRId64 ".", m->delivery);
        buf_add_hex(&local, (struct slice){ (const char *)mac, RETURN_MAC_BYTES });
    }
    /* A sender's name too long to carry more loses the naming of bounces, not the mail. */
    if (local.len == 0 || local.overflow) {
        buf_add(out, c->from);
    } else {
        buf_add(out, buf_slice(&local));
        buf_add_char(out, '@');
        buf_add(out, domain);
    }
    buf_release(&text);
    buf_release(&local);
}

static bool thread_is_word(struct slice thread)
{
    static const char more[] = "-_.+";

    if (thread.n == 0 || thread.n > THREAD_MAX) return false;
    for (size_t i = 0; i < thread.n; i++) {
        unsigned char c = (unsigned char)thread.p[i];
        bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z', digit = c >= '0' && c <= '9';

        if (!letter && !digit && memchr(more, c, sizeof more - 1) == NULL) return false;
    }
    return true;
}

/* What all mails of one incident refer to; no mail has this id itself. False: this message belongs to no thread. */
static bool thread_add(struct buf *b, const struct message_send *m)
{
    if (m->incident > 0)
        buf_addf(b, "inc-%" PRId64, m->incident);
    else if (thread_is_word(m->thread))
        buf_add(b, m->thread);
    else
        return false;
    return true;
}

static void ids_add(struct buf *b, const struct notifier_channel *c, const struct message_send *m)
{
    struct slice host = mail_address_domain(c->from);
    struct buf thread = { .max = 256 };
    bool threaded = thread_add(&thread, m);

    buf_add(b, S("Message-ID: <"));
    if (threaded) {
        buf_add(b, buf_slice(&thread));
        buf_add_char(b, '.');
    }
    buf_addf(b, "d%" PRId64 ".%" PRId64 "@%.*s>\r\n", m->delivery, m->attempt, (int)host.n, host.p);
    for (int i = 0; threaded && i < 2; i++)
        buf_addf(b, "%s: <%.*s@%.*s>\r\n", i == 0 ? "In-Reply-To" : "References", (int)thread.len, thread.p,
                 (int)host.n, host.p);
    buf_release(&thread);
}

static void headers_add(struct buf *b, const struct notifier_channel *c, const struct message_send *m, int64_t wall_ms)
{
    buf_addf(b, "From: Tocsin <%.*s>\r\nTo: <%.*s>\r\n", (int)c->from.n, c->from.p, (int)m->address.n, m->address.p);
    mail_add_text_header(b, "Subject", m->subject);
    buf_add(b, S("Date: "));
    mail_add_date(b, wall_ms);
    buf_add(b, S("\r\n"));
    ids_add(b, c, m);
    /* RFC 3834: no answering machine is to answer, and no list to bounce. */
    buf_add(b, S("Auto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: All\r\n"));
    if (m->urgency == MESSAGE_URGENCY_RING) buf_add(b, S("Importance: high\r\nX-Priority: 1\r\n"));
    buf_add(b, S("MIME-Version: 1.0\r\n"));
}

static void part_add(struct buf *b, const char *type, struct slice text)
{
    buf_addf(b, "Content-Type: text/%s; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n", type);
    mail_add_quoted_printable(b, text);
}

static void body_add(struct buf *b, const struct message_send *m)
{
    struct buf text = { .max = MAIL_MAX }, boundary = { .max = 96 };

    buf_add(&text, m->text);
    if (m->ack_url.n > 0 && slice_find(m->text, m->ack_url) == m->text.n) {
        buf_add(&text, S("\n\nAcknowledge: "));
        buf_add(&text, m->ack_url);
    }
    if (m->html.n == 0) {
        part_add(b, "plain", buf_slice(&text));
    } else {
        /* "=_" cannot come up in quoted-printable text, so the boundary needs no search (RFC 2045, 6.7). */
        buf_addf(&boundary, "=_tocsin-%" PRId64 ".%" PRId64, m->delivery, m->attempt);
        buf_addf(b, "Content-Type: multipart/alternative; boundary=\"%s\"\r\n\r\n--%s\r\n", buf_str(&boundary),
                 buf_str(&boundary));
        part_add(b, "plain", buf_slice(&text));
        /* The line end before a boundary belongs to the boundary (RFC 2046, 5.1.1): the text keeps its own. */
        buf_addf(b, "\r\n--%s\r\n", buf_str(&boundary));
        part_add(b, "html", m->html);
        buf_addf(b, "\r\n--%s--\r\n", buf_str(&boundary));
    }
    if (text.overflow) b->overflow = true;
    buf_release(&text);
    buf_release(&boundary);
}

/* libcurl takes the EHLO name from the URL's path. */
static const char *target_make(const struct notifier_channel *c, struct arena *a)
{
    struct buf b = { .max = URL_MAX };
    struct slice url = c->url;
    const char *target;

    while (url.n > 0 && url.p[url.n - 1] == '/') url.n--;
    buf_add(&b, url);
    buf_add_char(&b, '/');
    buf_add(&b, c->hello.n > 0 ? c->hello : mail_address_domain(c->from));
    target = b.overflow ? NULL : arena_str(a, buf_slice(&b));
    buf_release(&b);
    return target;
}

static int channel_check(const struct notifier_channel *c, const struct message_send *m, struct error *e)
{
    bool tls_from_start = slice_has_prefix_nocase(c->url, S("smtps://"));

    if (!tls_from_start && !slice_has_prefix_nocase(c->url, S("smtp://")))
        return fail(e, ERR_INVALID, "the mail channel's url begins with neither smtp:// nor smtps://");
    if (!mail_address_is_valid(c->from))
        return fail(e, ERR_INVALID, "the mail channel's sender is no mail address (one name@domain)");
    if (!mail_address_is_valid(m->address))
        return fail(e, ERR_INVALID, "the recipient's address is no mail address (one name@domain)");
    if (!mail_value_is_clean(c->hello) || slice_find(c->hello, S("/")) != c->hello.n)
        return fail(e, ERR_INVALID, "the mail channel's greeting name (hello) is no host name");
    if (c->password.n > 0 && c->tls == TLS_NO && !tls_from_start)
        return fail(e, ERR_INVALID, "the mail channel has a password but no encryption: a password leaves only by TLS");
    return 0;
}

static int envelope_make(const struct notifier_channel *c, const struct message_send *m, struct arena *a,
                         struct request *out, struct error *e)
{
    struct buf path = { .max = 512 };

    return_path_add(&path, c, m);
    out->target = target_make(c, a);
    out->mail_from = arena_str(a, buf_slice(&path));
    out->mail_to = arena_str(a, m->address);
    buf_release(&path);
    out->ca_file = c->ca_file.n > 0 ? arena_str(a, c->ca_file) : NULL;
    if (c->user.n > 0) {
        out->user = arena_str(a, c->user);
        out->password = arena_str(a, c->password);
    }
    /* Whoever strips STARTTLS from the greeting gets no password. */
    out->tls = c->password.n > 0 || c->tls == TLS_UNSET ? TLS_REQUIRED : c->tls;
    if (out->target == NULL || out->mail_from == NULL || out->mail_to == NULL)
        return fail(e, ERR_LIMIT, "the mail channel's addresses are longer than a mail takes");
    return 0;
}

static int mail_build(const struct notifier_channel *c, const struct message_send *m, int64_t wall_ms, struct arena *a,
                      struct request *out, struct error *e)
{
    struct buf b = { .max = MAIL_MAX };
    int rc;

    *out = (struct request){ .kind = REQUEST_SMTP };
    if ((rc = channel_check(c, m, e)) < 0 || (rc = envelope_make(c, m, a, out, e)) < 0) return rc;
    headers_add(&b, c, m, wall_ms);
    body_add(&b, m);
    out->body = arena_copy(a, buf_slice(&b));
    if (b.overflow || out->body.p == NULL)
        rc = fail(e, ERR_LIMIT, "the message is longer than a mail may be (%d bytes)", MAIL_MAX);
    buf_release(&b);
    return rc;
}

/* Replies before the body was handed over to its end (RFC 5321, 4.2.1). 2xx and 3xx are steps on the way: the fault
 * that ended it there decides. */
static const struct status_row replies[] = {
    { 400, 499, MESSAGE_OUTCOME_NOT_SENT },
    { 500, 599, MESSAGE_OUTCOME_REFUSED },
    { 0 },
};

static enum message_outcome mail_outcome(const struct response *r)
{
    bool body_left = r->reach != REACH_NOTHING && r->reach != REACH_PART;

    if (body_left) {
        bool taken = r->reach == REACH_ALL && r->fault == FAULT_NONE && r->status >= 200 && r->status < 300;

        return taken ? MESSAGE_OUTCOME_ACCEPTED : MESSAGE_OUTCOME_UNCERTAIN;
    }
    if (r->status >= 400) return judge_status(replies, r->status);
    return judge_fault(r->fault, true);
}

/* The text of the last reply line, "550 5.1.1 no such user". */
static struct slice last_line(struct slice head)
{
    struct slice last = { 0 };

    while (head.n > 0) {
        struct slice line = slice_cut(&head, '\n');

        if (line.n > 0 && line.p[line.n - 1] == '\r') line.n--;
        if (line.n > 0) last = line;
    }
    return last;
}

static void mail_judge(const struct response *r, struct arena *a, struct verdict *out)
{
    struct slice reply = last_line(r->head);
    const char *words = r->fault == FAULT_NONE ? "the mail server answered" : fault_text(r->fault);

    *out = (struct verdict){ .outcome = mail_outcome(r), .code = r->status };
    if (out->outcome == MESSAGE_OUTCOME_ACCEPTED) {
        size_t at = slice_find_nocase(reply, S("queued as "));

        out->provider_id = judge_line(at < reply.n ? slice_from(reply, at + 10) : slice_from(reply, 4), 100, a);
    }
    if (r->status >= 400 || r->fault == FAULT_NONE)
        out->detail = judge_detail(r->status >= 400 ? "the mail server answered" : words, reply, a);
    else
        out->detail = judge_detail(words, r->problem, a);
}

const struct notifier_ops notifier_mail = { .name = "smtp", .build = mail_build, .judge = mail_judge };
