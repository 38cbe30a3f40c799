#!/bin/sh
# manual.sh - the committed manual page and the completion script are what the descriptors say, and are well-formed.
set -u

. "$TOCSIN_SOURCE/tests/golden/kept.sh"

"$TOCSIN_BINARY" help --man > "$scratch/tocsin.1"
diff -u "$TOCSIN_SOURCE/docs/tocsin.1" "$scratch/tocsin.1" | sed 's/^/# /'
cmp -s "$TOCSIN_SOURCE/docs/tocsin.1" "$scratch/tocsin.1"
result $? "docs/tocsin.1 is current (else: make man)"

if command -v groff > /dev/null; then
    groff -man -Tutf8 -ww -z "$scratch/tocsin.1" 2> "$scratch/groff"
    sed 's/^/# /' "$scratch/groff"
    [ ! -s "$scratch/groff" ]
    result $? "groff has nothing to say against it"
else
    skip "groff has nothing to say against it" "groff is not installed"
fi
if command -v mandoc > /dev/null; then
    mandoc -Tlint -Wwarning "$scratch/tocsin.1" | sed 's/^/# /'
    mandoc -Tlint -Wwarning "$scratch/tocsin.1" > /dev/null
    result $? "mandoc has nothing to say against it"
else
    skip "mandoc has nothing to say against it" "mandoc is not installed"
fi

# Every command has its section, and none has two.
for command in $("$TOCSIN_BINARY" help | sed -n 's/^  \([a-z]*\)  *[A-Z].*/\1/p'); do
    [ "$(grep -c "^\.SS $command\$" "$scratch/tocsin.1")" -eq 1 ] || echo "# $command"
done > "$scratch/missing"
cat "$scratch/missing"
[ ! -s "$scratch/missing" ] && grep -q '^\.SS serve$' "$scratch/tocsin.1"
result $? "every command has a section"

if command -v bash > /dev/null; then
    "$TOCSIN_BINARY" help --completion bash > "$scratch/completion"
    cat > "$scratch/ask" <<'ASK'
source "$1"
shift
COMP_WORDS=("$@")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_tocsin
echo "${COMPREPLY[*]}"
ASK
    complete()
    {
        bash "$scratch/ask" "$scratch/completion" "$@"
    }
    [ "$(complete tocsin incid)" = incidents ]
    result $? "completion: a command by its beginning"
    [ "$(complete tocsin ack --se)" = --severity ]
    result $? "completion: an option of an act"
    [ "$(complete tocsin check --format '')" = "text json sarif" ]
    result $? "completion: the choices of an option"
    [ "$(complete tocsin help relo)" = reload ]
    result $? "completion: a command as a word"
    : > "$scratch/night.md"
    [ "$(cd "$scratch" && complete tocsin check nig)" = night.md ]
    result $? "completion: a file"
    ! complete tocsin serve -- | grep -q -e --child
    result $? "completion: what is hidden stays hidden"
else
    skip "completion" "bash is not installed"
fi

finish
