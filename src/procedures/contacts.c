/* contacts.c - parties and how they are reached, and the ordered channels for posts.
 * Not here: whose number it is (the site binds a placeholder, A9), in which order kinds ring (core/contact.c). */
#include "core/role_name.h"
#include "procedures/book.h"

enum { KINDS_MAX = 8, CELLS_MAX = 16 };

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

/* "+1 555 0100", "555-0100 x12", "(030) 1234-0 (mobile)": at least five digits, and nothing that a name has. */
static bool is_phone(struct slice value)
{
    size_t digits = 0;
    if (slice_has_suffix(value, S(")")) && slice_find(value, S(" (")) < value.n)
        value = slice_upto(value, slice_find(value, S(" (")));
    for (size_t i = 0; i < value.n; i++) {
        digits += is_digit(value.p[i]);
        struct slice rest = slice_from(value, i);
        if (is_letter(value.p[i]))
            return digits >= 5 && (slice_has_prefix_nocase(rest, S("x")) || slice_has_prefix_nocase(rest, S("ext")));
        if (!is_digit(value.p[i]) && slice_find_char(S("+-. ()/"), value.p[i]) == 7) return false;
    }
    return digits >= 5;
}

/* The kind that an address shows by its form. */
static struct slice kind_of_address(struct slice value)
{
    if (value.n > 0 && (value.p[0] == '#' || value.p[0] == '@')) return S("slack");
    if (slice_find_char(value, '@') < value.n) return S("mail");
    if (value.n > 0 && (value.p[0] == '+' || is_digit(value.p[0]) || is_phone(value))) return S("phone");
    return (struct slice){ 0 };
}

/* "Phone: +1-555-0100" says its kind, other addresses show it by their form. */
static struct policy_address address_of(struct slice value, struct slice column)
{
    struct policy_address out = { .kind = column, .value = value };
    struct slice rest = value, kind;
    if (scan_kind(&rest, &kind) && scan_char(&rest, ':'))
        out = (struct policy_address){ kind, slice_trim(rest) };
    else if (kind_of_address(value).n > 0 && (column.n == 0 || !slice_eq(kind_of_address(value), S("phone"))))
        out.kind = kind_of_address(value);
    return out;
}

/* A contact while its values are read: one of an item, one a column of a row. */
struct contact_reader {
    struct compiler *c;
    const struct node *node;
    struct policy_contact out;
    struct slice kinds[KINDS_MAX];
    size_t n_kinds;
    VEC(struct policy_address) addresses;
};

static void kind_add(struct contact_reader *r, struct slice kind)
{
    for (size_t i = 0; i < r->n_kinds; i++)
        if (slice_eq(r->kinds[i], kind)) return;
    if (kind.n > 0 && r->n_kinds < KINDS_MAX) r->kinds[r->n_kinds++] = kind;
}

/* "[Phone/Slack]": kinds in order of preference. False when a part is no kind; the others are kept. */
static bool kinds_read(struct contact_reader *r, struct slice inside)
{
    bool known = inside.n > 0;
    size_t parts = 0;
    while (inside.n > 0 && parts++ < KINDS_MAX) {
        struct slice part = slice_trim(slice_cut(&inside, '/')), kind;
        bool is_kind = scan_kind(&part, &kind);
        if (is_kind) kind_add(r, kind);
        known = known && is_kind;
    }
    return known;
}

/* One address and nothing else: "Phone: +1 555 0100" says its kind, the others have a form that nothing else has. */
static bool is_address(struct slice part)
{
    struct slice rest = part, kind;
    if (scan_kind(&rest, &kind) && scan_char(&rest, ':')) return slice_trim(rest).n > 0;
    bool word = slice_find_char(part, ' ') == part.n;
    bool mail = word && slice_find_char(part, '@') > 0 && slice_find_char(part, '@') < part.n;
    bool handle = word && part.n > 1 && (part.p[0] == '#' || part.p[0] == '@');
    return mail || handle || (word && slice_find(part, S("://")) < part.n) || is_phone(part);
}

/* The next part of "a@example.org, +1 555 0100 / #ops<br>Slack: @a". */
static struct slice part_cut(struct slice *rest)
{
    static const struct slice marks[] = { S(","),    S(";"),     S(" / "),  S(" | "),
                                          S("<br>"), S("<br/>"), S(" or "), S(" and ") };
    size_t end = 0, cut = 0;
    for (; end < rest->n && cut == 0; end += cut == 0) /* from the left, so that many parts cost no more than few */
        for (size_t i = 0; i < COUNT_OF(marks) && cut == 0; i++)
            if (slice_has_prefix_nocase(slice_from(*rest, end), marks[i])) cut = marks[i].n;
    struct slice part = slice_trim(slice_upto(*rest, end));
    *rest = slice_from(*rest, end + cut);
    return part;
}

static void part_read(struct contact_reader *r, struct slice value, struct slice column);

/* Several addresses of one cell, each for itself; what is none of them ("Alex Doe, alex@example.org") is for people. */
static void value_read(struct contact_reader *r, struct slice value, struct slice column)
{
    size_t found = 0, parts = 0;
    for (struct slice rest = value; rest.n > 0; parts++) found += is_address(part_cut(&rest));
    if (found == 0 || parts < 2 || is_phone(value)) {
        part_read(r, value, column);
        return;
    }
    for (struct slice rest = value; rest.n > 0;) {
        struct slice part = part_cut(&rest);
        bool kinds = slice_has_prefix(part, S("[")) && slice_has_suffix(part, S("]"));
        if (kinds || is_address(part)) part_read(r, part, column);
    }
}

static void part_read(struct contact_reader *r, struct slice value, struct slice column)
{
    struct compiler *c = r->c;
    struct slice name = r->out.name;
    if (!is_placeholder(value)) {
        struct policy_address address = address_of(value, column);
        kind_add(r, address.kind);
        *vec_push(&r->addresses) = address;
        if (r->addresses.n > 1) return; /* said once a contact */
        diagnose(c, (struct at){ r->node, address.value }, "W-ADDRESS-IN-POLICY",
                 r->node->kind == NODE_ROW ? S("write [Phone/Email] in the cell, and let the site say whose")
                                           : text_make(c, "- %.*s: [Phone/Email]", (int)name.n, name.p),
                 "an address in the procedures: it is used as written unless the site binds the party");
        return;
    }
    if (value.n <= 2 || value.p[0] != '[') {
        if (value.n > 0 && value.p[0] != '-') kind_add(r, column);
        return;
    }
    if (kinds_read(r, (struct slice){ value.p + 1, value.n - 2 })) return;
    if (column.n > 0)
        kind_add(r, column); /* `[number]` below Phone */
    else
        diagnose(c, (struct at){ r->node, value }, "W-CONTACT-KINDS",
                 text_make(c, "- %.*s: [Phone/Slack]", (int)name.n, name.p),
                 "not all of these are kinds of contact: expected e.g. [Phone/Slack/Email]");
}

static bool contact_begin(struct contact_reader *r, struct slice name)
{
    r->out = (struct policy_contact){ .name = name, .line = r->node->line, .party = role_id(r->c->arena, name) };
    return r->out.party.n > 0;
}

static void contact_end(struct contact_reader *r)
{
    struct compiler *c = r->c;
    r->out.placeholder = r->addresses.n == 0;
    if (r->addresses.n > 0) r->out.value = r->addresses.v[0].value;
    r->out.addresses = vec_keep(c, &r->addresses, struct policy_address, &r->out.n_addresses);
    r->out.kinds = vec_keep_bytes(c, r->kinds, r->n_kinds, sizeof *r->kinds);
    r->out.n_kinds = r->n_kinds;
    if (r->out.placeholder && r->n_kinds > 0)
        interpret(c, r->node->line, "A9", "an unbound contact; the brackets list kinds in order of preference",
                  "literal text sent to somebody", "bind the party in the site, or write an address");
    mark(c, r->node, CLASS_COMPILED);
    node_keep(c, "contact", r->out.party, r->node);
    *vec_push(&c->contacts) = r->out;
    vec_release(&r->addresses);
}

static void contact_add(struct compiler *c, const struct node *n, struct slice name, struct slice value)
{
    struct contact_reader r = { .c = c, .node = n };
    if (!contact_begin(&r, name)) return;
    value_read(&r, value, (struct slice){ 0 });
    contact_end(&r);
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

/* The column that names the party: role, party, team …; the first where no head says so. */
static size_t party_column(const struct slice *heads, size_t n)
{
    static const struct slice names[] = { S("role"),     S("party"), S("team"),         S("position"),
                                          S("function"), S("title"), S("contact type"), S("escalation level") };
    for (size_t k = 0; k < COUNT_OF(names); k++)
        for (size_t i = 0; i < n; i++)
            if (slice_eq_nocase(heads[i], names[k])) return i;
    return 0;
}

/* Does a column reach somebody? Its kind, if its head is one. */
static bool column_reaches(struct slice head, struct slice *kind)
{
    static const struct slice heads[] = { S("contact"),         S("contacts"),           S("primary"),
                                          S("primary contact"), S("secondary"),          S("backup"),
                                          S("address"),         S("contact info"),       S("mobile"),
                                          S("contact info"),    S("contact information") };
    *kind = (struct slice){ 0 };
    struct slice rest = head;
    if (scan_kind(&rest, kind)) return true;
    for (size_t i = 0; i < COUNT_OF(heads); i++)
        if (slice_eq_nocase(head, heads[i])) return true;
    return false;
}

/* One contact a row; each column that reaches somebody adds what it holds. */
static void contact_row(struct compiler *c, const struct node *n, const struct node *header)
{
    struct slice cells[CELLS_MAX], heads[CELLS_MAX], kind;
    struct contact_reader r = { .c = c, .node = n };
    size_t count = row_cells(c->arena, n->text, cells, CELLS_MAX);
    size_t n_heads = row_cells(c->arena, header->text, heads, CELLS_MAX), party = party_column(heads, n_heads);
    bool any = false;
    if (n->header || count < 2 || party >= count || !contact_begin(&r, cells[party])) return;
    for (size_t i = 0; i < n_heads; i++) any |= i != party && column_reaches(heads[i], &kind);
    if (!any) {
        diagnose(c, (struct at){ n, { 0 } }, "N-CONTACT-PROSE", S("head a column Phone, Email, Slack or Contact"),
                 "no column of this table says how somebody is reached: kept as reference prose");
        return;
    }
    for (size_t i = 0; i < count && i < n_heads; i++)
        if (i != party && column_reaches(heads[i], &kind)) value_read(&r, cells[i], kind);
    contact_end(&r);
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

struct slice channel_offer(struct compiler *c, struct slice text)
{
    struct slice rest = text, rank = { 0 }, kind;
    rank_read(&rest, &rank);
    if (!scan_kind(&rest, &kind)) return S("- Primary: Slack #incidents");
    text = text_cut(text, 200);
    return text_make(c, "- %.*s", (int)text.n, text.p);
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
