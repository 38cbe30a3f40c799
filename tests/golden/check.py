#!/usr/bin/python3
"""check.py - tocsin check from outside: formats, standard input, several files, exit statuses (R2), and that every code
in the source is documented."""
import json
import os
import pathlib
import re
import subprocess
import sys
import time

SOURCE = pathlib.Path(os.environ["TOCSIN_SOURCE"])
CASES = SOURCE / "tests/golden/procedures"
REFERENCE = SOURCE / "tests/data/reference.md"
LEVELS = {"error": 2, "warning": 1, "note": 0}

number = failures = 0


def result(good, what):
    global number, failures
    number += 1
    failures += not good
    print(f"{'ok' if good else 'not ok'} {number} - {what}")
    return good


def tell(text):
    for row in str(text).splitlines():
        print("#", row)


def check(*words, given=None):
    run = subprocess.run([os.environ["TOCSIN_BINARY"], "check", *map(str, words)], input=given, capture_output=True,
                         timeout=60, check=False, cwd=SOURCE)
    if run.stderr:
        tell(run.stderr.decode())
    return run.returncode, run.stdout.decode("utf-8")


def test_codes():
    """docs/diagnostics.md is the table in the program, and that names every code of the source."""
    _, table = check("--codes")
    result((SOURCE / "docs/diagnostics.md").read_text(encoding="utf-8").endswith(table),
           "docs/diagnostics.md ends with the table of --codes")
    known = re.findall(r"^\| ([EWN]-[A-Z-]+) ", table, re.M)
    result(known == sorted(set(known)), "the codes are sorted, none stands twice")
    used = {}
    for path in sorted(SOURCE.glob("src/*/*.c")):
        if path.name != "codes.c":
            for code in re.findall(r'"([EWN]-[A-Z]+(?:-[A-Z]+)*)[":\\]', path.read_text(encoding="utf-8")):
                used.setdefault(code, path.name)
            for code in re.findall(r"\[([EWN]-[A-Z]+(?:-[A-Z]+)*)\]", path.read_text(encoding="utf-8")):
                used.setdefault(code, path.name)
    missing = {code: where for code, where in used.items() if code not in known}
    tell(missing or "")
    result(not missing and len(used) > 40, "every code of the source has its meaning in src/procedures/codes.c")
    idle = [code for code in known if code not in used]
    tell(idle or "")
    result(not idle, "no code is documented that nothing says")


def test_statuses():
    for name, status in (("escalation-bad.md", 2), ("escalation-good.md", 1)):
        result(check(CASES / name)[0] == status, f"R2 {name}: exit status {status}")
    clean = b"# Prose\n\n## Overview\n\nNothing is said here.\n\n## Severity Levels\n\n### SEV1 - Bad\n- Down\n"
    result(check("--stdin", given=clean)[0] == 0, "R2 nothing to say: exit status 0")
    result(check(CASES / "escalation-good.md", CASES / "escalation-bad.md")[0] == 2, "several files: the worst counts")
    lost = clean + b"\n## Escalation Triggers\n\n- Somebody looks every 5 minutes, mostly\n"
    result((check("--stdin", given=lost)[0], check("--stdin", "--strict", given=lost)[0]) == (1, 2),
           "G5 --strict: a lost clock is an error")
    result(check("no-such-file.md")[0] == 2, "a file that is not there: exit status 2")
    status, said = check("examples/routing.yaml")
    result(status == 2 and "error[E-DOCUMENT]" in said and "--site" in said,
           "a site or its routing is no document: it says how they are checked")
    result(check("--stdin", given=b"\xff\xfe")[0] == 2, "bytes that are no UTF-8: exit status 2")
    result(check("--stdin", "a.md", "b.md", given=b"")[0] == 2, "--stdin takes one name")


def test_standard_input():
    text = (CASES / "escalation-bad.md").read_bytes()
    status, printed = check("--stdin", "--format", "json", "docs/unsaved.md", given=text)
    document = json.loads(printed)[0]
    result(status == 2 and {d["file"] for d in document["diagnostics"]} == {"docs/unsaved.md"},
           "--stdin --format json: under the name that was given")
    _, from_file = check("--format", "json", CASES / "escalation-bad.md")
    result([{**d, "file": ""} for d in json.loads(from_file)[0]["diagnostics"]] ==
           [{**d, "file": ""} for d in document["diagnostics"]], "--stdin says what the file says")
    keys = {"file", "line", "column", "width", "severity", "code", "message", "suggestion", "end_line",
            "replacement"}
    result(all(set(d) == keys for d in document["diagnostics"]), "R2 every diagnostic has its ten keys")


def test_editor():
    """--stdin --format json at every keystroke: always a list of one object, whatever stands in the buffer."""
    for what, given, status, code, line in (
            ("nothing", b"", 1, "W-NO-SECTIONS", 1),
            ("a blank", b"\n", 1, "W-NO-SECTIONS", 1),
            ("half a character", "## Überblick\n\xc3".encode("latin-1"), 2, "E-DOCUMENT", 1),
            ("a NUL", b"# A\n\0", 2, "E-DOCUMENT", 2),
            ("more than a MiB", b"a" * (1 << 20) + b"b", 2, "E-DOCUMENT", 0),
            ("too many lines", b"a\n" * 20001, 2, "E-DOCUMENT", 20001),
            ("an unfinished fence", b"## Decision Trees\n\n### T\n```\nSTART: x\n", 2, "E-TREE-EMPTY", 3),
            ("an unfinished rule", b"## Escalation Rules\n- No response in", 1, "W-CHAIN-NONE", 1)):
        code_got, printed = check("--stdin", "--format", "json", "x.md", given=given)
        documents = json.loads(printed)
        said = {(d["code"], d["line"]) for d in documents[0]["diagnostics"]}
        result(len(documents) == 1 and code_got == status and (code, line) in said,
               f"--stdin: {what}")
        if (code, line) not in said:
            tell((code_got, said))
    text = REFERENCE.read_bytes()
    began = time.monotonic()
    for _ in range(20):
        check("--stdin", "--format", "json", "x.md", given=text)
    result(time.monotonic() - began < 20 * 0.5, "--stdin: the reference twenty times, within half a second each")


def line_of(path, line):
    return path.read_bytes().decode("utf-8").splitlines()[line - 1]


def test_sarif():
    paths = [CASES / "escalation-bad.md", REFERENCE]
    status, printed = check("--format", "sarif", "--notes", *[p.relative_to(SOURCE) for p in paths])
    log = json.loads(printed)
    run = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    results = run["results"]
    result(log["version"] == "2.1.0" and len(log["runs"]) == 1 and run["tool"]["driver"]["name"] == "tocsin",
           "SARIF: one run of tocsin")
    _, as_json = check("--format", "json", *[p.relative_to(SOURCE) for p in paths])
    said = [(d["code"], d["line"]) for document in json.loads(as_json) for d in document["diagnostics"]]
    result(status == 2 and [(r["ruleId"], r["locations"][0]["physicalLocation"]["region"]["startLine"])
                            for r in results] == said, "SARIF: a result for each diagnostic, in order")
    result(all(rules[r.get("ruleIndex", 0)]["id"] == r["ruleId"] and r["level"] in LEVELS and r["message"]["text"] for r in results),
           "SARIF: each result has its rule, level and message")
    result(all(rule["shortDescription"]["text"] and rule["help"]["text"] and rule["defaultConfiguration"]["level"] in LEVELS
               for rule in rules), "SARIF: each rule has its meaning, help and level")
    places = [r["locations"][0]["physicalLocation"] for r in results]
    result({p["artifactLocation"]["uri"] for p in places} == {str(p.relative_to(SOURCE)) for p in paths},
           "SARIF: relative addresses of the files")
    inside = all(1 <= p["region"]["startColumn"] <= p["region"].get("endColumn", p["region"]["startColumn"]) <=
                 len(line_of(SOURCE / p["artifactLocation"]["uri"], p["region"]["startLine"])) + 1 for p in places)
    result(inside and run["columnKind"] == "unicodeCodePoints", "SARIF: columns are code points inside their lines")
    _, arrows = check("--format", "sarif", "--stdin", "a b/ü.md",
                      given="## Escalation Rules\n- No response → → in 5 minutes\n".encode())
    uri = json.loads(arrows)["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    result(uri == "a%20b/%C3%BC.md", "SARIF: addresses are escaped (RFC 3986)")
    status, printed = check("--format", "sarif", "--site", "examples/site.yaml")
    result(status in (0, 1) and json.loads(printed)["version"] == "2.1.0", "SARIF: with a site")
    _, printed = check("--format", "sarif", "no-such-file.md")
    result(json.loads(printed)["runs"][0]["results"][0]["ruleId"] == "E-DOCUMENT", "SARIF: a file that cannot be read")


def test_caret():
    _, printed = check(CASES / "escalation-bad.md")
    result("escalation-bad.md:10:18: error[E-ESCALATION]: expected a duration" in printed and "\n       |" in printed and
           "^~~~" in printed and "= help: - No response in 5 minutes" in printed, "R2 file:line:col, the line, a caret, a line to paste")
    result("\x1b" not in printed, "no colour where no terminal is")


test_codes()
test_statuses()
test_standard_input()
test_editor()
test_sarif()
test_caret()
print(f"1..{number}")
sys.exit(failures > 0)
