"""Every check of the catalogue, on its own examples and on text that means harm."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType

import polars as pl
import pytest

from cleanhold import checks
from cleanhold.builtins.checks.catalogue import catalogue, page
from cleanhold.builtins.checks.listing import Listed, listed, listed_as
from cleanhold.core.rule import ChangeRule, ColumnRule, ReferenceRule, RowRule, Takes
from cleanhold.errors import ContractError
from cleanhold.testing.check_suite import judge, verify

CATALOGUE = catalogue()
OF_TEXT = [
    one
    for one in CATALOGUE
    if isinstance(one.rule, ColumnRule) and one.rule.takes in (Takes.TEXT, Takes.ANYTHING)
]
HOSTILE = [
    "", " ", "\x00", "\n", "a\nb", "'; DROP TABLE x; --", "{value}", "{", "}", "{0.__class__}",
    "$1", "\\", "(", "[", "*", "é", "e\u0301", "\ufeff", "\u202e", "\ufffd", "😀" * 40, "٣٤٥٦٧٨٩٠",
    "１２３４５", "9" * 400, "-" + "9" * 19, "18446744073709551616", "1e999", "A" * 10_000,
    "Z" * 34,
    "ZZ" * 40,
    "é" * 20, "2026-99-99", "0000-00-00", "[" * 300, '{"a":' * 200, "NaN", "null", "🇩🇪",
]  # fmt: skip


@pytest.mark.parametrize("one", CATALOGUE, ids=lambda one: one.name)
def test_examples(one: Listed, tmp_path: Path) -> None:
    verify(one, tmp_path)


def test_no_check_of_text_raises_or_leaves_a_verdict_open(tmp_path: Path) -> None:
    table = pl.DataFrame({"value": pl.Series([*HOSTILE, None])})
    for one in OF_TEXT:
        found = judge(one.rule, table, tmp_path)
        assert len(found.held) == table.height
        assert not found.held[-1], one.name


@pytest.mark.parametrize(
    "one", [o for o in CATALOGUE if not isinstance(o.rule, ColumnRule)], ids=lambda one: one.name
)
def test_no_check_of_rows_raises(one: Listed, tmp_path: Path) -> None:
    example = one.passes[0]
    if isinstance(one.rule, ChangeRule | ReferenceRule):
        example = next(example[table] for table in ("after", "rows") if table in example)
    given = {name: v if isinstance(v, list) else [v] for name, v in example.items()}
    columns = []
    for name, values in given.items():
        column = pl.Series(name, values, strict=False)
        if column.dtype == pl.String:
            column = pl.Series(name, [*HOSTILE, None, *HOSTILE])
        columns.append(column.gather(pl.int_range(2 * len(HOSTILE), eager=True) % len(column)))
    table = pl.DataFrame(columns)
    before = table.reverse() if isinstance(one.rule, ChangeRule) else None
    assert len(judge(one.rule, table, tmp_path, before).held) == table.height
    assert judge(one.rule, table.clear(), tmp_path, before).held == ()


def test_fingerprints_do_not_depend_on_where_polars_is_installed() -> None:
    """Polars writes Python functions down with the path of its own code."""
    for one in CATALOGUE:
        rule = one.rule
        if isinstance(rule, ColumnRule):
            written = rule.judge(pl.col("value")).meta.serialize()
            assert b"site-packages" not in written or rule.code, one.name
        elif isinstance(rule, RowRule):
            assert b"site-packages" not in rule.passes.meta.serialize(), one.name


def test_there_are_many_and_each_name_is_one() -> None:
    names = [one.name for one in CATALOGUE]
    assert len(names) == len(set(names)) > 80


def test_the_page_is_up_to_date() -> None:
    """Made with `python -m cleanhold.builtins.checks.catalogue > docs/checks.md`."""
    written = Path(__file__).parents[2] / "docs" / "checks.md"
    assert written.read_text(encoding="utf-8") == page()


def test_a_check_whose_examples_do_not_hold_is_found_out(tmp_path: Path) -> None:
    @listed(passes=["b"], fails=["a", "c"])
    def upper_case() -> ColumnRule:
        """A docstring."""
        return checks.upper_case()

    one = listed_as(upper_case)
    assert one is not None
    with pytest.raises(AssertionError, match=r"upper_case\(\): 'b' fails"):
        verify(one, tmp_path)
    with pytest.raises(AssertionError, match="is called upper_case, its function shouting"):
        verify(replace(one, make=renamed(upper_case, "shouting")), tmp_path)


def renamed(function: Callable[[], ColumnRule], name: str) -> Callable[[], ColumnRule]:
    def shouting() -> ColumnRule:
        """A docstring."""
        return function()

    shouting.__name__ = name
    return shouting


@listed(passes=["a"], fails=["A"])
def quiet() -> ColumnRule:
    """No capitals: as a package adds it."""
    return checks.lower_case().but(name="quiet")


def loud() -> ColumnRule:
    return checks.upper_case()


def test_packages_add_checks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def added(function: str) -> None:
        entry = EntryPoint(function, f"{__name__}:{function}", "cleanhold.checks")
        monkeypatch.setattr(
            "cleanhold.builtins.checks.catalogue.entry_points", lambda group: [entry]
        )

    monkeypatch.setitem(sys.modules, __name__, sys.modules.get(__name__) or _this_module())
    added("quiet")
    one = catalogue()[-1]
    assert one.name == "quiet"
    verify(one, tmp_path)
    assert "**`quiet()`** (column) No capitals: as a package adds it." in page()
    added("loud")
    with pytest.raises(ContractError, match="the check 'loud' has no examples"):
        catalogue()


def _this_module() -> ModuleType:
    module = ModuleType(__name__)
    module.__dict__.update(globals())
    return module
