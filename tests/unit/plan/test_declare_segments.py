"""Segments of a contract: which are refused when it is loaded."""

from __future__ import annotations

from pathlib import Path

import pytest

from cleanhold.core.contract import Contract
from cleanhold.errors import ContractError
from cleanhold.plan.load import load_contract

CONTRACT = """
import pandera.polars as pa
from cleanhold import contract, field, split


@contract("d.e", version="1", {terms})
class D(pa.DataFrameModel):
    region: str = field()
    tags: list[str] = field(parse=split(";"))
"""


def loaded(folder: Path, terms: str) -> Contract:
    file = folder / "d.py"
    file.write_text(CONTRACT.format(terms=terms))
    return load_contract(str(file))


def test_segments_are_part_of_what_decides(tmp_path: Path) -> None:
    plain = loaded(tmp_path, "")
    named = loaded(tmp_path, "segments='region'")
    tight = loaded(tmp_path, "segments='region', loss_bias='1%'")
    assert (named.segments, named.loss_bias) == (("region",), 0.02)
    assert tight.loss_bias == 0.01
    assert len({c.fingerprint() for c in (plain, named, tight)}) == 3


@pytest.mark.parametrize(
    ("terms", "why"),
    [
        ("segments='regoin'", "segments names 'regoin'"),
        ("segments='tags'", "several values in a row"),
        ("segments=3", "segments"),
        ("loss_bias='lots'", "loss_bias='lots' is not a share"),
        ("loss_bias=2", "loss_bias=2 is not a share"),
    ],
)
def test_mistakes_are_told(tmp_path: Path, terms: str, why: str) -> None:
    with pytest.raises(ContractError) as refused:
        loaded(tmp_path, terms)
    assert why in refused.value.what
    assert refused.value.next
