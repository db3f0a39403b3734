"""What every check must keep, on its own examples: for our checks and for those of others.

from cleanhold.builtins.checks.listing import listed_as
from cleanhold.testing.check_suite import verify

def test_my_check(tmp_path):
    verify(listed_as(my_check), tmp_path)
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from cleanhold.builtins import text
from cleanhold.builtins.checks.listing import AnyRule, Listed
from cleanhold.core.contract import Column, Contract
from cleanhold.core.reading import RECORD
from cleanhold.core.rule import ChangeRule, ColumnRule, GroupRule, ReferenceRule
from cleanhold.pipeline.check import check_file
from cleanhold.pipeline.straight import raw_named
from cleanhold.plan.execute import compile_plan
from cleanhold.plan.keys import reference_keys
from cleanhold.plan.rules import column_rules, row_rules
from cleanhold.readers import parquet

VALUE = "value"

#: Nodes of a physical plan that wait for all rows.
_WHOLE_COLUMNS = ("columnar-function", "in-memory-map")


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


def judge(
    rule: AnyRule, table: pl.DataFrame, folder: Path, before: pl.DataFrame | None = None
) -> Verdicts:
    """A table under a contract that has this rule and no other check.

    Args:
        rule: one about a column judges the column `value`.
        table: its rows; all its columns may be null.
        folder: to work in.
        before: what was published, for a rule of changes, whose key is the columns that the rule
            does not read; or the table that the rule refers to.
    """
    contract = _contract(rule, table.schema)
    file, out = folder / "table.parquet", folder / "out"
    table.write_parquet(file)
    there = rule.dataset if isinstance(rule, ReferenceRule) else contract.dataset
    tables = {} if before is None else {there: before.lazy()}
    check_file(file, contract, parquet(), out=out, tables=tables)
    held = pl.read_parquet(out / "held.parquet")
    records = set(held["record"])
    return Verdicts(
        held=tuple(n in records for n in range(1, table.height + 1)),
        findings=held.select("record", pl.col("findings")).explode("findings").unnest("findings"),
    )


_TEXTS = (pl.String, pl.Categorical, pl.Enum)


def _contract(rule: AnyRule, schema: pl.Schema) -> Contract:
    columns = tuple(
        Column(name, dtype, parse=text(trim=False) if dtype in _TEXTS else None,
               nulls=(), nullable=True)
        for name, dtype in schema.items()
    )  # fmt: skip
    key: tuple[str, ...] = ()
    if isinstance(rule, ColumnRule):
        own = next(c for c in columns if c.name == VALUE)
        checks = column_rules(own, [rule], schema, rule.name)
    else:
        if isinstance(rule, ChangeRule):
            key = tuple(name for name in schema if name not in rule.reads)
        checks = row_rules([rule], schema, key, rule.name)
    return Contract("tried.table", columns, tuple(checks), key=key)


def in_bounded_memory(contract: Contract, rows: pl.DataFrame) -> bool:
    """Whether Polars streams a contract's parse rules and checks of rows.

    Some of its functions (`replace_strict`, in Polars 2.1) gather whole columns first.

    Args:
        contract: of its checks, those of single rows and of keys.
        rows: some raw rows, as a reader gives them.
    """
    plan = compile_plan(contract, rows.schema)
    raw = raw_named(
        rows.lazy().with_row_index(RECORD, 1).with_columns(pl.col(RECORD).cast(pl.UInt64))
    )
    failing = {c.label: pl.Series([1], dtype=pl.UInt64) for c in plan.checks}
    there = {r.dataset: pl.LazyFrame({c: ["a"] for c in r.columns}) for r in contract.references}
    known = reference_keys(plan, there)
    judged = plan.verdicts(plan.values(raw), failing, known)
    told = judged.show_graph(engine="streaming", plan_stage="physical", raw_output=True, show=False)
    return not any(whole in (told or "") for whole in _WHOLE_COLUMNS)


def verify(one: Listed, folder: Path) -> None:
    """Assert that a check keeps what is asked of all.

    Each example of `passes` passes and each of `fails` fails; nulls pass; sentences have every
    placeholder filled; there is a description; one about single rows is judged as they stream by.

    Raises:
        AssertionError: it does not; says which example.
    """
    assert one.summary, f"{one.name} has no docstring"
    assert one.passes, f"{one.name} has no example that passes"
    assert one.fails, f"{one.name} has no example that fails"
    rule = one.rule
    assert rule.name == one.name, f"the check is called {rule.name}, its function {one.name}"
    if isinstance(rule, GroupRule | ReferenceRule):
        for example in one.passes:
            _verify_tables(rule, example, False, folder)
        for example in one.fails:
            _verify_tables(rule, example, True, folder)
        return
    examples = [(e, False) for e in one.passes] + [(e, True) for e in one.fails]
    table = _table(rule, [example for example, _ in examples])
    streams = in_bounded_memory(_contract(rule, table.schema), table)
    assert streams, f"{one.name} uses a function that Polars does not stream"
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


def _verify_tables(
    rule: GroupRule | ReferenceRule, example: Mapping[str, Any], wanted: bool, folder: Path
) -> None:
    table, before = _tables_of(rule, example)
    found = judge(rule, table, folder, before)
    assert any(found.held) is wanted, f"{rule.name}: {example} {'passes' if wanted else 'fails'}"
    _verify_words(found, rule.name)
    if before is not None:
        first = judge(rule, table, folder)
        assert not any(first.held), (
            f"{rule.name}: {example} fails, though there is nothing to compare with"
        )


def _tables_of(
    rule: GroupRule | ReferenceRule, example: Mapping[str, Any]
) -> tuple[pl.DataFrame, pl.DataFrame | None]:
    """The rows of an example, and the table that they are compared with, if there is one."""
    names = ("rows", "there") if isinstance(rule, ReferenceRule) else ("after", "before")
    if not isinstance(rule, ChangeRule | ReferenceRule):
        return pl.DataFrame(example, strict=False), None
    rows, other = (pl.DataFrame(example[name], strict=False) for name in names)
    return rows, other


def _verify_words(found: Verdicts, name: str) -> None:
    for message in found.messages:
        left = re.search(r"\{(value|column|found)\}", message)
        assert not left, f"{name}: {message!r} has a placeholder that nothing fills"
