"""CRM opportunities: offers made to contacts. What a contact's fate does to them is computed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from random import Random

from generator.contacts import crm_bool, crm_date, crm_money, csv_bytes
from generator.rows import (
    DAY_1,
    DAY_2,
    Change,
    Delivery,
    Fault,
    Row,
    again,
    apply,
    double,
    hold,
    is_null,
    seeded,
)
from generator.world import Person, day_between

DATASET = "crm.opportunities"
HEADER = (
    "Opportunity ID",
    "Contact ID",
    "Name",
    "Stage",
    "Amount",
    "Close Date",
    "Created Date",
    "Probability (%)",
    "Is Won",
)
KEY = "Opportunity ID"

#: Stage → probability the CRM fills in.
STAGES = {
    "Prospecting": 10,
    "Qualification": 25,
    "Proposal": 50,
    "Negotiation": 75,
    "Closed Won": 100,
    "Closed Lost": 0,
}
FIRST_DAY, JOINING = 1380, 240


def deliveries(
    people: list[Person], contacts: tuple[Delivery, Delivery]
) -> tuple[Delivery, Delivery]:
    """The deliveries of both days; which contacts exist is judged day by day."""
    by_id = {person.contact_id: person for person in people}
    first = _first_day(by_id, contacts[0])
    second = _second_day(by_id, first, contacts)
    return _delivery(DAY_1, first), _delivery(DAY_2, second)


def _delivery(day: date, rows: list[Row]) -> Delivery:
    data = csv_bytes(HEADER, (row.cells for row in rows))
    return Delivery(f"crm/opportunities_{day}.csv", DATASET, KEY, tuple(rows), data)


def _judged(rows: list[Row], known: set[str], contacts: Delivery) -> list[Row]:
    """Add the `references` finding to each row whose contact is not among the `known` ones."""
    held = {
        row.identity: f"its contact is held (record {n} of {contacts.file})"
        for n, row in contacts.records()
        if not row.passes
    }

    def judge(row: Row) -> Row:
        contact = row.cells["Contact ID"].strip()
        if is_null(contact) or contact in known:
            return row
        why = held.get(contact, "its contact is not published")
        return replace(row, faults=(*row.faults, _unknown(why)))

    return [judge(row) for row in rows]


def _unknown(why: str) -> Fault:
    return Fault("references", "contact_id", why)


def _row(rng: Random, number: int, person: Person, day: date) -> Row:
    opened = day_between(rng, max(person.joined, date(2023, 1, 1)), day)
    stage = rng.choice(tuple(STAGES))
    closed = stage.startswith("Closed")
    close = day_between(rng, opened, day) if closed else opened + timedelta(days=rng.randrange(200))
    product = rng.choice(("Car", "Home", "Life", "Health", "Travel"))
    cells = {
        "Opportunity ID": f"O-{number:06d}",
        "Contact ID": person.contact_id,
        "Name": rng.choice(("{p} cover {n}", "{p} cover, {n}", '{p} "Plus" {n}')).format(
            p=product, n=person.last
        ),
        "Stage": stage,
        "Amount": crm_money(rng, rng.randrange(9_000, 600_000)),
        "Close Date": crm_date(rng, close),
        "Created Date": crm_date(rng, opened),
        "Probability (%)": str(STAGES[stage]),
        "Is Won": crm_bool(rng, stage == "Closed Won") if closed else rng.choice(("", "N", "-")),
    }
    if rng.random() < 0.06:
        cells["Amount"] = rng.choice(("", "N/A", "NULL"))
    for name in HEADER:
        if rng.random() < 0.01:
            cells[name] = f" {cells[name]} "
    return Row(cells["Opportunity ID"], cells)


_WON = Fault("won_means_closed_won", "", "won, but the stage is not Closed Won")
_BACKWARDS = Fault("closes_after_it_opens", "", "closed before it was created")


def _won_in(stage: str, *more: Fault) -> Change:
    return Change({"Stage": stage, "Is Won": "TRUE"}, (*more, _WON))


def _closed_before(closed: str, created: str) -> Change:
    return Change({"Close Date": closed, "Created Date": created}, (_BACKWARDS,))


FIRST_DAY_FAULTS = (
    hold("Contact ID", "C-999001", "references", "there is no such contact"),
    hold("Contact ID", "C-999002", "references", "there is no such contact"),
    hold("Contact ID", "C-999417", "references", "there is no such contact"),
    _closed_before("2026-03-01", "2026-03-02"),
    _closed_before("01/12/2024", "2025-01-12"),
    _closed_before("2025-06-30", "30/07/2025"),
    _closed_before("02/01/2026", "01/02/2026"),
    hold("Stage", "On Hold", "isin", "not a stage"),
    hold("Stage", "prospecting", "isin", "stages are written with a capital"),
    _won_in("Closed-Won", Fault("isin", "stage", "not a stage (it is written Closed Won)")),
    hold("Stage", "-", "not_null", "no stage"),
    hold("Probability (%)", "140", "in_range", "over 100"),
    hold("Probability (%)", "101", "in_range", "over 100"),
    hold("Probability (%)", "-5", "in_range", "below 0"),
    hold("Probability (%)", "high", "parse", "not a number"),
    _won_in("Negotiation"),
    _won_in("Closed Lost"),
    _won_in("Proposal"),
    hold("Amount", "TBD", "parse", "not a number"),
    hold("Amount", "TBD", "parse", "not a number"),
    hold("Amount", "$1,2345.00", "parse", "thousands are not in threes"),
    hold("Close Date", "2026-02-30", "parse", "30 February does not exist"),
    Change(
        {"Close Date": "2020-01-01", "Created Date": "soon"},
        (Fault("parse", "created_date", "not a date; nothing to compare the close date with"),),
    ),
    hold("Contact ID", "", "not_null", "no contact"),
    hold("Contact ID", "N/A", "not_null", "no contact"),
    hold("Opportunity ID", " ", "not_null", "no number"),
    Change(
        {"Contact ID": "C-999808", "Probability (%)": "1000"},
        (
            Fault("references", "contact_id", "there is no such contact"),
            Fault("in_range", "probability", "over 100"),
        ),
    ),
)

LOOKS_WRONG = (
    Change(
        {"Close Date": "2026-10-05", "Created Date": "05/10/2026"},
        remark="closed on the day it was opened",
    ),
    Change(
        {"Stage": "Negotiation", "Probability (%)": "100", "Is Won": "FALSE"},
        remark="100 is within the range",
    ),
    Change({"Name": "Renewal\n(second attempt)"}, remark="a line end inside quotes is one record"),
    Change({"Name": 'Said "maybe"\r\ncall back'}, remark="quotes and CRLF inside quotes"),
    Change({"Amount": "0.00"}, remark="an offer may be free"),
)

SECOND_DAY_FAULTS = (
    hold("Contact ID", "C-999555", "references", "there is no such contact"),
    _closed_before("2026-11-01", "2026-11-02"),
    _won_in("Qualification"),
    hold("Probability (%)", "110", "in_range", "over 100"),
    hold("Amount", "TBD", "parse", "not a number"),
    hold("Stage", "Won", "isin", "not a stage"),
)


def _first_day(by_id: dict[str, Person], contacts: Delivery) -> list[Row]:
    rng = seeded("opportunities/1")
    known = contacts.clean_keys
    held = sorted({row.identity for row in contacts.rows if not row.passes} - known)
    owners = [*rng.choices(sorted(known), k=FIRST_DAY - 13), *rng.sample(held, 13)]
    rng.shuffle(owners)
    drawn = [_row(rng, n, by_id[owner], DAY_1) for n, owner in enumerate(owners, start=1)]
    rows = _judged(drawn, known, contacts)
    apply((*FIRST_DAY_FAULTS, *LOOKS_WRONG), rows, rng)
    twice = (
        Change(),
        Change({"Amount": "99.00"}),
        hold("Amount", "TBD", "parse", "not a number"),
    )
    double(rows, rng, "opportunity_id", twice)
    return rows


def _second_day(
    by_id: dict[str, Person], first: list[Row], contacts: tuple[Delivery, Delivery]
) -> list[Row]:
    """Corrections, rows as they were, progress in the sales, new offers."""
    rng = seeded("opportunities/2")
    before, today = (delivery.clean_keys for delivery in contacts)
    known = before | today
    flawed = [(n, row) for n, row in enumerate(first, start=1) if row.faults and n % 7]
    resent = [_as_it_was(row, n) for n, row in flawed if _comes_again(row, n, by_id)]
    mended = [
        _row(rng, int(identity.removeprefix("O-")), by_id[rng.choice(sorted(today))], DAY_2)
        for identity in dict.fromkeys(row.identity for _, row in flawed)
        if identity not in {row.identity for row in resent}
    ]
    plain = [row for row in first if not (row.faults or row.remark)]
    changed = [_progressed(rng, row) for row in rng.sample(plain, 190)]
    held = {row.identity for row in contacts[1].rows if not row.passes}
    owners = [
        *rng.choices(sorted(today), k=JOINING - 6),
        *rng.sample(sorted(held - known), 4),
        *rng.sample(sorted(held & before - today), 2),
    ]
    new = [_row(rng, FIRST_DAY + n, by_id[who], DAY_2) for n, who in enumerate(owners, start=1)]
    new[-2:] = [replace(row, remark=_STILL_PUBLISHED) for row in new[-2:]]
    rows = _judged([*mended, *resent, *changed, *new], known, contacts[1])
    apply(SECOND_DAY_FAULTS, rows, rng)
    rng.shuffle(rows)
    return rows


_STILL_PUBLISHED = "its contact is held today, but the row of the day before is still published"


def _comes_again(row: Row, record: int, by_id: dict[str, Person]) -> bool:
    """Orphans of a real contact come unchanged: the contact was to blame. So do a few others."""
    if {fault.check for fault in row.faults} == {"references"}:
        return row.cells["Contact ID"].strip() in by_id
    return record % 4 == 0 and not (row.has("unique") or is_null(row.cells[KEY]))


def _as_it_was(row: Row, record: int) -> Row:
    """The same bytes again. Whether its contact exists is for today to judge."""
    kept = replace(row, faults=tuple(f for f in row.faults if f.check != "references"))
    if kept.faults:
        return again(kept, record)
    remark = (
        f"held as an orphan the day before (record {record}), sent again unchanged: "
        "its contact is published now"
    )
    return replace(kept, remark=remark)


def _progressed(rng: Random, row: Row) -> Row:
    """The offer was won or lost on the second day."""
    won = rng.random() < 0.6
    stage = "Closed Won" if won else "Closed Lost"
    cells = {
        **row.cells,
        "Stage": stage,
        "Close Date": crm_date(rng, DAY_2),
        "Probability (%)": str(STAGES[stage]),
        "Is Won": crm_bool(rng, won),
    }
    return replace(row, cells=cells)
