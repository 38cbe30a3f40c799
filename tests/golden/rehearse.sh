#!/bin/sh
# rehearse.sh - what tocsin rehearse prints for the example site: story, test points, JSON lines, and its exit status.
# TOCSIN_UPDATE=1 writes the expectations: read the difference before keeping it.
set -u

. "$TOCSIN_SOURCE/tests/golden/kept.sh"

kept="$TOCSIN_SOURCE/tests/golden/rehearse"
cp "$TOCSIN_SOURCE"/examples/*.md "$TOCSIN_SOURCE"/examples/*.yaml "$kept"/*.tocsin "$scratch"
cd "$scratch" || exit 1

run()
{
    "$TOCSIN_BINARY" rehearse procedures.md --site site.yaml "$@" 2> complaints
}

compare story 1 four.tocsin
compare tap 1 morning.tocsin four.tocsin
compare tap-good 0 --tap morning.tocsin
compare jsonl 0 --format jsonl morning.tocsin
compare jsonl-bad 1 --format jsonl four.tocsin
grep -q 'four.tocsin:4:9: it did not happen then' complaints
result $? "jsonl-bad: what does not hold is said on standard error"
printf 'start 2026-01-05T03:00:00Z\nT+00:00 alret a=b\n' > unreadable.tocsin
compare tap-unreadable 2 morning.tocsin unreadable.tocsin
compare outage 0 outage.tocsin
compare heartbeat 0 heartbeat.tocsin
compare timeline 1 --timeline morning.tocsin four.tocsin

# A cadence makes prompts wherever it is written (R82): by level, on the template's name, in the section of severities.
cadence()
{
    wanted=$1
    shift
    sed "$@" procedures.md > other.md
    "$TOCSIN_BINARY" rehearse other.md --site site.yaml outage.tocsin 2>&1 |
        grep -m1 'prompt: a status update is due' > printed
    grep -q "^T+$wanted" printed
    result $? "cadence: $wanted"
    sed 's/^/# /' printed
}
cadence '10:00.000 INC-1 prompt: a status update is due, every 10 min;' \
    's/^2\. \*\*Status Updates\*\*: .*/2. **Status Updates**: SEV1: Update every 10 minutes/'
cadence '20:00.000 INC-1 prompt: a status update is due, every 20 min;' -e '/^2\. \*\*Status Updates\*\*/d' \
    -e 's/^#### Status Update.*/#### Status Update (Every 20 min)/'
cadence '25:00.000 INC-1 prompt: a status update is due, every 25 min;' \
    's/^- Nobody can open the dashboard/- Update frequency: Every 25 minutes\n&/'

# A status page for some levels is owed by those alone, from when an incident enters one of them (R87, A36).
sed 's/^1\. \*\*Status Page\*\*: .*/1. **Status Page**: For SEV1 incidents, within 10 minutes/' procedures.md > other.md
sed 's/for: \[phone, sms,/for: [status page, phone, sms,/' site.yaml > paged.yaml
cat > raised.tocsin << 'END'
start 2026-01-05T10:00:00Z
T+00:00 declare "slow" as SEV2 service dashboard by ada
T+20:00 expect no prompt "status page"
T+20:00 severity SEV1 "down" by ada
T+30:00 expect prompt "the status page is due"
T+31:00 publish status-page by ada
T+40:00 expect no prompt "status page" since T+30:01
END
"$TOCSIN_BINARY" rehearse other.md --site paged.yaml raised.tocsin > printed 2>&1
result $? "status page: for the levels that its sentence names"
grep -q 'the status page is published, late by 1 min' printed
result $? "status page: published late, and by how much"

# Nights by dice: what is found, told once more by its seed; what cannot be asked for together.
"$TOCSIN_BINARY" rehearse procedures.md --random 20 > printed 2> complaints
[ $? -eq 1 ] && grep -q 'No page reaches Grace Hopper while the channel log does not work; seed 2$' printed
result $? "random: a site with one channel hangs on it, and the exit status says so"
"$TOCSIN_BINARY" rehearse procedures.md --random 1 --seed 2 --timeline > printed 2> complaints
sed -n '/^start/,/^$/p' printed > night.tocsin
"$TOCSIN_BINARY" rehearse procedures.md night.tocsin > again 2> complaints
grep '^T.*INC-1 page' printed > pages
grep '^T.*INC-1 page' again | cmp -s - pages && [ -s pages ]
result $? "random: a night's script, kept, plays the same night"
for wrong in '--seed 2 night.tocsin' '--random 0' '--random 5 night.tocsin' '--init --random 5' '--force night.tocsin' ''; do
    "$TOCSIN_BINARY" rehearse procedures.md $wrong > printed 2> complaints
    [ $? -eq 2 ] && [ -s complaints ]
    result $? "refused: $wrong"
done

# A first set of scripts: written, never over others unawares, and they pass as they are.
"$TOCSIN_BINARY" rehearse --init procedures.md > printed 2> complaints
result $? "init: writes its scripts beside the document's site"
[ "$(ls rehearsals | wc -l)" -eq "$(wc -l < printed)" ]
result $? "init: names each of them"
"$TOCSIN_BINARY" rehearse procedures.md rehearsals/*.tocsin > printed 2>&1
result $? "init: they pass as they are"
grep '^not ok' printed | sed 's/^/# /'
echo '# mine' > rehearsals/scenario-break-in-suspected.tocsin
rm rehearsals/rule-*
"$TOCSIN_BINARY" rehearse --init procedures.md > printed 2> complaints
[ $? -eq 2 ] && grep -q 'is there already: nothing is written' complaints
result $? "init: refuses when one is there already"
[ "$(cat rehearsals/scenario-break-in-suspected.tocsin)" = '# mine' ] && ! ls rehearsals | grep -q '^rule-'
result $? "init: overwrites nothing, and then writes nothing at all"
"$TOCSIN_BINARY" rehearse --init procedures.md --force > printed 2> complaints && ls rehearsals | grep -q '^rule-'
result $? "init: --force overwrites"

finish
