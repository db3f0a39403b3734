"""Delimited text against a plain reading of the rules, and against Python's csv module."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cleanhold.core.reading import RECORD, ROW_SPAN
from cleanhold.readers import delimited, framing, quoting
from cleanhold.testing.reader_suite import account_for, read_whole

from . import oracle

RELAXED = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

#: Pieces that break readers, alone and side by side.
HOSTILE = [
    *(b'"', b",", b"\n", b"\r", b"\r\n", b'""', b"\x00", b"\xff", b"\xef\xbb\xbf", b"a", b"=cmd"),
    *(b"\xe2\x80\xa8", b" ", b"1", b'",', b'\n"', b"\x1a", b',"', b"\xc3\xa9", b"x^", b"\\"),
    *(b"\xed\xa0\x80", b"a,b\n", b'"a",b\n', b'"a\nb",c\n', b"\xc3", b"\xf0\x9f\x98\x80", b"#"),
]
BLOCKS = st.sampled_from([3, 7, 16, 40, 1 << 24])
CELLS = st.one_of(
    st.text(st.sampled_from('ab1,"\n\r é€😀\u2028\x1a#x^'), max_size=8),
    st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=5),
)


def blocks(patch: pytest.MonkeyPatch, block: int, multiline: int = 1 << 24) -> None:
    patch.setattr(framing, "BLOCK", block)
    patch.setattr(quoting, "MAX_MULTILINE", multiline)


@RELAXED
@given(
    pieces=st.lists(st.sampled_from(HOSTILE), max_size=40),
    fields=st.integers(1, 3),
    block=BLOCKS,
    multiline=st.sampled_from([5, 20, 1 << 24]),
)
def test_framing_follows_its_rules(
    tmp_path: Path, pieces: list[bytes], fields: int, block: int, multiline: int
) -> None:
    head = ",".join("abc"[:fields]).encode() + b"\n"
    body = b"".join(pieces)
    text = body[:-1] if body.endswith(b"\x1a") else body
    lead = 0
    if fields > 1:  # blank lines before the first record are overhead
        lead = len(text) - len(text.lstrip(b"\r\n"))
    found = oracle.frame(text[lead:], fields, limit=multiline)
    expected = [
        (f.start + len(head) + lead, f.end - f.start, f.code or None, f.cells) for f in found
    ]

    path = tmp_path / "extract.csv"
    path.write_bytes(head + body)
    with pytest.MonkeyPatch.context() as patch:
        blocks(patch, block, multiline)
        reading = account_for(delimited(), path)
    rows = [(row[1], row[2], None, row[3:]) for row in reading.rows.rows()]
    refused = [(row[1], row[2], row[3], ()) for row in reading.refused.rows()]
    assert sorted(rows + refused, key=lambda found: found[0]) == expected


@pytest.mark.parametrize("fields", [256, 257, 258, 1_000])
def test_delimiters_by_the_hundred_are_counted(tmp_path: Path, fields: int) -> None:
    """Also where there are 256 more than there should be, and inside quotes."""
    filler = b",".join([b"x"] * fields)
    lines = [
        *(filler, filler + b"," * 256, b"," * (fields - 257), b'"' + b"," * 300 + b'",' + filler),
        *(filler[:-1] + b'"' + b"," * 256 + b'"', b'"' + b",\n" * 600 + b'"' + filler[1:]),
    ]
    head, text = b",".join(b"%d" % n for n in range(fields)) + b"\n", b"\n".join(lines)
    path = tmp_path / "extract.csv"
    path.write_bytes(head + text)
    reading = account_for(delimited(), path)
    rows = [(row[1] - len(head), None) for row in reading.rows.rows()]
    refused = [(row[1] - len(head), row[3]) for row in reading.refused.rows()]
    expected = [(f.start, f.code or None) for f in oracle.frame(text, fields)]
    assert sorted(rows + refused, key=lambda found: found[0]) == expected
    assert len(rows) >= 3


@RELAXED
@given(
    table=st.integers(1, 4).flatmap(
        lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), max_size=12)
    ),
    ending=st.sampled_from(["\n", "\r\n", "\r"]),
    quote_all=st.booleans(),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    block=BLOCKS,
)
def test_well_formed_text_reads_like_pythons_csv(
    tmp_path: Path,
    table: list[list[str]],
    ending: str,
    quote_all: bool,
    delimiter: str,
    block: int,
) -> None:
    width = len(table[0]) if table else 2
    written = io.StringIO()
    # The module leaves a line ending unquoted that is not the one it writes.
    broken = any("\n" in cell or "\r" in cell for row in table for cell in row)
    style = csv.QUOTE_ALL if quote_all or broken else csv.QUOTE_MINIMAL
    writer = csv.writer(written, delimiter=delimiter, lineterminator=ending, quoting=style)
    writer.writerow([f"c{n}" for n in range(width)])
    writer.writerows(table)
    data = written.getvalue()
    expected = list(csv.reader(io.StringIO(data, newline=""), delimiter=delimiter))[1:]

    path = tmp_path / "extract.csv"
    path.write_bytes(data.encode())
    with pytest.MonkeyPatch.context() as patch:
        blocks(patch, block)
        reading = account_for(delimited(delimiter=delimiter), path)
    assert reading.codes == {}
    assert [["" if cell is None else cell for cell in row] for row in reading.cells] == expected


@RELAXED
@given(
    lines=st.lists(
        st.sampled_from(
            ["1,abc,2", '2,"x, y",3', '"3","a ""b"" c","4"', "4,,", '5,"",6', '"6",é,"7"']
        ),
        min_size=2,
        max_size=15,
    ),
    data=st.data(),
    block=BLOCKS,
)
def test_a_stray_quote_costs_at_most_its_line(
    tmp_path: Path, lines: list[str], data: st.DataObject, block: int
) -> None:
    hit = data.draw(st.integers(0, len(lines) - 1))
    at = data.draw(st.integers(0, len(lines[hit])))
    spoiled = [*lines]
    spoiled[hit] = lines[hit][:at] + '"' + lines[hit][at:]
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text("a,b,c\n" + "\n".join(lines) + "\n", encoding="utf-8")
    bad.write_text("a,b,c\n" + "\n".join(spoiled) + "\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        blocks(patch, block)
        whole, reading = read_whole(delimited(), good), account_for(delimited(), bad)
    assert reading.records == len(lines)
    others = reading.rows.filter(reading.rows[RECORD] != hit + 1).drop(ROW_SPAN).rows()
    assert others == [row for n, row in enumerate(whole.cells) if n != hit]
