"""The README of the samples: prose, and tables made from the very rows that were written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import astuple

from generator import legacy
from generator.dictionary import TABLES, Table
from generator.hostile import Hostile
from generator.rows import Delivery
from generator.truth import Balance

_INTRODUCTION = """\
# Samples

Two days of an insurer: a legacy policy system (fixed-width text) and a CRM (CSV). Most rows are
good. Some were spoiled on purpose, and this file says which and why: it is the truth that tests
compare with. Nobody in here exists.

Everything, this file included, is written by `generate.py`; edit the modules in `generator/`,
then run

    python data/samples/generate.py            # writes the folder, the same bytes every time
    python data/samples/generate.py --check    # exit 1 if a file is not what would be written

| file | what it is |
|---|---|
| `legacy/policies_<day>.txt` | the whole portfolio, every day |
| `crm/contacts_<day>.csv`, `crm/opportunities_<day>.csv` | all on the first day, then changes |
| `truth.csv` | every finding to be made: `file,record,outcome,check,column,note` |
| `accounts.csv` | how many records end where, per delivery |
| `bad/` and `bad/expected.csv` | small hostile files, and what must become of each |

**Record** numbers start at 1 and count data records (not the header). **Outcome** is `held` (the
row waits in quarantine), `refused` (the record could not become a row; the check is the refusal
code) or `warned` (a finding on a row that passes). The column is empty where a check is about
several columns, and for refused records.
"""

_RULES = """\
## The rules behind the truth

- Cells are trimmed first. Then a null token becomes null: in the CRM exactly `NULL`, `N/A`, `-`
  or nothing at all (a person called `Null` keeps the name); in the legacy extract blanks, and
  zeros where the dictionary says so.
- A value that cannot be read (a code without a meaning is one) is one finding, `parse`, and the
  checks that need the value are skipped for that row. Checks pass on a null; only `not_null`,
  for columns that are not nullable, does not.
- A key that several rows of one extract share (after trimming) holds all of them (`unique`),
  whatever else is wrong with them. A missing key is `not_null` and never a duplicate.
- A contact that is held is not published, so its opportunities are orphans (`references`), until
  a later delivery brings it clean. Deliveries are therefore judged in this order: contacts and
  then opportunities of the first day, contacts and then opportunities of the second. A contact
  that was published and comes bad the next day stays published as it was.
- `holder_id` refers to nothing that is checked: the legacy system insures people and groups that
  the CRM has never heard of. Where a contact has a `Legacy Holder No`, it is the same number, and
  no two contacts have the same.
- A row held on the first day is superseded when the second day brings its key clean. A row that
  was held for want of a key, or under a wrong one, can only be closed by a steward.
"""


def readme(
    deliveries: Sequence[Delivery], accounts: Sequence[Balance], hostile: Sequence[Hostile]
) -> str:
    """The whole file."""
    parts = [
        _INTRODUCTION,
        _accounts(accounts),
        _RULES,
        "## Data dictionary\n",
        *(_dictionary(table) for table in TABLES),
        "## The truth, file by file\n",
        *(_truth(delivery) for delivery in deliveries),
        "## Rows that look wrong and are right\n",
        _looks_wrong(deliveries),
        _bad(hostile),
    ]
    return "\n".join(parts)


def _table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(_cell(c) for c in line)} |\n" for line in lines)


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|")


def _accounts(accounts: Sequence[Balance]) -> str:
    header = (
        "file",
        "records",
        "clean",
        "held",
        "refused",
        "warned",
        "published after it",
        "held rows superseded",
    )
    rows = [(f"`{b.file}`", *astuple(b)[2:]) for b in accounts]
    return (
        "## Accounts\n\n`records = clean + held + refused`; warned rows are clean. "
        "In no delivery is more than one row in twenty lost.\n\n" + _table(header, rows)
    )


def _dictionary(table: Table) -> str:
    rows = [
        (f"`{c.name}`", f"`{c.raw}`", c.type, "yes" if c.nullable else "no", c.reading, c.rules)
        for c in table.columns
    ]
    text = f"### {table.dataset}\n\n{table.about}\n\n"
    text += _table(("column", "in the extract", "type", "nullable", "reading", "checks"), rows)
    text += "\nAbout several columns:\n\n" if len(table.rules) else ""
    text += "".join(f"- {rule}\n" for rule in table.rules)
    return text + (_layout() if table.dataset == legacy.DATASET else "")


def _layout() -> str:
    layout = _table(("field", "start", "length"), [(f"`{n}`", s, w) for n, s, w in legacy.LAYOUT])
    return (
        f"\nLayout: lines of {legacy.WIDTH} bytes and a line feed, {legacy.ENCODING}, no "
        "delimiters, no header; fields filled with blanks on the right.\n\n" + layout
    )


def _truth(delivery: Delivery) -> str:
    rows = [
        (
            record,
            _key(row.cells[delivery.key]),
            fault.outcome,
            f"`{fault.check}`",
            f"`{fault.column}`" if fault.column else "",
            fault.note,
        )
        for record, row in delivery.records()
        for fault in row.faults
    ]
    header = ("record", "key", "outcome", "check", "column", "why")
    return f"### {delivery.file}\n\n" + _table(header, rows)


def _key(text: str) -> str:
    return f"`{text.strip()}`" if text.strip() else "(blank)"


def _looks_wrong(deliveries: Sequence[Delivery]) -> str:
    rows = [
        (f"`{delivery.file}`", record, row.remark)
        for delivery in deliveries
        for record, row in delivery.records()
        if row.remark and not row.faults
    ]
    return _table(("file", "record", "why it passes"), rows)


def _bad(hostile: Sequence[Hostile]) -> str:
    rows = [
        (f"`{h.file}`", h.outcome, h.records, h.clean, h.held, h.codes or "none", h.note)
        for h in hostile
    ]
    header = (
        "file",
        "outcome",
        "records",
        "clean",
        "held",
        "refused (record:code)",
        "what must happen",
    )
    return (
        "## Hostile files in `bad/`\n\nThey have the columns of `crm.contacts` and are judged by "
        "its contract. `read`: the records are accounted for as the numbers say, and every "
        "record that is not named is clean. `delivery_error`: the file as a whole cannot be "
        "read. `missing_columns`: it reads, but not as a contacts extract; the delivery stops "
        "and no row is judged.\n\n" + _table(header, rows)
    )
