"""What the batch plan finds on records, and records that try it hard."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from cleanhold.core.check import Kind
from cleanhold.core.contract import Contract
from cleanhold.core.reading import LENGTH, OFFSET, RECORD
from cleanhold.online.verdict import Finding, Verdict
from cleanhold.plan.binding import RAW
from cleanhold.plan.execute import compile_plan
from cleanhold.plan.findings import Tally, explain
from cleanhold.plan.keys import candidates, presumed, reference_keys
from cleanhold.plan.load import load_contracts
from cleanhold.plan.plan import WHOLE_COLUMNS

ROOT = Path(__file__).parents[3]
FILES = sorted([*(ROOT / "contracts").glob("*.py"), ROOT / "benchmarks" / "contract.py"])


def contracts() -> list[Contract]:
    """The contracts of the reference workspace and of the benchmark."""
    return [c for path in FILES for c in load_contracts(path).values()]


def batch_plan(
    contract: Contract,
    frame: pl.DataFrame,
    tables: Mapping[str, pl.LazyFrame],
    *,
    alone: bool,
) -> list[tuple[tuple[Finding, ...], dict[str, Any]]]:
    """Findings and values of each row by the batch plan, but for checks that need a whole extract.

    Args:
        alone: as if each row were an extract of its own: nothing is a duplicate.
    """
    plan = compile_plan(contract, dict(frame.schema))
    span = {n: pl.int_range(1, frame.height + 1, dtype=pl.UInt64) for n in (RECORD, OFFSET, LENGTH)}
    rows = frame.rename({n: RAW + n for n in frame.columns}).with_columns(**span).lazy()
    beforehand = {Kind.UNIQUE, *WHOLE_COLUMNS}
    failing = {c.label: pl.Series(dtype=pl.UInt64) for c in plan.checks if c.kind in beforehand}
    if not alone:
        nothing_refused = pl.Series(dtype=pl.UInt64)
        failing |= presumed(plan, candidates(plan, rows), nothing_refused)
    judged = plan.verdicts(plan.values(rows), failing, reference_keys(plan, tables))
    explained = explain(plan, judged.collect(engine="streaming"), Tally(), {})
    names = [b.column.name for b in plan.binding.columns]
    columns = {name: _objects(explained[name]) for name in names}
    return [
        (tuple(Finding(**f) for f in found), {name: columns[name][row] for name in names})
        for row, found in enumerate(explained["findings"].to_list())
    ]


def _objects(series: pl.Series) -> list[Any]:
    """Python's objects; dates and times that have none as text."""
    if series.dtype not in (pl.Date, pl.Datetime):
        return series.to_list()
    years, texts = series.dt.year().to_list(), series.cast(pl.String).to_list()
    known = series.dt.year().is_between(2, 9998)
    objects = series.to_frame().select(pl.when(known).then(pl.first())).to_series().to_list()
    for row, year in enumerate(years):
        if year is not None and not 2 <= year <= 9998:
            try:
                objects[row] = series[row]
            except (ValueError, OverflowError):
                objects[row] = texts[row]
    return objects


def same(verdict: Verdict, expected: tuple[tuple[Finding, ...], dict[str, Any]]) -> bool:
    """Whether a verdict has these findings and values; NaN is NaN, and -0.0 is not 0.0."""
    findings, values = expected
    return verdict.findings == findings and repr(dict(verdict.values)) == repr(values)


#: Texts that parsers take in different ways, by what they look like.
_NUMBERS = (
    "0 -0 +5 -5 5 007 1,234.50 1,2345 12,34 $5 $-5 -$5 5$ $ -$5. .5 5. . 1e5 1E5 1_000 ５ ١٢ 0x1F "
    "inf -inf nan NaN Infinity 1e999 -1e999 1e-400 9223372036854775807 9223372036854775808 "
    "-9223372036854775808 -9223372036854775809 99999999999999999999999999999999.999999 100% 40.5% "
    "101 100 99.99 5000000 5000000.01 5000001 1.0000001 1.000000 1.1234567 (1.00) "
    "1.00- --1 000123450 12 1 "
    "0.1 0.30000000000000004 123456789012345678 1.7976931348623157e308 4.9e-324 -0.0 +0.0"
)
_DATES = (
    "2024-02-29 2023-02-29 2024-02-30 2024-13-01 2024-00-10 0000-01-01 0001-01-01 9999-12-31 "
    "10000-01-01 2024-1-5 24-01-05 29/02/2024 29/02/2023 1/2/2026 31/04/2020 00/00/0000 "
    "2009-12-31 2010-01-01 2026-12-31 2027-01-01 20240229 20230229 00000000 20241301 0000000 "
    "2024366 2023366 2024000 9999365 9999366 2024-01-01T00:00:00 ２０２４-01-01 +2024-01-01 "
    "2024-02-29T23:59:59 2024-02-29T24:00:00 2024-02-29T23:59:60 2024-01-01T00:00:00.123456789 "
    "2024-01-01T00:00:00.5Z 2024-01-01T00:00:00.123456+01:30 2024-01-01T00:00:00-2359 "
    "2024-01-01T00:00:00+24:00 0001-01-01T00:00:00+01:00 9999-12-31T23:59:59.999999-0001 "
    "2024-01-01T00:00:00.1230000 2024-06-01T00:00:00.000001 2024-1-1T00:00:00 2024-02-30T00:00:00 "
    "2024/01/01 01-Jan-2024 tomorrow 1/1/24 ٢٠٢٤-01-01"
)
NUMBERS = _NUMBERS.split()
DATES = [
    *_DATES.split(), "Jan 05, 2024", "jan 5, 2024", "Feb 29, 2023", "Sept 05, 2024", "Xyz 01, 2024",
    "2024-02-29 01:02:03.25", "2024-03-31 02:30:00", "1/2/2024 3:04", "01/02/2024 23:59",
]  # fmt: skip
WORDS = [
    "a", "ab", "a b", "N", "n", "Y", "y", "yes", "NO", "TRUE", "true", "False", "t", "f", "ſ", "K",
    "active", "A", "L", "AU", "AUX", "DE", "de", "US", "FR ", "closed won", "Closed Won",
    "Prospecting", "prospecting", "on hold", "NOR", "WES", "É", "İ", "ß", "ẞ", "ΑΣ", "Chloé",
    "JosÃ©", "â€œ", "Ã", "O'Neil", "日本", "x" * 80, "x" * 81, "x" * 200, "x" * 201, "é" * 250,
    "a@b.co", "A@B.CO", "a@b", "a@b.c", "a@b..co", "a@-.co", "a.b+c@d-e.f.gh", "a@b.co\n",
    "a@" + "b." * 40 + "co", "a@" + "b" * 3000 + ".co", "é@b.co", "+1 272 4137391", "(12) 34-56",
    "12345", "1234567", "+", "P1234567", "H1234567", "H123456", "C-123456", "C-12345", "C-١٢٣٤٥٦",
    "O-123456", "OPP-123456789", "ACC-000001", "ACC-999999", "OPP-123456789\n", "{}", "{value}",
    "[1]", "\x00", "a\x00b", "\x1c", "\x1ca\x1f", "\u2028", "\ufeff1", "\u200b", "\u0085a\u0085",
    "null", "NULL", "N/A", "-", "--", "n/a", "None", "#N/A", "\t", "\r\n", "😀", "e\u0301",
]  # fmt: skip
DRESS = ["", "", "", "", " kg", " ", "\n", "\t", "\u00a0", "\x1c", "\u3000", "x", "\x00", "é"]


class Dice:
    """Seeded records for a contract: good values mostly, and all the traps."""

    def __init__(self, contract: Contract, seed: int) -> None:
        self.random = random.Random(seed)
        self.columns = [((c.source or (c.name,))[0], c) for c in contract.columns]

    def record(self) -> dict[str, str | None]:
        return {name: self.text(column) for name, column in self.columns}

    def text(self, column: Any) -> str | None:
        roll = self.random.random()
        if roll < 0.03:
            return None
        if roll < 0.08:
            return self.random.choice(["", " ", "-", "NULL", "N/A", "  ", "\n"])
        pool = NUMBERS + WORDS + DATES
        if roll < 0.85:
            dtype = column.dtype
            pool = DATES if dtype.is_temporal() else WORDS if dtype == pl.String else NUMBERS
            pool = pool + (WORDS[:14] if dtype == pl.Boolean else [])
        text = self.random.choice(pool)
        if self.random.random() < 0.2:
            text = self.random.choice(DRESS) + text + self.random.choice(DRESS)
        if self.random.random() < 0.05:
            cut = self.random.randrange(len(text) + 1)
            text = text[:cut] + chr(self.random.choice([9, 32, 46, 48, 57, 233, 0x660, 0xFF15]))
        return text

    def records(self, count: int) -> list[dict[str, str | None]]:
        return [self.record() for _ in range(count)]


def frame_of(records: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Records of text as a frame of raw columns."""
    names = dict.fromkeys(name for record in records for name in record)
    return pl.DataFrame(
        {n: pl.Series(n, [r.get(n) for r in records], dtype=pl.String) for n in names}
    )
