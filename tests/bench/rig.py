"""rig.py - what the benches run: Tocsin and Debian's Alertmanager, each fresh in a folder of its own, and the provider
that both notify. Not here: what is measured (tools/bench, storm.py)."""
import http.client
import http.server
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("TOCSIN_BUILD", ROOT / "build"))
LOAD = BUILD / "tests" / "bench" / "bench-load"
TICKS = os.sysconf("SC_CLK_TCK")
PEOPLE = 50  # each with a team and a service of their own: s0 … s49
TOKEN = "bench-token"

SITE = """\
organisation: {{ name: Bench, timezone: UTC, procedures: [procedures.md], routing: routing.yaml }}
teams: {{ {teams} }}
services: {{ {services} }}
people: {{ {people} }}
channels: {{ hook: {{ webhook: {{ url: "http://127.0.0.1:{hook}/", secret: {{ env: BENCH_SECRET }} }}, for: [push, slack, mail], wakes: true }} }}
unrouted: {{ team: t0 }}
administrators: [p0]
http: {{ listen: "127.0.0.1:{port}", responder: "127.0.0.1:{port2}" }}
ingest: {{ allow_loopback: true }}
tokens: {{ bench: {{ secret: {{ env: BENCH_TOKEN }}, person: p0, scope: write }} }}
"""
TEAM = "t{0}: {{ services: [s{0}], roles: {{ primary: {{ people: [p{0}] }}, secondary: {{ people: [p{0}] }}, incident-commander: {{ people: [p{0}] }} }} }}"
ROUTING = """\
rules:
- { name: gravest, match: ['severity="sev1"', 'cluster=~".+"'], severity: 1, group_by: [alertname, cluster] }
- { name: groups, match: ['cluster=~".+"'], group_by: [alertname, cluster] }
"""
ALERTMANAGER = """\
route: {{ receiver: hook, group_by: [alertname, cluster], group_wait: 0s, group_interval: 5m, repeat_interval: 4h }}
receivers: [{{ name: hook, webhook_configs: [{{ url: "http://127.0.0.1:{hook}/", send_resolved: false }}] }}]
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Hook(http.server.ThreadingHTTPServer):
    """The provider: notes when the first word about an alert arrived."""
    daemon_threads = True

    def __init__(self):
        self.seen, self.changed = [], threading.Condition()
        super().__init__(("127.0.0.1", 0), HookHandler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        pass


class HookHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def parse_request(self):
        self.at = time.monotonic()  # its first line is in; reading the head is Python's time, not the sender's
        return super().parse_request()

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        with self.server.changed:
            self.server.seen.append((self.at, body))
            self.server.changed.notify_all()
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


class Peer:
    """One server under test: started fresh, asked, stopped."""

    def __init__(self, hook):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="tocsin-bench-", dir=os.environ.get("BENCH_DIR")))
        self.port, self.hook = free_port(), hook
        self.process = None

    def start(self):
        log, command = open(self.dir / "log", "wb"), self.command()  # writes its site, its configuration
        began = time.monotonic()
        self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.dir, env=dict(os.environ, BENCH_SECRET="whsec_YmVuY2g=", BENCH_TOKEN=TOKEN))
        while time.monotonic() - began < 20:
            try:
                if self.get("/-/ready") == 200:
                    return time.monotonic() - began
            except OSError:
                pass
            time.sleep(0.0005)
        sys.exit(f"{self.name} does not become ready: {(self.dir / 'log').read_text()[-800:]}")

    def get(self, path):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        c.request("GET", path)
        r = c.getresponse()
        while r.read(1 << 20):
            pass
        c.close()
        return r.status

    def post(self, body):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        c.request("POST", "/api/v2/alerts", json.dumps(body), {"Content-Type": "application/json"})
        status = c.getresponse().status
        c.close()
        return status

    def pids(self):
        mine, pending = [], [self.process.pid]
        while pending:
            pid = pending.pop()
            mine.append(pid)
            for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
                pending += [int(p) for p in task.read_text().split()]
        return mine

    def cpu_seconds(self):
        total = 0
        for pid in self.pids():
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            total += int(fields[11]) + int(fields[12])
        return total / TICKS

    def memory_mib(self):
        """Proportional share of all its processes: pages that they share count once."""
        kib = 0
        for pid in self.pids():
            for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    kib += int(line.split()[1])
        return kib / 1024

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.dir, ignore_errors=True)


class Tocsin(Peer):
    name = "Tocsin"

    def command(self):
        every = range(PEOPLE)
        (self.dir / "site.yaml").write_text(SITE.format(
            hook=self.hook.server_address[1], port=self.port, port2=free_port(),
            teams=", ".join(TEAM.format(n) for n in every), services=", ".join(f"s{n}: {{ name: Service {n} }}" for n in every),
            people=", ".join(f'p{n}: {{ name: Person {n}, contacts: {{ push: "p{n}" }} }}' for n in every)))
        (self.dir / "routing.yaml").write_text(ROUTING)
        shutil.copy(ROOT / "examples" / "procedures.md", self.dir / "procedures.md")
        return [str(BUILD / "tocsin"), "serve", "--site", "site.yaml", "--state", "state"]


class Alertmanager(Peer):
    name = "Alertmanager"

    def command(self):
        (self.dir / "am.yml").write_text(ALERTMANAGER.format(hook=self.hook.server_address[1]))
        return ["prometheus-alertmanager", "--config.file=am.yml", "--storage.path=data", "--cluster.listen-address=",
                f"--web.listen-address=127.0.0.1:{self.port}", "--log.level=error"]


class Loader:
    """bench-load beside whatever the caller does meanwhile; ends by itself, or with the block."""

    def __init__(self, port, seconds, alerts, kind, names=1000, connections=64, rate=0):
        self.seconds = seconds
        self.process = subprocess.Popen([str(a) for a in (LOAD, port, "/api/v2/alerts", connections, seconds, alerts, kind, names, rate)],
                                        stdout=subprocess.PIPE, text=True)

    def result(self):
        out = self.process.communicate(timeout=self.seconds + 60)[0]
        if self.process.returncode != 0:
            raise RuntimeError(f"bench-load ended with {self.process.returncode}")
        return json.loads(out)

    def __enter__(self):
        return self

    def __exit__(self, *why):
        self.process.kill()
        self.process.wait()


def load(peer, seconds, alerts, kind):
    before = peer.cpu_seconds()
    with Loader(peer.port, seconds, alerts, kind) as loader:
        result = loader.result()
    result["cpu_us_per_request"] = (peer.cpu_seconds() - before) * 1e6 / max(1, result["requests"])
    return result


def sync_rate(folder=None, seconds=0.5):
    """fdatasync of 4 KiB appended, a second: what a durable figure stands on."""
    with tempfile.NamedTemporaryFile(dir=folder) as f:
        n, end = 0, time.monotonic() + seconds
        while time.monotonic() < end:
            os.write(f.fileno(), b"x" * 4096)
            os.fdatasync(f.fileno())
            n += 1
    return n / seconds


def fresh(kind, hook, run):
    peer = kind(hook)
    peer.ready_s = peer.start()
    try:
        return run(peer)
    finally:
        peer.stop()
