"""Build .venv from pinned versions: `venv.py run` for using Kefu, `venv.py dev` for its tests and checks.

Uses the standard library alone. The project itself is not installed but linked (a .pth file and a small script), so
nothing has to be built and an edit is live at once.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"


def main(kind: str) -> None:
    pins = ROOT / "requirements" / f"{kind}.txt"
    began = time.monotonic()
    if not _works(PYTHON):
        _make_venv()
    count = sum(1 for line in pins.read_text().splitlines() if line and not line.startswith("#"))
    print(f"Installing {count} pinned packages from requirements/{pins.name} (the first time takes about a minute)")
    _install(pins, count)
    _link()
    # dev.txt holds all of run.txt, so both stamps are new
    for stamp in ["run", "dev"] if kind == "dev" else ["run"]:
        (VENV / f"{stamp}.stamp").touch()
    print(f"The virtual environment stands after {time.monotonic() - began:.0f} s.")


def _works(python: Path) -> bool:
    """False also when the Python that the environment was made from has gone or is too old."""
    if not python.exists():
        return False
    newer = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    return subprocess.run([str(python), "-c", newer], capture_output=True, check=False).returncode == 0


def _make_venv() -> None:
    try:
        import ensurepip  # noqa: F401  Debian splits it off into python3-venv
    except ImportError:
        _install_debian_venv()
    print(f"Making .venv with Python {sys.version.split()[0]}")
    if VENV.exists():
        shutil.rmtree(VENV)
    subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)


def _install_debian_venv() -> None:
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        sys.exit(f"This Python cannot make virtual environments. Install the package {package} and try again.")
    print(f"Installing the Debian package {package}")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "-q", "update"], ["apt-get", "-qy", "install", "--no-install-recommends", package]):
        subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)


def _install(pins: Path, count: int) -> None:
    command = [
        str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--no-deps",
        "--requirement", str(pins),
    ]  # fmt: skip
    pip = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    said, done = [], 0
    for line in pip.stdout or []:
        said.append(line)
        if line.startswith(("Collecting", "Requirement already satisfied")):
            done += 1
            _progress(f"  {min(done, count)} of {count} fetched")
        elif line.startswith("Installing collected"):
            _progress("  unpacking                ")
    if sys.stdout.isatty():
        print()
    if pip.wait() != 0:
        sys.stdout.writelines(said[-25:])
        sys.exit("The packages could not be installed; the lines above say why (is the package index in reach?).")


def _progress(text: str) -> None:
    if sys.stdout.isatty():
        print(f"\r{text}", end="", flush=True)


def _link() -> None:
    version = subprocess.run(
        [str(PYTHON), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    (Path(version.stdout.strip()) / "kefu.pth").write_text(f"{ROOT}\n")
    script = VENV / "bin" / "kefu"
    # `exec` through sh: a path with blanks or of more than 127 characters is no good after #!
    script.write_text('#!/bin/sh\nexec "$(dirname "$0")/python" -m kefu "$@"\n')
    script.chmod(0o755)


if __name__ == "__main__":
    main(sys.argv[1])
