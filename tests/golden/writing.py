#!/usr/bin/python3
"""writing.py - every example of docs/writing-procedures.md is compiled, and what the page says of it is what is printed.

An example is a fence `markdown`; the fence `text` behind it holds lines that `tocsin check` or `tocsin explain` prints of
it. Diagnostics that the page does not show must not be there: an example without a `warning[…]` or `error[…]` is clean.
A table behind `<!-- each under: HEADING -->` has sentences in its first column: each is tried below that heading."""
import pathlib
import re
import tempfile

import page_kit
from page_kit import ok

LEVELS = "## Severity Levels\n### SEV1 - Critical\n- a\n### SEV2 - High\n- b\n### SEV3 - Low\n- c\n\n"
P_LEVELS = "## Severity Levels\n### P0 - Critical\n- a\n### P1 - High\n- b\n\n"


def bare(line):
    """Without the list mark and with single blanks: as it reads in a fence and on a screen alike."""
    return re.sub(r"\s+", " ", line.strip()).removeprefix("- ")


def fences(lines):
    """(number of its first line, info, text) of each fence; an HTML comment before a table is ('each', heading, rows)."""
    at = 0
    while at < len(lines):
        mark = re.match(r"^(`{3,}|~{3,})(\w*)$", lines[at])
        each = re.match(r"^<!-- each under: (.*) -->$", lines[at])
        if mark:
            end = lines.index(mark.group(1), at + 1)
            yield at + 2, mark.group(2), "\n".join(lines[at + 1:end]) + "\n"
            at = end
        elif each:
            end = at + 3
            while lines[end].startswith("|"):
                end += 1
            yield at + 4, "each", (each.group(1), lines[at + 3:end])
        at += 1


def printed(text):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "example.md"
        path.write_text(text, encoding="utf-8")
        status, said = page_kit.run(folder, "tocsin", "check", path.name)
        return status, said, page_kit.run(folder, "tocsin", "explain", path.name)[1]


def try_example(number, text, shown):
    status, said, explained = printed(text)
    lines = [bare(line) for line in (said + explained).splitlines()]
    missing = [line for line in map(bare, shown.splitlines()) if line and not any(line in other for other in lines)]
    codes = set(re.findall(r"(?:warning|error)\[([A-Z-]+)\]", said))
    unsaid = codes - set(re.findall(r"\[([A-Z-]+)\]", shown))
    expected = 2 if "error[" in shown else 1 if "warning[" in shown else 0
    name = text.strip().splitlines()[-1][:60]
    ok(status == expected and not missing and not unsaid, f"line {number}: {name}",
       "\n".join([f"exit status {status}, not {expected}", *(f"not printed: {line}" for line in missing),
                  *(f"not shown: {code}" for code in sorted(unsaid)), said]))


def try_sentence(number, heading, sentence):
    levels = P_LEVELS if re.search(r"\bP\d", sentence) else LEVELS
    _, said, _ = printed(f"{levels}{heading}\n- {sentence}\n")
    bad = re.findall(r"\[(E-[A-Z-]+|W-CLOCK-LOST|W-CHAIN-END)\]", said)
    ok(not bad and " 0 rejected" in said, f"line {number}: {sentence}", said)


examples = list(fences(page_kit.page("writing-procedures.md").splitlines()))
for i, (number, info, content) in enumerate(examples):
    if info == "markdown":
        follows = examples[i + 1] if i + 1 < len(examples) else (0, "", "")
        ok(follows[1] == "text", f"line {number}: the page says what it means")
        try_example(number, content, follows[2] if follows[1] == "text" else "")
    elif info == "each":
        for k, row in enumerate(content[1]):
            for sentence in re.findall(r"`([^`]+)`", row.split("|")[1]):
                try_sentence(number + k, content[0], sentence)
page_kit.end(80)
