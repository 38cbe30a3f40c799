#!/usr/bin/env python3
"""The same requests to Debian's Alertmanager and to Tocsin agree in status and JSON (R153); amtool works against Tocsin.

What differs on purpose stands in DIFFERENT with its reason; of the bodies these are left out, because Tocsin pages where
Alertmanager does not: an empty endsAt (1970 there, not said here), a time with a blank for T (refused there), a startsAt
far ahead without endsAt (refused there). Times that each server makes itself are left out of the
comparison; the words behind "because" are each parser's own where the JSON is none."""
import datetime
import http.client
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.parse

from serve_kit import Server, Tap, free_port, until

NOW = "2026-11-23T02:43:56"
FAR = '"2036-11-23T02:43:56Z"'

BODIES = [
    '[]', 'null', '', ' \n', '{}', '"x"', '5', 'true', '[', '[{', '[{"labels":{"a":"x"}', 'NaN', '[01]', '[{} {}]',
    '[{"labels" {}}]', '[{"labels":{"a":"x"},}]', "[{'labels':{}}]", '\ufeff[]', '[{"labels":{"a":"x\ny"}}]',
    '[{"labels":{"a":"\\q"}}]', '[{}]', '[{},{}]', '[{"labels":null}]', '[{"labels":{"a":"b0"}},{"labels":null}]',
    '[{"generatorURL":"zz zz"}]', '[{"labels":{}}]', '[{"labels":{"a":""}}]', '[{"labels":{"a":null}}]',
    '[{"labels":{"1bad":"x"}}]', '[{"labels":{"1bad":""}}]', '[{"labels":{"":"x"}}]', '[{"labels":{"a-b":"x"}}]',
    '[{"labels":{"a:b":"x"}}]', '[{"labels":{"é":"x"}}]', '[{"labels":{"a b":"x"}}]', '[{"labels":{"a\\"b":"x"}}]',
    '[{"labels":{"a\\n\\u0001b":"x"}}]', '[{"labels":{"a":"z","a":""}}]', '[{"labels":{"a":1}}]', '[{"labels":{"a":true}}]',
    '[{"labels":{"a":{}}}]', '[{"labels":{"a":[]}}]', '[{"labels":[]}]', '[{"labels":"x"}]', '[{"labels":5}]',
    '[{"labels":{"a":"b1"},"annotations":[]}]', '[{"labels":{"a":"b1"},"annotations":{"a":1}}]',
    '[{"labels":{"a":"b1"},"annotations":{"1bad":"v"}}]', '[{"labels":{"a":"b1"},"generatorURL":5}]',
    '[{"labels":{"a":"b1"},"generatorURL":"not a url"}]', '[{"labels":{"a":"b1"},"startsAt":5}]',
    '[{"labels":{"a":"b1"},"endsAt":false}]', '[{"labels":{"a":"b1"},"startsAt":"junk"}]',
    '[{"labels":{"a":"b1"},"startsAt":"2026-13-05T03:00:00Z"}]',
    '[{"labels":{"a":"b1"},"startsAt":"2026-01-05T03:00:00Z","endsAt":"2026-01-05T02:00:00Z"}]',
    '[{"labels":{"1":"x"}},{"labels":{}}]',
    '[{"labels":{"a":"b2"}},{"labels":{"1":"x"}}]', '[{"labels":{}},{"labels":{"a":"b3"}}]',
    '[{"labels":{"a":"plain"}}]', '[{"Labels":{"a":"caps"}}]', '[{"labels":{"a":"old","a":"new"}}]',
    '[{"labels":{"a":"m"},"labels":{"b":"m"}}]', '[{"labels":{"a":"foo"},"foo":[1,{"x":null}]}]',
    '[{"labels":{"a":"empty-annotation"},"annotations":{"a":"","z":"<&>"}}]',
    '[{"labels":{"a":"url"},"generatorURL":"http://p/graph?g0.expr=x%3E0&y"}]', '[{"labels":{"a":"path"},"generatorURL":"/x"}]',
    '[{"labels":{"a":"nulls"},"generatorURL":null,"annotations":null,"startsAt":null,"endsAt":null}]',
    '[{"labels":{"a":"unset"},"startsAt":"0001-01-01T00:00:00Z","endsAt":"0001-01-01T00:00:00.000Z"}]',
    '[{"labels":{"a":"no-zone"},"startsAt":"%s"}]' % NOW,
    '[{"labels":{"a":"nanoseconds"},"startsAt":"%s.123456789Z","endsAt":"2036-01-05T03:00:00.999999999Z"}]' % NOW,
    '[{"labels":{"a":"offset"},"startsAt":"%s+01:00","endsAt":"2036-01-05T03:00:00-02:30"}]' % NOW,
    '[{"labels":{"a":"over"},"startsAt":"2026-01-05T02:00:00Z","endsAt":"2026-01-05T03:00:00Z"}]',
    '[{"labels":{"a":"ended"},"endsAt":"2026-01-05T03:00:00Z"}]', '[{"labels":{"a":"trailing"}}] more', '[{"labels":{"a":"blanks"}}] \n',
    b'[{"labels":{"a":"bad \xff utf-8"}}]', '[{"labels":{"a":"lone \\ud800 surrogate"}}]', '[{"labels":{"a":"pair \\ud83d\\ude00"}}]',
    '[{"labels":{"a":"unicode é ☃"},"annotations":{"summary":"é ☃"}}]', '[{"labels":{"__name__":"x","_":"y"}}]',
    '[{"labels":{"alertname":"A","severity":"critical"}},{"labels":{"alertname":"A","severity":"warning"}},'
    '{"labels":{"alertname":"B"}}]',
    '[{"labels":{"alertname":"C","cluster":"eu","instance":"1","job":"node"}},{"labels":{"alertname":"C","cluster":"eu","instance":"2"}},'
    '{"labels":{"alertname":"C","cluster":"us","instance":"1"}},{"labels":{"alertname":"A","cluster":"us","job":"node"}},'
    '{"labels":{"cluster":"us","job":"node","zone":"1"}}]',
    '[{"labels":{"alertname":"D","service":"none-here","instance":"1"}},{"labels":{"alertname":"E","service":"none-here"}}]',
]
FILTERS = ['a=plain', 'a="plain"', 'a="x', 'a=x"', 'a=""', 'a=', ' a = plain ', 'a= plain ', 'a=~".*"', 'a=~', 'a=b=c', 'a!x',
           'a!=plain', 'a!~pl.*', 'a=~pl.*', 'a=~pl', '1a=x', 'a-b=x', '"a"=x', 'a=x y', 'a="x\\"y"', 'a="x\\ny"', 'a=~"x|y',
           'a==x', '=x', 'a=x,', '{a="x"}', "a='x'", 'foo', 'bad{', '', 'a', 'severity=~crit.*', 'a=unicode é ☃',
           'a=~(plain|caps)', 'a=~[a-z]+', 'a!~[a-z]+', 'nothere=', 'nothere!=x', 'nothere=~.*', 'a=~\\w+', 'a=~(?i)PLAIN']
QUERIES = ["", "?active=true", "?active=false", "?active=maybe", "?active=0", "?active=T", "?active=", "?silenced=false",
           "?inhibited=false", "?unprocessed=false", "?active=true&inhibited=false&silenced=false&unprocessed=false",
           "?receiver=tocsin", "?receiver=toc.*", "?receiver=toc", "?receiver=nope", "?receiver=", "?bogus=1", "?filter=a%3Dq%zz",
           "?filter=a%3D~.%2B&filter=a%21%3Dplain", "?filter=alertname%3DA&filter=severity%3Dcritical",
           "?filter=alertname%3DA&filter=bad%7B", "?%zz=1", "?&&", "?filter=a%3Dplain&filter=a%3Dcaps"]
OTHERS = [("GET", "/api/v2/alerts/"), ("GET", "/api/v2/receivers"), ("GET", "/api/v2/silences"), ("GET", "/api/v2/silences?filter=bad%7B"),
          ("GET", "/api/v2/silence/xx"), ("GET", "/api/v2/silence/11111111-2222-3333-4444-555555555555"),
          ("PUT", "/api/v2/silences"), ("GET", "/api/v2/nope"), ("GET", "/api/v2/"),
          ("PUT", "/api/v2/alerts"), ("DELETE", "/api/v2/alerts"), ("PATCH", "/api/v2/alerts"), ("POST", "/api/v2/status"),
          ("DELETE", "/api/v2/receivers"), ("GET", "/-/healthy"), ("GET", "/-/ready"), ("HEAD", "/-/healthy"),
          ("HEAD", "/api/v2/alerts"), ("HEAD", "/api/v2/status"), ("HEAD", "/api/v2/silences"),
          ("GET", "/api/v2/alerts/groups?filter=a%3Dnot-there"), ("GET", "/api/v2/alerts/groups?active=false"),
          ("GET", "/api/v2/alerts/groups?filter=bad%7B"), ("GET", "/api/v2/alerts/groups?receiver=nope"),
          ("POST", "/api/v2/alerts/groups"), ("GET", "/api/v2/alerts/groups?filter=a%3Dplain"),
          ("GET", "/api/v2/alerts/groups?filter=alertname%3D~.%2B"), ("GET", "/api/v2/alerts/groups"),
          ("GET", "/api/v2/alerts/groups?silenced=false"), ("GET", "/api/v2/alerts/groups?receiver=toc.*&filter=cluster%3D~.%2B"),
          ("GET", "/api/v2/alerts/groups?filter=cluster%3D~.%2B&filter=job%3Dnode"),
          ("GET", "/api/v2/alerts/groups?filter=service%3D~.%2B")]
# Bodies of POST /api/v2/silences; M is a good list of matchers, F an end that lies ahead.
SILENCES = ['', 'null', '[]', '{}', '"x"', '{', '{"matchers":[]}', '{"matchers":null,"startsAt":"S","endsAt":"F"}',
            '{"matchers":M}', '{"matchers":M,"startsAt":"S"}', '{"matchers":M,"startsAt":"S","endsAt":"F"}',
            '{"matchers":M,"startsAt":"S","endsAt":"F","createdBy":"ada"}',
            '{"matchers":M,"startsAt":"S","endsAt":"F","comment":"c"}',
            '{"matchers":M,"startsAt":"junk","endsAt":"F","createdBy":"ada","comment":"c"}',
            '{"matchers":M,"startsAt":"S","endsAt":5,"createdBy":"ada","comment":"c"}',
            '{"matchers":M,"startsAt":"F","endsAt":"S","createdBy":"ada","comment":"c"}',
            '{"matchers":M,"startsAt":"S","endsAt":"S","createdBy":"ada","comment":"c"}',
            '{"matchers":[{"name":"a"}],"startsAt":"S","endsAt":"F","createdBy":"ada","comment":"c"}',
            '{"matchers":[{"name":"a","value":"b"}],"startsAt":"S","endsAt":"F","createdBy":"ada","comment":"c"}',
            '{"matchers":[{"value":"b","isRegex":false}],"startsAt":"S","endsAt":"F","createdBy":"ada","comment":"c"}',
            '{"matchers":[{"name":"1a","value":"b","isRegex":false}],"startsAt":"S","endsAt":"F","createdBy":"ada","comment":"c"}',
            '{"matchers":[{"name":"a","value":"(","isRegex":true}],"startsAt":"S","endsAt":"F","createdBy":"ada","comment":"c"}',
            '{"matchers":[{"name":"a","value":"","isRegex":false}],"startsAt":"S","endsAt":"F","createdBy":"ada","comment":"c"}',
            '{"matchers":[{"name":"a","value":".*","isRegex":true}],"startsAt":"S","endsAt":"F","createdBy":"ada","comment":"c"}',
            '{"matchers":[{"name":"a","value":5,"isRegex":false}],"startsAt":"S","endsAt":"F","createdBy":"ada","comment":"c"}',
            '{"matchers":"x","startsAt":"S","endsAt":"F","createdBy":"ada","comment":"c"}',
            '{"id":"xx","matchers":M,"startsAt":"S","endsAt":"F","createdBy":"ada","comment":"c"}',
            '{"id":"11111111-2222-3333-4444-555555555555","matchers":M,"startsAt":"S","endsAt":"F","createdBy":"ada","comment":"c"}',
            '{"matchers":M,"startsAt":"S","endsAt":"F","createdBy":"ada","comment":"plain"}',
            '{"matchers":[{"name":"quiet","value":"","isRegex":false,"isEqual":false}],"startsAt":"S","endsAt":"F",'
            '"createdBy":"ada","comment":"a negative one alone"}']
SILENCE_QUERIES = ["", "?filter=a%3Dplain", "?filter=a%3Db", "?filter=a%3D~p.*", "?filter=b%3Dx", "?filter=bad%7B", "?filter=",
                   "?bogus=1", "?filter=a%3Dplain&filter=a%21~p.*", "?filter=quiet%21%3D"]
TOKEN = "t-8rVYq0XhzPpQ3mKw"
TYPES = ["application/json", "application/json; charset=utf-8", "application/json; charset=latin1", "APPLICATION/JSON"]

# Request -> why Tocsin answers otherwise.
DIFFERENT = {
    "GET /api/v2/": "Alertmanager's path has no slash to lose",
}


def ask(port, method, path, body=None, content_type="application/json", token=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    head = {"Content-Type": content_type} if body is not None else {}
    if token:
        head["Authorization"] = f"Bearer {token}"
    connection.request(method, path, body.encode() if isinstance(body, str) else body, head)
    answer = connection.getresponse()
    text = answer.read().decode("utf-8", "replace")
    connection.close()
    return answer.status, text


def plain_alerts(value):
    for alert in value:
        alert.pop("updatedAt")
        alert["status"]["silencedBy"] = len(alert["status"]["silencedBy"])
        for key in ("startsAt", "endsAt"):           # Tocsin prints every instant in UTC
            alert[key] = datetime.datetime.fromisoformat(alert[key]).astimezone(datetime.timezone.utc).isoformat()
        if alert["startsAt"][:13] not in (NOW[:13], "2026-11-23T01"):
            alert.pop("startsAt")                    # the moment of arrival
        if not alert["endsAt"].startswith("2036"):
            alert.pop("endsAt")
    return value


def plain_silences(value):
    """Without ids, the moments of making, and who made it: Tocsin takes that from the token."""
    for silence in value:
        for key in ("id", "updatedAt", "startsAt", "createdBy", "comment"):
            silence.pop(key)
        silence["endsAt"] = silence["endsAt"][:19]
    return sorted(value, key=lambda silence: json.dumps(silence, sort_keys=True))


def plain(text):
    """JSON without what each server decides for itself."""
    try:
        value = json.loads(text)
    except ValueError:
        return text.strip()
    if isinstance(value, dict) and "message" in value:
        message = re.sub(r"(because )(?!json: cannot|unexpected EOF).*", r"\1…", str(value["message"]))
        message = re.sub(r"\[([A-Z,]+)\]", lambda m: ",".join(sorted(m.group(1).split(","))), message)
        return {"code": value["code"], "message": message}
    if isinstance(value, dict) and "silenceID" in value:
        return {"silenceID": len(value["silenceID"])}
    if isinstance(value, list) and value and isinstance(value[0], dict):
        if "fingerprint" in value[0]:
            return plain_alerts(value)
        if "matchers" in value[0]:
            return plain_silences(value)
        for group in value:
            if "alerts" in group:
                group["alerts"] = sorted(plain_alerts(group["alerts"]), key=lambda alert: alert["fingerprint"])
    return value


def cases():
    for body in BODIES:
        yield "POST", "/api/v2/alerts", body, TYPES[0]
    for kind in TYPES[1:]:
        yield "POST", "/api/v2/alerts", '[{"labels":{"a":"plain"}}]', kind
    for query in QUERIES:
        yield "GET", "/api/v2/alerts" + query, None, None
    for text in FILTERS:
        yield "GET", "/api/v2/alerts?filter=" + urllib.parse.quote(text), None, None
    for method, path in OTHERS:
        yield method, path, None, None
    for body in SILENCES:
        matchers = '[{"name":"a","value":"plain","isRegex":false}]'
        yield "POST", "/api/v2/silences", body.replace("M", matchers).replace('"S"', f'"{NOW}Z"').replace('"F"', FAR), TYPES[0]
    for query in SILENCE_QUERIES:
        yield "GET", "/api/v2/silences" + query, None, None
    yield "GET", "/api/v2/alerts?filter=a%3Dplain", None, None


def only(mine, other):
    """What is to be shown of a difference: of two lists what the other does not have."""
    if isinstance(mine, list) and isinstance(other, list):
        mine = [x for x in mine if x not in other]
    return json.dumps(mine, ensure_ascii=False)


def compare(tap, theirs, ours):
    n = differ = 0
    for method, path, body, kind in cases():
        name = f"{method} {path}"
        a, b = (ask(port, method, path, body, kind, token) for port, token in ((theirs, None), (ours, TOKEN)))
        n += 1
        if name in DIFFERENT:
            continue
        # An invalid regular expression is named by its engine: RE2 there, PCRE2 here.
        same = a[0] == b[0] and (plain(a[1]) == plain(b[1]) or "error parsing regexp" in a[1])
        if not same:
            differ += 1
            theirs_only, ours_only = only(plain(a[1]), plain(b[1])), only(plain(b[1]), plain(a[1]))
            print(f"# {name} {body!r:.200}\n#   alertmanager {a[0]} {theirs_only:.500}\n#   tocsin       {b[0]} {ours_only:.500}")
    tap.ok(n - len(DIFFERENT) >= 200, f"{n} recorded requests, {len(DIFFERENT)} of them different on purpose")
    tap.ok(differ == 0, f"{n} requests: the same status and JSON as Alertmanager ({len(DIFFERENT)} different on purpose)")


def amtool(port, *arguments):
    done = subprocess.run(["amtool", f"--alertmanager.url=http://127.0.0.1:{port}", *arguments], capture_output=True,
                          text=True, timeout=30)
    return done.returncode, done.stdout + done.stderr


def amtool_works(tap, port):
    code, text = amtool(port, "alert", "add", "amtoolalert", "node=bar", "--annotation=summary=by hand")
    tap.ok(code == 0 and "Warning" not in text, "amtool alert add")
    code, text = amtool(port, "alert", "query", "alertname=amtoolalert")
    tap.ok(code == 0 and "by hand" in text and "active" in text, "amtool alert query finds it")
    code, text = amtool(port, "alert", "query", "alertname=other")
    tap.ok(code == 0 and "by hand" not in text, "and not another")
    code, text = amtool(port, "config", "routes", "show")
    tap.ok(code == 0 and "tocsin" in text, "amtool config routes show")
    code, text = amtool(port, "silence", "query")
    tap.ok(code == 0 and "Warning" not in text, "amtool silence query")
    code, text = amtool(port, "silence", "add", "alertname=foo", "-c", "test", "-d", "1h")
    tap.ok(code != 0 and "403" in text, "amtool silence add without a token is refused")
    code, text = amtool(port, "cluster", "show")
    tap.ok(code == 0, "amtool cluster show")


def silence_ids(text):
    return re.findall(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]+", text)


def silences_change(tap, port, config, whose):
    """amtool silence update: a later end keeps the id, a silence to come may move, what is over comes back anew."""
    tool = [f"--http.config.file={config}"] if config else []
    code, text = amtool(port, *tool, "silence", "add", "alertname=updated", "-c", "first", "-a", "ada", "-d", "1h")
    first = silence_ids(text)
    tap.ok(code == 0 and len(first) == 1, f"{whose}: amtool silence add")
    code, text = amtool(port, *tool, "silence", "update", *first, "-d", "2h", "-c", "second")
    tap.ok(code == 0 and silence_ids(text)[:1] == first and "second" in text, f"{whose}: amtool silence update keeps the id")
    code, text = amtool(port, *tool, "silence", "query", "alertname=updated")
    tap.ok(silence_ids(text) == first and "second" in text, f"{whose}: there is one silence, changed")
    for author in ("ada", "zoe"):  # the token's person, and another
        code, text = amtool(port, *tool, "silence", "add", f"author={author}", "-c", "why", "-a", author, "-d", "1h")
        theirs, comments = silence_ids(text), []
        for duration in ("2h", "3h"):
            comments += [s["comment"] for s in json.loads(amtool(port, *tool, "silence", "query", f"author={author}", "-o", "json")[1])]
            amtool(port, *tool, "silence", "update", *theirs, "-d", duration)
        comments += [s["comment"] for s in json.loads(amtool(port, *tool, "silence", "query", f"author={author}", "-o", "json")[1])]
        tap.ok(len(comments) == 3 and len(set(comments)) == 1 and comments[0] in ("why", "why (by zoe)"),
               f"{whose}: an update without a comment leaves it as it is: {comments}")
    code, text = amtool(port, *tool, "silence", "expire", *first)
    code, text = amtool(port, *tool, "silence", "update", *first, "-d", "2h")
    again = silence_ids(text)
    tap.ok(code == 0 and len(again) == 1 and again != first, f"{whose}: what is over comes back under a new id")
    amtool(port, *tool, "silence", "expire", *again)


def main():
    binary = shutil.which("prometheus-alertmanager")
    if binary is None:
        print("ok 1 - Alertmanager # SKIP prometheus-alertmanager is not installed\n1..1")
        sys.exit(0)
    tap, tocsin = Tap(), Server()
    os.environ["TOCSIN_TEST_TOOL"] = TOKEN
    tocsin.write("site.yaml", tocsin.read("site.yaml") +
                 "tokens: { tool: { secret: { env: TOCSIN_TEST_TOOL }, person: ada, scope: write } }\n")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="tocsin-am-"))
    port = free_port()
    # What no service matches is grouped by its name here as well, and the service is always among the labels.
    (folder / "am.yml").write_text("route: { receiver: tocsin, group_by: [alertname], group_wait: 0s, routes: [ { "
                                   "matchers: ['cluster=~\".+\"'], group_by: [alertname, cluster] } ] }\n"
                                   "receivers: [ { name: tocsin } ]\n")
    tocsin.write("routing.yaml", "rules: [ { name: clusters, match: ['cluster=~\".+\"'], group_by: [alertname, cluster] } ]\n")
    with open(folder / "log", "wb") as log:
        peer = subprocess.Popen([binary, f"--config.file={folder}/am.yml", f"--storage.path={folder}/data",
                                 f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address="], stdout=log, stderr=log)
    try:
        def up():
            try:
                return ask(port, "GET", "/-/ready")[0] == 200
            except OSError:
                return False
        tap.ok(until(up), "Alertmanager is there")
        tap.ok(tocsin.start(), "Tocsin is there")
        compare(tap, port, tocsin.main)
        if shutil.which("amtool"):
            amtool_works(tap, tocsin.main)
            (folder / "http.yml").write_text(f"authorization: {{ type: Bearer, credentials: {TOKEN} }}\n")
            silences_change(tap, port, None, "Alertmanager")
            silences_change(tap, tocsin.main, folder / "http.yml", "Tocsin")
    finally:
        peer.kill()
        peer.wait()
        tocsin.stop()
        tocsin.end()
        if os.environ.get("TOCSIN_KEEP") is None:
            shutil.rmtree(folder)
    tap.end()


main()
