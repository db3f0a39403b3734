"""Every parse rule keeps what is asked of all, on its own examples."""

from __future__ import annotations

import copy
from pathlib import Path

import polars as pl
import pytest

from cleanhold import builtins
from cleanhold.builtins.vocabulary import EXAMPLES, Example, page
from cleanhold.core.contract import Column, Contract
from cleanhold.core.parsing import ParseRule
from cleanhold.testing.check_suite import in_bounded_memory

DOCS = Path(__file__).parents[3] / "docs" / "parsing.md"
#: What `cleanhold.builtins` has beside parse rules.
NO_RULES = {"EMAIL", "PHONE", "UUID", "default_rule", "mojibake"}


def test_every_rule_has_examples() -> None:
    rules = {getattr(builtins, name) for name in set(builtins.__all__) - NO_RULES}
    assert rules == {example.make for example in EXAMPLES}


def test_the_page_is_up_to_date() -> None:
    """Made with `python -m cleanhold.builtins.vocabulary > docs/parsing.md`."""
    assert DOCS.read_text(encoding="utf-8") == page()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: e.call)
def test_a_rule_is_applied_as_rows_stream_by(example: Example) -> None:
    column = Column("a", example.dtype, parse=example.rule, nullable=True)
    assert in_bounded_memory(Contract("tried.table", (column,), ()), pl.DataFrame({"a": ["1"]}))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: e.call)
def test_a_rule_is_the_same_thing_each_time_it_is_made(example: Example) -> None:
    """Its `repr` is part of the contract's fingerprint."""
    again = example.make(*copy.deepcopy(example.arguments), **example.options)
    assert isinstance(again, ParseRule)
    assert again == example.rule
    assert repr(again) == repr(example.rule)
    assert " at 0x" not in repr(again)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: e.call)
def test_null_stays_null_and_infallible_rules_read_everything(example: Example) -> None:
    rows = pl.DataFrame({"a": [None, "", "\x00", "7"]}, schema={"a": pl.String})
    rule = example.rule
    made = rows.select(rule.value(rule.clean(pl.col("a")), example.dtype).alias("a"))["a"]
    assert made.dtype == example.dtype
    assert made[0] is None
    assert rule.fallible or made[1:].null_count() == 0
    assert rule.says
