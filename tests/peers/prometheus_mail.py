#!/usr/bin/python3
"""prometheus_mail.py - the main job with real programs: Prometheus fires, a mail arrives, its link acknowledges.

Prometheus scrapes two gauges that this script turns; its rules fire and resolve. aiosmtpd is the mail server. The
procedures are the example's with seconds for minutes, so that the document's own deadline passes while we watch: the
stamps in the store are what is judged, not this script's patience. Then amtool, against the same server.
Skips, saying so, where prometheus, amtool or python3-aiosmtpd is missing."""
import email
import email.policy
import html
import http.server
import json
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from serve_kit import Server, Tap, free_port, until  # noqa: E402

KEY = "k-prometheus-7f3a"
gauges = {"dashboard_down": 0, "api_down": 0}


def skip(why):
    print(f"ok 1 - the main job with real programs # SKIP {why}\n1..1")
    sys.exit(0)


try:
    from aiosmtpd.controller import Controller
except ImportError:
    skip("python3-aiosmtpd is not installed")
for program in ("prometheus", "amtool"):
    if shutil.which(program) is None:
        skip(f"{program} is not installed")


class Mailbox:
    """What the mail server took, as (return path, recipient, message)."""

    def __init__(self):
        self.mails = []

    async def handle_DATA(self, _server, _session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.SMTP)
        for recipient in envelope.rcpt_tos:
            self.mails.append((envelope.mail_from, recipient, message))
        return "250 taken"

    def to(self, who, word=""):
        return [m for _, r, m in self.mails if r == who and word in m["Subject"]]


class Exporter(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = "".join(f"# TYPE {n} gauge\n{n} {v}\n" for n, v in gauges.items()).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


RULES = """\
groups:
  - name: test
    rules:
      - { alert: DashboardUnreachable, expr: dashboard_down == 1, labels: { severity: critical, service: dashboard },
          annotations: { summary: "Nobody can open the dashboard" } }
      - { alert: ApiUnreachable, expr: api_down == 1, labels: { severity: critical, service: api } }
"""


def prometheus(server, exporter_port):
    port = free_port()
    server.write("rules.yml", RULES)
    server.write("prometheus.yml", f"""\
global: {{ scrape_interval: 1s, evaluation_interval: 1s }}
rule_files: [{server.dir}/rules.yml]
scrape_configs: [{{ job_name: t, static_configs: [{{ targets: ["127.0.0.1:{exporter_port}"] }}] }}]
alerting:
  alertmanagers:
    - path_prefix: /i/{KEY}
      static_configs: [{{ targets: ["127.0.0.1:{server.main}"] }}]
""")
    log = open(server.dir / "prometheus.log", "wb")
    return subprocess.Popen(["prometheus", f"--config.file={server.dir}/prometheus.yml", f"--storage.tsdb.path={server.dir}/tsdb",
                             f"--web.listen-address=127.0.0.1:{port}", "--rules.alert.resend-delay=2s"], stdout=log, stderr=log)


def prepare(mail_port):
    server = Server()
    site = server.read("site.yaml")
    begin, end = site.index("channels:"), site.index("roles:\n")
    site = site[:begin] + (f'channels: {{ mail: {{ smtp: {{ url: "smtp://127.0.0.1:{mail_port}", from: tocsin@example.org, '
                           'starttls: try } } }\n') + site[end:]
    for person, phone in (("ada", "+1"), ("joan", "+2"), ("grace", "+3")):
        site = site.replace(f'contacts: {{ phone: "{phone}" }}', f"contacts: {{ mail: {person}@example.org }}")
    site = site.replace("ingest: { allow_loopback: true }",
                        "ingest: { prometheus: { secret: { env: TOCSIN_TEST_KEY } }, allow_loopback: true }")
    server.write("site.yaml", site)
    text = server.read("procedures.md")
    changed, n = re.subn(r"No response in 5 minutes", "No response in 4 seconds", text)
    assert n == 1, "the example's sentence has changed"
    server.write("procedures.md", changed)
    return server


def query(server, sql):
    with sqlite3.connect(f"file:{server.dir}/state/tocsin.db?mode=ro", uri=True, timeout=5) as db:
        return db.execute(sql).fetchall()


def body_of(message):
    return message.get_body(("plain",)).get_content()


def link_of(message):
    found = re.search(r"http://127\.0\.0\.1:\d+(/a/\S+)", body_of(message))
    return found.group(1) if found else None


def acknowledged_by_mail(tap, server, box):
    gauges["dashboard_down"] = 1
    if not tap.ok(until(lambda: box.to("ada@example.org", "INC-1"), 30), "Prometheus fires: the primary's mail arrives"):
        return
    mail = box.to("ada@example.org", "INC-1")[0]
    tap.ok(len(mail["Subject"]) <= 60 and "SEV2?" in mail["Subject"], f"R158: the subject is short: {mail['Subject']}")
    tap.ok("Nobody can open the dashboard" in body_of(mail) and "[" not in body_of(mail), "it says what; no raw bracket")
    path = link_of(mail)
    status, view = server.http("GET", path, port=server.responder)
    tap.ok(status == 200 and "Acknowledge" in view and "INC-1" in html.unescape(view), "its link shows the incident and one button")
    tap.ok(query(server, "SELECT acknowledged_at FROM incident")[0][0] == 0, "R146: looking acknowledges nothing")
    status, view = server.http("POST", path, port=server.responder, form="")
    tap.ok(status in (200, 303), f"the button acknowledges ({status})")
    who = query(server, "SELECT s.text FROM incident i JOIN symbol_row s ON s.id = i.acknowledged_by")
    tap.ok(bool(who) and bytes(who[0][0] if isinstance(who[0][0], bytes) else who[0][0].encode()) == b"ada", "acknowledged by ada")
    tap.ok(not query(server, "SELECT 1 FROM timer WHERE kind = 5"), "no timer of no response is armed any more")


def resolved(tap, server):
    gauges["dashboard_down"] = 0
    tap.ok(until(lambda: server.alerts() == [], 30), "Prometheus resolves: the alert leaves the active list")
    tap.ok(until(lambda: query(server, "SELECT 1 FROM timer WHERE kind = 2"), 5), "R150: five minutes more, then it has recovered")


def escalated(tap, server, box):
    gauges["api_down"] = 1
    tap.ok(until(lambda: box.to("joan@example.org", "INC-2"), 40), "nobody answers: Secondary's mail arrives")
    stamps = query(server, "SELECT created_at, line, rule FROM page WHERE incident = 2 ORDER BY id")
    late = stamps[1][0] - stamps[0][0] - 4000
    tap.ok(0 <= late <= 1000, f"P4: at the document's time, {late} ms late, never early")
    text = server.read("procedures.md").splitlines()
    tap.ok("No response in 4 seconds" in text[stamps[1][1] - 1], f"by line {stamps[1][1]}: {text[stamps[1][1] - 1]}")
    tap.ok(not box.to("joan@example.org", "INC-1"), "the second page of the acknowledged incident never left")
    status, why = server.http("POST", link_of(box.to("joan@example.org", "INC-2")[0]), port=server.responder, form="")
    tap.ok(status in (200, 303), "Secondary takes it")
    tap.ok(until(lambda: box.to("ada@example.org", "stand down"), 10), "R157: the primary is told by mail that it was taken")


def amtool(tap, server):
    url = f"--alertmanager.url=http://127.0.0.1:{server.main}"

    def run(*args):
        return subprocess.run(["amtool", url, *args], capture_output=True, text=True, timeout=20, check=False)
    added = run("alert", "add", "alertname=FromAmtool", "node=bar", "--annotation=summary=by hand")
    tap.ok(added.returncode == 0, f"amtool alert add {added.stderr.strip()}")
    asked = run("alert", "query", "alertname=FromAmtool", "-o", "json")
    names = [a["labels"]["alertname"] for a in json.loads(asked.stdout or "[]")]
    tap.ok(names == ["FromAmtool"], f"amtool alert query {asked.stderr.strip()}")
    none = run("alert", "query", "alertname=~Never.*", "-o", "json")
    tap.ok(none.returncode == 0 and json.loads(none.stdout or "[]") == [], "amtool alert query with a pattern that matches nothing")


def main():
    import os
    os.environ["TOCSIN_TEST_KEY"] = KEY
    tap, box = Tap(), Mailbox()
    mail = Controller(box, hostname="127.0.0.1", port=free_port())
    mail.start()
    exporter = http.server.ThreadingHTTPServer(("127.0.0.1", free_port()), Exporter)
    threading.Thread(target=exporter.serve_forever, daemon=True).start()
    server = prepare(mail.port)
    peer = None
    try:
        if tap.ok(server.start(), "starts"):
            peer = prometheus(server, exporter.server_address[1])
            acknowledged_by_mail(tap, server, box)
            resolved(tap, server)
            escalated(tap, server, box)
            amtool(tap, server)
            tap.ok(server.stop() == 0, "stops in order")
        else:
            print(server.log())
    finally:
        if peer is not None:
            peer.terminate()
            peer.wait(15)
        mail.stop()
        server.end()
    tap.end()


main()
