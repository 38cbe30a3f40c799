#!/usr/bin/env python3
"""storm.py - what happens on the worst day, against the real program: R154's storm, and 10,000 open incidents.

A storm: 100,000 alerts in 60 s that make 500 incidents for 50 people, ten of them SEV1. Every request must be answered 2xx
or 503, what was answered 2xx must be there afterwards, nobody may get more than three messages in the first minute.
Run as a test, a tenth of the size, these counts are judged (TAP) and no time is; tools/bench prints the times as well.
usage: storm.py"""
import http.client
import json
import queue
import sys
import threading
import time

import rig

SEVERITIES = ["sev1"] * 1 + ["critical"] * 9 + ["warning"] * 25 + ["ticket"] * 15  # of 50 incidents


def alert(n, incidents):
    group = n % incidents
    return {"labels": {"alertname": "Storm", "cluster": f"g{group}", "instance": f"h{n}:9100", "service": f"s{group % rig.PEOPLE}",
                       "severity": SEVERITIES[group // 10 % len(SEVERITIES)]},
            "annotations": {"summary": f"storm in group {group}"},
            "endsAt": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))}


def send_all(port, alerts, incidents, seconds, connections=16, batch=5):
    """Posts at an even pace; returns [(answered at, status, first alert)] and when it began."""
    work, answers, began = queue.Queue(), [], time.monotonic()

    def worker():
        c = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while (n := work.get()) is not None:
            c.request("POST", "/api/v2/alerts", json.dumps([alert(k, incidents) for k in range(n, n + batch)]),
                      {"Content-Type": "application/json"})
            r = c.getresponse()
            r.read()
            answers.append((time.monotonic(), r.status, n))
        c.close()

    threads = [threading.Thread(target=worker) for _ in range(connections)]
    for t in threads:
        t.start()
    for n in range(0, alerts, batch):
        ahead = began + seconds * n / alerts - time.monotonic()
        if ahead > 0:
            time.sleep(ahead)
        work.put(n)
    for _ in threads:
        work.put(None)
    for t in threads:
        t.join()
    return answers, began


def first_page(hook, began):
    """Seconds from the storm's first alert, which is SEV1, to the provider's first page of a SEV1 incident."""
    for at, body in hook.seen:
        said = json.loads(body)
        if said["type"] == "tocsin.page" and said["data"]["severity"] == 1:
            return at - began
    return None


def most_messages(hook, began):
    """What one person got at most in the storm's first minute."""
    got = {}
    for at, body in hook.seen:
        if at - began <= 60:
            to = json.loads(body)["data"]["to"]
            if not to.startswith("#"):  # a channel is nobody's telephone
                got[to] = got.get(to, 0) + 1
    return max(got.values(), default=0)


def listed(peer):
    c = http.client.HTTPConnection("127.0.0.1", peer.port, timeout=60)
    c.request("GET", "/api/v2/alerts")
    names = {a["labels"]["instance"] for a in json.loads(c.getresponse().read())}
    c.close()
    return names


def storm(peer, hook, alerts=100000, incidents=500, seconds=60):
    hook.seen.clear()
    answers, began = send_all(peer.port, alerts, incidents, seconds)
    sent_s = time.monotonic() - began
    time.sleep(max(0.0, began + min(61, seconds + 3) - time.monotonic()))  # the last pages may be under way
    taken = {f"h{k}:9100" for _, status, n in answers if status == 200 for k in range(n, n + 5)}
    statuses = {}
    for _, status, _ in answers:
        statuses[status] = statuses.get(status, 0) + 1
    return {"answers": statuses, "taken": len(taken), "lost": len(taken - listed(peer)), "sent_s": sent_s,
            "first_sev1_page_s": first_page(hook, began), "most_messages_a_person": most_messages(hook, began),
            "messages": len(hook.seen), "memory_mib": peer.memory_mib()}


def ten_thousand(peer, hook, total=10000, acknowledged=500):
    """Opens incidents, one an alert, then acknowledges some one after the other: ms each, sorted."""
    for n in range(0, total, 100):
        peer.post([{"labels": {"alertname": f"Open{k}", "cluster": f"c{k}", "service": f"s{k % rig.PEOPLE}", "severity": "warning"},
                    "endsAt": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))} for k in range(n, n + 100)])
    c = http.client.HTTPConnection("127.0.0.1", peer.port, timeout=60)
    waits, failed = [], 0
    for n in range(1, total + 1, total // acknowledged):
        began = time.monotonic()
        c.request("POST", f"/api/v1/incidents/INC-{n}/ack", "{}", {"Authorization": f"Bearer {rig.TOKEN}", "Content-Type": "application/json"})
        r = c.getresponse()
        r.read()
        waits.append((time.monotonic() - began) * 1e3)
        failed += r.status != 200
    c.close()
    waits.sort()
    return {"ack_p50_ms": waits[len(waits) // 2], "ack_p99_ms": waits[len(waits) * 99 // 100], "failed": failed, "memory_mib": peer.memory_mib()}


def check():
    hook, failed = rig.Hook(), 0
    small = rig.fresh(rig.Tocsin, hook, lambda p: storm(p, hook, alerts=10000, seconds=6))
    print(f"# {json.dumps(small)}")
    rows = [("R154: every request is answered 2xx or 503", set(small["answers"]) <= {200, 503}),
            ("R154: nothing that was answered 2xx is lost", small["taken"] > 0 and small["lost"] == 0),
            ("R154: a SEV1 page left", small["first_sev1_page_s"] is not None),
            ("R154: at most three messages a person in the first minute", 1 <= small["most_messages_a_person"] <= 3)]
    for n, (what, good) in enumerate(rows, 1):
        print(f"{'ok' if good else 'not ok'} {n} - {what}")
        failed += not good
    print(f"1..{len(rows)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(check())
