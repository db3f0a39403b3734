"""The samples against a second opinion: the rules of their README, written again from scratch.

Nothing here comes from the generator, so a fault it plants by accident, or forgets to tell, shows.
"""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

SAMPLES = Path(__file__).parents[3] / "data" / "samples"
DAYS = ("2026-11-02", "2026-11-03")
UNREADABLE = object()

Finding = tuple[int, str, str, str]  # record, outcome, check, column
Parser = Callable[[str], Any]


# --- reading cells -------------------------------------------------------------------------


def dates(*formats: str) -> Parser:
    def parse(text: str) -> Any:
        for form in formats:
            try:
                return datetime.strptime(text, form).date()
            except ValueError:
                continue
        return UNREADABLE

    return parse


def shaped(pattern: str, parse: Parser) -> Parser:
    return lambda text: parse(text) if re.fullmatch(pattern, text) else UNREADABLE


def money(text: str) -> Any:
    pattern = r"-?\$?([0-9]{1,3}(,[0-9]{3})+|[0-9]+)(\.[0-9]+)?"
    return shaped(pattern, lambda t: Decimal(re.sub(r"[$,]", "", t)))(text)


def implied(text: str) -> Any:
    return shaped("[0-9]+", lambda t: Decimal(t) / 100)(text)


def julian(text: str) -> Any:
    """Day of the year; `strptime` would take day 366 of 2026 for the first of 2027."""
    year, day = int(text[:4]), int(text[4:])
    found = date(year, 1, 1) + timedelta(days=day - 1)
    return found if day and found.year == year else UNREADABLE


def lookup(**codes: Any) -> Parser:
    return lambda text: codes.get(text, UNREADABLE)


CRM_DATE = dates("%Y-%m-%d", "%d/%m/%Y")
CRM_BOOL = lookup(Y=True, TRUE=True, N=False, FALSE=False)
DAY8 = shaped("[0-9]{8}", dates("%Y%m%d"))
JULIAN = shaped("[0-9]{7}", julian)
COUNTRIES = {"BE", "BR", "DE", "ES", "FR", "GB", "IE", "NL", "PT", "US"}
STAGES = {
    "Prospecting",
    "Qualification",
    "Proposal",
    "Negotiation",
    "Closed Won",
    "Closed Lost",
}
EMAIL = r"[a-z0-9._%+'-]+@[a-z0-9.-]+\.[a-z]{2,}"
MOJIBAKE = re.compile("[ÃÂ][\u0080-\u00bf]|â€")


# --- datasets: raw column → (column, parser, nullable, check, predicate) ----------------------


def text(value: str) -> str:
    return value


def matching(pattern: str) -> tuple[str, Callable[[Any], bool]]:
    return "str_matches", lambda value: re.fullmatch(pattern, value) is not None


def among(values: set[str]) -> tuple[str, Callable[[Any], bool]]:
    return "isin", lambda value: value in values


ANY: tuple[str, Callable[[Any], bool]] = ("", lambda _: True)
READABLE = ("mojibake", lambda value: not MOJIBAKE.search(value))

POLICIES = {
    "policy_no": ("policy_no", text, False, matching("P[0-9]{7}")),
    "holder_id": ("holder_id", text, True, matching("H[0-9]{7}")),
    "holder_name": ("holder_name", text, False, ANY),
    "product": ("product", lookup(AU="a", HO="h", LI="l", HE="e", TR="t"), False, ANY),
    "status": ("status", lookup(A="a", L="l", C="c", P="p"), False, ANY),
    "start_date": ("start_date", DAY8, False, ANY),
    "end_date": ("end_date", DAY8, True, ANY),
    "last_paid": ("last_paid", JULIAN, True, ANY),
    "premium": ("premium", implied, False, ANY),
    "sum_insured": ("sum_insured", implied, False, ANY),
    "region": ("region", text, True, among({"NOR", "SOU", "EAS", "WES", "CEN"})),
    "agent": ("agent", text, True, ANY),
}
CONTACTS = {
    "Contact ID": ("contact_id", text, False, matching("C-[0-9]{6}")),
    "First Name": ("first_name", text, True, READABLE),
    "Last Name": ("last_name", text, False, READABLE),
    "E-mail": ("email", str.lower, True, matching(EMAIL)),
    "Phone": ("phone", text, True, ANY),
    "Birthdate": ("birthdate", CRM_DATE, True, ANY),
    "Country": ("country", text, True, among(COUNTRIES)),
    "Opted Out": ("opted_out", CRM_BOOL, True, ANY),
    "Created Date": ("created_date", CRM_DATE, False, ANY),
    "Last Activity Date": ("last_activity_date", CRM_DATE, True, ANY),
    "Account Balance": ("account_balance", money, True, ANY),
    "Legacy Holder No": ("legacy_holder_no", text, True, matching("H[0-9]{7}")),
}
OPPORTUNITIES = {
    "Opportunity ID": ("opportunity_id", text, False, matching("O-[0-9]{6}")),
    "Contact ID": ("contact_id", text, False, ANY),
    "Name": ("name", text, False, ANY),
    "Stage": ("stage", text, False, among(STAGES)),
    "Amount": ("amount", money, True, ANY),
    "Close Date": ("close_date", CRM_DATE, False, ANY),
    "Created Date": ("created_date", CRM_DATE, False, ANY),
    "Probability (%)": (
        "probability",
        shaped("-?[0-9]+", int),
        False,
        ("in_range", lambda value: 0 <= value <= 100),
    ),
    "Is Won": ("is_won", CRM_BOOL, True, ANY),
}
CROSS: dict[str, list[tuple[str, tuple[str, ...], Callable[..., bool]]]] = {
    "policy_no": [("ends_after_it_starts", ("start_date", "end_date"), lambda s, e: e >= s)],
    "contact_id": [("born_before_created", ("birthdate", "created_date"), lambda b, c: b < c)],
    "opportunity_id": [
        ("closes_after_it_opens", ("created_date", "close_date"), lambda o, c: c >= o),
        ("won_means_closed_won", ("is_won", "stage"), lambda w, s: not w or s == "Closed Won"),
    ],
}
ZEROS = {"start_date": "00000000", "end_date": "00000000", "last_paid": "0000000"}
LAYOUT = (8, 8, 20, 2, 1, 8, 8, 7, 9, 11, 3, 5, 10)


# --- judging ------------------------------------------------------------------------------


def policies(day: str) -> Iterator[dict[str, str] | None]:
    names = [*POLICIES, "filler"]
    for line in (SAMPLES / f"legacy/policies_{day}.txt").read_bytes().splitlines():
        if len(line) != sum(LAYOUT):
            yield None
            continue
        row, at, decoded = {}, 0, line.decode("latin-1")
        for name, length in zip(names, LAYOUT, strict=True):
            cell = decoded[at : at + length].strip()
            row[name] = "" if cell == ZEROS.get(name) else cell
            at += length
        yield row


def crm(kind: str, day: str) -> Iterator[dict[str, str]]:
    with (SAMPLES / f"crm/{kind}_{day}.csv").open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle, strict=True):
            cells = {name: cell.strip() for name, cell in row.items()}
            yield {n: "" if c in ("NULL", "N/A", "-") else c for n, c in cells.items()}


def delivered(file: str) -> list[Any]:
    """The rows of a delivery by its path below the samples folder."""
    kind, day = file.rpartition("/")[2].split(".")[0].split("_")
    return list(policies(day) if kind == "policies" else crm(kind, day))


def judge(
    rows: list[dict[str, str] | None], columns: dict[str, Any], known: set[str] | None = None
) -> tuple[list[Finding], dict[int, str]]:
    """All findings, and the keys of the rows that pass, by record."""
    raw_key = next(iter(columns))
    key = columns[raw_key][0]
    shared = Counter(row[raw_key] for row in rows if row and row[raw_key])
    found: list[Finding] = []
    passing: dict[int, str] = {}
    for record, row in enumerate(rows, start=1):
        if row is None:
            found.append((record, "refused", "wrong_length", ""))
            continue
        mine = list(_findings(record, row, columns, known))
        if shared[row[raw_key]] > 1:
            mine.append((record, "held", "unique", key))
        found += mine
        if all(outcome == "warned" for _, outcome, _, _ in mine):
            passing[record] = row[raw_key]
    return found, passing


def _findings(
    record: int, row: dict[str, str], columns: dict[str, Any], known: set[str] | None
) -> Iterator[Finding]:
    values: dict[str, Any] = {}
    for raw, (name, parse, nullable, (check, good)) in columns.items():
        value = values[name] = parse(row[raw]) if row[raw] else None
        if value is UNREADABLE:
            yield record, "held", "parse", name
        elif value is None:
            if not nullable:
                yield record, "held", "not_null", name
        elif not good(value):
            yield record, "warned" if check == "mojibake" else "held", check, name
    if known is not None and values["contact_id"] not in (None, *known):
        yield record, "held", "references", "contact_id"
    for check, needs, holds in CROSS[columns[next(iter(columns))][0]]:
        operands = [values[name] for name in needs]
        if None not in operands and UNREADABLE not in operands and not holds(*operands):
            yield record, "held", check, ""


@pytest.fixture(scope="module")
def judged() -> dict[str, tuple[list[Finding], dict[int, str]]]:
    verdicts: dict[str, tuple[list[Finding], dict[int, str]]] = {}
    published: set[str] = set()
    for day in DAYS:
        verdicts[f"legacy/policies_{day}.txt"] = judge(list(policies(day)), POLICIES)
        contacts = judge(list(crm("contacts", day)), CONTACTS)
        published |= set(contacts[1].values())
        verdicts[f"crm/contacts_{day}.csv"] = contacts
        offers = judge(list(crm("opportunities", day)), OPPORTUNITIES, published)
        verdicts[f"crm/opportunities_{day}.csv"] = offers
    return verdicts


def table(name: str) -> list[dict[str, str]]:
    with (SAMPLES / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def raw_rows(kind: str, day: str) -> list[bytes]:
    """Records as bytes; a record ends where a quote is followed by CRLF and a quote."""
    data = (SAMPLES / f"crm/{kind}_{day}.csv").read_bytes()
    return re.split(rb'(?<=")\r\n(?=")', data.removesuffix(b"\r\n"))[1:]


# --- tests ----------------------------------------------------------------------------------


def test_truth_is_what_the_rules_find(judged: dict[str, Any]) -> None:
    told: dict[str, list[Finding]] = {name: [] for name in judged}
    for line in table("truth.csv"):
        finding = (int(line["record"]), line["outcome"], line["check"], line["column"])
        told[line["file"]].append(finding)
        assert line["note"]
    for name, (found, _) in judged.items():
        assert sorted(told[name]) == sorted(found), name


def test_accounts_balance_and_agree_with_the_rules(judged: dict[str, Any]) -> None:
    published: dict[str, set[str]] = {}
    held_before: dict[str, list[str]] = {}
    accounts = table("accounts.csv")
    assert {account["file"] for account in accounts} == judged.keys()
    for account in sorted(accounts, key=lambda a: a["file"][-14:]):
        found, passing = judged[account["file"]]
        number = {k: int(v) for k, v in account.items() if k not in ("file", "dataset")}
        by_outcome = {
            outcome: {record for record, each, _, _ in found if each == outcome}
            for outcome in ("held", "refused", "warned")
        }
        assert number["clean"] == len(passing)
        for outcome, records in by_outcome.items():
            assert number[outcome] == len(records), account["file"]
        assert number["records"] == number["clean"] + number["held"] + number["refused"]
        assert (number["held"] + number["refused"]) / number["records"] < 0.05

        dataset, keys = account["dataset"], set(passing.values())
        assert len(keys) == len(passing)
        now = keys if dataset == "legacy.policies" else published.get(dataset, set()) | keys
        assert number["published"] == len(now)
        assert number["held_superseded"] == sum(k in keys for k in held_before.get(dataset, []))
        published[dataset] = now
        rows = delivered(account["file"])
        held_before[dataset] = [next(iter(rows[n - 1].values())) for n in by_outcome["held"]]


def test_holder_numbers_join_one_contact_to_policies() -> None:
    numbers = Counter(
        row["Legacy Holder No"]
        for row in {r["Contact ID"]: r for day in DAYS for r in crm("contacts", day)}.values()
        if row["Legacy Holder No"]
    )
    held = {row["holder_id"] for row in policies(DAYS[1]) if row}
    assert max(numbers.values()) == 1
    assert len(numbers.keys() & held) > 500


@pytest.mark.parametrize("kind", ["contacts", "opportunities"])
def test_second_day_mends_some_bad_rows_and_repeats_others(
    kind: str, judged: dict[str, Any]
) -> None:
    first, second = (f"crm/{kind}_{day}.csv" for day in DAYS)
    bad_1 = {record for record, outcome, _, _ in judged[first][0] if outcome == "held"}
    bad_2 = {record for record, outcome, _, _ in judged[second][0] if outcome == "held"}
    raw_1, raw_2 = raw_rows(kind, DAYS[0]), raw_rows(kind, DAYS[1])
    was_bad = {raw_1[record - 1] for record in bad_1}
    repeated = [record for record, raw in enumerate(raw_2, start=1) if raw in was_bad]
    still_bad = [record for record in repeated if record in bad_2]
    assert len(still_bad) >= 4
    # Nothing about an orphan changes when its contact comes: same bytes, other verdict.
    assert (len(repeated) > len(still_bad)) == (kind == "opportunities")


def test_every_kind_of_fault_is_there_and_the_readme_tells_each_line() -> None:
    truth = table("truth.csv")
    readme = (SAMPLES / "README.md").read_text(encoding="utf-8")
    for line in truth:
        column = f"`{line['column']}`" if line["column"] else ""
        cells = f"{line['outcome']} | `{line['check']}` | {column} | {line['note']} |"
        assert re.search(rf"^\| {line['record']} \| .* \| {re.escape(cells)}$", readme, re.M)
    checks = {line["check"] for line in truth}
    plain = "parse not_null unique references isin str_matches in_range mojibake wrong_length"
    cross = {name for rules in CROSS.values() for name, *_ in rules}
    assert checks == set(plain.split()) | cross


def test_hostile_files_are_all_described() -> None:
    expected = table("bad/expected.csv")
    present = {path.name for path in (SAMPLES / "bad").iterdir()} - {"expected.csv"}
    assert {line["file"] for line in expected} == present
    for line in expected:
        records, *parts = (int(line[n]) for n in ("records", "clean", "held", "refused"))
        assert records == sum(parts)
        codes = [code.split(":") for code in line["codes"].split()]
        assert len(codes) == parts[2]
        assert all(1 <= int(record) <= records for record, _ in codes)


def test_sizes() -> None:
    for path in SAMPLES.rglob("*.*"):
        assert path.stat().st_size < 1_000_000


def generate(folder: Path, *arguments: str, seed: str = "0") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-B", str(folder / "generate.py"), *arguments],
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("seed", ["1", "2"])
def test_the_generator_makes_these_very_bytes(seed: str) -> None:
    done = generate(SAMPLES, "--check", seed=seed)
    assert (done.returncode, done.stderr) == (0, "")


def test_check_finds_a_difference_and_writing_mends_it(tmp_path: Path) -> None:
    copy = tmp_path / "samples"
    shutil.copytree(SAMPLES, copy, ignore=shutil.ignore_patterns("__pycache__"))
    changed, missing, stale = copy / "truth.csv", copy / "bad/ragged.csv", copy / "crm/old.csv"
    changed.write_text("file\n", encoding="utf-8")
    missing.unlink()
    stale.write_text("x\n", encoding="utf-8")
    done = generate(copy, "--check")
    assert done.returncode == 1
    assert all(path.name in done.stderr for path in (changed, missing, stale))
    assert stale.exists()
    assert generate(copy).returncode == 0
    assert changed.read_bytes() == (SAMPLES / "truth.csv").read_bytes()
    assert missing.read_bytes() == (SAMPLES / "bad/ragged.csv").read_bytes()
    assert not stale.exists()
