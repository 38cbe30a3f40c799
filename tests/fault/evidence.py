#!/usr/bin/python3
"""evidence.py - what was sealed is found changed (P6, I19): the chain computed a second time by hashlib, and each way of
tampering with a copy of a real history told by `tocsin verify` with its place. And copies: a backup under load is sound, what
is restored starts held."""
import hashlib
import json
import os
import pathlib
import shutil
import sqlite3
import struct
import subprocess
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "peers"))
from serve_kit import BINARY, Server, Tap, until  # noqa: E402

ENTRY = "incident, seq, at, wall, actor, via, kind, ref, rule, line"


def h(data, key=b""):
    return hashlib.blake2b(data, digest_size=32, key=key).digest()


def ints(*v):
    return struct.pack(f"<{len(v)}q", *v)


def changes_of(text):
    pairs = [tuple(map(int, p.split("="))) for p in bytes(text).decode().split()]
    return ints(len(pairs), *[n for p in pairs for n in p])


def entry_hash(key, row):
    """The form of src/engine/seal.h, from the row as it is stored."""
    return h(b"tocsin-e" + row["previous"] + ints(*[row[f] for f in ENTRY.split(", ")]) + row["text_hash"]
             + changes_of(row["changes"]), key)


def recompute(path, key):
    """(entries, links) that fit; every one must."""
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    db.row_factory = sqlite3.Row
    heads, hashes, entries = {}, {}, 0
    for r in db.execute("SELECT * FROM timeline ORDER BY id"):
        assert r["salt"] is None or r["text_hash"] == h(r["salt"] + r["text"]), r["id"]
        assert r["previous"] == heads.get(r["incident"], bytes(32)), r["id"]
        assert r["hash"] == entry_hash(key, r), r["id"]
        heads[r["incident"]] = hashes[r["id"]] = r["hash"]
        entries += 1
    symbols = dict(db.execute("SELECT id, text FROM symbol_row"))
    before, at, symbol, links = bytes(32), 0, 0, 0
    for r in db.execute("SELECT * FROM chain_link ORDER BY id"):
        covered = b"".join(hashes[i] for i in range(at + 1, r["entries"] + 1))
        texts = b"".join(ints(i, len(symbols[i])) + symbols[i] for i in range(symbol + 1, r["symbols"] + 1) if i in symbols)
        own = h(b"tocsin-l" + before + ints(r["id"], r["at"], r["wall"], r["entries"], r["symbols"]) + h(covered) + h(texts), key)
        assert r["text"] == before + own, r["id"]
        before, at, symbol, links = own, r["entries"], r["symbols"], links + 1
    assert at == max(hashes)
    db.close()
    return entries, links, before.hex()


def verify(state, *more):
    done = subprocess.run([BINARY, "verify", "--state", str(state), *more], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def tampered(server, *statements):
    """What verify says of a copy on which the statements were run."""
    copy = server.dir / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(server.dir / "state", copy, ignore=shutil.ignore_patterns("*.sock"))
    db = sqlite3.connect(copy / "tocsin.db")
    for s in statements:
        db.execute(s)
    db.commit()
    db.close()
    return verify(copy)


REDACT = "UPDATE timeline SET text = x'', salt = NULL WHERE incident = 1 AND seq = 2"
TAMPERINGS = [
    ("a text changed", "INC-1 entry 2: its text is not the one that was sealed",
     ["UPDATE timeline SET text = CAST('nothing happened' AS BLOB) WHERE incident = 1 AND seq = 2"]),
    ("a text emptied without its salt's removal", "INC-1 entry 2: its text",
     ["UPDATE timeline SET text = x'' WHERE incident = 1 AND seq = 2"]),
    ("an actor changed", "INC-1 entry 3: it is not what was sealed",
     ["UPDATE timeline SET actor = actor + 1 WHERE incident = 1 AND seq = 3"]),
    ("a time changed", "INC-1 entry 3: it is not what was sealed",
     ["UPDATE timeline SET wall = wall - 60000 WHERE incident = 1 AND seq = 3"]),
    ("what an entry changed, changed", "INC-1 entry 1: it is not what was sealed",
     ["UPDATE timeline SET changes = CAST('8=1' AS BLOB) WHERE incident = 1 AND seq = 1"]),
    ("a row in the middle deleted", "INC-1 entry 3: the entries before it are missing",
     ["DELETE FROM timeline WHERE incident = 1 AND seq = 2"]),
    ("a row deleted, the rest renumbered", "INC-1 entry 2: it is not what was sealed",
     ["DELETE FROM timeline WHERE incident = 1 AND seq = 2",
      "UPDATE timeline SET seq = -seq WHERE incident = 1 AND seq > 2",
      "UPDATE timeline SET seq = -seq - 1 WHERE incident = 1 AND seq < 0"]),
    ("two rows swapped", "INC-1 entry 3: the entries before it are missing",
     ["UPDATE timeline SET seq = -2 WHERE incident = 1 AND seq = 2", "UPDATE timeline SET seq = 2 WHERE incident = 1 AND seq = 3",
      "UPDATE timeline SET seq = 3 WHERE seq = -2"]),
    ("a whole incident deleted", "system: what was sealed at place",
     ["DELETE FROM timeline WHERE incident = 2", "DELETE FROM incident WHERE id = 2"]),
    ("the last entries deleted", "entries are missing at its end",
     ["DELETE FROM timeline WHERE id = (SELECT max(id) FROM timeline)"]),
    ("an entry added behind", "stands behind the last link",
     ["INSERT INTO timeline SELECT id + 100000, incident, (SELECT max(seq) + 1 FROM timeline WHERE incident = 1), at, wall, actor,"
      " via, kind, ref, rule, line, text, x'', previous, salt, text_hash, hash FROM timeline WHERE incident = 1 AND seq = 2"]),
    ("a seal taken away", "INC-1 entry 2: it has no seal",
     ["UPDATE timeline SET previous = NULL, salt = NULL, text_hash = NULL, hash = NULL WHERE incident = 1 AND seq = 2"]),
    ("an incident's row changed without an entry", "INC-1: its row says severity = 4",
     ["UPDATE incident SET severity = 4 WHERE id = 1"]),
    ("an incident's row deleted", "INC-1: it has a timeline and no row", ["DELETE FROM incident WHERE id = 1"]),
    ("a name changed", "of the system's chain does not fit",
     ["UPDATE symbol_row SET text = CAST('mallory' AS BLOB) WHERE text = CAST('ada' AS BLOB)"]),
    ("a link deleted", "link", ["DELETE FROM chain_link WHERE id = 2"]),
    ("the chain cut", "stands behind the last link", ["DELETE FROM chain_link WHERE id > 2"]),
]


def live(server):
    """A short history: incidents, an acknowledgement, a note, a restart in the middle."""
    for n in range(3):
        server.alert(f"first-{n}")
    server.alert("other", service="api")
    until(lambda: len(server.pages()) >= 2)
    server.ask("/api/v1/incidents/1/ack", "POST", {"text": "on it"})
    server.process.kill()
    server.process.wait()
    for word in ("server", "courier"):
        pid = server.child(word)
        until(lambda: not pathlib.Path(f"/proc/{pid}").exists(), 10)
    server.start()
    server.ask("/api/v1/incidents/1/note", "POST", {"text": "still on it"})
    server.alert("later", service="jobs")


def tocsin(server, *words):
    env = {**os.environ, "TOCSIN_SOCKET": str(server.dir / "state" / "tocsin.sock")}
    return subprocess.run([BINARY, *words], capture_output=True, text=True, env=env, check=False)


def check_redaction(tap, server):
    """A text is taken out by an administrator: gone from every answer and from the file, and the chain keeps verifying."""
    server.ask("/api/v1/incidents/1/note", "POST", {"text": "the patient is Jane Roe"})
    notes = [e for e in server.ask("/api/v1/incidents/1/timeline")[1]["entries"] if "Jane Roe" in e["text"]]
    done = tocsin(server, "redact", "INC-1", str(notes[0]["seq"]), "names a patient")
    tap.ok(done.returncode == 0 and "Taken out" in done.stdout, "tocsin redact: done") or print(done)
    shown = tocsin(server, "show", "INC-1").stdout
    tap.ok("Jane Roe" not in shown and "was taken out: names a patient" in shown, "the timeline says what was done, and why")
    status, text = verify(server.dir / "state")
    tap.ok(status == 0 and "of 1 entries the text was taken out" in text, "the chain keeps verifying") or print(text)
    tap.ok(tocsin(server, "redact", "INC-1", "9999", "no such entry").returncode != 0, "an entry that is not there is refused")


def check_long_timeline(tap, server):
    """The server gives 1,000 entries at a time; show prints all."""
    for n in range(1005):
        server.ask("/api/v1/incidents/2/note", "POST", {"text": f"note {n}"})
    shown = tocsin(server, "show", "INC-2").stdout
    tap.ok("note 0\n" in shown and "note 1004" in shown and "could not be read" not in shown, "show prints 1,005 notes and more")


def check_tampering(tap, server):
    for what, said, statements in TAMPERINGS:
        status, text = tampered(server, *statements)
        tap.ok(status == 1 and said in text, f"{what}: exit 1, {said!r}") or print("# " + text.replace("\n", "\n# "))
    status, text = tampered(server, REDACT)
    tap.ok(status == 0 and "of 2 entries the text was taken out" in text,
           "a text taken out with its salt keeps the chain, and is counted") or print(text)
    (server.dir / "other.key").write_bytes(bytes(range(32)))
    status, text = verify(server.dir / "state", "--key", str(server.dir / "other.key"))
    tap.ok(status == 1 and "or the key is another" in text, "another key fits nothing")


def check_start(tap, server):
    """Design, Start: the last heads are looked at; what does not fit is loud, and paging goes on."""
    db = sqlite3.connect(server.dir / "state" / "tocsin.db")
    db.execute("UPDATE timeline SET text = CAST('gone' AS BLOB) WHERE id = (SELECT max(id) FROM timeline)")
    db.commit()
    db.close()
    tap.ok(server.start() and "the history is not the one that was sealed" in server.log(), "a start on a changed history says so")
    tap.ok(until(lambda: any("not the one that was sealed" in a["text"] for a in server.sent('"alarm"'))), "and alarms the administrators")
    tap.ok("tocsin_chain_broken 1" in server.http("GET", "/metrics")[1], "and so does the metric")
    pages = len(server.pages())
    server.alert("after the fact", service="billing")
    tap.ok(until(lambda: len(server.pages()) > pages, 75), "and pages leave all the same")
    server.stop()


class Load(threading.Thread):
    """Alerts without a pause, until told to stop."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.server, self.n, self.stop = server, 0, False

    def run(self):
        while not self.stop:
            self.n += self.server.alert(f"load-{self.n}", service=("dashboard", "api", "web")[self.n % 3]) == 200


def command(*words, **environment):
    done = subprocess.run([BINARY, *map(str, words)], capture_output=True, text=True, check=False,
                          env={**os.environ, **environment})
    return done.returncode, done.stdout + done.stderr


def check_backup(tap, server):
    """A backup under load is whole; what is restored starts held, takes everything, and pages when it is released."""
    load = Load(server)
    load.start()
    until(lambda: load.n > 50)
    file = server.dir / "tocsin.backup"
    status, text = command("backup", file, "--state", server.dir / "state", "--with-keys")
    taken = load.n
    until(lambda: load.n > taken + 20)
    load.stop = True
    load.join(10)
    tap.ok(status == 0, f"backup under load ({taken} alerts): exit 0") or print("# " + text)
    names = [file, pathlib.Path(f"{file}.chain.key"), pathlib.Path(f"{file}.instance.key")]
    tap.ok([f.stat().st_mode & 0o777 for f in names] == [0o600] * 3, "the copy and the keys are its owner's alone")
    tap.ok(not list(server.dir.glob("tocsin.backup.part*")) and not list(server.dir.glob("tocsin.backup-*")), "and nothing else is left")
    status, text = command("verify", "--store", file, "--key", f"{file}.chain.key")
    tap.ok(status == 0, "verify finds the backup sound") or print("# " + text)
    there = {"TOCSIN_SOCKET": str(server.dir / "state" / "tocsin.sock")}
    tap.ok(command("backup", server.dir / "other.backup", **there)[0] == 0 and command("verify", **there)[0] == 0,
           "without --state: of the server that TOCSIN_SOCKET names")
    status, text = command("backup", server.dir / "other.backup", TOCSIN_SOCKET=str(server.dir / "tocsin.sock"))
    tap.ok(status == 1 and "--state" in text, "of a socket that lies elsewhere: exit 1, and what to say instead")
    tap.ok(command("backup", "/nowhere/at/all", "--state", server.dir / "state")[0] == 1, "no place to write to: exit 1")
    return file


def restored(tap, file):
    other = Server()
    state = other.dir / "state"
    state.mkdir(mode=0o700)
    shutil.copy(file, state / "tocsin.db")
    shutil.copy(f"{file}.chain.key", state / "chain.key")
    try:
        tap.ok(other.start() and "HELD: its database is a copy" in other.log(), "a restored copy starts held, and says so")
        tap.ok("tocsin_held 1" in other.http("GET", "/metrics")[1], "the metric says so")
        env = {**os.environ, "TOCSIN_SOCKET": str(state / "tocsin.sock")}
        text = subprocess.run([BINARY, "incidents"], capture_output=True, text=True, env=env, check=False)
        tap.ok("HELD" in text.stdout + text.stderr, "tocsin incidents says so") or print("# " + text.stdout + text.stderr)
        tap.ok(other.alert("while held", service="billing") == 200 and "while held" in other.alerts(), "it takes alerts")
        tap.ok(until(lambda: other.ask("/api/v1/incidents")[1]["incidents"][0]["service"] == "billing"), "opens incidents")
        tap.ok(not other.sent(), "and sends nothing")
        newest = other.ask("/api/v1/incidents")[1]["incidents"][0]["id"]
        for word in ("why", "show"):
            text = until(lambda: (lambda o: o if "by channel" in o else None)(command(word, newest, **env)[1])) or ""
            tap.ok("broken: this is a restored copy and HELD" in text and "held, waits for tocsin release" in text
                   and "its turn" not in text, f"tocsin {word} says by what the page is held, and what releases it") or print("# " + text)
        other.stop()
        other.start()
        tap.ok(other.log().count("HELD:") == 2 and not other.sent(), "held it stays over a restart")
        text = subprocess.run([BINARY, "release"], capture_output=True, text=True, env=env, check=False)
        tap.ok(text.returncode == 0 and until(other.pages, 75), "tocsin release: the page leaves") \
            or print("# " + text.stdout + text.stderr + other.log()[-1500:])
        until(lambda: "tocsin_held 0" in other.http("GET", "/metrics")[1])
        other.stop()
        tap.ok(other.start() and other.log().count("HELD:") == 2, "released it stays")
        other.stop()
        status, text = verify(state)
        tap.ok(status == 0, "the history goes on in one chain") or print("# " + text)
    finally:
        other.end()


def check_moved(tap, server):
    """A database in another state directory is a copy, whoever copied it."""
    other = Server()
    try:
        (other.dir / "state").mkdir(mode=0o700)
        shutil.copy(server.dir / "state" / "tocsin.db", other.dir / "state" / "tocsin.db")
        tap.ok(other.start() and "HELD: its database was made in another state directory" in other.log(), "so is a file copied by hand")
        tap.ok("there was no chain.key" in other.log() and "not the one that was sealed" in other.log(), "without its key that is loud too")
        other.stop()
    finally:
        other.end()


def main():
    tap, server = Tap(), Server()
    try:
        tap.ok(server.start(), "starts")
        key_file = server.dir / "state" / "chain.key"
        tap.ok(key_file.stat().st_mode & 0o777 == 0o600 and key_file.stat().st_size == 32, "chain.key: 32 bytes, 0600")
        files = [file for file in (server.dir / "state").iterdir() if file.is_file()]
        tap.ok(all(file.stat().st_mode & 0o077 == 0 for file in files) and any("tocsin.db" == f.name for f in files),
               "nobody else reads a file of the state directory, whatever its own mode")
        live(server)
        check_redaction(tap, server)
        check_long_timeline(tap, server)
        status, text = verify(server.dir / "state")
        tap.ok(status == 0 and "sound" in text, "verify beside the running server: sound") or print(text)
        backup = check_backup(tap, server)
        tap.ok(server.stop() == 0, "stops")
        files = b"".join(p.read_bytes() for p in (server.dir / "state").glob("tocsin.db*"))
        tap.ok(b"Jane Roe" not in files, "what was taken out is in no file of the store any more")
        restored(tap, backup)
        check_moved(tap, server)
        entries, links, head = recompute(server.dir / "state" / "tocsin.db", key_file.read_bytes())
        tap.ok(entries > 10 and links > 5, f"hashlib finds the same {entries} seals and {links} links")
        status, text = verify(server.dir / "state", "--head", head)
        tap.ok(status == 0 and "the head named is link" in text, "a head that left is found again") or print(text)
        tap.ok(verify(server.dir / "state", "--head", "00" * 32)[0] == 1, "a head that never was is not")
        status, text = verify(server.dir / "state", "--incident", "INC-1")
        tap.ok(status == 0 and "1 incident, " in text, "one incident alone") or print(text)
        status, text = verify(server.dir / "state", "--format", "json")
        found = json.loads(text)
        tap.ok(status == 0 and found["sound"] and found["head"] == head and found["last"]["link"] == links
               and found["findings"] == [], "--format json says the same") or print(text)
        tap.ok(verify(server.dir / "nowhere")[0] == 2, "no store: exit 2")
        check_tampering(tap, server)
        check_start(tap, server)
    finally:
        server.end()
    tap.end()


main()
