#!/usr/bin/env python3
"""confinement.py - the walls around the processes of a running server, and that it works within them.

What a hijacked process finds is test_sandbox.c's. Here: every process is confined (/proc/PID/status), secrets are where
they belong and nowhere else, and reload, new credentials, backup, a killed clerk are as they were without walls."""
import os
import pathlib
import re
import signal
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "peers"))
from serve_kit import BINARY, Server, Tap, environment_of, until  # noqa: E402

CANARY = {
    "env-token": "canary-token-4711-of-the-environment",
    "ingest": "canary-ingest-4712-of-a-credential",
    "second": "canary-ingest-4713-added-by-a-reload",
    "rotated": "canary-ingest-4714-rotated-in-place",
    "slack": "xoxb-canary-4715-of-a-provider",
}
HARDENED = os.environ.get("TOCSIN_HARDENED", "yes") == "yes"

tap = Tap()


class Confined(Server):
    def __init__(self):
        super().__init__()
        (self.dir / "credentials").mkdir()
        self.credential("one", CANARY["ingest"])
        self.credential("slack-token", CANARY["slack"])
        site = self.read("site.yaml").replace(
            "ingest: { allow_loopback: true }",
            "ingest: { one: { secret: { credential: one } }, allow_loopback: false }\n"
            "tokens: { ci: { secret: { env: TOCSIN_CANARY_TOKEN }, person: ada, scope: write } }")
        site = site.replace("channels: { log:", "channels: { chat: { slack: { channel: \"#x\", "
                            "url: http://127.0.0.1:9, token: { credential: slack-token } } }, log:")
        self.write("site.yaml", site)

    def credential(self, name, text):
        """As an editor does it: a new file takes the place of the old one."""
        path = self.dir / "credentials" / name
        fresh = path.with_suffix(".new")
        fresh.write_text(text + "\n", encoding="utf-8")
        fresh.chmod(0o600)
        fresh.rename(path)

    def environment(self):
        return super().environment() | {"TOCSIN_CANARY_TOKEN": CANARY["env-token"]}

    def pids(self):
        server = self.child("server")
        children = pathlib.Path(f"/proc/{server}/task/{server}/children").read_text().split()
        return {"supervisor": self.process.pid, "server": server, "courier": self.child("courier"),
                "clerk": int(children[0]) if children else None}

    def post(self, key):
        alert = [{"labels": {"alertname": "A", "service": "dashboard", "severity": "warning"}}]
        return self.http("POST", f"/i/{key}/api/v2/alerts", alert)[0]


def status_of(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)


def walls(s):
    until(lambda: " courier confined" in s.log())  # it begins when the server is ready
    pids = s.pids()
    for who, pid in pids.items():
        tap.ok(f" {who} confined: seccomp" in s.log(), f"{who}: its line says what is enforced")
        if not HARDENED:
            continue
        status = status_of(pid)
        tap.ok(status["Seccomp"] == "2" and status["NoNewPrivs"] == "1", f"{who}: seccomp filters, no new privileges")
        limits = pathlib.Path(f"/proc/{pid}/limits").read_text()
        core = next(line for line in limits.splitlines() if line.startswith("Max core file size"))
        tap.ok(core.split()[4:6] == ["0", "0"], f"{who}: no core dump")
    tap.ok("state rw, socket rw, zoneinfo r" in s.log() or "landlock: " in s.log(), "server: the paths it keeps, or why none")


def keys_and_reload(s):
    tap.ok(s.post(CANARY["ingest"]) == 200, "an ingest key of a credential")
    tap.ok(s.post("wrong") == 401, "another is refused")
    bearer = {"Authorization": "Bearer " + CANARY["env-token"]}
    tap.ok(s.http("GET", "/api/v1/incidents", headers=bearer)[0] == 200, "a token of the environment")
    s.credential("two", CANARY["second"])
    s.credential("one", CANARY["rotated"])
    s.write("site.yaml", s.read("site.yaml").replace("ingest: { one:", "ingest: { two: { secret: { credential: two } }, one:"))
    s.write("procedures.md", s.read("procedures.md").replace("5 minutes", "4 minutes"))
    s.process.send_signal(signal.SIGHUP)
    tap.ok(until(lambda: s.post(CANARY["second"]) == 200), "a new credential, by reload alone")
    tap.ok(s.post(CANARY["rotated"]) == 200, "and a rotated one")
    tap.ok(s.post(CANARY["ingest"]) == 401, "whose former secret is void")
    tap.ok(s.http("GET", "/api/v1/incidents", headers=bearer)[0] == 200, "the environment is remembered through a reload")
    (s.dir / "elsewhere").mkdir()
    (s.dir / "procedures.md").rename(s.dir / "elsewhere" / "moved.md")
    s.write("site.yaml", s.read("site.yaml").replace("[procedures.md]", "[elsewhere/moved.md]"))
    before = s.log().count("site read again")
    s.process.send_signal(signal.SIGHUP)
    tap.ok(until(lambda: s.log().count("site read again") > before), "documents in another place, by reload alone")


def unix_socket(s):
    status, answer = s.ask("/api/v1/incidents")
    tap.ok(status == 200, "the socket knows its callers, though /etc/passwd is closed to the server")
    made = subprocess.run([BINARY, "backup", "--state", str(s.dir / "state"), str(s.dir / "copy.db")], capture_output=True)
    tap.ok(made.returncode == 0 and (s.dir / "copy.db").exists(), "a backup of the running instance")


def forbidden_call(s):
    """What the supervisor says of an end by SIGSYS; which calls lead there is test_sandbox.c's."""
    server = s.child("server")
    os.kill(server, signal.SIGSYS)
    tap.ok(until(lambda: s.child("server") != server), "an end by SIGSYS: another server is started")
    tap.ok("the end of who asks for a forbidden system call" in s.log(), "and the supervisor says what that means")
    tap.ok(until(lambda: s.post(CANARY["second"]) == 200), "it takes alerts again")


def clerk_killed_in_a_reload(s):
    """Whoever saved a file and reloads hears that a process of ours ended, never that the file is wrong."""
    before, log = s.pids(), len(s.log())
    os.kill(before["clerk"], signal.SIGSTOP)
    s.process.send_signal(signal.SIGHUP)
    seen = until(lambda: is_asking(before["server"]), 5)
    os.kill(before["clerk"], signal.SIGKILL)
    tap.ok(until(lambda: s.child("server") != before["server"] and s.post(CANARY["second"]) == 200),
           "kill -9 of the clerk in a reload: both are started anew")
    said = s.log()[log:]
    if seen:
        tap.ok("reload failed: the server's clerk, a process of Tocsin that reads its files, has ended" in said,
               "the reload says that it failed for that")
    tap.ok(until(lambda: "of what they name are not bound" in s.log()[log:]), "what is not bound is counted, not said again")
    warned = [line for line in s.log()[log:].split("\n") if re.search(r" warning (site|procedures|server) ", line)]
    tap.ok(len(warned) == len({line.split()[2] for line in warned}), f"a line of warnings a subject, no more: {warned}")
    tap.ok("the clerk ended (killed by signal 9 (Killed))" in said, "the log says how the clerk ended")
    tap.ok("do not compile" not in said and ": error: " not in said, "and blames no file")


def is_asking(pid):
    """Its main thread waits in recvmsg(): for the clerk. False where the kernel does not say."""
    try:
        return pathlib.Path(f"/proc/{pid}/syscall").read_text().split()[0] == "47"
    except OSError:
        return False


def clerk_killed(s):
    before = s.pids()
    os.kill(before["clerk"], signal.SIGKILL)
    tap.ok(until(lambda: s.child("server") != before["server"]), "kill -9 of the clerk: server and clerk are started anew")
    tap.ok(until(lambda: s.post(CANARY["second"]) == 200), "and take alerts again")
    server = s.child("server")
    clerk = s.pids()["clerk"]
    os.kill(server, signal.SIGKILL)
    tap.ok(until(lambda: not pathlib.Path(f"/proc/{clerk}").exists()), "the clerk ends with its server")
    tap.ok(until(lambda: s.child("server") != server and s.post(CANARY["second"]) == 200), "and both come back")


def holds(blob):
    return [name for name, text in CANARY.items() if text.encode() in blob]


def canaries(s):
    """Secrets never in logs, arguments, the API, the database; and the server holds none in its environment."""
    bearer = {"Authorization": "Bearer " + CANARY["env-token"]}
    for path in ("/api/v1/incidents", "/api/v1/incidents/1", "/metrics", "/api/v2/status", "/api/v2/alerts",
                 "/api/v1/checks", "/-/ready", "/i/nonsense/api/v2/alerts"):
        tap.ok(not holds(s.http("GET", path, headers=bearer)[1].encode()), f"no secret in the answer of {path}")
    tap.ok(not holds(s.log().encode()), "no secret in the logs")
    for who, pid in s.pids().items():
        tap.ok(not holds(pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()), f"none in the {who}'s arguments")
    server = s.pids()["server"]
    tap.ok(not holds(environment_of(server)), "none in the server's environment")
    for path in sorted((s.dir / "state").iterdir()):
        if path.is_file():
            tap.ok(not holds(path.read_bytes()), f"none in state/{path.name}")
    if os.geteuid() == 0 and HARDENED:    # a sanitizer maps terabytes of shadow
        slack = CANARY["slack"].encode()
        tap.ok(not any(slack in piece for piece in memory_of(server)), "the provider's token was never in the server's memory")
        tap.ok(any(slack in piece for piece in memory_of(s.child("courier"))), "it is in the courier's, where it belongs")


def memory_of(pid):
    """Its writable mappings, one after the other; only root may look."""
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in maps:
            span, rights = line.split()[:2]
            if not rights.startswith("rw"):
                continue
            start, end = (int(x, 16) for x in span.split("-"))
            try:
                memory.seek(start)
                yield memory.read(end - start)
            except OSError:
                continue  # a guard page, or gone meanwhile


def main():
    s = Confined()
    try:
        if not tap.ok(s.start(), "it starts"):
            print(s.log())
            sys.exit(1)
        walls(s)
        keys_and_reload(s)
        unix_socket(s)
        forbidden_call(s)
        clerk_killed(s)
        clerk_killed_in_a_reload(s)
        canaries(s)
        tap.ok(s.stop() == 0, "and stops in order")
    finally:
        s.end()
    tap.end()


main()
