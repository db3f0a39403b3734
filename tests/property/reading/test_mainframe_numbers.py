"""Numbers written as mainframes do, against what Python says they are."""

from __future__ import annotations

import re
import struct
from fractions import Fraction

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cleanhold.readers.mainframe import numbers
from cleanhold.readers.mainframe.floats import floats


def rows(*fields: bytes) -> np.ndarray:  # type: ignore[type-arg]
    return np.frombuffer(b"".join(fields), dtype=np.uint8).reshape(len(fields), -1)


@st.composite
def integers(draw: st.DrawFn) -> tuple[int, list[int]]:
    """A number of digits, and numbers that have no more."""
    digits = draw(st.integers(1, 38))
    most = 10**digits - 1
    return digits, draw(st.lists(st.integers(-most, most), min_size=1, max_size=20))


@settings(suppress_health_check=[HealthCheck.too_slow])  # numbers of 38 digits, on a busy machine
@given(integers(), st.integers(-3, 40))
def test_packed(case: tuple[int, list[int]], scale: int) -> None:
    digits, values = case
    width = digits // 2 + 1
    fields = [bytes.fromhex(f"{abs(v):0{2 * width - 1}}{'D' if v < 0 else 'C'}") for v in values]
    found = numbers.packed(rows(*fields), has_sign=True)
    assert not found.bad.any()
    texts = numbers.written(found, scale).to_list()
    assert [Fraction(text) for text in texts] == [
        Fraction(value) / Fraction(10) ** scale for value in values
    ]
    assert not [text for text in texts if re.match("-?0[0-9]", text)]


@given(integers(), st.booleans(), st.booleans(), st.booleans())
def test_zoned(case: tuple[int, list[int]], leading: bool, separate: bool, ascii: bool) -> None:
    digits, values = case
    fields = []
    for value in values:
        text = f"{abs(value):0{digits}}"
        at = 0 if leading else digits - 1
        if separate:
            sign = "-" if value < 0 else "+"
            text = sign + text if leading else text + sign
        elif ascii or value < 0:
            letters = "}JKLMNOPQR" if value < 0 else "{ABCDEFGHI"
            text = text[:at] + letters[int(text[at])] + text[at + 1 :]
        fields.append(text.encode("ascii" if ascii else "cp037"))
    zones = numbers.ASCII if ascii else numbers.EBCDIC
    found = numbers.zoned(rows(*fields), zones, signed=True, leading=leading, separate=separate)
    assert not found.bad.any()
    assert [int(text) for text in numbers.written(found, 0, zeros=True)] == values
    assert [Fraction(text) for text in numbers.written(found, 2)] == [
        Fraction(value, 100) for value in values
    ]


@given(st.integers(1, 16), st.booleans(), st.booleans(), st.data())
def test_binary(width: int, signed: bool, little: bool, data: st.DataObject) -> None:
    contents = data.draw(st.lists(st.binary(min_size=width, max_size=width), min_size=1))
    order = "little" if little else "big"
    expected = [int.from_bytes(content, order, signed=signed) for content in contents]  # type: ignore[arg-type]
    found = numbers.binary(rows(*contents), signed=signed, little=little, full=True)
    assert [int(text) for text in numbers.written(found, 0)] == expected


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_ieee_floats(values: list[float]) -> None:
    texts, bad = floats(rows(*(struct.pack(">d", v) for v in values)), ibm=False, little=False)
    assert not bad.any()
    assert [float(text) for text in texts] == values


@given(st.lists(st.binary(min_size=8, max_size=8), min_size=1))
def test_hexadecimal_floats(contents: list[bytes]) -> None:
    texts, bad = floats(rows(*contents), ibm=True, little=False)
    assert not bad.any()
    for text, content in zip(texts, contents, strict=True):
        fraction = int.from_bytes(content[1:], "big")
        sign = -1 if content[0] & 0x80 else 1
        exact = sign * fraction * Fraction(16) ** ((content[0] & 0x7F) - 64 - 14)
        assert float(text) == float(exact)
