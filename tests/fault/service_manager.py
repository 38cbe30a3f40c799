#!/usr/bin/env python3
"""service_manager.py - what systemd is told, and each process frozen in turn (SIGSTOP), as a hung disk or a debugger does.

A socket of ours stands for systemd's. Frozen for a moment: nothing is lost, nothing doubled, and the watchdog tells the
truth. Frozen for good: the supervisor starts another. The unit file is judged by systemd-analyze where there is one."""
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "peers"))
from serve_kit import Server, Tap, environment_of, until  # noqa: E402

BUILD = pathlib.Path(os.environ.get("TOCSIN_BUILD", pathlib.Path(__file__).resolve().parents[2] / "build"))
QUIET = 3.5     # a watchdog that is fed says so at least every 2 s

tap = Tap()


class Managed(Server):
    """A server that speaks to us as it would to systemd: heard is a list of (when, datagram)."""

    def __init__(self):
        super().__init__()
        self.two_teams()
        self.heard = []
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(self.dir / "notify"))
        threading.Thread(target=self.listen, daemon=True).start()

    def environment(self):
        return super().environment() | {"NOTIFY_SOCKET": str(self.dir / "notify"), "WATCHDOG_USEC": "45000000"}

    def listen(self):
        while True:
            try:
                data = self.socket.recv(4096).decode()
            except OSError:
                return
            self.heard.append((time.monotonic(), data))

    def since(self, start, word):
        return [data for when, data in list(self.heard) if when >= start and word in data.split("\n")]

    def fed(self, seconds=5):
        start = time.monotonic()
        return bool(until(lambda: self.since(start, "WATCHDOG=1"), seconds))

    def starves(self):
        """No word for a while; what was on its way when the process froze does not count."""
        start = time.monotonic() + 0.5
        until(lambda: time.monotonic() > start + QUIET, QUIET + 2)
        return not self.since(start, "WATCHDOG=1")


class Frozen:
    def __init__(self, pid):
        self.pid = pid

    def __enter__(self):
        os.kill(self.pid, signal.SIGSTOP)

    def __exit__(self, *_):
        os.kill(self.pid, signal.SIGCONT)


def words(s):
    tap.ok(until(lambda: s.since(0, "READY=1")), "READY=1 once requests are taken")
    tap.ok(s.fed(), "WATCHDOG=1 while the engine completes its rounds")
    for word in ("server", "courier"):
        environ = environment_of(s.child(word))
        tap.ok(b"NOTIFY_SOCKET" not in environ, f"the {word} cannot speak for the supervisor")
    start = time.monotonic()
    s.process.send_signal(signal.SIGHUP)
    tap.ok(until(lambda: s.since(start, "RELOADING=1")), "RELOADING=1 at SIGHUP")
    tap.ok("MONOTONIC_USEC=" in s.since(start, "RELOADING=1")[0], "with the time that Type=notify-reload asks for")
    tap.ok(until(lambda: s.since(start, "READY=1")), "and READY=1 when the site was read")


def server_frozen(s):
    answers = []
    with Frozen(s.child("server")):
        sender = threading.Thread(target=lambda: answers.append(s.alert("WhileFrozen", "api")))
        sender.start()
        tap.ok(s.starves(), "a frozen server: the watchdog starves")
    sender.join(20)
    tap.ok(answers == [200], "an alert that came meanwhile is taken once it goes on")
    tap.ok(until(lambda: len(s.pages("WhileFrozen")) == 1), "and paged once")
    tap.ok(s.fed(), "and the watchdog is fed again")


def courier_frozen(s):
    with Frozen(s.child("courier")):
        tap.ok(s.alert("CourierFrozen", "jobs") == 200, "a frozen courier: alerts are taken")
        tap.ok(s.fed(), "and the watchdog is fed: the engine runs")
        tap.ok(not s.pages("CourierFrozen"), "the page waits")
    tap.ok(until(lambda: s.pages("CourierFrozen")), "and leaves when it goes on")
    tap.ok(len(s.pages("CourierFrozen")) == 1, "once")


def supervisor_frozen(s):
    with Frozen(s.process.pid):
        tap.ok(s.alert("Headless", "web") == 200, "a frozen supervisor: alerts are taken")
        tap.ok(until(lambda: s.pages("Headless")), "and paged")
        tap.ok(s.starves(), "and the watchdog starves")
    tap.ok(s.fed(), "it goes on feeding")


def clerk_frozen(s):
    server = s.child("server")
    clerk = int(pathlib.Path(f"/proc/{server}/task/{server}/children").read_text().split()[0])
    with Frozen(clerk):
        tap.ok(s.alert("ClerkFrozen", "billing") == 200 and until(lambda: s.pages("ClerkFrozen")),
               "a frozen clerk: alerts are taken and paged")
        tap.ok(s.fed(), "and the watchdog is fed")
    tap.ok(s.ask("/api/v1/incidents")[0] == 200, "it answers again")


def frozen_for_good(word):
    """For longer than a child may be silent (30 s and a tenth): the supervisor starts another."""
    s = Managed()
    try:
        if not tap.ok(s.start() and s.alert("Before") == 200 and until(lambda: s.pages("Before")), f"{word}: it pages"):
            return s.end
        before = s.child(word)
        os.kill(before, signal.SIGSTOP)
        if word == "courier":
            s.alert("InItsHands", "api")
        return lambda: finish(s, word, before)
    except OSError:
        s.end()
        raise


def finish(s, word, before):
    try:
        tap.ok(until(lambda: s.child(word) != before, 60), f"a {word} frozen for good is replaced")
        tap.ok(f"the {word} completed no round for" in s.log(), "and the supervisor says why")
        if word == "courier":
            tap.ok(until(lambda: s.pages("InItsHands"), 30), "what it had been handed leaves by the next one")
        tap.ok(until(lambda: s.alert("Later", "jobs") == 200) and until(lambda: s.pages("Later"), 30), "and all goes on")
    finally:
        s.end()


def unit_file():
    name = "packaging/tocsin.service: at most 1.5 in systemd-analyze security"
    if shutil.which("systemd-analyze") is None:
        tap.ok(True, name + " # SKIP systemd-analyze is not installed")
        return
    unit = str(BUILD / "packaging" / "tocsin.service")
    judged = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=15", unit],
                            capture_output=True, text=True)
    tap.ok(judged.returncode == 0, name)
    print("#", judged.stdout.strip().split("\n")[-1].encode("ascii", "replace").decode())
    tap.ok("Unknown" not in judged.stderr and "ignoring" not in judged.stderr, "and every line of it is known to systemd")
    if judged.stderr:
        print("#", judged.stderr)


def main():
    later = [frozen_for_good("server"), frozen_for_good("courier")]
    s = Managed()
    try:
        if tap.ok(s.start(), "it starts"):
            words(s)
            server_frozen(s)
            courier_frozen(s)
            supervisor_frozen(s)
            clerk_frozen(s)
            start = time.monotonic()
            tap.ok(s.stop() == 0 and s.since(start, "STOPPING=1"), "STOPPING=1 at the end")
    finally:
        s.end()
    for rest in later:
        rest()
    unit_file()
    tap.end()


main()
