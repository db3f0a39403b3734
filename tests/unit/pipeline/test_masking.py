from __future__ import annotations

import polars as pl
import pytest

from cleanhold.core.contract import MASK, Column, Contract, Privacy
from cleanhold.pipeline.masking import Personal, personal

CONTRACT = Contract(
    "d",
    columns=(
        Column("id", pl.String),
        Column("email", pl.String, source=("E-mail", "Mail"), privacy=Privacy.DIRECT),
        Column("phone_[0-9]", pl.String, regex=True, privacy=Privacy.INDIRECT),
    ),
    checks=(),
)


@pytest.mark.parametrize(
    "name", ["email", "E-mail", "E-MAIL", "e_mail", "Mail", " mail ", "phone_1", "phone_9"]
)
def test_every_name_a_personal_value_may_stand_under_is_masked(name: str) -> None:
    assert personal(CONTRACT).masked({name: "a@b", "id": "1"}) == {name: MASK, "id": "1"}


@pytest.mark.parametrize("name", ["id", "email2", "phone", "phone_10"])
def test_others_are_not(name: str) -> None:
    assert personal(CONTRACT).masked({name: "x"}) == {name: "x"}


def test_null_tells_nothing_and_false_does() -> None:
    assert personal(CONTRACT).masked({"email": None}) == {"email": None}
    assert personal(CONTRACT).masked({"email": False}) == {"email": MASK}


def test_without_a_contract_everything_is_masked() -> None:
    assert personal(None).masked({"anything": 1}) == {"anything": MASK}
    assert personal(None).has(None)
    assert not personal(None).none


def test_a_contract_without_personal_columns_masks_nothing() -> None:
    assert personal(Contract("d", columns=(Column("id", pl.String),), checks=())).none
    assert Personal().none
    assert not personal(CONTRACT).none
