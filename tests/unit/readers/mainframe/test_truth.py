"""Extracts that nobody here wrote, against the values that another reader gives (Cobrix)."""

from __future__ import annotations

import json
import string
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from cleanhold.core.reading import Reader
from cleanhold.readers import copybook
from cleanhold.testing.reader_suite import account_for

#: What every EBCDIC page has; the others are blanks in expected values, unless a page was named.
COMMON = string.ascii_letters + string.digits + " ,.()+-&_/:;<>=*%?\"'"
MAINFRAME = Path(__file__).parents[4].parent / "shared" / "data" / "mainframe"

pytestmark = pytest.mark.skipif(not MAINFRAME.exists(), reason="the shared data are not here")


def compare(test: str, expected: str, reader: Reader, printed: str | None = None) -> int:
    """How many rows were compared; every value must be the same."""
    (extract,) = (MAINFRAME / test).glob("*.dat")
    reading = account_for(reader, extract)
    assert reading.codes == {}
    lines = (MAINFRAME / test / "expected" / expected).read_text(encoding="utf-8").split("\n")
    wanted = [json.loads(line, parse_float=Decimal) for line in lines if line]
    for row, values in zip(reading.rows.rows(named=True), wanted, strict=False):
        flat = flattened(values)
        for name, text in row.items():
            key = name.replace("-", "_").rpartition(".")[2]
            if not name.startswith("__"):
                assert same(text, flat.get(key), printed), (row["__record"], name)
    return min(len(wanted), reading.rows.height)


def flattened(values: dict[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in values.items():
        flat |= flattened(value) if isinstance(value, dict) else {name: value}
    return flat


def same(text: str | None, value: Any, printed: str | None) -> bool:
    """Cobrix trims, gives null for what is no number, and blanks for characters it cannot print."""
    if value is None:
        return text is None or text.startswith("0x") or not text.strip("\0 ")
    if isinstance(value, str):
        return plain(text or "", printed) == plain(value, printed)
    return text is not None and Decimal(text) == value


def plain(text: str, printed: str | None) -> str:
    return "".join(
        c if (c in printed if printed else c.isprintable()) else " " for c in text
    ).strip()


def test_fixed_records_with_binary_decimals() -> None:
    reader = copybook(MAINFRAME / "test3" / "copybook.cob")
    assert compare("test3", "test3.txt", reader, COMMON) == 60


def test_a_code_page() -> None:
    reader = copybook(MAINFRAME / "test9" / "copybook.cob", encoding="cp037")
    assert compare("test9", "test9_cp037.txt", reader) == 60


def test_segments_after_descriptor_words() -> None:
    reader = copybook(
        MAINFRAME / "test5" / "copybook.cob", "V", rdw="little", rdw_adjustment=0,
        short="pad", no_value=(),
    )  # fmt: skip
    assert compare("test5", "test5.txt", reader, COMMON) == 60
    assert compare("test5", "test5a.txt", reader, COMMON) == 60


def test_sources_of_one_delivery_share_its_records() -> None:
    (extract,) = (MAINFRAME / "test5").glob("*.dat")
    spans: list[tuple[int, int]] = []
    for segment in ("C", "P"):
        reader = copybook(
            MAINFRAME / "test5" / "copybook.cob", "V", rdw="little", rdw_adjustment=0,
            segment_field="SEGMENT-ID", segments={"C": "STATIC-DETAILS", "P": "CONTACTS"},
            segment=segment,
        )  # fmt: skip
        reading = account_for(reader, extract)
        assert reading.codes == {}
        spans += reading.rows.select("__offset", "__length").rows()
    assert all(start + length == end for (start, length), (end, _) in pairwise(sorted(spans)))
    assert sum(length for _, length in spans) == extract.stat().st_size
