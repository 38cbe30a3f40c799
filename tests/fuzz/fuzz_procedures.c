/* fuzz_procedures.c - any bytes: a policy or an error, never a crash; every line one class, every diagnostic a place.
 * Not here: what a document should mean (golden/procedures). */
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "procedures/compile.h"
#include "procedures/dump.h"
#include "procedures/print.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_classes(const struct compiled *c)
{
    unsigned sum = 0;
    for (int class = 1; class < LINE_CLASSES_END; class ++) sum += c->class_counts[class];
    CHECK(sum == c->lines); /* R3 */
    CHECK(c->errors == 0 || c->class_counts[CLASS_REJECTED] > 0);
}

static void check_places(const struct compiled *c)
{
    for (size_t i = 0; i < c->n_diagnostics; i++) {
        const struct diagnostic *d = &c->diagnostics[i];
        CHECK(d->line >= 1 && d->line <= c->lines && d->width >= 1 && d->message.n > 0);
        CHECK(d->col >= 1 && d->col <= compiled_line_raw(c, d->line).n + 1);
        CHECK(i == 0 || c->diagnostics[i - 1].line <= d->line);
    }
}

static void check_policy(const struct policy *p)
{
    for (size_t i = 0; i < p->n_severities; i++) CHECK(p->severities[i].level == (int)i + 1);
    for (size_t i = 0; i < p->n_rules; i++) {
        const struct policy_rule *r = &p->rules[i];
        CHECK(r->when != RULE_UNSET && r->n_targets > 0 && r->after_ms >= 0 && r->level <= policy_levels(p));
        for (size_t k = 0; k < r->n_targets; k++) CHECK(r->targets[k].party.n > 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error e = { 0 };
    struct buf out = { .max = 64u << 20 };
    struct compiled *c = procedures_compile((struct slice){ (const char *)data, size }, S("fuzz.md"), NULL, &e);
    if (c == NULL) {
        CHECK(e.code < 0 && e.line >= 1 && e.col >= 1 && e.detail[0] != '\0');
        return 0;
    }
    check_classes(c);
    check_places(c);
    check_policy(&c->policy);
    policy_dump(&c->policy, &out);
    classes_dump(c, &out);
    diagnostics_print(c, &(struct print_options){ .notes = true, .colour = true }, &out);
    diagnostics_print_json(c, &out);
    CHECK(!out.overflow);
    buf_release(&out);
    compiled_destroy(&c);
    return 0;
}
