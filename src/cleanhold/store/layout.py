"""Where everything lies in the state folder."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from cleanhold.errors import UsageError
from cleanhold.store.files import make_folder

_DATASET = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")

#: Longest dataset name: it names folders and files.
DATASET_LENGTH = 120


def check_dataset_name(name: str) -> str:
    """The name itself, if it is safe as a name of folders and files.

    Raises:
        UsageError: it is not lower-case words of letters, digits and `_`, joined by dots.
    """
    if len(name) > DATASET_LENGTH or not _DATASET.fullmatch(name):
        raise UsageError(
            f"{name!r} cannot be the name of a dataset",
            next="use lower-case words joined by dots, such as `crm.contacts` "
            f"(letters, digits and `_`, a letter first, at most {DATASET_LENGTH} characters)",
        )
    return name


@dataclass(frozen=True, slots=True)
class StateFolder:
    """The folder that holds all state of a workspace. Paths only; nothing is read here.

        ledger.db                              the system of record, unless it is elsewhere:
        ledger.json                            then, which one it is
        anchor.json                            how far its audit log had come
        anchored.json                          what noting that outside came to
        extracts/<aa>/<sha256>                 landed bytes, read-only
        deliveries/<aa>/<sha256>               compressed deliveries as they came, read-only
        aside/<id>, aside/<id>.json            deliveries that could not be landed, and why
        snapshots/<dataset>/<role>-<sha256>.parquet
        manifests/<sha256>.json
        seals/<sha256>.json                    of a manifest: the log's end then, a signature
        decisions/<sha256>.parquet             rows that stewards decided on
        replays/<sha256>.parquet               held rows as a replay judged them
        keys/<sha256>.parquet                  keys of expired rows that settled held ones
        staging/<run>-<attempt>/               work in progress
        current/<dataset>.json                 projection of the ledger for outside readers
        quarantine.duckdb                      projection of the quarantine batches
        flows/<id>.json                        locked by flow runs that work
        sent/<destination>/<day>/<event id>    marks of the lineage events that a server has

    Attributes:
        root: the folder, such as `<workspace>/.cleanhold`.
        url: of a ledger that is not in the folder.
        signers: public keys, one of which must have signed what is read; none: nobody need.
    """

    root: Path
    url: str = field(default="", repr=False)  # it may hold a password
    signers: tuple[str, ...] = ()

    @property
    def ledger(self) -> Path:
        return self.root / "ledger.db"

    @property
    def binding(self) -> Path:
        return self.root / "ledger.json"

    @property
    def anchor(self) -> Path:
        return self.root / "anchor.json"

    @property
    def anchored(self) -> Path:
        return self.root / "anchored.json"

    @property
    def extracts(self) -> Path:
        return self.root / "extracts"

    @property
    def deliveries(self) -> Path:
        return self.root / "deliveries"

    @property
    def aside(self) -> Path:
        return self.root / "aside"

    @property
    def snapshots(self) -> Path:
        return self.root / "snapshots"

    @property
    def manifests(self) -> Path:
        return self.root / "manifests"

    @property
    def seals(self) -> Path:
        return self.root / "seals"

    @property
    def decisions(self) -> Path:
        return self.root / "decisions"

    @property
    def replays(self) -> Path:
        return self.root / "replays"

    @property
    def keys(self) -> Path:
        return self.root / "keys"

    @property
    def staging(self) -> Path:
        return self.root / "staging"

    @property
    def current(self) -> Path:
        return self.root / "current"

    @property
    def flows(self) -> Path:
        return self.root / "flows"

    @property
    def sent(self) -> Path:
        return self.root / "sent"

    @property
    def quarantine(self) -> Path:
        return self.root / "quarantine.duckdb"

    @property
    def quarantine_lock(self) -> Path:
        return self.root / "quarantine.duckdb.lock"

    @property
    def landing_lock(self) -> Path:
        return self.root / "landing.lock"

    @property
    def outbox_lock(self) -> Path:
        return self.root / "outbox.lock"

    def extract(self, sha256: str) -> Path:
        return self.extracts / sha256[:2] / sha256

    def delivery(self, sha256: str) -> Path:
        return self.deliveries / sha256[:2] / sha256

    def aside_file(self, identifier: str) -> Path:
        """A delivery that could not be landed; its reason is in the file with `.json` added."""
        return self.aside / identifier

    def dataset(self, dataset: str) -> Path:
        """The folder of a dataset's files."""
        return self.snapshots / check_dataset_name(dataset)

    def manifest(self, sha256: str) -> Path:
        return self.manifests / f"{sha256}.json"

    def seal(self, manifest: str) -> Path:
        return self.seals / f"{manifest}.json"

    def decision(self, sha256: str) -> Path:
        return self.decisions / f"{sha256}.parquet"

    def replay(self, sha256: str) -> Path:
        return self.replays / f"{sha256}.parquet"

    def key_file(self, sha256: str) -> Path:
        return self.keys / f"{sha256}.parquet"

    def pointer(self, dataset: str) -> Path:
        return self.current / f"{check_dataset_name(dataset)}.json"

    def create(self) -> StateFolder:
        """Make the folders that are missing, durably; returns itself."""
        folders = (
            self.extracts,
            self.snapshots,
            self.manifests,
            self.decisions,
            self.replays,
            self.staging,
            self.current,
        )
        for folder in folders:
            make_folder(folder)
        return self
