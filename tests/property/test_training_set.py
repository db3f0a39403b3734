"""Training sets against a slow oracle: nobody sees what was published, or happened, later."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cleanhold
from cleanhold.core.account import Account
from cleanhold.core.extract import row_id
from cleanhold.core.run import Input, InputKind, Run
from cleanhold.core.snapshot import Role
from cleanhold.errors import CleanholdError, UsageError
from cleanhold.store.layout import StateFolder
from cleanhold.store.ledger import Ledger
from cleanhold.store.publication import open_staging, publish

CONTRACT = """
from datetime import datetime
import pandera.polars as pa
from cleanhold import contract, field


@contract("{dataset}", version="1.0.0", key={key!r}{terms})
class Contract(pa.DataFrameModel):
    id: str = field()
    at: datetime = field(nullable={nullable})
    {name}: str = field()
"""

#: Column → the key and the terms of its table.
TABLES = {
    "history": (("id", "at"), ', event_time="at"'),
    "newest": (("id",), ', event_time="at"'),
    "plain": (("id",), ""),
}
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
IDS = st.sampled_from("abc")
HOURS = st.integers(0, 16)
ROWS = st.dictionaries(st.tuples(IDS, HOURS), st.just(None), max_size=6)
STEP = st.tuples(
    st.integers(0, 2),  # hours since the step before
    st.sampled_from(["publish", "publish", "publish", "stop", "roll back"]),
    ROWS,
    st.integers(1, 5),
)
STEPS = st.lists(STEP, min_size=3, max_size=14)
#: Whose, as of when, known when, in half hours: on the hour, or between.
ASKED = st.lists(st.tuples(IDS, st.integers(0, 34), st.integers(0, 34)), min_size=1, max_size=12)


def hours(number: float) -> datetime:
    return BEGAN + timedelta(hours=number)


@dataclass
class Oracle:
    """What was published of one table, told in plain Python."""

    rows: dict[int, list[tuple[str, datetime, str]]] = field(default_factory=dict)
    since: dict[int, datetime] = field(default_factory=dict)
    before: dict[int, int | None] = field(default_factory=dict)
    given: list[tuple[datetime, int]] = field(default_factory=list)  # to readers

    def publish(self, at: datetime, number: int, rows: list[tuple[str, datetime, str]]) -> None:
        self.before[number] = self.given[-1][1] if self.given else None
        self.rows[number], self.since[number] = rows, at
        self.given.append((at, number))

    def sees(self, table: str, key: str, as_of: datetime, known: datetime) -> str | None:
        number = next((n for at, n in reversed(self.given) if at <= known), None)
        while number is not None:
            of_it = [(at, value) for who, at, value in self.rows[number] if who == key]
            then = self.since[number] <= min(as_of, known)
            if table == "plain" and then:
                return of_it[0][1] if of_it else None
            if table != "plain":
                past = [row for row in of_it if row[0] <= as_of]
                if past:
                    return max(past)[1]
                if then or table == "history":
                    return None
            number = self.before[number]
        return None


class Histories:
    """A workspace of three tables, and what was published of each."""

    def __init__(self, root: Path) -> None:
        self.root, self.state = root, StateFolder(root / ".cleanhold")
        self.oracles = {name: Oracle() for name in TABLES}
        self.numbers = dict.fromkeys(TABLES, 0)
        self.now = BEGAN
        (root / "contracts").mkdir(parents=True)
        (root / "pyproject.toml").write_text('[tool.cleanhold]\nname = "h"\n')
        for name, (key, terms) in TABLES.items():
            text = CONTRACT.format(
                dataset=f"features.{name}",
                key=key,
                terms=terms,
                name=name,
                nullable="at" not in key,
            )
            (root / "contracts" / f"{name}.py").write_text(text)
        self.state.create()
        self.ledger = Ledger(self.state.ledger, clock=lambda: self.now)

    def step(self, table: str, wait: int, what: str, keys: Any, number: int) -> None:
        self.now += timedelta(hours=wait)
        if what == "roll back":
            self.roll_back(table, number)
            return
        self.numbers[table] += 1
        number = self.numbers[table]
        single = dict(sorted(keys)) if table != "history" else None
        chosen = single.items() if single is not None else sorted(keys)
        rows = [(who, hours(at), f"{who} of {number} at {at}") for who, at in chosen]
        self.publish(table, number, rows, stopped=what == "stop")

    def publish(self, table: str, number: int, rows: list[Any], *, stopped: bool) -> None:
        dataset, key = f"features.{table}", hashlib.sha256(f"{table} {number}".encode()).hexdigest()
        inputs = (Input(InputKind.EXTRACT, f"{number}.csv", key),)
        claim = self.ledger.claim(key, dataset, inputs=inputs)
        assert not isinstance(claim, Run)
        staged = open_staging(self.state, claim) / "data.parquet"
        data = {
            "row_id": [row_id(key, n) for n in range(1, len(rows) + 1)],
            "record": list(range(1, len(rows) + 1)),
            "id": [who for who, _, _ in rows],
            "at": [at.replace(tzinfo=None) for _, at, _ in rows],
            table: [value for _, _, value in rows],
        }
        schema = {"row_id": pl.String, "record": pl.UInt64, "id": pl.String,
                  "at": pl.Datetime("us"), table: pl.String}  # fmt: skip
        pl.DataFrame(data, schema=schema).write_parquet(staged)
        snapshot = publish(
            self.state, self.ledger, claim, {Role.DATA: staged},
            account=Account(len(rows), len(rows), 0, 0), prefix=key[:16],
            contract_fingerprint="", code="", published=not stopped,
        )  # fmt: skip
        assert snapshot.number == number
        if not stopped:
            self.oracles[table].publish(self.now, number, rows)

    def roll_back(self, table: str, number: int) -> None:
        try:
            self.ledger.roll_back(f"features.{table}", number, details={})
        except CleanholdError:
            return  # there is no such snapshot, or readers have it
        self.oracles[table].given.append((self.now, number))

    def asked(self, asked: list[Any], table: str) -> cleanhold.core.training.TrainingSet:
        entities = pl.DataFrame(
            {
                "id": [who for who, _, _ in asked],
                "event_time": [hours(as_of / 2) for _, as_of, _ in asked],
                "known": [hours(known / 2) for _, _, known in asked],
            }
        )
        return cleanhold.training_set(
            entities, [f"features.{table}"], as_of="event_time", known_at="known",
            workspace=self.root,
        )  # fmt: skip


@pytest.mark.parametrize("table", TABLES)
@settings(max_examples=15, deadline=None)
@given(steps=STEPS, asked=ASKED, later=STEPS)
def test_nothing_from_the_future(table: str, steps: Any, asked: Any, later: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        made = Histories(Path(folder) / "h")
        try:
            _check(made, table, steps, asked, later)
        finally:
            made.ledger.close()


def _check(made: Histories, table: str, steps: Any, asked: Any, later: Any) -> None:
    for step in steps:
        made.step(table, *step)
    oracle = made.oracles[table]
    expected = [
        oracle.sees(table, who, hours(as_of / 2), hours(known / 2)) for who, as_of, known in asked
    ]
    for (_, as_of, known), value in zip(asked, expected, strict=True):
        _assert_past(oracle, table, value, hours(as_of / 2), hours(known / 2))
    if not oracle.given:
        return
    try:
        found = made.asked(asked, table)
    except UsageError as refused:
        assert refused.what.startswith("no entity can see anything")  # noqa: PT017 - one of two ends
        assert expected == [None] * len(asked)
        return
    assert found.frame.collect()[table].to_list() == expected
    made.now = max(made.now, hours(18))
    for step in later:
        made.step(table, *step)
    entities = found.frame.select("id", "event_time", "known")
    again = cleanhold.rebuild(found.manifest, entities, workspace=made.root)
    assert again.frame.collect().equals(found.frame.collect())
    assert made.asked(asked, table).frame.collect()[table].to_list() == [
        oracle.sees(table, who, hours(as_of / 2), hours(known / 2)) for who, as_of, known in asked
    ]


def _assert_past(
    oracle: Oracle, table: str, value: str | None, as_of: datetime, known: datetime
) -> None:
    """The oracle itself: a value says of which snapshot it is, and when it happened."""
    if value is not None:
        number, happened = (int(part) for part in value[len("a of ") :].split(" at "))
        assert oracle.since[number] <= known
        assert hours(happened) <= as_of or table == "plain"
        assert oracle.since[number] <= as_of or table != "plain"
