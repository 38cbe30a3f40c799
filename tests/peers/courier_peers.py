#!/usr/bin/python3
"""courier_peers.py - the courier of the built binary against a real mail server (aiosmtpd) and a real HTTPS server.

This script is the courier's supervisor and server: it hands it the two sockets and speaks the frames in words of its own.
What arrives is read by Python's email parser; signatures and macs are computed again by hmac and hashlib.
The interpreter is the distribution's, because aiosmtpd is its package. Prints TAP. Skips, saying so, where python3-aiosmtpd or openssl is missing.
"""
import base64
import email
import email.policy
import hashlib
import hmac
import http.server
import json
import pathlib
import shutil
import ssl
import subprocess
import sys
import tempfile
import threading
import time

from courier_kit import PASSWORD, SECRET, TEXT, TOKEN, Courier, check, end, equal, free_port


class Certificates:
    """A certificate authority, a certificate of it for 127.0.0.1, one for another name, and a stranger's."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.run("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=Test Authority",
                 "-keyout", "ca.key", "-out", "ca.pem")
        self.make("good", "IP:127.0.0.1")
        self.make("other", "DNS:elsewhere.example.org")

    def run(self, *words):
        subprocess.run(["openssl", *words], cwd=self.folder, check=True, capture_output=True)

    def make(self, name, alternative):
        (self.folder / "ext").write_text(f"subjectAltName={alternative}\n")
        self.run("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out",
                 f"{name}.csr")
        self.run("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days",
                 "2", "-extfile", "ext", "-out", f"{name}.pem")

    def context(self, name):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / f"{name}.pem", self.folder / f"{name}.key")
        return context

    @property
    def authority(self):
        return self.folder / "ca.pem"


try:
    from aiosmtpd.controller import Controller
    from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
except ImportError:
    print("1..0 # SKIP python3-aiosmtpd is not installed")
    sys.exit(0)
if shutil.which("openssl") is None:
    print("1..0 # SKIP openssl is not installed")
    sys.exit(0)


class Mailbox(Controller):
    """aiosmtpd on a free port; `mails` are envelopes with the session's encryption and login beside them."""

    def __init__(self, tls=None, implicit=None, login=False):
        self.mails, self.options = [], {}
        if tls is not None:
            self.options["tls_context"] = tls
        if login:
            self.options.update(authenticator=self.authenticate, auth_required=True, auth_require_tls=True)
        super().__init__(self, hostname="127.0.0.1", port=free_port(), ssl_context=implicit)

    def factory(self):
        return SMTP(self, hostname="mx.test", **self.options)

    @staticmethod
    def authenticate(_server, _session, _envelope, _mechanism, data):
        good = isinstance(data, LoginPassword) and data.password == PASSWORD.encode()
        return AuthResult(success=good, handled=False)

    async def handle_RCPT(self, _server, _session, envelope, address, _options):
        if address.startswith("nobody@"):
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, session, envelope):
        self.mails.append((envelope, session.ssl is not None, session.authenticated))
        return "250 2.0.0 Ok: queued as 4ABC"

    def channel(self, more="", scheme="smtp"):
        return f'{{ smtp: {{ url: "{scheme}://127.0.0.1:{self.port}", from: tocsin@example.org{more} }} }}'

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()


certificates = Certificates(tempfile.mkdtemp(prefix="tocsin-ca-"))
LOGIN = f", user: tocsin, password: {{ env: TOCSIN_PEER_PASSWORD }}"
CA = f', ca: "{certificates.authority}"'


@check("a mail arrives whole: subject, text, ids, return path (R30, R158)")
def _():
    with Mailbox() as box, Courier(box.channel(", starttls: no")) as courier:
        result = courier.send(html="<p>Störung</p>")
        equal((result["outcome"], result["code"], result["provider_id"]), ("accepted", 250, "4ABC"))
        (envelope, encrypted, _login), = box.mails
        mail = email.message_from_bytes(envelope.content, policy=email.policy.SMTP)
        equal(encrypted, False)
        equal(mail.defects, [])
        equal(envelope.rcpt_tos, ["ada@example.org"])
        equal(mail["Subject"], "INC-42 SEV2? Störung im Zahlungsverkehr")
        equal(mail.get_body(("plain",)).get_content().replace("\r\n", "\n"), TEXT)
        equal(mail.get_body(("html",)).get_content().strip(), "<p>Störung</p>")
        equal((mail["Message-ID"], mail["References"]), ("<inc-42.d7.1@example.org>", "<inc-42@example.org>"))
        equal(mail["Auto-Submitted"], "auto-generated")
        mac = hashlib.blake2b(b"tocsin return path v1.7", key=courier.return_key(), digest_size=16).digest()[:10].hex()
        equal(envelope.mail_from, f"tocsin+v1.7.{mac}@example.org")


@check("STARTTLS and AUTH with a certificate of the named authority")
def _():
    with Mailbox(certificates.context("good"), login=True) as box, \
            Courier(box.channel(LOGIN + CA), TOCSIN_PEER_PASSWORD=PASSWORD) as courier:
        equal(courier.send()["outcome"], "accepted")
        equal([mail[1:] for mail in box.mails], [(True, True)])


@check("a wrong password is refused by the server, and shown nowhere")
def _():
    with Mailbox(certificates.context("good"), login=True) as box, \
            Courier(box.channel(LOGIN + CA), TOCSIN_PEER_PASSWORD="wrong-" + PASSWORD) as courier:
        result = courier.send()
        equal((result["outcome"], result["code"], box.mails), ("refused", 535, []))


@check("a certificate of an unknown authority: nothing is sent")
def _():
    with Mailbox(certificates.context("good"), login=True) as box, \
            Courier(box.channel(LOGIN), TOCSIN_PEER_PASSWORD=PASSWORD) as courier:
        result = courier.send()
        equal((result["outcome"], box.mails), ("not_sent", []))
        if "certificate" not in result["detail"]:
            raise AssertionError(result["detail"])


@check("a certificate for another name: nothing is sent")
def _():
    with Mailbox(certificates.context("other")) as box, Courier(box.channel(", starttls: required" + CA)) as courier:
        equal((courier.send()["outcome"], box.mails), ("not_sent", []))


@check("STARTTLS required and not offered: nothing is sent")
def _():
    with Mailbox() as box, Courier(box.channel(", starttls: required")) as courier:
        equal((courier.send()["outcome"], box.mails), ("not_sent", []))


@check("STARTTLS tried: encrypted even if nobody vouches for the certificate, plain if it is not offered")
def _():
    with Mailbox(certificates.context("good")) as box, Courier(box.channel(", starttls: try")) as courier:
        equal(courier.send()["outcome"], "accepted")
        equal([mail[1] for mail in box.mails], [True])
    with Mailbox() as box, Courier(box.channel(", starttls: try")) as courier:
        equal(courier.send()["outcome"], "accepted")
        equal([mail[1] for mail in box.mails], [False])


@check("smtps: encrypted from the first byte")
def _():
    with Mailbox(implicit=certificates.context("good"), login=False) as box:
        box.ssl_context.check_hostname = False
        with Courier(box.channel(CA, "smtps")) as courier:
            equal(courier.send()["outcome"], "accepted")
            equal(len(box.mails), 1)


@check("a recipient that the server does not know is refused, with its words")
def _():
    with Mailbox() as box, Courier(box.channel(", starttls: no")) as courier:
        result = courier.send(address="nobody@example.org")
        equal((result["outcome"], result["code"], box.mails), ("refused", 550, []))
        if "5.1.1 no such user" not in result["detail"]:
            raise AssertionError(result["detail"])


class Hooks:
    """An HTTPS server; `requests` are (headers, body)."""

    def __init__(self, name):
        requests = self.requests = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                requests.append((self.headers, body))
                self.send_response(200)
                self.end_headers()
                self.wfile.write(body)                   # an echo: nothing of it may come back as detail

            def log_message(self, *_):
                pass

        class Server(http.server.HTTPServer):
            def handle_error(self, *_):
                pass
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.socket = certificates.context(name).wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def channel(self, more=""):
        port = self.server.server_address[1]
        return f'{{ webhook: {{ url: "https://127.0.0.1:{port}/x", secret: {{ env: TOCSIN_PEER_SECRET }}{more} }} }}'

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


@check("a webhook over TLS, its signature computed again")
def _():
    with Hooks("good") as hooks, Courier(hooks.channel(CA), TOCSIN_PEER_SECRET=SECRET) as courier:
        result = courier.send()
        equal((result["outcome"], result["code"]), ("accepted", 200))
        if TOKEN in result["detail"]:
            raise AssertionError("the acknowledge link came back as detail")
        (headers, body), = hooks.requests
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        mac = hmac.new(bytes(range(24)), signed, hashlib.sha256).digest()
        equal(headers["webhook-signature"], "v1," + base64.b64encode(mac).decode())
        equal(headers["webhook-id"], "inc-42.d7")
        if abs(int(headers["webhook-timestamp"]) - time.time()) > 60:
            raise AssertionError("the timestamp is not now")
        data = json.loads(body)
        equal((data["type"], data["data"]["incident"], data["data"]["text"]), ("tocsin.page", "INC-42", TEXT))
        if not headers["User-Agent"].startswith("tocsin/"):
            raise AssertionError(headers["User-Agent"])


@check("a webhook whose certificate nobody vouches for gets nothing")
def _():
    with Hooks("good") as hooks, Courier(hooks.channel(), TOCSIN_PEER_SECRET=SECRET) as courier:
        equal((courier.send()["outcome"], hooks.requests), ("not_sent", []))


shutil.rmtree(certificates.folder)
end()
