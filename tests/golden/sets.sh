#!/bin/sh
# sets.sh - what the tools print for several documents: the example's, a team's, three runbooks that a site names. Explained
# as text and JSON, compared with the example alone, rehearsed; each must equal sets/NAME.expected byte for byte.
# TOCSIN_UPDATE=1 writes the expectations: read the difference before keeping it.
set -u

. "$TOCSIN_SOURCE/tests/golden/kept.sh"

kept="$TOCSIN_SOURCE/tests/golden/sets"
mkdir "$scratch/before" "$scratch/now"
cp "$TOCSIN_SOURCE"/examples/*.md "$TOCSIN_SOURCE"/examples/*.yaml "$scratch/before"
cp "$TOCSIN_SOURCE"/examples/*.md "$TOCSIN_SOURCE"/examples/*.yaml "$kept"/*.md "$kept"/*.tocsin "$scratch/now"
cd "$scratch" || exit 1
sed -i 's/^  procedures: .*/&\n  runbooks: [database.md, certificate.md, { file: intruder.md, scenario: Break-in Suspected }]/
    s/procedures: \[procedures.md\]/procedures: [procedures.md, data.md]/' now/site.yaml

run()
{
    "$TOCSIN_BINARY" "$@" 2>&1
}

compare explain 0 explain --site now/site.yaml
compare explain-team 0 explain --site now/site.yaml --team data --service jobs
compare explain-json 0 explain --site now/site.yaml --format json
compare paths 0 explain --site now/site.yaml --paths
compare diff 1 diff before/site.yaml now/site.yaml
compare diff-markdown 1 diff before now --format markdown
compare diff-json 1 diff before/site.yaml now/site.yaml --format json
compare same 0 diff now now/site.yaml
# A document with errors is compared by what could be read: minutes, an answer that is gone, and why no server takes it.
mkdir broken
sed '0,/└─ NO → Stay and repair/{/└─ NO → Stay and repair/d}; s/No response in 5 minutes/No response in 3 minutes/' \
    before/procedures.md > broken/procedures.md
compare diff-broken 2 diff before/procedures.md broken/procedures.md
compare diff-broken-markdown 2 diff before/procedures.md broken/procedures.md --format markdown
compare rehearse 0 rehearse --site now/site.yaml now/night.tocsin
compare rehearse-jsonl 0 rehearse --site now/site.yaml --format jsonl now/night.tocsin
compare no-team 2 explain --site now/site.yaml --team nobody
compare no-service 2 explain --site now/site.yaml --team data
"$TOCSIN_BINARY" explain --site now/site.yaml --format html > page.html
result $? "html: every document of the set is a page"
for file in procedures data database certificate intruder; do
    grep -q "<h2>now/$file.md</h2>" page.html
    result $? "html: $file.md"
done
finish
