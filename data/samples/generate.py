"""Write the sample extracts and the truth about them; the same bytes every time.

python data/samples/generate.py            write the folder this file is in
python data/samples/generate.py --check    write nothing; exit 1 if a file differs
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import astuple, fields
from pathlib import Path

from generator import contacts, legacy, opportunities
from generator.document_formats import document_format_files
from generator.hostile import Hostile, hostile_files
from generator.mainframe import mainframe_files
from generator.readme import readme
from generator.text_formats import text_format_files
from generator.truth import TRUTH_HEADER, Balance, balances, csv_text, truth_lines
from generator.world import everyone

HERE = Path(__file__).resolve().parent


def files() -> dict[str, bytes]:
    """Every generated file: path below this folder → bytes."""
    people = everyone()
    policies = legacy.deliveries(people)
    persons = contacts.deliveries(people)
    offers = opportunities.deliveries(people, persons)
    deliveries = [*policies, *persons, *offers]
    accounts = [
        *balances(*policies, upsert=False),
        *balances(*persons, upsert=True),
        *balances(*offers, upsert=True),
    ]
    hostile = hostile_files()
    expected = [name.name for name in fields(Hostile) if name.name != "data"]
    return {
        **{delivery.file: delivery.data for delivery in deliveries},
        **{f"bad/{each.file}": each.data for each in hostile},
        **mainframe_files(),
        **text_format_files(),
        **document_format_files(),
        "bad/expected.csv": csv_text(expected, [astuple(each)[:-1] for each in hostile]),
        "truth.csv": csv_text(TRUTH_HEADER, truth_lines(deliveries)),
        "accounts.csv": csv_text([f.name for f in fields(Balance)], map(astuple, accounts)),
        "README.md": readme(deliveries, accounts, hostile).encode(),
    }


def main() -> int:
    """Write or compare; 0 when the folder is as it should be."""
    parser = argparse.ArgumentParser(description="Write the sample extracts.")
    parser.add_argument("--check", action="store_true", help="compare only; exit 1 on a difference")
    check = parser.parse_args().check
    made = files()
    differing = [name for name, data in made.items() if _content(HERE / name) != data]
    stale = [path for path in _extracts() if path.relative_to(HERE).as_posix() not in made]
    if check:
        for name in [*differing, *map(str, stale)]:
            print(f"differs from what the generator makes: {name}", file=sys.stderr)
        return 1 if differing or stale else 0
    for name in differing:
        (HERE / name).parent.mkdir(parents=True, exist_ok=True)
        (HERE / name).write_bytes(made[name])
    for path in stale:
        path.unlink()
    print(f"{len(made)} files: {len(differing)} written, {len(stale)} stale ones removed")
    return 0


def _extracts() -> list[Path]:
    """Files in the folders that hold nothing but generated ones."""
    return [path for folder in ("bad", "crm", "legacy") for path in (HERE / folder).glob("*")]


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


if __name__ == "__main__":
    sys.exit(main())
