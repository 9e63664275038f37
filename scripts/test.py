"""`make test`: what the tests need of the system, then every test, two at a time, on a PostgreSQL of their own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from kefu.kernel.for_tests import DEBIAN_PACKAGES, NEEDS, is_there

ROOT = Path(__file__).resolve().parents[1]


def main(arguments: list[str]) -> int:
    missing = [DEBIAN_PACKAGES[marker] for marker, signs in NEEDS.items() if not any(is_there(sign) for sign in signs)]
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        _install(" ".join(missing).split())
    command = [sys.executable, "-m", "pytest", *(arguments or ["-n", "2", "--dist", "loadgroup"])]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def _install(packages: list[str]) -> None:
    print(f"Installing the Debian packages {' '.join(packages)} for the browser and mail tests", flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "-q", "update"],
        ["apt-get", "-qy", "install", "--no-install-recommends", *packages],
    ):
        done = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:  # e.g. no network: the tests that need them are skipped, loudly
            print(f"{' '.join(command)} failed:\n{(done.stdout + done.stderr)[-800:]}", flush=True)
            return


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
