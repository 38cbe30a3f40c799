#!/usr/bin/env python3
"""A full disk under the state directory: alerts and acts are answered 503 and nothing is promised, what is to wake somebody
leaves all the same behind a record in the spool, and when there is room again everything that was kept is on disk; also
when the server was killed meanwhile, and started again on the full disk (design: Functional core; P1, P2, P3, P6). Once on a file
system in memory, once on ext4 on a loop device; where they cannot be mounted, that is skipped and said."""
import os
import pathlib
import signal
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "peers"))
from serve_kit import BINARY, Server, Tap, until  # noqa: E402

tap = Tap()
s = state = None  # of the disk that is tried


def done(*command):
    return subprocess.run(command, capture_output=True).returncode == 0


def mount_memory():
    """Full from one write to the next."""
    return done("mount", "-t", "tmpfs", "-o", "size=12m,mode=0700", "tmpfs", str(state))


def mount_loop():
    """A file system with a journal, on a device of its own."""
    image = s.dir / "disk"
    with open(image, "wb") as f:
        f.truncate(32 << 20)
    return done("mkfs.ext4", "-q", "-m", "0", "-J", "size=4", str(image)) and \
        done("mount", "-o", "loop", str(image), str(state))


def fill():
    fd = os.open(state / "fill", os.O_WRONLY | os.O_CREAT)
    try:
        while os.write(fd, b"x" * 4096):
            pass
    except OSError:
        os.close(fd)


BEFORE = {"alertname": "Before", "severity": "critical", "service": "dashboard"}


def fill_log():
    """The log has room ahead: what is written over it needs none of the disk. What only repeats would not be written at once."""
    fill()
    for n in range(400):
        if s.http("POST", "/api/v2/alerts", [{"labels": BEFORE, "annotations": {"seen": str(n)}}])[0] != 200:
            return
    tap.ok(False, "a full disk is noticed at last")


def while_full():
    tap.ok(s.alert("Wake", "jobs") == 503, "an alert is answered 503")
    tap.ok(until(lambda: s.pages("Wake")), "its page leaves all the same")
    tap.ok(s.http("GET", "/-/ready")[0] == 503, "not ready")
    status, answer = s.ask("/api/v1/incidents/1/ack", "POST", {})
    tap.ok(status == 503 and "nothing was changed" in str(answer) and "make room" in str(answer),
           "an acknowledgement is refused and told so, and what to do")
    status, answer = s.ask(f"/api/v1/incidents/{s.pages('Wake')[0]['incident']}")
    tap.ok(status == 503 and "in memory only" in str(answer), "who asks for the incident that rings is told where it is")
    checks = {c["check"]: c["state"] for c in s.ask("/api/v1/status")[1]["checks"]}
    tap.ok(checks["store"] == "failing", "the self-audit says so at once")
    metrics = s.http("GET", "/metrics")[1]
    tap.ok("\ntocsin_store_failing 1\n" in metrics and "\ntocsin_unjournaled_attempts_total 1\n" in metrics, "metrics say so")
    tap.ok("\ntocsin_spool_failing 0\n" in metrics and "\ntocsin_spool_bytes 0\n" not in metrics, "it is spooled")


def afterwards():
    os.remove(state / "fill")
    tap.ok(until(lambda: s.http("GET", "/-/ready")[0] == 200), "with room again it is ready")
    tap.ok(s.ask("/api/v1/incidents/1/ack", "POST", {})[0] == 200, "and takes acknowledgements")
    titles = [i["title"] for i in s.ask("/api/v1/incidents")[1]["incidents"]]
    tap.ok("Wake" in titles, "what was stepped meanwhile is on disk")
    tap.ok(len(s.pages("Wake")) == 1, "and was paged once")


def kill():
    """The whole tree, at once: nobody cleans up."""
    for pid in (s.process.pid, s.child("server"), s.child("courier")):
        os.kill(pid, signal.SIGKILL)
    s.process.wait()


def killed_while_full():
    """The page of an incident that only the spool knows; its link must mean this page for ever."""
    fill_log()
    tap.ok(s.alert("Killed", "web") == 503 and until(lambda: s.pages("Killed")), "full again: another page leaves")
    first = s.pages("Killed")[0]
    kill()
    tap.ok(s.start(), "after kill -9 it starts although the disk is full")
    again = until(lambda: s.pages("Killed")[1:], 20)
    tap.ok(again and again[0]["page"] == first["page"] and again[0]["delivery"] == first["delivery"] and
           "repeat" in str(again[0]).lower(), "the page is repeated under its number, and says so")
    kill()
    os.remove(state / "fill")
    tap.ok(s.start() and until(lambda: s.http("GET", "/-/ready")[0] == 200), "killed again, and room again: ready")
    found = [i for i in s.ask("/api/v1/incidents")[1]["incidents"] if i["title"] == "Killed"]
    tap.ok(len(found) == 1 and found[0]["id"] == f"INC-{first['incident']}", f"the incident is there once, as INC-{first['incident']}")
    entries = s.ask(f"/api/v1/incidents/{found[0]['id'][4:]}/timeline")[1]["entries"]
    tap.ok([e["seq"] for e in entries] == list(range(1, len(entries) + 1)) and
           any(e["kind"] == "unjournaled" for e in entries), "its timeline is whole and tells what left unjournaled")
    link = first["ack_url"].split("/a/")[1]
    status, text = s.http("POST", f"/a/{link}", port=s.responder, form="")
    tap.ok(status in (200, 303) and s.ask(f"/api/v1/incidents/{found[0]['id'][4:]}")[1]["acknowledged_by"] is not None,
           "the link of the first page acknowledges it")
    verify = subprocess.run([BINARY, "verify", "--state", str(state)], capture_output=True, text=True)
    tap.ok(verify.returncode == 0, "the history is sound: " + verify.stdout.strip().split("\n")[0])


def play(disk, mount):
    global s, state
    s = Server()
    state = s.dir / "state"
    state.mkdir(mode=0o700)
    print(f"# {disk}")
    if not mount():
        tap.n += 1
        print(f"ok {tap.n} - a full disk: {disk} # SKIP it cannot be mounted here")
        s.end()
        return
    try:
        tap.ok(s.start(), f"{disk}: it starts")
        tap.ok(s.alert("Before") == 200 and until(lambda: s.pages("Before")), "an alert is paged")
        fill_log()
        while_full()
        afterwards()
        killed_while_full()
        tap.ok(s.stop() == 0, "it stops in order")
    finally:
        if tap.failed:
            print("\n".join("# " + line for line in s.log().splitlines()[-40:]))
        if s.process is not None and s.process.poll() is None:
            s.stop()
        until(lambda: done("umount", str(state)))
        s.end()


play("memory", mount_memory)
play("ext4 on a loop device", mount_loop)
tap.end()
