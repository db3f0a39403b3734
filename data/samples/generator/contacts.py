"""CRM contacts: everybody on the first day, on the second only what is new or changed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from generator.rows import (
    DAY_1,
    DAY_2,
    NULLS,
    Cells,
    Change,
    Delivery,
    Fault,
    Row,
    again,
    apply,
    column_of,
    double,
    hold,
    is_null,
    seeded,
)
from generator.world import FIRST_DAY, Person, day_between

DATASET = "crm.contacts"
HEADER = (
    "Contact ID",
    "First Name",
    "Last Name",
    "E-mail",
    "Phone",
    "Birthdate",
    "Country",
    "Opted Out",
    "Created Date",
    "Last Activity Date",
    "Account Balance",
    "Legacy Holder No",
)
KEY = "Contact ID"


def deliveries(people: list[Person]) -> tuple[Delivery, Delivery]:
    """The deliveries of both days."""
    first = _first_day(people[:FIRST_DAY])
    second = _second_day(people, first)
    return _delivery(DAY_1, first), _delivery(DAY_2, second)


def csv_bytes(header: Iterable[str], rows: Iterable[Cells]) -> bytes:
    """CSV as the CRM exports it: every cell quoted, CRLF, UTF-8 without a byte order mark."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(header), quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def crm_date(rng: Random, day: date) -> str:
    """Two thirds of the users have the ISO setting, the others day/month/year."""
    return day.strftime("%Y-%m-%d" if rng.random() < 0.67 else "%d/%m/%Y")


def crm_money(rng: Random, cents: int) -> str:
    """An amount in one of the CRM's spellings: `1234.50`, `1,234.50`, `$1,234.50`."""
    sign, (whole, part) = "-" if cents < 0 else "", divmod(abs(cents), 100)
    form = rng.choice(("{s}{w}.{p:02d}", "{s}{w:,}.{p:02d}", "{s}${w:,}.{p:02d}"))
    return form.format(s=sign, w=whole, p=part)


def crm_bool(rng: Random, value: bool) -> str:
    """Two generations of the CRM: Y/N and TRUE/FALSE."""
    return rng.choice(("Y", "TRUE") if value else ("N", "FALSE"))


def _delivery(day: date, rows: list[Row]) -> Delivery:
    data = csv_bytes(HEADER, (row.cells for row in rows))
    return Delivery(f"crm/contacts_{day}.csv", DATASET, KEY, tuple(rows), data)


def _row(rng: Random, person: Person, day: date) -> Row:
    email = f"{person.address}@example.{rng.choice(('com', 'org', 'net'))}"
    if rng.random() < 0.15:
        email = rng.choice((email.title(), email.upper()))
    cells = {
        "Contact ID": person.contact_id,
        "First Name": person.first,
        "Last Name": person.last,
        "E-mail": _or_null(rng, 0.12, email),
        "Phone": _or_null(rng, 0.25, f"+1 202 555 0{rng.randrange(100, 200)}"),
        "Birthdate": _or_null(rng, 0.10, crm_date(rng, person.born)),
        "Country": _or_null(rng, 0.03, person.country),
        "Opted Out": _or_null(rng, 0.20, crm_bool(rng, rng.random() < 0.2)),
        "Created Date": crm_date(rng, person.joined),
        "Last Activity Date": _or_null(
            rng, 0.08, crm_date(rng, day_between(rng, max(person.joined, date(2025, 1, 1)), day))
        ),
        "Account Balance": _or_null(rng, 0.10, crm_money(rng, rng.randrange(-20_000, 950_000))),
        "Legacy Holder No": person.holder or rng.choice(NULLS),
    }
    for name in HEADER:
        if rng.random() < 0.02:
            cells[name] = rng.choice((" {}", "{} ", "  {} ")).format(cells[name])
    return Row(person.contact_id, cells)


def _or_null(rng: Random, share: float, text: str) -> str:
    return rng.choice(NULLS) if rng.random() < share else text


_FUTURE = Fault("born_before_created", "", "born in the future: a century was guessed wrong")
_EMAIL = Fault("str_matches", "email", "not an e-mail address")
_NO_SUCH_DAY = Fault(
    "parse",
    "created_date",
    "30 February does not exist; so the birthdate in the future has nothing to be compared with",
)


def _mojibake(column: str) -> Change:
    """UTF-8 read as Latin-1 once too often: `José` became `JosÃ©`."""
    note = "UTF-8 that was read as Latin-1"
    return Change(
        {column: lambda text: text.encode().decode("latin-1")},
        (Fault("mojibake", column_of(column), note, "warned"),),
        suits=lambda cells: not cells[column].isascii(),
    )


FIRST_DAY_FAULTS = (
    hold("Birthdate", "31/02/1980", "parse", "31 February does not exist"),
    hold("Birthdate", "30/02/1975", "parse", "30 February does not exist"),
    hold("Birthdate", "12/25/1980", "parse", "month and day swapped: there is no month 25"),
    hold("Birthdate", "1985-13-01", "parse", "there is no month 13"),
    Change({"Birthdate": "2093-05-17"}, (_FUTURE,)),
    Change({"Birthdate": "14/08/2068"}, (_FUTURE,)),
    Change({"Birthdate": "2071-01-30"}, (_FUTURE,)),
    Change({"E-mail": lambda e: e.strip().split("@")[0]}, (_EMAIL,)),
    Change({"E-mail": lambda e: e.strip().split("@")[0] + "@"}, (_EMAIL,)),
    Change({"E-mail": lambda e: e.replace("@", " at ")}, (_EMAIL,)),
    Change({"E-mail": lambda e: e.replace("@", "@@")}, (_EMAIL,)),
    Change({"E-mail": lambda e: e.strip().rpartition(".")[0]}, (_EMAIL,)),
    Change({"E-mail": lambda e: e.strip().replace(".", ",", 1)}, (_EMAIL,)),
    hold("Contact ID", "C-12", "str_matches", "not a contact number"),
    hold("Contact ID", "c-000123X", "str_matches", "not a contact number"),
    hold("Contact ID", "", "not_null", "no contact number"),
    hold("Contact ID", "N/A", "not_null", "no contact number"),
    hold("Contact ID", "   ", "not_null", "no contact number, only blanks"),
    hold("Last Name", "", "not_null", "no last name"),
    hold("Last Name", "NULL", "not_null", "no last name"),
    hold("Country", "XX", "isin", "not a country we know"),
    hold("Country", "Portugal", "isin", "a name where a code belongs"),
    hold("Country", "ZZ", "isin", "not a country we know"),
    hold("Opted Out", "MAYBE", "parse", "neither yes nor no"),
    hold("Opted Out", "2", "parse", "neither yes nor no"),
    hold("Account Balance", "pending", "parse", "not a number"),
    hold("Account Balance", "12O.00", "parse", "letter O where a zero belongs"),
    hold("Account Balance", "1.234,50", "parse", "comma as decimal mark: must not become 1.2345"),
    hold("Account Balance", "87,50", "parse", "comma as decimal mark: must not become 8750"),
    hold("Legacy Holder No", "H12", "str_matches", "not a holder number"),
    Change({"Created Date": "2024-02-30", "Birthdate": "2093-03-04"}, (_NO_SUCH_DAY,)),
    Change(
        {"E-mail": "none", "Country": "UK"},
        (_EMAIL, Fault("isin", "country", "not a country we know (the code is GB)")),
    ),
    *(_mojibake("Last Name") for _ in range(4)),
    *(_mojibake("First Name") for _ in range(3)),
)

LOOKS_WRONG = (
    Change({"Last Name": "Null"}, remark="a person called Null; only the exact token is null"),
    Change(
        {"First Name": "JOÃO", "Last Name": "GUIMARÃES"},
        remark="capital Ã in a Portuguese name is not mojibake",
    ),
    Change({"Birthdate": "29/02/1984"}, remark="1984 was a leap year"),
    Change({"E-mail": "  Maria.O'Neill+CRM@Example.COM "}, remark="fine once trimmed and lowered"),
    Change({"Account Balance": " -$1,045.10 "}, remark="a debt is allowed"),
    Change({"First Name": "-", "Phone": "-"}, remark="a dash alone is null, and both may be"),
)

CHANGED_FOR_THE_WORSE = (
    hold("Country", "QQ", "isin", "was right the day before, and stays published so"),
    hold("Account Balance", "n/a yet", "parse", "was right the day before, and stays published so"),
    hold("E-mail", "unknown", "str_matches", "was right the day before, and stays published so"),
)

SECOND_DAY_FAULTS = (
    hold("Birthdate", "31/04/1990", "parse", "31 April does not exist"),
    Change({"Birthdate": "2049-12-01"}, (_FUTURE,)),
    Change({"E-mail": lambda e: e.replace("@", "#")}, (_EMAIL,)),
    hold("Country", "England", "isin", "a name where a code belongs"),
    hold("Last Name", "-", "not_null", "no last name"),
    hold("Contact ID", "NULL", "not_null", "no contact number"),
    _mojibake("Last Name"),
)


def _first_day(people: list[Person]) -> list[Row]:
    rng = seeded("contacts/1")
    rows = [_row(rng, person, DAY_1) for person in people]
    apply((*FIRST_DAY_FAULTS, *LOOKS_WRONG), rows, rng)
    twice = (
        Change(),
        Change({"Account Balance": "10.00", "Phone": "N/A"}),
        Change({"Contact ID": lambda key: f" {key}  ", "E-mail": "nobody@"}, (_EMAIL,)),
    )
    double(rows, rng, "contact_id", twice)
    return rows


def _second_day(people: list[Person], first: list[Row]) -> list[Row]:
    """Corrections of most bad rows, some bad rows as they were, changed rows, new people."""
    rng = seeded("contacts/2")
    by_id = {person.contact_id: person for person in people}
    flawed = [(n, row) for n, row in enumerate(first, start=1) if row.faults]
    resent = {row.identity: again(row, n) for n, row in flawed if _stays_bad(row, n)}
    silent = {row.identity for n, row in flawed if row.has("isin") and n % 2}
    mended = [
        _row(rng, by_id[identity], DAY_2)
        for identity in dict.fromkeys(row.identity for _, row in flawed)
        if identity not in resent.keys() | silent
    ]
    plain = [row for row in first if not (row.faults or row.remark)]
    changed = [_changed(rng, row) for row in rng.sample(plain, 190)]
    apply(CHANGED_FOR_THE_WORSE, changed, rng)
    new = [_row(rng, person, DAY_2) for person in people[FIRST_DAY:]]
    apply(SECOND_DAY_FAULTS, new, rng)
    double(new, rng, "contact_id", (Change({"Phone": "-"}),))
    rows = [*mended, *resent.values(), *changed, *new]
    rng.shuffle(rows)
    return rows


def _stays_bad(row: Row, record: int) -> bool:
    """A duplicate sent once is no duplicate any more, so it cannot stay bad unchanged."""
    return not row.has("unique") and not is_null(row.cells[KEY]) and record % 6 == 0


def _changed(rng: Random, row: Row) -> Row:
    cells = {
        **row.cells,
        "Last Activity Date": crm_date(rng, DAY_2 - timedelta(days=rng.randrange(2))),
        "Account Balance": crm_money(rng, rng.randrange(-20_000, 950_000)),
    }
    return replace(row, cells=cells)
