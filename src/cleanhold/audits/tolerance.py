"""The gate in its first form: how much of an extract may be held back."""

from __future__ import annotations

from cleanhold.core.audit import AuditResult, Candidate, Verdict


def tolerance(candidate: Candidate) -> AuditResult:
    """Stop a candidate whose held and refused share exceeds the contract's tolerance."""
    limit, account = candidate.contract.tolerance, candidate.account
    lost = account.held + account.refused
    measured = f"{100 * account.lost_share:.2f} % ({lost} of {account.records})"
    if limit is None:
        what = "the contract sets no tolerance"
        return AuditResult("tolerance", Verdict.PASS, what, measured, "no limit")
    expected = f"at most {100 * limit:g} %"
    if account.lost_share > limit:
        what = f"{measured} of the records were held or refused; the contract allows {expected}"
        return AuditResult("tolerance", Verdict.STOP, what, measured, expected)
    what = f"{measured} of the records were held or refused"
    return AuditResult("tolerance", Verdict.PASS, what, measured, expected)
