/* Where each compiled element stands (G6): spans are exact bytes of the document, hashes are of those bytes, and an id
 * that the document says outlives another wording. */
#include "harness.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/check.h"
#include "procedures/compile.h"

static struct compiled *compile(const char *text)
{
    struct error e = { 0 };
    struct compiled *c = procedures_compile(slice_of(text), S("spans.md"), NULL, &e);
    if (c == NULL) fail_msg("%u:%u: %s", e.line, e.col, e.detail);
    return c;
}

static const struct {
    const char *what, *document, *kind, *id, *bytes;
    unsigned line, col, last;
} rows[] = {
    { "an item, without its marker", "## Escalation Rules\n- SEV1 incident → Management\n", "rule",
      "sev1-incident-management", "SEV1 incident → Management", 2, 3, 2 },
    { "a wrapped item keeps the bytes between its lines",
      "## Escalation Rules\n- SEV1 incident →\r\n  Management  \r\n", "rule", "sev1-incident-management",
      "SEV1 incident →\r\n  Management", 2, 3, 3 },
    { "a written id is no part of the words", "## Escalation Rules\n- SEV1 incident → Management {#boss}\n", "rule",
      "boss", "SEV1 incident → Management", 2, 3, 2 },
    { "a written id on a line of its own", "## Escalation Rules\n- SEV1 incident → Management\n  {#boss}\n", "rule",
      "boss", "SEV1 incident → Management", 2, 3, 2 },
    { "an id said in the comment above",
      "## Escalation Rules\n\n<!-- tocsin: id=boss -->\n- SEV1 incident → Management\n", "rule", "boss",
      "SEV1 incident → Management", 4, 3, 4 },
    { "nor is a task box", "## Response Timeline\n### T+5 - Triage\n- [x] Look at **graphs**\n", "check",
      "triage/look-at-graphs", "Look at **graphs**", 3, 7, 3 },
    { "a heading without its hashes", "## Severity Levels\n### SEV1: Bad ##\n- x\n", "severity", "SEV1", "SEV1: Bad", 2,
      5, 2 },
    { "a heading that is underlined", "Severity Levels\n===\nSEV1: Bad\n---\n- x\n", "severity", "SEV1", "SEV1: Bad", 3,
      1, 3 },
    { "a row stands for its cells", "## Severity Levels\n| Level | Means |\n|--|--|\n| SEV1 | All down |\n",
      "criterion", "sev1/all-down", "| SEV1 | All down |", 4, 1, 4 },
    { "a byte-order mark counts", "\xef\xbb\xbf## Escalation Rules\n- SEV1 incident → Management\n", "rule",
      "sev1-incident-management", "SEV1 incident → Management", 2, 3, 2 },
    { "bytes are those of the file, also where they are read repaired",
      "## Escalation Rules\n- SEV1 incident â†’ Management\n", "rule", "sev1-incident-management",
      "SEV1 incident â†’ Management", 2, 3, 2 },
    { "a keyed item of a level", "## Severity Levels\n### SEV1\n- Estimated recovery time: > 4 hours\n", "recovery",
      "SEV1", "Estimated recovery time: > 4 hours", 3, 3, 3 },
    { "a role", "## Response Team\n### Incident Commander\n- Leads\n", "role", "incident-commander",
      "Incident Commander", 2, 5, 2 },
    { "a template is its fence", "## Communication Templates\n### Initial\n```\nSeverity: [x]\n```\n", "template",
      "initial", "```\nSeverity: [x]\n```", 3, 1, 5 },
};

static void g6_spans_are_the_bytes_of_the_document(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct compiled *c = compile(rows[i].document);
        const struct compiled_node *n = compiled_node_find(c, slice_of(rows[i].kind), slice_of(rows[i].id));
        if (n == NULL) fail_msg("%s: no %s %s", rows[i].what, rows[i].kind, rows[i].id);
        struct slice bytes = compiled_node_bytes(c, n);
        if (!slice_eq(bytes, slice_of(rows[i].bytes))) fail_msg("%s: \"%.*s\"", rows[i].what, (int)bytes.n, bytes.p);
        if (memcmp(rows[i].document + n->offset, rows[i].bytes, n->length) != 0) fail_msg("%s: offset", rows[i].what);
        if (n->line != rows[i].line || n->col != rows[i].col || n->last != rows[i].last)
            fail_msg("%s: %u:%u-%u", rows[i].what, n->line, n->col, n->last);
        compiled_destroy(&c);
    }
}

static void g6_hashes_tell_another_wording(void **state)
{
    static const char before[] = "## Escalation Rules\n- No response in 5 minutes → Secondary {#first}\n";
    static const char after[] = "# New\n\n## Escalation Rules\n\n- No response in 3 minutes → Secondary {#first}\n";
    struct compiled *a = compile(before), *b = compile(after), *same = compile(before);
    const struct compiled_node *x = compiled_node_find(a, S("rule"), S("first"));
    const struct compiled_node *y = compiled_node_find(b, S("rule"), S("first"));
    const struct compiled_node *z = compiled_node_find(same, S("rule"), S("first"));
    uint8_t own[COMPILED_NODE_HASH];
    (void)state;
    assert_true(x != NULL && y != NULL && z != NULL && x->named);
    assert_memory_not_equal(x->hash, y->hash, COMPILED_NODE_HASH);
    assert_memory_equal(x->hash, z->hash, COMPILED_NODE_HASH);
    compiled_node_hash(S("No response in 5 minutes → Secondary"), own);
    assert_memory_equal(x->hash, own, COMPILED_NODE_HASH);
    compiled_destroy(&a);
    compiled_destroy(&b);
    compiled_destroy(&same);
}

/* Every element of a whole document lies where the table says, in order, and its ids are unique in their kind. */
static void g6_the_reference_has_one_span_an_element(void **state)
{
    static char text[1 << 15];
    FILE *f = fopen(TOCSIN_TESTS "/data/reference.md", "rb");
    (void)state;
    assert_non_null(f);
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    fclose(f);
    struct compiled *c = compile(text);
    assert_true(c->n_nodes >= 84); /* what the golden counts of the executed sections add up to */
    for (size_t i = 0; i < c->n_nodes; i++) {
        const struct compiled_node *n = &c->nodes[i];
        uint8_t hash[COMPILED_NODE_HASH];
        assert_true(n->length > 0 && n->offset + n->length <= c->bytes);
        assert_true(i == 0 || c->nodes[i - 1].offset <= n->offset);
        assert_ptr_equal(compiled_node_find(c, n->kind, n->id), n);
        compiled_node_hash((struct slice){ text + n->offset, n->length }, hash);
        assert_memory_equal(hash, n->hash, sizeof hash);
    }
    compiled_destroy(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(g6_spans_are_the_bytes_of_the_document),
        cmocka_unit_test(g6_hashes_tell_another_wording),
        cmocka_unit_test(g6_the_reference_has_one_span_an_element),
    };
    return cmocka_run_group_tests_name("procedures-spans", tests, NULL, NULL);
}
