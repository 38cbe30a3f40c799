#!/usr/bin/env python3
"""vmalert_peer.py - Debian's vmalert at intervals of 2 s, one of its POSTs lost on the way (R150, R153).

vmalert names a label twice, says endsAt = now + 8 s and never repeats a POST: the next evaluation is the repetition. A
lost one must neither end the alert nor page anybody again. Between the two stands a small proxy that swallows what it is
told to; what the rules ask is answered by a small data source. Prints TAP."""
import http.client
import http.server
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time

from serve_kit import Server, Tap, free_port, until

RULES = """\
groups:
- name: g
  interval: 2s
  rules:
  - alert: ApiDown
    expr: api_down > 0
    labels: { severity: critical, service: api }
    annotations: { summary: "{{ $value }} of the instances are down" }
"""


class Peer(http.server.BaseHTTPRequestHandler):
    """The data source (any GET or POST of a query) and the proxy (what goes to /api/v2/alerts)."""
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def answer(self, status, body=b""):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.do_POST()

    def do_POST(self):
        body, state = self.body(), self.server.state
        if not self.path.endswith("/api/v2/alerts"):
            value = [{"metric": {"__name__": "api_down"}, "value": [time.time(), "1"]}] if state["down"] else []
            self.answer(200, json.dumps({"status": "success", "data": {"resultType": "vector", "result": value}}).encode())
            return
        if state["lose"] > 0:                        # taken off the wire, never answered
            state["lose"] -= 1
            state["lost"].append(body)
            self.close_connection = True
            return
        connection = http.client.HTTPConnection("127.0.0.1", state["tocsin"], timeout=5)
        connection.request("POST", "/api/v2/alerts", body, {"Content-Type": "application/json"})
        status = connection.getresponse().status
        connection.close()
        state["passed"].append((status, body))
        self.answer(status)


class Vmalert:
    def __init__(self, binary, state):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tocsin-vm-"))
        self.state = state
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Peer)
        self.server.state = state
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        (self.folder / "rules.yml").write_text(RULES)
        peer = f"http://127.0.0.1:{self.server.server_port}"
        with open(self.folder / "log", "wb") as log:
            self.process = subprocess.Popen(
                [binary, f"-rule={self.folder}/rules.yml", f"-datasource.url={peer}", f"-notifier.url={peer}",
                 f"-httpListenAddr=127.0.0.1:{free_port()}", "-evaluationInterval=2s"], stdout=log, stderr=log)

    def end(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.server.shutdown()
        shutil.rmtree(self.folder)


TURNS = ("paged", "escalated", "recovered", "reopened", "monitoring silent")


def words(tocsin):
    """What happened to the incident's alerts and pages, by its timeline. Not deliveries: they may be on their way."""
    return [entry["kind"] for entry in tocsin.ask("/api/v1/incidents/INC-1/timeline")[1]["entries"]
            if entry["kind"] in TURNS or entry["kind"].startswith("alert ")]


def play(tap, tocsin, state):
    passed = state["passed"]
    tap.ok(until(lambda: tocsin.pages("INC-1") and passed, 30), "what vmalert says pages")  # the page may be first
    tap.ok(b'"alertname"' in passed[0][1] and passed[0][1].count(b'"alertname"') == 2 and passed[0][0] == 200,
           "vmalert names alertname twice, and is answered 200")
    listed = json.loads(tocsin.http("GET", "/api/v2/alerts")[1], object_pairs_hook=list)
    names = [[name for name, _ in dict(alert)["labels"]] for alert in listed]
    tap.ok(names == [["alertgroup", "alertname", "service", "severity"]], f"and its alert has each label once {names}")
    pages, before = len(tocsin.pages()), words(tocsin)

    state["lose"] = 1
    tap.ok(until(lambda: state["lost"], 20), "one POST is lost")
    after_loss = len(passed)
    tap.ok(until(lambda: len(passed) >= after_loss + 3, 30), "three more arrive")
    tap.ok(tocsin.alerts() == ["ApiDown"], "the alert has been firing all the time")
    tap.ok(words(tocsin) == before and len(tocsin.pages()) == pages, "the loss left no trace on the incident and paged nobody")

    state["down"] = False
    tap.ok(until(lambda: tocsin.alerts() == [], 30), "what vmalert reports resolved is resolved")
    incidents = tocsin.ask("/api/v1/incidents")[1]["incidents"]
    tap.ok(len(incidents) == 1 and all(status == 200 for status, _ in passed), "one incident, every POST answered 200")


def main():
    binary = shutil.which("vmalert")
    if binary is None:
        print("ok 1 - # SKIP vmalert is not installed (Debian: victoria-metrics)\n1..1")
        sys.exit(0)
    tap, tocsin = Tap(), Server()
    state = {"down": True, "lose": 0, "lost": [], "passed": [], "tocsin": tocsin.main}
    vmalert = None
    try:
        tap.ok(tocsin.start(), "Tocsin is there")
        vmalert = Vmalert(binary, state)
        play(tap, tocsin, state)
    finally:
        if vmalert is not None:
            vmalert.end()
        tocsin.end()
    tap.end()


main()
