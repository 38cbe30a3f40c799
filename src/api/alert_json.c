/* alert_json.c - writes an alert in three copies, what it shares with the one before and what not.
 * Not here: which alerts (alerts_list.c).
 */
#include "api/alert_json.h"

#include <string.h>

#include "base/civil.h"

enum { FINGERPRINT_DIGITS = 16, PLAIN_PER_BYTE = 3 }; /* a byte between two labels becomes three */

/* True when it is another time than before. */
static bool stamp_set(struct alert_stamp *s, int64_t wall)
{
    if (s->text.len > 0 && s->wall == wall) return false;
    buf_reset(&s->text);
    civil_format_rfc3339(&s->text, wall, 0, true);
    s->wall = wall;
    return true;
}

static bool text_set(struct buf *kept, struct slice text)
{
    if (kept->p != NULL && slice_eq(buf_slice(kept), text)) return false;
    kept->max = text.n + 1;
    buf_reset(kept);
    buf_add(kept, text);
    return true;
}

/* {"annotations":{…},"generatorURL":"…"}: its members are taken over. */
static void begin(struct alert_kept *k, struct slice annotations)
{
    buf_reset(&k->before);
    k->before.max = annotations.n + 256;
    buf_add(&k->before, S(",{"));
    if (annotations.n > 2)
        buf_add(&k->before, slice_upto(slice_from(annotations, 1), annotations.n - 2));
    else
        buf_add(&k->before, S("\"annotations\":{}"));
    buf_add(&k->before, S(",\"endsAt\":\""));
    buf_add(&k->before, buf_slice(&k->ends.text));
    buf_add(&k->before, S("\",\"fingerprint\":\""));
}

static void go_on(struct alert_kept *k, struct slice status)
{
    buf_reset(&k->between);
    k->between.max = status.n + 256;
    buf_add(&k->between, S("\",\"receivers\":[{\"name\":\"tocsin\"}],\"startsAt\":\""));
    buf_add(&k->between, buf_slice(&k->starts.text));
    buf_add(&k->between, S("\","));
    buf_add(&k->between, status);
    buf_add(&k->between, S("\"updatedAt\":\""));
    buf_add(&k->between, buf_slice(&k->updated.text));
    buf_add(&k->between, S("\",\"labels\":{"));
}

/* Labels are name 0xFF value 0xFF …, and no UTF-8 has that byte. Where nothing is to be escaped they are copied as they
 * stand, with the marks of JSON in its place: NULL where something is, else the end of what was written. */
static char *put_plain(char *to, struct slice labels)
{
    bool name = true;
    *to++ = '"';
    for (size_t i = 0; i < labels.n; i++) {
        const unsigned char c = (unsigned char)labels.p[i];
        if (c == 0xff) {
            memcpy(to, name ? "\":\"" : "\",\"", 3);
            to += 3;
            name = !name;
        } else if (c < 0x20 || c == '"' || c == '\\') {
            return NULL;
        } else {
            *to++ = (char)c;
        }
    }
    return to - (labels.n > 0 ? 2 : 1); /* without the comma that no label follows, and its quote */
}

static void add_escaped(struct buf *out, struct slice labels)
{
    for (bool first = true; labels.n > 0; first = false) {
        if (!first) buf_add_char(out, ',');
        buf_add_json(out, slice_cut(&labels, (char)0xff));
        buf_add_char(out, ':');
        buf_add_json(out, slice_cut(&labels, (char)0xff));
    }
}

static void add_labels(struct buf *out, struct slice labels)
{
    const size_t from = out->len, most = PLAIN_PER_BYTE * labels.n + 1;
    char *to = buf_room(out, most);
    char *end = to == NULL ? NULL : put_plain(to, labels);
    if (to != NULL) out->len = from + (end == NULL ? 0 : (size_t)(end - to));
    if (end == NULL) add_escaped(out, labels);
    buf_add(out, S("}}"));
}

uint64_t alert_json_add(struct alert_kept *k, const struct store_alert *a, struct slice status, struct buf *out)
{
    const uint64_t fingerprint = fnv1a64(FNV1A64_START, a->labels);
    const bool ends = stamp_set(&k->ends, a->ends_wall), annotated = text_set(&k->annotations, a->annotations);
    const bool starts = stamp_set(&k->starts, a->starts_wall), updated = stamp_set(&k->updated, a->updated_wall);
    const bool judged = text_set(&k->status, status);
    if (ends || annotated) begin(k, a->annotations);
    if (starts || updated || judged) go_on(k, status);
    buf_add(out, buf_slice(&k->before));
    buf_add_hex64(out, fingerprint);
    buf_add(out, buf_slice(&k->between));
    add_labels(out, a->labels);
    return fingerprint;
}

void alert_kept_release(struct alert_kept *k)
{
    struct buf *all[] = { &k->annotations,  &k->status, &k->starts.text, &k->ends.text,
                          &k->updated.text, &k->before, &k->between };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) buf_release(all[i]);
}
