"""lint: what of a contract runs on Polars alone, or slowly."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from cleanhold.core.check import Check, Kind
from cleanhold.core.contract import Contract
from cleanhold.plan.portable import Portable, portable_contract


@dataclass(frozen=True, slots=True)
class Linted:
    """One check of a contract.

    Attributes:
        because: what of it has no portable form; None if it is portable.
        remark: what is worth knowing of it beside that; None if nothing is.
    """

    check: str
    column: str | None
    portable: bool
    because: str | None
    remark: str | None


@dataclass(frozen=True, slots=True)
class Lint:
    """A contract, looked at.

    Attributes:
        checks: those of typed values, in the contract's order.
        while_reading: how many others there are, which are over before there are values.
    """

    contract: str
    version: str
    checks: tuple[Linted, ...]
    while_reading: int

    @property
    def flagged(self) -> tuple[Linted, ...]:
        return tuple(c for c in self.checks if not c.portable)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def lint(contract: Contract) -> Lint:
    """Look at each check of a contract: is it portable, and how is it evaluated?"""
    portable = portable_contract(contract)
    told = [c for c in contract.checks if c.label in {**portable.verdicts, **portable.reasons}]
    return Lint(
        contract.dataset,
        contract.version,
        tuple(_linted(check, portable) for check in told),
        while_reading=len(contract.checks) - len(told),
    )


def _linted(check: Check, portable: Portable) -> Linted:
    because = portable.reasons.get(check.label)
    return Linted(check.name, check.column, because is None, because, _remark(check))


def _remark(check: Check) -> str | None:
    if check.kind is Kind.APART:
        return f"runs apart from the pass, with {', '.join(check.reads) or 'no column'} in memory"
    if check.kind in (Kind.GROUP, Kind.CHANGE):
        return f"runs before the pass, with {', '.join(check.reads)} in memory"
    if check.code:
        return "calls a Python function with each value, which is slow"
    return None
