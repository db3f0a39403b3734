from __future__ import annotations

import pytest

from cleanhold.core.reading import Reader
from cleanhold.errors import DeliveryError
from cleanhold.readers import delimited, fixed_width

from .conftest import Read

COUNTED = r"TRL\|(?P<count>\d+)"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "cp500", "cp932"])
@pytest.mark.parametrize("last", ["", "\n", "\r\n\r\n", "\n\x1a"])
def test_header_and_trailer_records(read: Read, encoding: str, last: str) -> None:
    text = "HDR|2\nid,name\n1,x\n2\nTRL|000002" + last
    reader = delimited(header_record="HDR", trailer=COUNTED, encoding=encoding)
    reading = read(text.encode(encoding), reader)
    assert reading.cells == [("1", "x")]
    assert reading.codes == {2: "too_few_fields"}
    assert reading.framing.notes == ("the trailer promises 2 records",)
    rest = len(text.encode(encoding)) - len("1,x\n2\n".encode(encoding))
    assert reading.framing.overhead == rest


@pytest.mark.parametrize(
    ("data", "reader", "says"),
    [
        ("a,b\n1,2\nTRL|2\n", delimited(trailer=COUNTED), "promises 2 records, .* has 1"),
        ("a,b\n1,2\n", delimited(trailer=COUNTED), "no trailer"),
        ("a,b\nTRL|x\n", delimited(trailer=r"TRL\|(?P<count>.)"), "is no number: 'x'"),
        ("H3\na,b\n1,2\n", delimited(header_record="H(?P<count>.)"), "header record promises 3"),
        ("a,b\n1,2\n", delimited(header_record="H"), "no header record"),
        ("a,b\n", delimited(trailer=2), "fewer than 2 lines"),
        ("01\nT2", fixed_width([("a", 1, 2)], trailer="T(?P<count>.)"), "promises 2"),
    ],
)
def test_what_does_not_agree_stops_the_delivery(
    read: Read, data: str, reader: Reader, says: str
) -> None:
    with pytest.raises(DeliveryError, match=says) as caught:
        read(data.encode(), reader)
    assert caught.value.next


def test_a_number_of_trailing_lines(read: Read) -> None:
    reading = read(b"a,b\n1,2\nTotal,2\n\nprinted on Monday\n\n", delimited(trailer=2))
    assert reading.cells == [("1", "2")]


def test_several_lines_of_one_pattern(read: Read) -> None:
    data = b"#A\n#B\na,b\n1,2\nTotal;1\nTotal;2\n"
    assert read(data, delimited(trailer="Total", header_record="#")).cells == [("1", "2")]


def test_a_trailer_after_megabytes(read: Read) -> None:
    data = b"a,b\n" + b"1,2\n" * 100_000 + b"TRL|100000\n"
    assert read(data, delimited(trailer=COUNTED)).rows.height == 100_000


def test_fixed_width_between_records(read: Read) -> None:
    reader = fixed_width(
        [("a", 1, 2), ("b", 3, 2)], header_record="HDR", trailer=r"TRL(?P<count>\d)"
    )
    reading = read(b"HDR 1\n\n01xx\n02\nTRL2", reader)
    assert reading.cells == [("01", "xx")]
    assert reading.codes == {2: "wrong_length"}
