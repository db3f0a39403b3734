"""What a workspace may write of the servers that get its events."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import pytest

from cleanhold.errors import Unreachable, WorkspaceError
from cleanhold.tracing import Folder, Http, Kafka, Naming
from cleanhold.tracing.channels import open_channel, require_ready

EVENT: dict[str, Any] = {
    "eventType": "START",
    "run": {"runId": "6f1e8f3e-4a0f-4a55-a94a-04a5b1a9a0a3"},
    "job": {"namespace": "w", "name": "ingest.a"},
}
MOCKED = {"test.mock.num.brokers": "1"}


def test_there_is_always_a_folder() -> None:
    assert Naming(namespace="w").folder == Folder("lineage")
    assert Naming(namespace="w", transport=Http("https://marquez.example.org")).folder == Folder()
    several = Naming(namespace="w", transport=[Http("https://m.example.org"), Folder("events")])
    assert several.folder == Folder("events")
    assert [to.name for to in several.destinations] == ["m.example.org"]


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Http("marquez:5000"), "needs the URL"),
        (lambda: Http("https://me:s3cret@marquez.example.org"), "must not hold"),
        (lambda: Http("https://marquez.example.org?key=1"), "must not hold"),
        (lambda: Http("https://m.example.org", name="../m"), "cannot be called"),
        (lambda: Http("https://m.example.org", timeout=0), "above 0"),
        (lambda: Kafka("", "lineage"), "servers and a topic"),
        (lambda: Kafka("k:9092", "t", {"sasl.password": "x"}), "sasl.password must not stand"),
        (lambda: Naming(namespace="w", transport=[Folder("a"), Folder("b")]), "two folders"),
        (
            lambda: Naming(namespace="w", transport=[Http("http://m:1/a"), Http("http://m:1/b")]),
            "two destinations called 'm-1'",
        ),
    ],
)
def test_mistakes_are_told(make: Any, says: str) -> None:
    with pytest.raises(WorkspaceError, match=says) as caught:
        make()
    assert "s3cret" not in str(caught.value)
    assert caught.value.next


@pytest.mark.skipif(find_spec("confluent_kafka") is not None, reason="it is installed")
def test_a_missing_package_says_which_extra_brings_it() -> None:
    for ask in (open_channel, require_ready):
        with pytest.raises(WorkspaceError, match="confluent-kafka") as caught:
            ask(Kafka("k:9092", "lineage"))
        assert caught.value.next == "pip install 'cleanhold[kafka]'"


def test_a_topic_takes_events_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("confluent_kafka")
    monkeypatch.setenv("KAFKA_CLIENT", "cleanhold")
    to = Kafka("k:9092", "lineage", MOCKED, secrets_env={"client.id": "KAFKA_CLIENT"}, timeout=10.0)
    require_ready(to)
    channel = open_channel(to)
    channel.send(EVENT)
    channel.send(EVENT)
    channel.close()


def test_a_broker_that_is_not_there_is_unreachable() -> None:
    pytest.importorskip("confluent_kafka")
    channel = open_channel(Kafka("127.0.0.1:1", "lineage", timeout=0.5))
    with pytest.raises(Unreachable):
        channel.send(EVENT)
    channel.close()
