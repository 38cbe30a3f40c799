/* message.h - what the server and the courier say to each other, as structs and as JSON.
 *
 * Pure functions both ways: message_build() appends one JSON object, message_parse() reads one. A frame never carries a
 * provider's URL or a secret: the courier has both from the site and its credentials (design: Processes); ack_url is
 * the responder's own link, which is meant to travel in the text. Fields that are not known are ignored; an unknown
 * type is ERR_NOT_FOUND, which the caller may log and skip; all else that does not fit is ERR_INVALID or ERR_SYNTAX. */
#ifndef IPC_MESSAGE_H
#define IPC_MESSAGE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"

/* X(symbol, number, name on the wire) */
/* To the courier: 1 to 3, 9 to 12. To the server: 4 to 8. */
#define MESSAGE_TYPES(X)      \
    X(SEND, 1, "send")        \
    X(RELOAD, 2, "reload")    \
    X(PING, 3, "ping")        \
    X(HELLO, 4, "hello")      \
    X(CREDIT, 5, "credit")    \
    X(RESULT, 6, "result")    \
    X(PONG, 7, "pong")        \
    X(PRESS, 8, "press")      \
    X(PRESSED, 9, "pressed")  \
    X(PREPARE, 10, "prepare") \
    X(GO, 11, "go")           \
    X(DROP, 12, "drop")

/* Channels of the courier's own, which no site can name. What is sent by the first comes back accepted (the same word as
 * core/delivery.h's CANARY_CHANNEL: test_outbox.c); by the second, under this number, it is a request to the site's
 * `heartbeat` URL. */
#define MESSAGE_CANARY "@canary"
#define MESSAGE_HEARTBEAT "@heartbeat"
#define MESSAGE_HEARTBEAT_DELIVERY ((INT64_C(1) << 62) + 1)
/* Attempts that a courier holds prepared; more of a batch are sent whole, when they may leave. */
#define MESSAGE_PREPARED_MAX 4

#define MESSAGE_PURPOSES(X)        \
    X(PAGE, 1, "page")             \
    X(POST, 2, "post")             \
    X(NOTICE, 3, "notice")         \
    X(STAND_DOWN, 4, "stand-down") \
    X(ALARM, 5, "alarm")

#define MESSAGE_URGENCIES(X) \
    X(RING, 1, "ring")       \
    X(QUIET, 2, "quiet")

/* What each means: core/event.h, whose numbers these are. */
#define MESSAGE_OUTCOMES(X)    \
    X(ACCEPTED, 1, "accepted") \
    X(REFUSED, 2, "refused")   \
    X(NOT_SENT, 3, "not_sent") \
    X(UNCERTAIN, 4, "uncertain")

#define X(sym, code, text) MESSAGE_##sym = code,
enum message_type { MESSAGE_UNSET = 0, MESSAGE_TYPES(X) };
#undef X
#define X(sym, code, text) MESSAGE_FOR_##sym = code,
enum message_purpose { MESSAGE_FOR_UNSET = 0, MESSAGE_PURPOSES(X) };
#undef X
#define X(sym, code, text) MESSAGE_URGENCY_##sym = code,
enum message_urgency { MESSAGE_URGENCY_UNSET = 0, MESSAGE_URGENCIES(X) };
#undef X
#define X(sym, code, text) MESSAGE_OUTCOME_##sym = code,
enum message_outcome { MESSAGE_OUTCOME_UNSET = 0, MESSAGE_OUTCOMES(X) };
#undef X

/* One try of one delivery. A text that a channel has no use for is still there: the courier picks. `prepare` says all of
 * it before it is on disk and nothing leaves; `go` names it (the first four) once it is, `drop` forgets what was prepared. */
struct message_send {
    int64_t delivery; /* > 0 */
    int64_t attempt; /* 1, 2, … within the delivery */
    int64_t since; /* when the delivery was queued; the result says it back: numbers may come again, both do not */
    struct slice channel; /* the site's name for it */
    struct slice address; /* the recipient in the channel's own form; empty where the channel has one of its own */
    enum message_purpose purpose;
    int64_t severity; /* level, 1 is the most severe; 0: none */
    enum message_urgency urgency;
    int64_t deadline_ms; /* steady, same boot: an answer after this is of no use */
    struct slice subject; /* <= 60 characters (R158) */
    struct slice text;
    struct slice short_text; /* "short": <= 160 GSM-7 */
    struct slice voice; /* script of 15 s */
    struct slice html; /* empty: none (null on the wire) */
    struct slice thread; /* the same for all that belongs together */
    int64_t incident; /* INC-n; 0: none */
    int64_t page; /* 0: none */
    struct slice ack_url; /* empty: none (null on the wire) */
    struct slice reply_to; /* what the provider calls the first message of this thread here; empty: this is the first */
    int64_t update; /* 1: that message is to say this from now on */
};

struct message_credit {
    struct slice channel;
    int64_t n; /* how many more sends the channel takes now */
    struct slice problem; /* of a hello: why nothing can leave by it (no credential); empty, and not on the wire: nothing */
};

struct message_hello {
    struct slice site_hash; /* hex; both processes must have read the same site.yaml */
    const struct message_credit *channels;
    size_t n_channels;
};

struct message_result {
    int64_t delivery;
    int64_t attempt;
    int64_t since; /* as in the send */
    enum message_outcome outcome;
    int64_t code; /* the provider's: HTTP status, SMTP reply, curl's code below zero; 0: none */
    struct slice detail; /* one sentence for the timeline */
    struct slice provider_id; /* what the provider calls it; empty: nothing */
    int64_t retry_after_ms; /* 0: the provider named none */
};

/* A button under a page was pressed in a chat; the answer says what came of it, for whoever pressed. */
struct message_press {
    struct slice token; /* press: the secret of the page's link */
    struct slice text; /* pressed: one sentence */
};

/* reload, ping, pong and drop carry nothing but `serial`, by which an answer finds its question; press and pressed do
 * too. */
struct message {
    enum message_type type;
    int64_t serial; /* reload, ping, pong, drop, press, pressed; 0 elsewhere */
    union {
        struct message_send send; /* send, prepare, go */
        struct message_hello hello;
        struct message_credit credit;
        struct message_result result;
        struct message_press press;
    };
};

/* Appends the JSON. The texts must be UTF-8 (bytes that are not become U+FFFD). Check out->overflow. */
void message_build(const struct message *m, struct buf *out);

/* Texts are copied into the arena. *out is zeroed on failure. */
int message_parse(struct slice json, struct arena *a, struct message *out, struct error *e);

const char *message_type_name(enum message_type t);
const char *message_purpose_name(enum message_purpose p);
const char *message_urgency_name(enum message_urgency u);
const char *message_outcome_name(enum message_outcome o);

#endif
