#!/usr/bin/env python3
"""A full disk under the state directory: alerts and acts are answered 503 and nothing is promised, what is to wake somebody
leaves all the same, and when there is room again everything that was kept is on disk (design: Functional core; P1, P2).
Needs the right to mount a small tmpfs; skipped where it is missing."""
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "peers"))
from serve_kit import Server, Tap, until  # noqa: E402

tap = Tap()
s = Server()
state = s.dir / "state"
state.mkdir(mode=0o700)


def mount():
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m,mode=0700", "tmpfs", str(state)], capture_output=True)
    return done.returncode == 0


def fill():
    fd = os.open(state / "fill", os.O_WRONLY | os.O_CREAT)
    try:
        while os.write(fd, b"x" * 4096):
            pass
    except OSError:
        os.close(fd)


def while_full():
    tap.ok(s.alert("Wake", "jobs") == 503, "an alert is answered 503")
    tap.ok(until(lambda: s.pages("Wake")), "its page leaves all the same")
    tap.ok(s.http("GET", "/-/ready")[0] == 503, "not ready")
    status, answer = s.ask("/api/v1/incidents/1/ack", "POST", {})
    tap.ok(status == 503 and "nothing was changed" in str(answer), "an acknowledgement is refused and told so")
    metrics = s.http("GET", "/metrics")[1]
    tap.ok("\ntocsin_store_failing 1\n" in metrics and "\ntocsin_unjournaled_attempts_total 1\n" in metrics, "metrics say so")


def afterwards():
    os.remove(state / "fill")
    tap.ok(until(lambda: s.http("GET", "/-/ready")[0] == 200), "with room again it is ready")
    tap.ok(s.ask("/api/v1/incidents/1/ack", "POST", {})[0] == 200, "and takes acknowledgements")
    titles = [i["title"] for i in s.ask("/api/v1/incidents")[1]["incidents"]]
    tap.ok("Wake" in titles, "what was stepped meanwhile is on disk")
    tap.ok(len(s.pages("Wake")) == 1, "and was paged once")


if not mount():
    print("ok 1 - full disk # SKIP a tmpfs cannot be mounted here")
    print("1..1")
    s.end()
    sys.exit(0)
try:
    tap.ok(s.start(), "it starts")
    tap.ok(s.alert("Before") == 200 and until(lambda: s.pages("Before")), "an alert is paged")
    fill()
    while_full()
    afterwards()
    tap.ok(s.stop() == 0, "it stops in order")
finally:
    if tap.failed:
        print("\n".join("# " + line for line in s.log().splitlines()[-40:]))
    if s.process is not None and s.process.poll() is None:
        s.stop()
    until(lambda: subprocess.run(["umount", str(state)], capture_output=True).returncode == 0)
    s.end()
tap.end()
