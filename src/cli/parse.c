/* parse.c - argv → struct invocation, by the rows of the command. Pure but for the arena.
 * Always: words and options may stand in any order; `--` ends the options; every value has the look of its kind.
 */
#include <string.h>

#include "base/check.h"
#include "cli/nearest.h"
#include "cli/value.h"

static const struct parameter format_parameter = {
    .name = "format",
    .kind = VALUE_CHOICE,
    .option = true,
    .choices = "text json",
    .what = "text for people, or json: what the server answered, as it stands.",
};
static const struct parameter socket_parameter = {
    .name = "socket",
    .kind = VALUE_FILE,
    .option = true,
    .what = "The server's unix socket; left out: $TOCSIN_SOCKET, else where tocsin serve puts it.",
};

const char *command_summary(const struct command *c)
{
    return c->act == ACT_UNSET ? c->summary : act_defs[c->act].summary;
}

static bool word_at(const char *words, const char *name, size_t *place)
{
    struct slice left = slice_of(words);
    for (*place = 0; left.n > 0; ++*place)
        if (slice_eq(slice_cut(&left, ' '), slice_of(name))) return true;
    return false;
}

static struct parameter parameter_of_act(const struct arg_def *def, bool word)
{
    return (struct parameter){
        .name = def->name,
        .kind = value_kind_of(def->type),
        .option = !word,
        .required = def->required,
        .many = def->type == ARG_TEXTS,
        .what = def->what,
    };
}

/* Words first, in the command's order; then the options, in the act's. */
static size_t add_act(const struct command *c, struct parameter *out)
{
    const struct arg_def *defs = act_defs[c->act].args;
    size_t n = 0, n_words = 0, place;
    for (size_t i = 0; defs[i].type != ARG_NONE; i++) {
        if (!word_at(c->words, defs[i].name, &place)) continue;
        out[place] = parameter_of_act(&defs[i], true);
        n_words++;
    }
    n = n_words;
    if (n > 0 && out[n - 1].kind == VALUE_TEXT) out[n - 1].many = true; /* a sentence needs no quotes */
    for (size_t i = 0; defs[i].type != ARG_NONE; i++)
        if (!word_at(c->words, defs[i].name, &place)) out[n++] = parameter_of_act(&defs[i], false);
    return n;
}

const struct parameter *command_parameters(const struct command *c, struct arena *a, size_t *n)
{
    size_t own = 0;
    while (c->parameters != NULL && c->parameters[own].name != NULL) own++;
    struct parameter *all = arena_array(a, struct parameter, own + ACT_MAX_ARGS + 3);
    *n = 0;
    if (c->act != ACT_UNSET) *n = add_act(c, all);
    for (size_t i = 0; i < own; i++) all[(*n)++] = c->parameters[i];
    if (c->flags & HAS_FORMAT) all[(*n)++] = format_parameter;
    if (c->flags & NEEDS_SERVER) all[(*n)++] = socket_parameter;
    return all;
}

/* --- argv --- */

struct reader {
    struct invocation *in;
    int argc, at;
    char **argv;
    bool words_only; /* behind `--` */
    size_t word; /* the parameter that the next word is for */
};

static int take(struct invocation *in, size_t i, const char *text, struct error *e)
{
    const struct parameter *p = &in->parameters[i];
    if (in->given[i].n > 0 && !p->many) return fail(e, ERR_SYNTAX, "--%s stands there twice", p->name);
    if (p->kind != VALUE_SWITCH) {
        const int rc = value_check(p, text, e);
        if (rc < 0) return rc;
    }
    in->given[i].v[in->given[i].n++] = text;
    return 0;
}

static int fail_option(const struct invocation *in, struct slice name, struct error *e)
{
    struct nearest near = nearest_start(name);
    for (size_t i = 0; i < in->n_parameters; i++)
        if (in->parameters[i].option && !in->parameters[i].hidden) nearest_try(&near, in->parameters[i].name);
    if (near.best != NULL)
        return fail(e, ERR_SYNTAX, "%s has no option --%.*s; --%s is near", in->command->name, (int)name.n, name.p,
                    near.best);
    return fail(e, ERR_SYNTAX, "%s has no option --%.*s", in->command->name, (int)name.n, name.p);
}

static int take_option(struct reader *r, const char *text, struct error *e)
{
    struct slice value = slice_of(text + 2), name = slice_cut(&value, '=');
    const bool joined = strchr(text, '=') != NULL;
    const struct invocation *in = r->in;
    for (size_t i = 0; i < in->n_parameters; i++) {
        const struct parameter *p = &in->parameters[i];
        if (!p->option || !slice_eq(slice_of(p->name), name)) continue;
        if (p->kind == VALUE_SWITCH)
            return joined ? fail(e, ERR_SYNTAX, "--%s takes no value", p->name) : take(r->in, i, "", e);
        if (joined) return take(r->in, i, value.p, e);
        if (r->at == r->argc)
            return fail(e, ERR_SYNTAX, "--%s needs a value: --%s %s", p->name, p->name, value_word(p, in->arena));
        return take(r->in, i, r->argv[r->at++], e);
    }
    return fail_option(in, name, e);
}

static int take_word(struct reader *r, const char *text, struct error *e)
{
    const struct invocation *in = r->in;
    while (r->word < in->n_parameters && in->parameters[r->word].option) r->word++;
    if (r->word == in->n_parameters) return fail(e, ERR_SYNTAX, "'%s' is one word too many", text);
    const size_t i = r->word;
    if (!in->parameters[i].many) r->word++;
    return take(r->in, i, text, e);
}

static int require(const struct invocation *in, struct error *e)
{
    for (size_t i = 0; i < in->n_parameters; i++) {
        const struct parameter *p = &in->parameters[i];
        if (!p->required || in->given[i].n > 0) continue;
        return fail(e, ERR_SYNTAX, "%s%s is missing: %s", p->option ? "--" : "", p->name, p->what);
    }
    return 0;
}

int invocation_read(struct invocation *in, const struct command *c, int argc, char **argv, struct error *e)
{
    struct reader r = { .in = in, .argc = argc, .at = 1, .argv = argv };
    int rc = 0;
    in->command = c;
    in->parameters = command_parameters(c, in->arena, &in->n_parameters);
    in->given = arena_array(in->arena, struct given, in->n_parameters + 1);
    for (size_t i = 0; i < in->n_parameters; i++)
        in->given[i].v = arena_array(in->arena, const char *, (size_t)argc + 1);
    while (rc == 0 && r.at < argc) {
        const char *text = argv[r.at++];
        if (!r.words_only && strcmp(text, "--") == 0)
            r.words_only = true;
        else if (!r.words_only && text[0] == '-' && text[1] == '-')
            rc = take_option(&r, text, e);
        else if (!r.words_only && text[0] == '-' && text[1] != '\0')
            rc = fail(e, ERR_SYNTAX, "'%s': options are long ones, --name; behind -- everything is a word", text);
        else
            rc = take_word(&r, text, e);
    }
    if (rc == 0) rc = require(in, e);
    if (rc == 0 && (c->flags & HAS_FORMAT)) {
        const char *format = given_value(in, "format");
        in->json = format != NULL && strcmp(format, "json") == 0;
    }
    return rc;
}

const struct given *given_values(const struct invocation *in, const char *name)
{
    for (size_t i = 0; i < in->n_parameters; i++)
        if (strcmp(in->parameters[i].name, name) == 0) return &in->given[i];
    CHECK(!"a parameter of the command");
    return NULL;
}

const char *given_value(const struct invocation *in, const char *name)
{
    const struct given *g = given_values(in, name);
    return g->n > 0 ? g->v[0] : NULL;
}

bool given_switch(const struct invocation *in, const char *name)
{
    return given_values(in, name)->n > 0;
}
