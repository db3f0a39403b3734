"""A program that reads what is published, in every way there is, until it is told to stop.

    python reader.py WORKSPACE DATASET...     ends when its standard input does

It prints one JSON object: how often it read, the versions it saw, and what was wrong.
"""

from __future__ import annotations

import hashlib
import json
import select
import sys
from pathlib import Path

import duckdb
import polars as pl

import cleanhold


class Reader:
    """One dataset, read again and again."""

    def __init__(self, root: Path, dataset: str) -> None:
        self.root, self.dataset = root, dataset
        self.state = root / ".cleanhold"
        self.newest = {"read": 0, "pointer": 0}
        self.rows: dict[int, int] = {}
        self.reads = 0
        self.wrong: list[str] = []

    def look(self) -> None:
        """Once by each way."""
        self.by_python()
        self.by_pointer()
        self.reads += 1

    def by_python(self) -> None:
        """`cleanhold.read`: a version that is listed before is what one gets, or a newer one."""
        before = cleanhold.snapshots(self.dataset, workspace=self.root)[-1]
        frame = cleanhold.read(self.dataset, workspace=self.root)
        after = cleanhold.snapshots(self.dataset, workspace=self.root)[-1]
        rows = frame.collect().height
        allowed = {s.rows for s in cleanhold.snapshots(self.dataset, workspace=self.root)
                   if before.number <= s.number <= after.number}  # fmt: skip
        self.expect(rows in allowed, f"read gives {rows} rows, not {allowed}")
        self.forward("read", after.number)

    def by_pointer(self) -> None:
        """As other languages do: the pointer, its manifest, the files, with DuckDB."""
        pointer = json.loads((self.state / "current" / f"{self.dataset}.json").read_bytes())
        data = (self.state / "manifests" / f"{pointer['manifest']}.json").read_bytes()
        self.expect(hashlib.sha256(data).hexdigest() == pointer["manifest"], "a manifest is torn")
        files = [file for file in json.loads(data)["files"] if file["role"] == "data"]
        paths = [self.state / "snapshots" / self.dataset / name_of(file) for file in files]
        for file, path in zip(files, paths, strict=True):
            found = hashlib.sha256(path.read_bytes()).hexdigest()
            self.expect(found == file["sha256"], f"{path.name} is not what was published")
        counted = duckdb.execute("select count(*) from read_parquet($1)", [list(map(str, paths))])
        rows = counted.fetchall()[0][0]
        self.expect(rows == sum(file["rows"] for file in files), "rows are missing")
        known = self.rows.setdefault(pointer["number"], rows)
        self.expect(known == rows, f"snapshot {pointer['number']} changes its rows")
        self.forward("pointer", pointer["number"])

    def forward(self, way: str, number: int) -> None:
        """Versions only grow where nobody rolls back."""
        self.expect(number >= self.newest[way], f"by {way}, {number} after {self.newest[way]}")
        self.newest[way] = number

    def expect(self, true: bool, otherwise: str) -> None:
        if not true:
            self.wrong.append(f"{self.dataset}: {otherwise}")


def name_of(file: dict[str, str]) -> str:
    return f"{file['role']}-{file['sha256']}.parquet"


def main() -> None:
    root, *datasets = sys.argv[1:]
    readers = [Reader(Path(root), dataset) for dataset in datasets]
    print("reading", flush=True)
    while not select.select([sys.stdin], [], [], 0)[0]:
        for reader in readers:
            try:
                reader.look()
            except (cleanhold.errors.CleanholdError, OSError, pl.exceptions.PolarsError) as error:
                reader.wrong.append(f"{reader.dataset}: {type(error).__name__}: {error}")
    told = {
        "reads": sum(reader.reads for reader in readers),
        "newest": {reader.dataset: reader.newest for reader in readers},
        "wrong": [wrong for reader in readers for wrong in reader.wrong],
    }
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
