/* Documents that are made to be slow or to overflow: each compiles or is refused with a place and a reason, and what is
 * said about it stays within what a person can read. How long it takes is measured by bench-compile, not here. */
#include "harness.h"

#include "hostile.h"
#include "procedures/print.h"

static void check_said(const struct compiled *c, const char *name)
{
    size_t counted = 0;
    for (int class = 1; class < LINE_CLASSES_END; class ++) counted += c->class_counts[class];
    if (counted != c->lines) fail_msg("%s: %zu of %u lines have a class", name, counted, c->lines);
    for (size_t i = 0; i < c->n_diagnostics; i++) {
        const struct diagnostic *d = &c->diagnostics[i];
        if (d->message.n == 0 || d->message.n > 1000 || d->suggestion.n > 1000 || d->line > c->lines)
            fail_msg("%s: line %u: a message of %zu bytes", name, d->line, d->message.n);
    }
    assert_true(c->policy.n_rules <= 256);
    assert_true(c->policy.n_severities <= POLICY_MAX_LEVELS);
}

static void one_shape(void **state)
{
    const struct hostile *h = *state;
    struct buf text = { .max = 2u << 20 };
    struct error e = { 0 };
    hostile_make(h, &text);
    assert_false(text.overflow);
    struct compiled *c = procedures_compile(buf_slice(&text), S("hostile.md"), NULL, &e);
    if (c != NULL)
        check_said(c, h->name);
    else
        assert_true(e.code < 0 && e.line >= 1 && e.col >= 1 && e.detail[0] != '\0');
    compiled_destroy(&c);
    buf_release(&text);
}

int main(void)
{
    struct CMUnitTest tests[COUNT_OF(hostile_shapes)] = { 0 };
    for (size_t i = 0; i < COUNT_OF(hostile_shapes); i++)
        tests[i] = (struct CMUnitTest){ .name = hostile_shapes[i].name,
                                        .test_func = one_shape,
                                        .initial_state = (void *)(uintptr_t)&hostile_shapes[i] };
    return cmocka_run_group_tests_name("procedures-hostile", tests, NULL, NULL);
}
