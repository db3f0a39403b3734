"""The legacy policy extract: fixed-width lines, the whole portfolio every night."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from generator.rows import (
    DAY_1,
    DAY_2,
    Cells,
    Change,
    Delivery,
    Fault,
    Row,
    again,
    apply,
    double,
    hold,
    seeded,
)
from generator.world import FIRST_DAY, Person, day_between

DATASET = "legacy.policies"
KEY = "policy_no"
ENCODING = "latin-1"

#: Name, start (from 1), length. Lines are exactly 100 bytes and a line feed.
LAYOUT = (
    ("policy_no", 1, 8),
    ("holder_id", 9, 8),
    ("holder_name", 17, 20),
    ("product", 37, 2),
    ("status", 39, 1),
    ("start_date", 40, 8),
    ("end_date", 48, 8),
    ("last_paid", 56, 7),
    ("premium", 63, 9),
    ("sum_insured", 72, 11),
    ("region", 83, 3),
    ("agent", 86, 5),
    ("filler", 91, 10),
)
WIDTH = 100

#: Code → meaning, yearly premium from and to, sum insured (whole units of money).
PRODUCTS = {
    "AU": ("auto", 280, 1_900, 30_000),
    "HO": ("home", 120, 900, 250_000),
    "LI": ("life", 240, 2_600, 150_000),
    "HE": ("health", 600, 4_200, 80_000),
    "TR": ("travel", 25, 310, 10_000),
}
STATUSES = {"A": "active", "L": "lapsed", "C": "cancelled", "P": "pending"}
REGIONS = ("NOR", "SOU", "EAS", "WES", "CEN")


def deliveries(people: list[Person]) -> tuple[Delivery, Delivery]:
    """The deliveries of both days."""
    rng = seeded("legacy/portfolio")
    portfolio = _portfolio(rng, people[:FIRST_DAY], 1, DAY_1)
    first = _first_day(portfolio)
    joining = _portfolio(rng, people[FIRST_DAY:], len(portfolio) + 1, DAY_2)
    second = _second_day(portfolio, first, joining)
    return _delivery(DAY_1, first), _delivery(DAY_2, second)


def _delivery(day: date, rows: list[Row]) -> Delivery:
    data = b"".join(_line(row) + b"\n" for row in rows)
    return Delivery(f"legacy/policies_{day}.txt", DATASET, KEY, tuple(rows), data)


def _line(row: Row) -> bytes:
    line = "".join(row.cells[name].ljust(length) for name, _, length in LAYOUT).encode(ENCODING)
    if len(line) != WIDTH:
        raise ValueError(f"a cell of {row.identity} is too long for its place: {row.cells}")
    return row.reshape(line) if row.reshape else line


def _portfolio(rng: Random, people: list[Person], number: int, day: date) -> list[Row]:
    """Policies of these people, of holders the CRM has never heard of, and of groups."""
    holders = [
        (person.holder, f"{person.last}, {person.first}".upper()[:20])
        for person in people
        if person.holder
        for _ in range(rng.choice((1, 1, 1, 2, 2, 3)))
    ]
    strangers = [
        (f"H{9_000_000 + n * 3 + number:07d}", "NOT IN CRM") for n in range(len(people) // 8)
    ]
    groups = [("", f"GROUP SCHEME {n:03d}") for n in range(number, number + len(people) // 25)]
    everyone = [*holders, *strangers, *groups]
    rng.shuffle(everyone)
    return [_row(rng, n, *who, day) for n, who in enumerate(everyone, start=number)]


def _row(rng: Random, number: int, holder: str, name: str, day: date) -> Row:
    product = rng.choice(tuple(PRODUCTS))
    _, low, high, insured = PRODUCTS[product]
    status = rng.choices(tuple(STATUSES), weights=(78, 11, 7, 4))[0]
    if status == "P":
        start, end, paid = day + timedelta(days=rng.randrange(1, 60)), None, None
    else:
        start = day_between(rng, date(2008, 1, 1), day - timedelta(days=1))
        end = day_between(rng, start, day) if status in "LC" else None
        last = end or day
        paid = day_between(rng, max(start, last - timedelta(days=370)), last)
    cells = {
        "policy_no": f"P{number:07d}",
        "holder_id": holder,
        "holder_name": name,
        "product": product,
        "status": status,
        "start_date": f"{start:%Y%m%d}",
        "end_date": f"{end:%Y%m%d}" if end else rng.choice(("", "00000000")),
        "last_paid": f"{paid:%Y%j}" if paid else rng.choice(("", "0000000")),
        "premium": f"{rng.randrange(low * 100, high * 100):09d}",
        "sum_insured": f"{insured * 100 * rng.randrange(1, 9):011d}",
        "region": rng.choice(REGIONS) if rng.random() < 0.97 else "",
        "agent": f"{rng.choice('ABCD')}{rng.randrange(1, 80):04d}" if rng.random() < 0.85 else "",
        "filler": "",
    }
    return Row(cells["policy_no"], cells)


def _refuse(note: str, reshape: Callable[[bytes], bytes], **kwargs: str) -> Change:
    return Change(kwargs, (Fault("wrong_length", "", note, "refused"),), reshape)


def _backwards(start: str, end: str) -> Change:
    fault = Fault("ends_after_it_starts", "", "ended before it started")
    return Change({"start_date": start, "end_date": end}, (fault,))


def _has_end(cells: Cells) -> bool:
    return cells["end_date"] not in ("", "00000000")


_TWO_LEVELS = (
    Fault("parse", "start_date", "no such day; the end has nothing to be compared with"),
    Fault("parse", "premium", "letter O where a zero belongs"),
)

FIRST_DAY_FAULTS = (
    hold("start_date", "20261331", "parse", "there is no month 13"),
    hold("start_date", "20250230", "parse", "30 February does not exist"),
    hold("end_date", "20261131", "parse", "31 November does not exist"),
    hold("start_date", "00000000", "not_null", "no start: zeros mean nothing"),
    hold("start_date", "", "not_null", "no start"),
    hold("last_paid", "2026366", "parse", "2026 has no day 366"),
    hold("last_paid", "2025000", "parse", "days are counted from 001"),
    hold("last_paid", "2026-10", "parse", "not a Julian date"),
    hold("product", "ZZ", "parse", "a code nobody has explained"),
    hold("product", "ZZ", "parse", "a code nobody has explained"),
    hold("product", "au", "parse", "codes are capital letters"),
    hold("product", "", "not_null", "no product"),
    hold("status", "X", "parse", "a code nobody has explained"),
    hold("status", "0", "parse", "a code nobody has explained"),
    hold("premium", "00O123450", "parse", "letter O where a zero belongs"),
    hold("premium", "0001234.5", "parse", "a decimal mark where decimals are implied"),
    hold("premium", "TO FOLLOW", "parse", "not a number"),
    hold("premium", "", "not_null", "no premium"),
    hold("sum_insured", "***********", "parse", "overflow in the old system"),
    _backwards("20250601", "20250531"),
    _backwards("20240229", "20230228"),
    _backwards("20261001", "20160930"),
    _backwards("20200101", "19200101"),
    hold("holder_id", "H00O0123", "str_matches", "letter O where a zero belongs"),
    hold("holder_id", "12345678", "str_matches", "no H at the start"),
    hold("policy_no", "X0000123", "str_matches", "no P at the start"),
    hold("policy_no", "", "not_null", "no policy number"),
    hold("region", "QQQ", "isin", "not a region"),
    hold("region", "nor", "isin", "regions are capital letters"),
    Change({"start_date": "20259999", "premium": "O00098000", "end_date": "20200101"}, _TWO_LEVELS),
    _refuse("cut short after the product", lambda line: line[:38]),
    _refuse("cut short in the premium", lambda line: line[:66]),
    _refuse("one blank is missing at the end", lambda line: line[:99]),
    _refuse(
        "the name came as UTF-8, which takes a byte more",
        lambda line: line.replace(b"\xdc", "Ü".encode()),
        holder_name="MÜLLER, ANNA",
    ),
)

LOOKS_WRONG = (
    Change(
        {"start_date": "20240229"},
        remark="2024 was a leap year",
        suits=lambda c: not _has_end(c) and c["status"] == "A",
    ),
    Change({"last_paid": "2024366"}, remark="2024 had a day 366"),
    Change({"start_date": "20250601", "end_date": "20250601"}, remark="ended the day it started"),
    Change({"premium": "000000000"}, remark="a premium of zero is a number"),
    Change({"end_date": "99991231"}, remark="the old system's way of saying never"),
    Change({"holder_name": "BÖHM, ZOË"}, remark="Latin-1 letters are one byte each"),
)

SECOND_DAY_FAULTS = (
    hold("product", "ZZ", "parse", "a code nobody has explained"),
    hold("start_date", "20270229", "parse", "29 February 2027 does not exist"),
    hold("premium", "0000I2000", "parse", "letter I where a one belongs"),
    hold("last_paid", "2026400", "parse", "a year has no day 400"),
    hold("region", "OST", "isin", "not a region"),
    _backwards("20261103", "20261102"),
    _refuse("cut short in the sum insured", lambda line: line[:75]),
)


def _first_day(portfolio: list[Row]) -> list[Row]:
    rng = seeded("legacy/1")
    rows = list(portfolio)
    apply((*FIRST_DAY_FAULTS, *LOOKS_WRONG), rows, rng)
    twice = (
        Change(),
        Change({"agent": "D0099"}),
        hold("premium", "O00001000", "parse", "letter O where a zero belongs"),
    )
    double(rows, rng, "policy_no", twice)
    return rows


def _second_day(portfolio: list[Row], first: list[Row], joining: list[Row]) -> list[Row]:
    """Everything again: most bad rows corrected, some not; payments, lapses, new policies."""
    rng = seeded("legacy/2")
    resent = {
        row.identity: again(row, n)
        for n, row in enumerate(first, start=1)
        if row.faults and n % 5 == 0 and not row.has("unique")
    }
    right = {row.identity: row for row in first if row.remark}
    purged = {row.identity for row in rng.sample(portfolio, 12)} - resent.keys() - right.keys()
    rows = [
        resent.get(row.identity) or right.get(row.identity) or _overnight(rng, row)
        for row in portfolio
        if row.identity not in purged
    ]
    rows += joining
    apply(SECOND_DAY_FAULTS, rows, rng)
    double(rows, rng, "policy_no", (Change(),))
    return rows


def _overnight(rng: Random, row: Row) -> Row:
    """What a night does to a policy: mostly nothing, a payment, rarely a lapse."""
    fate = rng.random()
    if row.cells["status"] != "A" or fate > 0.12:
        return row
    if fate > 0.02:
        return replace(row, cells={**row.cells, "last_paid": f"{DAY_2:%Y%j}"})
    return replace(row, cells={**row.cells, "status": "L", "end_date": f"{DAY_2:%Y%m%d}"})
