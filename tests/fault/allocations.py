#!/usr/bin/env python3
"""allocations.py - one allocation of the running server, then of the courier, fails at one instant after another (P1, P2).

A shim preloaded into the real program lets the n-th allocation answer NULL once, wherever it happens: in our own code, in
the HTTP, JSON or database library. Out of memory may end the process (the supervisor starts it again) or cost one answer;
it may never turn a good alert into 4xx, lose one that was answered 2xx, or lose a page.
The first ones are tried one by one, later ones at growing distance; TOCSIN_ALLOCATIONS sets how many a process (60)."""
import ctypes
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "peers"))
from serve_kit import BINARY, Server, Tap, until  # noqa: E402

INSTANTS = int(os.environ.get("TOCSIN_ALLOCATIONS", "60"))
SLOTS = {"server": 0, "courier": 1}


class Faults:
    """The page that the shim maps: one number a process."""

    def __init__(self):
        import mmap
        self.path = tempfile.NamedTemporaryFile(prefix="tocsin-alloc-", delete=False)
        self.path.write(b"\0" * 4096)
        self.path.flush()
        self.map = mmap.mmap(self.path.fileno(), 4096)
        self.left = (ctypes.c_int64 * 2).from_buffer(self.map)

    def arm(self, process, n):
        self.left[SLOTS[process]] = n

    def pending(self, process):
        return self.left[SLOTS[process]] > 0

    def end(self):
        os.unlink(self.path.name)


def shim():
    """Beside the other test programs of this build."""
    found = list(pathlib.Path(os.environ.get("TOCSIN_BUILD", "build")).glob("tests/**/*alloc-shim.so"))
    return str(found[0].resolve()) if found else None


def ready(tocsin):
    """The supervisor gives up after five deaths in ten seconds and leaves it to systemd, which is us."""
    if tocsin.process is None or tocsin.process.poll() is not None:
        tocsin.start()
    return tocsin.http("GET", "/-/ready")[0] == 200


def send(tocsin, name, service):
    """As Prometheus sends: again until it is taken. Every status on the way."""
    seen = []

    def once():
        try:
            seen.append(tocsin.alert(name, service, "critical"))
        except Exception:  # noqa: BLE001 a connection that breaks in the middle of an answer promises nothing
            seen.append(0)
        if seen[-1] != 200:
            ready(tocsin)
        return seen[-1] == 200
    until(once, 20)
    return seen


def settle(tocsin, name):
    """The incident's page has left; resolving it lets the next alert open another. Acts may meet the fault too."""
    def paged():
        ready(tocsin)
        return [page for page in tocsin.pages(name)]
    pages = until(paged, 60)
    if not pages:
        return False

    def resolved():
        try:
            return ready(tocsin) and tocsin.ask(f"/api/v1/incidents/{pages[0]['incident']}/resolve", "POST", {})[0] in (200, 409)
        except Exception:  # noqa: BLE001 as above
            return False
    return until(resolved, 20)


def fail_each(tap, tocsin, faults, process):
    """n = 1, 2, 3 …, sparser as it grows, until the way of one alert has no n-th allocation."""
    statuses, names, unpaged, n = set(), [], [], 1
    for turn in range(INSTANTS):
        faults.arm(process, n)
        names.append(f"{process.capitalize()}Out{turn}")
        statuses.update(send(tocsin, names[-1], f"svc{turn}"))
        if not settle(tocsin, names[-1]):
            unpaged.append(names[-1])
        if faults.pending(process):
            break
        n += 1 + n // 8
    faults.arm(process, 0)
    tap.ok(turn >= 10, f"{process}: {turn} instants, the last at allocation {n}")
    tap.ok(statuses <= {200, 503, 0}, f"{process}: a good alert is answered 200, 503 or not at all: {sorted(statuses)}")
    tap.ok(not unpaged, f"{process}: every alert's page left {' '.join(unpaged)}")
    return names


def audit(tap, tocsin, names):
    tap.ok(until(lambda: ready(tocsin), 30), "the server is ready afterwards")
    there = tocsin.alerts()
    tap.ok(there is not None and not set(names) - set(there), f"all {len(names)} alerts that were answered 200 are there")
    tocsin.stop()
    done = subprocess.run([BINARY, "verify", "--state", str(tocsin.dir / "state")], capture_output=True, text=True)
    tap.ok(done.returncode == 0, f"and the history is sound {done.stdout.strip()[-200:] if done.returncode else ''}")


def main():
    library = shim()
    if os.environ.get("TOCSIN_HARDENED") == "no" or library is None:
        print("ok 1 - # SKIP a sanitizer replaces the allocator itself, or the shim was not built\n1..1")
        sys.exit(0)
    tap, tocsin, faults = Tap(), Server(), Faults()
    os.environ["TOCSIN_ALLOC_FILE"] = faults.path.name
    plain = tocsin.environment
    tocsin.environment = lambda: {**plain(), "LD_PRELOAD": library}
    tocsin.many_people(INSTANTS)
    try:
        tap.ok(tocsin.start(), "the server starts with the shim")
        names = fail_each(tap, tocsin, faults, "server") + fail_each(tap, tocsin, faults, "courier")
        audit(tap, tocsin, names)
        deaths = tocsin.log().count("out of memory")
        print(f"# {deaths} deaths by out of memory")
    finally:
        tocsin.end()
        faults.end()
    tap.end()


main()
