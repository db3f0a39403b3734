"""What must be found in the deliveries, and how their accounts must look, as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from generator.rows import Delivery

TRUTH_HEADER = ("file", "record", "outcome", "check", "column", "note")


@dataclass(frozen=True)
class Balance:
    """The account of one delivery; the fields are the columns of `accounts.csv`.

    Attributes:
        warned: clean rows with a finding of severity `warn` (part of `clean`).
        published: rows a reader of the dataset gets after this delivery.
        held_superseded: rows held from the day before whose key this delivery brings clean.
    """

    file: str
    dataset: str
    records: int
    clean: int
    held: int
    refused: int
    warned: int
    published: int
    held_superseded: int


def truth_lines(deliveries: Iterable[Delivery]) -> list[tuple[str, int, str, str, str, str]]:
    """One line per (record, check, column) that must be found, in the order of the files."""
    return [
        (delivery.file, record, fault.outcome, fault.check, fault.column, fault.note)
        for delivery in deliveries
        for record, row in delivery.records()
        for fault in row.faults
    ]


def balances(first: Delivery, second: Delivery, *, upsert: bool) -> tuple[Balance, Balance]:
    """The accounts of both days of one dataset. Without `upsert` each day replaces the last."""
    before, today = first.clean_keys, second.clean_keys
    held = (row for row in first.rows if any(f.outcome == "held" for f in row.faults))
    superseded = sum(row.cells[first.key].strip() in today for row in held)
    return (
        _balance(first, published=len(before), held_superseded=0),
        _balance(
            second,
            published=len(before | today) if upsert else len(today),
            held_superseded=superseded,
        ),
    )


def _balance(delivery: Delivery, *, published: int, held_superseded: int) -> Balance:
    return Balance(
        file=delivery.file,
        dataset=delivery.dataset,
        records=len(delivery.rows),
        clean=sum(row.passes for row in delivery.rows),
        held=delivery.count("held"),
        refused=delivery.count("refused"),
        warned=delivery.count("warned"),
        published=published,
        held_superseded=held_superseded,
    )


def csv_text(header: Sequence[str], lines: Iterable[Sequence[object]]) -> bytes:
    """Plain CSV with line feeds, as tests and people read it."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(lines)
    return out.getvalue().encode()
