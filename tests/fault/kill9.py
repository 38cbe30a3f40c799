#!/usr/bin/python3
"""kill9.py - kill -9 at random instants under load, then an audit (I1, I2, I5, P1-P3).

Every cycle one victim: the whole tree, the supervisor alone, the server or the courier. Senders post distinct alerts all the
while and note what was answered 2xx, and so does a crowd on connections that stay, which says most of its alerts again and
again; a webhook provider notes every message that reached it. At the end, when everything has drained:
each alert answered 2xx is on disk and belongs to exactly one incident; each incident was paged; each page reached the
provider; no delivery was taken more often than its uncertain attempts explain; the timelines have no gap, and `tocsin verify` finds
the history sound. Before that: first starts that are killed, while keys and database come to the disk side by side.
TOCSIN_KILLS sets the number of cycles (100), TOCSIN_CROWD the connections of the crowd (8; with more of them it does not pause,
and the batches of the engine are as full as they get). A check plays the same plan of kills each time; TOCSIN_SEED draws another, as
`make soak-kills` does (what the kernel makes of an instant differs from run to run)."""
import collections
import http.client
import http.server
import json
import os
import pathlib
import random
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "peers"))
from serve_kit import BINARY, Server, Tap, free_port, until  # noqa: E402

KILLS = int(os.environ.get("TOCSIN_KILLS", "100"))
SEED = int(os.environ.get("TOCSIN_SEED", "9"))
CROWD = int(os.environ.get("TOCSIN_CROWD", "8"))
CALM = 8                # connections; of more nobody pauses
SENDERS = 3
LOGGED, JOINED = 1, 3   # of entry_kind
PEOPLE = 400
FIRST_STARTS = 16


class Provider(http.server.ThreadingHTTPServer):
    """Takes every message and remembers (delivery, attempt, page)."""
    daemon_threads = True

    def __init__(self):
        self.seen = collections.Counter()
        self.lock = threading.Lock()
        super().__init__(("127.0.0.1", free_port()), Handler)

    def handle_error(self, request, client_address):
        pass  # a courier that is killed in the middle of a request is the subject, not a fault of this server


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.lock:
            self.server.seen[body["data"]["delivery"]] += 1
        self.send_response(204)
        self.end_headers()

    def log_message(self, *args):
        pass


class Sender(threading.Thread):
    """Posts distinct alerts; what is answered 2xx is a promise (P1)."""

    def __init__(self, server, number):
        super().__init__(daemon=True)
        self.server, self.number, self.prefix = server, number, f"s{number}"
        self.promised, self.refused, self.stop = [], 0, False

    def run(self):
        n = 0
        while not self.stop:
            n += 1
            name = f"{self.prefix}-{n}"
            try:
                status = self.server.alert(name, service=f"svc{(n * SENDERS + self.number) % PEOPLE}",
                                           severity=("critical", "warning", "ticket")[n % 3])
            except Exception:  # noqa: BLE001 a connection that breaks in the middle of an answer promises nothing
                status = 0
            if 200 <= status < 300:
                self.promised.append(name)
            else:
                self.refused += 1
                time.sleep(0.01)
            time.sleep(0.02)


class Crowd(threading.Thread):
    """One of many connections: five alerts a request, known ones in two of three requests."""

    def __init__(self, server, number):
        super().__init__(daemon=True)
        self.server, self.number, self.connection = server, number, None
        self.promised, self.refused, self.stop = set(), 0, False

    def ask(self, body):
        """The status; 0 where the connection broke, which promises nothing."""
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.server.main, timeout=10)
            self.connection.request("POST", "/api/v2/alerts", body, {"Content-Type": "application/json"})
            answer = self.connection.getresponse()
            answer.read()
            return answer.status
        except (OSError, http.client.HTTPException):
            if self.connection is not None:
                self.connection.close()
            self.connection = None
            return 0

    def run(self):
        n = 0
        while not self.stop:
            n += 1
            instances = [f"c{self.number}-{n}-{k}" if n % 3 == 0 else f"known-{(self.number + n) % 8}-{k}" for k in range(5)]
            labels = [{"alertname": f"Crowd{k % 4}", "instance": instance, "severity": "warning", "service": f"svc{k % 4}"}
                      for k, instance in enumerate(instances)]
            status = self.ask(json.dumps([{"labels": each} for each in labels]))
            if 200 <= status < 300:
                self.promised |= {f"{each['alertname']} {each['instance']}" for each in labels}
            else:
                self.refused += 1
            if CROWD <= CALM or status not in (200, 503):
                time.sleep(0.05)


def alive(server):
    return server.process is not None and server.process.poll() is None


def kill(server, victim, rnd):
    """kill -9 of one process, or of all three at once; only the whole tree has to be started again by us."""
    if victim == "tree":
        pids = [server.process.pid] + [p for p in (server.child("server"), server.child("courier")) if p]
        rnd.shuffle(pids)
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        server.process.wait()
        return
    if victim == "supervisor":      # the others end by themselves, while its successor starts already
        server.process.kill()
        server.process.wait()
        return
    pid = server.child(victim)
    try:
        os.kill(pid, signal.SIGKILL)
    except (ProcessLookupError, TypeError):
        pass


def is_ready(server):
    """The supervisor gives up after five deaths of one child in ten seconds and leaves it to systemd, which is us."""
    if not alive(server):
        server.start()
    return server.http("GET", "/-/ready")[0] == 200


def run_cycles(server, rnd):
    slowest = 0
    for n in range(KILLS):
        time.sleep(rnd.uniform(0.01, 0.25))
        kill(server, rnd.choice(("tree", "server", "server", "courier", "supervisor")), rnd)
        began = time.monotonic()
        if not until(lambda: is_ready(server), 20):
            print(f"# cycle {n}: not ready within 20 s")
            print(server.log()[-2000:])
            return None
        slowest = max(slowest, time.monotonic() - began)
    return slowest


def rows(db, sql):
    return db.execute(sql).fetchall()


def drained(path):
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5) as db:
        return not rows(db, "SELECT 1 FROM delivery WHERE state IN (1, 2, 7, 8) OR (state = 3 AND purpose = 1) LIMIT 1")


def names_on_disk(db):
    found = collections.Counter()
    for (text,) in rows(db, "SELECT text FROM alert"):
        parts = bytes(text).split(b"\xff")
        labels = dict(zip(parts[0::2], parts[1::2]))
        found[b" ".join(labels[k] for k in (b"alertname", b"instance") if k in labels).decode()] += 1
    return found


def joined_by_timeline(db):
    """{incident: alerts}: "Crowd1 (c1) and 59 more joined" are sixty, and who opened it is one."""
    found = collections.Counter()
    for incident, kind, text in rows(db, f"SELECT incident, kind, text FROM timeline WHERE kind IN ({LOGGED}, {JOINED})"):
        more = re.search(rb" and (\d+) more joined$", bytes(text))
        found[incident] += 1 + (int(more.group(1)) if more and kind == JOINED else 0)
    return found


def history_is_sound(tap, server):
    """P6, I19: what was sealed between the kills is one chain, and every timeline folds to its incident's row."""
    done = subprocess.run([BINARY, "verify", "--state", str(server.dir / "state")], capture_output=True, text=True, check=False)
    tap.ok(done.returncode == 0, "P6: tocsin verify finds the history sound")
    print("# " + (done.stdout + done.stderr).strip().replace("\n", "\n# "))


def audit(tap, server, provider, promised):
    history_is_sound(tap, server)
    path = server.dir / "state" / "tocsin.db"
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
        found = names_on_disk(db)
        lost = [name for name in promised if found[name] == 0]
        tap.ok(not lost, f"I1: all {len(promised)} alerts answered 2xx exist after the kills {lost[:5] or ''}")
        tap.ok(not [n for n, c in found.items() if c > 1], "R149: one alert a label set")
        homeless = rows(db, "SELECT count(*) FROM alert a LEFT JOIN incident i ON i.id = a.incident "
                            "WHERE i.id IS NULL AND a.reason = 0")[0][0]
        tap.ok(homeless == 0, "I2: every alert belongs to an incident or has a reason")
        unpaged = rows(db, "SELECT count(*) FROM incident i WHERE NOT EXISTS (SELECT 1 FROM page p WHERE p.incident = i.id)")[0][0]
        tap.ok(unpaged == 0, "every incident was paged")
        open_pages = rows(db, "SELECT p.id FROM page p WHERE p.state = 1 AND NOT EXISTS (SELECT 1 FROM delivery d "
                              "WHERE d.page = p.id AND d.state IN (1, 2, 3, 4, 7, 8))")
        tap.ok(not open_pages, f"every open page has a delivery accepted or under way {open_pages[:5] or ''}")
        accepted = {d: u for d, u in rows(db, "SELECT id, uncertain FROM delivery WHERE state = 4 AND carrier = 0 AND purpose <> 7")}  # its own message; not the canary
        unseen = [d for d in accepted if provider.seen[d] == 0]
        tap.ok(not unseen, f"each of {len(accepted)} accepted deliveries reached the provider {unseen[:5] or ''}")
        extra = [(d, provider.seen[d], u) for d, u in rows(db, "SELECT id, uncertain FROM delivery")
                 if provider.seen[d] > 1 + u]
        tap.ok(not extra, f"I5: taken at most once more than attempts were uncertain {extra[:5] or ''}")
        told, held = joined_by_timeline(db), dict(rows(db, "SELECT incident, count(*) FROM alert WHERE incident <> 0 GROUP BY incident"))
        differ = [(i, told[i], held[i]) for i in held if told[i] != held[i]]
        tap.ok(not differ, f"each alert that joined is told once by its incident's timeline {differ[:5] or ''}")
        gaps = rows(db, "SELECT incident, count(*), max(seq) FROM timeline GROUP BY incident HAVING count(*) <> max(seq)")
        tap.ok(not gaps, f"I19: no timeline has a gap {gaps[:5] or ''}")
        doubled = sum(max(0, c - 1) for c in provider.seen.values())
        print(f"# {sum(provider.seen.values())} messages of {len(provider.seen)} deliveries, {doubled} repeats")


def first_start_killed(rnd):
    """What is wrong afterwards; empty: nothing."""
    s = Server()
    try:
        with open(s.dir / "log", "ab") as log:
            process = subprocess.Popen(s.command(), stdout=log, stderr=log, env=s.environment())
        time.sleep(rnd.uniform(0.002, 0.05))
        process.kill()
        process.wait()
        if not (s.start() and s.alert("After") == 200 and until(lambda: s.pages("After")) and s.stop() == 0):
            return s.log()
        done = subprocess.run([BINARY, "verify", "--state", str(s.dir / "state")], capture_output=True, text=True)
        wrong = [word for word in ("HELD", "there was no chain.key") if word in s.log()]
        return " ".join(wrong) if done.returncode == 0 else done.stdout
    finally:
        s.end()


def prepare():
    server, provider = Server(), Provider()
    threading.Thread(target=provider.serve_forever, daemon=True).start()
    server.many_people(PEOPLE)
    site = server.read("site.yaml")
    begin, end = site.index("channels:"), site.index("roles:\n")
    server.write("site.yaml", site[:begin] + "channels: { hook: { webhook: { url: \"http://127.0.0.1:%d/\", secret: { env: "
                 "TOCSIN_TEST_SECRET } }, for: [phone, sms, slack, mail, \"#incidents\"], wakes: true } }\n"
                 % provider.server_address[1] + site[end:])
    server.write("routing.yaml", "rules: [{ name: one incident an alert, match: ['alertname=~\".+\"'], group_by: [alertname] }]\n")
    os.environ["TOCSIN_TEST_SECRET"] = "whsec_" + "dG9jc2luLXRlc3Qtc2VjcmV0LXRvY3Npbg=="
    return server, provider


def main():
    tap, rnd = Tap(), random.Random(SEED)
    print(f"# seed {SEED}, {KILLS} kills")
    wrong = list(filter(None, (first_start_killed(rnd) for _ in range(FIRST_STARTS))))
    if not tap.ok(not wrong, f"{FIRST_STARTS} first starts, each killed at some instant: the next one pages, with a sound history"):
        print("\n".join(wrong))
    server, provider = prepare()
    try:
        if not tap.ok(server.start(), "starts"):
            print(server.log())
            tap.end()
        senders = [Sender(server, n) for n in range(SENDERS)] + [Crowd(server, n) for n in range(CROWD)]
        for s in senders:
            s.start()
        slowest = run_cycles(server, rnd)
        for s in senders:
            s.stop = True
        for s in senders:
            s.join(15)
        if tap.ok(slowest is not None, f"came back after each of {KILLS} kills"):
            print(f"# slowest return to ready: {slowest:.2f} s; refused or cut off: {sum(s.refused for s in senders)}")
            tap.ok(until(lambda: drained(server.dir / "state" / "tocsin.db"), 150), "I25: everything drains")
            tap.ok(server.stop() == 0, "stops in order")
            audit(tap, server, provider, [name for s in senders for name in s.promised])
    finally:
        server.end()
    tap.end()


main()
