"""What went before: the baseline that drift is measured from, and what audits have said."""

from __future__ import annotations

from cleanhold.core.audit import Evidence, Verdict
from cleanhold.core.gate import Answer, Judged, Pilot
from cleanhold.core.snapshot import Channel


def baseline(pilot: Pilot) -> Answer:
    """A person has named the snapshot that later ones are compared with."""
    named = pilot.baseline
    dataset, number = pilot.contract.dataset, pilot.snapshot.number
    if named is None:
        return Answer(
            "baseline",
            False,
            "no snapshot is named that later ones are compared with",
            (f"cleanhold baseline {dataset} --to {number} --reason 'a model was trained on it'",),
        )
    rows = ((named.snapshot.number, named.who, named.why, f"{named.at:%F}"),)
    what = f"snapshot {named.snapshot.number} is the baseline"
    return Answer("baseline", True, what, evidence=Evidence(("snapshot", "by", "why", "on"), rows))


def audits(pilot: Pilot) -> Answer:
    """All audits passed in so many runs in a row, this one the last; a warning is no pass."""
    wanted, found = pilot.rules.runs, pilot.judged[: pilot.rules.runs]
    evidence = Evidence(("snapshot", "channel", "said"), tuple(_told(one) for one in found))
    marred = [str(one.number) for one in found if not _is_green(one)]
    dataset = pilot.contract.dataset
    if marred:
        what = f"of the last {wanted} runs, the audits did not all pass in {', '.join(marred)}"
        do = (
            *(f"cleanhold audit show {dataset} {number}" for number in marred),
            f"mend what they found, and run again until {wanted} in a row pass",
        )
        return Answer("audits", False, what, do, evidence)
    if len(found) < wanted:
        what = f"audits passed in {len(found)} of the {wanted} runs that are asked for"
        return Answer("audits", False, what, ("cleanhold run, when more has arrived",), evidence)
    runs = "run" if wanted == 1 else f"{wanted} runs"
    return Answer("audits", True, f"all audits passed in the last {runs}", (), evidence)


def _is_green(one: Judged) -> bool:
    passed = all(verdict is Verdict.PASS for verdict in one.verdicts.values())
    return passed and not one.overruled and one.channel is not Channel.CANDIDATE


def _told(one: Judged) -> tuple[int, str, str]:
    said = [f"{name}: {v}" for name, v in one.verdicts.items() if v is not Verdict.PASS]
    said += [f"{name} overruled" for name in one.overruled if one.verdicts.get(name) is None]
    return one.number, str(one.channel), ", ".join(said) or f"{len(one.verdicts)} passed"
