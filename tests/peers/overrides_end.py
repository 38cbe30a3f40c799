#!/usr/bin/python3
"""overrides_end.py - what lets a team's document be weaker ends on a day: files whose override has ended never come into
force, at a start or by a reload; one that ends while it is in force goes on, and the administrators are told. And what was
in force and does not compile any more, as after an upgrade, is replaced by the newest version that does (R13)."""
import datetime
import os
import pathlib
import sqlite3
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from serve_kit import BINARY, Server, Tap, until  # noqa: E402

TODAY = datetime.datetime.now(datetime.timezone.utc).date()  # of UTC; midnight may pass
PAST, SOON, LATER = (str(TODAY + datetime.timedelta(days=n)) for n in (-20, 9, 400))
SHOP = """---
team: shop
weaker: escalation rules
approved_by: Grace Hopper
reason: two people until March
until: %s
---
# Shop

## Escalation Rules
- SEV4: No response in 60 minutes → Secondary on-call then Incident Commander
"""

tap = Tap()


def server():
    s = Server()
    site = s.read("site.yaml").replace("procedures: [procedures.md]", "procedures: [procedures.md, shop.md]")
    site = site.replace("services: [dashboard, api, jobs, web, billing]", "services: [dashboard, api, jobs]").replace(
        "services: { dashboard", "  shop: { services: [web, billing], roles: { primary: { people: [joan] }, "
        "secondary: { people: [ada] }, incident-commander: { people: [grace] } } }\nservices: { dashboard", 1)
    s.write("site.yaml", site + 'activation: automatic\nworking: { days: Mon-Sun, from: "00:00", to: "24:00" }\n')
    return s


def tocsin(*words):
    environment = {"TZ": "UTC", "NO_COLOR": "1", "PATH": os.environ["PATH"], "TOCSIN_SOCKET": str(s.dir / "state" / "tocsin.sock")}
    done = subprocess.run([BINARY, *words], env=environment, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


def says(words, status, *parts, name):
    code, text = tocsin(*words)
    good = code == status and all(part in text for part in parts)
    if not good:
        print(f"# {words}: {code} {text!r}")
    return tap.ok(good, name)


def passes(check):
    """Of the self-audit, once it has looked."""
    status = until(lambda: (lambda a: a if a.get("at") else None)(s.ask("/api/v1/status")[1]))
    return [c["state"] for c in status["checks"] if c["check"] == check] == ["ok"]


def alarmed(words):
    return until(lambda: [m for m in s.sent(words) if m["purpose"] == "alarm"])


def stored(what, *values):
    with sqlite3.connect(s.dir / "state" / "tocsin.db") as db:
        rows = db.execute(what, values).fetchall()
    db.close()
    return rows


def never_in_force():
    s.write("shop.md", SHOP % PAST)
    tap.ok(not s.start() and s.process.wait(30) != 0 and f"shop.md:6: the override for being weaker ended on {PAST}" in s.log(),
           "a new instance does not begin with an override that has ended: the day is named")
    s.write("shop.md", SHOP % LATER)
    tap.ok(s.start(), "one that holds begins")
    tap.ok(passes("procedures"), "and the self-audit passes")
    s.stop()
    s.write("shop.md", (SHOP % PAST) + "- SEV4: No resolution in 2 hours → Management\n")
    tap.ok(s.start(), "a start with files whose override has ended")
    says(["procedures"], 0, "broken: the procedures on disk cannot be put in force", f"ended on {PAST}", "bundle 1 is active",
         name="keeps what was in force, and says why")
    tap.ok(alarmed("cannot be put in force"), "and alarms the administrators")
    tap.ok("tocsin_documents_broken 1" in s.http("GET", "/metrics")[1], "and a metric")
    says(["reload"], 1, f"ended on {PAST}", name="a reload of them is refused, with the day")
    s.write("shop.md", (SHOP % SOON) + "- SEV4: No resolution in 2 hours → Management\n")
    says(["reload"], 0, "Bundle 2 is active", name="with another day it comes into force")
    s.stop()
    s.start()
    tap.ok(not passes("procedures"), "one that ends within two weeks is a warning of the self-audit")
    says(["procedures"], 0, f"warning: shop.md:6: the override for being weaker ends soon, on {SOON} (approved by Grace Hopper",
         name="and of `tocsin procedures`, with the day and who approved it")
    says(["status"], 0, f"ends soon, on {SOON}", name="and of `tocsin status`")


def ends_in_force():
    """The day passes: the same override, with another day in what is stored and in the file."""
    s.stop()
    row = stored("SELECT id, text FROM bundle WHERE active = 1")[0]
    s.write("shop.md", s.read("shop.md").replace(SOON, PAST))
    stored("UPDATE bundle SET text = ? WHERE id = ?", row[1].replace(SOON.encode(), PAST.encode()), row[0])
    tap.ok(s.start() and not passes("procedures"), "what is in force goes on when its override ends")
    says(["procedures"], 0, f"warning: shop.md:6: the override for being weaker ended on {PAST}", "bundle 2 is active",
         name="it is told")
    tap.ok(alarmed("weaker than they may be"), "and alarms the administrators, in working time")
    says(["procedures", "rollback", "1", "--reason", "back"], 0, "Bundle 1 is active", name="the way back judges no days")
    tap.ok(s.alert("Web", service="web") == 200 and until(lambda: s.pages("INC-1")), "people are paged")


def falls_back():
    """Another version of the compiler that reads less is played by bytes that no version reads."""
    s.stop()
    s.write("procedures.md", "## Escalation Rules\n- No reply after a while → Secondary on-call\n")
    stored("UPDATE bundle SET text = ? WHERE active = 1", b"tocsin bundle 1\nprocedures 3 procedures.md\n\xff\xfe\xff\n")
    tap.ok(s.start(), "neither the files nor what was in force compile: it starts all the same")
    tap.ok("bundle 2 is in force instead" in s.log(), "with the newest version that does, and the log says so")
    says(["procedures"], 0, "broken: bundle 1, in force before, does not compile by this version of Tocsin: bundle 2 is in force "
         "instead", "the procedures on disk do not compile", "bundle 2 is active", name="it stands above everything")
    says(["incidents"], 0, "bundle 2 is in force instead", name="and above the incidents")
    says(["procedures", "history"], 0, "instead", "bundle 1, in force before, does not compile any more", name="and in the history")
    tap.ok(alarmed("bundle 1 does not compile any more"), "the administrators are alarmed")
    tap.ok(s.alert("Api", service="api") == 200 and until(lambda: s.pages("INC-2")), "and people are paged")
    tap.ok(s.stop() == 0 and s.start(), "starts again")
    says(["procedures"], 0, "bundle 2 is in force instead", "bundle 2 is active", name="and says so until somebody decides")
    s.write("procedures.md", (s.dir / "kept.md").read_text())
    s.write("shop.md", (SHOP % LATER) + "\nMended.\n")
    says(["reload"], 0, "Bundle 3 is active", name="which mended files do")
    code, text = tocsin("procedures")
    tap.ok(code == 0 and "broken" not in text and "bundle 3 is active" in text, "nothing is wrong any more")


def nothing_left():
    s.stop()
    s.write("procedures.md", "## Escalation Rules\n- No reply after a while → Secondary on-call\n")
    stored("UPDATE bundle SET text = ?", b"tocsin bundle 1\nprocedures 3 procedures.md\n\xff\xfe\xff\n")
    tap.ok(not s.start() and s.process.wait(30) != 0 and "there is nothing to run" in s.log(),
           "where nothing compiles at all, it does not start, and says so")


def emptied():
    """An editor that was interrupted, a disk that was full, half a merge: the file is there, compiles, and escalates to nobody."""
    whole = s.read("procedures.md")
    s.write("shop.md", SHOP % LATER)
    tap.ok(s.start() and overview()["active"]["id"] == 1, "a new instance, by its files")
    for what, text in (("empty", ""), ("cut off", whole[:whole.index("### Escalation Rules")]), ("prose", "# Notes\n\nNothing yet.\n")):
        s.write("procedures.md", text)
        says(["reload"], 1, "no escalation rule", "activation: by-approver", name=f"{what}: a reload is refused, and says why and what instead")
        tap.ok(overview()["active"]["id"] == 1, "what was in force stays")
    says(["procedures"], 0, "broken: the procedures on disk cannot be put in force", name="and it is told above the procedures")
    tap.ok(s.stop() == 0 and s.start() and overview()["active"]["id"] == 1 and alarmed("no escalation rule"),
           "a start keeps it too, and alarms the administrators")
    site = s.read("site.yaml")
    s.write("site.yaml", site.replace("activation: automatic", "activation: by-approver"))
    says(["reload"], 0, "is proposed; bundle 1 stays active", name="where people approve, they may mean it")


def overview():
    return s.ask("/api/v1/procedures")[1]


s = server()
try:
    s.write("kept.md", s.read("procedures.md"))
    never_in_force()
    ends_in_force()
    falls_back()
    nothing_left()
finally:
    s.end()
s = server()
try:
    emptied()
finally:
    s.end()
tap.end()
