"""An independent recount of a state folder: from its files alone, with none of cleanhold's code.

Bytes are read as they are, Parquet with pyarrow, the ledger with sqlite3, the quarantine with
DuckDB (read-only), and everything is counted in plain Python. Deliveries must be plain CSV: one
record a line, no quotes.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

Row = dict[str, Any]
WAITS = ("held", "corrected", "waived")

#: What may happen to a row that stands somewhere, by the entries of its history.
_OPEN = {"correct", "waive", "release", "reject", "reopen", "superseded", "released", "still held"}
MOVES = {
    **dict.fromkeys(WAITS, _OPEN),
    "rejected": {"reopen", "superseded"},
    "released": {"superseded", "held"},
    "superseded": {"held"},
}
BECOMES = {
    "correct": "corrected",
    "waive": "waived",
    "release": "waived",
    "reject": "rejected",
    "reopen": "held",
    "still held": "held",
}


@lru_cache(maxsize=4096)
def _ids(path: Path) -> tuple[str, ...]:
    return tuple(pq.read_table(path, columns=["row_id"])["row_id"].to_pylist())


@dataclass
class Counted:
    """What was counted.

    Attributes:
        records: of all landed extracts that a run has judged, by dataset.
        homes: where each row id is now, by dataset: how many are in which place.
    """

    records: dict[str, int] = field(default_factory=dict)
    homes: dict[str, Counter[str]] = field(default_factory=dict)


class Recount:
    """The state folder as it is on disk now."""

    def __init__(self, state: Path) -> None:
        self.state = state

    # What is there

    def ledger(self, question: str) -> list[Row]:
        place = f"file:{self.state / 'ledger.db'}?mode=ro"
        with closing(sqlite3.connect(place, uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(question)]

    def quarantine(self, question: str) -> list[Row]:
        place = str(self.state / "quarantine.duckdb")
        with duckdb.connect(place, read_only=True) as connection:
            answer = connection.execute(question)
            names = [column[0] for column in answer.description or []]
            return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]

    @cached_property
    def extracts(self) -> dict[str, list[str]]:
        """First digits of an extract's SHA-256 → its lines, the header first."""
        found = {}
        for path in self.state.glob("extracts/??/*"):
            data = path.read_bytes()
            assert hashlib.sha256(data).hexdigest() == path.name
            lines = data.decode(errors="replace").split("\n")
            found[path.name[:16]] = lines[:-1] if lines[-1] == "" else lines
        return found

    @cached_property
    def snapshots(self) -> list[Row]:
        """Snapshots in the order of their commits, with `manifest` read and `account`."""
        rows = self.ledger(
            "select s.*, r.state, a.records, a.clean, a.held, a.refused, a.superseded, a.warned "
            "from snapshots s join runs r on r.id = s.run join accounts a on a.run = s.run "
            "order by position"
        )
        for row in rows:
            data = (self.state / "manifests" / f"{row['manifest']}.json").read_bytes()
            assert hashlib.sha256(data).hexdigest() == row["manifest"]
            row["told"] = json.loads(data)
        return rows

    def files(self, snapshot: Row, role: str) -> list[Path]:
        folder = self.state / "snapshots" / snapshot["dataset"]
        named = [f for f in snapshot["told"]["files"] if f["role"] == role]
        return [folder / f"{role}-{f['sha256']}.parquet" for f in named]

    def ids(self, snapshot: Row, role: str) -> list[str]:
        return [row for path in self.files(snapshot, role) for row in _ids(path)]

    def current(self, dataset: str) -> Row | None:
        """What readers of a dataset get."""
        point = self.ledger(
            f"select number from channels where dataset = '{dataset}' and channel = 'production'"
        )
        wanted = (dataset, point[0]["number"]) if point else None
        return next((s for s in self.snapshots if (s["dataset"], s["number"]) == wanted), None)

    def fingerprints(self) -> dict[Path, str]:
        """Every file that must never change, and its hash."""
        parts = ("extracts", "deliveries", "snapshots", "manifests", "decisions", "replays")
        return {
            path: hashlib.sha256(path.read_bytes()).hexdigest()
            for part in parts
            for path in sorted((self.state / part).rglob("*"))
            if path.is_file() and not path.name.startswith(".")
        }

    # Counting

    def count(self) -> Counted:
        """Count everything; an assertion fails where something is lost, twice or untold."""
        counted = Counted()
        for snapshot in self.snapshots:
            self._account(snapshot)
        datasets = sorted({s["dataset"] for s in self.snapshots})
        for dataset in datasets:
            records = set(self._records(dataset))
            counted.records[dataset] = len(records)
            counted.homes[dataset] = self._homes(dataset, records)
        self.histories()
        self.sightings()
        return counted

    def _account(self, snapshot: Row) -> None:
        """records = clean + held + refused + superseded, as counts and as sets of row ids."""
        told = snapshot["told"]
        account = {n: snapshot[n] for n in ("records", "clean", "held", "refused", "superseded")}
        assert {n: told["account"][n] for n in account} == account
        assert account["records"] == sum(account.values()) - account["records"]
        kinds = {i["kind"]: i["sha256"] for i in told["inputs"]}
        if "replay" in kinds:
            expected = set(_ids(self.state / "replays" / f"{kinds['replay']}.parquet"))
        else:
            prefix = kinds.get("extract", snapshot["run"])[:16]
            if "extract" in kinds:  # counted from its bytes
                assert account["records"] == len(self.extracts[prefix]) - 1
            expected = {f"{prefix}-{n}" for n in range(1, account["records"] + 1)}
        parts = {
            role: [i for i in self.ids(snapshot, role) if role != "data" or i in expected]
            for role in ("data", "held", "refused", "superseded")
        }
        sizes = {role: len(ids) for role, ids in parts.items()}
        assert sizes == {
            "data": account["clean"],
            **{n: account[n] for n in ("held", "refused", "superseded")},
        }, (snapshot["dataset"], snapshot["number"])
        every = [i for ids in parts.values() for i in ids]
        assert len(every) == len(set(every))
        assert set(every) == expected
        rows = self.ids(snapshot, "data")
        assert len(rows) == len(set(rows)) == snapshot["rows"]
        for path in self.files(snapshot, "held"):
            findings = pq.read_table(path, columns=["findings"])["findings"].to_pylist()
            assert all(findings)  # every held row says why

    def _records(self, dataset: str) -> Iterator[str]:
        """Ids of all records of all extracts that a run of the dataset has judged."""
        for snapshot in self.snapshots:
            for one in snapshot["told"]["inputs"]:
                if one["kind"] == "extract" and snapshot["dataset"] == dataset:
                    prefix = one["sha256"][:16]
                    lines = len(self.extracts[prefix])
                    yield from (f"{prefix}-{n}" for n in range(1, lines))

    def _homes(self, dataset: str, records: set[str]) -> Counter[str]:
        """Every row id has exactly one home now; nothing published waits."""
        now = self.current(dataset)
        published = set(self.ids(now, "data")) if now else set()
        if not records:  # a feature table: what is built anew each time
            return Counter(published=len(published))
        assert published <= records
        held = {
            r["row_id"]: r["status"]
            for r in self.quarantine(f"select row_id, status from held where dataset = '{dataset}'")
        }
        refused = {
            r["row_id"]: r["status"]
            for r in self.quarantine(
                f"select row_id, status from refused where dataset = '{dataset}'"
            )
        }
        assert held.keys() <= records
        assert refused.keys() <= records
        once: dict[str, set[str]] = defaultdict(set)
        for snapshot in self.snapshots:
            if snapshot["dataset"] == dataset:
                for role in ("data", "held", "refused", "superseded"):
                    once[role] |= set(self.ids(snapshot, role))
        assert once["held"] == held.keys()
        assert once["refused"] == refused.keys()
        homes: Counter[str] = Counter()
        for record in records:
            status = held.get(record, "")
            waits = status in WAITS or refused.get(record) == "refused"
            assert not (record in published and waits), record
            if record in published:
                homes["published"] += 1
            elif record in refused:
                homes[f"refused: {refused[record]}"] += 1
            elif record in held:
                homes[f"held: {status}"] += 1
            else:  # it was published or too late, and a newer row has its place
                assert record in once["superseded"] | once["data"], record
                homes["replaced"] += 1
        assert homes.total() == len(records)
        return homes

    def histories(self) -> None:
        """Each history is a legal path, and ends where the row stands."""
        lines = self.quarantine(
            "select dataset, row_id, what, cause, who, why from history order by rowid"
        )
        paths: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for line in lines:
            paths[line["dataset"], line["row_id"]].append(line)
        for row in self.quarantine("select dataset, row_id, status, superseded_by from held"):
            path = paths.pop((row["dataset"], row["row_id"]), [])
            # One that comes late, after its content came again, is superseded from the start.
            late = path[0]["what"] == "held" if path else row["status"] == "superseded"
            at = "superseded" if late else "held"
            for line in path:
                what = line["what"]
                if what in ("assign", "comment"):
                    continue
                assert what in MOVES[at], (row, at, what)
                at = BECOMES.get(what, what)
                if what in BECOMES and what != "still held":
                    assert line["who"]
                    assert line["why"]
            assert at == row["status"], (row, path)
        assert not paths  # of rows that are not there

    def sightings(self) -> None:
        """first_seen, last_seen and times_seen, computed naively for every row that waits."""
        first: dict[tuple[str, str], str] = {}
        last: dict[tuple[str, str], str] = {}
        for snapshot in self.snapshots:
            for row in self.ids(snapshot, "held"):
                if not any(i["kind"] == "replay" for i in snapshot["told"]["inputs"]):
                    first.setdefault((snapshot["dataset"], row), snapshot["created_at"])
                    last[snapshot["dataset"], row] = snapshot["created_at"]
        rows = self.quarantine(
            "select dataset, row_id, extract, raw, content_hash, status, superseded_by, first_seen,"
            " last_seen, times_seen, delivered from held"
        )
        alike: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for row in rows:
            half = hashlib.sha256(row["raw"].encode()).hexdigest()[:32]
            assert half == str(row["content_hash"]).replace("-", "")
            alike[row["dataset"], row["raw"]].append(row)
        known = {(row["dataset"], row["row_id"]): row for row in rows}
        for row in rows:
            if row["status"] not in WAITS:
                continue
            others = [
                other
                for other in alike[row["dataset"], row["raw"]]
                if other["extract"] != row["extract"]
                and other["delivered"] < row["delivered"]
                and not _is_settled(other, known)
            ]
            name = (row["dataset"], row["row_id"])
            seen = {row["extract"], *(other["extract"] for other in others)}
            again = sum(self._again(row["dataset"], extract) for extract in seen)
            assert row["times_seen"] == len(seen) + again, (row, others)
            sighted = [first[name], *(first[o["dataset"], o["row_id"]] for o in others)]
            assert _moment(row["first_seen"]) == min(sighted)[:26], row
            assert _moment(row["last_seen"]) >= last[name][:26], row

    def diff(self, dataset: str, before: int, after: int, key: str = "id") -> dict[str, int]:
        """Rows `added`, `removed`, `changed` and `same`, by key."""
        known = {(s["dataset"], s["number"]): s for s in self.snapshots}
        beside = ("row_id", "record")
        tables: list[dict[Any, Row]] = []
        for number in (before, after):
            paths = self.files(known[dataset, number], "data")
            rows = [row for path in paths for row in pq.read_table(path).to_pylist()]
            tables.append({r[key]: {n: v for n, v in r.items() if n not in beside} for r in rows})
        old, new = tables
        both = old.keys() & new.keys()
        same = sum(old[k] == new[k] for k in both)
        counts = {"added": len(new.keys() - old.keys()), "removed": len(old.keys() - new.keys())}
        return {**counts, "changed": len(both) - same, "same": same}

    def _again(self, dataset: str, extract: str) -> int:
        """How often an extract was delivered again, after others, and judged since."""
        judged = [
            s["created_at"]
            for s in self.snapshots
            if s["dataset"] == dataset and any(i["sha256"] == extract for i in s["told"]["inputs"])
        ]
        landed = self.ledger(f"select landed_at from redeliveries where sha256 = '{extract}'")
        return sum(row["landed_at"] < max(judged) for row in landed)

    def values(self, dataset: str, parsed: Mapping[str, Callable[[str], Any]]) -> int:
        """Published values equal the delivered text, with exactly the recorded patches.

        Args:
            parsed: column → its value, from the text that was delivered ("" is null).

        Returns:
            How many values were compared.
        """
        snapshot = self.current(dataset)
        if snapshot is None:
            return 0
        question = (
            "select row_id, status, patch, waived, (select arg_max(what, happened) from history"
            " where history.row_id = held.row_id and history.dataset = held.dataset) as last"
            f" from held where dataset = '{dataset}'"
        )
        held = self.quarantine(question)
        patches = {r["row_id"]: json.loads(r["patch"] or "{}") for r in held}
        waived = defaultdict(list, {r["row_id"]: r["waived"] or [] for r in held})
        # In the table until the next run, without the correction that was taken back.
        reopened = {r["row_id"] for r in held if r["last"] == "reopen"}
        count = 0
        for path in self.files(snapshot, "data"):
            for row in pq.read_table(path).to_pylist():
                if row["row_id"] in reopened:
                    continue
                prefix, _, record = row["row_id"].partition("-")
                header, line = self.extracts[prefix][0], self.extracts[prefix][int(record)]
                text = dict(zip(header.split(","), line.split(","), strict=True))
                text.update({k: v or "" for k, v in patches.get(row["row_id"], {}).items()})
                for column, value in parsed.items():
                    delivered = text.get(column, "")
                    read = delivered and f"{column}.parse" not in waived[row["row_id"]]
                    wanted = value(delivered) if read else None
                    assert row[column] == wanted, (row, text)
                    count += 1
        return count


def _moment(value: Any) -> str:
    return str(value.isoformat(timespec="microseconds"))


def _is_settled(row: Row, known: Mapping[tuple[str, str], Row]) -> bool:
    """Whether a delivery or a replay settled a row, or the last that came with its content."""
    while row["status"] == "superseded":
        if "-" not in row["superseded_by"]:
            return True
        row = known[row["dataset"], row["superseded_by"]]
    return False
