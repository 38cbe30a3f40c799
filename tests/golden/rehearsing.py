#!/usr/bin/python3
"""rehearsing.py - docs/rehearsing.md followed step by step with the example documents: what the page shows is what is
printed (`…` stands for the rest of a line, figures of the dice may differ), and every word that a script may say is on it."""
import pathlib
import re
import shutil
import tempfile

import page_kit
from page_kit import SOURCE, ok

PAGE = page_kit.page("rehearsing.md")
FENCES = page_kit.fences(PAGE)
COMMANDS = [text.strip().splitlines() for info, text in FENCES if info == "sh"]
(SHORT,) = [text for info, text in FENCES if info == "tocsin"]
STORY, TAP, RANDOM = [text.splitlines() for info, text in FENCES if info == "text"]
folder = pathlib.Path(tempfile.mkdtemp())


def run(command):
    return page_kit.run(folder, "sh", "-c", command)


def shows(command, status, lines, name, shape=lambda line: line):
    got, said = run(command)
    rest = [shape(line) for line in said.splitlines()]
    for line in map(shape, lines):
        wanted = line.removesuffix("…")
        while rest and not (rest[0].startswith(wanted) if wanted != line else rest[0] == line):
            rest.pop(0)
        if not rest:
            return ok(False, name, f"not printed, or not in this order: {line}\n{said}")
    return ok(got == status, name, f"exit status {got}\n{said}")


try:
    for path in (SOURCE / "examples").iterdir():
        if path.is_file():
            shutil.copy(path, folder)
    (folder / "short.tocsin").write_text(SHORT, encoding="utf-8")
    ok(run(COMMANDS[0][0])[0] == 0, "the night of the examples holds")
    shows("tocsin rehearse procedures.md --site site.yaml short.tocsin", 0, STORY, "the short script prints its story")
    for command in COMMANDS[1]:
        got, said = run(command)
        ok(got == 0, command, said)
    (folder / "short.tocsin").write_text(SHORT.replace("T+05:00 expect page s", "T+04:00 expect page s"), encoding="utf-8")
    shows("tocsin rehearse --tap procedures.md --site site.yaml short.tocsin", 1, TAP, "the changed one prints test points")
    shows(COMMANDS[2][0], 1, RANDOM[:1], "a thousand nights", lambda line: re.sub(r"\d{4,} pages", "N pages", line))
    ok(all(re.fullmatch(r" +\d+  No page reaches .* while the channel log does not work; seed \d+", line)
           for line in RANDOM[1:]), "and what they find")
    for script in ("T+00:00 nonsense", "T+00:00 expect nonsense"):
        (folder / "short.tocsin").write_text(f"start 2026-01-05T03:00:00Z\n{script}\n", encoding="utf-8")
        said = run("tocsin rehearse procedures.md --site site.yaml short.tocsin")[1]
        words = re.findall(r"[a-z]+", re.sub(r" or an act:|one of:| or ", " ", said.split("expected", 1)[1]).split("\n")[0])
        missing = [word for word in words if not re.search(rf"`{word}\b", PAGE)]
        ok(len(words) > 15 and not missing, f"every word of `{script}` is on the page", ", ".join(missing))
finally:
    shutil.rmtree(folder)
page_kit.end(9)
