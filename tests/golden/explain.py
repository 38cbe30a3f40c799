#!/usr/bin/python3
"""explain.py - tocsin explain from outside: the JSON contract against its schema and a kept file, coverage, sentences.

TOCSIN_UPDATE=1 writes golden/explain/: read the difference before keeping it."""
import copy
import datetime
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
DOCUMENTS = [REFERENCE, EXAMPLE] + sorted((SOURCE / "tests/golden/procedures").rglob("*.md"))

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


def test_coverage_matrix():
    """R128: scenarios × drills × runbooks; the reference has nothing for DNS and certificates (A45)."""
    covered = json.loads(explain(REFERENCE, "--format", "json"))["effective_coverage"]
    result([(g["name"], g["line"]) for g in covered["gaps"]] == [("DNS failure", 368), ("Certificate expiration", 369)],
           "R128 A45: DNS failure and certificate expiration are gaps")
    result([(s["line"], s["drills"], s["trees"], s["last_drilled"], s["gap"]) for s in covered["scenarios"]] ==
           [(106, ["complete-regional-outage"], ["failover-decision-tree"], None, None),
            (130, ["database-corruption"], [], None, None), (154, ["security-breach"], [], None, None),
            (179, ["resource-exhaustion"], [], None, None)], "R128: each scenario of the reference has its drill")
    shown, page = explain(REFERENCE), explain(REFERENCE, "--format", "html")
    for face, text in (("text", shown), ("html", page)):
        result("4 scenarios, 6 drills: 2 drills without a runbook, 0 scenarios without a drill." in text and
               "DNS failure (line 368)" in text and "Last drilled" in text, f"R128 {face}: the matrix and its totals")
    only_steps = explain_text("# X\n\n## Incident Scenarios\n\n### Cold cache\n\n**Steps:**\n- Warm it\n", "--format", "json")
    result([s["gap"] for s in json.loads(only_steps)["effective_coverage"]["scenarios"]] == ["no drill"],
           "R128: a scenario that nobody drills is a gap")
    prose = explain_text("# X\n\nNothing.\n")
    result("practised" not in prose, "R128: no matrix for a document without scenarios and drills")


def explain_text(text, *options):
    written = pathlib.Path(os.environ["TOCSIN_BUILD"]) / f"explain-{os.getpid()}.md"
    written.write_text(text, encoding="utf-8")
    printed = explain(written, *options)
    written.unlink()
    return printed


CONTROL = """# Plan

## Severity Levels

### SEV1 - Down
- All is down

---

**Version**: {version}
**Next Review Date**: {date}
"""


def test_the_document_itself():
    """R134 to R137: dates, the draft banner, the tools, the score with what lowers it."""
    today = datetime.datetime.now(datetime.timezone.utc).date()
    for days, sentence in ((-40, "is overdue: it was due on"), (0, "due today"), (6, "is due in 6 days"), (25, "is due in 25 days")):
        text = CONTROL.format(version="1", date=today + datetime.timedelta(days=days))
        shown = explain_text(text)
        result(f"The review of this document {sentence}" in shown or f"The review of this document is {sentence}" in shown,
               f"R134: a review {days} days from now")
    score = [json.loads(explain_text(CONTROL.format(version="1", date=today + datetime.timedelta(days=days)),
                                     "--format", "json"))["effective_completeness"] for days in (400, -1)]
    result(score[0]["percent"] > score[1]["percent"] and
           {"text": "the review of the document is overdue", "line": 11} in score[1]["lacks"], "R137: what is overdue lowers the score")
    draft = CONTROL.format(version="[Version]", date="TBD")
    filled = CONTROL.format(version="2", date=today + datetime.timedelta(days=400))
    for option in (("--format", "html"), ("--printable",)):
        result("Draft policy: Version, Next Review Date are not filled in." in explain_text(draft, *option) and
               "Draft policy" not in explain_text(filled, *option), f"R135 {option}: placeholders make a draft")
    tools = json.loads(explain(REFERENCE, "--format", "json"))["tools"]
    result(len(tools) == 12 and all(t["text"] in explain(REFERENCE) for t in tools[:2]), "R136: the tools are listed, all twelve")


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


def test_counts():
    """The golden counts of the reference, by the JSON that others read (R1)."""
    p = json.loads(explain(REFERENCE, "--format", "json"))
    scenarios, templates = p["scenarios"], p["templates"]
    fields = [f for t in templates for f in t["fields"]]
    for what, count, expected in (
            ("severities", len(p["severities"]), 4),
            ("criteria", sum(len(s["criteria"]) for s in p["severities"]), 12),
            ("recovery windows", sum(s["recovery"] is not None for s in p["severities"]), 4),
            ("roles", len(p["roles"]), 4),
            ("duties", sum(len(r["duties"]) for r in p["roles"]), 11),
            ("selectors", sum(len(r["selectors"]) for r in p["roles"]), 4),
            ("contacts", len(p["contacts"]), 5),
            ("channels", len(p["channels"]), 3),
            ("milestones", len(p["milestones"]), 6),
            ("checks", sum(len(m["checks"]) for m in p["milestones"]), 18),
            ("scenarios", len(scenarios), 4),
            ("symptoms", sum(len(s["symptoms"]) for s in scenarios), 14),
            ("immediate actions", sum(len(s["immediate_actions"]) for s in scenarios), 16),
            ("mitigation steps", sum(len(s["mitigation_steps"]) for s in scenarios), 16),
            ("triggers", sum(len(s["triggers"]) for s in scenarios), 12),
            ("timed triggers (R56)", sum(t["kind"] == "timed" for s in scenarios for t in s["triggers"]), 3),
            ("countable triggers (R56)", sum(t["kind"] == "countable" for s in scenarios for t in s["triggers"]), 2),
            ("human triggers (R56)", sum(t["kind"] == "human" for s in scenarios for t in s["triggers"]), 7),
            ("trees", len(p["trees"]), 2),
            ("questions", sum(t["questions"] for t in p["trees"]), 7),
            ("answers", sum(t["edges"] for t in p["trees"]), 14),
            ("answers among the edges", sum(e["written"] for t in p["trees"] for n in t["nodes"] for e in n["edges"]), 14),
            ("steps that open a tree (A27)", [s["line"] for x in scenarios for s in x["mitigation_steps"] if s["tree"]], [123]),
            ("communication rules", len(p["communication"]), 6),
            ("templates", len(templates), 3),
            ("fields", len(fields), 17),
            ("placeholders of fields", sum(len(f["placeholders"]) for f in fields), 16),
            ("literals", sum(f["kind"] == "literal" for f in fields), 1),
            ("windows", len(p["post_incident"]), 3),
            ("actions", sum(len(w["actions"]) for w in p["post_incident"]), 12),
            ("critical metrics", len(p["metrics"]), 4),
            ("thresholds", len(p["thresholds"]), 6),
            ("escalation rules", len(p["escalation_rules"]), 4),
            ("tools", len(p["tools"]), 12),
            ("training", len(p["training"]), 4),
            ("drills", len(p["drills"]), 6),
            ("gaps in coverage (R128)", [d["line"] for d in p["drills"] if not d["effective_scenario"]], [368, 369]),
            ("success metrics", len(p["success_metrics"]), 4),
            ("review items", sum(len(r["items"]) for r in p["reviews"]), 12),
            ("document control", sorted(p["control"]), ["approved_by", "last_updated", "next_review_date", "version"]),
            ("placeholders", p["placeholders"], 25),
            ("lines", p["document"]["lines"], 403)):
        if not result(count == expected, f"R1 {what}: {expected}"):
            tell(f"counted {count}")


def test_paths():
    """R78; every path is a walk: each answer leads to the next step."""
    paths = json.loads(explain(REFERENCE, "--paths", "--format", "json"))["trees"]
    result([(len(t["paths"]), t["outcomes"]) for t in paths] == [(6, 4), (7, 4)], "R78 paths and outcomes of both trees")
    nodes = {n["id"]: n for t in json.loads(explain(REFERENCE, "--format", "json"))["trees"] for n in t["nodes"]}
    walks = all({"label": a["answer"], "to": b["id"]} in [{"label": e["label"], "to": e["to"]} for e in nodes[a["id"]]["edges"]]
                for t in paths for p in t["paths"] for a, b in zip(p["steps"], p["steps"][1:]))
    result(walks, "R78 each answer of a path leads to its next step")
    shown = explain(REFERENCE, "--paths")
    result(shown.count("\n  path ") == 13 and "6 paths to 4 outcomes" in shown, "R78 --paths shows them all")


test_schema()
test_pages()
test_counts()
test_paths()
test_documents()
test_sentences()
test_coverage_matrix()
test_the_document_itself()
golden("reference.json", explain(REFERENCE, "--format", "json"))
golden("reference.txt", explain(REFERENCE))
print(f"1..{number}")
sys.exit(failures > 0)
