"""cleanhold check on compressed files and standard input."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zstandard

Run = Callable[..., Any]
ROWS = b"id,amount\na,1\nb,-1\n"
CONTRACT = """
import pandera.polars as pa
from cleanhold import contract, field

@contract("shop.orders", version="1.2.0", key="id")
class Orders(pa.DataFrameModel):
    id: str = field(unique=True)
    amount: int = field(ge=0, nullable=True)
"""


@pytest.fixture
def orders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    file = tmp_path / "orders.py"
    file.write_text(CONTRACT)
    return file


def archive(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name.replace("__", "."), content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("orders.csv.gz", gzip.compress(ROWS)),
        ("orders.csv.bz2", bz2.compress(ROWS)),
        ("orders.csv.xz", lzma.compress(ROWS)),
        ("orders.csv.zst", zstandard.compress(ROWS)),
        ("orders.zip", archive(orders__csv=ROWS)),
        ("orders.csv", ROWS),
    ],
    ids=lambda value: value if isinstance(value, str) else "",  # gzip has the time in its bytes
)
def test_what_is_inside_is_checked(
    orders: Path, cleanhold: Run, tmp_path: Path, name: str, content: bytes
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    said = cleanhold("check", file, "-c", orders, "--json")
    assert said.code == 1
    assert (said.json["records"], said.json["clean"], said.json["held"]) == (2, 1, 1)
    assert any("unpacked from" in note for note in said.json["notes"]) is (name != "orders.csv")
    assert not list((tmp_path / "scratch").iterdir())


def test_which_member_is_said(orders: Path, cleanhold: Run, tmp_path: Path) -> None:
    file = tmp_path / "many.zip"
    file.write_bytes(archive(orders__csv=ROWS, readme__txt=b"hello"))
    said = cleanhold("check", file, "-c", orders)
    assert said.code == 2
    assert "orders.csv, readme.txt" in said.err
    assert cleanhold("check", file, "-c", orders, "--member", "*.csv", "--json").code == 1


def test_standard_input(
    orders: Path, cleanhold: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for content in (ROWS, gzip.compress(ROWS)):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        said = cleanhold("check", "-", "-f", "csv", "-c", orders, "--json")
        assert said.json["records"] == 2
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    said = cleanhold("check", "-", "-f", "csv", "-c", orders)
    assert (said.code, "nothing comes" in said.err) == (2, True)
    assert not list((tmp_path / "scratch").iterdir())


def test_a_damaged_file_and_a_bomb_are_refused(
    orders: Path, cleanhold: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[tool.cleanhold]\n[tool.cleanhold.limits]\nunpacked = "1MB"\n'
    )
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cut.csv.gz").write_bytes(gzip.compress(ROWS)[:-3])
    (tmp_path / "bomb.csv.gz").write_bytes(gzip.compress(bytes(2_000_000)))
    for name, says in (("cut.csv.gz", "its end is missing"), ("bomb.csv.gz", "1,000,000 bytes")):
        said = cleanhold("check", tmp_path / name, "-c", orders)
        assert said.code == 3
        assert says in said.err
        assert name in said.err
    assert not list((tmp_path / "scratch").iterdir())


def test_ctrl_c_leaves_nothing_behind(
    orders: Path, cleanhold: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cleanhold.pipeline import check

    def pressed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(check, "divide", pressed)
    file = tmp_path / "orders.csv.gz"
    file.write_bytes(gzip.compress(ROWS))
    assert cleanhold("check", file, "-c", orders).code == 130
    assert not list((tmp_path / "scratch").iterdir())
