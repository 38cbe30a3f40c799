#!/usr/bin/python3
"""explain.py - tocsin explain from outside: the JSON contract against its schema and a kept file, coverage, sentences.

TOCSIN_UPDATE=1 writes golden/explain/: read the difference before keeping it."""
import copy
import html.parser
import json
import os
import pathlib
import subprocess
import sys

SOURCE = pathlib.Path(os.environ["TOCSIN_SOURCE"])
GOLDEN = SOURCE / "tests/golden/explain"
REFERENCE = SOURCE / "tests/data/reference.md"
EXAMPLE = SOURCE / "examples/procedures.md"
DOCUMENTS = [REFERENCE, EXAMPLE] + sorted((SOURCE / "tests/golden/procedures").glob("*.md"))

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


def explain(path, *options):
    where = pathlib.Path(path)
    run = subprocess.run([os.environ["TOCSIN_BINARY"], "explain", where.name, *options], cwd=where.parent,
                         capture_output=True, text=True, timeout=60, check=False)
    if run.stderr or run.returncode not in (0, 2):
        tell(f"{where.name} {options}: {run.returncode} {run.stderr}")
    return run.stdout


def golden(name, printed):
    kept = GOLDEN / name
    if os.environ.get("TOCSIN_UPDATE"):
        GOLDEN.mkdir(exist_ok=True)
        kept.write_text(printed, encoding="utf-8")
    same = kept.is_file() and kept.read_text(encoding="utf-8") == printed
    if not same:
        diff = subprocess.run(["diff", "-u", str(kept), "-"], input=printed, capture_output=True, text=True, check=False)
        tell(diff.stdout[:6000])
    result(same, f"golden/explain/{name}")


def closed(schema):
    """The schema with every object closed: a key that the documentation does not name is a failure here."""
    schema = copy.deepcopy(schema)

    def walk(at):
        if isinstance(at, dict):
            if "properties" in at:
                at.setdefault("additionalProperties", False)
            for value in at.values():
                walk(value)
        elif isinstance(at, list):
            for value in at:
                walk(value)
    walk(schema)
    return schema


def ids_unique(value):
    if isinstance(value, list):
        ids = [x["id"] for x in value if isinstance(x, dict) and "id" in x]
        return len(ids) == len(set(ids)) and all(ids_unique(x) for x in value)
    return all(ids_unique(x) for x in value.values()) if isinstance(value, dict) else True


def test_schema():
    try:
        import jsonschema
    except ImportError:
        result(True, "the JSON of every document meets docs/policy.schema.json # SKIP python3-jsonschema is not installed")
        return
    schema = json.loads((SOURCE / "docs/policy.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(closed(schema))
    for path in DOCUMENTS:
        errors = list(validator.iter_errors(json.loads(explain(path, "--format", "json"))))
        for error in errors[:5]:
            tell(f"{list(error.absolute_path)}: {error.message[:300]}")
        result(not errors, f"{path.name}: the JSON meets docs/policy.schema.json, and names no other key")


def test_documents():
    for path in DOCUMENTS:
        printed = explain(path, "--format", "json")
        policy = json.loads(printed)
        lines = policy["document"]["lines"]
        coverage = json.loads(explain(path, "--coverage", "--format", "json"))
        result(sum(coverage["totals"].values()) == lines == len(coverage["classes"]),
               f"{path.name}: R3 the classes of all lines add up")
        shown = explain(path, "--coverage").splitlines()
        result(len(shown) == lines + len(coverage["totals"]) + 1, f"{path.name}: R3 --coverage shows every line")
        wrong = any(d["severity"] == "error" for d in policy["diagnostics"])
        result(wrong or ids_unique(policy), f"{path.name}: ids are unique in their lists")
        result(printed == explain(path, "--format", "json"), f"{path.name}: R4 the same bytes twice")


def test_sentences():
    text = explain(REFERENCE)
    for sentence in (
            "If nobody responds within 5 minutes, Secondary On-Call Engineer is paged (line 331).",
            "If the incident is not resolved within 30 minutes, acknowledged or not, Incident Commander is paged (line 332).",
            "When an incident becomes SEV1, Management is told, and nothing is asked of them (line 333).",
            "When an incident is classified as security, Security Team is paged immediately (line 334)."):
        result(sentence in text, sentence)
    three = REFERENCE.read_bytes().replace(b"No response in 5 minutes", b"No response in 3 minutes")
    changed = pathlib.Path(os.environ["TOCSIN_BUILD"]) / "explain-three.md"
    changed.write_bytes(three)
    result("If nobody responds within 3 minutes" in explain(changed), "the number is the document's")
    changed.unlink()


class Page(html.parser.HTMLParser):
    """What a browser would load, run or jump to, and which tags stay open."""
    VOID = {"meta", "hr", "br"}

    def __init__(self, text):
        super().__init__()
        self.faults, self.ids, self.targets, self.open, self.text, self.rows = [], [], [], [], [], 0
        self.policy = ""
        self.feed(text)
        self.faults += [f"<{tag}> stays open" for tag in self.open]
        self.faults += [f"id {i} twice" for i in set(self.ids) if self.ids.count(i) > 1]
        self.faults += [f"link to {t}" for t in self.targets if t.lstrip("#") not in self.ids or not t.startswith("#")]

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag in ("script", "img", "link", "iframe", "object", "embed", "form", "base"):
            self.faults.append(f"<{tag}>")
        self.faults += [f"{tag} {name}" for name in given if name.startswith("on") or name in ("src", "srcset", "style")]
        if given.get("http-equiv") == "Content-Security-Policy":
            self.policy = given["content"]
        if "id" in given:
            self.ids.append(given["id"])
        if "href" in given:
            self.targets.append(given["href"])
        self.rows += tag == "tr" and given.get("id", "").startswith("L")
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing")

    def handle_data(self, data):
        self.text.append(data)


HOSTILE = """# <script>alert(1)</script>

## Severity Levels

### SEV1 - "><img src=x onerror=alert(1)>
- ![x](http://127.0.0.1:9/x.png) [y](javascript:alert(1)) <b onclick="alert(1)">'
- \u202etxt.exe \x1b[31mred

## Escalation Rules
- No response in 5 minutes → <style>@import url(http://127.0.0.1:9/)</style>

<iframe src="http://127.0.0.1:9/"></iframe>

| a <script> | b |
|---|---|
| </table> | </td> |

1. one
   - two
     1. three
- four

```
</pre><script>alert(2)</script>
```
"""


def test_pages():
    hostile = pathlib.Path(os.environ["TOCSIN_BUILD"]) / "explain-hostile.md"
    hostile.write_text(HOSTILE, encoding="utf-8")
    for path in DOCUMENTS + [hostile]:
        lines = json.loads(explain(path, "--format", "json"))["document"]["lines"]
        for options in (("--format", "html"), ("--printable",)):
            printed = explain(path, *options)
            page = Page(printed)
            tell("; ".join(page.faults))
            result(not page.faults and page.policy.startswith("default-src 'none'"),
                   f"{path.name} {options}: one file, no script, nothing from elsewhere, all tags closed")
            if options == ("--format", "html"):
                result(page.rows == lines, f"{path.name}: R16 the preview has every line")
            result(not any(c in printed for c in "\u202e\x1b"), f"{path.name} {options}: nothing that a screen obeys")
    hostile.unlink()
    page = "".join(Page(explain(REFERENCE, "--printable")).text)
    for line in REFERENCE.read_text(encoding="utf-8").splitlines():
        words = line.lstrip("#-0123456789. ").replace("*", "").strip()
        if words and all(" " <= c <= "~" for c in words) and words not in page and not words.startswith("```"):
            result(False, f"R17 the printed page lacks: {words}")
    result("Secondary On-Call Engineer is paged (line 331)" in page, "R17 the printed page says who is paged")


test_schema()
test_pages()
test_documents()
test_sentences()
golden("reference.json", explain(REFERENCE, "--format", "json"))
golden("reference.txt", explain(REFERENCE))
print(f"1..{number}")
sys.exit(failures > 0)
