#!/usr/bin/python3
"""activation.py - procedures activated by people: a change waits for an approver who is not its author, the way back is one
act, open incidents keep their bundle until they are moved, a broken file alarms and never replaces a good one, and what a
rule uses and nobody binds is overridden with a reason (R11, R12, R13, R15, R135)."""
import json
import os
import pathlib
import sqlite3
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from serve_kit import BINARY, SITE, Server, Tap, until  # noqa: E402

APPROVERS = """\
activation: by-approver
approvers: [ada, joan]
tokens:
  joan: {{ secret: {{ env: TOKEN_JOAN }}, person: joan, scope: admin }}
  editor: {{ secret: {{ env: TOKEN_EDITOR }}, person: joan, scope: write }}
  grace: {{ secret: {{ env: TOKEN_GRACE }}, person: grace, scope: admin }}
"""
TOKENS = {"joan": "joans-secret-of-the-test", "editor": "joans-other-secret", "grace": "graces-secret-of-the-test"}
for name, secret in TOKENS.items():
    os.environ["TOKEN_" + name.upper()] = secret

tap = Tap()
s = Server()
s.write("site.yaml", (SITE + APPROVERS).format(main=s.main, responder=s.responder, login=os.environ.get("USER") or "root"))
BOUND = ("  security-team:", "  database-administrators: { people: [grace] }\n  network-engineers: { people: [grace] }\n"
         "  devops-engineers: { people: [grace] }\n  security-team:")
METRICS = """\
metrics:
  availability: { match: ['alertname="Down"'] }
  error-rate: { match: ['alertname="HighErrorRate"'], window: 10m }
  time: { by: person }
  utilization: { match: ['alertname=~"Busy.*"'], no_data: keep }
"""
s.write("site.yaml", s.read("site.yaml").replace(*BOUND) + METRICS)
ORIGINAL = s.read("procedures.md")


def tocsin(*words):
    """(exit status, both outputs): as ada, by the unix socket."""
    environment = {"TZ": "UTC", "NO_COLOR": "1", "PATH": os.environ["PATH"],
                   "TOCSIN_SOCKET": str(s.dir / "state" / "tocsin.sock")}
    done = subprocess.run([BINARY, *words], env=environment, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


def says(words, status, *parts, name=None):
    code, text = tocsin(*words)
    good = code == status and all(part in text for part in parts)
    if not good:
        print(f"# {words}: {code} {text!r}")
    return tap.ok(good, name or f"tocsin {' '.join(words)}"[:110])


def posts(who, path, body, status, *parts, name, method="POST"):
    code, text = s.http(method, path, body, headers={"Authorization": "Bearer " + TOKENS[who]})
    good = code == status and all(part in text for part in parts)
    if not good:
        print(f"# {who} {path} {body}: {code} {text!r}")
    return tap.ok(good, name)


def overview():
    return s.ask("/api/v1/procedures")[1]


def first_bundle():
    now = overview()
    tap.ok(now["activation"] == "by-approver" and now["active"]["id"] == 1 and now["proposed"] is None, "bundle 1 is active")
    first = now["history"][0]
    tap.ok(first["how"] == "first" and first["by"]["id"] == "ada" and "first bundle" in first["reason"] and first["compiler"],
           "R11: the first bundle is activated by whoever starts, and says so")
    says(["procedures"], 0, "bundle 1 is active", "by Ada Byron", "procedures.md:")
    says(["activate", "--reason", "why not"], 1, "nothing is proposed")


def proposal():
    s.alert("Early", service="dashboard")
    tap.ok(until(lambda: s.pages("INC-1")), "an incident opens under bundle 1")
    s.write("procedures.md", ORIGINAL.replace("No response in 5 minutes", "No response in 3 minutes"))
    says(["reload"], 0, "Bundle 2 is proposed; bundle 1 stays active", "2 changes of behaviour:", "3 min", "was 5 min",
         name="what changes is proposed, and said (R9)")
    says(["reload"], 0, "proposed already")
    says(["procedures"], 0, "bundle 1 is active", "bundle 2 is proposed", "proposed", "Ada Byron")
    says(["activate"], 2, "--reason is missing")
    says(["activate", "--reason", "I wrote it myself"], 1, "ada proposed bundle 2", "These may: joan\n", name="R11: an author does not approve")
    posts("grace", "/api/v1/procedures/activate", {"reason": "looks good"}, 403, "approves no procedures",
          name="nor does who is no approver, administrator or not")
    posts("editor", "/api/v1/procedures/activate", {"reason": "looks good"}, 403, "`editor` may propose", "scope admin",
          name="R11: nor an approver's token of scope write")
    posts("joan", "/api/v1/procedures/activate", {"reason": ""}, 422, "reason", name="nor without a reason")
    posts("joan", "/api/v1/procedures/activate", {"reason": "agreed on Monday"}, 200, "Bundle 2 is active", "INC-1",
          "3 min", "warning: the document is approved by Mary Somerville", "joan activates it",
          name="another approver does, and is told who keeps theirs (R12), what changes, who is named (R135)")
    tap.ok(overview()["active"]["draft"] is False and "draft" not in tocsin("procedures")[1],
           "R135: who fills in document control has no draft, whatever kinds of contacts stand in brackets")
    newest = overview()["history"][0]
    tap.ok(newest["how"] == "approved" and newest["by"]["id"] == "joan" and newest["author"]["id"] == "ada"
           and newest["previous"] == 1 and newest["reason"] == "agreed on Monday", "the history has author, approver, reason")


def incidents_follow():
    says(["show", "INC-1"], 0, "INC-1")
    says(["move", "INC-1", "the", "shorter", "chain"], 0, "follows bundle 2 now, not bundle 1")
    says(["move", "INC-1"], 0, "already")
    says(["show", "INC-1"], 0, "Moved from bundle 1 to bundle 2", "the shorter chain", name="R12: the move is on its timeline")


def rollback():
    says(["procedures", "rollback", "1", "--reason", "the team was not told", "--move-open"], 0, "Bundle 1 is active",
         "moved to it: INC-1", name="R11: rollback in one act, and the open ones with it (R12)")
    says(["procedures", "rollback", "1", "--reason", "again"], 1, "active already")
    says(["procedures", "rollback", "99", "--reason", "what"], 1, "no bundle 99")
    says(["procedures", "history"], 0, "the team was not told", "agreed on Monday", "first bundle of this instance")
    text = tocsin("procedures", "show", "2", "--file", "procedures.md")[1]
    tap.ok(text == s.read("procedures.md"), "an earlier version can be read, byte for byte")
    tap.ok(s.stop() == 0 and s.start(), "restarts")
    now = overview()
    tap.ok(now["active"]["id"] == 1 and now["proposed"] is None and len(now["history"]) == 3,
           "what a person put back stays, although the file still holds the other")


def broken():
    s.write("procedures.md", ORIGINAL.replace("No response in 5 minutes →", "No reply after a while →"))
    says(["reload"], 1, "procedures.md has 1 error", "\n  procedures.md:324:", "; instead: - No response in",
         name="R13: a reload of a broken file is refused, and says where and what instead (R2)")
    site = s.read("site.yaml")
    s.write("site.yaml", site.replace("unrouted:", "unrooted:").replace("activation:", "aktivation:"))
    says(["reload"], 1, "site.yaml:", "unrooted", "aktivation", name="so is one of a broken site, with every line")
    s.write("site.yaml", site)
    says(["procedures"], 0, "broken: ", "bundle 1 is active")
    says(["incidents"], 0, "procedures on disk do not compile", name="R13: and red wherever incidents are listed")
    tap.ok("tocsin_documents_broken 1" in s.http("GET", "/metrics")[1], "and a metric")
    tap.ok(not [m for m in s.sent() if m["purpose"] == "alarm"], "who asked was told: no alarm")
    tap.ok(s.stop() == 0 and s.start(), "starts with a broken file")
    tap.ok(until(lambda: [m for m in s.sent("do not compile") if m["purpose"] == "alarm"]), "R13: and alarms the administrators")
    tap.ok(overview()["active"]["id"] == 1, "the last good bundle runs")
    s.write("procedures.md", ORIGINAL)
    says(["reload"], 0)
    tap.ok(overview()["broken"] is None and "tocsin_documents_broken 0" in s.http("GET", "/metrics")[1], "mended")


def overrides():
    text = ORIGINAL.replace("No response in 5 minutes → Secondary", "No response in 5 minutes → Legal Team")
    s.write("procedures.md", text)
    if not says(["reload"], 0, "proposed"):
        return
    code, answer = s.http("POST", "/api/v1/procedures/activate", {"reason": "looks good"},
                          headers={"Authorization": "Bearer " + TOKENS["grace"]})
    tap.ok(code == 403 and "approves no procedures" in answer and "W-UNBOUND" not in answer,
           "who approves nothing is told that, and not what is unbound")
    posts("joan", "/api/v1/procedures/activate", {"reason": "legal joins"}, 409, "W-UNBOUND", "legal",
          name="R15: what nobody fills blocks the activation")
    posts("joan", "/api/v1/procedures/activate", {"reason": "legal joins", "override": ["W-UNBOUND="]}, 422, "say why",
          name="an override needs a reason")
    posts("joan", "/api/v1/procedures/activate", {"reason": "legal joins", "override": ["W-NOPE=x"]}, 422, "W-NOPE",
          name="and something to override")
    posts("joan", "/api/v1/procedures/activate", {"reason": "legal joins", "override": ["W-UNBOUND=they start in May"]}, 200,
          "is active", name="with a reason it is activated")
    says(["procedures"], 0, "overridden W-UNBOUND", "they start in May", name="R15: listed until cured")
    site = s.read("site.yaml")
    s.write("site.yaml", site.replace("  security-team:", "  legal-team-on-call: { people: [grace] }\n  security-team:"))
    says(["reload"], 0)
    tap.ok("overridden" not in tocsin("procedures")[1], "and no longer when the site binds it")


def metrics():
    says(["procedures"], 0, 'threshold Error rate > 2% (line 318): the alert {alertname="HighErrorRate"} says it: over 10 min, '
         "2 in a row, no data is an alert", "Response time > 3 seconds (line 317): a person looks",
         "Disk utilization > 80%", "no data changes nothing", name="R112: each threshold with who says it")
    site = s.read("site.yaml")
    s.write("site.yaml", site.replace("  time: { by: person }\n", ""))
    s.write("procedures.md", s.read("procedures.md") + "\n")
    says(["reload"], 0, "proposed")
    says(["procedures"], 0, "not bound W-METRIC-UNBOUND procedures.md:317", "response-time:", "{ by: person }",
         name="R15: a threshold that nobody watches is listed")
    activate = "/api/v1/procedures/activate"
    posts("joan", activate, {"reason": "as agreed"}, 409, "W-METRIC-UNBOUND", name="and blocks the activation")
    posts("joan", activate, {"reason": "as agreed", "override": ["W-METRIC-UNBOUND=the probe comes in June"]}, 200, "is active",
          name="unless it is overridden with a reason")
    says(["procedures"], 0, "overridden W-METRIC-UNBOUND", "the probe comes in June", name="which is listed")
    s.write("site.yaml", site)
    says(["reload"], 0)
    tap.ok("METRIC" not in tocsin("procedures")[1], "until it is cured")
    s.write("site.yaml", site + "  cpu-utilisation: { by: person }\n")
    says(["reload"], 0)
    says(["procedures"], 0, "W-METRIC-UNUSED", "the metric `cpu-utilisation`: is \"CPU utilization\" meant?",
         name="R15: a metric that no threshold is of is listed, with the threshold that is near")
    s.write("site.yaml", site)
    says(["reload"], 0)


def edits():
    path, text = "/api/v1/procedures/procedures.md", ORIGINAL.encode()
    joan = {"Authorization": "Bearer " + TOKENS["editor"]}
    at = text.index(b"No response in 5 minutes") + len("No response in ")
    change = {"patches": [{"offset": at, "length": 1, "before": "5", "after": "4"}], "text": "a minute less"}
    posts("editor", path, change, 200, "proposed", "4 min", method="PATCH", name="R14: one byte is changed, and proposed")
    number = overview()["proposed"]["id"]
    changed = tocsin("procedures", "show", str(number), "--file", "procedures.md")[1].encode()
    tap.ok(changed == text[:at] + b"4" + text[at + 1:], "every other byte stays")
    code, answer = s.http("PATCH", path, change, headers=joan)
    answer = json.loads(answer)
    tap.ok(code == 409 and answer["yours"] == {"before": "5", "after": "4"} and answer["theirs"]["text"] == "4",
           "R14: who was slower is refused, with both versions")
    wrong = {"patches": [{"offset": at, "length": 9, "before": changed[at:at + 9].decode(), "after": "a while"}]}
    posts("joan", path, wrong, 400, "procedures.md", method="PATCH", name="what does not compile is not proposed (R13)")
    posts("joan", path, {"patches": []}, 422, "patches", method="PATCH", name="a body without patches is told what one is")
    posts("joan", "/api/v1/procedures/nope.md", change, 404, "no file", method="PATCH", name="a file that is not there")
    says(["activate", "--reason", "a minute is a minute"], 0, "is active", name="somebody else's change is approved by its reader")
    code, answer = s.http("PUT", path + "?before=0000000000000000&text=back", headers=joan, form=ORIGINAL)
    answer = json.loads(answer)
    tap.ok(code == 409 and answer["theirs"].encode() == changed and answer["yours"] == ORIGINAL, "PUT over another version is refused")
    code, answer = s.http("PUT", f"{path}?before={answer['hash']}&text=back", headers=joan, form=ORIGINAL)
    tap.ok(code == 200 and "5 min" in answer, "PUT over the one that was read is proposed")
    waits = overview()["proposed"]["id"]
    tap.ok(s.stop() == 0 and s.start() and overview()["proposed"]["id"] == waits, "and waits over a restart")
    says(["activate", "--reason", "as it was"], 0, f"Bundle {waits} is active", name="until somebody approves it")


def upgrade():
    """Another version of the compiler is played by another hash of what the stored bytes meant to the one before."""
    s.stop()
    with sqlite3.connect(s.dir / "state" / "tocsin.db") as db:
        bundle = db.execute("SELECT bundle FROM incident WHERE id = 1 AND closed_at = 0").fetchone()[0]
        db.execute("UPDATE bundle SET compiled = compiled + 1 WHERE id = ?", (bundle,))
    db.close()
    tap.ok(s.start(), "starts")
    words = f"undle {bundle} means something else since Tocsin was upgraded"
    tap.ok(until(lambda: [m for m in s.sent(words) if m["purpose"] == "alarm"]), "what compiles to something else is an alarm")
    says(["show", "INC-1"], 0, words, name="and stands on the open incident's timeline")
    before = len(s.sent(words))
    tap.ok(s.stop() == 0 and s.start() and len(s.sent(words)) == before, "once")


try:
    if tap.ok(s.start(), "the server starts"):
        first_bundle()
        proposal()
        incidents_follow()
        rollback()
        broken()
        edits()
        overrides()
        metrics()
        upgrade()
        tap.ok(s.stop() == 0, "stops in order")
finally:
    s.end()
tap.end()
