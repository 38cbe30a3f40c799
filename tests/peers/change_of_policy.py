#!/usr/bin/python3
"""change_of_policy.py - the document is edited and the server restarted: new incidents follow the new sentence, open ones
keep the bundle they opened with (R12), and a broken document never replaces a good one (R13).

Nothing waits for minutes: the armed timers say when Secondary would be paged."""
import pathlib
import sqlite3
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from serve_kit import Server, Tap, until  # noqa: E402

NO_RESPONSE = 5  # kind of timer


def minutes_to_secondary(server, incident):
    with sqlite3.connect(f"file:{server.dir}/state/tocsin.db?mode=ro", uri=True, timeout=5) as db:
        rows = db.execute("SELECT t.due_at - i.level_at FROM timer t JOIN incident i ON i.id = t.subject "
                          "WHERE t.kind = ? AND t.subject = ?", (NO_RESPONSE, incident)).fetchall()
    return rows[0][0] / 60000 if rows else None


def restart(tap, server, what):
    tap.ok(server.stop() == 0, f"stops to take {what}")
    return tap.ok(server.start(), f"starts with {what}")


def main():
    tap, server = Tap(), Server()
    try:
        server.write("site.yaml", server.read("site.yaml") + "activation: automatic\n")
        tap.ok(server.start(), "starts")
        server.alert("First", service="dashboard")
        tap.ok(until(lambda: minutes_to_secondary(server, 1)) == 5, "the example pages Secondary after 5 minutes")
        text = server.read("procedures.md")
        server.write("procedures.md", text.replace("No response in 5 minutes", "No response in 3 minutes"))
        restart(tap, server, "5 minutes changed to 3")
        tap.ok(minutes_to_secondary(server, 1) == 5, "R12: the open incident keeps its bundle")
        server.alert("Second", service="api")
        tap.ok(until(lambda: minutes_to_secondary(server, 2)) == 3, "a new incident follows the new sentence")
        server.write("procedures.md", text.replace("No response in 5 minutes →", "No reply after a while →"))
        restart(tap, server, "a sentence that means nothing")
        tap.ok("procedures.md:324:3: error" in server.log(), "the log says where the document is wrong")
        server.alert("Third", service="jobs")
        tap.ok(until(lambda: minutes_to_secondary(server, 3)) == 3, "R13: the last good bundle is still active")
        tap.ok(minutes_to_secondary(server, 1) == 5, "and the first incident still has its own")
        tap.ok(server.stop() == 0, "stops in order")
    finally:
        server.end()
    tap.end()


main()
