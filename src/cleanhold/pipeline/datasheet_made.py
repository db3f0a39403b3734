"""datasheet_made: what a snapshot is for, where it comes from, and how it was made."""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from cleanhold.core.case import in_general
from cleanhold.core.check import Kind
from cleanhold.core.column_lineage import Origin, Way
from cleanhold.core.contract import LoadMode
from cleanhold.core.datasheet import Cell, Section, Sheet
from cleanhold.core.run import Input, InputKind
from cleanhold.core.snapshot import Snapshot
from cleanhold.pipeline.ages import ages
from cleanhold.pipeline.columns import of_snapshot
from cleanhold.pipeline.datasheet_known import Known, facts, span_of
from cleanhold.pipeline.stores import Stores

#: Deliveries that are listed; all are counted.
_MOST = 20


def identity(known: Known) -> Section:
    """What it is."""
    snapshot, manifest = known.snapshot, known.manifest
    account = snapshot.account
    return Section(
        "identity",
        "What it is",
        facts(
            dataset=known.dataset,
            snapshot=f"{snapshot.number}, made {snapshot.created_at:%F %H:%M} UTC",
            standing=str(known.dossier.standing),
            rows=f"{snapshot.rows:,}",
            records_of_its_run=f"{account.records:,} = {account.clean:,} clean + {account.held:,} "
            f"held + {account.refused:,} refused + {account.superseded:,} superseded",
            contract=f"{snapshot.contract_version} ({manifest.contract_fingerprint[:12]})",
            code=manifest.code,
            manifest=snapshot.manifest,
        ),
    )


def purpose(known: Known) -> Section:
    """What it is for."""
    contract = known.contract
    description = contract.description if contract else known.manifest.details["description"]
    ready = contract.readiness if contract else None
    goal = f"{ready.goal.measure}: {ready.goal.threshold}" if ready and ready.goal else ""
    said = ready.purpose if ready else ""
    return Section(
        "purpose",
        "Purpose",
        facts(description=description, goal=goal, purpose_of_personal_data=said),
        missing=(
            *known.unless(description, "what it is", "description='…'"),
            *known.unless(goal, "what it is to change", "goal=('measure', 'threshold')"),
            *known.unless(
                said or not (contract and contract.personal),
                "for what personal data in it are used",
                "purpose='…'",
            ),
        ),
    )


def owners(known: Known) -> Section:
    """Who answers for it."""
    owner = known.contract.owner if known.contract else known.dossier.audited.owner
    responder = known.contract.readiness.responder if known.contract else ""
    return Section(
        "owners",
        "Owners",
        facts(owner=owner, acts_when_it_breaks=responder),
        missing=(
            *known.unless(owner, "who answers for it", "owner='…'"),
            *known.unless(responder, "who acts when it breaks", "responder='…'"),
        ),
    )


def origin(known: Known) -> Section:
    """Where it comes from: sources, deliveries, and the snapshots that it is built from."""
    stores = known.stores
    built = [_below(stores, one) for one in known.snapshot.inputs if one.kind is InputKind.SNAPSHOT]
    below = {known.dataset, *(str(one[0]) for one in built)} if known.feature else {known.dataset}
    sources = [source for source in stores.sources.values() if source.dataset in below]
    read = list(_deliveries(stores, known.snapshot))
    bare = [source.name for source in sources if not source.description]
    return Section(
        "origin",
        "Origin",
        facts(deliveries=f"{len(read):,}", bytes=f"{sum(int(str(one[3])) for one in read):,}"),
        sheets=(
            Sheet(
                "Sources",
                ("source", "dataset", "format", "described as"),
                tuple(
                    (s.name, s.dataset, s.reader.format if s.reader else "", s.description)
                    for s in sources
                ),
            ),
            Sheet("Built from, or compared with", _BUILT, tuple(built)),
            Sheet(
                "Deliveries" if len(read) <= _MOST else f"The newest {_MOST} deliveries",
                ("source", "file", "landed (UTC)", "bytes", "SHA-256"),
                tuple(read[:_MOST]),
            ),
        ),
        missing=tuple(
            f"what {name} is: say it by description='…' of the Source in flows/" for name in bare
        ),
    )


_BUILT = ("dataset", "snapshot", "rows", "held by its run", "refused by its run", "manifest")


def _below(stores: Stores, read: Input) -> tuple[Cell, ...]:
    found = stores.ledger.snapshot(read.name, read.number)
    counts = (found.rows, found.account.held, found.account.refused) if found else (None,) * 3
    return (read.name, read.number, *counts, read.sha256)


def _deliveries(stores: Stores, snapshot: Snapshot) -> Iterator[tuple[str, str, str, int, str]]:
    """Those that a snapshot and all that it follows or is built from were made of, newest first."""
    wanted: set[str] = set()
    seen: set[str] = set()
    todo = [snapshot]
    while todo:
        for one in _followed(stores, todo.pop()):
            if one.run in seen:
                continue
            seen.add(one.run)
            wanted |= {read.sha256 for read in one.inputs if read.kind is InputKind.EXTRACT}
            if all(read.kind is InputKind.SNAPSHOT for read in one.inputs):  # else it compares
                found = (stores.ledger.snapshot(read.name, read.number) for read in one.inputs)
                todo += filter(None, found)
    extracts = [extract for extract in stores.ledger.extracts() if extract.sha256 in wanted]
    for extract in sorted(extracts, key=lambda e: e.landed_at, reverse=True):
        when = f"{extract.landed_at:%F %H:%M}"
        yield extract.source, extract.name, when, extract.size, extract.sha256


def _followed(stores: Stores, snapshot: Snapshot) -> list[Snapshot]:
    """A snapshot, and those whose rows it may have: none where each extract is the whole table."""
    is_whole = stores.manifest(snapshot).details.get("load") == LoadMode.REPLACE
    if is_whole and any(read.kind is not InputKind.REPLAY for read in snapshot.inputs):
        return [snapshot]
    taken = stores.ledger.taken_back(snapshot.dataset)
    before = (
        one
        for one in stores.ledger.snapshots(snapshot.dataset)
        if one.is_published and one.number < snapshot.number and one.number not in taken
    )
    return [snapshot, *before]


def collection(known: Known) -> Section:
    """How deliveries come, how much of them, and how old what readers have is."""
    contract = known.contract
    fed = [s for s in known.stores.sources.values() if s.dataset == known.dataset]
    age = ages(known.stores, known.dataset)[0] if contract else None
    promised = contract.freshness if contract else None
    ways = tuple(
        (s.name, s.pattern, s.dated or "", s.done or s.settled or "as it lies there") for s in fed
    )
    return Section(
        "collection",
        "Collection",
        facts(
            how_an_extract_becomes_a_snapshot=str(contract.load) if contract else "",
            volume=str(contract.volume) if contract else "",
            age_of_what_readers_have=span_of(age.age) if age else "",
            promised=span_of(promised),
            when_an_event_happened=contract.events.column if contract and contract.events else "",
        ),
        sheets=(Sheet("How it arrives", ("source", "files", "business date", "is whole"), ways),),
        missing=known.unless(promised, "how old it may be", "freshness='26h'"),
    )


def columns(known: Known) -> Section:
    """Its columns, and where each comes from: headers of the delivery, columns of its inputs."""
    contract, lineage = known.contract, of_snapshot(known.manifest)
    comes = {name: _origins(found) for name, found in lineage.columns.items()} if lineage else {}
    if contract is None:
        return _published_columns(known, comes)
    declared = contract.columns
    bare = [column.name for column in declared if not column.description]
    rows = tuple(
        (
            column.name,
            known.manifest.schema.get(column.name, str(column.dtype)),
            "may be null" if column.nullable else "",
            str(column.privacy) if str(column.privacy) != "none" else "",
            comes.get(column.name, ""),
            column.description,
        )
        for column in declared
    )
    return Section(
        "columns",
        "Columns",
        facts(columns=len(declared), key=", ".join(contract.key)),
        sheets=(Sheet("Columns", _COLUMN, rows),),
        missing=known.unless(
            not bare, f"what {', '.join(bare)} {'is' if len(bare) == 1 else 'are'}",
            "description='…' of the field",
        ),
    )  # fmt: skip


_COLUMN = ("column", "type", "nulls", "personal", "comes from", "described as")


def _published_columns(known: Known, comes: Mapping[str, str]) -> Section:
    """Those that its files have: there is no contract any more that says what they are."""
    schema = known.manifest.schema
    rows = tuple((name, schema[name], "", "not stated", comes.get(name, ""), "") for name in schema)
    return Section(
        "columns",
        "Columns",
        facts(columns=len(rows)),
        sheets=(Sheet("Columns", _COLUMN, rows),),
        missing=("what its columns are: its contract is gone; declare it in contracts/",),
    )


def _origins(found: Sequence[Origin]) -> str:
    """The columns that give values, in words; how, where it is not the value as it is."""
    told = dict.fromkeys(
        f"{one.column}" + (f" ({one.told})" if one.told and one.way is not Way.IDENTITY else "")
        for one in found
        if one.way.is_direct
    )
    return ", ".join(told)


def preparation(known: Known) -> Section:
    """What was done to the data: reading, checking, correcting, building."""
    contract, feature = known.contract, known.feature
    parsed = tuple(
        (column.name, column.parse.says if column.parse else f"as {column.dtype}")
        for column in (contract.columns if contract else ())
        if not feature
    )
    made = Counter[str]()
    for decision in known.stores.ledger.decisions(known.dataset):
        if decision.at <= known.snapshot.created_at:
            made[str(decision.act)] += decision.rows
    automatic = tuple(
        (column.name, remedy.does)
        for column in (contract.columns if contract else ())
        for remedy in column.automatic
    )
    doc = inspect.getdoc(feature.build) if feature else ""
    return Section(
        "preparation",
        "Preparation",
        facts(
            texts_that_mean_no_value=", ".join(map(repr, contract.nulls)) if contract else "",
            encoding=known.manifest.details.get("encoding", ""),
            built_by=f"{feature.build.__name__}: {doc or 'no docstring'}" if feature else "",
            built_of=", ".join(feature.inputs.values()) if feature else "",
            notes="; ".join(map(str, known.manifest.details.get("notes", ()))),
        ),
        sheets=(
            Sheet("How texts become values", ("column", "looks like"), parsed),
            Sheet("Corrected without anybody", ("column", "how"), automatic),
            Sheet("What stewards did with held rows", ("act", "rows"), tuple(sorted(made.items()))),
        ),
        missing=()
        if doc or not feature
        else (f"what {feature.build.__name__} does: say it in its docstring in flows/",),
    )


def assumptions(known: Known) -> Section:
    """What is taken to be so: what the checks say of every row, and of all together."""
    contract = known.contract
    rows = tuple(
        (check.label, in_general(check.says))
        for check in (contract.checks if contract else ())
        if check.kind not in (Kind.PARSE, Kind.PRESENT)
    )
    return Section(
        "assumptions",
        "Assumptions",
        sheets=(Sheet("What is wrong with a row, or with all of them", ("check", "if"), rows),),
        missing=known.unless(rows, "what is taken to be so", "checks"),
    )
