"""page_kit.py - for tests that follow a page of docs/: its fences, the program as its reader calls it, TAP."""
import os
import pathlib
import re
import subprocess
import sys

SOURCE = pathlib.Path(os.environ["TOCSIN_SOURCE"])
BINARY = pathlib.Path(os.environ["TOCSIN_BINARY"])
results = []


def page(name):
    return (SOURCE / "docs" / name).read_text(encoding="utf-8")


def fences(text):
    """(info, content) of each fence that has an info."""
    return re.findall(r"^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def ok(good, name, why=""):
    results.append(bool(good))
    print(f"{'ok' if good else 'not ok'} {len(results)} - {name}")
    for line in why.splitlines() if not good else ():
        print("#   " + line)


def run(folder, *words, **environment):
    """(exit status, both outputs), with tocsin in the PATH."""
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=200,
                          env={"PATH": f"{BINARY.parent}:{os.environ['PATH']}", "TZ": "UTC", "HOME": str(folder), **environment})
    return done.returncode, done.stdout + done.stderr


def end(enough):
    print(f"1..{len(results)}")
    sys.exit(0 if all(results) and len(results) >= enough else 1)
