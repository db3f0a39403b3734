"""cleanhold check: one file against one contract."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cleanhold.cli import output
from cleanhold.cli.output import JsonOption

if TYPE_CHECKING:
    from cleanhold.core.reading import Reader
    from cleanhold.core.source import Source
    from cleanhold.pipeline.check import Report
    from cleanhold.pipeline.unpack import Plain

_MOST_NOTES, _MOST_CHECKS = 8, 20


def check(
    file: Annotated[
        Path,
        typer.Argument(help="The file to check, compressed or not; - is standard input."),
    ],
    contract: Annotated[
        str, typer.Option("--contract", "-c", help="PATH or PATH:Name of the contract.")
    ],
    format: Annotated[
        str | None,
        typer.Option("--format", "-f", help="csv, excel, xml, … (docs/readers.md lists "
                     "them all); from the file's ending if not given."),
    ] = None,
    option: Annotated[
        list[str] | None,
        typer.Option("--option", "-o", help="NAME=VALUE for the format: delimiter=';' (or tab), "
                     "encoding=cp1252, header=id,name, layout=id:1:8,name:9:20, … (repeatable)."),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option("--source", help="PATH or PATH:NAME of a declared Source; its format is "
                     "used, with its layout and options."),
    ] = None,
    member: Annotated[
        str,
        typer.Option("--member", help="Name (or shell pattern) of the file in a ZIP archive."),
    ] = "*",
    reference: Annotated[
        list[str] | None,
        typer.Option("--reference", help="DATASET=FILE (Parquet or CSV) to check references "
                     "against; the contract's own dataset, as published, for checks of changes "
                     "(repeatable)."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Folder for clean.parquet, held.parquet, warned.parquet "
                     "and refused.parquet."),
    ] = None,
    json: JsonOption = False,
) -> int:  # fmt: skip
    """Check one file against one contract; no workspace is needed.

    gzip, bzip2, xz, zstd and ZIP are unpacked under the limits of `[tool.cleanhold.limits]`.
    Each record ends as clean, held (with its findings) or refused (with its bytes).
    Exits 1 if any record was held or refused, or a check of all rows together failed.

    **Examples**

    `cleanhold check contacts.csv --contract contracts/contacts.py`

    `cleanhold check big.csv -c contracts.py:Orders --out result --json`

    `cleanhold check old.txt -c c.py -f csv -o delimiter=';' -o encoding=cp1252`

    `cleanhold check fixed.txt -c policies.py -f fixed-width -o layout=id:1:8,name:9:20`

    `cleanhold check fixed.txt -c policies.py --source flows/sources.py:policies`

    `cleanhold check opps.csv -c opps.py --reference crm.accounts=accounts.parquet`

    `zcat old.csv.gz | cleanhold check - -f csv -c old.py`
    """
    from cleanhold.core.extract import hashing
    from cleanhold.plan.lean_import import import_pandera

    declares = _declared(source, format, option or [])
    with _plain(file, member, declares, quiet=json) as plain:
        identity = hashing(plain.path)  # meanwhile: importing pandera leaves a processor idle
        import_pandera()
        from cleanhold.pipeline.check import check_file
        from cleanhold.plan.load import load_contract

        reader = _reader(plain.name, format, option or [], declares)
        declared = load_contract(contract)
        declared = declares.judged_by(declared) if declares else declared
        tables = _tables(reference or [])
        size = plain.path.stat().st_size
        with output.progress(f"checking {plain.name}", size, quiet=json) as advance:
            report = check_file(
                plain.path,
                declared,
                reader,
                out=out,
                tables=tables,
                progress=advance,
                identity=identity,
            )
    report = replace(report, notes=(*plain.notes, *report.notes))
    if json:
        output.emit_json(report.as_dict())
    else:
        _show(report, plain.name, out)
    return output.HELD_BACK if report.held_back else output.DONE


@contextmanager
def _plain(file: Path, member: str, source: Source | None, *, quiet: bool) -> Iterator[Plain]:
    """The file to read, unpacked if need be."""
    from cleanhold.core.limits import Terms
    from cleanhold.pipeline.unpack import plain_file
    from cleanhold.workspace.settings import limits_near

    terms = Terms(limits_near(Path.cwd()), members=member)
    if source is not None:
        chosen = source.members if member == "*" else member
        terms = replace(terms, compression=source.compression, members=chosen)
    size = file.stat().st_size if file.is_file() else None
    with ExitStack() as stack:
        with output.progress(f"unpacking {file.name}", size, quiet=quiet) as advance:
            plain = stack.enter_context(plain_file(file, terms, advance))
        yield plain


def _declared(spec: str | None, format: str | None, pairs: list[str]) -> Source | None:
    from cleanhold.errors import UsageError

    if spec is None:
        return None
    if format or pairs:
        raise UsageError(
            "--source says everything about the format; --format and --option do not go with it",
            next="leave them out, or leave out --source",
        )
    from cleanhold.workspace.catalogue import load_source

    return load_source(spec)


def _reader(name: str, format: str | None, pairs: list[str], source: Source | None) -> Reader:
    from cleanhold.readers import guess_format, reader_for

    if source is not None:
        from cleanhold.pipeline.ingest import reader_of  # loads the ledger's database library

        return reader_of(source)
    return reader_for(format or guess_format(Path(name)), **_options(pairs))


def _options(pairs: list[str]) -> dict[str, str]:
    from cleanhold.errors import UsageError

    options = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise UsageError(f"--option {pair!r} is not NAME=VALUE", next="write -o delimiter=';'")
        options[name] = value
    return options


def _tables(pairs: list[str]) -> dict[str, Any]:
    import polars as pl

    from cleanhold.errors import UsageError

    tables: dict[str, pl.LazyFrame] = {}
    for pair in pairs:
        dataset, equals, file = pair.partition("=")
        path = Path(file)
        if not equals or not dataset or not path.is_file():
            raise UsageError(
                f"--reference {pair!r} is not DATASET=FILE, or there is no such file",
                next="write --reference crm.accounts=accounts.parquet",
            )
        is_parquet = path.suffix == ".parquet"
        tables[dataset] = (
            pl.scan_parquet(path, glob=False)
            if is_parquet
            else pl.scan_csv(path, infer_schema=False, glob=False)
        )
        try:
            tables[dataset].collect_schema()
        except pl.exceptions.PolarsError as error:
            raise UsageError(
                f"--reference {pair!r} cannot be read as {'Parquet' if is_parquet else 'CSV'}: "
                f"{str(error).splitlines()[0]}",
                next="give the table as Parquet, or as CSV with a header",
            ) from error
    return tables


def _show(report: Report, name: str, out: Path | None) -> None:
    account = report.account
    read = "" if report.encoding in (None, "utf-8") else f", read as {report.encoding}"
    output.say(
        f"{name} against {report.contract.dataset} {report.contract.version}: "
        f"{account.records:,} record{'' if account.records == 1 else 's'} "
        f"in {report.seconds:.1f} s{read}"
    )
    output.say()
    counts = {"clean": account.clean, "held": account.held, "refused": account.refused}
    rows = [[name, n, output.share(n, account.records)] for name, n in counts.items()]
    output.show_table(["", "records", "share"], rows)
    if report.refusals:
        output.say()
        output.show_table(
            ["refused", "records", "first", "because"],
            [[r.code, r.records, r.first, r.message] for r in report.refusals],
        )
    fired = [c for c in report.checks if c.failed or c.warned]
    if fired:
        fired.sort(key=lambda c: -(c.failed + c.warned))
        output.say()
        output.show_table(
            ["check", "column", "held", "warned", "skipped"],
            [
                [c.check, c.column or "(row)", c.failed, c.warned, c.skipped]
                for c in fired[:_MOST_CHECKS]
            ],
        )
    if len(fired) > _MOST_CHECKS:
        output.say(f"{len(fired) - _MOST_CHECKS:,} more checks failed; --json counts them all")
    if report.notes:
        output.say()
    for note in report.notes[:_MOST_NOTES]:
        output.say(f"note: {note}", hang=6)
    if len(report.notes) > _MOST_NOTES:
        output.say(f"note: {len(report.notes) - _MOST_NOTES} more; --json lists them all")
    output.say()
    if out is not None:
        output.say(f"files in {out}: clean.parquet, held.parquet, warned.parquet, refused.parquet")
    elif account.held or account.refused:
        output.say("next: add --out DIR to keep the rows, each with its findings")
