"""first.py - first notifications: from an alert's bytes to the provider's first word of it, one after the other.

Each alert opens a group of its own and is for a person of its own, over a connection that stays (Prometheus keeps one).
The clock starts when the request's last byte is handed to the kernel and stops when the provider has its first line:
what Python costs in between is measured against the provider itself in the place of a server, and printed."""
import http.client
import json
import random
import socket
import time

import rig

WARM_S = 1.5  # ready is not yet idle; and the loader's thousand alerts are known by then, their own notifications out
PAUSES_MS = (20, 80)  # not in step with the loader


def write_alert(to, port, mark, person):
    body = json.dumps([{"labels": {"alertname": mark, "cluster": mark, "service": f"s{person}", "severity": "warning"}}])
    request = (f"POST /api/v2/alerts HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
               f"Content-Length: {len(body)}\r\n\r\n{body}").encode()
    began = time.monotonic()
    to.sendall(request)
    return began


def read_answer(to):
    r = http.client.HTTPResponse(to, method="POST")
    r.begin()
    r.read()
    return r.status


def one(to, port, hook, person):
    """Seconds until the provider knew, or None. The answer is read afterwards: reading it would take the time of both."""
    mark = f"mark-{time.monotonic_ns()}"

    def told():
        return [at for at, body in reversed(hook.seen[-20:]) if mark in body]

    began = write_alert(to, port, mark, person)
    with hook.changed:
        hook.changed.wait_for(told, 10)
        at = told()
    return at[0] - began if at and read_answer(to) == 200 else None


def figures(waits, requests):
    waits = sorted(w for w in waits if w is not None)
    if not waits:
        return {"lost": requests}
    return {"p50_ms": waits[len(waits) // 2] * 1e3, "p99_ms": waits[-(-len(waits) * 99 // 100) - 1] * 1e3,
            "lost": requests - len(waits)}


def series(port, hook, requests, pauses=None):
    """Person 0 gets what the loader's alerts lead to. Nobody else gets four in a minute, which would be bundled."""
    waits, pause = [], random.Random(1)
    with socket.create_connection(("127.0.0.1", port), timeout=60) as to:
        to.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for n in range(requests):
            waits.append(one(to, port, hook, 1 + n % (rig.PEOPLE - 1)))
            if pauses:
                time.sleep(pause.uniform(*pauses) / 1e3)
    return figures(waits, requests)


def idle(peer, hook, requests=40):
    time.sleep(WARM_S)
    return series(peer.port, hook, requests)


def under_load(peer, hook, requests=120, rate=1000):
    """The loader re-sends five alerts a request beside it, evenly, whether or not the answers come."""
    seconds = int(WARM_S + requests * 0.07) + 1
    with rig.Loader(peer.port, seconds, 5, "resent", rate=rate) as loader:
        time.sleep(WARM_S)
        result = series(peer.port, hook, requests, PAUSES_MS)
        loaded = loader.result()
    return dict(result, refused=loaded["refused"], requests_per_s=loaded["requests"] / loaded["seconds"], loader_p99_us=loaded["p99_us"])
