"""What a snapshot is, in words: the first thing that a page says."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from cleanhold.core.audit import Verdict
from cleanhold.pipeline.dossier import Dossier, Standing
from cleanhold.report.numbers import counted


@dataclass(frozen=True, slots=True)
class Said:
    """The verdict on a snapshot.

    Attributes:
        style: `pass`, `warn` or `stop`.
        title: in a few words; `sentences` say what it means for readers.
    """

    style: Verdict
    title: str
    sentences: tuple[str, ...]


def verdict_of(found: Dossier) -> Said:
    """What became of a snapshot, and who reads it."""
    verdicts = Counter(answer["verdict"] for answer in found.audited.answers)
    warned = verdicts[Verdict.WARN]
    meaning = _meaning(found)
    if found.standing is Standing.STOPPED:
        return Said(Verdict.STOP, "Stopped before anyone could read it", meaning)
    if found.standing is Standing.PILOT and not found.audited.overruled:
        title = f"In the pilot, with {counted(warned, 'warning')}" if warned else "In the pilot"
        return Said(Verdict.WARN if warned else Verdict.PASS, title, meaning)
    if found.audited.overruled:
        stops = ", ".join(found.audited.overruled["stops"])
        return Said(Verdict.WARN, f"Published, although it was stopped by: {stops}", meaning)
    if found.standing is Standing.TAKEN_BACK:
        return Said(Verdict.WARN, "Published, and taken back", meaning)
    if warned:
        return Said(Verdict.WARN, f"Published, with {counted(warned, 'warning')}", meaning)
    if not found.audited.answers:
        return Said(Verdict.PASS, "Published", meaning)
    return Said(Verdict.PASS, "Published: every audit passed", meaning)


def _meaning(found: Dossier) -> tuple[str, ...]:
    said = [_of_readers(found)]
    if found.is_replay:
        rows = counted(found.snapshot.account.records, "held row")
        said.append(f"It is a replay: {rows} judged again.")
    if expired := found.snapshot.expired:
        said.append(f"Its rows were removed on {expired.at:%F} ({expired.why}); its account stays.")
    if pin := found.snapshot.pin:
        said.append(f"It is kept whatever expires: {pin.why} ({pin.who}).")
    if found.baseline and found.baseline.snapshot.number == found.snapshot.number:
        said.append(f"It is the baseline of later snapshots: {found.baseline.why}.")
    return tuple(said)


def _of_readers(found: Dossier) -> str:
    current, number = found.current, found.snapshot.number
    if found.standing is Standing.CURRENT:
        return "It is what readers have now."
    if found.standing is Standing.PILOT:
        have = f"snapshot {current}" if current else "nothing"
        return f"Readers have {have} until somebody promotes it."
    if found.standing is Standing.TAKEN_BACK:
        return f"Readers were given snapshot {current} again."
    if found.standing is Standing.EARLIER:
        return f"Readers have snapshot {current} since."
    if not current:
        return "Readers have nothing of this dataset yet."
    if current > number:
        return f"Snapshot {current} was published since."
    return f"Readers keep snapshot {current}."
