from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

ROOT = Path(__file__).parents[3]
SAMPLES = ROOT / "data" / "samples"

Run = Callable[..., Any]

CONTACTS = """Contact ID;E-mail;Name;Signup Date;Balance;Fax;Newsletter
C-000001;anna@example.org;Anna;02.11.2026;1.234,50;;yes
C-000002;bert@example.org;Bert;30.10.2026;n/a;;no
C-000003;carl@example.org;Carl;01.11.2026;17,25;;yes
"""

CONTRACT = '''"""crm.contacts: a first draft, to be edited.

`cleanhold sniff` wrote it from contacts_2026-11-02.csv (all of its 3 rows). Types and patterns
are what these rows have; comments say where that is a guess.
"""

from datetime import date
from decimal import Decimal

import pandera.polars as pa

from cleanhold import EMAIL, contract, dates, decimal, field


@contract(
    "crm.contacts",
    version="0.1.0",
    owner="",  # who answers for it: an address or a team
    key="contact_id",  # unique in 3 rows
    load="upsert",  # or "replace" (each delivery is the whole table), "append"
    tolerance="5%",  # more held or refused: the run stops at candidate
)
class CrmContacts(pa.DataFrameModel):
    contact_id: str = field(matches=r"C-[0-9]{6}")
    e_mail: str = field(matches=EMAIL, pii="direct")
    name: str
    signup_date: date = field(parse=dates("%d.%m.%Y"))
    balance: Decimal = field(
        parse=decimal(thousands=".", mark=","),
        nulls=["", "n/a"],
        nullable=True,
    )
    # Empty in the sample.
    fax: str = field(nullable=True, pii="direct")
    newsletter: bool
'''

SOURCE = '''\
"""The source of crm.contacts: a first draft. Edit it, and move it to flows/sources.py."""

from cleanhold import Source, delimited

contacts = Source(
    name="crm.contacts",
    arrives="data/crm",  # the folder that deliveries arrive in
    pattern="contacts_*.csv",
    dated=r"([0-9]{4}-[0-9]{2}-[0-9]{2})",
    reader=delimited(delimiter=";"),
)
'''


@pytest.fixture
def contacts(tmp_path: Path) -> Path:
    file = tmp_path / "contacts_2026-11-02.csv"
    file.write_text(CONTACTS)
    return file


def test_the_draft_is_what_a_person_would_write(
    cleanhold: Run, contacts: Path, tmp_path: Path
) -> None:
    said = cleanhold("sniff", contacts, "--name", "crm.contacts", "--out", tmp_path / "out")
    assert said.code == 0
    contract = tmp_path / "out" / "contracts" / "crm_contacts.py"
    source = tmp_path / "out" / "flows" / "crm_contacts.py"
    assert source.read_text() == SOURCE
    assert contract.read_text() == CONTRACT
    checked = cleanhold("check", contacts, "-c", contract, "--source", source)
    assert checked.code == 0, checked.out
    assert f"cleanhold check {contacts} -c {contract} --source {source}" in said.out


def test_drafts_need_no_linter_and_no_formatter(
    cleanhold: Run, contacts: Path, tmp_path: Path
) -> None:
    files = [contacts, *(f for f in sorted(SAMPLES.rglob("*.csv")) if f.stat().st_size)]
    for number, file in enumerate(files):
        cleanhold("sniff", file, "--name", f"x{number}.y", "--out", tmp_path / "out")
    drafts = sorted((tmp_path / "out").rglob("*.py"))
    assert len(drafts) > 10
    ruff = [sys.executable, "-m", "ruff"]
    lint = [*ruff, "check", "--line-length=100", "--select=E,F,W,N,UP,B"]
    subprocess.run([*lint, *drafts], check=True, capture_output=True)
    formatted = [*ruff, "format", "--check", "--diff", "--line-length=100", *drafts]
    done = subprocess.run(formatted, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_report_shows_no_personal_values(cleanhold: Run, contacts: Path) -> None:
    said = cleanhold("sniff", contacts)
    assert "anna" not in said.out.lower()
    assert "anna" not in cleanhold("sniff", contacts, "--json").out.lower()
    contacts.write_text("birth date;n\n02.11.1986;1\n30.11.1988;2\n")
    for options in ([], ["--json"]):
        assert ".11.198" not in cleanhold("sniff", contacts, *options).out
    assert "personal (direct)?" in said.out


def test_json(cleanhold: Run, contacts: Path) -> None:
    found = json.loads(cleanhold("sniff", contacts, "--json").out)
    assert found["format"] == "csv"
    assert found["options"] == {"delimiter": ";"}
    assert found["key"] == "Contact ID"
    assert {f["what"] for f in found["facts"]} >= {"format", "encoding", "delimiter", "header"}
    assert found["drafts"] == {}


def test_nothing_is_overwritten(cleanhold: Run, contacts: Path, tmp_path: Path) -> None:
    for code in (0, 2):
        said = cleanhold("sniff", contacts, "--name", "crm.contacts", "--out", tmp_path)
        assert said.code == code
    assert "there is a file" in said.err
    assert cleanhold("sniff", contacts, "--name", "No Name", "--out", tmp_path).code == 2


def test_formats_that_say_what_they_hold_are_drafted_too(cleanhold: Run, tmp_path: Path) -> None:
    table = tmp_path / "table.bin"
    pl.DataFrame({"Deal ID": ["a", "b"], "n": [1, None]}).write_parquet(table)
    lines = tmp_path / "lines.txt"
    lines.write_text('{"id": "a", "n": 1}\n{"id": "b", "n": 2}\n')
    for number, file in enumerate((table, lines)):
        out = tmp_path / str(number)
        cleanhold("sniff", file, "--name", "a.b", "--out", out)
        said = cleanhold(
            "check", file, "-c", out / "contracts/a_b.py", "--source", out / "flows/a_b.py"
        )
        assert said.code == 0, said.out + said.err


@pytest.mark.parametrize(
    ("name", "data", "format", "advice"),
    [
        ("a.dat", "CUSTOMER 0012 SMITH JOHN   ".encode("cp037") * 90, "mainframe", "copybook"),
        ("a.pdf", b"%PDF-1.7 " + b"x" * 99, "a PDF", "ask the sender for CSV"),
        (
            "a.cob",
            b"       01  RECORD.\n           05  NAME     PIC X(10).\n" * 3,
            "COBOL",
            "reader",
        ),
        ("a.html", b"<html><body>404</body></html>", "web page", "error page"),
        (
            "a.txt",
            b"Dear all, this is a letter.\nThere is no table in it at all, or is there?\n"
            b"No.\nWith kind regards from the people who wrote it, and others, too\n" * 5,
            "text",
            "layout",
        ),
    ],
)
def test_what_cannot_be_drafted_is_explained(
    cleanhold: Run, tmp_path: Path, name: str, data: bytes, format: str, advice: str
) -> None:
    (tmp_path / name).write_bytes(data)
    said = cleanhold("sniff", tmp_path / name)
    assert said.code == 0
    assert format in said.out
    assert advice in said.out
    assert cleanhold("sniff", tmp_path / name, "--name", "a.b", "--out", tmp_path).code == 2
