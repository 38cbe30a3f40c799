/* alert.c - identity and state of one alert: fingerprint, merging what its sender says, flapping, its words.
 * Not here: which incident it belongs to (grouping.c), what follows (world_alert*.c). */
#include "core/alert.h"

uint64_t alert_fingerprint(const struct label *labels, size_t n)
{
    uint64_t h = FNV1A64_START;
    for (size_t i = 0; i < n; i++) {
        h = fnv1a64(fnv1a64(h, labels[i].name), S("\xff"));
        h = fnv1a64(fnv1a64(h, labels[i].value), S("\xff"));
    }
    return h;
}

void alert_labels_text(const struct label *labels, size_t n, struct buf *out)
{
    for (size_t i = 0; i < n; i++) {
        buf_add(out, labels[i].name);
        buf_add_char(out, '\xff');
        buf_add(out, labels[i].value);
        buf_add_char(out, '\xff');
    }
}

bool alert_is_heartbeat(const struct world *w, const struct alert_kept *a)
{
    return slice_eq(symbol_text(w, alert_shared(w, a)->name), S(ALERT_HEARTBEAT));
}

const char *alert_state_name(int64_t s)
{
    switch ((enum alert_state)s) {
    case ALERT_UNSET: break;
#define X(sym, code, text) \
    case ALERT_##sym: return text;
        ALERT_STATES(X)
#undef X
    }
    return "unknown";
}

/* Did the sender leave the end to us? Its row then ends exactly the time-out after its last word. */
static bool ends_by_timeout(const struct alert_live *a)
{
    return a->ends_wall == a->updated_wall + ALERT_RESOLVE_TIMEOUT;
}

static bool episodes_overlap(const struct alert_live *old, const struct alert_live *next)
{
    return (next->ends_wall > old->starts_wall && next->ends_wall < old->ends_wall) ||
           (next->starts_wall > old->starts_wall && next->starts_wall < old->ends_wall);
}

/* Alertmanager's Alert.Merge: the earliest start; an explicit end that is later rules, unless this is a resolution. */
static void merge_episode(const struct alert_live *old, struct alert_live *next, int64_t wall)
{
    if (old->starts_wall < next->starts_wall) next->starts_wall = old->starts_wall;
    if (old->ends_wall <= next->ends_wall) return;
    if (next->state == ALERT_RESOLVED ? old->ends_wall <= wall : !ends_by_timeout(old))
        next->ends_wall = old->ends_wall;
}

struct alert_live alert_merged(const struct alert_live *old, const struct signal *s, int64_t wall)
{
    struct alert_live next = *old;
    next.starts_wall = s->starts != 0 ? s->starts : s->ends != 0 ? s->ends : wall;
    next.ends_wall = s->ends != 0 ? s->ends : wall + ALERT_RESOLVE_TIMEOUT;
    next.state = next.ends_wall <= wall ? ALERT_RESOLVED : ALERT_FIRING;
    next.updated_wall = wall;
    next.sends = old->sends + 1;
    if (old->sends > 0 && episodes_overlap(old, &next)) merge_episode(old, &next, wall);
    return next;
}

bool alert_is_repeated(const struct alert_live *was, const struct alert_live *next, int64_t wall)
{
    if (was->sends < ALERT_IS_MONITORED_AT || next->state != was->state || next->starts_wall != was->starts_wall ||
        next->annotations != was->annotations)
        return false;
    if (next->state != ALERT_FIRING) return next->ends_wall == was->ends_wall;
    return next->ends_wall >= was->ends_wall && next->ends_wall - wall <= 2 * (was->ends_wall - wall);
}

/* The three gaps between the last four changes are kept, 20 bits each, the newest below. */
#define GAP_BITS 20
#define GAP_LONG ((INT64_C(1) << GAP_BITS) - 1) /* longer than ALERT_FLAPS_WITHIN, or there was no change before */
#define GAPS_LONG ((INT64_C(1) << 3 * GAP_BITS) - 1)

static int64_t gaps_sum(int64_t gaps)
{
    return (gaps & GAP_LONG) + (gaps >> GAP_BITS & GAP_LONG) + (gaps >> 2 * GAP_BITS & GAP_LONG);
}

bool alert_count_change(struct alert_changes *c, int64_t at)
{
    const bool far = c->changed_at == 0 || at - c->changed_at > GAP_LONG;
    const int64_t before = c->changed_at == 0 ? GAPS_LONG >> GAP_BITS : c->change_gaps & (GAPS_LONG >> GAP_BITS);
    c->change_gaps = (before << GAP_BITS | (far ? GAP_LONG : at - c->changed_at)) & GAPS_LONG;
    c->changed_at = at;
    return alert_flapped(c);
}

bool alert_flapped(const struct alert_changes *c)
{
    return c->changed_at != 0 && gaps_sum(c->change_gaps) <= ALERT_FLAPS_WITHIN;
}

/* The label that tells an alert from its like: the first of these that it has, if it is short. */
static struct slice distinguishing(const struct label *labels, size_t n)
{
    static const struct slice names[] = { S("instance"), S("host"), S("hostname"), S("node"), S("pod"), S("device") };
    enum { SHORT = 40 };
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct slice value = labels_get(labels, n, names[i]);
        if (value.n > 0 && value.n <= SHORT) return value;
    }
    return (struct slice){ 0 };
}

void alert_title(const struct label *labels, size_t n, struct slice summary, struct buf *out)
{
    struct slice name = labels_get(labels, n, S("alertname")), which = distinguishing(labels, n);
    if (name.n == 0) name = summary;
    if (name.n == 0 && n > 0) {
        buf_add(out, labels[0].name);
        buf_add_char(out, '=');
        name = labels[0].value;
        which.n = 0;
    }
    buf_add(out, name);
    if (which.n == 0 || slice_eq(which, name)) return;
    buf_add(out, S(" ("));
    buf_add(out, which);
    buf_add_char(out, ')');
}
