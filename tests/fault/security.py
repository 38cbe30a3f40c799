#!/usr/bin/env python3
"""security.py - a running server and the bytes, callers and addresses of somebody who means harm.

The tables of single refusals are test_http.c's and test_api.c's; here the whole path is taken: every route that
/api/v1/openapi.json names is given every kind of broken body by a caller who may; what is not one request is never two;
heads and bodies that drip end at their deadlines; tokens are who and what the site says; nothing that a stranger sends
becomes a header of a mail; a redirect is not followed. Always: no 500, a JSON error, the same server afterwards."""
import http.client
import http.server
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "peers"))
from serve_kit import BINARY, Server, Tap, free_port, until  # noqa: E402

TOKENS = {"reader": "token-of-the-reader-0001", "writer": "token-of-the-writer-0002", "ruler": "token-of-the-ruler-0003"}
KEY = "key-of-the-monitoring-0004"

tap = Tap()


class MailSink(threading.Thread):
    """As much of an SMTP server as takes a mail: what came between DATA and the final dot."""

    def __init__(self):
        super().__init__(daemon=True)
        self.mails = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]

    def run(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.talk, args=(client,), daemon=True).start()

    def talk(self, client):
        with client, client.makefile("rwb", buffering=0) as f:
            f.write(b"220 sink\r\n")
            for line in f:
                word = line.split()[0].upper() if line.split() else b""
                if word == b"DATA":
                    f.write(b"354 go on\r\n")
                    lines = []
                    for one in f:
                        if one == b".\r\n":
                            break
                        lines.append(one)
                    self.mails.append(b"".join(lines))
                if word == b"QUIT":
                    f.write(b"221 bye\r\n")
                    return
                f.write(b"250 ok\r\n")


class Redirecting(http.server.BaseHTTPRequestHandler):
    hits, secret_place = [], ""

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.hits.append(self.path)
        self.send_response(307)
        self.send_header("Location", self.secret_place)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Guarded(Server):
    def __init__(self, sink, webhook):
        super().__init__()
        channels = (f"mail: {{ smtp: {{ url: \"smtp://127.0.0.1:{sink.port}\", from: tocsin@example.org }} }}, "
                    f"hook: {{ webhook: {{ url: \"http://127.0.0.1:{webhook}/hook\", secret: {{ env: GUARDED_HOOK }} }}, for: [\"#incidents\"] }}, log:")
        site = self.read("site.yaml").replace("log:", channels, 1).replace('phone: "+1"', "mail: ada@example.org")
        site = site.replace(", mail, \"#incidents\"]", "]").replace("ingest: { allow_loopback: true }", """\
ingest: { prometheus: { secret: { env: GUARDED_KEY } }, allow_loopback: false }
tokens:
  reader: { secret: { env: GUARDED_READER }, person: joan, scope: read }
  writer: { secret: { env: GUARDED_WRITER }, person: joan, scope: write }
  ruler: { secret: { env: GUARDED_RULER }, person: grace, scope: admin }""")
        self.write("site.yaml", site)

    def environment(self):
        names = {"GUARDED_" + name.upper(): secret for name, secret in TOKENS.items()}
        return super().environment() | names | {"GUARDED_KEY": KEY, "GUARDED_HOOK": "whsec_Y2FuYXJ5LW9mLXRoZS1ob29rLTAwMDU="}

    def call(self, method, path, body=b"", token=None, headers=()):
        """(status, header fields, body): bytes as they are, without a library's opinion of them."""
        link = http.client.HTTPConnection("127.0.0.1", self.main, timeout=20)
        head = dict(headers)
        if token is not None:
            head["Authorization"] = "Bearer " + TOKENS.get(token, token)
        try:
            link.request(method, path, body if body else None, head)
            answer = link.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            link.close()

    def post_alerts(self, alerts):
        return self.call("POST", f"/i/{KEY}/api/v2/alerts", json.dumps(alerts).encode())[0]

    def raw(self, data, seconds=10):
        """All that comes back."""
        with socket.create_connection(("127.0.0.1", self.main), seconds) as link:
            link.sendall(data)
            link.shutdown(socket.SHUT_WR)
            try:
                return b"".join(iter(lambda: link.recv(65536), b""))
            except OSError:
                return b""


def is_json_error(body):
    try:
        told = json.loads(body)
    except ValueError:
        return False
    return isinstance(told, dict) and ({"error", "detail"} <= told.keys() or {"code", "message"} <= told.keys())


# --- every door, every broken body ---

BROKEN = {
    "cut short": b'{"text": "x"',
    "no JSON": b"hello",
    "a NUL": b'{"text": "a\0b"}',
    "no UTF-8": b'{"text": "\xff\xfe"}',
    "half a surrogate": b'{"text": "\\ud800"}',
    "a number too large": b'{"text": 1e999999}',
    "deep": b"[" * 100 + b"]" * 100,
    "very deep": b"[" * 100000,
    "another type": b'"text"',
    "a list of lists": b"[[[]], [{}], [null]]",
    "an object of objects": b'{"text": {"a": {"b": []}}, "matchers": {"c": 1}, "comment": [], "labels": [1]}',
    "unknown names": b'{"nobody-knows": "this"}',
    "nothing": b"",
    "an empty object": b"{}",
    "a control character": b'{"text": "a\\u0000\\u001b[31m"}',
}


def routes(s):
    status, _, body = s.call("GET", "/api/v1/openapi.json")
    named = json.loads(body)["paths"] if status == 200 else {}
    values = {"id": "1", "act": "note", "bundle": "1", "file": "procedures.md"}
    for path, methods in named.items():
        for method in methods:
            yield method.upper(), re.sub(r"\{(\w+)\}", lambda m: values.get(m.group(1), "x"), path)
    for method, path in (("POST", f"/i/{KEY}/api/v2/alerts"), ("POST", f"/i/{KEY}/alertmanager"),
                         ("POST", "/api/v2/silences"), ("DELETE", "/api/v2/silence/x"), ("GET", "/api/v2/silences")):
        yield method, path


def every_door(s):
    doors = sorted(set(routes(s)))
    tap.ok(len(doors) >= 25, f"{len(doors)} doors are described")
    for method, path in doors:
        wrong = []
        if method in ("POST", "PUT", "PATCH") and not path.endswith(("/reload", "/release", "/activate")):
            for what, body in BROKEN.items():
                status, _, answer = s.call(method, path, body, "ruler")
                if status >= 500 or (status >= 400 and not is_json_error(answer)):
                    wrong.append((what, status, answer[:80]))
        for odd in ("BREW", "TRACE", "OPTIONS"):
            status, head, answer = s.call(odd, path, b"", "ruler")
            if status != 405 or "Allow" not in head or not is_json_error(answer):
                wrong.append((odd, status, answer[:80]))
        status, _, answer = s.call(method, path + "/%00/../..//etc", b"", "ruler")
        if not 400 <= status < 500 or not is_json_error(answer):
            wrong.append(("a path with NUL and dots", status, answer[:80]))
        tap.ok(not wrong, f"{method} {path.replace(KEY, 'KEY')}: refused in JSON, never a 500 {wrong or ''}")


def too_large(s):
    for path, size in ((f"/i/{KEY}/api/v2/alerts", 4 << 20), ("/api/v1/incidents", 4 << 20)):
        head = f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKENS['ruler']}\r\nContent-Length: {size + 1}\r\n\r\n"
        answer = s.raw(head.encode())
        tap.ok(b" 413 " in answer.split(b"\r\n")[0] and is_json_error(answer.partition(b"\r\n\r\n")[2]),
               f"{path.replace(KEY, 'KEY')}: a body over 4 MiB is refused before it comes")
    fields = "".join(f"X-{i}: y\r\n" for i in range(80))
    answer = s.raw(f"GET /-/healthy HTTP/1.1\r\nHost: x\r\n{fields}\r\n".encode())
    tap.ok(b" 431 " in answer.split(b"\r\n")[0], "more than 64 fields")
    answer = s.raw(f"GET /-/healthy HTTP/1.1\r\nHost: x\r\nX: {'y' * (17 << 10)}\r\n\r\n".encode())
    tap.ok(b" 431 " in answer.split(b"\r\n")[0], "a head over 16 KiB")


# --- one request is one request ---

HIDDEN = b"GET /-/ready HTTP/1.1\r\nHost: x\r\n\r\n"
SMUGGLED = {
    "both lengths, the short one first": b"Content-Length: 4\r\nContent-Length: %d\r\n\r\n[]  ",
    "length and chunks": b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks and length": b"Transfer-Encoding: chunked\r\nContent-Length: %d\r\n\r\n0\r\n\r\n",
    "an encoding in disguise": b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "an encoding behind a blank": b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "an encoding folded": b"Transfer-Encoding:\r\n chunked, identity\r\n\r\n0\r\n\r\n",
    "a signed length": b"Content-Length: +2\r\n\r\n[]",
    "a length in hexadecimal": b"Content-Length: 0x2\r\n\r\n[]",
    "a list of lengths": b"Content-Length: 2, 2\r\n\r\n[]",
    "a chunk size that overflows": b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n[]\r\n0\r\n\r\n",
    "a negative chunk": b"Transfer-Encoding: chunked\r\n\r\n-2\r\n[]\r\n0\r\n\r\n",
}


def smuggling(s):
    for what, rest in SMUGGLED.items():
        head = f"POST /i/{KEY}/api/v2/alerts HTTP/1.1\r\nHost: x\r\n".encode()
        rest = rest.replace(b"%d", str(4 + len(HIDDEN)).encode())
        answer = s.raw(head + rest + HIDDEN)
        statuses = [int(x) for x in re.findall(rb"HTTP/1\.1 (\d{3}) ", answer)]
        # libmicrohttpd 0.9.75 prints the head of its own refusals twice; what counts is that nothing was carried out.
        tap.ok(all(400 <= x < 500 for x in statuses), f"{what}: refused, and what follows is not heard {statuses}")


# --- slow ones, in threads of their own while the rest runs ---

class Drip(threading.Thread):
    """Sends a byte every half second until the other side has enough."""

    def __init__(self, s, head, drop):
        super().__init__(daemon=True)
        self.port, self.head, self.drop, self.lasted, self.answer = s.main, head, drop, None, b""
        self.start()

    def run(self):
        begun = time.monotonic()
        with socket.create_connection(("127.0.0.1", self.port), 60) as link:
            link.settimeout(0.5)
            try:
                link.sendall(self.head)
                while time.monotonic() - begun < 60:
                    try:
                        data = link.recv(4096)
                        self.answer += data
                        if not data:
                            break
                    except TimeoutError:
                        link.sendall(self.drop)
            except OSError:
                pass
        self.lasted = time.monotonic() - begun


def slow_ones(s):
    post = f"POST /i/{KEY}/api/v2/alerts HTTP/1.1\r\nHost: x\r\nContent-Length: 4000\r\n\r\n[".encode()
    return [("a head that drips", 10, Drip(s, b"GET /-/healthy HTTP/1.1\r\nHost: x\r\nX: ", b"y")),
            ("a body that drips", 30, Drip(s, post, b" ")),
            ("chunks that drip", 30, Drip(s, post.replace(b"Content-Length: 4000", b"Transfer-Encoding: chunked")[:-1],
                                          b"1\r\n \r\n"))]


def slow_ends(slow):
    for what, seconds, drip in slow:
        drip.join(70)
        tap.ok(drip.lasted is not None and seconds - 1 <= drip.lasted <= seconds + 5,
               f"{what} ends after {seconds} s in all ({drip.lasted and round(drip.lasted, 1)} s)")
        tap.ok(b"408" in drip.answer.split(b"\r\n")[0], f"{what}: 408 says so")


# --- who may what ---

def tokens(s):
    note = b'{"text": "seen"}'
    rows = [
        ("nobody reads", "GET", "/api/v1/incidents", b"", None, 401),
        ("a wrong token", "GET", "/api/v1/incidents", b"", "token-of-nobody", 401),
        ("half a token", "GET", "/api/v1/incidents", b"", TOKENS["reader"][:-1], 401),
        ("an ingest key does not read", "GET", "/api/v1/incidents", b"", KEY, 403),
        ("read reads", "GET", "/api/v1/incidents", b"", "reader", 200),
        ("read does not act", "POST", "/api/v1/incidents/1/note", note, "reader", 403),
        ("write reads", "GET", "/api/v1/incidents/1", b"", "writer", 200),
        ("write acts", "POST", "/api/v1/incidents/1/note", note, "writer", 200),
        ("write does not rule", "POST", "/api/v1/reload", b"", "writer", 403),
        ("admin rules", "POST", "/api/v1/reload", b"", "ruler", 200),
        ("admin acts", "POST", "/api/v1/incidents/1/ack", b"", "ruler", 200),
    ]
    for what, method, path, body, token, expected in rows:
        status, head, answer = s.call(method, path, body, token)
        tap.ok(status == expected, f"{what}: {status}")
        if expected == 401:
            tap.ok(head.get("WWW-Authenticate", "").startswith("Bearer"), "  and is asked for a Bearer token")
        if expected >= 400:
            told = json.loads(answer) if is_json_error(answer) else {}
            tap.ok(bool(told.get("try")), "  and told what to do")
        tap.ok(not any(secret.encode() in answer for secret in [*TOKENS.values(), KEY]), "  and no secret comes back")
    _, _, timeline = s.call("GET", "/api/v1/incidents/1/timeline", b"", "reader")
    actors = {json.dumps(e) for e in json.loads(timeline).get("entries", json.loads(timeline))} \
        if isinstance(json.loads(timeline), dict) else {json.dumps(e) for e in json.loads(timeline)}
    tap.ok(any("seen" in e and "joan" in e for e in actors), "an act by a token has its person as actor")
    tap.ok(s.ask("/api/v1/incidents/1")[1]["acknowledged_by"]["id"] == "grace", "and so has an acknowledgement")
    status, told = s.ask("/api/v1/incidents/1/note", "POST", {"text": "by the socket"})
    tap.ok(status == 200 and "by the socket" in s.call("GET", "/api/v1/incidents/1/timeline", b"", "reader")[2].decode(),
           "the unix socket acts as the person of its uid")


# --- what a stranger says stays inside what it is said in ---

def injection(s, sink):
    nasty = "x\r\nBcc: evil@example.org\r\n\r\nbody\r\n.\r\nMAIL FROM:<evil@example.org>\r\n"
    before = len(sink.mails)
    labels = {"alertname": "Nasty" + nasty, "service": "api", "severity": "critical", "evil": nasty}
    tap.ok(s.post_alerts([{"labels": labels, "annotations": {"summary": nasty, "description": nasty},
                           "generatorURL": "http://x/" + nasty}]) == 200, "an alert full of line ends is taken")
    tap.ok(until(lambda: any(b"Nasty" in mail for mail in sink.mails[before:])), "and mailed")
    for mail in sink.mails[before:]:
        head = mail.partition(b"\r\n\r\n")[0]
        names = {line.split(b":")[0].lower() for line in head.split(b"\r\n") if line[:1] not in (b" ", b"\t")}
        tap.ok(b"bcc" not in names and b"evil" not in b"".join(x for x in head.split(b"\r\n") if x.lower().startswith(b"to:")),
               "without a header of theirs")
        tap.ok(b"\n" not in mail.replace(b"\r\n", b""), "and without a bare line end")
    tap.ok("\nBcc" not in s.log() and "\r" not in s.log(), "the log has no line of theirs")


def redirect(s, hits):
    tap.ok(until(lambda: hits), "a webhook that redirects is called")
    tap.ok(not Redirecting.followed, "and not followed to where it points")


FORBIDDEN = ["http://169.254.169.254/x", "https://169.254.169.254/x", "https://[fe80::1]/x", "https://[fd00:ec2::254]/x",
             "https://0.0.0.0/x", "https://[::]/x", "https://224.0.0.1/x", "https://100.100.100.200/x",
             "https://[::ffff:169.254.169.254]/x", "http://hooks.example.org/x", "ftp://example.org/x", "file:///etc/passwd",
             "https://user:word@example.org/x", "gopher://127.0.0.1/x", "https:///x", "https://exa mple.org/x"]
URL_KEYS = {
    "webhook": "{ webhook: { url: URL, secret: { env: HOME } } }",
    "slack": "{ slack: { url: URL, channel: \"#x\", token: { env: HOME } } }",
    "ntfy": "{ ntfy: { url: URL, topic: x } }",
    "telegram": "{ telegram: { url: URL, chat: \"1\", token: { env: HOME } } }",
    "smtp": "{ smtp: { url: URL, from: a@example.org } }",
    "heartbeat": "heartbeat: { url: URL }\n",
}


def ssrf(s):
    good = s.read("site.yaml")
    for key, shape in URL_KEYS.items():
        passed = []
        for url in FORBIDDEN:
            if key == "smtp":
                url = url.replace("https:", "smtps:").replace("http:", "smtp:").replace("/x", "")
                if "hooks.example.org" in url:
                    continue    # plain to a stranger is STARTTLS with a checked certificate
            shaped = shape.replace("URL", json.dumps(url))
            site = good + shaped if key == "heartbeat" else good.replace("channels: {", f"channels: {{ bad: {shaped},", 1)
            s.write("bad.yaml", site)
            checked = subprocess.run([BINARY, "check", "--site", str(s.dir / "bad.yaml"), str(s.dir / "procedures.md")],
                                     capture_output=True, text=True)
            if "bad.yaml:" not in checked.stdout + checked.stderr or checked.returncode != 2:
                passed.append((url, checked.returncode))
        tap.ok(not passed, f"{key}: no URL into the machine's own or the cloud's inside {passed or ''}")


def main():
    sink = MailSink()
    sink.start()
    hook, inside = http.server.HTTPServer(("127.0.0.1", 0), Redirecting), socket.create_server(("127.0.0.1", free_port()))
    Redirecting.followed = []
    Redirecting.secret_place = f"http://127.0.0.1:{inside.getsockname()[1]}/latest/meta-data"
    threading.Thread(target=hook.serve_forever, daemon=True).start()
    threading.Thread(target=lambda: Redirecting.followed.append(inside.accept()), daemon=True).start()
    s = Guarded(sink, hook.server_address[1])
    try:
        if not tap.ok(s.start(), "it starts"):
            print(s.log())
            sys.exit(1)
        server = s.child("server")
        slow = slow_ones(s)
        tap.ok(s.post_alerts([{"labels": {"alertname": "First", "service": "dashboard", "severity": "critical"}}]) == 200, "an alert")
        tap.ok(until(lambda: sink.mails), "is mailed")
        tokens(s)
        every_door(s)
        too_large(s)
        smuggling(s)
        injection(s, sink)
        s.ask("/api/v1/incidents", "POST", {"text": "told to the room", "severity": "SEV1"})
        redirect(s, Redirecting.hits)
        ssrf(s)
        slow_ends(slow)
        names = {a["labels"]["alertname"] for a in json.loads(s.call("GET", "/api/v2/alerts", b"", "writer")[2])}
        tap.ok("First" in names, "what had been accepted is still there")
        tap.ok(s.child("server") == server, "and the server is the one that it was")
        tap.ok(not any(secret in s.log() for secret in [*TOKENS.values(), KEY]), "no secret in the log")
    finally:
        s.end()
    tap.end()


main()
