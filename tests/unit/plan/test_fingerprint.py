"""A contract's fingerprint: the same in every process, another when a verdict could change."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cleanhold import load_contract

CONTRACT = """import pandera.polars as pa
import polars as pl
from cleanhold import *

LETTERS = {"a", "b", "c", "d", "e"}
ENOUGH = 100

@contract("a.b", version="1", key="a")
class A(pa.DataFrameModel):
    a: str = field(isin=LETTERS, matches="[a-e]", parse=text(lower=True))
    b: int = field(unique_values_eq={3, 1, 2}, nullable=True, default=5)
    c: int = field(alias="m_[0-9]", regex=True, ge=0, required=False)

    @pa.check("b", element_wise=True)
    def is_small(cls, value):
        return value < 10

    @pa.check("a", element_wise=True)
    def is_listed(cls, value):
        return value in {"alpha", "beta", "gamma", "delta", "epsilon"}

    @pa.check("b")
    def enough(cls, data):
        return data.lazyframe.collect().height > ENOUGH

    @pa.dataframe_check
    def all_given(cls, data):
        return data.lazyframe.select(pl.all().is_not_null())

    @check(says="no")
    def in_order() -> Expr:
        return col("b") < 5
"""


def fingerprint(file: Path, text: str) -> str:
    file.write_text(text)
    return load_contract(str(file)).fingerprint()


def test_it_is_the_same_in_every_process(tmp_path: Path) -> None:
    text = CONTRACT.replace("    c: int", "    # c: int")
    file = tmp_path / "c.py"
    here = fingerprint(file, text)
    code = (
        "import sys; from cleanhold import load_contract;"
        "print(load_contract(sys.argv[1]).fingerprint())"
    )
    for seed in ("1", "2"):
        told = subprocess.run(
            [sys.executable, "-c", code, str(file)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        assert told.stdout.strip() == here


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('version="1"', 'version="2"'),
        ('key="a"', 'key="a", tolerance="5%"'),
        ('key="a"', 'key="a", nulls=("", "-")'),
        ('"d", "e"', '"d"'),
        ('matches="[a-e]"', 'matches="[a-f]"'),
        ("lower=True", "upper=True"),
        ("nullable=True", "nullable=False"),
        ("default=5", "default=6"),
        ("{3, 1, 2}", "{3, 1}"),
        ("value < 10", "value < 11"),
        ('"gamma"', '"Gamma"'),
        ("height > ENOUGH", "height >= ENOUGH"),
        ("ENOUGH = 100", "ENOUGH = 101"),
        ("is_not_null", "is_null"),
        ('col("b") < 5', 'col("b") <= 5'),
        ("ge=0", "ge=1"),
    ],
)
def test_it_changes_with_what_is_checked(tmp_path: Path, old: str, new: str) -> None:
    text = CONTRACT.replace(", required=False", "")
    assert old in text
    file = tmp_path / "c.py"
    before = fingerprint(file, text)
    assert fingerprint(file, text) == before
    assert fingerprint(file, text.replace(old, new)) != before
