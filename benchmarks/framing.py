"""What framing costs: an extract to Parquet by cleanhold's reader, and by Polars' scan alone.

python benchmarks/framing.py [ROWS] [--turns N]
python benchmarks/framing.py ROWS --file FILE [--turns N]

`direct` surveys every byte while Polars scans the file; `framed` frames, parses and stages block by
block, as everything that is not well-formed UTF-8 is read. Both give the same rows as Polars.
With a file of that many rows, in UTF-8, nothing is made, and the other encodings are left out.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl
from measure import Cost, best, cost, made

from cleanhold import delimited
from cleanhold.pipeline.frame import frame

#: Jobs, and the encoding of the file each reads.
JOBS = {
    "polars": "utf-8",
    "direct": "utf-8",
    "framed": "utf-8",
    "framed cp1252": "cp1252",
    "framed utf-16": "utf-16",
    "framed cp1140": "cp1140",
}


def run(job: str, file: Path, out: Path) -> int:
    """Do one job in this process; gives the number of rows."""
    parquet = out / "rows.parquet"
    if job == "polars":
        pl.scan_csv(file, infer_schema=False).sink_parquet(parquet, engine="streaming")
        return int(pl.scan_parquet(parquet).select(pl.len()).collect().item())
    opened = delimited(encoding=JOBS[job]).open(file)
    if job != "direct":
        return frame(opened, out, file.name).count
    direct = opened.direct
    assert direct is not None
    with ThreadPoolExecutor(1) as beside:
        surveyed = beside.submit(direct.survey, out / "spans", lambda _: None)
        direct.rows.sink_parquet(parquet, engine="streaming")
        survey = surveyed.result()
    assert survey is not None
    return survey.records


def measured(job: str, file: Path) -> tuple[Cost, int]:
    """The cost of one job in a process of its own, and its rows."""
    with tempfile.TemporaryDirectory(dir=file.parent) as out:
        command = [sys.executable, __file__, "--job", job, "--file", str(file), "--out", out]
        taken, said = cost(command, environment=dict(os.environ))
    return taken, int(said)


def compare(rows: int, turns: int) -> None:
    """Make an extract, and print what each job takes."""
    with tempfile.TemporaryDirectory() as folder:
        file, _ = made(rows, Path(folder))
        text = file.read_bytes().decode()
        files = {"utf-8": file}
        for encoding in sorted(set(JOBS.values()) - set(files)):
            files[encoding] = file.with_suffix(f".{encoding}.csv")
            files[encoding].write_bytes(text.encode(encoding, errors="replace"))
        del text
        show(rows, turns, files)


def show(rows: int, turns: int, files: dict[str, Path]) -> None:
    """Print what each job takes of which there is a file, in multiples of Polars' scan."""
    costs: dict[str, list[Cost]] = {job: [] for job, known in JOBS.items() if known in files}
    for _ in range(turns):
        for job, spent in costs.items():
            taken, found = measured(job, files[JOBS[job]])
            if found != rows:
                raise SystemExit(f"{job}: {found} rows, {rows} expected")
            spent.append(taken)
    floor = best(costs["polars"])
    print(f"{rows:,} rows, best of {turns}; in multiples of Polars' scan to Parquet")
    print(f"{'':16}{'wall':>8}{'CPU':>8}{'peak MB':>10}")
    for job, taken in costs.items():
        one = best(taken)
        print(f"{job:16}{one.wall / floor.wall:8.2f}{one.cpu / floor.cpu:8.2f}{one.peak:10.0f}")


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("rows", nargs="?", type=int, default=1_000_000)
    options.add_argument("--turns", type=int, default=3)
    options.add_argument("--job", choices=JOBS)
    options.add_argument("--file", type=Path)
    options.add_argument("--out", type=Path)
    given = options.parse_args()
    if given.job:
        print(run(given.job, given.file, given.out))
    elif given.file:
        show(given.rows, given.turns, {"utf-8": given.file})
    else:
        compare(given.rows, given.turns)
