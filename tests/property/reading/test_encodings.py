"""Delimited and fixed-width text in every encoding gives what the same text in UTF-8 gives."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cleanhold import delimited, fixed_width
from cleanhold.core.reading import Reader
from cleanhold.readers import framing
from cleanhold.readers.encoding import text_encoding
from cleanhold.testing.reader_suite import account_for

RELAXED = settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

#: Encodings, and characters that they have: some with a second byte that ASCII uses.
ENCODINGS = {
    "cp1252": "é€ÿ",
    "latin-1": "é\x85",
    "cp037": "é¦[]",
    "cp500": "é",
    "cp1140": "é€",
    "cp273": "äß§",
    "utf-16-le": "é€ऊ\u0a0a\u2c2c😀",
    "utf-16-be": "é€ऊ\u0a0a\u2c2c😀",
    "utf-32-le": "é\u0a0a😀",
    "utf-32-be": "é\u0a0a😀",
    "cp932": "ソ表ｱー",
    "shift_jis": "ソ表能",
    "gbk": "珅誠玕",
    "gb18030": "珅誠😀\u0a0aé",
    "big5": "功許蓋",
    "euc-jp": "表能",
    "euc-kr": "가힝",
    "cp949": "똠가뷁",
}
BLOCKS = st.sampled_from([3, 7, 16, 61, 1 << 24])
MARKS = [*("a", '"', ",", "\n", "\r", "\r\n", '""', " ", '",', '\n"', ',"', "|", "\\", "1", "^")]


def places(text: str, encoding: str) -> dict[int, int]:
    """Offset in UTF-8 → offset in the encoding, of every character."""
    here = there = 0
    found = {0: 0}
    for character in text:
        here, there = here + len(character.encode()), there + len(character.encode(encoding))
        found[here] = there
    return found


def require_same(tmp_path: Path, text: str, encoding: str, block: int, *readers: Reader) -> None:
    """Both readers find the same records, cells and faults, each at its place."""
    plain, other = tmp_path / "plain", tmp_path / "other"
    plain.write_bytes(text.encode())
    other.write_bytes(text.encode(encoding))
    expected = account_for(readers[0], plain)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(framing, "BLOCK", block)
        reading = account_for(readers[1], other)
    at = places(text, encoding)
    assert reading.framing.encoding == text_encoding(encoding).name
    assert reading.cells == expected.cells
    assert reading.codes == expected.codes
    assert reading.rows["__offset"].to_list() == [at[n] for n in expected.rows["__offset"]]
    assert reading.refused["offset"].to_list() == [at[n] for n in expected.refused["offset"]]


@pytest.mark.parametrize("encoding", ENCODINGS)
@RELAXED
@given(data=st.data(), block=BLOCKS)
def test_delimited(tmp_path: Path, encoding: str, data: st.DataObject, block: int) -> None:
    pieces = st.sampled_from([*MARKS, *ENCODINGS[encoding]])
    body = "".join(data.draw(st.lists(pieces, max_size=40)))
    options = {"delimiter": data.draw(st.sampled_from([",", "|", "^|", "||"]))}
    options["escape"] = data.draw(st.sampled_from([None, "\\"]))
    head = options["delimiter"].join(["a", "b"]) + "\n"
    readers = delimited(**options), delimited(encoding=encoding, **options)
    require_same(tmp_path, head + body, encoding, block, *readers)


@pytest.mark.parametrize("encoding", ENCODINGS)
@RELAXED
@given(data=st.data(), block=BLOCKS)
def test_fixed_width(tmp_path: Path, encoding: str, data: st.DataObject, block: int) -> None:
    characters = st.sampled_from(["a", '"', " ", "\\", "|", *ENCODINGS[encoding]])
    lines = data.draw(st.lists(st.lists(characters, min_size=2, max_size=4), max_size=8))
    ending = data.draw(st.sampled_from(["\n", "\r\n", "\r"]))
    text = "abc" + ending + "".join("".join(line) + ending for line in lines)
    layout = [("a", 1, 1), ("b", 2, 2)]
    readers = fixed_width(layout), fixed_width(layout, encoding=encoding)
    require_same(tmp_path, text, encoding, block, *readers)


@pytest.mark.parametrize("encoding", ENCODINGS)
@RELAXED
@given(
    junk=st.lists(st.sampled_from([b"\x81", b"\xff", b"\xd8\x00", b"\x00\xdc", b"\x7c", b"\x0a"])),
    block=BLOCKS,
)
def test_no_bytes_break_an_encoding(
    tmp_path: Path, encoding: str, junk: list[bytes], block: int
) -> None:
    path = tmp_path / "x"
    path.write_bytes("a,b\n1,2\n".encode(encoding) + b"".join(junk))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(framing, "BLOCK", block)
        account_for(delimited(encoding=encoding), path)
        account_for(fixed_width([("a", 1, 2)], encoding=encoding, record_length=3), path)
