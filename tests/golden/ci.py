#!/usr/bin/python3
"""ci.py - the recipe of docs/ci.md, run as it stands on the page: a good change passes and says what it does, a broken
document, a broken rehearsal and a misspelt site stop it; the two pipelines are YAML."""
import json
import pathlib
import shutil
import tempfile

import page_kit
from page_kit import SOURCE, ok

try:
    import yaml
except ImportError: # not everywhere where the tests run
    yaml = None

FENCES = page_kit.fences(page_kit.page("ci.md"))
CI, HOOK = [text for info, text in FENCES if info == "sh"]
GIT = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "ada", "GIT_AUTHOR_EMAIL": "ada@example.org",
       "GIT_COMMITTER_NAME": "ada", "GIT_COMMITTER_EMAIL": "ada@example.org"}


def run(folder, *words):
    return page_kit.run(folder, *words, **GIT)


def begin(folder):
    for name in ("procedures.md", "routing.yaml", "site.yaml"):
        shutil.copy(SOURCE / "examples" / name, folder)
    run(folder, "tocsin", "rehearse", "--init", "procedures.md", "--site", "site.yaml")
    (folder / "ci.sh").write_text(CI, encoding="utf-8")
    for words in (("init", "-q", "-b", "main"), ("add", "."), ("commit", "-q", "-m", "as it is")):
        run(folder, "git", *words)


def change(folder, name, old, new):
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text, old
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def tries(name, edits, status, *parts):
    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place)
        begin(folder)
        for edit in edits:
            change(folder, *edit)
        got, said = run(folder, "sh", "ci.sh")
        ok((got == 0) == (status == 0) and all(part in said for part in parts), name, f"{got}\n{said}")
        sarif = json.loads((folder / "procedures.sarif").read_text(encoding="utf-8"))
        ok(sarif["version"] == "2.1.0", "and leaves findings that a code host reads")


FIVE, THREE = "No response in 5 minutes", "No response in 3 minutes"
tries("nothing changed: it passes", [], 0, "procedures.md: 396 lines", "procedures.md: the same behaviour")
tries("another wording passes", [("procedures.md", "Nobody can open", "No one can open")], 0, "0 errors")
tries("another delay is stopped by the rehearsals that still expect the old one", [("procedures.md", FIVE, THREE)], 1,
      "not ok", "expect page secondary")
tries("a sentence that nobody understands is stopped", [("procedures.md", FIVE + " →", "No reply soon →")], 1, "E-ESCALATION")
tries("a misspelt site is stopped", [("site.yaml", "\nadministrators:", "\nadministrator:")], 1, "did you mean")
tries("a threshold that nobody watches is a warning", [("site.yaml", "  error-rate:", "  errors:")], 0, "W-METRIC-UNBOUND")

for info, text in FENCES:
    if info == "yaml":
        ok((yaml is None or isinstance(yaml.safe_load(text), dict)) and "ci.sh" in text, "a pipeline that is YAML and runs ci.sh")
with tempfile.TemporaryDirectory() as place:
    begin(pathlib.Path(place))
    ok(run(pathlib.Path(place), "sh", "-c", HOOK)[0] == 0, "the hook passes")
    change(pathlib.Path(place), "procedures.md", FIVE + " →", "No reply soon →")
    ok(run(pathlib.Path(place), "sh", "-c", HOOK)[0] != 0, "and refuses what does not compile")
page_kit.end(16)
