/* scan.h - the words that sentence patterns are made of: cursors over a slice, each cutting what it recognises.
 *
 * Every scan_* skips blanks first, cuts on success, and leaves the cursor untouched on failure. Words match in any
 * case and only as whole words. */
#ifndef PROCEDURES_SCAN_H
#define PROCEDURES_SCAN_H

#include "base/slice.h"
#include "core/ids.h"

struct duration {
    int64_t ms;
    bool business; /* business or working hours and days: needs the site's calendar (G15) */
};

enum comparison { CMP_NONE = 0, CMP_GT, CMP_LT, CMP_GE, CMP_LE };

void scan_blanks(struct slice *s); /* those that do not break too, also as entities */
void scan_decoration(struct slice *s); /* blanks and emoji: "🔴 SEV1" is "SEV1" */
bool scan_end(struct slice s); /* only blanks and closing punctuation are left */
bool scan_word(struct slice *s, struct slice word);
bool scan_phrase(struct slice *s, struct slice words); /* words separated by one blank here, by any blanks there */
bool scan_any(struct slice *s, const struct slice *phrases, size_t n);
bool scan_char(struct slice *s, char c);
bool scan_number(struct slice *s, int64_t *thousandths); /* "2", "1.5": in thousandths, at most 1e9 */
bool scan_unit(struct slice *s, struct duration *one); /* "minutes": 60,000 ms (G15) */
bool scan_duration(struct slice *s, struct duration *d); /* "5 minutes", "1h30m", "2 business days", "daily" */
bool scan_range(struct slice *s, struct duration *low, struct duration *high); /* "2-4 hours" */
bool scan_arrow(struct slice *s); /* → ⇒ -> => --> ==>, or one as an entity; and the blanks behind it */
bool scan_separator(struct slice *s); /* - – — : */
bool scan_comparison(struct slice *s, enum comparison *cmp); /* > < >= <= ≥ ≤, "more than", "up to" … */

/* The offset of the first arrow, s.n when there is none. */
size_t find_arrow(struct slice s);
/* The offset of `phrase` as whole words, in any case; s.n when absent. */
size_t find_phrase(struct slice s, struct slice phrase);
/* The first duration with a number anywhere: "15 minutes", "30+ minutes". */
bool find_duration(struct slice s, struct duration *d, size_t *at);
/* Does it hold a clock or a comparison with its figure: any duration (G15), "Minutes 0-5", T+5, "> 5%", "more than 3"? */
bool has_figure(struct slice s, size_t *at);
/* Does it hold what a clock could be meant by (G5): a figure as above, within, every, after, a sign of comparison? */
bool has_clock(struct slice s, size_t *at);

/* At most `max` bytes of s, never half a code point. */
struct slice text_cut(struct slice s, size_t max);

bool is_letter(char c);
bool is_digit(char c);

#endif
