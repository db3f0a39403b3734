from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from cleanhold.store.owner import Owner

HERE = replace(Owner.current(), machine="this machine")


def test_this_process_is_not_gone() -> None:
    here = Owner.current()
    assert not here.is_gone()
    assert Owner.from_dict(here.as_dict()) == here


def test_a_process_that_ended_is_gone_even_before_it_is_reaped() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        there = replace(Owner.current(), pid=process.pid, started="")
        assert not there.is_gone()
        process.kill()
        # Wait for the end without reaping, as a parent that is busy would.
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert there.is_gone()
    assert there.is_gone()


def test_a_reused_process_number_is_another_process() -> None:
    assert replace(Owner.current(), started="1").is_gone()


def test_after_a_reboot_every_process_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Owner, "current", classmethod(lambda cls: HERE))
    assert replace(HERE, boot="another boot").is_gone()


@pytest.mark.parametrize("machine", ["another machine of that name", ""])
def test_after_a_boot_of_perhaps_another_machine_a_process_may_live(
    machine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Owner, "current", classmethod(lambda cls: HERE))
    assert not replace(HERE, boot="another boot", machine=machine).is_gone()


@pytest.mark.parametrize("elsewhere", [{"host": "another-host"}, {"space": "another container"}])
def test_a_process_elsewhere_may_always_live(elsewhere: dict[str, str]) -> None:
    assert not replace(Owner.current(), started="1", **elsewhere).is_gone()


def test_it_names_itself_for_people() -> None:
    assert str(replace(Owner.current(), pid=7, host="etl")) == "process 7 on etl"
