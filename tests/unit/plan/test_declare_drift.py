"""What a contract says of drift: which is refused, and what a change of it means."""

from __future__ import annotations

from pathlib import Path

import pytest

from cleanhold.core.contract import Contract
from cleanhold.core.promise import Alarm
from cleanhold.core.revision import revision
from cleanhold.errors import ContractError
from cleanhold.plan.load import load_contract

CONTRACT = """
import pandera.polars as pa
from cleanhold import contract, field


@contract("d.e", version="1"{terms})
class D(pa.DataFrameModel):
    region: str = field({field})
"""


def loaded(folder: Path, terms: str = "", field: str = "") -> Contract:
    file = folder / "d.py"
    file.write_text(CONTRACT.format(terms=terms, field=field))
    return load_contract(str(file))


def test_what_is_said_is_part_of_what_decides(tmp_path: Path) -> None:
    plain = loaded(tmp_path)
    stops = loaded(tmp_path, ", drift='stop'")
    limit = loaded(tmp_path, field="drift=0.3")
    off = loaded(tmp_path, field="drift='off'")
    assert (plain.drift, stops.drift) == (None, Alarm.STOP)
    assert [c.columns[0].drift for c in (plain, limit, off)] == [None, 0.3, Alarm.OFF]
    assert len({c.fingerprint() for c in (plain, stops, limit, off)}) == 4
    assert [c.stops_on_drift for c in (plain, stops, limit, off)] == [False, True, False, False]


@pytest.mark.parametrize(
    ("before", "after", "weight"),
    [("", "drift='stop'", "tightening"), ("drift=0.3", "drift=0.2", "tightening"),
     ("drift=0.2", "drift=0.3", "loosening"), ("drift='stop'", "drift='off'", "loosening")],
)  # fmt: skip
def test_what_a_change_means(tmp_path: Path, before: str, after: str, weight: str) -> None:
    old, new = (loaded(tmp_path, field=field) for field in (before, after))
    (change,) = revision(old, new).changes
    assert str(change.weight) == weight


@pytest.mark.parametrize(
    ("terms", "field"),
    [(", drift='loud'", ""), ("", "drift='loud'"), ("", "drift=0"), ("", "drift=True"),
     ("", "drift=float('nan')")],
)  # fmt: skip
def test_mistakes_are_told(tmp_path: Path, terms: str, field: str) -> None:
    with pytest.raises(ContractError) as refused:
        loaded(tmp_path, terms, field)
    assert "drift=" in refused.value.what
    assert refused.value.next
