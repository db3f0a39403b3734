"""Channels: a destination, opened. What it takes is there; what it does not take is an error.

The transports of the OpenLineage client do the talking. They are told to give up at once: trying
again is for whoever sends, who has the events on disk.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urljoin, urlsplit

from cleanhold.errors import EventRefused, Unreachable, WorkspaceError
from cleanhold.tracing.destinations import Destination, Http, Kafka

if TYPE_CHECKING:
    from requests import Response

#: Answers to an event that will never be taken. Any other is about the server, or who asks.
_REFUSES = frozenset({400, 406, 409, 411, 413, 414, 415, 422, 431})

_loading = threading.Lock()

_NO_HEADER = "no request can be made: headers_env= has a name, or a value, that no header may have"


class Channel(Protocol):
    """Takes one event at a time."""

    def send(self, event: Mapping[str, Any]) -> None:
        """Give one event to the destination, and wait until it says that it has it.

        Raises:
            EventRefused: it will not take this event, whenever it is asked.
            Unreachable: it does not take events now.
        """
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...


def open_channel(destination: Destination) -> Channel:
    """A destination, ready to take events; nothing is sent yet.

    Raises:
        WorkspaceError: an environment variable is not set, or no use in a header; a package is
            not installed.
    """
    load_client()
    if isinstance(destination, Http):
        return _HttpChannel(destination)
    return _KafkaChannel(destination)


def load_client() -> None:
    """Import the client: it takes a third of a second, and fails in two threads at once."""
    with _loading:
        import_module("openlineage.client")


def require_ready(destination: Destination) -> None:
    """See that what a destination needs of this machine is here; nothing is sent.

    Raises:
        WorkspaceError: an environment variable is not set, or no use in a header; a package is
            not installed.
    """
    if isinstance(destination, Http):
        for variable in filter(None, [destination.key_env, *destination.headers_env.values()]):
            _for_header(variable)
        return
    if find_spec("confluent_kafka") is None:
        raise _no_kafka(destination)
    for variable in destination.secrets_env.values():
        secret(variable)


def _no_kafka(to: Kafka) -> WorkspaceError:
    return WorkspaceError(
        "events cannot be sent to Kafka: confluent-kafka is not installed",
        where=to.name,
        next="pip install 'cleanhold[kafka]'",
    )


class _HttpChannel:
    def __init__(self, to: Http) -> None:
        from openlineage.client.transport.http import HttpConfig, HttpTransport
        from requests import Session

        self._to = to
        session = Session()  # one that follows no redirect: keys and events would go there as well
        session.get_redirect_target = lambda _: None  # type: ignore[assignment]
        config: dict[str, Any] = {
            "session": session,
            "url": to.url if to.url.endswith("/") else f"{to.url}/",
            "endpoint": to.endpoint.lstrip("/"),
            "timeout": to.timeout,
            "retry": {"total": 0, "connect": 0, "read": 0, "status_forcelist": []},
            "custom_headers": {name: _for_header(of) for name, of in to.headers_env.items()},
        }
        if to.key_env:
            config["auth"] = {"type": "api_key", "apiKey": _for_header(to.key_env)}
        if to.compress:
            config["compression"] = "gzip"
        if to.certificates:
            config["sslContext"] = {"caCertPath": to.certificates}
        self._transport = HttpTransport(HttpConfig.from_dict(config))

    def send(self, event: Mapping[str, Any]) -> None:
        from requests import HTTPError, RequestException
        from requests.exceptions import InvalidHeader

        try:
            answer = self._transport.emit(dict(event))  # type: ignore[arg-type]
        except HTTPError as error:
            answered = error.response
            raise self._refusal(answered.status_code, answered.reason) from None  # type: ignore[union-attr]
        except InvalidHeader:  # its text has the header, which may be a key
            raise Unreachable(_NO_HEADER, where=self._to.name) from None
        except (RequestException, OSError, RuntimeError) as error:
            raise Unreachable(_said(error), where=self._to.name) from None
        except ValueError as error:  # of whatever the request is made of, so not in its words
            what = f"no request can be made: {type(error).__name__}"
            raise Unreachable(what, where=self._to.name) from None
        if answer.status_code >= 300:
            raise self._elsewhere(answer)

    def _elsewhere(self, answer: Response) -> Unreachable:
        """An answer that is no receipt; keys do not go where it leads, nor do events."""
        leads = answer.headers.get("Location", "")
        place = urlsplit(urljoin(answer.url, leads))._replace(query="", fragment="").geturl()
        return Unreachable(
            f"it answers {answer.status_code}, from elsewhere",
            where=self._to.name,
            next=f"write the address it leads to: {place}" if leads else None,
        )

    def _refusal(self, status: int, reason: str) -> EventRefused | Unreachable:
        said = f"it answers {status} {reason}".rstrip()
        if status in _REFUSES:
            return EventRefused(said, where=self._to.name)
        return Unreachable(said, where=self._to.name)

    def close(self) -> None:
        self._transport.close()


class _KafkaChannel:
    def __init__(self, to: Kafka) -> None:
        from openlineage.client.transport.kafka import KafkaConfig, KafkaTransport

        self._to = to
        within = str(int(1000 * to.timeout))
        config = {
            "bootstrap.servers": to.servers,
            "enable.idempotence": "true",  # a message that is sent again is there once
            "message.timeout.ms": within,
            "socket.timeout.ms": within,
            **to.config,
            **{name: secret(of) for name, of in to.secrets_env.items()},
        }
        if find_spec("confluent_kafka") is None:  # the client logs a traceback
            raise _no_kafka(to)
        transport = KafkaTransport(KafkaConfig(config=config, topic=to.topic, flush=False))
        # The transport's own `emit` does not tell whether a message came through.
        self._producer: Any = transport.producer

    def send(self, event: Mapping[str, Any]) -> None:
        from openlineage.client.serde import Serde

        failed: list[Any] = []
        job = _key(event)
        body = Serde.to_json(dict(event)).encode()
        told: Callable[[Any, Any], None] = lambda error, _: failed.append(error)  # noqa: E731
        try:
            self._producer.produce(self._to.topic, value=body, key=job, on_delivery=told)
            # Its own timeout ends first, and says why.
            left = self._producer.flush(self._to.timeout + 1)
        except Exception as error:  # noqa: BLE001 - the client's own, which only it can import
            raise Unreachable(_said(error), where=self._to.name) from None
        if left or not failed:
            self._producer.purge()
            raise Unreachable("no broker answers", where=self._to.name)
        if (failure := failed[-1]) is not None:
            is_for_good = failure.name() in ("MSG_SIZE_TOO_LARGE", "INVALID_RECORD")
            kind = EventRefused if is_for_good else Unreachable
            raise kind(failure.str(), where=self._to.name)

    def close(self) -> None:
        self._producer = None


def _key(event: Mapping[str, Any]) -> str:
    """Events of one job go to one partition, as those of its parent do: there they keep order."""
    job = event["job"]
    parent = event.get("run", {}).get("facets", {}).get("parent")
    if parent is not None:
        job = parent.get("root", parent)["job"]
    return f"run:{job['namespace']}/{job['name']}"


def secret(variable: str) -> str:
    """What an environment variable holds, without the white space around it.

    Raises:
        WorkspaceError: it is not set.
    """
    value = os.environ.get(variable, "").strip()
    if not value:
        raise WorkspaceError(
            f"the environment variable {variable} is not set",
            where="the workspace's lineage names",
            next=f"export {variable}=…, for events to be sent",
        )
    return value


def _for_header(variable: str) -> str:
    """What an environment variable holds, for a header of HTTP; no error tells what it is.

    Raises:
        WorkspaceError: it is not set, or holds more than printable ASCII.
    """
    value = secret(variable)
    if not (value.isascii() and value.isprintable()):
        raise WorkspaceError(
            f"the environment variable {variable} holds what no header may have",
            where="the workspace's lineage names",
            next=f"export {variable}=…, of one line of printable ASCII",
        )
    return value


def _said(error: Exception) -> str:
    """An error of others in one short line; it may not say more than where, and why."""
    cause: BaseException = error
    while cause.__cause__ or cause.__context__:
        cause = cause.__cause__ or cause.__context__ or cause
    line = " ".join(str(cause).split()) or type(cause).__name__
    return line.rpartition(": ")[2] if line.startswith("<") else line
