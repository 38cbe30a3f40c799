# kept.sh - what the shell scripts of this folder share: test points as TAP, a scratch folder, outputs compared with kept
# files. A script that compares sets `kept`, their folder, and defines `run`; each ends with `finish`.
# TOCSIN_UPDATE=1 writes the kept files: read the difference before keeping it.
number=0
failed=0
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT

# result STATUS NAME
result()
{
    number=$((number + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $number - $2"
    else
        echo "not ok $number - $2"
        failed=1
    fi
}

skip()
{
    number=$((number + 1))
    echo "ok $number - $1 # SKIP $2"
}

# compare NAME STATUS WORDS…: `run WORDS…` prints what $kept/NAME.expected holds, and its exit status is STATUS.
compare()
{
    name=$1
    status=$2
    shift 2
    run "$@" > printed
    [ $? -eq "$status" ]
    result $? "$name: exit status $status"
    sed -i 's/; trace [0-9a-f]*$//' printed # every change of a rule changes it
    [ -z "${TOCSIN_UPDATE:-}" ] || cp printed "$kept/$name.expected"
    diff -u "$kept/$name.expected" printed | sed 's/^/# /'
    cmp -s "$kept/$name.expected" printed
    result $? "$name: prints what is kept"
}

finish()
{
    echo "1..$number"
    exit "$failed"
}
