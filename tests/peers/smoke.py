#!/usr/bin/env python3
"""First light from outside: an alert becomes a page by the log channel, the link acknowledges, nothing is lost or doubled
by an orderly restart or by kill -9 of the server or the courier, a reload is whole or not at all (P1-P3, R12, R13)."""
import os
import re
import signal
import subprocess

from serve_kit import Server, Tap, until

tap = Tap()
s = Server()
s.two_teams()


def first_light():
    tap.ok(s.start("--hints"), "it starts and says that it is ready")
    tap.ok("why INC-1" in s.log() and "curl" in s.log(), "the hints name the first two commands")
    tap.ok(s.http("GET", "/-/ready")[0] == 200, "ready")
    tap.ok(s.alert("HighErrorRate") == 200, "an alert is accepted")
    tap.ok(until(lambda: s.pages("INC-1")), "and paged by the log channel")
    tap.ok(s.alerts() == ["HighErrorRate"], "and read back")
    status, incident = s.ask("/api/v1/incidents/1")
    tap.ok(status == 200 and "HighErrorRate" in str(incident), "its incident is shown")
    status, why = s.ask("/api/v1/incidents/1/why")
    tap.ok(status == 200 and "Ada Byron" in str(why), "and who was paged why")
    tap.ok("tocsin_commits_total" in s.http("GET", "/metrics")[1], "metrics are counted")


def the_link():
    link = re.search(r"/a/[A-Za-z0-9_-]+", s.pages("INC-1")[0]["ack_url"])
    if not tap.ok(link is not None, "the page holds a link"):
        return
    status, view = s.http("GET", link.group(0), port=s.responder)
    tap.ok(status == 200 and "INC-1" in view, "the link opens a view")
    tap.ok("Response timeline: 3 of 15 done" in view and "Alert sent to on-call engineer" in view, "with the response timeline")
    tap.ok("Nobody watches Tocsin" in view, "and a banner, as no heartbeat URL is set")
    tap.ok(s.ask("/api/v1/incidents/1")[1]["acknowledged_at"] is None, "looking acknowledges nothing")
    status, view = s.http("POST", link.group(0), port=s.responder, form="")
    tap.ok(status in (200, 303), "posting it acknowledges")
    tap.ok(re.search(r"acknowledges the page <span class=.role.>\d\d:\d\d CES?T by Ada Byron", view),
           "and the check that waits for it is ticked, with who and when") or print("#", view)
    tap.ok(s.ask("/api/v1/incidents/1")[1]["acknowledged_by"]["id"] == "ada", "in her name")
    tap.ok(s.http("GET", "/a/AAAA", port=s.responder)[0] in (400, 403, 404, 410), "a forged link opens nothing")


def kill_and_recover():
    for word, service in (("server", "api"), ("courier", "jobs")):
        before, names = s.child(word), s.alerts()
        before_pages = len(s.pages("HighErrorRate"))
        os.kill(before, signal.SIGKILL)
        tap.ok(until(lambda: s.child(word) != before), f"kill -9 of the {word}: another one is started")
        tap.ok(until(lambda: s.http("GET", "/-/ready")[0] == 200), "and ready again")
        tap.ok(s.alerts() == names, "the accepted alerts exist")
        tap.ok(s.alert(f"After{word}", service) == 200, "the next alert is accepted")
        tap.ok(until(lambda: s.pages(f"After{word}")), "and paged")
        tap.ok(len(s.pages("HighErrorRate")) == before_pages, "what a provider had accepted is not paged again")


def reload_whole_or_not():
    good, procedures = s.read("site.yaml"), s.read("procedures.md")
    s.write("site.yaml", good + "peeple: {}\n")
    s.process.send_signal(signal.SIGHUP)
    tap.ok(until(lambda: "reload failed" in s.log()), "a broken site.yaml is refused")
    tap.ok(s.alert("HighErrorRate") == 200, "and the one before stays in force")
    s.write("site.yaml", good)
    s.write("procedures.md", procedures.replace("after 5 minutes", "after 3 minutes", 1) + "\n")
    s.process.send_signal(signal.SIGHUP)
    tap.ok(until(lambda: "Bundle 2" in s.log()), "changed procedures are another bundle")
    status, answer = s.ask("/api/v1/reload", "POST", {})
    tap.ok(status == 200, f"the command line's reload is answered {status} {answer}")
    s.write("site.yaml", good + "peeple: {}\n")
    status, answer = s.ask("/api/v1/reload", "POST", {})
    tap.ok(400 <= status < 500 and "peeple" in str(answer), "and told what is wrong with the file")
    s.write("site.yaml", good)


def second_server():
    other = subprocess.run(s.command(), capture_output=True, text=True, timeout=60)
    tap.ok(other.returncode != 0 and "--state" in other.stderr, "a second server on the same state is told what to do")
    command = [str(s.dir / "other") if word == str(s.dir / "state") else word for word in s.command()]
    other = subprocess.run(command, capture_output=True, text=True, timeout=60)
    tap.ok(other.returncode != 0 and "another address" in other.stderr, "and one on the same address too")


def stop_and_start():
    sent = len(s.sent())
    tap.ok(s.stop() == 0, "SIGTERM: it ends with 0")
    tap.ok("stopped in order" in s.log(), "in order")
    tap.ok(s.start(), "it starts again")
    tap.ok(re.search(r"recovered [1-9]\d* open incidents", s.log()), "with its incidents")
    tap.ok(s.alert("AfterRestart", "web") == 200 and until(lambda: s.pages("AfterRestart")), "and goes on paging")
    tap.ok(len([p for p in s.sent() if "AfterRestart" not in p["text"]]) == sent, "a planned restart repeats nothing")


def one_process():
    s.stop()
    tap.ok(s.start("--one-process"), "all of it in one process")
    tap.ok(s.alert("Together", "billing") == 200 and until(lambda: s.pages("Together")), "pages too")
    tap.ok(s.stop() == 0, "and stops in order")


def broken_document():
    s.stop()
    (s.dir / "procedures.md").write_bytes(b"# Emergency Procedures \xff\n")
    started = s.start()
    tap.ok(started and "runs on" in s.log(), "a broken document: the last active bundle runs, loudly")
    tap.ok(s.stop() == 0, "and stops in order")


try:
    first_light()
    the_link()
    kill_and_recover()
    reload_whole_or_not()
    second_server()
    stop_and_start()
    one_process()
    broken_document()
finally:
    if tap.failed:
        print("\n".join("# " + line for line in s.log().splitlines()[-60:]))
    s.end()
tap.end()
