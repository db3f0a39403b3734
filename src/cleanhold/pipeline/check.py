"""check: one file against one contract, without a workspace."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl

from cleanhold.core.account import Account
from cleanhold.core.contract import Contract
from cleanhold.core.extract import hashing
from cleanhold.core.reading import Progress, Reader
from cleanhold.errors import UsageError
from cleanhold.pipeline.divide import divide
from cleanhold.plan.execute import CheckCount
from cleanhold.plan.facts import DatasetFinding, stops


@dataclass(frozen=True, slots=True)
class RefusalCount:
    """How many records were refused for one reason.

    Attributes:
        first: number of the first of them.
        message: why that one was refused.
    """

    code: str
    records: int
    first: int
    message: str


@dataclass(frozen=True, slots=True)
class Report:
    """What `check_file` found.

    Attributes:
        files: `clean`, `held`, `warned`, `refused` → path; empty if they were not kept.
        seconds: wall time.
        dataset_findings: what is wrong with all rows together.
        encoding: how text was decoded; None for typed formats.
        refusals: why records were refused, the commonest reason first.
    """

    contract: Contract
    account: Account
    checks: tuple[CheckCount, ...]
    notes: tuple[str, ...]
    files: Mapping[str, Path]
    seconds: float
    dataset_findings: tuple[DatasetFinding, ...] = ()
    encoding: str | None = None
    refusals: tuple[RefusalCount, ...] = ()

    @property
    def held_back(self) -> bool:
        """Whether a row was held or refused, or all of them together are not good enough."""
        return bool(self.account.held or self.account.refused or stops(self.dataset_findings))

    def as_dict(self) -> dict[str, Any]:
        """The JSON form, as `cleanhold check --json` prints it."""
        return {
            "records": self.account.records,
            "clean": self.account.clean,
            "held": self.account.held,
            "refused": self.account.refused,
            "warned": self.account.warned,
            "refusals": [asdict(r) for r in self.refusals],
            "checks": [c.as_dict() for c in self.checks],
            "contract": self.contract.dataset,
            "version": self.contract.version,
            "dataset_findings": [f.as_dict() for f in self.dataset_findings],
            "encoding": self.encoding,
            "notes": list(self.notes),
            "files": {name: str(path) for name, path in self.files.items()},
            "seconds": round(self.seconds, 3),
        }


def check_file(
    path: Path | str,
    contract: Contract,
    reader: Reader,
    *,
    out: Path | None = None,
    tables: Mapping[str, pl.LazyFrame] | None = None,
    progress: Progress | None = None,
    identity: Callable[[], str] | None = None,
) -> Report:
    """Divide one file into clean, held and refused under a contract.

    Args:
        path: the file.
        contract: what its rows promise.
        reader: its format.
        out: folder for `clean.parquet`, `held.parquet`, `warned.parquet`, `refused.parquet`;
            created if missing. They appear only when all of them are complete. None keeps none.
        tables: dataset → table, for the contract's references; the contract's own dataset, as it
            was published, for checks of changes.
        progress: called with bytes read.
        identity: gives the file's SHA-256, if somebody is `hashing` it already.

    Raises:
        UsageError: there is no such file, or `out` cannot be a folder.
        DeliveryError: the file is not of the reader's format.
        ContractError: the contract does not fit the file's columns.
    """
    started, path = time.monotonic(), Path(path)
    if not path.is_file():
        raise UsageError(f"there is no file {path}", next="check the path")
    if out is not None:
        _require_folder(out)
    with tempfile.TemporaryDirectory(prefix=".cleanhold-", dir=out) as scratch:
        split = divide(
            path,
            reader,
            contract,
            identity=identity or hashing(path),
            into=Path(scratch),
            tables=tables or {},
            published=(tables or {}).get(contract.dataset),
            held_as_json=False,
            progress=progress,
        )
        refusals = _refusals(split.refused) if split.account.refused else ()
        made = {
            "clean": split.clean,
            "held": split.held,
            "warned": split.warned,
            "refused": split.refused,
        }
        files = _keep(made, out) if out is not None else {}
    return Report(
        contract=contract,
        account=split.account,
        checks=split.checks,
        notes=split.notes,
        encoding=split.encoding,
        files=files,
        seconds=time.monotonic() - started,
        dataset_findings=split.dataset_findings,
        refusals=refusals,
    )


def _refusals(refused: Path) -> tuple[RefusalCount, ...]:
    by_code = (
        pl.scan_parquet(refused, glob=False)
        .group_by("code")
        .agg(
            pl.len().alias("records"),
            pl.col("record").min().alias("first"),
            pl.col("message").sort_by("record").first(),
        )
        .sort(-pl.col("records").cast(pl.Int64), "code")
    )
    return tuple(RefusalCount(*row) for row in by_code.collect().rows())


def _require_folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unusable(out, error) from error


def _keep(made: Mapping[str, Path], out: Path) -> dict[str, Path]:
    kept = {name: out / f"{name}.parquet" for name in made}
    try:
        for name, path in made.items():
            path.replace(kept[name])
    except OSError as error:
        raise _unusable(out, error) from error
    return kept


def _unusable(out: Path, error: OSError) -> UsageError:
    return UsageError(
        f"{out} cannot take the results: {error.strerror}", next="give --out another folder"
    )
