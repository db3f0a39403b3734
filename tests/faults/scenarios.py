"""What is interrupted: a workspace as it stands before, and the command."""

from __future__ import annotations

import contextlib
import gzip
import io
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cleanhold.cli.main import main

ORDERS = "shop.orders"
HEADER = "id,amount,note,size"

FEATURE = """
import polars as pl
from cleanhold import feature

@feature("features.totals", orders="shop.orders")
def totals(orders: pl.LazyFrame) -> pl.LazyFrame:
    return orders.select("id", "amount", note=pl.lit("{word}"))
"""

#: Every kind of record: passed, warned of, held, refused.
FIRST = ("a,1,,1", "b,2,,-5", "c,-3,,1", "d,-4,,1", "e,x,,1", "torn")
SECOND = ("a,10,,1", "f,6,,-7", "g,-7,,1", "c,-3,,1", "torn too")


@dataclass(frozen=True)
class Scenario:
    """A command, and the workspace it runs in.

    Attributes:
        ready: makes the workspace, given a small one and a way to interrupt a command in it.
        arguments: of the command, without the workspace.
        code: how it ends when nothing disturbs it.
        steps: it may be interrupted half-way, and goes on when it is done again.
        again: how it may also end then: lines of a worksheet that are decided are conflicts.
        overtakes: a delivery that fails is overtaken by those after it, and comes late: the
            snapshots on the way are others, the rows in the end are not.
    """

    ready: Callable[[Any, Callable[..., None]], Any]
    arguments: tuple[str, ...]
    code: int = 0
    steps: bool = False
    again: tuple[int, ...] = ()
    overtakes: bool = False


def act(small: Any, *arguments: str) -> None:
    """A command that must do what it is asked."""
    with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):
        main([*arguments, "-w", str(small.root)])


def declared(small: Any, word: str = "n") -> Any:
    more = "size: int = field(nullable=True, ge=0, severity='warn')"
    small.contract(more=more).contract("features.totals", load="replace")
    small.write("flows/features.py", FEATURE.format(word=word))
    return small


def first(small: Any, _: object) -> Any:
    return declared(small).deliver("01", *FIRST, header=HEADER)


def day_one(small: Any) -> Any:
    return _kept(small, "one", lambda: (first(small, None), small.run()))


def _kept(small: Any, name: str, make: Callable[[], object]) -> Any:
    """A workspace that several scenarios begin with: made once, then copied."""
    kept = small.root.with_name(f"kept-{name}")
    if kept.exists():
        shutil.copytree(kept, small.root, dirs_exist_ok=True)
    else:
        make()
        shutil.copytree(small.root, kept)
    return small


def compressed(small: Any, _: object) -> Any:
    declared(small)
    text = "".join(f"{line}\n" for line in (HEADER, *FIRST)).encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("orders_2026-11-01.csv", text)
        archive.writestr("orders_2026-11-02.csv", text.replace(b"a,1", b"a,9"))
    small.write("in/orders_2026-11-02.csv.zip", packed.getvalue())
    small.write("in/orders_2026-11-03.csv.gz", gzip.compress(text.replace(b"a,", b"z,"), mtime=0))
    small.write("in/orders_2026-11-04.csv.gz", gzip.compress(text, mtime=0)[:-9])
    sources = small.root / "flows" / "sources.py"
    sources.write_text(sources.read_text().replace('"_*.csv"', '"_*.csv*"'))


def second(small: Any, _: object) -> None:
    day_one(small).deliver("02", *SECOND, header=HEADER)


def two_days(small: Any) -> Any:
    return _kept(small, "two", lambda: (second(small, None), small.run()))


def new_feature(small: Any, _: object) -> None:
    declared(day_one(small), word="m")


def decided_on(small: Any, _: object) -> None:
    two_days(small)


CORRECTED = ("quarantine", "correct", "-d", ORDERS, "-c", "greater_than_or_equal_to", "-y")
CORRECTION = (*CORRECTED, "--map", "amount:-4=4", "--map", "amount:-7=7", "--reason", "a sign")


#: It feeds the quarantine before it looks.
PREVIEW = ("-d", ORDERS, "-c", "parse", "--set", "amount=1", "--preview", "--reason", "x")


def corrected(small: Any, _: object) -> None:
    two_days(small)
    act(small, *CORRECTION)
    act(small, "quarantine", "waive", "-d", ORDERS, "-c", "greater_than_or_equal_to", "-y",
        "--until", "2099-01-01", "--reason", "known")  # fmt: skip


def filled(small: Any, _: object) -> None:
    """A workbook as a steward sends it back: one row corrected, one rejected."""
    from python_calamine import CalamineWorkbook
    from xlsxwriter import Workbook

    two_days(small)
    file = small.root / "held.xlsx"
    act(small, "quarantine", "export", "--for-correction", "-d", ORDERS, "--out", str(file))
    pages = CalamineWorkbook.from_path(file)
    headings, *lines = pages.get_sheet_by_name(ORDERS).to_python(skip_empty_area=False)
    changes: list[dict[str, Any]] = [
        {"decision": "correct", "correct: amount": "5", "reason": "asked"},
        {"decision": "reject", "reason": "a test"},
        {"decision": "correct", "correct: amount": "6", "reason": "asked"},
    ]
    with Workbook(file) as book:
        page = book.add_worksheet(ORDERS)
        page.write_row(0, 0, headings)
        for number, line in enumerate(lines):
            for name, value in (changes[number] if number < len(changes) else {}).items():
                line[headings.index(name)] = value
            for column, cell in enumerate(line):
                if isinstance(cell, str):
                    page.write_string(number + 1, column, cell)
                else:
                    page.write(number + 1, column, cell)


def half_done(small: Any, interrupt: Callable[..., None]) -> None:
    """A run was killed when its files were promoted, and not yet committed."""
    second(small, None)
    interrupt("manifest-written", "run")


def committed(small: Any, interrupt: Callable[..., None]) -> None:
    """A run was killed when it was committed: nothing follows yet."""
    second(small, None)
    interrupt("staging-removed", "run")


#: Only a gate that is open in any workspace.
GATES = """
[tool.cleanhold]
name = "small"
[tool.cleanhold.gates]
datasets = ["shop.orders"]
off = ["owner", "goal", "contract", "columns", "privacy", "baseline", "audits", "quarantine",
       "consumers", "cost", "fallback", "rollback"]
"""


def in_pilot(small: Any, _: object) -> None:
    """Readers have the second day; the third waits to be promoted."""
    two_days(small).write("pyproject.toml", GATES)
    small.deliver("03", "a,30,,1", header=HEADER)
    small.run()


def without_quarantine(small: Any, _: object) -> None:
    """The quarantine database is gone."""
    corrected(small, None)
    (small.root / ".cleanhold" / "quarantine.duckdb").unlink()


SCENARIOS = {
    "run": Scenario(first, ("run",), steps=True),
    "compressed": Scenario(compressed, ("run",), code=3, steps=True, overtakes=True),
    "upsert": Scenario(second, ("run",), steps=True),
    "feature": Scenario(new_feature, ("run",), steps=True),
    "decision": Scenario(
        decided_on, ("quarantine", "reject", "-d", ORDERS, "-c", "parse", "-y", "--reason", "no")
    ),
    "correction": Scenario(decided_on, CORRECTION),
    "replay": Scenario(corrected, ("replay",), steps=True),
    "rollback": Scenario(decided_on, ("rollback", ORDERS, "--to", "1", "--reason", "wrong")),
    "promote": Scenario(in_pilot, ("promote", ORDERS)),
    "import": Scenario(filled, ("quarantine", "import", "held.xlsx", "-y"), steps=True, again=(1,)),
    "recover": Scenario(half_done, ("recover",), steps=True),
    "rebuild": Scenario(without_quarantine, ("recover", "--quarantine"), steps=True),
    "feeding": Scenario(without_quarantine, ("quarantine", "correct", *PREVIEW), steps=True),
    "outbox": Scenario(committed, ("run",), steps=True),
}
