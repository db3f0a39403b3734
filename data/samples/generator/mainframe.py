"""Mainframe extracts and their copybooks: fixed records, and segments after descriptor words."""

from __future__ import annotations

import struct
from random import Random

_POLICY = """
      * POLICIES AS THE NIGHTLY UNLOAD WRITES THEM. FIXED RECORDS, CODE PAGE 1047.
       01  POLICY.
           05  POLICY-NO        PIC X(8).
           05  KIND             PIC X.
               88  HOUSEHOLD    VALUE 'A'.
               88  MOTOR        VALUE 'B'.
           05  SIGNED-UP        PIC 9(8).
           05  PREMIUM          PIC S9(7)V99 COMP-3.
           05  CLAIMS           PIC S9(4)    COMP.
           05  FILLER           PIC X(4).
"""

_LEDGER = """
      * CUSTOMERS (C), EACH FOLLOWED BY THEIR BOOKINGS (B). VARIABLE RECORDS.
       01  LEDGER-RECORD.
           05  SEGMENT-ID       PIC X.
           05  CUSTOMER-NO      PIC 9(6).
           05  CUSTOMER.
               10  FULL-NAME    PIC X(20).
               10  PHONE-COUNT  PIC 9.
               10  PHONE OCCURS 0 TO 3 TIMES DEPENDING ON PHONE-COUNT
                                PIC X(12).
           05  BOOKING REDEFINES CUSTOMER.
               10  BOOKED-ON    PIC 9(8).
               10  AMOUNT       PIC S9(7)V99.
"""

_NAMES = ("ANA SILVA", "BEN WEBER", "CLARA MOREAU", "DAVID JENSEN", "EVA LOPES", "FILIP NOWAK")


def mainframe_files() -> dict[str, bytes]:
    """Every file, below the folder of samples."""
    return {
        "formats/policy.cob": _POLICY.lstrip("\n").encode(),
        "formats/policies.dat": _policies(Random(1964)),
        "formats/ledger.cob": _LEDGER.lstrip("\n").encode(),
        "formats/ledger.vb": _ledger(Random(1965)),
    }


def _policies(chance: Random) -> bytes:
    """Twelve records; one premium has no sign, one was never filled in, the last one is cut off."""
    records = []
    for number in range(1, 13):
        day = f"20{chance.randint(10, 25)}{chance.randint(1, 12):02}{chance.randint(1, 28):02}"
        record = _text(f"PL-{number:05}{chance.choice('AB')}{day}")
        premium = _packed(chance.randint(0, 999_999), 9)
        if number == 5:
            premium = premium[:-1] + b"\x30"
        if number == 8:
            premium = bytes(5)
        records.append(record + premium + struct.pack(">h", chance.randint(0, 9)) + _text(" " * 4))
    return b"".join(records)[:-9]


def _ledger(chance: Random) -> bytes:
    """Customers with bookings; one record is of a kind that nobody declared."""
    records = []
    for number, name in enumerate(_NAMES, start=1):
        phones = [f"+49 30 {chance.randint(10_000, 99_999)}" for _ in range(number % 4)]
        customer = f"C{number:06}{name:<20}{len(phones)}" + "".join(phones)
        records.append(_text(customer))
        for _ in range(chance.randint(0, 3)):
            day = f"2026{chance.randint(1, 12):02}{chance.randint(1, 28):02}"
            amount = _zoned(chance.randint(-500_000, 500_000), 9)
            records.append(_text(f"B{number:06}{day}") + amount)
    records.insert(4, _text("X000000"))
    described = [struct.pack(">HH", len(record) + 4, 0) + record for record in records]
    half = len(described) // 2
    blocks = (b"".join(described[:half]), b"".join(described[half:]))
    return b"".join(struct.pack(">HH", len(block) + 4, 0) + block for block in blocks)


def _text(text: str) -> bytes:
    return text.encode("cp037")  # these characters are the same in cp1047


def _packed(value: int, digits: int) -> bytes:
    return bytes.fromhex(f"{abs(value):0{digits}}{'D' if value < 0 else 'C'}")


def _zoned(value: int, digits: int) -> bytes:
    number = bytearray(_text(f"{abs(value):0{digits}}"))
    number[-1] = (0xD0 if value < 0 else 0xC0) | (number[-1] & 15)
    return bytes(number)
