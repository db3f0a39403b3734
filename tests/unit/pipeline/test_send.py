"""Events reach servers: in order, each of them, whatever fails on the way; no run waits for it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cleanhold import Workspace
from cleanhold.pipeline.recover import recover
from cleanhold.pipeline.send import send_all, send_soon, sent_events
from cleanhold.store.sent import SentEvents
from tests.receiver import Receiver, receiving

#: What a run of one delivery tells.
NIGHT = [
    ("START", "flow.run"),
    ("START", "ingest.shop.orders"),
    ("RUNNING", "ingest.shop.orders"),
    ("COMPLETE", "ingest.shop.orders"),
    ("COMPLETE", "flow.run"),
]


def to(small: Any, *receivers: Receiver, more: str = "") -> None:
    """Send what the workspace tells to these servers."""
    servers = ", ".join(f"Http({r.url!r}, timeout=1{more})" for r in receivers)
    text = "from cleanhold.tracing import Folder, Http, Naming\n"
    small.write("lineage/naming.py", f"{text}naming = Naming(namespace='w', transport=[{servers}])")
    small.contract().deliver("02", "a,1,", "b,-1,")


def gone() -> Receiver:
    """A server that is not there; its port is free."""
    with receiving() as receiver:
        return receiver


def recovered(small: Any) -> dict[str, Any]:
    with Workspace.find(small.root).open() as stores:
        return recover(stores).as_dict()


def kept(small: Any) -> SentEvents:
    with Workspace.find(small.root).open() as stores:
        (one,) = sent_events(stores).values()
        return one


def spooled(small: Any) -> list[dict[str, Any]]:
    files = (small.root / ".cleanhold" / "lineage").glob("*/*.json")
    return [json.loads(file.read_bytes()) for file in files]


def same(one: list[dict[str, Any]], other: list[dict[str, Any]]) -> bool:
    return sorted(map(json.dumps, one)) == sorted(json.dumps(o) for o in other)


def test_a_run_is_told_in_the_order_in_which_it_happened(small: Any) -> None:
    with receiving() as server:
        to(small, server)
        assert small.states() == ["published"]
        assert recovered(small)["problems"] == []
    assert server.told == NIGHT
    assert same(server.events, spooled(small))
    assert set(server.paths) == {"/api/v1/lineage"}


def test_what_an_outage_kept_is_sent_once_and_in_order(
    small: Any, caplog: pytest.LogCaptureFixture, cleanhold: Callable[..., Any]
) -> None:
    server = gone()
    to(small, server)
    assert small.states() == ["published"]
    assert caplog.text.count("lineage waits for") == 1

    done = cleanhold("recover", "--workspace", small.root)
    assert done.code == 3
    assert "does not get lineage" in done.out
    seen = cleanhold("doctor", "--workspace", small.root, "--json").json
    says = [s for s in seen if s["topic"] == "lineage"]
    assert [s["health"] for s in says] == ["warn"]
    assert "5 events wait for 127.0.0.1" in says[0]["says"]
    assert "refused" in says[0]["says"].lower()

    with receiving(server.port, server):
        done = cleanhold("recover", "--workspace", small.root)
        assert (done.code, "5 lineage events, sent" in done.out) == (0, True)
        assert "nothing was left" in cleanhold("recover", "--workspace", small.root).out
    assert server.told == NIGHT
    seen = cleanhold("doctor", "--workspace", small.root, "--json").json
    assert [s["health"] for s in seen if s["topic"] == "lineage"] == ["ok"]


def test_the_next_run_sends_what_waits_when_it_is_time(small: Any) -> None:
    server = gone()
    to(small, server)
    small.run()
    small.deliver("03", "c,1,")
    with receiving(server.port, server):
        kept(small).answered()  # as if the time had passed
        small.run()
        assert recovered(small)["problems"] == []
    assert server.told == NIGHT + NIGHT
    assert len({json.dumps(event) for event in server.events}) == 10


def test_a_server_that_was_down_is_not_asked_at_once_again(small: Any) -> None:
    server = gone()
    to(small, server)
    small.run()
    outage = kept(small).outage()
    assert outage is not None
    assert outage.again > outage.since
    for _ in range(6):
        kept(small).failed("it is down")  # it has been so for long
    assert not kept(small).is_due()
    with receiving(server.port, server), Workspace.find(small.root).open() as stores:
        send_soon(stores)
        assert server.headers == []
        assert [one.sent for one in send_all(stores)] == [5]
    assert kept(small).outage() is None


@pytest.mark.parametrize("status", [401, 404, 429, 500, 503])
def test_a_server_that_fails_in_the_middle_gets_the_rest_later(small: Any, status: int) -> None:
    server = gone()
    to(small, server)
    small.run()
    server.answers += [201, 201, status]
    with receiving(server.port, server):
        (problem,) = recovered(small)["problems"]
        assert f"it answers {status}" in problem
        assert server.told == NIGHT[:2]
        assert recovered(small)["sent"] == 3
    assert server.told == NIGHT


@pytest.mark.parametrize("status", [400, 413, 422])
def test_an_event_that_is_refused_does_not_keep_the_others(
    small: Any, status: int, cleanhold: Callable[..., Any]
) -> None:
    server = gone()
    to(small, server)
    small.run()
    server.answers += [201, status]
    with receiving(server.port, server):
        told = recovered(small)
        assert told["sent"] == 4
        assert "refuses 1 lineage events" in told["problems"][0]
        seen = cleanhold("doctor", "--workspace", small.root, "--json").json
        (says,) = [s["says"] for s in seen if s["topic"] == "lineage"]
        assert f"refused 1 events, such as {kept(small).refusals().popitem()[0]}" in says
        assert str(status) in says
        # Somebody has mended the server.
        assert recovered(small)["sent"] == 1
    assert sorted(map(str, server.told)) == sorted(map(str, NIGHT))


@pytest.mark.parametrize("status", [302, 307, 308])
def test_an_answer_from_elsewhere_is_no_receipt(small: Any, status: int) -> None:
    server = gone()
    to(small, server)
    small.run()
    server.answers += [status]
    with receiving(server.port, server):
        (problem,) = recovered(small)["problems"]
        assert f"it answers {status}" in problem
        assert f"write the address it leads to: {server.url}/elsewhere" in problem
        assert (len(server.headers), server.events) == (1, [])
        assert recovered(small)["sent"] == 5


def test_a_server_that_hangs_keeps_no_command_waiting(small: Any) -> None:
    server = gone()
    to(small, server)
    small.run()
    kept(small).answered()
    with receiving(server.port, server), Workspace.find(small.root).open() as stores:
        server.released.clear()
        began = time.monotonic()
        send_soon(stores, patience=0.3)
        assert time.monotonic() - began < 0.9
        (one,) = send_all(stores)
        assert "timed out" in one.why
        server.released.set()


def test_a_server_that_hangs_is_remembered_and_keeps_no_other_waiting(
    small: Any, cleanhold: Callable[..., Any]
) -> None:
    hangs, answers = gone(), gone()
    to(small, hangs, answers)
    small.run()
    file = small.root / "lineage" / "naming.py"
    file.write_text(file.read_text().replace("timeout=1", "timeout=9"))
    with receiving(hangs.port, hangs), receiving(answers.port, answers):
        hangs.released.clear()
        with Workspace.find(small.root).open() as stores:
            for one in sent_events(stores).values():
                one.answered()  # as if the time had passed
            send_soon(stores, patience=3)
        assert answers.told == NIGHT
        seen = cleanhold("doctor", "--workspace", small.root, "--json").json
        (says,) = [s["says"] for s in seen if s["topic"] == "lineage" and s["health"] == "warn"]
        assert f"5 events wait for 127.0.0.1-{hangs.port}" in says
        assert "no answer within" in says
        hangs.released.set()


def test_the_client_is_loaded_by_any_number_of_threads() -> None:
    code = """
import threading
from cleanhold.tracing import Http
from cleanhold.tracing.channels import open_channel
done = []
def work():
    done.append(open_channel(Http("http://127.0.0.1:1")))
threads = [threading.Thread(target=work) for _ in range(4)]
[t.start() for t in threads], [t.join() for t in threads]
assert len(done) == 4
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_a_kill_after_an_event_was_taken_sends_the_same_again(
    small: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = gone()
    to(small, server)
    small.run()

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with receiving(server.port, server), Workspace.find(small.root).open() as stores:
        with monkeypatch.context() as patched:
            patched.setattr(SentEvents, "has", killed)
            with pytest.raises(KeyboardInterrupt):
                send_all(stores)
        send_all(stores)
    assert server.told == [NIGHT[0], *NIGHT]
    first, again = server.events[:2]
    assert first == again  # by its runId and eventType consumers know that it is the same


def test_each_destination_gets_all_though_another_is_down(small: Any) -> None:
    down = gone()
    with receiving() as server:
        to(small, down, server)
        # Two servers of one host need names.
        file = small.root / "lineage" / "naming.py"
        text = file.read_text().replace("timeout=1", "timeout=1, name='down'", 1)
        file.write_text(text)
        small.run()
        assert "down does not get lineage" in recovered(small)["problems"][0]
        assert server.told == NIGHT
    marks = small.root / ".cleanhold" / "sent"
    assert len(list((marks / f"127.0.0.1-{server.port}").glob("*/*-*"))) == 5
    assert not list((marks / "down").glob("*/*-*"))


def test_a_key_comes_from_the_environment(small: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving() as server:
        more = ", key_env='THE_KEY', headers_env={'X-Team': 'THE_TEAM'}, compress=True"
        to(small, server, more=more)
        small.run()
        (problem,) = recovered(small)["problems"]
        assert "THE_KEY is not set" in problem or "THE_TEAM is not set" in problem
        monkeypatch.setenv("THE_KEY", "s3cret")
        monkeypatch.setenv("THE_TEAM", "growth")
        assert recovered(small)["sent"] == 5
    assert server.headers[-1]["Authorization"] == "Bearer s3cret"
    assert server.headers[-1]["X-Team"] == "growth"
    files = (f for f in small.root.rglob("*") if f.is_file())
    assert not [f for f in files if b"s3cret" in f.read_bytes()]


@pytest.mark.parametrize("key", ["clé-s3cret", "s3cret\nX-More: yes"])
def test_a_key_that_no_header_may_have_is_not_told(
    small: Any, monkeypatch: pytest.MonkeyPatch, cleanhold: Callable[..., Any], key: str
) -> None:
    monkeypatch.setenv("THE_KEY", key)
    with receiving() as server:
        to(small, server, more=", headers_env={'X-Key': 'THE_KEY'}")
        assert small.states() == ["published"]
        recovery = cleanhold("recover", "--workspace", small.root)
        seen = cleanhold("doctor", "--workspace", small.root)
    for done in (recovery, seen):
        assert "THE_KEY holds what no header may have" in done.out
        assert "s3cret" not in done.out + done.err
    assert server.headers == []
    assert b"s3cret" not in b"".join(f.read_bytes() for f in small.root.rglob("*") if f.is_file())


def test_white_space_around_a_key_is_not_sent(small: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THE_KEY", "s3cret\n")
    with receiving() as server:
        to(small, server, more=", key_env='THE_KEY'")
        small.run()
        assert recovered(small)["problems"] == []
    assert server.headers[-1]["Authorization"] == "Bearer s3cret"


def test_a_header_that_cannot_be_sent_is_not_told(
    small: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THE_KEY", "s3cret")
    with receiving() as server:
        for name in ("X-Key\\n", "X-Ключ"):
            to(small, server, more=f", headers_env={{'{name}': 'THE_KEY'}}")
            small.run()
            (problem,) = recovered(small)["problems"]
            assert "no request can be made" in problem
            assert "s3cret" not in problem


def test_an_event_that_is_damaged_is_not_sent(small: Any) -> None:
    server = gone()
    to(small, server)
    small.run()
    file: Path = next((small.root / ".cleanhold" / "lineage").glob("*/*.json"))
    file.write_bytes(b"{")
    with receiving(server.port, server), Workspace.find(small.root).open() as stores:
        assert [one.sent for one in send_all(stores)] == [4]
        file.unlink()
