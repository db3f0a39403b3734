"""Code maps in files beside the contract, and what is wrong with one."""

from __future__ import annotations

from pathlib import Path

import pytest

from cleanhold import codes, load_contract
from cleanhold.core.contract import Contract
from cleanhold.errors import ContractError

CONTRACT = """
import pandera.polars as pa
from cleanhold import codes, contract, field

@contract("crm.deals", version="1.0.0")
class Deals(pa.DataFrameModel):
    stage: str = field(parse=codes({path!r}))
"""


def contract_with(folder: Path, name: str, text: str) -> Contract:
    (folder / name).write_text(text, encoding="utf-8")
    (folder / "deals.py").write_text(CONTRACT.format(path=name), encoding="utf-8")
    return load_contract(str(folder / "deals.py"))


@pytest.mark.parametrize(
    ("name", "text"),
    [("stages.csv", 'code,meaning\nW,won\n"L","lost, or given up"\n\n'),
     ("stages.toml", 'W = "won"\nL = "lost, or given up"\n')],
)  # fmt: skip
def test_a_file_is_part_of_the_contract(name: str, text: str, tmp_path: Path) -> None:
    loaded = contract_with(tmp_path, name, text)
    written = codes({"W": "won", "L": "lost, or given up"})
    assert loaded.columns[0].parse == written
    again = contract_with(tmp_path, name, text)
    assert again.fingerprint() == loaded.fingerprint()
    changed = contract_with(tmp_path, name, text.replace("won", "win"))
    assert changed.fingerprint() != loaded.fingerprint()


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("stages.csv", "code,meaning\nW\n", "line 2 has 1 columns"),
        ("stages.csv", 'code,meaning\n"W,won\n', "cannot be read"),
        ("stages.csv", "code,meaning\n", "needs codes"),
        ("stages.csv", "code,meaning\nW,won\n W ,win\n", "'W' is in the map twice"),
        ("stages.toml", "W = 1\n", "not both text"),
        ("stages.toml", "W\n", "cannot be read"),
        ("stages.txt", "W won\n", "neither CSV nor TOML"),
    ],
)
def test_mistakes_in_a_file(name: str, text: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=says) as told:
        contract_with(tmp_path, name, text)
    assert "deals.py:7" in str(told.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "deals.py").write_text(CONTRACT.format(path="none.csv"), encoding="utf-8")
    with pytest.raises(ContractError, match=r"none\.csv cannot be read"):
        load_contract(str(tmp_path / "deals.py"))


def test_mistakes_in_a_dict() -> None:
    with pytest.raises(ContractError, match="'a' is in the map twice"):
        codes({"a": "1", "A": "2"}, any_case=True)
    with pytest.raises(ContractError, match="needs codes"):
        codes({})
