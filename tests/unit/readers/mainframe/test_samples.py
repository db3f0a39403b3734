"""The mainframe samples, and the page about copybooks followed word for word."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from cleanhold.readers import copybook
from cleanhold.testing.reader_suite import account_for

ROOT = Path(__file__).parents[4]
FORMATS = ROOT / "data" / "samples" / "formats"
PAGE = (ROOT / "docs" / "readers" / "copybook.md").read_text(encoding="utf-8")


def block(start: str) -> str:
    """The first piece of code on the page that begins like that."""
    (found,) = re.findall(rf"```\w+\n({re.escape(start)}.*?)```", PAGE, re.DOTALL)
    return str(found)


def test_the_page(
    cleanhold: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "policy.cob").write_text(block("       01  POLICY."), encoding="utf-8")
    (tmp_path / "policies.py").write_text(block("from datetime"), encoding="utf-8")
    shutil.copy(FORMATS / "policies.dat", tmp_path)
    command = block("cleanhold check policies.dat").split()
    said = cleanhold(*command[1:], "--json")
    assert (said.json["clean"], said.json["held"], said.json["refused"]) == (9, 2, 1)
    python = block("from cleanhold.readers import fields_of")
    with redirect_stdout(StringIO()) as told:
        exec(python, {})
    assert told.getvalue().splitlines()[3] == "PREMIUM 17 5 decimal S9(7)V99"


def test_policies() -> None:
    reading = account_for(
        copybook(FORMATS / "policy.cob", encoding="cp1047"), FORMATS / "policies.dat"
    )
    assert reading.codes == {12: "wrong_length"}
    premiums = reading.rows["PREMIUM"].to_list()
    assert premiums[4].startswith("0x")
    assert premiums[7] is None


def test_ledger() -> None:
    kinds = {"C": "CUSTOMER", "B": "BOOKING"}
    customers, bookings = (
        account_for(
            copybook(FORMATS / "ledger.cob", "VB", segment_field="SEGMENT-ID", segments=kinds,
                     segment=segment),
            FORMATS / "ledger.vb",
        )
        for segment in kinds
    )  # fmt: skip
    assert customers.rows["PHONE-COUNT"].to_list() == ["1", "2", "3", "0", "1", "2"]
    assert customers.rows["PHONE[3]"].null_count() == 5
    assert set(customers.codes.values()) == set(bookings.codes.values()) == {"unknown_segment"}
    assert all(re.fullmatch(r"-?[0-9]+\.[0-9]{2}", amount) for amount in bookings.rows["AMOUNT"])
