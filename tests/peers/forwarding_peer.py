#!/usr/bin/env python3
"""forwarding_peer.py - Debian's Alertmanager in front of Tocsin: its webhook (version 4) to POST /i/KEY/alertmanager.

An alert that fires there pages here once, however often the group is told again; what is resolved there is reported
resolved here; what fires while Tocsin is away arrives when it is back. Prints TAP."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import urllib.request

from serve_kit import Server, Tap, free_port, until

KEY = "k-5ZbP0wqfJ1tR8xQm"
CONFIG = """\
global: {{ resolve_timeout: 5m }}
route: {{ receiver: tocsin, group_by: [alertname], group_wait: 0s, group_interval: 1s, repeat_interval: 1s }}
receivers:
- name: tocsin
  webhook_configs: [ {{ url: "http://127.0.0.1:{port}/i/{key}/alertmanager", send_resolved: true }} ]
"""


class Alertmanager:
    def __init__(self, binary, tocsin):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tocsin-fw-"))
        self.port = free_port()
        (self.folder / "am.yml").write_text(CONFIG.format(port=tocsin, key=KEY))
        with open(self.folder / "log", "wb") as log:
            self.process = subprocess.Popen(
                [binary, f"--config.file={self.folder}/am.yml", f"--storage.path={self.folder}/data",
                 f"--web.listen-address=127.0.0.1:{self.port}", "--cluster.listen-address="], stdout=log, stderr=log)

    def ask(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return answer.status
        except OSError:
            return 0

    def up(self):
        return until(lambda: self.ask("/-/ready") == 200)

    def fire(self, name, service, resolved=False, **labels):
        alert = {"labels": {"alertname": name, "service": service, "severity": "critical", **labels},
                 "startsAt": "2026-11-23T02:47:14Z", "annotations": {"summary": "disk is full"}}
        if resolved:
            alert["endsAt"] = "2026-11-23T02:48:14Z"
        return self.ask("/api/v2/alerts", [alert])

    def end(self):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder)


def incidents(tocsin):
    return tocsin.ask("/api/v1/incidents")[1]["incidents"]


def play(tap, alertmanager, tocsin):
    tap.ok(alertmanager.up() and tocsin.start(), "Alertmanager and Tocsin are there")
    tap.ok(tocsin.http("POST", "/i/wrong/alertmanager", {"alerts": []})[0] in (401, 403), "a wrong key is refused")
    tap.ok(tocsin.http("POST", f"/i/{KEY}/alertmanager", {"nothing": 1})[0] == 400, "what is no webhook is 400")

    alertmanager.fire("DiskFull", "dashboard")
    tap.ok(until(lambda: tocsin.pages("INC-1")), "what fires there pages here")
    tap.ok(tocsin.alerts() == ["DiskFull"], "and is listed among the alerts")
    # Alertmanager tells the group again every second or two: wait for the alert to have been sent thrice.
    pages = len(tocsin.pages())
    tap.ok(until(lambda: told_again(tocsin) >= 2, 15), "the group was told again")
    tap.ok(len(tocsin.pages()) == pages and len(incidents(tocsin)) == 1, "which opens nothing and pages nobody anew")

    alertmanager.fire("DiskFull", "dashboard", resolved=True)
    tap.ok(until(lambda: tocsin.alerts() == [], 15), "what is resolved there is resolved here")

    tocsin.stop()
    alertmanager.fire("LinkDown", "api")
    tap.ok(tocsin.start(), "Tocsin was away when the next one fired")
    tap.ok(until(lambda: tocsin.pages("INC-2"), 30), "it arrives and pages when Tocsin is back")


def told_again(tocsin):
    """Alerts that came after the first, by the server's own count."""
    for line in tocsin.http("GET", "/metrics")[1].splitlines():
        if line.startswith("tocsin_alerts_received_total"):
            return float(line.split()[-1]) - 1
    return 0


def main():
    binary = shutil.which("prometheus-alertmanager")
    if binary is None:
        print("ok 1 - # SKIP prometheus-alertmanager is not installed\n1..1")
        sys.exit(0)
    os.environ["TOCSIN_TEST_AM"] = KEY
    tap, tocsin = Tap(), Server()
    site = tocsin.read("site.yaml").replace("allow_loopback: true", "am: { secret: { env: TOCSIN_TEST_AM } }, "
                                            "allow_loopback: true")
    tocsin.write("site.yaml", site)
    alertmanager = Alertmanager(binary, tocsin.main)
    try:
        play(tap, alertmanager, tocsin)
    finally:
        alertmanager.end()
        tocsin.end()
    tap.end()


main()
