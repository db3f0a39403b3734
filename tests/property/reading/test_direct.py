"""The straight way through a well-formed file gives what framing gives, or is not taken."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from cleanhold import delimited
from cleanhold.core.reading import RECORD, Framing, Reader
from cleanhold.errors import DeliveryError
from cleanhold.readers import framing

#: What can be between the delimiters of a field that is well-formed, and of one that is not.
GOOD = st.sampled_from(
    [
        *(b"", b"a", b" b ", b'""', b'"a,b"', b'"say ""x"""', b'"two\nlines"', b"\xc3\xa9", b"x^"),
        b"\xef\xbb\xbf",
    ]
)
ANY = st.one_of(
    GOOD, st.sampled_from([b'5" pipe', b'"open', b"\xff", b"\0", b"\r", b"a,b", b'"a"b'])
)
ENDINGS = st.sampled_from([b"\n", b"\r\n"])


@st.composite
def files(draw: st.DrawFn, cell: st.SearchStrategy[bytes]) -> bytes:
    ending = draw(ENDINGS)
    rows = draw(st.lists(st.lists(cell, min_size=3, max_size=3), max_size=8))
    head = draw(st.sampled_from([b"a,b,c", b"\xef\xbb\xbfa,b,c", b'"a\nx",b,c', b"x^,b,c"]))
    last = draw(st.sampled_from([ending, b"", ending * 2]))
    return head + ending + ending.join(b",".join(row) for row in rows) + (last if rows else b"")


def read(opened: Framing) -> tuple[pl.DataFrame, int]:
    chunks = list(opened.chunks)
    empty = pl.DataFrame(schema=opened.columns)
    rows = [c.rows for c in chunks]
    return (pl.concat(rows) if rows else empty), sum(c.refused.height for c in chunks)


def compared(data: bytes, reader: Reader) -> bool:
    """Whether the straight way was taken; it then gives what framing gives."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "d.csv"
        path.write_bytes(data)
        opened = reader.open(path)
        framed, refused = read(opened)
        if opened.direct is None:
            return False
        seen: list[int] = []
        survey = opened.direct.survey(Path(folder) / "spans", seen.append)
        if survey is None:
            return False
        assert sum(seen) == len(data)
        assert not refused
        assert survey.records == framed.height
        scanned = opened.direct.rows.collect(engine="streaming")
        assert_frame_equal(scanned, framed.select(scanned.columns))
        for some in (framed[RECORD], framed[RECORD].gather_every(2), framed[RECORD][-1:]):
            fetched = survey.fetch(some)
            assert_frame_equal(fetched, framed.filter(pl.col(RECORD).is_in(some.implode())))
        return True


@settings(deadline=None)
@given(files(ANY))
def test_any_file(data: bytes) -> None:
    compared(data, delimited())


@settings(deadline=None)
@given(files(GOOD), st.sampled_from([16, 64, 1 << 20]))
def test_well_formed_files_in_blocks_of_any_size(data: bytes, block: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(framing, "BLOCK", block)
        compared(data, delimited())


@pytest.mark.parametrize(
    "head", [b"a,b,c\n", b"\xef\xbb\xbfa,b,c\n", b'"a\nx",b,c\n', b"a,b,c\r\n"]
)
def test_it_is_taken_where_every_record_is_whole(head: bytes) -> None:
    assert compared(head + b'1,"x,y",\n2,"a""b",\xc3\xa9\n3,"two\nlines",z', delimited())


def test_names_that_are_given_are_no_line_of_the_file() -> None:
    assert compared(b"1,2\n3,4\n", delimited(header=["a", "b"]))
    assert compared(
        b"skipped\n1;2\n3;4\n", delimited(header=["a", "b"], skip_lines=1, delimiter=";")
    )
    assert compared(b'1|"2\n3|4\n', delimited(header=["a", "b"], delimiter="|", quote=None))


@pytest.mark.parametrize(
    "data",
    [
        b"a,b\n1\n",  # too few fields
        b"a,b\n1,2,3\n",
        b'a,b\n1,5" pipe\n',
        b'a,b\n1,"open\n',
        b"a,b\n1,\xff\n",
        b"a,b\n1,\0\n",
        b"a,b\n1,2\n\n3,4\n",  # Polars drops blank lines; we join them to the record before
        b"a,b\n1,2\r3,4\n",  # and sees no line where a lone CR ends one
        b"a,b\n1,2\n\x1a",
        b"a\n1\n",
        b"a,b\n",
    ],
)
def test_it_is_not_taken_where_the_parser_could_be_wrong(data: bytes) -> None:
    assert not compared(data, delimited())


def test_other_encodings_are_framed(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_bytes(b"a,b\n1,\xe9\n")
    opened = delimited(encoding="latin-1").open(path)
    assert opened.direct is None


def test_a_file_that_becomes_shorter_is_said_to(tmp_path: Path) -> None:
    path = tmp_path / "extract.csv"
    path.write_bytes(b"a,b\n" + b"1,2\n" * 100)
    opened = delimited().open(path, lambda read: None)
    assert opened.direct is not None
    survey = opened.direct.survey(tmp_path / "spool", lambda read: None)
    assert survey is not None
    assert survey.records == 100
    path.write_bytes(b"a,b\n" + b"1,2\n" * 50)
    with pytest.raises(DeliveryError, match="became shorter"):
        survey.fetch(pl.Series([1, 99], dtype=pl.UInt64))
