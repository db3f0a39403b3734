from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any, NoReturn

import pytest

from cleanhold.cli import interrupts
from cleanhold.errors import SourceError
from cleanhold.pipeline import run as running
from cleanhold.pipeline.publish import Outcome, State


def swallowed(error: type[BaseException]) -> Callable[..., NoReturn]:
    """A step in which Ctrl-C is pressed, and the engine makes another exception of it."""

    def step(*_: object, **__: object) -> NoReturn:
        try:
            os.kill(os.getpid(), signal.SIGINT)
            signal.sigtimedwait([], 1)
        except KeyboardInterrupt as pressed:
            raise error("the engine panics") from pressed
        raise AssertionError("not interrupted")

    return step


def lost(*_: object, **__: object) -> Outcome:
    """A step in which Python drops the exception, for it cannot raise it there."""

    class Thing:
        def __del__(self) -> None:
            os.kill(os.getpid(), signal.SIGINT)
            signal.sigtimedwait([], 1)

    Thing()
    return Outcome("shop.orders", "x", State.UNCHANGED)


class Panic(BaseException):
    """What an engine raises outside `Exception`."""


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError, SourceError, Panic])
@pytest.mark.parametrize("more", [[], ["--json"]])
def test_ctrl_c_stops_whatever_becomes_of_its_exception(
    small: Any,
    cleanhold: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    error: type[BaseException],
    more: list[str],
) -> None:
    small.contract().deliver("02", "a,1,")
    small.deliver("03", "b,1,")
    before = signal.getsignal(signal.SIGINT)
    with monkeypatch.context() as patched:
        patched.setattr(running, "publish", swallowed(error))
        said = cleanhold("run", "-w", small.root, *more)
    assert said.code == 130
    if more:
        assert said.json["error"]["type"] == "Interrupted"
    else:
        assert "stopped; nothing is half-done" in said.err
        assert not said.out
    assert signal.getsignal(signal.SIGINT) is before
    assert not interrupts.requested()
    assert small.states() == ["published", "published"]


def test_ctrl_c_that_python_drops_stops_all_the_same(
    small: Any, cleanhold: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    small.contract().deliver("02", "a,1,")
    small.deliver("03", "b,1,")
    monkeypatch.setattr(running, "publish", lost)
    said = cleanhold("run", "-w", small.root)
    assert said.code == 130
    assert said.err.startswith("error: stopped; nothing is half-done")
    assert not said.out
