"""Whatever a file is, `sniff` says something true about it, or why it cannot."""

from __future__ import annotations

import gzip
import random
from pathlib import Path

import pytest

from cleanhold.errors import CleanholdError, DeliveryError, UsageError
from cleanhold.pipeline.check import check_file
from cleanhold.pipeline.sniff import draft, sniff
from cleanhold.plan.load import load_contract
from cleanhold.workspace.catalogue import load_source

HOSTILE = {
    "one line": b"a,b,c",
    "one header": b"a_id,b,c\n",
    "one column": b"name\n" + b"Anna\nBert\n" * 20,
    "one cell": b"x",
    "one quote": b'"',
    "open quote": b'a_id,b\n1,"x\n2,y\n3,z\n',
    "only line ends": b"\n\r\n\r\n\n",
    "only delimiters": b",,,\n,,,\n,,,\n",
    "blanks": b"   \n    \n  \n",
    "nul bytes": b"a_id,b\n1,\x00\n2,y\n3,z\n" * 30,
    "ctrl-z": b"a_id,b\n1,2\n\x1a",
    "mixed encodings": "a_id,b\n1,Müller\n".encode() + "2,Müller\n3,Größe\n".encode("cp1252"),
    "mark alone": b"\xef\xbb\xbf",
    "utf-16 mark alone": b"\xff\xfe",
    "half a character": b"a_id,b\n1,\xc3",
    "high bytes": bytes(range(128, 256)) * 20,
    "same names": b"a,a,A,a b,a_b\n1,2,3,4,5\n",
    "no names": b",,\n1,2,3\n",
    "odd names": 'class,"x\ny",1st,名前,"quo""te",extra,date,__record\n1,2,3,4,5,6,7,8\n'.encode(),
    "code in names": b'"""); import os","{x}",\\n\n1,2,3\n',
    "huge line": b"a_id,b\n1," + b"x" * 5_000_000 + b"\n2,y\n",
    "huge field in quotes": b'a_id,b\n1,"' + b"x,\n" * 300_000 + b'"\n2,y\n',
    "very wide": b",".join(b"c%d" % n for n in range(3_000))
    + b"\n"
    + b",".join([b"1"] * 3_000)
    + b"\n",
    "deep json": b"[" * 50_000,
    "json lines": b'{"a": 1, "b": "x"}\n{"a": 2, "b": null}\n',
    "xml": b"<?xml version='1.0'?><r><x>1</x></r>",
    "web page": b"<!DOCTYPE html><html><body>404</body></html>",
    "sql": b"INSERT INTO t VALUES (1, 'a');\nINSERT INTO t VALUES (2, 'b');\n",
    "prose": b"This is no table, is it?\nNo, it is not; but it has commas, and more lines.\n" * 9,
    "noise": random.Random(4).randbytes(100_000),
    "half a parquet": b"PAR1" + b"\0" * 100,
    "half a zip": b"PK\x03\x04" + b"\0" * 100,
    "half a gzip": gzip.compress(b"a,b\n1,2\n" * 1000)[:-20],
    "gzip of a gzip": gzip.compress(gzip.compress(b"a,b\n1,2\n")),
    "ebcdic": "CUSTOMER 00012 SMITH  JOHN     ".encode("cp037") * 200,
    "emoji": "id,mood\n1,😀\n2,🤷‍♀️\n".encode(),
    "formulas": b"a_id,b\n1,=1+1\n2,@x\n3,+49 30\n",
}


#: Nothing can be looked at in these.
NOT_READ = {"half a zip", "half a gzip"}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_draft_works_or_it_is_said_why_not(tmp_path: Path, name: str) -> None:
    file = tmp_path / "hostile_2026-11-02.dat"
    file.write_bytes(HOSTILE[name])
    if name in NOT_READ:
        with pytest.raises(DeliveryError, match="next:"):
            sniff(file)
        return
    found = sniff(file)
    assert found.facts
    if found.format is None or not found.columns:
        assert found.advice
        with pytest.raises(UsageError, match="no draft can be written"):
            draft(found, "x.y", tmp_path)
        return
    written = draft(found, "x.y", tmp_path)
    contract = load_contract(str(written.contract))
    reader = load_source(str(written.source)).reader
    report = check_file(file, contract, reader)
    looked_at = found.rows + sum(found.refused.values())
    assert (
        report.account.records == looked_at or report.account.records > 100_000 or not found.whole
    )


def test_an_empty_file_and_none_are_said(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").touch()
    with pytest.raises(DeliveryError, match="empty"):
        sniff(tmp_path / "empty.csv")
    with pytest.raises(UsageError, match="no file"):
        sniff(tmp_path / "none.csv")
    with pytest.raises(UsageError, match="no file"):
        sniff(tmp_path)


def test_noise_never_crashes(tmp_path: Path) -> None:
    dice = random.Random(11)
    pieces = [b",", b'"', b"\n", b"\r", b"\x00", b";", b"\xff", "ü".encode(), b"12/31/2026", b"1e9",
              b"\t", b"N/A", b"'", b"\\", b"00012", b"a@b.c", b"|", b" ", b"$1,234.50"]  # fmt: skip
    said: list[CleanholdError] = []
    for number in range(120):
        file = tmp_path / f"{number}.csv"
        file.write_bytes(b"".join(dice.choices(pieces, k=dice.randint(1, 400))))
        try:
            found = sniff(file)
            if found.format is not None and found.columns:
                written = draft(found, f"x{number}.y", tmp_path)
                reader = load_source(str(written.source)).reader
                check_file(file, load_contract(str(written.contract)), reader)
        except CleanholdError as refused:
            said.append(refused)
    assert all(error.next for error in said)
