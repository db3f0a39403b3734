from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from cleanhold.core.account import Account
from cleanhold.core.finding import FINDINGS
from cleanhold.core.snapshot import Role
from cleanhold.errors import AccountUnbalanced
from cleanhold.store.reconcile import reconcile

from .tiny import finding

PREFIX = "ab" * 8
ACCOUNT = Account(records=6, clean=3, held=1, refused=1, superseded=1)
HOMES = {
    Role.DATA: [f"{PREFIX}-1", f"{PREFIX}-3", f"{PREFIX}-6", "cd" * 8 + "-1"],
    Role.HELD: [f"{PREFIX}-2"],
    Role.REFUSED: [f"{PREFIX}-4"],
    Role.SUPERSEDED: [f"{PREFIX}-5"],
}


def write(folder: Path, homes: dict[Role, list[str]], *, reasons: int = 1) -> dict[Role, Path]:
    staged = {}
    for role, ids in homes.items():
        frame = pl.DataFrame({"row_id": ids}, schema={"row_id": pl.String})
        if role is Role.HELD:
            found = pl.Series([[finding("c", None)] * reasons] * len(ids), dtype=FINDINGS)
            frame = frame.with_columns(findings=found)
        staged[role] = folder / f"{role}.parquet"
        frame.write_parquet(staged[role])
    return staged


def lists(staged: dict[Role, Path]) -> dict[Role, list[Path]]:
    return {role: [path] for role, path in staged.items()}


def check(folder: Path, homes: dict[Role, list[str]], account: Account = ACCOUNT) -> None:
    reconcile(lists(write(folder, homes)), account, prefix=PREFIX, where="crm.tiny")


def test_files_that_agree_pass(tmp_path: Path) -> None:
    check(tmp_path, HOMES)


def test_an_empty_extract_passes(tmp_path: Path) -> None:
    check(tmp_path, {Role.DATA: []}, Account(0, 0, 0, 0))


def test_missing_roles_have_no_rows(tmp_path: Path) -> None:
    check(tmp_path, {Role.DATA: [f"{PREFIX}-1"]}, Account(1, 1, 0, 0))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({Role.DATA: HOMES[Role.DATA][1:]}, "3 rows in data, the file holds 2"),
        ({Role.HELD: []}, "1 rows in held, the file holds 0"),
        ({Role.HELD: [f"{PREFIX}-3"]}, f"{PREFIX}-3 has more than one home"),
        ({Role.DATA: [f"{PREFIX}-1", f"{PREFIX}-1", f"{PREFIX}-3"]}, "more than one home"),
        ({Role.SUPERSEDED: [f"{PREFIX}-7"]}, "not numbered 1 to 6"),
        ({Role.SUPERSEDED: [f"{PREFIX}-0"]}, "not numbered 1 to 6"),
        ({Role.REFUSED: ["cd" * 8 + "-4"]}, r"1 row ids in refused\.parquet are not of this"),
        ({Role.REFUSED: [f"{PREFIX}-04"]}, "not of this run"),
        ({Role.DATA: [*HOMES[Role.DATA], f"{PREFIX}-x"]}, "not of this run"),
    ],
)
def test_files_that_disagree_do_not(
    tmp_path: Path, change: dict[Role, list[str]], says: str
) -> None:
    with pytest.raises(AccountUnbalanced, match=says) as caught:
        check(tmp_path, {**HOMES, **change})
    assert caught.value.where == "crm.tiny"


def test_an_account_that_does_not_balance_is_not_even_compared(tmp_path: Path) -> None:
    with pytest.raises(AccountUnbalanced, match="does not balance"):
        check(tmp_path, HOMES, Account(records=7, clean=3, held=1, refused=1, superseded=1))


@pytest.mark.parametrize("reasons", [0, None])
def test_every_held_row_says_why(tmp_path: Path, reasons: int | None) -> None:
    staged = write(tmp_path, HOMES, reasons=0)
    if reasons is None:
        held = pl.read_parquet(staged[Role.HELD])
        held.with_columns(findings=pl.lit(None, FINDINGS)).write_parquet(staged[Role.HELD])
    with pytest.raises(AccountUnbalanced, match="1 rows are held without a finding"):
        reconcile(lists(staged), ACCOUNT, prefix=PREFIX, where="crm.tiny")


def test_an_extract_is_appended_once(tmp_path: Path) -> None:
    staged = write(tmp_path, HOMES)
    other, same = tmp_path / "other", tmp_path / "same"
    # A prefix that begins alike, and columns of an older contract.
    pl.DataFrame({"row_id": [f"{PREFIX[:-1]}c-1"], "old": [1]}).write_parquet(other)
    pl.DataFrame({"row_id": [f"{PREFIX}-9"]}).write_parquet(same)
    reconcile(lists(staged), ACCOUNT, prefix=PREFIX, reused=[other], where="crm.tiny")
    with pytest.raises(AccountUnbalanced, match="1 rows of this run are in the dataset"):
        reconcile(lists(staged), ACCOUNT, prefix=PREFIX, reused=[other, same], where="crm.tiny")
