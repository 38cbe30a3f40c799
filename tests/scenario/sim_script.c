/* sim_script.c - a short life as a script for `tocsin rehearse`, as far as its words go (docs/rehearsing.md).
 *
 * Not sayable there: deaths amid a commit, stores that fail, results that lie. Those lines are comments. */
#include <inttypes.h>
#include <stdarg.h>

#include "base/civil.h"
#include "engine/script.h"
#include "sim_inner.h"

void sim_script(struct sim *s, int64_t in, const char *fmt, ...)
{
    struct buf b = { 0 };
    va_list ap;
    if (!s->o->told) return;
    va_start(ap, fmt);
    buf_vaddf(&b, fmt, ap);
    va_end(ap);
    *vec_push(&s->lines) = (struct script_line){ s->now + in, arena_copy(s->arena, buf_slice(&b)) };
    buf_release(&b);
}

#define T(slice) (int)(slice).n, (slice).p

static void print_own(const struct act *a, struct buf *out)
{
    const char *word = act_kind_name(a->kind);
    const bool has_text = a->text.n > 0;
    switch (a->kind) {
    case ACT_ACKNOWLEDGE: buf_addf(out, "ack"); break;
    case ACT_SEVERITY: buf_addf(out, "severity %.*s", T(a->severity_label)); break;
    case ACT_CLASSIFY: buf_addf(out, "classify %.*s", T(a->category)); break;
    case ACT_ASSIGN: buf_addf(out, "assign %.*s %.*s", T(a->role), T(a->person)); break;
    case ACT_PASS: buf_addf(out, "pass %.*s", T(a->person)); break;
    case ACT_SNOOZE: buf_addf(out, "snooze for 2h"); break;
    case ACT_SILENCE: buf_addf(out, "silence %.*s for 1h", T(a->matchers)); break;
    case ACT_MERGE: buf_addf(out, "merge INC-%" PRId64 " into INC-%" PRId64, a->incident, a->into); break;
    default: buf_add_str(out, word); break;
    }
    if (a->incident != 0 && a->kind != ACT_MERGE) buf_addf(out, " INC-%" PRId64, a->incident);
    if (has_text) buf_addf(out, " \"%.*s\"", T(a->text));
}

/* Once its answer is known: a rehearsal wants to be told that it is no. */
void sim_script_act(struct sim *s, const struct act *a, bool refused)
{
    struct buf line = { 0 };
    const bool sayable = a->kind != ACT_CHECK && a->kind != ACT_DETECTED && a->kind != ACT_UNSILENCE;
    if (!s->o->told) return;
    print_own(a, &line);
    sim_script(s, 0, "%s%s by %.*s%s", sayable ? "" : "# ", buf_str(&line), T(a->actor), refused ? " refused" : "");
    buf_release(&line);
}

static int by_time(const void *a, const void *b, void *ctx)
{
    const struct script_line *x = a, *y = b;
    (void)ctx;
    return x->t < y->t ? -1 : x->t > y->t;
}

void sim_script_print(struct sim *s, struct buf *out)
{
    sort_stable(s->lines.v, s->lines.n, sizeof s->lines.v[0], by_time, NULL);
    if (s->lines.n == 0) return;
    const int64_t first = s->lines.v[0].t, wall = (s->begun_wall + first) / SECOND;
    const struct civil c = civil_from_seconds(wall);
    buf_addf(out, "start %04d-%02d-%02dT%02d:%02d:%02dZ\n", (int)c.year, c.month, c.day, c.hour, c.minute, c.second);
    for (size_t i = 0; i < s->lines.n; i++) {
        const struct script_line *l = &s->lines.v[i];
        const bool comment = l->text.n > 0 && l->text.p[0] == '#';
        if (comment) buf_add(out, S("# "));
        script_print_time(l->t - first, out);
        buf_add_char(out, ' ');
        buf_add(out, comment ? slice_from(l->text, 2) : l->text);
        buf_add_char(out, '\n');
    }
}
