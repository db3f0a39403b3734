"""A guard finds on a record what the batch plan finds: the same findings, the same values."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from typing import Any

import pandera.polars as pa
import polars as pl
import pytest
from hypothesis import given, settings

from cleanhold.core.contract import Contract
from cleanhold.online.guard import Guard
from cleanhold.plan.load import import_file
from cleanhold.plan.model import read_model

from .oracle import ROOT, Dice, batch_plan, contracts, frame_of, same
from .zoo import Zoo

CONTRACTS = {c.dataset: c for c in contracts()}
TABLES = {
    "bench.accounts": pl.LazyFrame({"account_id": ["ACC-000001", "a", "é", None]}),
    "crm.contacts": pl.LazyFrame({"contact_id": ["C-123456", "ab"]}),
}


def assert_alike(judge: Contract, tables: Mapping[str, pl.LazyFrame], count: int, seed: int) -> int:
    """Judge records both ways; how many had findings."""
    guard, dice, bad = Guard(judge, tables), Dice(judge, seed), 0
    for _ in range(0, count, 5000):
        records = dice.records(min(count, 5000))
        expected = batch_plan(judge, frame_of(records), tables, alone=True)
        for record, wanted in zip(records, expected, strict=True):
            verdict = guard.check(record)
            assert same(verdict, wanted), record
            bad += bool(verdict.findings)
    return bad


@pytest.mark.parametrize("dataset", sorted(CONTRACTS))
def test_any_record_gets_the_verdict_of_the_plan(dataset: str) -> None:
    assert assert_alike(CONTRACTS[dataset], TABLES, 1500, seed=7) > 100


@pytest.mark.slow
@pytest.mark.parametrize("dataset", sorted(CONTRACTS))
def test_a_hundred_thousand_records_get_the_verdict_of_the_plan(dataset: str) -> None:
    assert_alike(CONTRACTS[dataset], TABLES, 100_000 // len(CONTRACTS), seed=11)


@pytest.mark.parametrize("dataset", sorted(CONTRACTS))
def test_everything_in_the_sample_contracts_is_translated(dataset: str) -> None:
    assert not [n for n in Guard(CONTRACTS[dataset], TABLES).notes if "left to Polars" in n]


@pytest.mark.parametrize("dataset", sorted(CONTRACTS))
def test_a_batch_gets_the_verdicts_of_the_plan(dataset: str) -> None:
    guard, dice = Guard(CONTRACTS[dataset], TABLES), Dice(CONTRACTS[dataset], 3)
    for size in (1, 2, 30, 100):
        records = dice.records(size)
        frame = frame_of(records)
        expected = batch_plan(CONTRACTS[dataset], frame, TABLES, alone=False)
        for given_as in (records, frame, [json.dumps(r) for r in records]):
            found = guard.check_batch(given_as)
            assert all(map(same, found, expected))
            assert len(found) == size


def test_what_is_left_to_polars_gets_its_verdict_too() -> None:
    zoo = read_model(Zoo, "Zoo")
    left = " ".join(Guard(zoo).notes)
    assert all(name in left for name in ("single", "choice", "there", "sum_is_small"))
    assert not any(
        name in left
        for name in ("said_is_tail", "ratio_is_known", "price", "moment", "tick", "short")
    )
    assert assert_alike(zoo, {}, 120, seed=5) > 50
    records = Dice(zoo, 6).records(400)
    frame = frame_of(records)
    assert all(map(same, Guard(zoo).check_batch(frame), batch_plan(zoo, frame, {}, alone=False)))


def test_columns_may_be_missing_new_or_in_another_order() -> None:
    judge = CONTRACTS["crm.contacts"]
    guard, dice = Guard(judge), Dice(judge, 9)
    for record in dice.records(60):
        names = list(record)
        dice.random.shuffle(names)
        odd: dict[str, Any] = {n: record[n] for n in names[: dice.random.randrange(len(names) + 1)]}
        odd["more"] = "x"
        (expected,) = batch_plan(judge, frame_of([odd]), {}, alone=True)
        assert same(guard.check(odd), expected)


_PLAN = import_file(ROOT / "tests/property/test_plan_pandera.py", ROOT)


@pytest.mark.filterwarnings("ignore::polars.exceptions.PolarsInefficientMapWarning")
@given(_PLAN.cases())
@settings(max_examples=60, deadline=None)
def test_any_contract_on_typed_rows(case: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", pa.errors.SchemaWarning)
        judge = _PLAN.contract_of(case.schema(oracle=False))
    expected = batch_plan(judge, case.frame, {}, alone=False)
    found = Guard(judge).check_batch(case.frame)
    assert all(map(same, found, expected))
