"""`cleanhold contract diff`: each kind of change, and what the version must do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]

CONTRACT = """
import pandera.polars as pa, polars as pl
from datetime import date, datetime
from decimal import Decimal
from cleanhold import booleans, check, col, contract, dates, field

@contract("shop.orders", version="{version}", owner="a@example.org", key="id", load="upsert",
          tolerance="5%", freshness="26h", nulls=("", "NULL"))
class Orders(pa.DataFrameModel):
    id: str = field(matches="O-[0-9]+")
    email: str = field(unique=True, pii="direct", nullable=True)
    amount: int = field(nullable=True, ge=0, le=100)
    size: str = field(isin=["S", "M", "L"], source="Size")
    colour: str = field(notin=["red"])
    code: str = field(str_length=(2, 4))
    day: date = field(parse=dates("%Y-%m-%d"), description="when")
    rate: int = field(default=1)
    customer: str = field(nullable=True, references="shop.customers.id")

    @check(says="is too much")
    def fits():
        return col("amount") <= 90
"""
BREAKING, TIGHTENING, LOOSENING, HARMLESS = "breaking", "tightening", "loosening", "harmless"

#: What is written instead → the gravest change, what it is about, and what is said of it.
CHANGES: list[tuple[str, str, str, str, str]] = [
    ("    colour: str = field(notin=['red'])\n", "", BREAKING, "colour", "gone"),
    ("amount: int", "amount: float", BREAKING, "amount", "type"),
    ("size: str = field(", "size: str = field(nullable=True, ", BREAKING, "size", "empty now"),
    ('key="id"', 'key=("id", "size")', BREAKING, "", "key"),
    ('load="upsert"', 'load="append"', BREAKING, "", "become the table"),
    ('"shop.orders"', '"shop.other"', BREAKING, "", "another name"),
    ("unique=True, ", "", BREAKING, "email.unique", "unique any more"),
    ("default=1", "default=2", BREAKING, "rate", "in place of none"),
    ("unique=True, ", "unique=True, severity='warn', ", BREAKING, "email.unique", "unique any"),
    ("code: str = field(", "code: str = field(severity='warn', ", BREAKING, "code.not_null",
     "null"),
    ("amount: int = field(nullable=True, ", "amount: int = field(", TIGHTENING, "amount", "not be"),
    ("ge=0", "ge=1", TIGHTENING, "amount.greater_than_or_equal_to", "fewer values"),
    ("le=100", "le=99", TIGHTENING, "amount.less_than_or_equal_to", "fewer values"),
    ('"M", "L"', '"M"', TIGHTENING, "size.isin", "fewer values"),
    ('notin=["red"]', 'notin=["red", "blue"]', TIGHTENING, "colour.notin", "fewer values"),
    ("(2, 4)", "(2, 3)", TIGHTENING, "code.str_length", "fewer values"),
    ("O-[0-9]+", "O-[0-9]{4}", TIGHTENING, "id.str_matches", "other values"),
    ('"L"],', '"L"], automatic="writing",', LOOSENING, "size", "without asking"),
    ('key="id",', 'key="id", automatic_limit="2%",', LOOSENING, "", "without asking"),
    ("<= 90", "<= 80", TIGHTENING, "fits", "something else"),
    ('"5%"', '"4%"', TIGHTENING, "", "share"),
    ("pii=", "ge='a', pii=", TIGHTENING, "email.greater_than_or_equal_to", "a new check"),
    ("shop.customers.id", "shop.people.id", TIGHTENING, "customer.references", "something else"),
    ('"%Y-%m-%d"', '"%d/%m/%Y"', TIGHTENING, "day", "read in another way"),
    ("    day: date", "    due: date = field()\n    day: date", TIGHTENING, "due", "a new column"),
    ('source="Size"', 'source="SIZE CODE"', TIGHTENING, "size", "headers"),
    ('("", "NULL")', '("",)', TIGHTENING, "", "no value"),
    ("default=1", "", TIGHTENING, "rate", "in place of none"),
    ("nulls=", "unknown='refuse', nulls=", TIGHTENING, "", "unknown columns"),
    ("ge=0", "ge=-1", LOOSENING, "amount.greater_than_or_equal_to", "more values"),
    ("ge=0, ", "", LOOSENING, "amount.greater_than_or_equal_to", "gone"),
    ('"M", "L"', '"M", "L", "XL"', LOOSENING, "size.isin", "more values"),
    ('notin=["red"]', "notin=[]", LOOSENING, "colour.notin", ""),
    ("(2, 4)", "(1, None)", LOOSENING, "code.str_length", "more values"),
    ('"5%"', '"6%"', LOOSENING, "", "share"),
    ('"5%"', "None", LOOSENING, "", "share"),
    ('source="Size"', 'source=["Size", "Sz"]', LOOSENING, "size", "headers"),
    ('@check(says="is too much")', '@check(says="is too much", severity="warn")', LOOSENING,
     "fits", "only warned"),
    ('pii="direct", ', "", LOOSENING, "email", "personal"),
    ("    day: date", "    memo: str = field(nullable=True)\n    day: date", TIGHTENING, "memo",
     "a new column"),
    ('says="is too much"', 'says="is a lot"', HARMLESS, "fits", "sentence"),
    ("def fits", "def is_small", HARMLESS, "is_small", "another name"),
    ("a@example.org", "b@example.org", HARMLESS, "", "owner"),
    ('description="when"', 'description="the day"', HARMLESS, "day", "description"),
    ('isin=["S", "M", "L"]', 'isin=["L", "M", "S"]', HARMLESS, "", ""),
    ("    def fits", "    def w():\n        return col('amount') > 3\n\n"
     '    @check(says="is too much")\n    def fits', TIGHTENING, "w", "a new check"),
]  # fmt: skip


def compared(
    cleanhold: Run, folder: Path, new: str, *, before: str = CONTRACT, versions: str = "1.2.0 1.2.0"
) -> Any:
    was, is_ = versions.split()
    (folder / "old.py").write_text(before.replace("{version}", was))
    (folder / "new.py").write_text(new.replace("{version}", is_))
    return cleanhold("contract", "diff", folder / "old.py", folder / "new.py", "--json")


@pytest.mark.parametrize(
    ("before", "after", "weight", "about", "what"), CHANGES, ids=lambda text: text[:24].strip()
)
def test_each_change_has_its_weight(
    cleanhold: Run, tmp_path: Path, before: str, after: str, weight: str, about: str, what: str
) -> None:
    text = CONTRACT.replace("'red'", '"red"')
    before = before.replace("['red']", '["red"]')
    assert text.count(before) >= 1
    found = compared(cleanhold, tmp_path, text.replace(before, after, 1))
    assert found.json["weight"] == weight, found.json["changes"]
    assert found.code == (1 if weight == BREAKING else 0)
    told = [c for c in found.json["changes"] if c["weight"] == weight and c["about"] == about]
    if what:
        assert any(what in c["what"] for c in told), found.json["changes"]


def test_the_order_of_columns_is_harmless(cleanhold: Run, tmp_path: Path) -> None:
    lines = CONTRACT.split("\n")
    place = next(n for n, line in enumerate(lines) if "colour:" in line)
    lines[place], lines[place + 1] = lines[place + 1], lines[place]
    found = compared(cleanhold, tmp_path, "\n".join(lines)).json
    assert [c["what"] for c in found["changes"]] == ["the columns stand in another order"]
    assert found["weight"] == HARMLESS


@pytest.mark.parametrize(
    ("after", "versions", "enough", "asks"),
    [
        ("ge=1", "1.2.0 1.2.0", False, "minor"),
        ("ge=1", "1.2.0 1.2.1", False, "minor"),
        ("ge=1", "1.2.0 1.3.0", True, "minor"),
        ("ge=1", "1.2.0 2.0.0", True, "minor"),
        ("ge=1", "1.2.0 1.1.0", False, "minor"),
        ("ge=1", "1.2.0 next", False, "minor"),
        ("ge=0, unique=True", "1.9.0 1.10.0", True, "minor"),
        ("ge=0", "1.2.0 1.2.0", True, "not raised"),
    ],
)
def test_the_version_is_to_be_raised(
    cleanhold: Run, tmp_path: Path, after: str, versions: str, enough: bool, asks: str
) -> None:
    found = compared(cleanhold, tmp_path, CONTRACT.replace("ge=0", after), versions=versions).json
    assert (found["is_raised_enough"], found["asks"]) == (enough, asks)


def test_a_breaking_change_asks_for_a_major_version(cleanhold: Run, tmp_path: Path) -> None:
    new = CONTRACT.replace("amount: int", "amount: float").replace("<= 90", "<= 80")
    compared(cleanhold, tmp_path, new, versions="1.2.0 1.3.0")
    found = cleanhold("contract", "diff", tmp_path / "old.py", tmp_path / "new.py")
    assert found.code == 1
    lines = found.out.splitlines()
    assert lines[0] == "shop.orders: contract 1.2.0 → 1.3.0"
    assert lines[2] == "breaking    amount: another type: Int64 → Float64"
    assert "asks for a new major version" in found.out


def test_what_readers_have_is_the_older_one(cleanhold: Run, small: Any, tmp_path: Path) -> None:
    small.contract().deliver("01", "a,1,x")
    small.run()
    file = small.root / "contracts/shop_orders.py"
    draft = tmp_path / "draft.py"
    draft.write_text(file.read_text().replace("ge=0", "ge=5"))
    found = cleanhold("contract", "diff", draft, "-w", small.root, "--json")
    assert found.json["weight"] == TIGHTENING
    assert found.json["before"]["where"].startswith(str(file))
    file.write_text(draft.read_text())  # what it was made with is nowhere any more
    lost = cleanhold("contract", "diff", file, "-w", small.root)
    assert lost.code == 2
    assert "snapshot 1 of shop.orders was made with contract 1.0.0" in lost.err


def test_without_a_snapshot_there_is_nothing_to_compare_with(cleanhold: Run, small: Any) -> None:
    small.contract()
    found = cleanhold("contract", "diff", small.root / "contracts/shop_orders.py", "-w", small.root)
    assert found.code == 2
    assert "contract diff OLD NEW" in found.err


def test_an_older_file_put_aside_imports_the_checks_of_the_workspace(
    cleanhold: Run, ran: Path, tmp_path: Path
) -> None:
    aside = tmp_path / "aside" / "old.py"
    aside.parent.mkdir()
    aside.write_text((ran / "contracts/crm_contacts.py").read_text())
    found = cleanhold("contract", "diff", aside, ran / "contracts/crm_contacts.py", "--json")
    assert found.code == 0
    assert found.json["changes"] == []
