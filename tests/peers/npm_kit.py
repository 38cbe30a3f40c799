"""npm_kit.py - programs of the npm registry to test against: installed once into the build folder, never committed.

Versions are pinned. No registry, no npm, no time left: the test is skipped, and says why."""
import os
import pathlib
import shutil
import subprocess
import sys

BUILD = pathlib.Path(os.environ.get("TOCSIN_BUILD", "build")).resolve()
FOLDER = BUILD / "npm-peers"
NODE = "node@24.21.0"


def skip(why):
    print(f"ok 1 - # SKIP {why}\n1..1")
    sys.exit(0)


def present(package):
    name, _, version = package.rpartition("@")
    manifest = FOLDER / "node_modules" / name / "package.json"
    return manifest.exists() and f'"version": "{version}"' in manifest.read_text(encoding="utf-8")


def system_node_has(feature):
    module, _, name = feature.partition(".")
    word = f"process.exit(require('{module}').{name} ? 0 : 1)"
    return shutil.which("node") is not None and subprocess.run(["node", "-e", word], check=False).returncode == 0


def install(*packages, needs):
    """The folder whose node_modules holds them; ends the test as skipped where they cannot be had. `needs` is what Node
    must have ("module.name"): an older one is not used, a newer one is installed beside the packages, by its own
    installation script (no other package's script is ever run)."""
    scripts = ["--ignore-scripts"]
    if not system_node_has(needs):
        packages, scripts = [*packages, NODE], []
    missing = [p for p in packages if not present(p)]
    if missing and shutil.which("npm") is None:
        skip("npm is not installed")
    if missing:
        FOLDER.mkdir(parents=True, exist_ok=True)
        (FOLDER / "package.json").write_text('{ "private": true }\n', encoding="utf-8")
        try:
            done = subprocess.run(["npm", "install", "--prefix", str(FOLDER), *scripts, "--no-audit", "--no-fund",
                                   "--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--fetch-timeout=30000",
                                   "--no-save", "--no-package-lock", *sorted(packages)],
                                  capture_output=True, text=True, timeout=100, cwd=FOLDER)
        except subprocess.TimeoutExpired:
            skip("the npm registry does not answer in time")
        if done.returncode != 0:
            errors = [line for line in done.stderr.splitlines() if line.startswith("npm error")]
            skip("npm cannot install " + " ".join(missing) + ": " + " ".join(errors[:2]))
    return FOLDER


def node():
    """The one installed beside the packages, else the system's."""
    own = FOLDER / "node_modules" / ".bin" / "node"
    return str(own if own.exists() else shutil.which("node"))
