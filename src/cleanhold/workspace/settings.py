"""Settings of a workspace: `[tool.cleanhold]` in its pyproject.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from cleanhold.core.anchoring import Anchoring
from cleanhold.core.cost import Prices
from cleanhold.core.gate import Gates
from cleanhold.core.limits import Limits, parse_size
from cleanhold.core.retention import Retention
from cleanhold.core.span import parse_span
from cleanhold.errors import WorkspaceError
from cleanhold.plan.nulls import texts
from cleanhold.workspace.gates_settings import gates_of
from cleanhold.workspace.known import require_known
from cleanhold.workspace.log_settings import Signing, anchoring_of, signing_of
from cleanhold.workspace.price_settings import prices_of
from cleanhold.workspace.retention_settings import retention_of

FILE = "pyproject.toml"

#: A process that is not heard of for so many seconds is taken for dead; fewer than `LEAST_LEASE`
#: would take a busy one for it.
DEFAULT_LEASE, LEAST_LEASE = 300.0, 10.0


@dataclass(frozen=True, slots=True)
class Settings:
    """What a workspace can set; all have defaults.

    Attributes:
        name: of the workspace; the job namespace of its lineage.
        state: folder for the ledger, extracts, snapshots and quarantine.
        ledger: URL of a ledger that is not in that folder; see `ledger_url`.
        lease: seconds that a run keeps its dataset after its process was last heard of.
        contracts: folder with one contract file per dataset.
        sources: file that declares the sources.
        features: file that declares the feature tables.
        naming: file that says what lineage calls things.
        nulls: texts that mean "no value" in contracts that do not say; None says nothing.
        limits: what a delivery may be at most: `[tool.cleanhold.limits]`.
        retention: what is kept of the snapshots: `[tool.cleanhold.retention]`.
        prices: what runs and storage cost: `[tool.cleanhold.prices]`.
        gates: what production asks, and of which datasets: `[tool.cleanhold.gates]`.
        pages: URL at which the pages in the state folder are served; flow runs link there.
        anchor: where the end of the audit log is noted outside: `[tool.cleanhold.anchor]`.
        signing: who signs what is published: `[tool.cleanhold.signing]`.
    """

    name: str = "workspace"
    state: str = ".cleanhold"
    ledger: str = field(default="", repr=False)  # it may hold a password
    lease: float = DEFAULT_LEASE
    contracts: str = "contracts"
    sources: str = "flows/sources.py"
    features: str = "flows/features.py"
    naming: str = "lineage/naming.py"
    nulls: tuple[str, ...] | None = None
    limits: Limits = field(default_factory=Limits)
    retention: Retention = field(default_factory=Retention)
    prices: Prices = field(default_factory=Prices)
    gates: Gates = field(default_factory=Gates)
    pages: str = ""
    anchor: Anchoring = field(default_factory=Anchoring)
    signing: Signing = field(default_factory=Signing)


_NAMES = [f.name for f in fields(Settings)]


def read_settings(root: Path) -> Settings:
    """The settings of the workspace at `root`.

    Raises:
        WorkspaceError: the file is missing, is not TOML, or sets something unknown.
    """
    table = cleanhold_table(root / FILE)
    if table is None:
        raise WorkspaceError(
            f"{root / FILE} has no [tool.cleanhold]",
            next="run `cleanhold init DIR` to make a workspace, or add the table",
        )
    table = dict(table)
    limits = _limits(table.pop("limits", {}), f"{root / FILE}, [tool.cleanhold.limits]")
    retention = retention_of(table.pop("retention", {}), str(root / FILE))
    prices = prices_of(table.pop("prices", {}), str(root / FILE))
    gates = gates_of(table.pop("gates", {}), str(root / FILE))
    anchor = anchoring_of(table.pop("anchor", {}), root, root / FILE)
    signing = signing_of(table.pop("signing", {}), root, root / FILE)
    nulls = texts(table.pop("nulls"), root / FILE) if "nulls" in table else None
    lease = _lease(table.pop("lease", None), f"{root / FILE}, [tool.cleanhold]")
    for name, value in table.items():
        require_known(name, _NAMES, f"{root / FILE}, [tool.cleanhold]")
        if not isinstance(value, str) or not value:
            raise WorkspaceError(
                f"the setting {name!r} must be a text, not {value!r}",
                where=f"{root / FILE}, [tool.cleanhold]",
                next=f'write {name} = "…"',
            )
    return Settings(
        **table,
        nulls=nulls,
        limits=limits,
        lease=lease,
        retention=retention,
        prices=prices,
        gates=gates,
        anchor=anchor,
        signing=signing,
    )


def limits_near(start: Path) -> Limits:
    """The limits of the workspace at or above a folder; the defaults where there is none."""
    try:
        root = find_root(start)
    except WorkspaceError:
        return Limits()
    return read_settings(root).limits


def _lease(value: object, where: str) -> float:
    if value is None:
        return DEFAULT_LEASE
    seconds = parse_span(value) if isinstance(value, str) else None
    if seconds is None or seconds < LEAST_LEASE:
        raise WorkspaceError(
            f"the lease cannot be {value!r}",
            where=where,
            next=f'write lease = "5min": at least {LEAST_LEASE:.0f} s',
        )
    return seconds


def _limits(table: object, where: str) -> Limits:
    if not isinstance(table, dict):
        raise WorkspaceError(f"`limits` must be a table, not {table!r}", where=where)
    values: dict[str, int] = {}
    for name, value in table.items():
        require_known(name, [f.name for f in fields(Limits)], where)
        is_size = name in ("delivery", "unpacked")
        number = parse_size(value) if is_size and isinstance(value, str) else value
        if isinstance(number, bool) or not isinstance(number, int) or number < 1:
            example = f'{name} = "20GB"' if is_size else f"{name} = 500"
            raise WorkspaceError(
                f"the limit {name!r} cannot be {value!r}", where=where, next=f"write {example}"
            )
        values[name] = number
    return Limits(**values)


def cleanhold_table(file: Path) -> dict[str, Any] | None:
    """`[tool.cleanhold]` of a pyproject.toml; None if there is no file or no table."""
    if not file.is_file():
        return None
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WorkspaceError(f"{file} is not valid TOML: {error}", next="mend that line") from error
    table = document.get("tool", {}).get("cleanhold")
    return table if isinstance(table, dict) else None


def find_root(start: Path) -> Path:
    """The nearest folder at or above `start` that is a workspace.

    Raises:
        WorkspaceError: there is none.
    """
    start = start.resolve()
    if not start.is_dir():
        raise WorkspaceError(f"there is no folder {start}", next="check the path")
    for folder in (start, *start.parents):
        if cleanhold_table(folder / FILE) is not None:
            return folder
    raise WorkspaceError(
        f"{start} is not in a workspace: no pyproject.toml here or above has [tool.cleanhold]",
        next="change to a workspace, name one with --workspace DIR, "
        "or make one with `cleanhold init DIR`",
    )
