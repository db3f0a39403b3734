"""What came of each expectation, and what all of them mean for the candidate."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cleanhold.core.audit import AuditResult, Evidence, Verdict
from cleanhold.core.contract import MASK, Contract

#: Expectations that the evidence lists; values of one; characters of a cell.
_MOST_LISTED, _MOST_VALUES, _MOST_SHOWN = 100, 5, 160

#: Failures that are told in the sentence for the owner.
_MOST_SAID = 3


#: What may be a value in the words of an error.
_QUOTED = re.compile(r"""'([^']*)'|"([^"]*)\"""")

#: Expectations that find counts, shares, names of columns and types, but no value of a row.
_WITHOUT_VALUES = (
    "expect_column_proportion_of_",
    "expect_column_to_exist",
    "expect_column_type_to_be",
    "expect_column_unique_value_count_",
    "expect_column_values_to_be_in_type_list",
    "expect_column_values_to_be_of_type",
    "expect_table_",
)

_MEANS = {"critical": Verdict.STOP, "warning": Verdict.WARN, "info": Verdict.PASS}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one expectation.

    Attributes:
        name: `expect_column_values_to_be_unique`.
        kwargs: what it was given, as JSON values.
        where: file and line, or the check of the contract.
        own: the team wrote it; else it was derived from the contract.
        severity: `critical`, `warning` or `info`.
        holds: it was asked, and it holds.
        error: why it could not be asked; empty if it could.
        description: what the team calls it.
        result: as Great Expectations has it: `observed_value`, `unexpected_count`, ….
    """

    name: str
    kwargs: Mapping[str, Any]
    where: str
    own: bool = True
    severity: str = "critical"
    holds: bool = False
    error: str = ""
    description: str = ""
    result: Mapping[str, Any] = field(default_factory=dict)

    @property
    def verdict(self) -> Verdict:
        """What it means: what the contract promises was proven row by row, and is noted only."""
        if self.holds or not self.own:
            return Verdict.PASS
        return Verdict.STOP if self.error else _MEANS[self.severity]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it names."""
        several = [*self.kwargs.get("column_list", ()), *self.kwargs.get("column_set", ())]
        single = (self.kwargs.get(k) for k in ("column", "column_A", "column_B"))
        return tuple(str(name) for name in (*single, *several) if name)


def told(contract: Contract, answers: Sequence[Answer]) -> AuditResult:
    """The audit's answer: failures first, the gravest on top; personal values are masked."""
    order = [Verdict.STOP, Verdict.WARN, Verdict.PASS]
    failed = sorted((a for a in answers if not a.holds), key=lambda a: order.index(a.verdict))
    verdict = failed[0].verdict if failed else Verdict.PASS
    grave = [a for a in failed if a.verdict is not Verdict.PASS]
    notes = len(failed) - len(grave)
    what = "; ".join(_said(a, contract) for a in grave[:_MOST_SAID])
    if len(grave) > _MOST_SAID:
        what += f"; and {len(grave) - _MOST_SAID} more"
    if not grave:
        what = f"all {len(answers)} expectations hold" if not notes else (
            f"{len(answers) - notes} of {len(answers)} expectations hold; "
            f"{notes} noted: " + "; ".join(_said(a, contract) for a in failed[:_MOST_SAID])
        )  # fmt: skip
    rows = tuple(_row(a, contract) for a in failed[:_MOST_LISTED])
    own = sum(a.own for a in answers)
    return AuditResult(
        "expectations",
        verdict,
        what,
        f"{len(answers) - len(failed)} of {len(answers)} hold",
        f"the {own} of the team's; {len(answers) - own} are of the contract",
        Evidence(_COLUMNS, rows) if rows else None,
    )


_COLUMNS = ("expectation", "asked", "means", "observed", "unexpected", "%", "values", "where")


def _said(answer: Answer, contract: Contract) -> str:
    on = f" ({', '.join(answer.columns)})" if 0 < len(answer.columns) < _MOST_SAID + 1 else ""
    asked = f"{answer.description}: {answer.name}" if answer.description else answer.name
    if answer.error:
        return f"{asked}{on} could not be asked: {error_shown(answer, contract)}"
    counted = answer.result.get("unexpected_count")
    if counted is not None:
        share = answer.result.get("unexpected_percent")
        percent = f" ({share:.3g} %)" if share is not None else ""
        return f"{asked}{on} fails in {counted:,} rows{percent}"
    return f"{asked}{on} fails: observed {_observed(answer, contract) or 'nothing'}"


def _row(answer: Answer, contract: Contract) -> tuple[Any, ...]:
    means = "note" if answer.verdict is Verdict.PASS else str(answer.verdict)
    share = answer.result.get("unexpected_percent")
    return (
        answer.description or answer.name,
        _cut(", ".join(f"{name}={_json(value)}" for name, value in answer.kwargs.items())),
        means,
        error_shown(answer, contract) or _observed(answer, contract),
        answer.result.get("unexpected_count"),
        None if share is None else round(float(share), 3),
        _values(answer, contract),
        answer.where,
    )


def error_shown(answer: Answer, contract: Contract) -> str:
    """Why it could not be asked; of what is quoted, only what the team itself has written."""
    first = next(iter(answer.error.strip().splitlines()), "")
    if not contract.personal:
        return _cut(first)
    written = json.dumps(answer.kwargs, ensure_ascii=False, default=str)

    def shown(found: re.Match[str]) -> str:
        return found[0] if (found[1] or found[2] or "") in written else MASK

    return _cut(_QUOTED.sub(shown, first))


def _observed(answer: Answer, contract: Contract) -> str:
    found = answer.result.get("observed_value")
    if found is None:
        return ""
    is_count = isinstance(found, int) and not answer.columns
    return _cut(_json(found)) if is_count or may_show(answer, contract) else MASK


def _values(answer: Answer, contract: Contract) -> str:
    """Some different unexpected values."""
    found = list(dict.fromkeys(map(_json, answer.result.get("partial_unexpected_list") or ())))
    if not found:
        return ""
    if not may_show(answer, contract):
        return MASK
    return _cut(", ".join(found[:_MOST_VALUES]) + (", …" if len(found) > _MOST_VALUES else ""))


def may_show(answer: Answer, contract: Contract) -> bool:
    """Whether no personal value can be in what was found."""
    if not contract.personal or answer.name.startswith(_WITHOUT_VALUES):
        return True
    known = {c.name for c in contract.columns} - {c.name for c in contract.personal}
    return bool(answer.columns) and known.issuperset(answer.columns)


def _json(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(_exact(value), ensure_ascii=False, default=str)


def _exact(value: Any) -> Any:
    """A value without the last digits of floats, which depend on the order rows are added in."""
    if isinstance(value, float):
        return float(f"{value:.12g}")
    if isinstance(value, list | tuple):
        return [_exact(one) for one in value]
    if isinstance(value, dict):
        return {name: _exact(one) for name, one in value.items()}
    return value


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_SHOWN else text[:_MOST_SHOWN] + "…"
