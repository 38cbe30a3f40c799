/* ground.c - see ground.h. */
#include "ground.h"

#include <stdio.h>
#include <stdlib.h>

#include "sys/files.h"

static void die(const char *what, const char *why)
{
    fprintf(stderr, "%s: %s\n", what, why);
    exit(1);
}

struct slice ground_text(struct ground *g, const char *path)
{
    struct buf b = { .max = 1 << 20 };
    struct error e = { 0 };
    if (file_read(path, 1 << 20, &b, &e) < 0) die(path, e.detail);
    struct slice text = arena_copy(g->arena, buf_slice(&b));
    buf_release(&b);
    return text;
}

static struct site *load_site(const char *path)
{
    struct problems *problems = problems_create();
    struct buf text = { 0 };
    struct site *site = NULL;
    if (site_load(path, &site, problems) < 0) {
        problems_print(problems, &text);
        die(path, buf_str(&text));
    }
    problems_destroy(&problems);
    return site;
}

static struct compiled *load_document(struct ground *g, const char *path)
{
    struct error e = { 0 };
    struct compiled *c = procedures_compile(ground_text(g, path), slice_of(path), NULL, &e);
    if (c == NULL || c->errors > 0) die(path, c == NULL ? e.detail : "it has errors");
    return c;
}

void ground_load(struct ground *g)
{
    struct problems *problems = problems_create();
    *g = (struct ground){ .arena = arena_create(0) };
    g->site = load_site(TOCSIN_TESTS "/scenario/site.yaml");
    g->smaller = load_site(TOCSIN_TESTS "/scenario/smaller.yaml");
    g->turns = load_site(TOCSIN_TESTS "/scenario/turns.yaml");
    g->other_turns = load_site(TOCSIN_TESTS "/scenario/other_turns.yaml");
    g->own = load_site(TOCSIN_TESTS "/../examples/site.yaml");
    if (routing_load(g->arena, g->site, &g->routing, problems) < 0) die("routing.yaml", "it does not load");
    const struct slice other = S(TOCSIN_TESTS "/scenario/other_routing.yaml");
    if (routing_load_bytes(g->arena, other, ground_text(g, other.p), g->site, &g->other_routing, problems) < 0)
        die(other.p, "it does not load");
    if (routing_load(g->arena, g->own, &g->own_routing, problems) < 0) die("examples/routing.yaml", "it does not load");
    problems_destroy(&problems);
    g->reference = load_document(g, TOCSIN_TESTS "/data/reference.md");
    g->example = load_document(g, TOCSIN_TESTS "/../examples/procedures.md");
}

void ground_release(struct ground *g)
{
    compiled_destroy(&g->reference);
    compiled_destroy(&g->example);
    routing_release(&g->routing);
    site_destroy(&g->site);
    routing_release(&g->other_routing);
    site_destroy(&g->smaller);
    site_destroy(&g->turns);
    site_destroy(&g->other_turns);
    routing_release(&g->own_routing);
    site_destroy(&g->own);
    arena_destroy(&g->arena);
}
