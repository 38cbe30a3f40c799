#!/usr/bin/env python3
"""clocks.py - the clocks of the machine jump under the running program (R42, I12).

The date is set an hour forward and back (a shim adds to CLOCK_REALTIME while the server runs): no deadline fires early,
none is skipped. Then the machine's own count moves (a time namespace, as after a suspend, or on a restored machine): an hour
forward is an hour away, an hour back never turns the clock back. What is judged are the stamps of the rows."""
import mmap
import os
import pathlib
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "peers"))
from serve_kit import Server, Tap, until  # noqa: E402

HOUR = 3600
DELAY = 3  # seconds until Secondary is paged


class Date:
    def __init__(self):
        self.file = tempfile.NamedTemporaryFile(prefix="tocsin-clock-")
        self.file.write(b"\0" * 4096)
        self.file.flush()
        self.map = mmap.mmap(self.file.fileno(), 4096)

    def set(self, seconds):
        self.map[0:8] = struct.pack("q", seconds)


def shim():
    found = list(pathlib.Path(os.environ.get("TOCSIN_BUILD", "build")).glob("tests/**/*clock-shim.so"))
    return str(found[0].resolve()) if found else None


def rows(tocsin, sql):
    database = sqlite3.connect(f"file:{tocsin.dir}/state/tocsin.db?mode=ro", uri=True)
    try:
        return database.execute(sql).fetchall()
    finally:
        database.close()


def pages_of(tocsin, name):
    """(steady, level) of the pages of the incident that this alert opened, in order."""
    incidents = [page["incident"] for page in tocsin.pages(name)]
    if not incidents:
        return []
    return rows(tocsin, f"SELECT created_at, level FROM page WHERE incident = {incidents[0]} ORDER BY id")


def second_is_in_time(tap, tocsin, name, what):
    tap.ok(until(lambda: len(pages_of(tocsin, name)) >= 2, 30), f"{what}: Secondary is paged")
    (first, _), (second, _) = pages_of(tocsin, name)[:2]
    # Never early, and late by no more than a busy machine's second or two: far from the hour of the jump.
    tap.ok(DELAY * 1000 <= second - first < 60000, f"{what}: after {second - first} ms of the document's {DELAY} s")


def date_is_set(tap, tocsin, date):
    for n, (step, service) in enumerate([(HOUR, "dashboard"), (-HOUR, "api"), (0, "jobs")]):
        name = f"Step{n}"
        tap.ok(tocsin.alert(name, service) == 200 and until(lambda: pages_of(tocsin, name)), f"an alert pages ({step:+d} s)")
        date.set(step)
        second_is_in_time(tap, tocsin, name, f"the date is set to {step:+d} s")
    tap.ok(tocsin.http("GET", "/-/ready")[0] == 200, "the server is ready")


def machine_moves(tap, tocsin, seconds, name, service):
    """The same state, on a machine whose count of time since boot is another."""
    before = rows(tocsin, "SELECT MAX(created_at) FROM page")[0][0]
    pages = len(tocsin.pages())
    plain = tocsin.command
    tocsin.command = lambda *more: ["unshare", "--time", f"--boottime={seconds}", f"--monotonic={seconds}", "--fork",
                                    "--kill-child=TERM", *plain(*more)]
    tap.ok(tocsin.start(), f"boot time {seconds:+d} s: the server starts")
    tap.ok(tocsin.alert(name, service) == 200 and until(lambda: pages_of(tocsin, name)), "an alert pages")
    tap.ok(pages_of(tocsin, name)[0][0] >= before, "its stamp lies behind those before it")
    second_is_in_time(tap, tocsin, name, f"boot time {seconds:+d} s")
    print(f"# {len(tocsin.pages()) - pages} pages since the start")
    stop_behind_unshare(tocsin)
    tocsin.command = plain


def stop_behind_unshare(tocsin):
    """unshare(1) waits and passes no signal on: the supervisor is its child."""
    children = pathlib.Path(f"/proc/{tocsin.process.pid}/task/{tocsin.process.pid}/children").read_text().split()
    os.kill(int(children[0]), signal.SIGTERM)
    tocsin.process.wait(30)


def namespaces_work():
    done = subprocess.run(["unshare", "--time", "--boottime=3600", "--fork", "true"], capture_output=True)
    return shutil.which("unshare") is not None and done.returncode == 0


def main():
    library = shim()
    if os.environ.get("TOCSIN_HARDENED") == "no" or library is None:
        print("ok 1 - # SKIP nothing is preloaded into a sanitizer's build\n1..1")
        sys.exit(0)
    tap, tocsin, date = Tap(), Server(), Date()
    document = tocsin.read("procedures.md").replace("No response in 5 minutes", f"No response in {DELAY} seconds")
    tocsin.write("procedures.md", document)
    os.environ["TOCSIN_CLOCK_FILE"] = date.file.name
    plain = tocsin.environment
    tocsin.environment = lambda: {**plain(), "LD_PRELOAD": library}
    try:
        tap.ok(f"No response in {DELAY} seconds" in document and tocsin.start(), "the server starts")
        date_is_set(tap, tocsin, date)
        tocsin.stop()
        if namespaces_work():
            machine_moves(tap, tocsin, HOUR, "Later", "web")
            machine_moves(tap, tocsin, -HOUR, "Earlier", "billing")
        else:
            tap.ok(True, "time namespaces # SKIP this machine does not allow them")
    finally:
        tocsin.end()
    tap.end()


main()
