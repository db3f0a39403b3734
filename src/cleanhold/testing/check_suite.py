"""What every check must keep, on its own examples: for our checks and for those of others.

from cleanhold.builtins.checks.listing import listed_as
from cleanhold.testing.check_suite import verify

def test_my_check(tmp_path):
    verify(listed_as(my_check), tmp_path)
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from cleanhold.builtins import text
from cleanhold.builtins.checks.listing import AnyRule, Listed
from cleanhold.core.contract import Column, Contract
from cleanhold.core.rule import ColumnRule, GroupRule
from cleanhold.pipeline.check import check_file
from cleanhold.plan.rules import column_rules, row_rules
from cleanhold.readers import parquet

VALUE = "value"


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What became of the rows of a table.

    Attributes:
        held: for each row, in order, whether it was held.
        findings: `record`, and the columns of `core.finding.FINDINGS`.
    """

    held: tuple[bool, ...]
    findings: pl.DataFrame

    @property
    def messages(self) -> list[str]:
        """The sentences, in the order of the rows."""
        return self.findings.sort("record")["message"].to_list()


def judge(rule: AnyRule, table: pl.DataFrame, folder: Path) -> Verdicts:
    """A table under a contract that has this rule and no other check.

    Args:
        rule: one about a column judges the column `value`.
        table: its rows; all its columns may be null.
        folder: to work in.
    """
    columns = tuple(
        Column(name, dtype, parse=text(trim=False) if dtype == pl.String else None,
               nulls=(), nullable=True)
        for name, dtype in table.schema.items()
    )  # fmt: skip
    if isinstance(rule, ColumnRule):
        own = next(c for c in columns if c.name == VALUE)
        checks = column_rules(own, [rule], table.schema, rule.name)
    else:
        checks = row_rules([rule], table.schema, rule.name)
    contract = Contract("tried.table", columns, tuple(checks))
    file, out = folder / "table.parquet", folder / "out"
    table.write_parquet(file)
    check_file(file, contract, parquet(), out=out)
    held = pl.read_parquet(out / "held.parquet")
    records = set(held["record"])
    return Verdicts(
        held=tuple(n in records for n in range(1, table.height + 1)),
        findings=held.select("record", pl.col("findings")).explode("findings").unnest("findings"),
    )


def verify(one: Listed, folder: Path) -> None:
    """Assert that a check keeps what is asked of all.

    Each example of `passes` passes and each of `fails` fails; nulls pass; sentences have every
    placeholder filled; there is a description.

    Raises:
        AssertionError: it does not; says which example.
    """
    assert one.summary, f"{one.name} has no docstring"
    assert one.passes, f"{one.name} has no example that passes"
    assert one.fails, f"{one.name} has no example that fails"
    rule = one.rule
    assert rule.name == one.name, f"the check is called {rule.name}, its function {one.name}"
    if isinstance(rule, GroupRule):
        for example in one.passes:
            _verify_table(rule, pl.DataFrame(example, strict=False), False, folder)
        for example in one.fails:
            _verify_table(rule, pl.DataFrame(example, strict=False), True, folder)
        return
    examples = [(e, False) for e in one.passes] + [(e, True) for e in one.fails]
    table = _table(rule, [example for example, _ in examples])
    found = judge(rule, table, folder)
    for (example, should), held in zip(examples, found.held, strict=True):
        assert held is should, f"{one.call}: {example!r} {'passes' if should else 'fails'}"
    _verify_words(found, one.name)
    if isinstance(rule, ColumnRule):
        nulls = judge(
            rule, table.select(pl.lit(None, dtype=table.schema[VALUE]).alias(VALUE)), folder
        )
        assert not any(nulls.held), f"{one.call}: a missing value fails"


def _table(rule: AnyRule, examples: Sequence[Any]) -> pl.DataFrame:
    if isinstance(rule, ColumnRule):
        return pl.DataFrame({VALUE: pl.Series(examples, strict=False)})
    return pl.DataFrame(list(examples), infer_schema_length=None)


def _verify_table(rule: GroupRule, table: pl.DataFrame, wanted: bool, folder: Path) -> None:
    found = judge(rule, table, folder)
    shown = table.to_dict(as_series=False)
    assert any(found.held) is wanted, f"{rule.name}: {shown} {'passes' if wanted else 'fails'}"
    _verify_words(found, rule.name)


def _verify_words(found: Verdicts, name: str) -> None:
    for message in found.messages:
        left = re.search(r"\{(value|column|found)\}", message)
        assert not left, f"{name}: {message!r} has a placeholder that nothing fills"
