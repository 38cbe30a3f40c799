"""courier_kit.py - the courier of the built binary, alone: this side is its supervisor and its server.

It is handed the two sockets, and hears and says the frames in words of their own. Not here: what is sent where.
check() runs a function as one test; end() prints the plan. Secrets of the tests must never be printed by the courier."""
import base64
import fcntl
import json
import os
import pathlib
import select
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time

BINARY = os.environ.get("TOCSIN_BINARY", "build/tocsin")
PASSWORD = "sesame-open-9"
SECRET = "whsec_" + base64.b64encode(bytes(range(24))).decode()
TOKEN = "http://127.0.0.1:8912/a/secret-token"
TEXT = ("Störung: 5xx über 2 % – seit 03:00 Uhr.\n.\n..zwei Punkte\nFrom the start, a=b \n" + "lang " * 60 +
        f"\nAcknowledge: {TOKEN}\n")

SITE = """\
organisation: {{ name: T, timezone: UTC, procedures: [procedures.md] }}
teams: {{ t: {{ services: [s] }} }}
services: {{ s: {{ name: S, category: infrastructure }} }}
people: {{ ada: {{ name: Ada, login: ada, contacts: {{ mail: ada@example.org }} }} }}
unrouted: {{ team: t }}
administrators: [ada]
channels: {{ c: {channel} }}
"""

results = []


def check(name):
    """Runs the function as one test."""
    def run(function):
        try:
            function()
            results.append(True)
            print(f"ok {len(results)} - {name}", flush=True)
        except Exception as error:                       # any failure is one line, the others still run
            results.append(False)
            print(f"not ok {len(results)} - {name}", flush=True)
            print("# " + f"{type(error).__name__}: {error}".replace("\n", "\n# "), flush=True)
        return function
    return run


def equal(got, wanted):
    if got != wanted:
        raise AssertionError(f"{got!r} instead of {wanted!r}")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Courier:
    """A courier process for one channel; `send` returns its result."""

    def __init__(self, channel, **environment):
        self.folder = tempfile.mkdtemp(prefix="tocsin-peers-")
        site = pathlib.Path(self.folder, "site.yaml")
        site.write_text(SITE.format(channel=channel))
        self.control, control = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.peer, peer = socket.socketpair()
        self.errors = open(pathlib.Path(self.folder, "stderr"), "w+b")
        ends = [fcntl.fcntl(s.fileno(), fcntl.F_DUPFD, 20) for s in (control, peer)]

        def place():
            os.dup2(ends[0], 3)
            os.dup2(ends[1], 4)
        self.process = subprocess.Popen(
            [BINARY, "serve", "--child", "courier", "--site", str(site), "--log", "debug", "--state", self.folder],
            preexec_fn=place, pass_fds=(3, 4), stderr=self.errors, env={**os.environ, **environment})
        for end in ends:
            os.close(end)
        control.close()
        peer.close()
        self.bytes = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.peer.close()
        try:
            self.control.send(b"s")
        except OSError:
            pass
        try:
            status = self.process.wait(10)
        finally:
            self.process.kill()
            self.control.close()
        said = self.said()
        self.errors.close()
        shutil.rmtree(self.folder)
        equal(status, 0)
        for secret in (PASSWORD, SECRET[6:], "secret-token"):
            if secret in said:
                raise AssertionError("a secret was printed: " + said)

    def said(self):
        self.errors.seek(0)
        return self.errors.read().decode()

    def receive(self, wanted):
        end = time.monotonic() + 20
        while True:
            while len(self.bytes) < 4 or len(self.bytes) < 4 + struct.unpack("<I", self.bytes[:4])[0]:
                if not select.select([self.peer], [], [], max(0, end - time.monotonic()))[0]:
                    raise AssertionError(f"no {wanted} came; the courier said: {self.said()}")
                more = self.peer.recv(65536)
                if not more:
                    raise AssertionError("the courier ended: " + self.said())
                self.bytes += more
            n = struct.unpack("<I", self.bytes[:4])[0]
            frame, self.bytes = json.loads(self.bytes[4:4 + n]), self.bytes[4 + n:]
            if frame["type"] == wanted:
                return frame

    def send(self, **fields):
        """The first message of this courier, and its result."""
        self.receive("hello")
        return self.more(**fields)

    def more(self, **fields):
        now = int(time.clock_gettime(time.CLOCK_BOOTTIME) * 1000)
        frame = {
            "type": "send", "delivery": 7, "attempt": 1, "since": 0, "channel": "c", "address": "ada@example.org",
            "purpose": "page", "severity": 2, "urgency": "ring", "deadline_ms": now + 10000,
            "subject": "INC-42 SEV2? Störung im Zahlungsverkehr", "text": TEXT, "short": "INC-42", "voice": "INC-42",
            "html": None, "thread": "INC-42", "incident": 42, "page": 9, "ack_url": TOKEN, "reply_to": None,
            "update": 0, **fields,
        }
        body = json.dumps(frame).encode()
        self.peer.sendall(struct.pack("<I", len(body)) + body)
        return self.receive("result")

    def return_key(self):
        return pathlib.Path(self.folder, "return-path.key").read_bytes()


def end():
    """The plan, and the exit status."""
    print(f"1..{len(results)}")
    sys.exit(0 if all(results) else 1)
