#!/usr/bin/env python3
"""A real server with one dead channel, watched from outside: the self-audit passes, the canary comes back, heartbeats arrive;
then nobody's channel takes a page: the heartbeat stops, and the administrator hears of it by the channel that is left (P5,
I28); then it is acknowledged, and the heartbeat is back. At last somebody moves the database away under the running server, which
SQLite does not notice: it writes on into a file without a name, and a restart would know nothing of it (P1)."""
import http.server
import os
import pathlib
import shutil
import subprocess
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "peers"))
from serve_kit import Server, Tap, until  # noqa: E402

tap = Tap()
os.environ["HOOK"] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
s = Server()
beats, refused = [], []


class Outside(http.server.BaseHTTPRequestHandler):
    """/ping is the heartbeat's; everything else is the provider that refuses whatever it gets."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        (beats if self.path == "/ping" else refused).append(body)
        self.send_response(200 if self.path == "/ping" else 403)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


def site(port):
    text = s.read("site.yaml").replace(
        "channels: {", f"channels: {{ dead: {{ webhook: {{ url: 'http://127.0.0.1:{port}/hook', secret: {{ env: HOOK }} }},"
        " for: [phone], wakes: true },").replace("for: [phone, sms, slack,", "for: [sms, slack,").replace(
        'administrators: [grace]', 'administrators: [mary]').replace(
        "people:\n", 'people:\n  mary: { name: Mary Shelley, contacts: { phone: "+4", sms: "+4" } }\n')
    s.write("site.yaml", text + f"heartbeat: {{ url: 'http://127.0.0.1:{port}/ping', every: 10s }}\n")


def check(name):
    found = [c for c in s.ask("/api/v1/status")[1]["checks"] if c["check"] == name]
    return found[0] if found else {"state": "unset", "text": ""}


def metric(name):
    lines = [line for line in s.http("GET", "/metrics")[1].split("\n") if line.startswith(name + " ")]
    return float(lines[0].split()[1]) if lines else None


def sound():
    tap.ok(until(lambda: beats), "a heartbeat arrives")
    tap.ok(b"alive" in beats[0], "and says who lives")
    tap.ok(until(lambda: check("canary")["text"].startswith("came back"), 30), "the canary comes back")
    state = s.ask("/api/v1/status")[1]
    tap.ok(state["state"] == "ok", f"everything passes {[c for c in state['checks'] if c['state'] != 'ok'] or ''}")
    tap.ok(s.ask("/api/v1/incidents?state=all")[1]["incidents"] == [], "no list shows the canary")


def promtool_reads_it():
    if shutil.which("promtool"):
        text = s.http("GET", "/metrics")[1]
        done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True)
        tap.ok(done.returncode == 0 and done.stderr == "", "promtool check metrics finds nothing: " + done.stderr.strip())
    else:
        tap.ok(True, "promtool is missing # SKIP apt install prometheus")


def nobody_is_reached():
    s.alert("Unheard", "jobs")
    tap.ok(until(lambda: metric("tocsin_audit_failing") > 0, 30), "the self-audit fails: " + check("pages")["text"])
    before = len(beats)
    tap.ok(not until(lambda: len(beats) > before, 12), "the heartbeat has stopped")
    tap.ok(until(lambda: s.sent('"alarm"'), 120), "all channels failed: the administrator is alarmed by the other one")
    tap.ok(len(refused) > 0 and not s.pages("Unheard"), "no provider took a page")
    broken = s.ask("/api/v1/incidents")[1]["broken"]
    tap.ok(broken is not None and "self-audit" in broken, "and says so above the list of incidents")


def it_is_over():
    channel = check("channels")
    tap.ok(channel["state"] == "warning" and "dead" in channel["text"], "the dead channel is named: " + channel["text"])
    tap.ok(s.ask("/api/v1/incidents/1/ack", "POST", {})[0] == 200, "somebody takes the incident")
    before = len(beats)
    tap.ok(until(lambda: len(beats) > before, 30), "the heartbeat is back")


def database_is_gone():
    database, aside = s.dir / "state" / "tocsin.db", s.dir / "aside.db"
    alarms = len(s.sent('"alarm"'))
    database.rename(aside)
    tap.ok(until(lambda: check("store")["state"] == "failing", 90), "the database is moved away: the store fails: "
           + check("store")["text"])
    tap.ok(until(lambda: len(s.sent('"alarm"')) > alarms, 90), "and the administrator is alarmed")
    aside.rename(database)
    tap.ok(until(lambda: check("store")["state"] == "ok", 90), "it is back where it belongs")


with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Outside) as outside:
    threading.Thread(target=outside.serve_forever, daemon=True).start()
    site(outside.server_port)
    try:
        tap.ok(s.start(), "it starts")
        sound()
        promtool_reads_it()
        nobody_is_reached()
        it_is_over()
        database_is_gone()
        tap.ok(s.stop() == 0, "it stops in order")
    finally:
        if tap.failed:
            print("\n".join("# " + line for line in s.log().splitlines()[-30:]))
        outside.shutdown()
        s.end()
tap.end()
