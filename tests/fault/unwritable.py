#!/usr/bin/env python3
"""unwritable.py - a state directory that cannot be written (P1, P2, P5, I28): what the person who starts the server reads, and
what happens when the disk under a running server dies, so that neither the store nor the spool can be written.

A directory or a database of somebody else's is named at the start, with what to do; nothing is half made. A disk that dies
(ext4 on a loop device that is shut down, where that can be mounted) refuses alerts; what is to wake somebody leaves all the
same, and the administrators are alarmed."""
import fcntl
import os
import pathlib
import shutil
import struct
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "peers"))
from serve_kit import Server, Tap, until  # noqa: E402

NOBODY = 65534
SHUTDOWN, NO_FLUSH = 0x8004587D, 2  # EXT4_IOC_SHUTDOWN (linux/ext4.h)
tap = Tap()


def as_nobody(s):
    """Permissions hold nothing back from root."""
    if os.getuid() != 0:
        return
    for path in [s.dir, *s.dir.rglob("*")]:
        os.chown(path, NOBODY, NOBODY)
    plain = s.command
    s.command = lambda *more: ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *plain(*more)]


def refuses(s, what, *words):
    tap.ok(not s.start(), f"{what}: it does not start")
    tap.ok(s.process.wait(20) == 78, "exit status 78: a restart would not help")
    lines = [line for line in s.log().split("\n") if " error server " in line]
    tap.ok(len(lines) == 1 and all(word in lines[0] for word in words), f"one line says why: {lines[-1:]}")


def at_the_start():
    s = Server()
    state = s.dir / "state"
    try:
        state.mkdir(0o500)
        as_nobody(s)
        refuses(s, "a directory that cannot be written", str(state), "Permission denied", "--state DIR", "this user can write")
        tap.ok(list(state.iterdir()) == [], "nothing is left behind in it")
        state.chmod(0o700)
        s.write("log", "")
        tap.ok(s.start() and s.alert("Before", "api") == 200, "once it can be written it starts")
        s.stop()
        (state / "tocsin.db").chmod(0o400)
        s.write("log", "")
        refuses(s, "a database that cannot be written", str(state / "tocsin.db"))
        (state / "tocsin.db").chmod(0o600)
        s.write("log", "")
        tap.ok(s.start() and until(lambda: s.alerts() == ["Before"]), "afterwards what was accepted is there")
        s.stop()
    finally:
        s.end()


def mount(s, state):
    image = s.dir / "disk"
    with open(image, "wb") as f:
        f.truncate(32 << 20)
    made = subprocess.run(["mkfs.ext4", "-q", "-m", "0", "-J", "size=4", str(image)], capture_output=True).returncode == 0
    return made and subprocess.run(["mount", "-o", "loop", str(image), str(state)], capture_output=True).returncode == 0


def disk_dies(state):
    fd = os.open(state, os.O_RDONLY)
    fcntl.ioctl(fd, SHUTDOWN, struct.pack("I", NO_FLUSH))
    os.close(fd)


def while_it_runs():
    s = Server()
    state = s.dir / "state"
    state.mkdir(0o700)
    mounted = shutil.which("mkfs.ext4") is not None and mount(s, state)
    try:
        if not mounted:
            tap.ok(True, "a disk that dies # SKIP it cannot be mounted here")
            return
        tap.ok(s.start() and s.alert("Before", "api") == 200, "a server runs on a disk of its own")
        disk_dies(state)
        tap.ok(s.alert("Wake", "jobs") == 503, "the disk dies: an alert is answered 503")
        tap.ok(until(lambda: s.pages("Wake")), "its page leaves all the same")
        tap.ok(until(lambda: [m for m in s.sent('"alarm"') if "neither in the store nor in the spool" in str(m)], 30),
               "the administrators are alarmed: what leaves is not even spooled")
        metrics = s.http("GET", "/metrics")[1]
        tap.ok("\ntocsin_store_failing 1\n" in metrics and "\ntocsin_spool_failing 1\n" in metrics, "metrics say so")
        tap.ok(s.http("GET", "/-/ready")[0] == 503 and s.http("GET", "/-/healthy")[0] == 200, "not ready, and alive")
        s.stop()
    finally:
        if s.process is not None and s.process.poll() is None:
            s.process.kill()
            s.process.wait()
        if mounted:
            subprocess.run(["umount", str(state)], check=True)
        s.end()


at_the_start()
while_it_runs()
tap.end()
