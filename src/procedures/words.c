/* words.c - the words that two texts of a document share: links from steps and drills to trees and runbooks are made
 * of them (A27, A45). Crude on purpose: lower case, plural and -al, -ly endings off; no dictionary. */
#include "procedures/book.h"

enum { WORD_MAX = 40 };

static const struct slice plain_words[] = {
    S("a"),        S("an"),        S("the"),   S("to"),    S("of"),        S("in"),         S("on"),       S("at"),
    S("by"),       S("and"),       S("or"),    S("for"),   S("with"),      S("from"),       S("into"),     S("if"),
    S("when"),     S("as"),        S("is"),    S("are"),   S("be"),        S("it"),         S("need"),     S("needed"),
    S("required"), S("necessary"), S("then"),  S("over"),  S("this"),      S("that"),       S("its"),      S("until"),
    S("first"),    S("complete"),  S("full"),  S("total"), S("failure"),   S("issue"),      S("incident"), S("problem"),
    S("event"),    S("scenario"),  S("drill"), S("test"),  S("simulated"), S("simulation"), S("exercise"), S("loss"),
    S("wrong"),    S("bad"),
};

bool word_is_plain(struct slice stem)
{
    for (size_t i = 0; i < COUNT_OF(plain_words); i++)
        if (slice_eq(stem, plain_words[i])) return true;
    return false;
}

static bool is_word_char(char c)
{
    return is_letter(c) || is_digit(c);
}

static struct slice raw_word(struct slice *s)
{
    size_t n = 0;
    while (s->n > 0 && !is_word_char(s->p[0])) *s = slice_from(*s, 1);
    while (n < s->n && is_word_char(s->p[n])) n++;
    struct slice word = slice_upto(*s, n);
    *s = slice_from(*s, n);
    return word;
}

static struct slice ending_cut(struct slice w)
{
    static const struct {
        struct slice ending;
        size_t keep; /* letters that must stay */
    } endings[] = { { S("ly"), 5 }, { S("al"), 6 } };
    if (w.n > 3 && slice_has_suffix(w, S("s")) && !slice_has_suffix(w, S("ss")) && !slice_has_suffix(w, S("us"))) w.n--;
    for (size_t i = 0; i < COUNT_OF(endings); i++)
        if (slice_has_suffix(w, endings[i].ending) && w.n >= endings[i].keep + endings[i].ending.n)
            w.n -= endings[i].ending.n;
    return w;
}

/* "fail over", "failing over", "fails over" → "failover". */
static bool is_fail_over(struct slice word, struct slice *rest)
{
    static const struct slice forms[] = { S("fail"), S("fails"), S("failing"), S("failed") };
    for (size_t i = 0; i < COUNT_OF(forms); i++)
        if (slice_eq_nocase(word, forms[i])) return scan_word(rest, S("over"));
    return false;
}

bool word_next(struct arena *a, struct slice *s, struct slice *stem)
{
    struct slice word = raw_word(s);
    if (word.n == 0) return false;
    if (is_fail_over(word, s)) {
        *stem = S("failover");
        return true;
    }
    word = text_cut(word, WORD_MAX);
    char *out = arena_alloc(a, word.n + 1);
    for (size_t i = 0; i < word.n; i++)
        out[i] = (char)(word.p[i] >= 'A' && word.p[i] <= 'Z' ? word.p[i] - 'A' + 'a' : word.p[i]);
    *stem = ending_cut((struct slice){ out, word.n });
    return true;
}
