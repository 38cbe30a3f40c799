#!/usr/bin/env python3
"""The command line against a running server: an alert, its incident, who was paged and why, the acts, each message read
(R146, R164); and what it says when nobody listens."""
import json
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import threading

from serve_kit import BINARY, SOURCE, Server, Tap, until

tap = Tap()
s = Server()
PLAIN = {"TZ": "UTC", "NO_COLOR": "1", "PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}


def tocsin(*words, at=None):
    """(exit status, standard output, standard error)"""
    environment = dict(PLAIN, TOCSIN_SOCKET=str(at or s.dir / "state" / "tocsin.sock"))
    done = subprocess.run([BINARY, *words], env=environment, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


def another_user(*words):
    """The same as nobody, who may not even look into a checkout below /root: a copy of the program stands in the open."""
    with tempfile.TemporaryDirectory(prefix="tocsin-open-") as folder:
        os.chmod(folder, 0o755)
        copy = shutil.copy(BINARY, pathlib.Path(folder) / "tocsin")
        environment = dict(PLAIN, TOCSIN_SOCKET=str(s.dir / "state" / "tocsin.sock"))
        done = subprocess.run([copy, *words], env=environment, capture_output=True, text=True, timeout=60, user=65534, cwd=folder)
        return done.returncode, done.stdout, done.stderr


def says(words, status, *parts, where=1, name=None):
    """Runs a line; its status and every part of what it says must be as written."""
    done = tocsin(*words.split("|")) if isinstance(words, str) else tocsin(*words)
    text = done[where]
    good = done[0] == status and all(part in text for part in parts)
    if not good:
        print(f"# {words}: {done}")
    return tap.ok(good, name or f"tocsin {' '.join(words.split('|'))}"[:100])


def a_store_of_somebody_else():
    """The state directory is its owner's alone: that is no wrong path, and another --state does not help."""
    for words in (["verify"], ["backup", "/dev/null/copy"]):
        status, _, error = another_user(*words)
        tap.ok(status in (1, 2) and "Permission denied" in error and "--state" not in error, f"{words[0]} by another user says why")


def nobody_listens():
    status, _, error = tocsin("incidents")
    tap.ok(status == 3 and "no server listens on" in error and "tocsin.sock" in error and "tocsin serve --site" in error,
           "without a server: which socket was tried, and how to start one")
    stale = s.dir / "stale.sock"
    with socket.socket(socket.AF_UNIX) as gone:
        gone.bind(str(stale))
    status, _, error = tocsin("incidents", at=stale)
    tap.ok(status == 3 and "has ended" in error, "a socket that its server left behind")


def odd_servers():
    """What is no Tocsin server, or one in trouble: nothing is taken for an answer, nothing hangs."""
    answer = "HTTP/1.1 {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{}"
    busy = '{"error":"busy","detail":"the queue is full","try":"send it again"}'
    lies = '{"incidents":7,"before":{}}'
    rows = [
        ("that says no JSON", answer.format("200 OK", 5, "hello"), 3, "is not JSON"),
        ("that breaks off", "", 3, "is not known"),
        ("that breaks off within an answer", answer.format("200 OK", 500, "{"), 3, "is not known"),
        ("that is busy", answer.format("503 Service Unavailable", len(busy), busy), 3, "the queue is full"),
        ("that refuses without a word", answer.format("403 Forbidden", 0, ""), 1, "answered 403"),
        ("whose members are of other types", answer.format("200 OK", len(lies), lies), 0, ""),
    ]
    for name, text, expected, part in rows:
        path = s.dir / "odd.sock"
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(path))
            listener.listen()
            thread = threading.Thread(target=serve_once, args=(listener, text.encode()))
            thread.start()
            status, _, error = tocsin("incidents", at=path)
            thread.join()
        path.unlink()
        tap.ok(status == expected and part in error, f"a server {name}: exit {expected}, {part or 'no word'}")


def serve_once(listener, answer):
    peer, _ = listener.accept()
    with peer:
        peer.recv(65536)
        peer.sendall(answer)


def an_alert():
    says("incidents", 0, "no open incidents")
    says("alert|alertname=ApiDown|severity=critical|service=api|--annotation|summary=the API does not answer", 0,
         "accepted")
    tap.ok(until(lambda: s.pages("INC-1")), "somebody is paged")
    says("incidents", 0, "INC-1", "SEV2?", "logged", "api", "ApiDown", "times are UTC")
    says("show|INC-1", 0, "INC-1 SEV2? logged: ApiDown", "team        platform", "primary  Ada Byron",
         "Ada Byron as primary: first page; open", "phone by channel log to +1: accepted", "the API does not answer",
         "[x] 1.2 Alert sent to on-call engineer", "[ ] 2.1 On-call engineer acknowledges", "Timeline")
    says("why|1", 0, "page 1: Ada Byron as primary", "because   first page, line ", " of ", "by        phone by channel log",
         "accepted", "named in the site, without a schedule; the role is bound by the team", "it rings")
    says("oncall|--role|primary", 0, "team platform", "Ada Byron", "the team's list")
    says("oncall|--at|+1h|--role|nope", 0, "no team and no service has that role")
    says("alert|severity=critical", 2, "an alert needs a name", where=2)


def acts():
    says("severity|1|SEV9", 1, "SEV9", "SEV1", where=2)
    says("ack|INC-1|looking|into|it", 0, "Acknowledged INC-1")
    says("ack|INC-1|INC-2", 2, "it takes one incident, and INC-2 reads like another: nothing was done", where=2)
    says("ack|INC-1", 0, "INC-1 was acknowledged by you")
    says("show|INC-1", 0, "acknowledged: ApiDown", "by Ada Byron", "looking into it",
         "[x] 2.1 On-call engineer acknowledges", "page; acknowledged")
    says("severity|INC-1|SEV1|everybody is affected", 0, "INC-1 is SEV1")
    says("severity|INC-1|SEV3", 1, "needs a reason", where=2)
    says("why|INC-1", 0, "because   severity, rule ", "Management", "notification")
    says("classify|INC-1|database", 0, "classified as database")
    says("assign|INC-1|incident-commander|grace", 0, "Grace Hopper", "incident-commander")
    says("assign|INC-1|incident-commander|nobody", 1, "no person", where=2)
    says("assign|INC-1|comander|grace", 1, "no role \"comander\"", "these are: primary, secondary", where=2)
    says("note|INC-1|--|--force did it", 0, "Noted on INC-1")
    says("assess|INC-1|--impact|no logins|--cause|the deploy of 12:08", 0, "Written down for INC-1")
    says("assess|INC-1", 1, "Say what is known", where=2)
    says("tick|INC-1|3.3", 0, "Checked")
    says("tick|INC-1|3.3", 1, "This check is done already", where=2, name="tocsin tick, once more")
    says("tick|INC-1|33", 2, "like 3.2", where=2)
    says("tick|INC-1|9.9", 1, "no such check", where=2)
    says("show|INC-1", 0, "impact      no logins", "cause       the deploy of 12:08", "[x] 3.3 Next remedy chosen",
         name="tocsin show has the findings, and what was ticked by hand")
    says("mitigate|INC-1|traffic moved", 0, "mitigated")
    says("declare|Checkout|is|down|--severity|SEV1|--service|dashboard", 0, "Declared INC-2")
    says("declare|Checkout is down|--service|nope", 1, "no service", where=2)
    says("merge|INC-2|INC-1", 0, "INC-2 is part of INC-1")
    says("merge|INC-1|INC-1", 1, "the same one", where=2)
    says("reopen|INC-2|it is its own", 0, "Reopened INC-2")
    says("dismiss|INC-1|nothing", 1, "declared", where=2)
    says("silence|alertname=\"DiskFull\"|--for|2h|disk is replaced", 0, "Silence 1", "DiskFull")
    says("silences", 0, "1       active", "Ada Byron", "alertname=\"DiskFull\"", "disk is replaced")
    says("unsilence|1", 0, "ilence 1")
    says("silences", 0, "nothing is silenced")
    says("silences|--all", 0, "expired")
    says("unsilence|9", 1, "ilence", where=2)
    says("alert|alertname=ApiDown|severity=critical|service=api|--resolve", 0, "accepted")
    says("resolve|INC-1|index rebuilt", 0, "Resolved INC-1")
    says("incidents", 0, "INC-2")
    says("incidents|--all", 0, "INC-1", "resolved")
    says("why|INC-1", 0, "acknowledged at")


def answers_for_programs():
    status, text, _ = tocsin("show", "INC-1", "--format", "json")
    incident = json.loads(text)
    tap.ok(status == 0 and incident["id"] == "INC-1" and incident["acknowledged_by"]["id"] == "ada" and incident["checks"],
           "show --format json is the server's")
    status, text, _ = tocsin("why", "INC-1", "--format", "json")
    tap.ok(status == 0 and json.loads(text)["pages"][0]["deliveries"][0]["attempts"], "why --format json has the attempts")
    status, text, error = tocsin("resolve", "INC-99", "--format", "json")
    tap.ok(status == 1 and json.loads(text)["error"] and "INC-99" in error, "a refusal is JSON too, and exit 1")
    _, text, _ = tocsin("incidents", "--all")
    tap.ok("\x1b" not in text, "no colours without a terminal")


def refusals():
    says("show|INC-99", 1, "no such incident", where=2)
    says("show|x", 2, "write INC-42 or 42", "usage: tocsin show", where=2)
    says("shwo", 2, "no command 'shwo'; show is near", where=2)
    tap.ok(tocsin("shwo")[2].endswith("near\ntocsin help lists them\n"), "and not the whole help, which hides it")
    says("reload", 0, "site")
    good = s.read("site.yaml")
    s.write("site.yaml", good + "peeple: {}\n")
    says("reload", 1, "peeple", where=2, name="tocsin reload, with a mistake in site.yaml")
    with tempfile.TemporaryDirectory(prefix="tocsin-other-") as folder:
        s.write("site.yaml", good.replace("path: pages.log", f"path: {folder}/pages.log").replace(
            f'listen: "127.0.0.1:{s.main}"', 'listen: "127.0.0.1:1"'))
        says("reload", 0, f"`http: listen` takes a restart: until then it is 127.0.0.1:{s.main}",
             "`channels: log: path` takes a restart: the courier was started without a way into " + folder,
             name="tocsin reload says with their keys what takes a restart")
    s.write("site.yaml", good)
    says("reload", 0, name="tocsin reload, back as it was")
    if os.geteuid() == 0:
        status, _, error = another_user("incidents")
        tap.ok(status == 3 and "may not be opened by this user" in error, "another user meets a closed state directory, and is told")
    else:
        tap.n += 1
        print(f"ok {tap.n} - another user meets a closed state directory # SKIP needs root")


def without_a_server():
    says(["check", str(s.dir / "procedures.md")], 0, "0 errors, 0 warnings", name="check: a clean document")
    s.write("bad.md", s.read("procedures.md").replace("No response in 5 minutes", "No response in five minutes"))
    says(["check", str(s.dir / "bad.md")], 2, "bad.md:", "error", name="check: an error, with its place (R2)")
    status, text, _ = tocsin("check", str(s.dir / "bad.md"), "--format", "json")
    tap.ok(status == 2 and json.loads(text)[0]["diagnostics"], "check --format json")
    says(["check", "--site", str(s.dir / "site.yaml")], 1, "W-", name="check --site: warnings (exit 1)")
    says(["check", str(s.dir / "none.md")], 2, "none.md", name="check: a document that is not there")
    says("check", 2, "name a procedures document", where=2)
    examples = SOURCE / "examples"
    says(["rehearse", str(examples / "procedures.md"), "--site", str(examples / "site.yaml"), str(examples / "night.tocsin")],
         0, "page Ada Byron as Primary On-Call (line ", "expectations hold", name="rehearse: the example's night")
    s.write("worse.tocsin", (examples / "night.tocsin").read_text().replace("T+05:00 expect", "T+04:00 expect"))
    says(["rehearse", str(examples / "procedures.md"), "--site", str(examples / "site.yaml"), str(s.dir / "worse.tocsin")],
         1, "FAILED", name="rehearse: an expectation that does not hold (exit 1)")
    s.write("odd.tocsin", "start tomorrow\n")
    says(["rehearse", str(examples / "procedures.md"), "--site", str(examples / "site.yaml"), str(s.dir / "odd.tocsin")],
         2, "odd.tocsin:1:", name="rehearse: a script that cannot be read (exit 2)")
    says("version", 0, "tocsin ")
    says("--version", 0, "tocsin ")
    says("help|ack", 0, "usage: tocsin ack INCIDENT")


try:
    nobody_listens()
    odd_servers()
    if tap.ok(s.start(), "the server starts"):
        an_alert()
        acts()
        answers_for_programs()
        refusals()
        a_store_of_somebody_else()
    without_a_server()
finally:
    s.end()
tap.end()
