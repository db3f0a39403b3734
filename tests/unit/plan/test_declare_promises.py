"""What a contract says of an extract as a whole: what it changes, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from cleanhold.core.contract import Contract
from cleanhold.core.promise import AS_USUAL, Alarm, Events, Volume
from cleanhold.core.revision import revision
from cleanhold.core.weight import Weight
from cleanhold.errors import ContractError
from cleanhold.plan.load import load_contract

CONTRACT = """
from datetime import date, datetime
import pandera.polars as pa
from cleanhold import contract, dates, field


@contract("d.e", version="1", {terms})
class D(pa.DataFrameModel):
    amount: int = field()
    made: datetime = field()
    due: date = field(parse=dates("%Y-%m-%d"))
    born: date = field(parse=dates("%Y-%m-%d"), pii="indirect")
"""

STALE = "freshness='26h', event_time='made'"


def loaded(folder: Path, terms: str) -> Contract:
    file = folder / "d.py"
    file.write_text(CONTRACT.format(terms=terms))
    return load_contract(str(file))


def test_what_is_declared(tmp_path: Path) -> None:
    plain = loaded(tmp_path, "")
    assert (plain.volume, plain.events) == (AS_USUAL, None)
    assert loaded(tmp_path, "volume='stop', rows=(1, None)").volume == Volume(Alarm.STOP, 1)
    assert loaded(tmp_path, "event_time='due'").events == Events("due")
    assert loaded(tmp_path, STALE + ", stale='off'").events == Events("made", Alarm.OFF)


def test_only_what_may_stop_an_extract_is_part_of_what_decides(tmp_path: Path) -> None:
    plain = loaded(tmp_path, "").fingerprint()
    for warning in ("volume='off'", "event_time='made'", STALE, "freshness='1h'"):
        assert loaded(tmp_path, warning).fingerprint() == plain
    stopping = (
        "volume='stop'",
        "rows=(1, None)",
        "rows=(None, 1)",
        "rows=(1, 1)",
        f"{STALE}, stale='stop'",
        "freshness='25h', event_time='made', stale='stop'",
        "freshness='26h', event_time='due', stale='stop'",
    )
    found = {loaded(tmp_path, terms).fingerprint() for terms in stopping}
    assert len(found | {plain}) == len(stopping) + 1


@pytest.mark.parametrize(
    ("before", "after", "weight", "what"),
    [
        ("", "volume='stop'", Weight.TIGHTENING, "another volume"),
        ("volume='stop'", "", Weight.LOOSENING, "another volume"),
        ("", "volume='off'", Weight.HARMLESS, "another volume"),
        ("", "rows=(5, None)", Weight.TIGHTENING, "another volume"),
        ("rows=(5, 9)", "rows=(4, 9)", Weight.LOOSENING, "another volume"),
        ("rows=(5, 9)", "rows=(4, 8)", Weight.TIGHTENING, "another volume"),
        ("rows=(5, 9)", "", Weight.LOOSENING, "another volume"),
        ("", "event_time='made'", Weight.HARMLESS, "other times of events"),
        (STALE, STALE + ", stale='stop'", Weight.TIGHTENING, "other times of events"),
        (STALE + ", stale='stop'", STALE, Weight.LOOSENING, "other times of events"),
    ],
)
def test_what_a_change_means(
    tmp_path: Path, before: str, after: str, weight: Weight, what: str
) -> None:
    (change,) = revision(loaded(tmp_path, before), loaded(tmp_path, after)).changes
    assert change.weight is weight
    assert what in change.what


def test_the_limits_are_told(tmp_path: Path) -> None:
    (change,) = revision(
        loaded(tmp_path, "rows=(5, None)"), loaded(tmp_path, "rows=(None, 1000)")
    ).changes
    assert (change.before, change.after) == ("warn, at least 5", "warn, at most 1,000")


@pytest.mark.parametrize(
    ("terms", "what"),
    [
        ("volume='loud'", "volume='loud' is not known"),
        ("rows=5", "rows=5 is not a pair of limits"),
        ("rows=(None, None)", "is not a pair of limits"),
        ("rows=('1', None)", "rows='1' is not a number of rows"),
        ("rows=(5, 2)", "rows=(5, 2) allows nothing"),
        ("stale='stop'", "does not say which column"),
        ("event_time='made', stale='stop'", "does not say how old is too old"),
        ("event_time='when'", "event_time names 'when'"),
        ("event_time='amount'", "event_time names 'amount', which is of type Int64"),
        ("event_time='born'", "event_time names 'born', which is personal"),
        ("event_time=3", "event_time=3 is not a text"),
    ],
)
def test_mistakes_are_told(tmp_path: Path, terms: str, what: str) -> None:
    with pytest.raises(ContractError) as refused:
        loaded(tmp_path, terms)
    assert what in refused.value.what
    assert refused.value.next
