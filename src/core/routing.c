/* routing.c - matchers as Alertmanager 0.25 reads and prints them, and the first rule that matches.
 * Not here: reading routing.yaml (site/), grouping (grouping.c), silences' times (silence.c).
 * Always: a search that its limits ended counts as "does not match", whichever way round the operator is: a silence
 * then holds nothing and a rule falls through to the next, so what is undecided pages. */
#include "core/routing.h"

#include "base/arena.h"
#include "base/check.h"
#include "base/pattern.h"
#include "core/policy.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

static bool is_name_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':';
}

static struct slice blanks_trimmed(struct slice s)
{
    while (s.n > 0 && is_blank(s.p[0])) s = slice_from(s, 1);
    while (s.n > 0 && is_blank(s.p[s.n - 1])) s.n--;
    return s;
}

/* The two-byte operators stand first: `=~` begins with `=`. */
static enum match_op op_cut(struct slice *s)
{
    if (slice_cut_prefix(s, S("=~"))) return MATCH_RE;
    if (slice_cut_prefix(s, S("!~"))) return MATCH_NRE;
    if (slice_cut_prefix(s, S("!="))) return MATCH_NE;
    if (slice_cut_prefix(s, S("="))) return MATCH_EQ;
    return MATCH_UNSET;
}

/* Cuts `name op` off *s; MATCH_UNSET when it does not begin so. */
static enum match_op head_cut(struct slice *s, struct slice *name)
{
    struct slice rest = *s;
    enum match_op op;
    size_t n = 0;

    while (rest.n > 0 && is_blank(rest.p[0])) rest = slice_from(rest, 1);
    if (rest.n == 0 || !is_name_start(rest.p[0])) return MATCH_UNSET;
    while (n < rest.n && (is_name_start(rest.p[n]) || (rest.p[n] >= '0' && rest.p[n] <= '9'))) n++;
    *name = slice_upto(rest, n);
    rest = slice_from(rest, n);
    while (rest.n > 0 && is_blank(rest.p[0])) rest = slice_from(rest, 1);
    op = op_cut(&rest);
    if (op != MATCH_UNSET) *s = rest;
    return op;
}

/* What a backslash and `c` stand for; a spurious escape keeps its backslash. Returns the bytes written. */
static size_t escape_write(char *out, char c)
{
    bool known = c == 'n' || c == '"' || c == '\\';

    out[0] = !known ? '\\' : c == 'n' ? '\n' : c;
    if (!known) out[1] = c;
    return known ? 1 : 2;
}

/* Unquotes and unescapes; the result is never longer than the text. */
static int value_read(struct arena *a, struct slice raw, struct slice *value, struct error *e)
{
    struct slice s = raw;
    bool open = slice_cut_prefix(&s, S("\"")); /* a closing quote is still to come */
    char *out = arena_alloc(a, s.n + 1);
    size_t n = 0;

    if (out == NULL) return fail(e, ERR_LIMIT, "the matcher's value is larger than its limit");
    if (!slice_is_utf8(s, NULL)) return fail(e, ERR_SYNTAX, "matcher value not valid UTF-8");
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\\' && i + 1 < s.n) {
            n += escape_write(out + n, s.p[++i]);
        } else if (s.p[i] != '"') {
            out[n++] = s.p[i];
        } else {
            if (!open || i + 1 < s.n) goto bad;
            open = false;
        }
    }
    if (open) goto bad;
    *value = (struct slice){ out, n };
    return 0;
bad:
    return fail(e, ERR_SYNTAX, "matcher value contains unescaped double quote: %.*s", (int)slice_upto(raw, 200).n,
                raw.p);
}

int matcher_parse(struct arena *a, struct slice text, struct matcher *out, struct error *e)
{
    struct slice rest = blanks_trimmed(text), name = { 0 };
    enum match_op op = head_cut(&rest, &name);
    struct slice value;
    int rc;

    *out = (struct matcher){ 0 };
    /* The sentence that amtool's users know. */
    if (op == MATCH_UNSET)
        return fail(e, ERR_SYNTAX, "bad matcher format: %.*s", (int)slice_upto(text, 240).n, text.n > 0 ? text.p : "");
    if ((rc = value_read(a, blanks_trimmed(rest), &value, e)) < 0) return rc;
    name = arena_copy(a, name);
    if (name.p == NULL) return fail(e, ERR_LIMIT, "the matcher is larger than its limit");
    *out = (struct matcher){ .op = op, .name = name, .value = value };
    if (op == MATCH_EQ || op == MATCH_NE) return 0;
    out->pattern = pattern_compile(value, e);
    return out->pattern != NULL ? 0 : e != NULL && e->code != 0 ? e->code : ERR_SYNTAX;
}

/* Does a new matcher begin at this blank? Only where `name op` follows: values may hold blanks. */
static bool blank_separates(struct slice before, struct slice after)
{
    struct slice name;

    return head_cut(&before, &name) != MATCH_UNSET && blanks_trimmed(before).n > 0 &&
           head_cut(&after, &name) != MATCH_UNSET;
}

/* Cuts the next matcher's text off *s, at a comma or a separating blank outside quotes. */
static struct slice token_cut(struct slice *s)
{
    bool inside = false;
    struct slice token;
    size_t i = 0;

    for (; i < s->n; i++) {
        char c = s->p[i];

        if (c == '\\') {
            i++;
            continue;
        }
        if (c == '"') inside = !inside;
        if (inside) continue;
        if (c == ',' || (is_blank(c) && blank_separates(slice_upto(*s, i), slice_from(*s, i)))) break;
    }
    token = slice_upto(*s, i);
    *s = slice_from(*s, i + 1);
    return token;
}

int matchers_parse(struct arena *a, struct slice text, struct matchers *out, struct error *e)
{
    struct slice all = blanks_trimmed(text), rest;
    size_t n = 0;
    int rc = 0;

    *out = (struct matchers){ 0 };
    if (slice_cut_prefix(&all, S("{")) && all.n > 0 && all.p[all.n - 1] == '}') all.n--;
    all = blanks_trimmed(all);
    for (rest = all; rest.n > 0; n++) token_cut(&rest);
    if (n == 0) return 0;
    out->v = arena_array(a, struct matcher, n);
    if (out->v == NULL) return fail(e, ERR_LIMIT, "more matchers than the limit allows");
    for (rest = all; rest.n > 0 && rc == 0;) {
        rc = matcher_parse(a, token_cut(&rest), &out->v[out->n], e);
        if (rc == 0) out->n++;
    }
    if (rc < 0) matchers_release(out);
    return rc;
}

void matchers_release(struct matchers *m)
{
    for (size_t i = 0; i < m->n; i++) pattern_destroy(&m->v[i].pattern);
    *m = (struct matchers){ 0 };
}

static struct slice op_text(enum match_op op)
{
    switch (op) {
    case MATCH_UNSET: break;
#define X(sym, code, text) \
    case MATCH_##sym: return S(text);
        MATCH_OPS(X)
#undef X
    }
    return S("?");
}

static void value_print(struct slice value, struct buf *out)
{
    for (size_t i = 0; i < value.n; i++) {
        char c = value.p[i];

        if (c == '\\' || c == '"') buf_add_char(out, '\\');
        if (c == '\n')
            buf_add(out, S("\\n"));
        else
            buf_add_char(out, c);
    }
}

void matchers_print(const struct matchers *m, struct buf *out)
{
    buf_add_char(out, '{');
    for (size_t i = 0; i < m->n; i++) {
        if (i > 0) buf_add_char(out, ',');
        buf_add(out, m->v[i].name);
        buf_add(out, op_text(m->v[i].op));
        buf_add_char(out, '"');
        value_print(m->v[i].value, out);
        buf_add_char(out, '"');
    }
    buf_add_char(out, '}');
}

struct slice labels_get(const struct label *labels, size_t n, struct slice name)
{
    for (size_t i = 0; i < n; i++)
        if (slice_eq(labels[i].name, name)) return labels[i].value;
    return (struct slice){ 0 };
}

static bool expression_says(const struct matcher *m, struct slice value, bool wanted)
{
    CHECK(m->pattern != NULL);
    bool unknown = false, same = pattern_matches(m->pattern, value, &unknown);

    return !unknown && same == wanted;
}

bool matcher_matches(const struct matcher *m, const struct label *labels, size_t n)
{
    struct slice value = labels_get(labels, n, m->name);

    switch (m->op) {
    case MATCH_UNSET: break;
    case MATCH_EQ: return slice_eq(value, m->value);
    case MATCH_NE: return !slice_eq(value, m->value);
    case MATCH_RE: return expression_says(m, value, true);
    case MATCH_NRE: return expression_says(m, value, false);
    }
    return false;
}

bool matchers_match(const struct matchers *m, const struct label *labels, size_t n)
{
    for (size_t i = 0; i < m->n; i++)
        if (!matcher_matches(&m->v[i], labels, n)) return false;
    return true;
}

const struct routing_rule *routing_first(const struct routing *r, const struct label *labels, size_t n)
{
    for (size_t i = 0; i < r->n_rules; i++)
        if (matchers_match(&r->rules[i].match, labels, n)) return &r->rules[i];
    return NULL;
}

int routing_rule_level(const struct routing_rule *rule, const struct policy *policy)
{
    int named = policy_level_named(policy, rule->severity_label), least = policy_levels(policy);

    if (named > 0) return named;
    return rule->severity < least ? rule->severity : least;
}

void routing_release(struct routing *r)
{
    for (size_t i = 0; i < r->n_rules; i++) {
        struct matchers held = r->rules[i].match;

        matchers_release(&held);
    }
    *r = (struct routing){ 0 };
}
