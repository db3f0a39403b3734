"""An expression that raises on some value: which one it is, and nothing of the value."""

from __future__ import annotations

import pytest

from cleanhold.errors import ContractError

from .conftest import Judge

SECRET = "ada@example.org"

RULE = """
from dataclasses import dataclass

@dataclass(frozen=True)
class Digits:
    says, fallible = "digits", True
    def clean(self, text): return text
    def value(self, text, dtype):
        return pl.when(text.str.len_chars() > 3).then(text).cast(dtype)

@contract("a.b", version="1")
class A(pa.DataFrameModel):
    b: int
    a: int = field(parse=Digits(), pii="direct")
"""

FINE = "\n".join(
    f"@check(says='bad')\ndef fine_{n}() -> Expr:\n    return col('b') > {n}" for n in range(5)
)

CASES = {
    "a check that casts": (
        f"a: str = field(pii='direct')\nb: int\n{FINE}\n"
        "@check(says='bad')\ndef odd() -> Expr:\n    return col('a').cast(pl.Int64) > 1",
        "the check 'odd' raises InvalidOperationError: "
        "conversion from `str` to `i64` failed in column 'a'",
    ),
    "a function that raises": (
        "a: str = field(pii='direct')\nb: int\n@check(says='bad')\ndef odd() -> Expr:\n"
        "    return col('a').map_elements(lambda v: v / 0, return_dtype=pl.Boolean)",
        "the check 'odd' raises TypeError",
    ),
    "a parse rule": (RULE, "the parse rule of 'a' raises InvalidOperationError: conversion"),
    "a function called with each value": (
        "a: str = field(pii='direct')\nb: int\n@pa.check('a', element_wise=True)\n"
        "def odd(cls, value):\n    return int(value) > 0",
        "the check 'odd' raises ValueError on a value of 'a'",
    ),
}


@pytest.mark.filterwarnings("ignore::polars.exceptions.PolarsInefficientMapWarning")
@pytest.mark.parametrize("end", ["\n", "\r"], ids=["scanned", "framed"])
@pytest.mark.parametrize("case", CASES)
def test_what_raises_is_named_and_its_value_is_not(judge: Judge, case: str, end: str) -> None:
    contract, said = CASES[case]
    with pytest.raises(ContractError) as caught:
        judge(contract, f"a,b\n1234,1\n{SECRET},2\n".replace("\n", end))
    assert caught.value.what.startswith(said)
    assert SECRET not in str(caught.value)
    assert "\n" not in caught.value.what
    assert "c.py:" in str(caught.value.where)
    assert "true or false" in str(caught.value.next) or "null or false" in str(caught.value.next)


def test_a_parse_rule_that_panics_is_refused_at_load(judge: Judge) -> None:
    day = "pl.lit(2**31 - 1, dtype=pl.Int32).cast(pl.Date).cast(pl.String)"
    panics = RULE.replace("pl.when(text.str.len_chars() > 3).then(text).cast(dtype)", day)
    with pytest.raises(ContractError, match="the parse rule of 'a' cannot make String"):
        judge(panics.replace("a: int", "a: str"), "a,b\n1,2\n")
