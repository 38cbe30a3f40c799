#!/usr/bin/env python3
"""allocations.py - one allocation of the running server, of the courier, of either as it starts, of a command fails (P1, P2).

A shim preloaded into the real program lets the n-th allocation answer NULL once, wherever it happens: in our own code, in
the HTTP, JSON or database library. Out of memory may end the process (the supervisor starts it again) or cost one answer;
it may never turn a good alert into 4xx, lose one that was answered 2xx, lose a page, or leave something behind with which
the next start does not work.
A check plays the same instants each time: the first ones one by one, later ones at growing distance. `make soak-allocations`
plays every one: TOCSIN_ALLOCATIONS=FROM-TO (or FROM-, to the last there is; FROM-TO/7, every seventh), and before it
a way's name and a colon for one of them alone. What was reached is printed, so that a run can be taken up again."""
import ctypes
import http.server
import json
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "peers"))
from serve_kit import BINARY, SOURCE, Server, Tap, free_port, until  # noqa: E402

SLOTS = {"server": 0, "courier": 1, "command": 2}
MOST = 1_000_000
PEOPLE = 60             # so many that each page is a message of its own (R154)
A_SERVER = 200          # instants; then another one, and an audit of this


class Faults:
    """The page that the shim maps: one number a process."""

    def __init__(self):
        import mmap
        self.path = tempfile.NamedTemporaryFile(prefix="tocsin-alloc-", delete=False)
        self.path.write(b"\0" * 4096)
        self.path.flush()
        self.map = mmap.mmap(self.path.fileno(), 4096)
        self.left = (ctypes.c_int64 * 3).from_buffer(self.map)

    def arm(self, process, n):
        self.left[SLOTS[process]] = n

    def pending(self, process):
        return self.left[SLOTS[process]] > 0

    def end(self):
        os.unlink(self.path.name)


class Provider(http.server.ThreadingHTTPServer):
    """Takes every message, as a webhook: what libcurl allocates belongs to the courier's way."""
    daemon_threads = True

    def __init__(self):
        self.seen = []
        super().__init__(("127.0.0.1", free_port()), Handler)

    def handle_error(self, request, client_address):
        pass  # a courier that dies in the middle of a request is the subject

    def serve(self, tocsin):
        """In front of the server's people."""
        tocsin.many_people(PEOPLE)
        site = tocsin.read("site.yaml")
        begin, end = site.index("channels:"), site.index("roles:\n")
        os.environ["TOCSIN_TEST_SECRET"] = "whsec_" + "dG9jc2luLXRlc3Qtc2VjcmV0LXRvY3Npbg=="
        tocsin.write("site.yaml", site[:begin] + "channels: { hook: { webhook: { url: \"http://127.0.0.1:%d/\", secret: { env: "
                     "TOCSIN_TEST_SECRET } }, for: [phone, sms, slack, mail, \"#incidents\"], wakes: true } }\n"
                     % self.server_address[1] + site[end:])
        tocsin.pages = lambda name: [m["data"] for m in list(self.seen) if m["type"] == "tocsin.page" and
                                     re.search(rf"\b{name}\b", m["data"]["text"])]
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.server.seen.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *args):
        pass


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


class Way:
    """What a process does while its n-th allocation fails; play() says whether all was well."""
    sample, step = 60, 8

    def __init__(self, tocsin, faults, process):
        self.tocsin, self.faults, self.process, self.names, self.statuses = tocsin, faults, process, [], set()

    def pending(self):
        """The way has fewer than n. A death on the way would have reached it."""
        left = self.faults.pending(self.process)
        self.faults.arm(self.process, 0)
        return left

    def alert(self, name, n):
        self.names.append(name)
        seen = set(send(self.tocsin, name, f"svc{n % PEOPLE}"))
        self.statuses |= seen
        return seen <= {200, 503, 0} and settle(self.tocsin, name)

    def instants(self):
        """Of a check, the same each time: 1, 2, 3 …, sparser as it grows."""
        n = 1
        for _ in range(self.sample):
            yield n
            n += 1 + n // self.step


class OneAlert(Way):
    """It comes in, its page leaves, somebody resolves it."""

    def play(self, n):
        self.faults.arm(self.process, n)
        return self.alert(f"Out{n}", n)


class Readers(Way):
    """What others ask for. An answer may break; the next one is whole, and so is what is paged afterwards."""
    sample, step = 40, 5

    def play(self, n):
        self.faults.arm(self.process, n)
        for path in READ:
            try:
                self.statuses.add(self.tocsin.http("GET", path)[0])
                self.statuses.add(self.tocsin.ask(path)[0])
            except Exception:  # noqa: BLE001 a connection that breaks promises nothing
                self.statuses.add(0)
        whole = until(lambda: ready(self.tocsin) and self.tocsin.http("GET", READ[0])[0] == 200, 20)
        return whole and self.statuses <= {200, 403, 500, 503, 0}

    def done(self):
        return self.alert("AfterReading", 0)


class OneStart(Way):
    """It starts, again if need be. Whoever runs us does not start again what says that it is configured wrong."""
    sample, step = 30, 2

    def prepare(self):
        """What the next start finds: what the one before left."""

    def play(self, n):
        stopped = self.tocsin.stop() is not None    # within its time; what it was just doing may have met the fault
        self.prepare()
        said = len(self.tocsin.log())
        self.faults.arm(self.process, n)
        there = until(lambda: ready(self.tocsin) and self.tocsin.child(self.process), 20)
        up = until(lambda: READY[self.process] in self.tocsin.log()[said:], 20)
        return stopped and there and up and not any(word in self.tocsin.log()[said:] for word in GIVEN_UP)

    def done(self):
        return self.alert("AfterTheStarts", 0)


class FirstStart(OneStart):
    """Of an empty state directory: keys and database are made. What is made belongs together."""
    sample, step = 20, 2

    def prepare(self):
        self.sound = verify(self.tocsin).returncode == 0    # what the start before made
        shutil.rmtree(self.tocsin.dir / "state")

    def play(self, n):
        return super().play(n) and self.sound


class Reload(Way):
    """It reads its files again. What it lacks memory for it does not call broken, and the next reload works."""
    sample, step = 20, 2

    def once(self):
        try:
            return self.tocsin.ask("/api/v1/reload", "POST", {})[0]
        except Exception:  # noqa: BLE001 as above
            return 0

    def play(self, n):
        self.faults.arm(self.process, n)
        self.statuses.add(self.once())
        return self.statuses <= {200, 500, 503, 0} and until(lambda: ready(self.tocsin) and self.once() == 200, 20)

    def done(self):
        return self.alert("AfterTheReloads", 0)


class Commands(Way):
    """What reads the state beside the server. A failure says that memory ended, never that the history is not sound; a copy that
    is said to be done is one."""
    sample, step = 10, 2

    def run(self, n, word, *more):
        self.faults.arm(self.process, n)
        done = subprocess.run([BINARY, word, "--state", str(self.tocsin.dir / "state"), *more], capture_output=True, text=True,
                              env={**self.tocsin.environment(), "TOCSIN_ALLOC_COMMAND": word})
        self.reached = not self.faults.pending(self.process) or self.reached
        self.statuses.add(done.returncode)
        if done.returncode != 0 and "out of memory" not in done.stderr:
            print(f"# {word}: exit code {done.returncode}: {done.stdout}{done.stderr}")
            return False
        return True

    def play(self, n):
        copy, self.reached = self.tocsin.dir / "copy", False
        good = self.run(n, "verify") and self.run(n, "backup", str(copy), "--with-keys")
        good = good and (not copy.exists() or verify(self.tocsin, "--store", str(copy), "--key", f"{copy}.chain.key").returncode == 0)
        for made in self.tocsin.dir.glob("copy*"):
            made.unlink()
        return good

    def pending(self):
        self.faults.arm(self.process, 0)
        return not self.reached


READ = ("/api/v2/alerts", "/metrics", "/api/v1/incidents", "/api/v1/status", "/api/v2/silences", "/api/v2/alerts/groups")
READY = {"server": "server ready", "courier": "courier ready"}
GIVEN_UP = ("cannot start as configured", "HELD", "there was no chain.key")
WAYS = {"server": OneAlert, "server-reads": Readers, "courier": OneAlert, "server-start": OneStart, "courier-start": OneStart,
        "server-first": FirstStart, "server-reload": Reload, "command": Commands}


def asked():
    """[(way, its instants)] of TOCSIN_ALLOCATIONS; None: a check."""
    text = os.environ.get("TOCSIN_ALLOCATIONS")
    if not text:
        return None
    which, _, numbers = text.rpartition(":")
    numbers, _, step = numbers.partition("/")
    first, _, last = numbers.partition("-")
    return [(way, range(int(first), int(last or MOST) + 1, int(step or 1))) for way in ([which] if which else WAYS)]


def play_each(way, instants):
    """(how many were played, those that went wrong, whether there are more)"""
    wrong, played = [], 0
    for n in instants:
        said = len(way.tocsin.log())
        played += 1
        if not way.play(n):
            wrong.append(n)
            print(f"# allocation {n}:\n{way.tocsin.log()[said:]}", flush=True)
        if way.pending():
            return played, wrong, False
    return played, wrong, True


def play(tap, name, instants, library, faults):
    """Some instants of one way on one server, and its audit. False: the way has no more of them."""
    tocsin, provider = Server(), Provider()
    plain = tocsin.environment
    tocsin.environment = lambda: {**plain(), "LD_PRELOAD": library}
    provider.serve(tocsin)
    more = True
    try:
        if tap.ok(tocsin.start(), f"{name}: starts"):
            way = WAYS[name](tocsin, faults, name.partition("-")[0])
            played, wrong, more = play_each(way, instants if instants is not None else way.instants())
            tap.ok(not wrong, f"{name}: {played} instants: answered are {sorted(way.statuses)}; what went wrong: {wrong}")
            tap.ok(not hasattr(way, "done") or way.done(), f"{name}: it pages afterwards")
            audit(tap, tocsin, way.names)
        print(f"# {tocsin.log().count('out of memory')} deaths by out of memory", flush=True)
    finally:
        tocsin.end()
        provider.shutdown()
    return more


def names_on_disk(tocsin):
    """Not asked of the server, which forgets in five minutes what nobody says again."""
    with sqlite3.connect(f"file:{tocsin.dir / 'state' / 'tocsin.db'}?mode=ro", uri=True) as db:
        texts = [bytes(text).split(b"\xff") for (text,) in db.execute("SELECT text FROM alert")]
    return {dict(zip(parts[0::2], parts[1::2]))[b"alertname"].decode() for parts in texts}


def verify(tocsin, *more):
    return subprocess.run([BINARY, "verify", "--state", str(tocsin.dir / "state"), *more], capture_output=True, text=True)


def audit(tap, tocsin, names):
    tap.ok(until(lambda: ready(tocsin), 30), "the server is ready afterwards")
    tocsin.stop()
    lost = set(names) - names_on_disk(tocsin)
    tap.ok(not lost, f"all {len(names)} alerts that were answered 200 are there {' '.join(sorted(lost))}")
    done = verify(tocsin)
    tap.ok(done.returncode == 0, f"and the history is sound {done.stdout.strip()[-200:] if done.returncode else ''}")


def soak(tap, ways, library, faults):
    """A server's worth of instants at a time."""
    for name, every in ways:
        for begin in range(0, len(every), A_SERVER):
            instants = every[begin:begin + A_SERVER]
            again = f"{name}:{instants[0]}-" + (f"/{every.step}" if every.step > 1 else "")
            print(f"# {time.strftime('%H:%M:%S')} to go on from here: SOAK_ALLOCATIONS={again}", flush=True)
            if not play(tap, name, instants, library, faults):
                break


FIRST = 40              # of a command: among them all that libyaml's parser begins with


def words_of_a_command(tap, library, faults):
    """Where memory ends while a site is read: the sentence that every other place says, no assertion."""
    silent = []
    for n in range(1, FIRST):
        faults.arm("command", n)
        done = subprocess.run([BINARY, "check", "--site", str(SOURCE / "examples" / "site.yaml")], capture_output=True,
                              text=True, env={**os.environ, "LD_PRELOAD": str(library), "TOCSIN_ALLOC_COMMAND": "check"})
        if done.returncode < 0 and "out of memory" not in done.stderr:
            silent.append((n, done.stderr.strip()))
    faults.arm("command", 0)
    tap.ok(not silent, f"check: each of its first {FIRST - 1} allocations fails, and it says so {silent}")


def main():
    library = shim()
    if os.environ.get("TOCSIN_HARDENED") == "no" or library is None:
        print("ok 1 - # SKIP a sanitizer replaces the allocator itself, or the shim was not built\n1..1")
        sys.exit(0)
    tap, faults = Tap(), Faults()
    os.environ["TOCSIN_ALLOC_FILE"] = faults.path.name
    try:
        if asked():
            soak(tap, asked(), library, faults)
        else:
            words_of_a_command(tap, library, faults)
            for name in WAYS:
                play(tap, name, None, library, faults)
    finally:
        faults.end()
    tap.end()


main()
