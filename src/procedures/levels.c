/* levels.c - references to severity levels, to incident categories and to contact kinds in sentences. */
#include "core/person.h"
#include "procedures/compiler.h"

/* "SEV1", "SEV-1", "SEVERITY 1", "Severity Level 1", "P0", "Level 2". */
static bool level_form(struct slice *s, struct slice *label)
{
    static const struct slice schemes[] = { S("severity level"), S("severity"), S("sev"), S("level"), S("p") };
    struct slice rest = *s, start;
    scan_decoration(&rest);
    start = rest;
    for (size_t i = 0; i < COUNT_OF(schemes); i++) {
        struct slice tail = start;
        int64_t number;
        if (!slice_cut_prefix_nocase(&tail, schemes[i])) continue;
        if (!slice_cut_prefix(&tail, S("-"))) scan_blanks(&tail);
        if (!slice_cut_uint(&tail, &number) || (tail.n > 0 && is_letter(tail.p[0]))) continue;
        *label = slice_upto(start, start.n - tail.n);
        *s = tail;
        return true;
    }
    return false;
}

bool looks_like_level(struct slice s, struct slice *label)
{
    return level_form(&s, label);
}

static bool scan_level_name(const struct compiler *c, struct slice *s, int *level)
{
    struct slice rest = *s;
    scan_decoration(&rest);
    for (size_t i = 0; i < c->policy.n_severities; i++) {
        const struct policy_severity *sev = &c->policy.severities[i];
        if (sev->name.n == 0 || !scan_phrase(&rest, sev->name)) continue;
        *level = sev->level;
        *s = rest;
        return true;
    }
    return false;
}

bool scan_level(const struct compiler *c, struct slice *s, int *level)
{
    struct slice rest = *s, label;
    if (!level_form(&rest, &label)) return scan_level_name(c, s, level);
    *level = policy_level_named(&c->policy, label);
    if (*level == 0) return false;
    *s = rest;
    return true;
}

static level_set levels_between(int a, int b)
{
    level_set set = 0;
    for (int i = a < b ? a : b; i <= (a < b ? b : a); i++) set |= LEVEL_BIT(i);
    return set;
}

/* The second member may leave the scheme out: "SEV-3/4" has the first's. */
static bool scan_member(const struct compiler *c, struct slice *s, int first, int *level)
{
    struct slice rest = *s;
    int64_t number;
    if (scan_level(c, s, level)) return true;
    scan_blanks(&rest);
    if (!slice_cut_uint(&rest, &number) || (rest.n > 0 && is_letter(rest.p[0]))) return false;
    struct slice label = policy_level_label(&c->policy, first);
    while (label.n > 0 && is_digit(label.p[label.n - 1])) label.n--;
    for (int i = 1; i <= policy_levels(&c->policy); i++) {
        struct slice own = slice_from(policy_level_label(&c->policy, i), label.n);
        int64_t own_number;
        if (!slice_to_int(own, &own_number) || own_number != number) continue;
        *level = i;
        *s = rest;
        return true;
    }
    return false;
}

/* "P1+", "P2 (minimum)": that level or a worse one. */
static bool scan_or_worse(struct slice *s)
{
    struct slice rest = *s;
    if (slice_cut_prefix(s, S("+")) || scan_phrase(s, S("and above")) || scan_phrase(s, S("or worse"))) return true;
    if (!scan_char(&rest, '(') || !scan_word(&rest, S("minimum")) || !scan_char(&rest, ')')) return false;
    *s = rest;
    return true;
}

bool scan_level_set(const struct compiler *c, struct slice *s, level_set *set)
{
    struct slice rest = *s;
    int first, next;
    if (!scan_level(c, &rest, &first)) return false;
    *set = scan_or_worse(&rest) ? levels_between(1, first) : LEVEL_BIT(first);
    for (;;) {
        struct slice tail = rest;
        bool range = scan_char(&tail, '-');
        bool more = range || scan_char(&tail, '/') || scan_char(&tail, ',') || scan_char(&tail, '&') ||
                    scan_word(&tail, S("and")) || scan_word(&tail, S("or"));
        if (!more || !scan_member(c, &tail, first, &next)) break;
        *set |= range ? levels_between(first, next) : LEVEL_BIT(next);
        rest = tail;
    }
    *s = rest;
    return true;
}

struct slice level_list(struct compiler *c)
{
    struct slice list = policy_level_label(&c->policy, 1);
    int n = policy_levels(&c->policy);
    for (int i = 2; i <= n; i++) {
        struct slice label = policy_level_label(&c->policy, i);
        list = text_make(c, "%.*s%s%.*s", (int)list.n, list.p, i == n ? " and " : ", ", (int)label.n, label.p);
    }
    return list;
}

static const struct {
    struct slice written, category;
} categories[] = {
    { S("security"), S("security") },       { S("database"), S("database") },
    { S("network"), S("network") },         { S("connectivity"), S("network") },
    { S("networking"), S("network") },      { S("infrastructure"), S("infrastructure") },
    { S("performance"), S("performance") }, { S("data"), S("data") },
    { S("third-party"), S("third-party") }, { S("third party"), S("third-party") },
};

static bool names_selector(const struct compiler *c, struct slice category)
{
    if (c->options.base != NULL && policy_selector_for(c->options.base, category) != NULL) return true;
    for (size_t i = 0; i < c->options.n_beside; i++)
        if (policy_selector_for(c->options.beside[i], category) != NULL) return true;
    return policy_selector_for(&c->policy, category) != NULL;
}

struct slice category_canonical(const struct compiler *c, struct slice word)
{
    word = slice_trim(word);
    for (size_t i = 0; i < COUNT_OF(categories); i++)
        if (slice_eq_nocase(categories[i].written, word)) return categories[i].category;
    struct slice slug = slug_of(c->arena, word);
    return names_selector(c, slug) ? slug : (struct slice){ 0 };
}

bool scan_kind(struct slice *s, struct slice *kind)
{
    struct slice rest = *s, words, found = { 0 };
    size_t n_words = 0;
    scan_blanks(&rest);
    words = rest;
    /* The longest of the first three words that is a kind: "Microsoft Teams", "phone call". */
    for (size_t n = 0; n <= words.n && n_words < 3; n++) {
        if (n < words.n && words.p[n] != ' ' && words.p[n] != ',' && words.p[n] != ':') continue;
        struct slice head = slice_upto(words, n), canonical = contact_kind_canonical(head);
        static const struct slice known[] = { S("phone"),      S("sms"),    S("push"),     S("mail"),
                                              S("slack"),      S("teams"),  S("telegram"), S("discord"),
                                              S("mattermost"), S("matrix"), S("webhook"),  S("log") };
        n_words++;
        for (size_t k = 0; k < COUNT_OF(known); k++) {
            if (!slice_eq(canonical, known[k])) continue;
            found = canonical;
            rest = slice_from(words, n);
        }
        if (n >= words.n || words.p[n] != ' ') break;
    }
    if (found.n == 0) return false;
    *kind = found;
    *s = rest;
    return true;
}
