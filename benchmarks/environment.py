"""An environment of their own for peers that cleanhold does not depend on, made on first use."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PLACE = ROOT / ".venv-peers"
PYTHON = PLACE / ("Scripts" if sys.platform == "win32" else "bin") / "python"
#: The first makes both sides run on the same Polars, DuckDB and pandas.
PINS = (ROOT / "constraints.txt", ROOT / "benchmarks" / "peers" / "requirements.txt")


def install(packages: tuple[str, ...]) -> str | None:
    """Have these packages there, at their pins; say why not, if they cannot be had."""
    stamp = PLACE / f".installed-{packages[0]}"
    pins = "".join(file.read_text(encoding="utf-8") for file in PINS) + " ".join(packages)
    if stamp.exists() and stamp.read_text(encoding="utf-8") == pins:
        return None
    print(f"installing {', '.join(packages)} into {PLACE.name}", file=sys.stderr)
    constraints = [word for file in PINS for word in ("-c", str(file))]
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    problem = _made() or _ran([*pip, *constraints, *packages])
    if problem is None:
        stamp.write_text(pins, encoding="utf-8")
    return problem


def _made() -> str | None:
    return None if PYTHON.exists() else _ran([sys.executable, "-m", "venv", str(PLACE)])


def _ran(command: list[str]) -> str | None:
    """Nothing, or the first error that a command told."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return None
    lines = [line for line in (done.stderr + done.stdout).splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR")]
    return (errors or lines[-1:] or [f"ended with {done.returncode}"])[0]
