#!/usr/bin/env python3
"""chat_peers.py - the courier against programs that we did not write: an emulated Slack workspace (npm emulate), a Telegram
server (npm telegram-test-api), and the reference verifier of Standard Webhooks (npm standardwebhooks).

Channels are named without their #: the emulator, other than Slack, knows them by no other name.
Each runs as a Node process on 127.0.0.1 and is asked afterwards, in its own words, what it holds. Prints TAP."""
import http.server
import json
import os
import pathlib
import subprocess
import tempfile
import threading
import time
import urllib.request

import npm_kit
from courier_kit import SECRET, TOKEN, Courier, check, end, equal, free_port

PACKAGES = ["emulate@0.12.2", "telegram-test-api@4.2.1", "standardwebhooks@1.1.1"]
FOLDER = npm_kit.install(*PACKAGES, needs="module.registerHooks")
XOXB = "xoxb-local-test"
BOT = "123:abc-DEF"

SLACK = """
import { createEmulator } from 'emulate';
const seed = { slack: { team: { name: 'Lab', domain: 'lab' }, strict_scopes: true,
  users: [{ name: 'ada', real_name: 'Ada Byron', email: 'ada@example.org' },
          { name: 'joan', real_name: 'Joan Clarke', email: 'joan@example.org' }],
  channels: [{ name: 'incidents', topic: 'x' }],
  incoming_webhooks: [{ channel: 'incidents', label: 'room' }],
  tokens: [{ token: '%s', user: 'ada', scopes: ['chat:write', 'channels:history', 'groups:history', 'im:history',
             'mpim:history', 'channels:read', 'users:read', 'im:write'] },
           { token: 'xoxb-mute', user: 'ada', scopes: ['users:read'] }] } };
const slack = await createEmulator({ service: 'slack', port: %d, seed: seed });
console.log('ready ' + slack.url);
process.stdin.resume(); process.stdin.on('end', () => process.exit(0));
"""

TELEGRAM = """
const Server = require('telegram-test-api');
const s = new Server({ port: %d, host: '127.0.0.1' });
s.start().then(() => {
  console.log('ready');
  const client = s.getClient('%s', { chatId: 4711, userId: 4711, timeout: 5000 });
  require('readline').createInterface({ input: process.stdin }).on('line', async (data) => {
    if (data !== '') await client.sendCallback(client.makeCallbackQuery(data));
    console.log(JSON.stringify(data !== '' ? {} : await client.getUpdates()));
  }).on('close', () => process.exit(0));
});
"""

VERIFY = """
const { Webhook } = require('standardwebhooks');
const cases = JSON.parse(require('fs').readFileSync(0, 'utf8'));
for (const c of cases) {
  try { console.log('good ' + new Webhook(c.secret).verify(Buffer.from(c.body, 'base64'), c.headers).type); }
  catch (e) { console.log('bad ' + e.message); }
}
"""


class Peer:
    """A Node program that says `ready` when it listens, and ends with its standard input."""

    def __init__(self, text, suffix):
        self.file = pathlib.Path(FOLDER, f"peer-{suffix}-{time.monotonic_ns()}.{'mjs' if suffix == 'slack' else 'cjs'}")
        self.file.write_text(text, encoding="utf-8")
        self.process = subprocess.Popen([npm_kit.node(), str(self.file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True, cwd=FOLDER)
        line = self.process.stdout.readline()
        while line and not line.startswith("ready"):
            line = self.process.stdout.readline()
        if not line:
            raise AssertionError("the peer did not start: " + self.process.stderr.read()[-500:])

    def ask(self, line=""):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.file.unlink()


def call(url, token, **fields):
    request = urllib.request.Request(url, json.dumps(fields).encode(),
                                     {"Content-Type": "application/json", "Authorization": "Bearer " + token})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read())


class Slack:
    """The emulated workspace, and what stands in its channels."""

    def __init__(self):
        self.port = free_port()
        self.peer = Peer(SLACK % (XOXB, self.port), "slack")
        self.api = f"http://127.0.0.1:{self.port}/api"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.peer.__exit__()

    def channel(self, more="", url=None):
        return f'{{ slack: {{ token: {{ env: TOCSIN_PEER_SLACK }}, url: "{url or self.api}"{more} }} }}'

    def ids(self):
        got = call(self.api + "/conversations.list", XOXB)
        return {c["name"]: c["id"] for c in got["channels"]}

    def user(self, name):
        return next(u["id"] for u in call(self.api + "/users.list", XOXB)["members"] if u["name"] == name)

    def history(self, channel):
        return call(self.api + "/conversations.history", XOXB, channel=channel)["messages"]

    def replies(self, channel, ts):
        return call(self.api + "/conversations.replies", XOXB, channel=channel, ts=ts)["messages"]


@check("Slack: a post by channel name, & < > escaped; what follows stands in its thread, a page beside it")
def _():
    with Slack() as slack, Courier(slack.channel(), TOCSIN_PEER_SLACK=XOXB) as courier:
        first = courier.send(address="incidents", purpose="post", ack_url=None, page=0, text="5xx < 2 % & <!channel>")
        equal((first["outcome"], first["detail"]), ("accepted", "posted"))
        ts, room = first["provider_id"].split("@")
        equal(room, slack.ids()["incidents"])
        second = courier.more(delivery=8, address="incidents", purpose="stand-down", ack_url=None, text="Ada has it",
                              reply_to=first["provider_id"])
        third = courier.more(delivery=9, address="incidents", purpose="page", text="page", reply_to=first["provider_id"])
        equal((second["outcome"], third["outcome"]), ("accepted", "accepted"))
        second_ts, third_ts = (r["provider_id"].split("@")[0] for r in (second, third))
        top = {m["ts"]: m["text"] for m in slack.history(room) if m.get("thread_ts", m["ts"]) == m["ts"]}
        if "5xx &lt; 2 % &amp; &lt;!channel&gt;" not in top[ts]:
            raise AssertionError(top)
        if third_ts not in top or TOKEN not in top[third_ts]:
            raise AssertionError(top)
        equal([m["ts"] for m in slack.replies(room, ts)], [ts, second_ts])


@check("Slack: another courier goes on in the same thread, and changes what was posted in place (chat.update)")
def _():
    with Slack() as slack:
        with Courier(slack.channel(), TOCSIN_PEER_SLACK=XOXB) as courier:
            first = courier.send(address="incidents", purpose="post", ack_url=None, page=0, text="Status: Investigating")
        ts, room = first["provider_id"].split("@")
        with Courier(slack.channel(), TOCSIN_PEER_SLACK=XOXB) as courier:
            note = courier.send(delivery=8, address="incidents", purpose="notice", ack_url=None, text="more",
                                reply_to=first["provider_id"])
            update = courier.more(delivery=9, address="incidents", purpose="post", ack_url=None, update=1,
                                  reply_to=first["provider_id"], text="Status: Investigating\n\nNow: resolved by Ada")
            gone = courier.more(delivery=10, address="incidents", purpose="post", ack_url=None, update=1,
                                reply_to="1.000001@" + room, text="x")
        equal([r["outcome"] for r in (note, update, gone)], ["accepted", "accepted", "refused"])
        if "message_not_found" not in gone["detail"]:
            raise AssertionError(gone)
        replies = slack.replies(room, ts)
        equal([m["ts"] for m in replies], [ts, note["provider_id"].split("@")[0]])
        if "Now: resolved by Ada" not in replies[0]["text"]:
            raise AssertionError(replies)


@check("Slack: a person by member id gets a direct message")
def _():
    with Slack() as slack, Courier(slack.channel(), TOCSIN_PEER_SLACK=XOXB) as courier:
        equal(courier.send(address=slack.user("joan"))["detail"], "posted")


@check("Slack: no such channel, a wrong token, a token without the scope: refused, with the name of the error")
def _():
    for address, token, words in (("#nowhere", XOXB, "channel_not_found"), ("incidents", "xoxb-mute", "missing_scope")):
        with Slack() as slack, Courier(slack.channel(), TOCSIN_PEER_SLACK=token) as courier:
            result = courier.send(address=address)
            equal((result["outcome"], words in result["detail"]), ("refused", True))


class Busy:
    """A proxy that says 429 to the first request and hands on the second."""

    def __init__(self, target):
        said = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if not said:
                    said.append(body)
                    self.send_response(429)
                    self.send_header("Retry-After", "7")
                    self.end_headers()
                    return
                head = {k: self.headers[k] for k in ("Content-Type", "Authorization")}
                with urllib.request.urlopen(urllib.request.Request(target + self.path, body, head), timeout=10) as got:
                    answer = got.read()
                self.send_response(200)
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass
        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def end(self):
        self.server.shutdown()
        self.server.server_close()


@check("Slack: 429 with Retry-After is not sent, and the next attempt arrives")
def _():
    with Slack() as slack:
        proxy = Busy(f"http://127.0.0.1:{slack.port}")
        with Courier(slack.channel(url=proxy.url + "/api"), TOCSIN_PEER_SLACK=XOXB) as courier:
            busy = courier.send(address="incidents")
            equal((busy["outcome"], busy["code"], busy["retry_after_ms"]), ("not_sent", 429, 7000))
            equal(courier.more(attempt=2, address="incidents")["outcome"], "accepted")
        proxy.end()
        equal(len(slack.history(slack.ids()["incidents"])), 1)


@check("an incoming webhook in Slack's shape posts into its room; its URL is shown nowhere")
def _():
    with Slack() as slack:
        url = f"http://127.0.0.1:{slack.port}/services/T000000001/B000000001/sesame-open-9"
        channel = "{ slack_webhook: { url: { env: TOCSIN_PEER_ROOM } } }"
        with Courier(channel, TOCSIN_PEER_ROOM=url) as courier:
            equal(courier.send(address="")["outcome"], "accepted")
        texts = [m["text"] for c in slack.ids().values() for m in slack.history(c)]
        if not any(TOKEN in text for text in texts):
            raise AssertionError(texts)


def telegram_channel(port):
    return f'{{ telegram: {{ token: {{ env: TOCSIN_PEER_BOT }}, url: "http://127.0.0.1:{port}" }} }}'


@check("Telegram: the message arrives with its text and its button")
def _():
    port = free_port()
    with Peer(TELEGRAM % (port, BOT), "telegram") as peer, \
            Courier(telegram_channel(port), TOCSIN_PEER_BOT=BOT) as courier:
        result = courier.send(address="4711")
        equal(result["outcome"], "accepted")
        message = peer.ask()["result"][0]["message"]
        equal((message["chat_id"], TOKEN in message["text"]), (4711, True))
        markup = message["reply_markup"]
        markup = json.loads(markup) if isinstance(markup, str) else markup
        equal(markup["inline_keyboard"], [[{"text": "Acknowledge", "url": TOKEN}]])


@check("Telegram: the button pressed in the chat acknowledges the page, in the name of who was paged")
def _():
    from serve_kit import Server, until
    tocsin, port = Server(), free_port()
    os.environ["TOCSIN_PEER_BOT"] = BOT
    site = tocsin.read("site.yaml").replace('contacts: { phone: "+1" }', 'contacts: { telegram: "4711" }') \
        .replace("channels: {", "channels: { bot: " + telegram_channel(port) + ",")
    tocsin.write("site.yaml", site)
    with Peer(TELEGRAM % (port, BOT), "telegram") as peer:
        try:
            if not tocsin.start():
                raise AssertionError(tocsin.log()[-600:])
            equal(tocsin.alert("DiskFull"), 200)
            message = peer.ask()["result"][0]["message"]
            markup = message["reply_markup"]
            markup = json.loads(markup) if isinstance(markup, str) else markup
            token = markup["inline_keyboard"][0][0]["callback_data"]
            peer.ask("A" * 36)                           # not one of ours: nothing happens
            peer.ask(token)

            def taken():
                return tocsin.ask("/api/v1/incidents/1")[1].get("acknowledged_by")
            if not until(taken, 10):
                raise AssertionError(tocsin.log()[-600:])
            equal("ada" in json.dumps(taken()).lower(), True)
            equal(token in tocsin.log(), False)
        finally:
            tocsin.stop()
            tocsin.end()


@check("Telegram: a person where a chat's number belongs is refused before anything is sent")
def _():
    with Courier(telegram_channel(1), TOCSIN_PEER_BOT=BOT) as courier:
        equal(courier.send(address="@a/b")["outcome"], "refused")


class Hook:
    """Keeps the first request that it gets."""

    def __init__(self):
        requests = self.requests = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                requests.append(({k.lower(): v for k, v in self.headers.items()}, body))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass
        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def end(self):
        self.server.shutdown()
        self.server.server_close()


@check("Standard Webhooks: the reference verifier takes our signature, and no body or secret but ours")
def _():
    import base64
    hook = Hook()
    port = hook.server.server_address[1]
    channel = f'{{ webhook: {{ url: "http://127.0.0.1:{port}/x", secret: {{ env: TOCSIN_PEER_SECRET }} }} }}'
    other = "whsec_" + base64.b64encode(b"another secret, 24 bytes").decode()
    with Courier(channel, TOCSIN_PEER_SECRET=SECRET + " " + other) as courier:
        equal(courier.send()["outcome"], "accepted")
    hook.end()
    (headers, body), = hook.requests
    case = {"secret": SECRET, "headers": headers, "body": base64.b64encode(body).decode()}
    late = {**headers, "webhook-timestamp": str(int(headers["webhook-timestamp"]) - 400)}
    cases = [case, {**case, "secret": other}, {**case, "secret": "whsec_" + base64.b64encode(b"x" * 24).decode()},
             {**case, "body": base64.b64encode(body + b" ").decode()}, {**case, "headers": late}]
    with tempfile.NamedTemporaryFile("w", suffix=".cjs", dir=FOLDER) as script:
        script.write(VERIFY)
        script.flush()
        done = subprocess.run([npm_kit.node(), script.name], input=json.dumps(cases), capture_output=True, text=True,
                              timeout=30, cwd=FOLDER)
    equal([line.split()[0] for line in done.stdout.splitlines()], ["good", "good", "bad", "bad", "bad"])
    equal(done.stdout.splitlines()[0], "good tocsin.page")


end()
