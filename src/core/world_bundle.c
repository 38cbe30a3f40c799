/* world_bundle.c - which procedures are in force, who proposed them and who approved them.
 *
 * A bundle is proposed, then activated; its history is a row for every activation and is never changed. A person other
 * than its author approves it, unless nobody else may (R11). What the files on disk say becomes active by itself only
 * where the site says so, and never twice: what a person replaced stays replaced until the files change.
 * Not here: compiling, and what is unbound (the shell); what a move does to an incident (world_move.c). */
#include "core/world_parts.h"

#include "core/state_parts.h"

static const struct act *act_of(const struct world *w)
{
    return w->ev->act;
}

static struct bundle *bundle_get(const struct world *w, bundle_id id)
{
    return id == 0 ? NULL : state_get(w, ROW_BUNDLE, (struct ikey){ id, 0 });
}

static struct bundle *bundle_edit(struct world *w, bundle_id id)
{
    return state_edit(w, ROW_BUNDLE, (struct ikey){ id, 0 });
}

static struct slice name_of(struct world *w, symbol person)
{
    int i = w->directory == NULL ? -1 : directory_person(w->directory, symbol_text(w, person));
    return i < 0 ? symbol_text(w, person) : w->directory->people[i].name;
}

/* --- rows --- */

static const struct bundle *bundle_of_hash(const struct world *w, int64_t hash)
{
    const struct bundle *b;
    for (size_t at = 0; (b = state_next(w, ROW_BUNDLE, &at)) != NULL;)
        if (b->hash == hash && hash != 0) return b;
    return NULL;
}

/* The row of the event's bundle: by its id, by its bytes, brought back from the store, or new. */
static struct bundle *bundle_row(struct world *w, const struct event_bundle *b)
{
    const struct bundle *known = b->id != 0 ? bundle_get(w, b->id) : bundle_of_hash(w, b->hash);
    if (known != NULL) {
        struct bundle *edit = bundle_edit(w, known->id);
        edit->compiled = b->compiled;
        return edit;
    }
    struct bundle *row = state_add(w, ROW_BUNDLE, (int64_t[]){ b->id });
    if (b->stored != NULL) *row = *b->stored;
    row->hash = b->hash;
    row->compiled = b->compiled;
    state_set_text(w, ROW_BUNDLE, (struct ikey){ row->id, 0 }, b->bytes);
    return row;
}

/* From here on the bundle's rules are those of the event: the engine holds on to exactly these (reply.id names it). */
static void bundle_use(struct world *w, bundle_id id, const struct event_bundle *b)
{
    struct bundle_use *use = NULL;
    for (size_t i = 0; i < w->bundles.n; i++)
        if (w->bundles.v[i].id == id) use = &w->bundles.v[i];
    if (use == NULL) use = vec_push(&w->bundles);
    *use = (struct bundle_use){ .id = id, .policy = b->policy, .routing = b->routing };
}

static const struct activation *last_activation(const struct world *w)
{
    const struct activation *a, *last = NULL;
    for (size_t at = 0; (a = state_next(w, ROW_ACTIVATION, &at)) != NULL;)
        if (last == NULL || a->id > last->id) last = a;
    return last;
}

bundle_id world_replaced_bundle(const struct world *w)
{
    const struct activation *last = last_activation(w);
    return last != NULL && last->how == ACTIVATION_INSTEAD ? last->previous : 0;
}

static bool was_active(const struct world *w, int64_t hash)
{
    const struct activation *a;
    for (size_t at = 0; (a = state_next(w, ROW_ACTIVATION, &at)) != NULL;)
        if (a->hash == hash) return true;
    return false;
}

/* A person's activation put another bundle in its place: the files still hold what was replaced. */
static bool was_put_back(const struct world *w, int64_t hash)
{
    const struct activation *last = last_activation(w);
    return last != NULL && last->how == ACTIVATION_APPROVED && last->hash != hash && was_active(w, hash);
}

static void nothing_waits(struct world *w)
{
    const struct bundle *b;
    for (size_t at = 0; (b = state_next(w, ROW_BUNDLE, &at)) != NULL;)
        if (b->waiting != 0) bundle_edit(w, b->id)->waiting = 0;
}

/* --- activating --- */

/* By its row, also where it does not compile any more; 0. */
static bundle_id in_force(const struct world *w)
{
    const struct bundle *b;
    for (size_t at = 0; (b = state_next(w, ROW_BUNDLE, &at)) != NULL;)
        if (b->active != 0) return b->id;
    return 0;
}

static struct activation *write_down(struct world *w, const struct bundle *row, const struct event_bundle *b, symbol by)
{
    struct activation *a = state_add(w, ROW_ACTIVATION, (int64_t[]){ 0 });
    a->bundle = row->id;
    a->previous = in_force(w);
    a->wall = w->ev->wall;
    a->by = by;
    a->author = row->proposed_by;
    a->compiler = symbol_of(w, b->compiler);
    a->interpretations = b->interpretations;
    a->hash = row->hash;
    return a;
}

static void activate(struct world *w, struct bundle *row, const struct event_bundle *b, symbol by,
                     enum activation_how how, struct slice reason)
{
    const bundle_id before = in_force(w);
    struct activation *a = write_down(w, row, b, by);
    a->how = how;
    a->reason = symbol_of(w, reason);
    if (before != 0 && before != row->id) bundle_edit(w, before)->active = 0;
    nothing_waits(w);
    bundle_use(w, row->id, b);
    row->active = 1;
    row->activated_wall = w->ev->wall;
    row->activated_by = by;
    w->active = row->id;
    struct entry *e =
        SAY(w, 0, ENTRY_BUNDLE, row->id, S("Bundle "), text_int(w, row->id), S(" is active for new incidents, by "),
            by != 0 ? name_of(w, by) : S("itself"), reason.n > 0 ? S(": ") : S(""), reason);
    e->actor = by;
    if (w->started) world_alerts_reroute(w);
}

/* The machine's own: at the start of an instance, and where the site leaves it to the files. */
static void activate_unasked(struct world *w, const struct event_bundle *b)
{
    const bool first = last_activation(w) == NULL;
    const enum activation_how how = first ? ACTIVATION_FIRST : b->instead ? ACTIVATION_INSTEAD : ACTIVATION_FOUND;
    struct bundle *row = bundle_row(w, b);
    const struct slice reason = b->reason.n > 0 ? b->reason
                                : first         ? S("the first bundle of this instance, activated by its start")
                                                : S("the files changed");
    activate(w, row, b, symbol_of(w, b->by), how, reason);
    REPLY(w, 0, 0, row->id, S("Bundle "), text_int(w, row->id), S(" is active for new incidents"));
}

/* --- proposing --- */

/* A proposal that another one replaced, and that was never active, is history: it leaves memory, not the store. */
static void forget_replaced(struct world *w)
{
    const struct bundle *b;
    for (size_t at = 0; (b = state_next(w, ROW_BUNDLE, &at)) != NULL;) {
        const bundle_id id = b->id;
        if (b->waiting != 0 || b->activated_wall != 0 || state_is_marked(w, ROW_BUNDLE, (struct ikey){ id, 0 }))
            continue;
        for (size_t i = w->bundles.n; i-- > 0;)
            if (w->bundles.v[i].id == id) vec_remove(&w->bundles, i);
        state_forget(w, ROW_BUNDLE, (struct ikey){ id, 0 });
    }
}

static void propose(struct world *w, const struct event_bundle *b, symbol by, struct slice why)
{
    forget_replaced(w);
    nothing_waits(w);
    struct bundle *row = bundle_row(w, b);
    bundle_use(w, row->id, b);
    row->waiting = 1;
    row->proposed_wall = w->ev->wall;
    row->proposed_by = by;
    row->proposed_why = symbol_of(w, why);
    struct entry *e = SAY(w, 0, ENTRY_PROPOSED, row->id, S("Bundle "), text_int(w, row->id), S(" is proposed by "),
                          by != 0 ? name_of(w, by) : S("nobody: the files changed"), why.n > 0 ? S(": ") : S(""), why);
    e->actor = by;
    REPLY(w, 0, 0, row->id, S("Bundle "), text_int(w, row->id), S(" is proposed; bundle "), text_int(w, w->active),
          S(" stays active until an approver says `tocsin activate --reason …`"));
}

static void found(struct world *w, const struct event_bundle *b)
{
    const struct bundle *active = bundle_get(w, w->active), *known = bundle_of_hash(w, b->hash);
    const bool by_approver = w->directory != NULL && w->directory->by_approver;
    if (active == NULL) return activate_unasked(w, b);
    if (active->hash == b->hash) {
        REPLY(w, 0, 0, 0, S("The files hold what is active"));
    } else if (known != NULL && known->waiting != 0 && by_approver) {
        REPLY(w, 0, 0, 0, S("Bundle "), text_int(w, known->id), S(" is proposed already"));
    } else if (was_put_back(w, b->hash) && (!by_approver || b->by.n == 0)) {
        REPLY(w, 0, 0, 0, S("Bundle "), text_int(w, w->active), S(" was put in force by "),
              name_of(w, last_activation(w)->by), S(" instead of what the files hold: it stays until they change"));
    } else if (by_approver) {
        propose(w, b, symbol_of(w, b->by), b->reason);
    } else {
        activate_unasked(w, b);
    }
}

static void revive(struct world *w, const struct event_bundle *b)
{
    const struct bundle *row = bundle_get(w, b->id);
    if (row == NULL) {
        REPLY(w, ERR_NOT_FOUND, 0, 0, S("There is no bundle "), text_int(w, b->id));
        return;
    }
    bundle_use(w, row->id, b);
    if (row->active != 0) w->active = row->id;
    if (b->compiled != 0 && b->compiled != row->compiled) {
        for (size_t i = 0; i < w->bundles.n; i++)
            if (w->bundles.v[i].id == row->id) w->bundles.v[i].otherwise = row->compiled != 0;
        bundle_edit(w, row->id)->compiled = b->compiled;
    }
    REPLY(w, 0, 0, row->id, S("Bundle "), text_int(w, row->id));
}

/* --- after an upgrade (design: settled) --- */

/* The open incidents of a bundle say what became of it, and the administrators hear which they are. */
static void tell_incidents(struct world *w, bundle_id id, struct slice what)
{
    const struct incident *i;
    struct buf names = { 0 };
    for (size_t at = 0; (i = state_next(w, ROW_INCIDENT, &at)) != NULL;) {
        if (i->bundle != id || !incident_is_active(i)) continue;
        SAY(w, i->id, ENTRY_CHANGED, id, S("Bundle "), text_int(w, id), what);
        buf_add(&names, names.len > 0 ? S(", ") : S("; open incidents that follow it: "));
        buf_add(&names, text_incident(w, i->id));
    }
    struct buf alarm = { 0 };
    buf_add(&alarm, S("bundle "));
    buf_add_int(&alarm, id);
    buf_add(&alarm, what);
    buf_add(&alarm, buf_slice(&names));
    paging_alarm(w, 0, buf_slice(&alarm));
    buf_release(&alarm);
    buf_release(&names);
}

void world_bundles_upgraded(struct world *w)
{
    for (size_t i = 0; i < w->bundles.n; i++) {
        if (!w->bundles.v[i].otherwise) continue;
        w->bundles.v[i].otherwise = false;
        tell_incidents(
            w, w->bundles.v[i].id,
            S(" means something else since Tocsin was upgraded: compiled again it is not what it was when it "
              "was put in force. Clocks go on by what it means now; `tocsin explain` tells it"));
    }
}

static void lost(struct world *w, const struct event_bundle *b)
{
    struct buf what = { 0 };
    buf_add(&what, S(" does not compile any more ("));
    buf_add(&what, b->reason);
    buf_add(&what, S("): what followed it goes on by bundle "));
    buf_add_int(&what, w->active);
    tell_incidents(w, b->id, buf_slice(&what));
    buf_release(&what);
}

void world_bundle(struct world *w)
{
    const struct event_bundle *b = &w->ev->bundle;
    if (b->lost) return lost(w, b);
    if (b->id != 0 && b->stored == NULL && !b->activate) return revive(w, b);
    if (b->found) return found(w, b);
    activate_unasked(w, b);
}

/* --- by a person (R11) --- */

/* Nobody but the author may approve: a team of one approves its own, with a reason. */
static bool is_alone(const struct world *w, const struct act *a)
{
    const struct directory *d = w->directory;
    const int *list = d->n_approvers > 0 ? d->approvers : d->administrators;
    const size_t n = d->n_approvers > 0 ? d->n_approvers : d->n_administrators;
    for (size_t i = 0; i < n; i++)
        if (!slice_eq(d->people[list[i]].id, a->actor)) return false;
    return true;
}

/* Whoever may approve, but for the author of what waits. */
static struct slice approvers_text(struct world *w, struct slice author)
{
    const struct directory *d = w->directory;
    const int *list = d->n_approvers > 0 ? d->approvers : d->administrators;
    const size_t n = d->n_approvers > 0 ? d->n_approvers : d->n_administrators;
    struct buf text = { 0 };
    for (size_t i = 0; i < n; i++) {
        if (slice_eq(d->people[list[i]].id, author)) continue;
        if (text.len > 0) buf_add(&text, S(", "));
        buf_add(&text, d->people[list[i]].id);
    }
    struct slice kept = arena_copy(w->fx->arena, buf_slice(&text));
    buf_release(&text);
    return kept;
}

/* What an approval lacks; answered. An earlier version was approved when it was activated: anybody may bring it back. */
static bool may_activate(struct world *w, const struct act *a, const struct bundle *row)
{
    const symbol author = row == NULL ? 0 : row->proposed_by;
    const bool own = author != 0 && author == state_actor(w) && !was_active(w, a->compiled->hash);
    if (!directory_is_approver(w->directory, a->actor, a->administrator)) {
        REPLY(w, ERR_DENIED, 0, 0, a->actor, S(" approves no procedures here; these do: "), approvers_text(w, S("")));
        return false;
    }
    if (a->text.n == 0) {
        REPLY(w, ERR_INVALID, 0, 0, S("Say why: an activation needs a reason"));
        return false;
    }
    if (own && w->directory->by_approver && !is_alone(w, a)) {
        REPLY(w, ERR_DENIED, 0, 0, a->actor, S(" proposed bundle "), text_int(w, row->id),
              S(": somebody else approves it. These may: "), approvers_text(w, a->actor));
        return false;
    }
    return true;
}

/* Open incidents that follow another bundle: moved, or named in `left`. Returns how many. */
static int64_t open_elsewhere(struct world *w, bool move, struct slice why, struct buf *left)
{
    VEC(incident_id) ids = { 0 };
    const struct incident *i;
    for (size_t at = 0; (i = state_next(w, ROW_INCIDENT, &at)) != NULL;)
        if (incident_is_active(i) && i->bundle != w->active) *vec_push(&ids) = i->id;
    for (size_t k = 0; k < ids.n; k++) {
        if (move) world_move(w, ids.v[k], why);
        if (left->len > 0) buf_add(left, S(", "));
        buf_add(left, text_incident(w, ids.v[k]));
    }
    const int64_t n = (int64_t)ids.n;
    vec_release(&ids);
    return n;
}

static void answer_activated(struct world *w, bundle_id id, int64_t n, bool moved, struct slice names)
{
    if (n == 0)
        REPLY(w, 0, 0, id, S("Bundle "), text_int(w, id), S(" is active"));
    else if (moved)
        REPLY(w, 0, 0, id, S("Bundle "), text_int(w, id), S(" is active; moved to it: "), names);
    else
        REPLY(w, 0, 0, id, S("Bundle "), text_int(w, id), S(" is active for new incidents. Open ones keep theirs: "),
              names, S(". `tocsin move INCIDENT` lets one follow"));
}

void world_act_activate(struct world *w)
{
    const struct act *a = act_of(w);
    const struct event_bundle *b = a->compiled;
    CHECK(b != NULL);
    const struct bundle *known = b->id != 0 ? bundle_get(w, b->id) : NULL;
    if (known != NULL && known->active != 0) {
        REPLY(w, ERR_CONFLICT, 0, 0, S("Bundle "), text_int(w, known->id), S(" is active already"));
        return;
    }
    if (!may_activate(w, a, known != NULL ? known : b->stored)) return;
    struct buf names = { 0 };
    struct bundle *row = bundle_row(w, b);
    activate(w, row, b, state_actor(w), ACTIVATION_APPROVED, a->text);
    const int64_t last = last_activation(w)->id;
    state_set_text(w, ROW_ACTIVATION, (struct ikey){ last, 0 }, a->overrides);
    const int64_t n = open_elsewhere(w, a->move_open, a->text, &names);
    if (a->move_open) ((struct activation *)state_edit(w, ROW_ACTIVATION, (struct ikey){ last, 0 }))->moved = n;
    answer_activated(w, row->id, n, a->move_open, buf_slice(&names));
    buf_release(&names);
}

void world_act_propose(struct world *w)
{
    const struct act *a = act_of(w);
    const struct bundle *active = bundle_get(w, w->active);
    CHECK(a->compiled != NULL);
    if (active != NULL && active->hash == a->compiled->hash) {
        REPLY(w, ERR_CONFLICT, 0, 0, S("That is what is active: nothing to propose"));
        return;
    }
    propose(w, a->compiled, state_actor(w), a->text);
}
