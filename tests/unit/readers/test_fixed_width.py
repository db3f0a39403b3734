from __future__ import annotations

import pytest

from cleanhold.errors import ConfigurationError, DeliveryError
from cleanhold.readers import fixed_width

from .conftest import Read

LAYOUT = [("no", 1, 2), ("name", 4, 3)]


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"\r"])
def test_cells_keep_their_blanks(read: Read, ending: bytes) -> None:
    reading = read(ending.join([b"01 Ann", b"02xBo ", b"      "]), fixed_width(LAYOUT))
    assert reading.cells == [("01", "Ann"), ("02", "Bo "), ("  ", "   ")]
    assert reading.framing.overhead == 0


def test_lines_of_another_length_are_refused(read: Read) -> None:
    reading = read(b"01 Ann\n02 Bo\n03 Cleo\n04 Dan", fixed_width(LAYOUT))
    assert [row[0] for row in reading.cells] == ["01", "04"]
    assert reading.codes == {2: "wrong_length", 3: "wrong_length"}
    assert reading.refused["message"].to_list() == [
        "5 characters, 6 expected",
        "7 characters, 6 expected",
    ]


def test_short_lines_can_be_padded(read: Read) -> None:
    reading = read(b"01 Ann\n02 B\n0\n03 Cleo\n", fixed_width(LAYOUT, short="pad"))
    assert reading.cells == [("01", "Ann"), ("02", "B  "), ("0 ", "   ")]
    assert reading.codes == {4: "wrong_length"}


def test_filler_after_the_last_field(read: Read) -> None:
    assert read(b"01 Ann....\n", fixed_width(LAYOUT, width=10)).cells == [("01", "Ann")]


def test_utf8_positions_are_characters(read: Read) -> None:
    reading = read("01 Zoë\n02éÅse\n".encode() + b"03 \xffxx\n", fixed_width(LAYOUT))
    assert reading.cells == [("01", "Zoë"), ("02", "Åse")]
    assert reading.codes == {3: "undecodable"}


def test_code_pages(read: Read) -> None:
    reading = read("01 Zoë\n\n02 Åse\n".encode("cp1252"), fixed_width(LAYOUT, encoding="cp1252"))
    assert reading.cells == [("01", "Zoë"), ("02", "Åse")]
    assert reading.rows["__length"].to_list() == [8, 7]


def test_quotes_and_nul_bytes(read: Read) -> None:
    reading = read(b'01 "An\n02 \0\0\0\n03 ,,"\n', fixed_width(LAYOUT))
    assert reading.cells == [("01", '"An'), ("03", ',,"')]
    assert reading.codes == {2: "nul_byte"}


def test_fields_may_be_given_in_any_order(read: Read) -> None:
    reading = read(b"01 Ann\n", fixed_width([("name", 4, 3), ("no", 1, 2)]))
    assert list(reading.framing.columns) == ["name", "no"]
    assert reading.cells == [("Ann", "01")]


def test_what_stands_before_the_records_is_overhead(read: Read) -> None:
    reading = read(b"\xef\xbb\xbfEXTRACT 7\n\n01 Ann\n\x1a", fixed_width(LAYOUT, skip_lines=1))
    assert reading.cells == [("01", "Ann")]
    assert reading.framing.overhead == 3 + 10 + 1 + 1


def test_an_empty_file(read: Read) -> None:
    with pytest.raises(DeliveryError, match="empty"):
        read(b"", fixed_width(LAYOUT))
    assert read(b"\n\n", fixed_width(LAYOUT)).records == 0


@pytest.mark.parametrize(
    ("layout", "says"),
    [
        ([], "no fields"),
        ("a:1:2", "cannot be read"),
        (5, "no fields"),
        ([("a", 0, 2)], "field 1"),
        ([("a", 1, 0)], "field 1"),
        ([("a", 1)], "field 1"),
        ([("", 1, 2)], "field 1"),
        ([("a", 1, 2), ("a", 3, 2)], "twice"),
        ([("__record", 1, 2)], "reserved"),
        ([("b", 4, 2), ("a", 1, 4)], "'a' ends at 4, but 'b' starts at 4"),
    ],
)
def test_layouts_that_cannot_be(layout: object, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        fixed_width(layout)  # type: ignore[arg-type]


@pytest.mark.parametrize("options", [{"short": "maybe"}, {"width": 5}, {"skip_lines": -1}])
def test_options_that_cannot_work(options: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError):
        fixed_width(LAYOUT, **options)  # type: ignore[arg-type]
