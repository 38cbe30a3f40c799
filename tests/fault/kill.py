#!/usr/bin/env python3
"""kill -9 at random instants under load: of the whole tree, of the server, of the courier. Then every alert that was
answered 2xx exists (P1, I1), belongs to an incident or has a reason (I2), every page was accepted (P2) and written no
more often than its uncertain attempts explain (P3, I5), timelines have no gaps (I19), and the database is sound.

TOCSIN_CYCLES sets how many kills, TOCSIN_SEED which."""
import collections
import os
import pathlib
import random
import signal
import sqlite3
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "peers"))
from serve_kit import Server, Tap, until  # noqa: E402

CYCLES = int(os.environ.get("TOCSIN_CYCLES", "100"))
SEED = int(os.environ.get("TOCSIN_SEED", str(random.randrange(1 << 30))))
PACE = 0.01  # seconds between two alerts of the sender
LIFE = ("server", "courier", "server", "courier", "tree")  # five restarts of one child in 10 s would end the whole

tap = Tap()
s = Server()
s.write("routing.yaml", "rules: [{ name: each alone, match: [], service: dashboard, group_by: [alertname] }]\n")
accepted = []
over = threading.Event()


def send():
    n = 0
    while not over.is_set():
        n += 1
        if s.alert(f"K{n}") == 200:
            accepted.append(f"K{n}")
        over.wait(PACE)


def kill(word):
    """False when what follows does not come up again."""
    if word == "tree":
        s.process.kill()
        s.process.wait()
        return s.start()
    before = s.child(word)
    ready = s.log().count("server ready")
    os.kill(before, signal.SIGKILL)
    if not until(lambda: s.child(word) != before):
        return False
    return word == "courier" or bool(until(lambda: s.log().count("server ready") > ready))


def cycles():
    rng = random.Random(SEED)
    for i in range(CYCLES):
        time.sleep(rng.uniform(0, 0.15))  # the random instant
        word = LIFE[i % len(LIFE)]
        if not kill(word):
            tap.ok(False, f"cycle {i}: nothing came back after kill -9 of the {word} (seed {SEED})")
            return
    tap.ok(True, f"{CYCLES} times everything came back (seed {SEED})")


def query(sql):
    with sqlite3.connect(f"file:{s.dir}/state/tocsin.db?mode=ro", uri=True, timeout=10) as db:
        return db.execute(sql).fetchall()


UNDELIVERED = "SELECT p.id FROM page p WHERE NOT EXISTS (SELECT 1 FROM delivery d WHERE d.page = p.id AND d.state = 4)"


def label_value(text, name):
    parts = bytes(text).split(b"\xff")
    return dict(zip(parts[0::2], parts[1::2])).get(name, b"").decode()


def judge():
    stored = {label_value(t, b"alertname") for (t,) in query("SELECT l.text FROM alert a JOIN labelset l ON l.id = a.labelset")}
    lost = [name for name in accepted if name not in stored]
    tap.ok(len(accepted) > CYCLES and not lost, f"{len(accepted)} alerts answered 200 exist {lost[:5]}")
    tap.ok(not query("SELECT id FROM alert WHERE incident = 0 AND reason = 0"), "each has an incident or a reason")
    paged = {i for (i,) in query("SELECT incident FROM page")}
    mute = [i for (i,) in query("SELECT id FROM incident") if i not in paged]
    tap.ok(not mute, f"each incident has a page {mute[:5]}")
    tap.ok(not query(UNDELIVERED), "each page was accepted by the channel")
    written = collections.Counter(line["delivery"] for line in s.pages())
    missing = [d for (d,) in query("SELECT id FROM delivery WHERE state = 4 AND purpose = 1") if not written[d]]
    tap.ok(not missing, f"what is called accepted was written {missing[:5]}")
    uncertain = collections.Counter(d for (d,) in query("SELECT delivery FROM attempt WHERE outcome = 4"))
    doubled = [d for d, n in written.items() if n > 1 + uncertain[d]]
    tap.ok(not doubled, f"{sum(written.values())} writings of {len(written)} deliveries, {sum(uncertain.values())} "
                        f"uncertain attempts: none doubled without a reason {doubled[:5]}")
    gaps = query("SELECT incident FROM timeline GROUP BY incident HAVING count(*) <> max(seq) OR min(seq) <> 1")
    tap.ok(not gaps, f"timelines have no gaps {gaps[:5]}")
    tap.ok(query("PRAGMA integrity_check") == [("ok",)], "the database is sound")


try:
    tap.ok(s.start(), "it starts")
    sender = threading.Thread(target=send)
    sender.start()
    cycles()
    over.set()
    sender.join()
    tap.ok(until(lambda: not query(UNDELIVERED), 60), "the outbox drains (I25)")
    tap.ok(s.stop() == 0, "it stops in order")
    judge()
finally:
    over.set()
    if tap.failed:
        print("\n".join("# " + line for line in s.log().splitlines()[-40:]))
    s.end()
tap.end()
