"""Where records begin and end, and what becomes of those that say nonsense."""

from __future__ import annotations

import struct

import pytest

from cleanhold.errors import DeliveryError, UsageError
from cleanhold.readers import copybook, framing

from .conftest import Read

TEXT = "       01  R.\n           05  A  PIC X(2).\n           05  B  PIC X.\n"


def descriptor(length: int, order: str = "big") -> bytes:
    """A descriptor word; it counts itself."""
    return struct.pack(">HH" if order == "big" else "<HH", length + 4, 0)


def variable(*records: bytes, order: str = "big") -> bytes:
    return b"".join(descriptor(len(record), order) + record for record in records)


def block(*records: bytes, order: str = "big") -> bytes:
    content = variable(*records, order=order)
    return descriptor(len(content), order) + content


def test_fixed(read: Read) -> None:
    reading = read(b"ab1cd2ef", copybook(TEXT, encoding="ascii"))
    assert reading.cells == [("ab", "1"), ("cd", "2")]
    assert reading.codes == {3: "wrong_length"}
    assert reading.refused["message"].to_list() == ["2 characters, 3 expected"]
    assert reading.refused["bytes"].to_list() == [b"ef"]


def test_bytes_around_records_and_around_the_file(read: Read) -> None:
    reader = copybook(
        TEXT, encoding="ascii", file_start=3, file_end=2, record_start=1, record_end=2
    )
    reading = read(b"HDR" + b"<ab1!!" + b"<cd2!!" + b"TL", reader)
    assert reading.cells == [("ab", "1"), ("cd", "2")]
    assert reading.framing.overhead == 5
    longer = copybook(TEXT, encoding="ascii", record_length=5)
    assert read(b"ab1..cd2..", longer).cells == [("ab", "1"), ("cd", "2")]
    shorter = copybook(TEXT, encoding="ascii", record_length=2)
    assert read(b"abcd", shorter).codes == {1: "wrong_length", 2: "wrong_length"}


@pytest.mark.parametrize("order", ["big", "little"])
def test_variable(read: Read, order: str) -> None:
    reading = read(variable(b"ab1", b"cd2", order=order), copybook(TEXT, "V", "ascii", rdw=order))
    assert reading.cells == [("ab", "1"), ("cd", "2")]
    assert reading.rows["__length"].to_list() == [7, 7]


def test_lengths_in_the_other_half_and_without_the_header(read: Read) -> None:
    reader = copybook(TEXT, "V", "ascii", rdw="little", rdw_adjustment=0)
    assert read(b"\0\0\3\0ab1" + b"\3\0\0\0cd2", reader).cells == [("ab", "1"), ("cd", "2")]


def test_records_of_other_lengths(read: Read) -> None:
    data = variable(b"ab1", b"", b"c", b"cd", b"ef34")
    reading = read(data, copybook(TEXT, "V", "ascii"))
    assert reading.codes == dict.fromkeys((2, 3, 4, 5), "wrong_length")
    assert reading.refused["message"][1] == "1 characters, 3 expected"
    reading = read(data, copybook(TEXT, "V", "ascii", short="pad", long="ignore"))
    assert reading.cells == [("ab", "1"), ("c ", None), ("cd", None), ("ef", "3")]
    assert reading.codes == {2: "wrong_length"}


@pytest.mark.parametrize("clause", ["S9(5) COMP-3", "S9(5) COMP", "9(4)", "S9(4)V9(4) COMP-5"])
def test_a_number_that_is_cut_off(read: Read, clause: str) -> None:
    text = f"{TEXT}           05  N  PIC {clause}.\n"
    reading = read(variable(b"ab112"), copybook(text, "V", "ascii", short="pad"))
    ((_, _, number),) = reading.cells
    assert number.startswith("0x3132--")


@pytest.mark.parametrize("header", [b"\0\0\0\0", b"\0\1\0\0", b"\0\7\1\0", b"\xff\xff\xff\xff"])
def test_after_a_header_of_nonsense_nothing_is_framed(
    read: Read, header: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    rest = header + variable(b"cd2", b"ef3")
    data = variable(b"ab1") + rest
    for size in (3, 8, 1 << 20):
        monkeypatch.setattr(framing, "BLOCK", size)
        reading = read(data, copybook(TEXT, "V", "ascii"))
        assert reading.cells == [("ab", "1")]
        assert reading.codes == {2: "bad_length"}
        assert reading.refused["bytes"].to_list() == [rest]
    monkeypatch.setattr(framing, "MAX_RECORD", 8)
    monkeypatch.setattr(framing, "BLOCK", 8)
    assert set(read(data, copybook(TEXT, "V", "ascii")).codes.values()) == {"bad_length"}


def test_a_file_that_is_cut_off(read: Read) -> None:
    data = variable(b"ab1", b"cd2")
    for missing in range(1, 7):
        reading = read(data[:-missing], copybook(TEXT, "V", "ascii"))
        assert (reading.cells, reading.codes) == ([("ab", "1")], {2: "cut_off"})


@pytest.mark.parametrize("order", ["big", "little"])
def test_blocks(read: Read, order: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = block(b"ab1", b"cd2", order=order) + block(b"ef3", order=order)
    for size in (3, 1 << 20):
        monkeypatch.setattr(framing, "BLOCK", size)
        reading = read(data, copybook(TEXT, "VB", "ascii", rdw=order, bdw=order))
        assert reading.cells == [("ab", "1"), ("cd", "2"), ("ef", "3")]


def test_a_large_block(read: Read) -> None:
    content = variable(*[b"ab1"] * 20_000)
    data = struct.pack(">I", 0x80000000 | (len(content) + 4)) + content
    assert read(data, copybook(TEXT, "VB", "ascii")).records == 20_000


def test_a_header_of_nonsense_costs_its_block(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = variable(b"ab1") + b"\0\1\0\0" + b"lost"
    data = descriptor(len(broken)) + broken + block(b"cd2")
    for size in (3, 1 << 20):
        monkeypatch.setattr(framing, "BLOCK", size)
        reading = read(data, copybook(TEXT, "VB", "ascii"))
        assert reading.cells == [("ab", "1"), ("cd", "2")]
        assert reading.codes == {2: "bad_length"}
        assert reading.refused["bytes"].to_list() == [b"\0\1\0\0lost"]


def test_a_record_that_is_longer_than_its_block(read: Read) -> None:
    data = descriptor(7) + variable(b"ab12") + block(b"cd2")
    reading = read(data, copybook(TEXT, "VB", "ascii"))
    assert reading.codes[1] == "bad_length"


def test_lines(read: Read) -> None:
    data = b"ab1\r\ncd2\n\nef\nghij\nkl3\x1a"
    reading = read(data, copybook(TEXT, "D", "ascii"))
    assert reading.cells == [("ab", "1"), ("cd", "2"), ("kl", "3")]
    assert reading.codes == {3: "wrong_length", 4: "wrong_length"}
    padded = read(data, copybook(TEXT, "D", "ascii", short="pad"))
    assert ("ef", None) in padded.cells


def test_a_field_says_the_length(read: Read) -> None:
    text = "       01  R.\n           05  LEN  PIC 9(2).\n           05  A  PIC X(3).\n"
    reader = copybook(text, "U", "ascii", length_field="len", short="pad")
    reading = read(b"05abc04de05fgh", reader)
    assert reading.cells == [("05", "abc"), ("04", "de "), ("05", "fgh")]
    assert read(b"05abc0?de05fgh", reader).codes == {2: "bad_length"}
    assert read(b"05abc05f", reader).codes == {2: "cut_off"}
    other = copybook(text, "U", "ascii", length_field="LEN", length_adjustment=2)
    assert read(b"03abc03fgh", other).cells == [("03", "abc"), ("03", "fgh")]


def test_deliveries_that_are_no_extract(read: Read) -> None:
    with pytest.raises(DeliveryError, match="empty"):
        read(b"", copybook(TEXT))
    with pytest.raises(DeliveryError, match="fewer"):
        read(b"ab", copybook(TEXT, file_start=2, file_end=1))


@pytest.mark.parametrize(
    "options",
    [
        {"recfm": "X"}, {"rdw": "middle"}, {"floats": "cray"}, {"short": "cut"}, {"long": "cut"},
        {"no_value": "zeros"}, {"file_start": -1}, {"record_length": 0},
        {"recfm": "V", "record_length": 9}, {"length_field": "A"},
        {"recfm": "U", "length_field": "Z"}, {"segment_field": "A"},
        {"segments": {"1": "B"}}, {"segment_field": "Z", "segments": {"1": "B"}},
        {"segment_field": "A", "segments": {"1": "Z"}},
        {"segment_field": "A", "segments": {"1": "B"}, "segment": "2"}, {"record": "Z"},
    ],
)  # fmt: skip
def test_mistaken_options(options: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        copybook(TEXT, **options)  # type: ignore[arg-type]
