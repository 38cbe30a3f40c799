"""serve_kit.py - a `tocsin serve` to test from outside: a temporary site with a log channel, free ports, TAP on stdout.

Not here: what is tested. Nothing waits for a fixed time: until() looks again until a deadline."""
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

SOURCE = pathlib.Path(os.environ.get("TOCSIN_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
BINARY = os.environ.get("TOCSIN_BINARY", str(SOURCE / "build" / "tocsin"))

SITE = """\
organisation: {{ name: Smoke, timezone: Europe/Berlin, procedures: [procedures.md], routing: routing.yaml }}
teams:
  platform:
    services: [dashboard, api, jobs, web, billing]
    roles: {{ primary: {{ people: [ada] }}, secondary: {{ people: [joan] }}, incident-commander: {{ people: [grace] }} }}
services: {{ dashboard: {{ name: Dashboard, category: infrastructure }}, api: {{ name: API }}, jobs: {{ name: Jobs }},
  web: {{ name: Web }}, billing: {{ name: Billing }} }}
people:
  ada: {{ name: Ada Byron, login: {login}, contacts: {{ phone: "+1" }} }}
  joan: {{ name: Joan Clarke, contacts: {{ phone: "+2" }} }}
  grace: {{ name: Grace Hopper, contacts: {{ phone: "+3" }} }}
channels: {{ log: {{ log: {{ path: pages.log }}, for: [phone, sms, slack, mail, "#incidents"], wakes: true }} }}
roles:
  management: {{ people: [grace] }}
  security-team: {{ people: [grace] }}
unrouted: {{ team: platform }}
administrators: [grace]
http: {{ listen: "127.0.0.1:{main}", responder: "127.0.0.1:{responder}", public_url: "http://127.0.0.1:{responder}" }}
ingest: {{ allow_loopback: true }}
"""


def environment_of(pid):
    """What others see of its environment; b"" where it hides it from us, who are not root."""
    try:
        return pathlib.Path(f"/proc/{pid}/environ").read_bytes()
    except PermissionError:
        return b""


class Tap:
    def __init__(self):
        self.n = 0
        self.failed = 0

    def ok(self, condition, name):
        self.n += 1
        if not condition:
            self.failed += 1
        print(f"{'ok' if condition else 'not ok'} {self.n} - {name}", flush=True)
        return condition

    def end(self):
        print(f"1..{self.n}")
        sys.exit(1 if self.failed else 0)


def until(condition, seconds=10):
    """The condition's value as soon as it is true, else what it last was. While we were stopped, so was perhaps what is looked
    at: that time does not count."""
    end = time.monotonic() + seconds
    value = condition()
    while not value and time.monotonic() < end:
        asleep = time.monotonic()
        time.sleep(0.02)
        slept = time.monotonic() - asleep
        end += slept if slept > 1 else 0
        value = condition()
    return value


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    """One state directory and the `tocsin serve` that runs on it."""

    def __init__(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="tocsin-smoke-"))
        self.main, self.responder = free_port(), free_port()
        login = os.environ.get("USER") or "root"
        self.write("site.yaml", SITE.format(main=self.main, responder=self.responder, login=login))
        self.write("routing.yaml", "rules: []\n")
        shutil.copy(SOURCE / "examples" / "procedures.md", self.dir / "procedures.md")
        self.process = None

    def two_teams(self):
        """web and billing are joan's: a person gets three messages a minute, and whoever tests other things needs more."""
        self.write("site.yaml", self.read("site.yaml").replace(
            "services: [dashboard, api, jobs, web, billing]", "services: [dashboard, api, jobs]").replace(
            "services: { dashboard", "  other: { services: [web, billing], roles: { primary: { people: [joan] }, "
            "secondary: { people: [ada] }, incident-commander: { people: [grace] } } }\nservices: { dashboard", 1))

    def many_people(self, n):
        """Services svc0 … with p0 … as their primaries: where every page is to be a message of its own (R154)."""
        site = self.read("site.yaml")
        people = "".join(f"  p{i}: {{ name: P {i}, contacts: {{ phone: \"+9{i}\" }} }}\n" for i in range(n))
        services = ",\n  ".join(f"svc{i}: {{ name: Svc {i}, roles: {{ primary: {{ people: [p{i}] }} }} }}" for i in range(n))
        site = site.replace("channels:", people + "channels:", 1)
        site = site.replace("services: [dashboard,", "services: [" + "".join(f"svc{i}, " for i in range(n)) + "dashboard,", 1)
        self.write("site.yaml", site.replace("services: { dashboard:", "services: { " + services + ",\n  dashboard:", 1))

    def write(self, name, text):
        (self.dir / name).write_text(text, encoding="utf-8")

    def read(self, name):
        path = self.dir / name
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def command(self, *more):
        return [BINARY, "serve", "--site", str(self.dir / "site.yaml"), "--state", str(self.dir / "state"), *more]

    def start(self, *more):
        ready = self.log().count("server ready")
        with open(self.dir / "log", "ab") as log:
            self.process = subprocess.Popen(self.command(*more), stdout=log, stderr=log, env=self.environment())
        return until(lambda: self.log().count("server ready") > ready or self.process.poll() is not None, 60) \
            and self.process.poll() is None

    def environment(self):
        """Ours, without what a service manager would say: the socket is to lie in the state directory."""
        return {k: v for k, v in os.environ.items() if k not in ("RUNTIME_DIRECTORY", "STATE_DIRECTORY")}

    def log(self):
        return self.read("log")

    def child(self, word):
        """The pid of the server or the courier that runs now, None while there is none."""
        pids = re.findall(rf"started the {word} pid=(\d+)", self.log())
        return int(pids[-1]) if pids else None

    def stop(self, signo=signal.SIGTERM):
        self.process.send_signal(signo)
        try:
            return self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return None

    def end(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if os.environ.get("TOCSIN_KEEP"):
            print("#", self.dir)
        else:
            shutil.rmtree(self.dir)

    def http(self, method, path, body=None, port=None, headers=None, form=None):
        """(status, text); 0 when nobody answers."""
        data = None
        head = dict(headers or {})
        if body is not None:
            data = json.dumps(body).encode()
            head["Content-Type"] = "application/json"
        elif form is not None:
            data = form.encode()
            head["Content-Type"] = "application/x-www-form-urlencoded"
        request = urllib.request.Request(f"http://127.0.0.1:{port or self.main}{path}", data, head, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as e:
            return e.code, e.read().decode()
        except OSError:
            return 0, ""

    def alert(self, name, service="dashboard", severity="critical"):
        """The status. Another service is another incident."""
        labels = {"alertname": name, "severity": severity, "service": service}
        return self.http("POST", "/api/v2/alerts", [{"labels": labels}])[0]

    def alerts(self):
        status, text = self.http("GET", "/api/v2/alerts")
        return [a["labels"]["alertname"] for a in json.loads(text)] if status == 200 else None

    def sent(self, word=""):
        """What the log channel wrote, of the lines that hold the word: {"purpose", "incident", "delivery", "to", …}."""
        lines = self.read("pages.log").split("\n")[:-1]
        return [json.loads(line) for line in lines if word in line]

    def pages(self, word=""):
        return [line for line in self.sent(word) if line["purpose"] == "page"]

    def ask(self, path, method="GET", body=None):
        """By the unix socket, as the command line does: (status, parsed answer)."""
        data = b"" if body is None else json.dumps(body).encode()
        head = f"{method} {path} HTTP/1.1\r\nHost: tocsin\r\nConnection: close\r\n"
        if method != "GET":
            head += f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n"
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(10)
            s.connect(str(self.dir / "state" / "tocsin.sock"))
            s.sendall(head.encode() + b"\r\n" + data)
            answer = b"".join(iter(lambda: s.recv(65536), b""))
        head, _, body = answer.partition(b"\r\n\r\n")
        return int(head.split()[1]), json.loads(body) if body else None
