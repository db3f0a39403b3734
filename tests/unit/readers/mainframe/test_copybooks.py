"""What a copybook says: fields, where they lie, and what is no copybook."""

from __future__ import annotations

from pathlib import Path

import pytest

from cleanhold.errors import UsageError
from cleanhold.readers import fields_of

COPYBOOK = """
000100*-----------------------------------------------------------------
000200 01  POLICY.                                                      LEGACY01
000300     05  POLICY-NO           PIC X(8).
000400     05  STATUS-CODE         PIC X.
               88  ACTIVE          VALUE 'A'.
               88  ENDED           VALUES ARE 'E', 'L' THRU 'N',
      -                            'Z. '.
           05  PREMIUM             PIC S9(7)V99 PACKED-DECIMAL VALUE +0.
           05  premium-text        REDEFINES PREMIUM PIC X(5).
           05  PERIODS OCCURS 2 TIMES INDEXED BY PX.
               10  START-DATE      PIC 9(8).
               10  SHARE           PIC V9(3) OCCURS 2.
           05  FILLER              PIC X(3).
           05  HOLDER.
               10  ADDRESS-1.
                   15  CITY        PIC X(10).
               10  ADDRESS-2.
                   15  CITY        PIC X(10).
           05  RATE                COMP-1.
           05  WEIGHT              USAGE IS COMPUTATIONAL-2.
           05  SIGNED-COUNT        PIC S9(4) USAGE COMP.
           05  BALANCE PIC S9(5) SIGN IS LEADING SEPARATE CHARACTER.
           05  PRINTED             PIC $$$,$$9.99CR.
           66  SHORT-NO RENAMES POLICY-NO.
       77  COUNTER                 PIC 9(4).
"""


def test_fields_with_their_places() -> None:
    fields = [(f.name, f.offset, f.length, f.type) for f in fields_of(COPYBOOK)]
    assert fields == [
        ("POLICY-NO", 0, 8, "text"),
        ("STATUS-CODE", 8, 1, "text"),
        ("PREMIUM", 9, 5, "decimal"),
        ("premium-text", 9, 5, "text"),
        ("START-DATE[1]", 14, 8, "integer"),
        ("SHARE[1,1]", 22, 3, "decimal"),
        ("SHARE[1,2]", 25, 3, "decimal"),
        ("START-DATE[2]", 28, 8, "integer"),
        ("SHARE[2,1]", 36, 3, "decimal"),
        ("SHARE[2,2]", 39, 3, "decimal"),
        ("ADDRESS-1.CITY", 45, 10, "text"),
        ("ADDRESS-2.CITY", 55, 10, "text"),
        ("RATE", 65, 4, "float"),
        ("WEIGHT", 69, 8, "float"),
        ("SIGNED-COUNT", 77, 2, "integer"),
        ("BALANCE", 79, 6, "integer"),
        ("PRINTED", 85, 12, "text"),
    ]


def test_what_else_is_told_of_a_field() -> None:
    found = {field.name: field for field in fields_of(COPYBOOK, filler=True)}
    assert found["FILLER"].offset == 42
    assert found["STATUS-CODE"].values == {
        "ACTIVE": ["'A'"],
        "ENDED": ["'E'", "'L'", "THRU", "'N'", "'Z. '"],
    }
    premium = found["PREMIUM"]
    assert (premium.picture, premium.usage, premium.digits, premium.scale, premium.signed) == (
        "S9(7)V99", "packed", 9, 2, True,
    )  # fmt: skip
    assert found["ADDRESS-2.CITY"].group == "POLICY.HOLDER.ADDRESS-2"


@pytest.mark.parametrize(
    ("clause", "length"),
    [
        ("PIC 9", 1), ("PIC S9(5)V99", 7), ("PIC S9(5) SIGN TRAILING SEPARATE", 6),
        ("PIC 9(4) COMP", 2), ("PIC 9(5) BINARY", 4), ("PIC S9(9) COMP-4", 4),
        ("PIC S9(10) COMP-5", 8), ("PIC S9(18) COMP", 8), ("PIC S9(19) COMP", 8 + 1),
        ("PIC S9(37) COMP", 16), ("PIC 9(2) COMP-9", 1), ("PIC 9(3) COMP-3", 2),
        ("PIC 9(4) COMP-3", 3), ("PIC 9(4) COMP-6", 2), ("PIC PPP9(5) COMP-3", 3),
        ("PIC 9(3)PP", 3), ("PIC N(3)", 6), ("PIC Z(6)VZZ-", 9), ("PIC XX/XX", 5),
        ("PIC S9(3).99", 6), ("PIC A(4)B9", 6),
    ],
)  # fmt: skip
def test_lengths(clause: str, length: int) -> None:
    (field,) = fields_of(f"       01  R.\n           05  A  {clause}.\n")
    assert field.length == length


def test_without_sequence_numbers() -> None:
    text = "01 R.\n*> everything begins on the left\n  05 A PIC X(3). *> so\n  05 B PIC 9.\n"
    assert [(f.name, f.offset) for f in fields_of(text)] == [("A", 0), ("B", 3)]


def test_a_piece_without_level_01() -> None:
    text = (
        "           05  A  PIC X.\n           05  B REDEFINES A PIC X.\n           05  C PIC X.\n"
    )
    assert [(f.name, f.offset) for f in fields_of(text)] == [("A", 0), ("B", 0), ("C", 1)]


def test_a_redefinition_that_is_longer_moves_what_follows() -> None:
    text = """
       01  R.
           05  A  PIC X(2).
           05  B REDEFINES A.
               10  C  PIC X(3).
           05  D  PIC X.
"""
    assert [(f.name, f.offset) for f in fields_of(text)] == [("A", 0), ("C", 0), ("D", 3)]


def test_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "policy.cob"
    path.write_bytes(COPYBOOK.replace("\n", "\r\n").encode() + b"\x1a")
    assert fields_of(path) == fields_of(COPYBOOK) == fields_of(str(path))


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("05  A.", "neither a picture nor items"),
        ("05  A  PIC X(3) COMP-3.", "no number"),
        ("05  A  PIC Q(3).", "no picture"),
        ("05  A  PIC 9(3)V9V.", "no picture"),
        ("05  A  PIC X(99999999999).", "no picture"),
        ("05  A  PIC 9(3) COMP-1.", "float and has a picture"),
        ("05  A  PIC X OCCURS MANY TIMES.", "no number of times"),
        ("05  A  PIC X OCCURS 1 TO 5 DEPENDING ON B.", "not above"),
        ("05  A  REDEFINES Z PIC X.", "redefines"),
        ("05  A  PIC X WITHOUT END.", "no clause"),
        ("05  A  PIC", "no end"),
        ("05  A  PIC X OCCURS 20000 TIMES.", "fields"),
        ("05  A  PIC 9(4) COMP SYNC OCCURS 3.", "SYNCHRONIZED"),
        ("COPY OTHER.", "not carried out"),
        ("XX  A  PIC X.", "no level number"),
        ("05  A-RATHER-LONG-NAME-OF-A-FIELD              PIC X(10) OCCURS 10 TIMES.", "column 72"),
    ],
)
def test_what_is_no_copybook(line: str, why: str) -> None:
    with pytest.raises(UsageError, match=why) as caught:
        fields_of(f"       01  R.\n           05  FIRST-ONE PIC X.\n           {line}\n")
    assert "line" in str(caught.value)


def test_no_copybook_at_all(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no data items"):
        fields_of("\n\n")
    with pytest.raises(UsageError, match="cannot be read"):
        fields_of(tmp_path / "missing.cob")
    with pytest.raises(UsageError, match="neither"):
        fields_of("")
