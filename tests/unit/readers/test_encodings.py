from __future__ import annotations

from pathlib import Path

import pytest

from cleanhold.errors import DeliveryError, UsageError
from cleanhold.readers import delimited, fixed_width
from cleanhold.readers.encoding import text_encoding

from .conftest import Read

TEXT = "a,b\n1,é\n"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
@pytest.mark.parametrize("order", ["le", "be"])
def test_the_mark_tells_the_byte_order(read: Read, encoding: str, order: str) -> None:
    data = ("\ufeff" + TEXT).encode(f"{encoding}-{order}")
    reading = read(data, delimited(encoding=encoding))
    assert reading.cells == [("1", "é")]
    assert reading.framing.encoding == f"{encoding}-{order}"
    assert reading.framing.notes == (f"read as {encoding}-{order}, by its byte order mark",)
    assert read(data, delimited(encoding=f"{encoding}-{order}")).cells == [("1", "é")]


def test_a_byte_order_is_not_guessed(read: Read) -> None:
    data = TEXT.encode("utf-16-le")
    assert read(data, delimited(encoding="utf-16-le")).cells == [("1", "é")]
    with pytest.raises(DeliveryError, match="does not begin with the byte order mark"):
        read(data, delimited(encoding="utf-16"))
    with pytest.raises(DeliveryError, match="mark of utf-16-be, but utf-16-le is declared"):
        read(b"\xfe\xff" + data, delimited(encoding="utf-16-le"))


def test_a_unit_that_is_cut_refuses_its_record(read: Read) -> None:
    reading = read("a,b\n1,2\n3,4".encode("utf-16-le")[:-1], delimited(encoding="utf-16-le"))
    assert reading.cells == [("1", "2")]
    assert reading.codes == {2: "undecodable"}


@pytest.mark.parametrize(
    ("encoding", "bad"),
    [
        ("utf-16-le", b"\x00\xdc"),
        ("utf-32-be", b"\x00\x11\x00\x00"),
        ("cp932", b"\x81"),
        ("gb18030", b"\xff"),
        ("cp1252", b"\x81"),
        ("ascii", b"\x80"),
        ("euc-kr", b"\xa1"),
    ],
)
def test_bytes_that_mean_nothing_refuse_their_record(read: Read, encoding: str, bad: bytes) -> None:
    head, tail = "a,b\n1,x".encode(encoding), "\n2,y\n".encode(encoding)
    reading = read(head + bad + tail, delimited(encoding=encoding))
    assert reading.cells == [("2", "y")]
    assert reading.codes == {1: "undecodable"}
    assert reading.refused["bytes"].to_list()[0].startswith("1,x".encode(encoding) + bad)


def test_second_bytes_are_no_marks(read: Read) -> None:
    text = "名|ソ\n表|能ポ\\|\n"
    data = text.encode("cp932")
    assert data.count(b"\\") == 4  # the second bytes of three characters, and the escape
    assert data.count(b"|") == 4
    reading = read(data, delimited(delimiter="|", encoding="cp932", escape="\\"))
    assert list(reading.framing.columns) == ["名", "ソ"]
    assert reading.cells == [("表", "能ポ|")]


@pytest.mark.parametrize("ending", ["\n", "\x85", "\r\n", "\r\x85"])
def test_lines_of_ebcdic(read: Read, ending: str) -> None:
    text = ending.join(["id;ort", "1;Köln", '2;"a;b"', ""])
    reading = read(text.encode("cp273"), delimited(delimiter=";", encoding="cp273"))
    assert reading.cells == [("1", "Köln"), ("2", "a;b")]
    lines = ending.join(["01Köln", "02Ulm "])
    reading = read(lines.encode("cp1140"), fixed_width([("n", 1, 2), ("o", 3, 4)], "cp1140"))
    assert reading.cells == [("01", "Köln"), ("02", "Ulm ")]


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (b"\xef\xbb\xbf" + TEXT.encode(), "utf-8"),
        (TEXT.encode(), "utf-8"),
        (("\ufeff" + TEXT).encode("utf-16-be"), "utf-16-be"),
        (
            "名前,住所\n1,東京都千代田区\n2,大阪府大阪市の名物はたこ焼きです\n".encode("cp932"),
            "cp932",
        ),
    ],
)
def test_detection_is_told(read: Read, data: bytes, encoding: str) -> None:
    reading = read(data, delimited(encoding="detect"))
    assert reading.framing.encoding == encoding
    assert any(encoding in note for note in reading.framing.notes)


def test_what_is_no_text_is_not_detected(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(bytes(range(256)) * 8)
    with pytest.raises(DeliveryError, match="no encoding was found"):
        delimited(encoding="detect").open(path)


def test_a_file_in_utf16_says_how_it_is_read(read: Read) -> None:
    with pytest.raises(DeliveryError, match="declare encoding='utf-16'"):
        read(TEXT.encode("utf-16"), delimited())


@pytest.mark.parametrize("name", ["iso2022_jp", "hz", "utf-7", "punycode", "rot13", "nothing"])
def test_encodings_that_are_not_read(name: str) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        text_encoding(name)


def test_ctrl_z_in_other_encodings(read: Read) -> None:
    for encoding in ("utf-16-le", "cp037"):
        reading = read((TEXT + "\x1a").encode(encoding), delimited(encoding=encoding))
        assert reading.cells == [("1", "é")]
