"""Escapes, long delimiters and comments: what is written in them is read."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cleanhold import delimited
from cleanhold.core.reading import Reader
from cleanhold.readers import framing
from cleanhold.testing.reader_suite import Reading, account_for

RELAXED = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
BLOCKS = st.sampled_from([3, 7, 16, 61, 1 << 24])
CELLS = st.text(st.sampled_from('ab,"\n\r\\|~:é€😀#\x01\x02\x03\x04\x05 '), max_size=7)
#: Every control character, so that none is free to stand in for a mark.
CROWDED = st.just(("".join(map(chr, range(1, 32))), "a,b", 'c"d'))
TABLES = st.lists(st.one_of(*[st.tuples(CELLS, CELLS, CELLS)] * 9, CROWDED), max_size=10)


def read(tmp_path: Path, text: str, block: int, reader: Reader) -> Reading:
    path = tmp_path / "x.csv"
    path.write_bytes(text.encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(framing, "BLOCK", block)
        return account_for(reader, path)


def texts(reading: Reading) -> list[tuple[str, ...]]:
    return [tuple(cell or "" for cell in row) for row in reading.cells]  # type: ignore[misc]


@RELAXED
@given(table=TABLES, block=BLOCKS, quoted=st.booleans(), doubled=st.booleans())
def test_escapes_as_python_writes_them(
    tmp_path: Path, table: list[tuple[str, ...]], block: int, quoted: bool, doubled: bool
) -> None:
    if not quoted:  # an escaped CR before the CR LF of its line's end is refused: see the next test
        table = [(*row[:2], row[2].rstrip("\r")) for row in table]
    written = io.StringIO()
    style = csv.QUOTE_ALL if quoted else csv.QUOTE_NONE
    options = {"escapechar": "\\", "doublequote": doubled and quoted, "quoting": style}
    writer = csv.writer(written, lineterminator="\r\n", **options)  # type: ignore[call-overload]
    writer.writerows([("a", "b", "c"), *table])
    reading = read(tmp_path, written.getvalue(), block, delimited(escape="\\"))
    assert reading.codes == {}
    assert texts(reading) == table


def test_an_escaped_return_before_the_end_of_a_line_is_not_guessed_at(tmp_path: Path) -> None:
    reading = read(tmp_path, "a,b\n1,x\\\r\r\n2,y\r\n", 1 << 24, delimited(escape="\\"))
    assert reading.codes == {1: "parser_disagrees"}
    assert reading.cells == [("2", "y")]


@pytest.mark.parametrize("crowd", ["", "".join(chr(n) for n in range(1, 32) if n not in (10, 13))])
def test_an_escape_that_ends_the_file_escapes_nothing(tmp_path: Path, crowd: str) -> None:
    text = f"a,b\n{crowd}1\\,,\\\\\n2,x\\"
    reading = read(tmp_path, text, 1 << 24, delimited(escape="\\"))
    assert reading.codes == {2: "parser_disagrees"}
    assert reading.cells == [(f"{crowd}1,", "\\")]


@RELAXED
@given(
    table=TABLES,
    block=BLOCKS,
    delimiter=st.sampled_from(["||", "~|~", "::", "|", "é", "€", "\x01", "##", "😀,"]),
    quote=st.sampled_from(['"', "'", "«", "\x02"]),
)
def test_any_delimiter_and_quote(
    tmp_path: Path, table: list[tuple[str, ...]], block: int, delimiter: str, quote: str
) -> None:
    quoted = [[quote + cell.replace(quote, 2 * quote) + quote for cell in row] for row in table]
    lines = [delimiter.join(row) + "\n" for row in [["x", "y", "z"], *quoted]]
    reading = read(tmp_path, "".join(lines), block, delimited(delimiter=delimiter, quote=quote))
    assert reading.codes == {}
    assert reading.cells == table


@RELAXED
@given(
    pieces=st.lists(st.sampled_from(["a", "|", "||", "|||", "\n", '"', "x\n", '"||'])),
    block=BLOCKS,
)
def test_a_long_delimiter_without_quotes_splits_like_text(
    tmp_path: Path, pieces: list[str], block: int
) -> None:
    text = "".join(pieces)
    reading = read(tmp_path, "a||b\n" + text, block, delimited(delimiter="||", quote=None))
    lines = [line.split("||") for line in text.split("\n") if line]
    assert texts(reading) == [tuple(line) for line in lines if len(line) == 2]
    assert reading.records == len(lines)


@RELAXED
@given(
    lines=st.lists(
        st.sampled_from(["1,2", '"3","a\n# b"', '4,"#"', '# "', "#", "#,,,", '#"x\n', "5", ""]),
        max_size=15,
    ),
    block=BLOCKS,
    ending=st.sampled_from(["\n", "\r\n"]),
)
def test_comments_are_as_if_they_were_not_there(
    tmp_path: Path, lines: list[str], block: int, ending: str
) -> None:
    def text(lines: list[str]) -> str:
        return "a,b" + ending + "".join(line + ending for line in lines)

    commented = read(tmp_path, text(lines), block, delimited(comment="#"))
    data = [line for line in lines if not line.startswith("#")]
    plain = read(tmp_path, text(data), 1 << 24, delimited())
    assert commented.cells == plain.cells
    assert commented.codes == plain.codes
    kept = [b.rstrip(b"\r\n") for b in commented.refused["bytes"]]
    assert kept == [b.rstrip(b"\r\n") for b in plain.refused["bytes"]]
