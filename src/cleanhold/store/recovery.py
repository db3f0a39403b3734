"""Recovery: what a killed process left behind is fenced first, then removed."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from cleanhold.core.run import InputKind
from cleanhold.core.snapshot import Role
from cleanhold.errors import DamagedFile
from cleanhold.store.crashpoints import crash_point
from cleanhold.store.files import drop_abandoned
from cleanhold.store.layout import StateFolder
from cleanhold.store.ledger import Ledger
from cleanhold.store.snapshots import read_manifest


@dataclass(frozen=True, slots=True)
class Recovered:
    """What was cleaned.

    Attributes:
        fenced: claims taken from processes that are gone.
        staging: staging folders removed.
        files: promoted files, manifests and rows of decisions and replays removed because
            nothing refers to them.
        temporary: half-written files and folders of work in progress removed.
        problems: what was left alone, and why.
    """

    fenced: int = 0
    staging: int = 0
    files: int = 0
    temporary: int = 0
    problems: tuple[str, ...] = ()


def recover(state: StateFolder, ledger: Ledger, *, thorough: bool = False) -> Recovered:
    """Clean up after interrupted runs; cheap when there were none. Landed extracts are kept.

    Args:
        thorough: look for files that nothing refers to even if no run was interrupted.
    """
    # Before their files go: a fenced process that is still alive can no longer commit.
    fenced = ledger.fence_stale()
    # Folders are listed before claims are: a claim is older than its folder, so a folder
    # without a claim now is nobody's.
    folders = [path for path in _entries(state.staging) if path.is_dir()]
    live = {claim.folder for claim in ledger.live_claims()}
    orphans = [path for path in folders if path.name not in live]
    files = 0
    problems: tuple[str, ...] = ()
    if orphans or thorough:
        collected = _collect(state, ledger)
        if collected is None:
            # Somebody works. An orphaned folder is what tells the next recovery to look for
            # files, so it stays until then.
            orphans = []
        else:
            files, problems = collected
    for path in orphans:
        shutil.rmtree(path, ignore_errors=True)
    dropped = sum(
        drop_abandoned(path)
        for path in (
            state.extracts,
            state.aside,
            state.manifests,
            state.seals,
            state.decisions,
            state.replays,
            state.keys,
            state.current,
            state.flows,
            state.root,
        )
    )
    return Recovered(len(fenced), len(orphans), files, dropped, problems)


def _collect(state: StateFolder, ledger: Ledger) -> tuple[int, tuple[str, ...]] | None:
    """Remove what runs and decisions left that were never committed; None: not now."""
    with ledger.at_rest() as still:
        if still is None:
            return None
        try:
            stray = unreferred(state, ledger)
        except DamagedFile as error:
            # What it referred to is unknown, so nothing may go.
            return 0, (str(error),)
        for path in stray:
            still()
            path.unlink(missing_ok=True)
            crash_point("file-removed")
        return len(stray), ()


def unreferred(state: StateFolder, ledger: Ledger) -> list[Path]:
    """Files that no snapshot, replay or decision refers to; those of a live claim among them.

    Raises:
        DamagedFile: a manifest is missing or was changed.
    """
    folders = [*_entries(state.snapshots), state.decisions, state.replays, state.keys]
    # Files first: what is committed meanwhile is then referred to.
    files = [path for folder in folders for path in _entries(folder)]
    manifests = [*_entries(state.manifests), *_entries(state.seals)]
    known = ledger.manifests()
    expired = ledger.retention.expired()
    keep = _referred(state, known, expired)
    keep |= {state.key_file(keys) for keys in expired.values() if keys}
    keep |= {state.decision(decision.file) for decision in ledger.decisions()}
    stray = [path for path in manifests if _is_stray(path, known)]
    return stray + [path for path in files if _is_file_of_none(path, keep)]


def _referred(state: StateFolder, manifests: set[str], expired: Collection[str]) -> set[Path]:
    keep: set[Path] = set()
    for sha256 in manifests:
        manifest = read_manifest(state, sha256)
        keep |= {
            state.dataset(manifest.dataset) / file.name
            for file in manifest.files
            # Of an expired snapshot everything stays but its rows.
            if file.role is not Role.DATA or sha256 not in expired
        }
        replays = (i.sha256 for i in manifest.inputs if i.kind is InputKind.REPLAY)
        keep |= {state.replay(sha256) for sha256 in replays}
    return keep


def _is_file_of_none(path: Path, keep: set[Path]) -> bool:
    return not path.name.startswith(".") and path not in keep


def _is_stray(path: Path, manifests: set[str]) -> bool:
    # Temporary files have locks that tell whether their writer lives.
    return not path.name.startswith(".") and path.stem not in manifests


def _entries(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []
