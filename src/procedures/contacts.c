/* contacts.c - parties and how they are reached, and the ordered channels for posts.
 * Not here: whose number it is (the site binds a placeholder, A9), in which order kinds ring (core/contact.c). */
#include "core/role_name.h"
#include "procedures/compiler.h"

enum { KINDS_MAX = 8 };

/* "[Phone/Slack]": kinds in order of preference. False when a part is no kind; the others are kept. */
static bool kinds_read(struct compiler *c, struct slice inside, struct policy_contact *out)
{
    struct slice kinds[KINDS_MAX], kind;
    size_t n = 0;
    bool known = true;
    while (inside.n > 0 && n < KINDS_MAX) {
        struct slice part = slice_trim(slice_cut(&inside, '/'));
        bool is_kind = scan_kind(&part, &kind);
        if (is_kind) kinds[n++] = kind;
        known = known && is_kind;
    }
    out->kinds = vec_keep_bytes(c, kinds, n, sizeof *kinds);
    out->n_kinds = n;
    return known && n > 0;
}

static bool is_blank_line(struct slice value)
{
    while (value.n > 0 && (value.p[0] == '_' || value.p[0] == '.')) value = slice_from(value, 1);
    return value.n == 0;
}

/* Placeholders of contact values (G17). */
static bool is_placeholder(struct slice value)
{
    if (value.n < 2) return value.n == 0 || value.p[0] == '-' || value.p[0] == '_';
    bool bracket = (value.p[0] == '[' && slice_has_suffix(value, S("]"))) ||
                   (value.p[0] == '{' && slice_has_suffix(value, S("}"))) ||
                   (value.p[0] == '<' && slice_has_suffix(value, S(">")));
    return bracket || is_blank_line(value) || slice_eq_nocase(value, S("TBD")) ||
           slice_has_prefix_nocase(value, S("xx")) || slice_find_nocase(value, S("-xx")) < value.n ||
           slice_eq_nocase(value, S("n/a"));
}

/* The kind that an address shows by its form. */
static struct slice kind_of_address(struct slice value)
{
    if (value.n > 0 && (value.p[0] == '#' || value.p[0] == '@')) return S("slack");
    if (slice_find_char(value, '@') < value.n) return S("mail");
    if (value.n > 0 && (value.p[0] == '+' || is_digit(value.p[0]))) return S("phone");
    return (struct slice){ 0 };
}

static void address_read(struct compiler *c, const struct node *n, struct slice value, struct policy_contact *out)
{
    struct slice kind = { 0 }, rest = value;
    if (scan_kind(&rest, &kind) && scan_char(&rest, ':'))
        value = slice_trim(rest);
    else
        kind = kind_of_address(value);
    out->value = value;
    out->kinds = vec_keep_bytes(c, &kind, kind.n > 0, sizeof kind);
    out->n_kinds = kind.n > 0;
    diagnose(c, (struct at){ n, value }, "W-ADDRESS-IN-POLICY",
             text_make(c, "- %.*s: [Phone/Email]", (int)out->name.n, out->name.p),
             "an address in the procedures: it is used as written unless the site binds the party");
}

static void contact_add(struct compiler *c, const struct node *n, struct slice name, struct slice value)
{
    struct policy_contact contact = { .name = name, .line = n->line, .party = role_id(c->arena, name) };
    if (contact.party.n == 0) return;
    contact.placeholder = is_placeholder(value);
    mark(c, n, CLASS_COMPILED);
    node_keep(c, "contact", contact.party, n);
    if (!contact.placeholder) {
        address_read(c, n, value, &contact);
    } else if (value.n > 2 && value.p[0] == '[') {
        struct slice inside = { value.p + 1, value.n - 2 };
        if (!kinds_read(c, inside, &contact))
            diagnose(c, (struct at){ n, value }, "W-CONTACT-KINDS",
                     text_make(c, "- %.*s: [Phone/Slack]", (int)name.n, name.p),
                     "not all of these are kinds of contact: expected e.g. [Phone/Slack/Email]");
        else
            interpret(c, n->line, "A9", "an unbound contact; the brackets list kinds in order of preference",
                      "literal text sent to somebody", "bind the party in the site, or write an address");
    }
    *vec_push(&c->contacts) = contact;
}

static void contact_item(struct compiler *c, const struct node *n)
{
    struct slice value = n->text, name = slice_trim(slice_cut(&value, ':'));
    if (name.n == n->text.n || name.n == 0) {
        size_t at = find_arrow(n->text), clock;
        if (at < n->text.n || has_clock(n->text, &clock))
            diagnose(c, (struct at){ n, { 0 } }, "E-CONTACT", S("- Incident Commander: [Phone/Slack]"),
                     "expected PARTY: [KIND/KIND] or PARTY: ADDRESS");
        return;
    }
    contact_add(c, n, name, slice_trim(value));
}

/* Columns of a contact table: role, party, team first; then what reaches them. */
static void contact_row(struct compiler *c, const struct node *n, const struct node *header)
{
    struct slice cells[8], heads[8], kind;
    size_t count = row_cells(c->arena, n->text, cells, COUNT_OF(cells));
    size_t n_heads = row_cells(c->arena, header->text, heads, COUNT_OF(heads));
    if (n->header || count < 2 || cells[0].n == 0) return;
    for (size_t i = 1; i < count && i < n_heads; i++) {
        struct slice head = heads[i];
        bool reaches = scan_kind(&head, &kind) || slice_eq_nocase(heads[i], S("contact")) ||
                       slice_eq_nocase(heads[i], S("primary"));
        if (!reaches) continue;
        contact_add(c, n, cells[0], cells[i]);
        return;
    }
}

/* Lines of a paragraph that are contacts all the same: "Head Librarian: [Phone/Email]". Other text is prose. */
static void contact_lines(struct compiler *c, const struct node *n)
{
    for (unsigned i = 0; i <= n->last - n->line; i++) {
        struct node line = node_line(c, n, i);
        struct slice value = line.text, name = slice_trim(slice_cut(&value, ':')), rest = slice_trim(value), kind;
        bool bracket = slice_has_prefix(rest, S("[")) && slice_has_suffix(rest, S("]"));
        bool address = slice_find_char(rest, ' ') == rest.n && kind_of_address(rest).n > 0;
        if (name.n == 0 || rest.n == 0) continue;
        if (bracket || address || (scan_kind(&rest, &kind) && scan_char(&rest, ':'))) contact_item(c, &line);
    }
}

void compile_contacts(struct compiler *c, const struct section *s)
{
    for (size_t at = s->heading; section_next(c, s, &at);) {
        const struct node *n = &c->doc.v[at];
        if (n->kind == NODE_ITEM || (n->kind == NODE_TEXT && n->labelled && n->last == n->line))
            contact_item(c, n);
        else if (n->kind == NODE_TEXT)
            contact_lines(c, n);
        else if (n->kind == NODE_ROW)
            contact_row(c, n, &c->doc.v[n->table]);
    }
}

static const struct slice ranks[] = { S("primary"), S("secondary"), S("backup"), S("emergency"), S("tertiary") };

static bool rank_read(struct slice *s, struct slice *rank)
{
    struct slice rest = *s;
    for (size_t i = 0; i < COUNT_OF(ranks); i++) {
        if (!scan_word(&rest, ranks[i]) || !scan_char(&rest, ':')) continue;
        *rank = ranks[i];
        *s = rest;
        return true;
    }
    return false;
}

/* `#name`, `@name`, an address or a URL; anything else only describes. */
static struct slice target_read(struct slice rest)
{
    rest = slice_trim(rest);
    slice_cut_prefix(&rest, S(":"));
    rest = slice_trim(rest);
    struct slice word = rest;
    word = slice_cut(&word, ' ');
    while (word.n > 0 && slice_find_char(S(".,;)"), word.p[word.n - 1]) < 4) word.n--;
    bool is_target = word.n > 1 && (word.p[0] == '#' || word.p[0] == '@' || slice_find_char(word, '@') < word.n ||
                                    slice_find(word, S("://")) < word.n);
    return is_target ? word : (struct slice){ 0 };
}

static void channel_item(struct compiler *c, const struct node *n)
{
    struct policy_channel channel = { .line = n->line, .text = n->text };
    struct slice rest = n->text;
    if (rank_read(&rest, &channel.rank)) channel.text = slice_trim(rest);
    struct slice text = rest;
    if (!scan_kind(&text, &channel.kind)) {
        size_t clock;
        bool looks_ruled = channel.rank.n > 0 || find_arrow(n->text) < n->text.n || has_clock(n->text, &clock);
        if (looks_ruled)
            diagnose(c, (struct at){ n, slice_trim(rest) }, "E-CHANNEL", S("- Primary: Slack #incidents"),
                     "expected RANK: KIND TARGET with KIND one of Slack, Email, Phone, SMS, Push, Teams, Webhook");
        return;
    }
    channel.target = target_read(text);
    *vec_push(&c->channels) = channel;
    id_make(c, "channel", n, (struct slice){ 0 }, channel.text);
    mark(c, n, CLASS_COMPILED);
}

/* A10: what the order of channels means. */
static void interpret_order(struct compiler *c)
{
    if (c->channels.n < 2) return;
    interpret(c, c->channels.v[0].line, "A10",
              "posts go to the next channel when the one before failed; pages follow each "
              "person's own kinds (A50)",
              "every channel at once", "Primary: …, Secondary: …, Emergency: …");
}

void compile_channels(struct compiler *c, const struct section *s)
{
    for (size_t at = s->heading; section_next(c, s, &at);) {
        const struct node *n = &c->doc.v[at];
        if (n->kind == NODE_ITEM || (n->kind == NODE_TEXT && n->labelled)) channel_item(c, n);
    }
    interpret_order(c);
}
