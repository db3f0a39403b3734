"""What a process costs, and the two commands that every comparison starts from."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import extract

HERE = Path(__file__).parent
#: How `cleanhold check` ends: all is clean, or something is held.
CHECKED = (0, 1)


@dataclass(frozen=True)
class Cost:
    """What one process took."""

    wall: float
    cpu: float
    peak: float  # MiB


class Failed(Exception):
    """A command that failed, with the last thing it said."""


def cost(
    command: list[str],
    environment: Mapping[str, str] | None = None,
    good: tuple[int, ...] = (0,),
) -> tuple[Cost, bytes]:
    """Run a command that must end with a good code; give its cost and what it printed."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "cost.json"
        alone = [sys.executable, "-S", str(HERE / "alone.py"), str(file), *command]
        done = subprocess.run(alone, capture_output=True, env=environment, check=False)
        took = json.loads(file.read_bytes()) if file.exists() else {"code": done.returncode}
    if took["code"] not in good:
        raise Failed(reason(done.stderr, took["code"]))
    return Cost(took["wall"], took["cpu"], took["peak"]), done.stdout


def reason(said: bytes, code: int) -> str:
    """The last line that a failed command said, else how it ended."""
    lines = [line.strip() for line in said.decode(errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else f"ended with {code}"


def best(costs: Iterable[Cost]) -> Cost:
    """The least of each measure."""
    return Cost(*(min(measured) for measured in zip(*map(_measures, costs), strict=True)))


def _measures(one: Cost) -> tuple[float, float, float]:
    return one.wall, one.cpu, one.peak


def made(rows: int, folder: Path) -> tuple[Path, Path]:
    """A seeded extract and the accounts it refers to."""
    file, accounts = folder / "opportunities.csv", folder / "accounts.parquet"
    extract.write(rows, file)
    extract.accounts().write_parquet(accounts)
    return file, accounts


def floor(file: Path, work: Path) -> list[str]:
    """The job without checks."""
    return [sys.executable, str(HERE / "floor.py"), str(file), str(work / "floor.parquet")]


def check(file: Path, accounts: Path, out: Path) -> list[str]:
    """`cleanhold check` of the extract."""
    return [
        *(sys.executable, "-m", "cleanhold", "check", str(file), "--json"),
        *("--contract", str(HERE / "contract.py"), "--out", str(out)),
        *("--reference", f"bench.accounts={accounts}"),
    ]
