"""Checks of texts and embeddings: one record at a time and in a batch, the same findings."""

from __future__ import annotations

import random
from typing import Any

import polars as pl
import pytest

from cleanhold import text
from cleanhold.builtins.checks import embeddings, texts
from cleanhold.builtins.checks.catalogue import catalogue
from cleanhold.builtins.checks.listing import Listed
from cleanhold.core.contract import Column, Contract
from cleanhold.core.rule import ColumnRule, Takes
from cleanhold.online.guard import Guard
from cleanhold.plan.rules import column_rules

from .oracle import WORDS, batch_plan, same

OURS = [
    one
    for one in catalogue()
    if one.name in (*texts.__all__, *embeddings.__all__) and isinstance(one.rule, ColumnRule)
]
VECTOR = pl.List(pl.Float64())


def contract_of(one: Listed) -> Contract:
    assert isinstance(one.rule, ColumnRule)
    is_text = one.rule.takes is Takes.TEXT
    column = Column(
        "value", pl.String() if is_text else VECTOR, nullable=True,
        parse=text(trim=False) if is_text else None, nulls=(),
    )  # fmt: skip
    checks = column_rules(column, [one.rule], {"value": column.dtype}, one.name)
    return Contract("tried.texts", (column,), tuple(checks))


def values_of(one: Listed) -> list[Any]:
    """The examples, and for texts others, and one put into the other."""
    examples = [*one.passes, *one.fails]
    if not isinstance(examples[0], str):
        return [*examples, [0.6, 0.8, 0.0]]  # a null alone has no type, and is no list
    dice = random.Random(7)
    mixed = [dice.choice(WORDS) + dice.choice(examples) + dice.choice(examples) for _ in range(12)]
    return [*examples, *mixed, *dice.sample(WORDS, 20), None]


@pytest.mark.parametrize("one", OURS, ids=lambda one: one.name)
def test_the_guard_gives_the_findings_of_the_plan(one: Listed) -> None:
    guard, values = Guard(contract_of(one)), values_of(one)
    dtype = pl.String() if isinstance(values[0], str) else VECTOR
    frame = pl.DataFrame({"value": pl.Series(values, dtype=dtype)})
    expected = batch_plan(guard.contract, frame, {}, alone=True)
    assert sum(bool(findings) for findings, _ in expected) >= len(one.fails)
    for value, wanted in zip(values, expected, strict=True):
        assert same(guard.check({"value": value}), wanted), value
    assert all(map(same, guard.check_batch(frame), expected))
