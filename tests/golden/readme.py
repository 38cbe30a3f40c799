#!/usr/bin/python3
"""readme.py - the README's first hour: each command that it shows is run in its order against the examples, and prints what
is shown there (`…` stands for the rest of a line, or alone for any lines). Clock times, waits, and who is on duty this week
may differ."""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time

import page_kit
from page_kit import BINARY, SOURCE, ok

TEXT = (SOURCE / "README.md").read_text(encoding="utf-8")
PEOPLE = re.findall(r"^    name: (\w+ \w+)$", (SOURCE / "examples/site.yaml").read_text(encoding="utf-8"), re.MULTILINE)
folder = pathlib.Path(tempfile.mkdtemp())


def sessions():
    """(command, printed lines) of each `$ …` in the indented blocks."""
    for block in re.findall(r"(?:^(?:    .*)?\n)+", TEXT, re.MULTILINE):
        for part in re.split(r"^    \$ ", block, flags=re.MULTILINE)[1:]:
            command, *lines = [line.removeprefix("    ") for line in part.rstrip().split("\n")]
            yield command, [line for line in lines if line]


def shape(line):
    line = re.sub(r"\d\d:\d\d:\d\d", "HH:MM:SS", line)
    line = re.sub(r"\b\d+s\b +", "WAIT ", line)
    line = re.sub(r"turn \d+", "turn N", line)
    line = re.sub(r"\+\d[\d ]+\d", "NUMBER", line)
    return re.sub("|".join(map(re.escape, PEOPLE)), "SOMEBODY", line)


def as_shown(shown, printed):
    """Line by line, blank ones left out."""
    pattern = "".join("(?:.*\n)*" if line == "…" else re.escape(shape(line)).replace("…", ".*") + "\n" for line in shown)
    return re.fullmatch(pattern, "".join(shape(line) + "\n" for line in printed if line)) is not None


def serve():
    """The server of `make run`, on ports that the kernel chooses."""
    (folder / "build").mkdir()
    (folder / "build/tocsin").symlink_to(BINARY)
    shutil.copytree(SOURCE / "examples", folder / "examples")
    site = folder / "examples/site.yaml"
    site.write_text(re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:0", site.read_text(encoding="utf-8")), encoding="utf-8")
    return subprocess.Popen(["build/tocsin", "serve", "--site", "examples/site.yaml", "--state", "build/state"], cwd=folder,
                            stdout=subprocess.DEVNULL, stderr=open(folder / "log", "wb"))


def run(command, environment):
    return page_kit.run(folder, "sh", "-c", command, **environment)[1].splitlines()


def until(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)


server = serve()
try:
    socket = folder / "build/state/tocsin.sock"
    until(socket.exists)
    environment = {}
    for command, shown in sessions():
        if command.startswith("export "):
            name, value = command.removeprefix("export ").split("=")
            environment[name] = value.replace("$PWD", str(folder))
            continue
        if " why " in command:  # the provider's answer comes after the page
            until(lambda: as_shown(shown, run(command, environment)))
        printed = run(command, environment)
        ok(as_shown(shown, printed), command, "\n".join(printed))
finally:
    server.terminate()
    server.wait(30)
    shutil.rmtree(folder)
page_kit.end(5)
