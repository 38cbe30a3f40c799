/* completion.c - a script for bash-completion, from the descriptors.
 * Always: it asks no server: a key press never waits.
 */
#include "cli/help.h"

#include "cli/value.h"

static void add_options(const struct parameter *all, size_t n, struct buf *out)
{
    buf_add_str(out, "--help");
    for (size_t i = 0; i < n; i++)
        if (all[i].option && !all[i].hidden) buf_addf(out, " --%s", all[i].name);
}

/* What may follow an option, where that is known. */
static void add_values(const struct command *c, const struct parameter *all, size_t n, struct buf *out)
{
    for (size_t i = 0; i < n; i++) {
        const struct parameter *p = &all[i];
        if (!p->option || p->hidden || p->kind == VALUE_SWITCH) continue;
        buf_addf(out, "    %s:--%s) ", c->name, p->name);
        if (p->kind == VALUE_CHOICE)
            buf_addf(out, "COMPREPLY=($(compgen -W '%s' -- \"$word\"))", p->choices);
        else if (value_completion(p->kind)[0] != '\0')
            buf_addf(out, "COMPREPLY=($(compgen %s -- \"$word\"))", value_completion(p->kind));
        else
            buf_add_str(out, "COMPREPLY=()");
        buf_add_str(out, "; return ;;\n");
    }
}

static const char *words_of(const struct parameter *all, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!all[i].option) return value_completion(all[i].kind);
    return "";
}

static bool takes_command(const struct parameter *all, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (all[i].kind == VALUE_COMMAND) return true;
    return false;
}

static void add_command(const struct command *c, struct arena *a, struct buf *out)
{
    size_t n;
    const struct parameter *all = command_parameters(c, a, &n);
    buf_addf(out, "    %s) options='", c->name);
    add_options(all, n, out);
    buf_addf(out, "' files='%s'%s ;;\n", words_of(all, n), takes_command(all, n) ? " words=\"$commands\"" : "");
}

void help_completion(struct buf *out)
{
    struct arena *a = arena_create(0);
    buf_add_str(out,
                "# bash completion for tocsin. Made by `tocsin help --completion bash`.\n_tocsin()\n{\n"
                "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]}\n"
                "    local commands='");
    for (size_t i = 0; commands[i] != NULL; i++) buf_addf(out, "%s%s", i > 0 ? " " : "", commands[i]->name);
    buf_add_str(
        out, "' options='' files='' words=''\n    COMPREPLY=()\n    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
             "        COMPREPLY=($(compgen -W \"$commands --help --version\" -- \"$word\"))\n        return\n    fi\n"
             "    case $command:$before in\n");
    for (size_t i = 0; commands[i] != NULL; i++) {
        size_t n;
        const struct parameter *all = command_parameters(commands[i], a, &n);
        add_values(commands[i], all, n, out);
    }
    buf_add_str(out, "    esac\n    case $command in\n");
    for (size_t i = 0; commands[i] != NULL; i++) add_command(commands[i], a, out);
    buf_add_str(
        out, "    esac\n    if [[ $word == -* ]]; then\n        COMPREPLY=($(compgen -W \"$options\" -- \"$word\"))\n"
             "    elif [ -n \"$files\" ]; then\n        COMPREPLY=($(compgen $files -- \"$word\"))\n"
             "    else\n        COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n    fi\n}\n"
             "complete -o filenames -F _tocsin tocsin\n");
    arena_destroy(&a);
}
