"""Where events go: a folder of this machine always, and from there to any number of servers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from cleanhold.errors import WorkspaceError

#: What a destination may be called: its name is that of a folder.
_NAME = re.compile(r"\A[a-z0-9][a-z0-9._-]{0,63}\Z")

#: Seconds that a server may take to answer before it counts as down.
TIMEOUT = 2.0


@dataclass(frozen=True, slots=True)
class Folder:
    """Events as files, one per event, under a folder: the record from which servers get them.

    Attributes:
        path: absolute, or relative to the folder the workspace keeps its state in.
    """

    path: str = "lineage"

    def under(self, state: Path) -> Path:
        """The folder itself, given the workspace's state folder."""
        return state / self.path


@dataclass(frozen=True, slots=True)
class Http:
    """A server that takes OpenLineage events over HTTP, such as Marquez.

    Attributes:
        url: of the server, without user and password.
        endpoint: path below it that events are posted to.
        key_env: name of the environment variable with its API key, sent as a bearer token.
        headers_env: name of a header → name of the environment variable with its value.
        certificates: file with the certificates of the authorities to trust; the system's if empty.
        compress: send bodies as gzip.
        timeout: seconds that it may take to answer.
        name: by which it is remembered what it has; the host if empty. A new name is a new
            destination, which gets every event.

    Raises:
        WorkspaceError: the URL is none, or has a password in it; the name is no file name.
    """

    url: str
    endpoint: str = "api/v1/lineage"
    key_env: str = ""
    headers_env: Mapping[str, str] = field(default_factory=dict)
    certificates: str = ""
    compress: bool = False
    timeout: float = TIMEOUT
    name: str = ""

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise _mistake("Http() needs the URL of a server", "https://marquez.example.org")
        if "@" in parts.netloc or parts.query:
            raise _mistake(
                "the URL of a lineage server must not hold a user, a password or a key",
                "Http('https://…', key_env='LINEAGE_KEY')",
            )
        if not self.name:
            place = parts.hostname + (f"-{parts.port}" if parts.port else "")
            object.__setattr__(self, "name", re.sub(r"[^a-z0-9._-]", "-", place))
        _require(self.name, self.timeout)


@dataclass(frozen=True, slots=True)
class Kafka:
    """A topic of Kafka; events of one job keep their order there.

    Attributes:
        servers: `host:port`, several with commas between.
        topic: it gets one message per event.
        config: settings of librdkafka, without secrets: `{"security.protocol": "SASL_SSL"}`.
        secrets_env: name of a setting → name of the environment variable with its value.
        timeout: seconds in which a message must be acknowledged.
        name: as of `Http`; the topic if empty.

    Raises:
        WorkspaceError: servers or topic are missing, or a secret is among the settings.
    """

    servers: str
    topic: str
    config: Mapping[str, str] = field(default_factory=dict)
    secrets_env: Mapping[str, str] = field(default_factory=dict)
    timeout: float = TIMEOUT
    name: str = ""

    def __post_init__(self) -> None:
        if not self.servers or not self.topic:
            raise _mistake("Kafka() needs servers and a topic", "Kafka('host:9092', 'lineage')")
        told = [s for s in self.config if re.search(r"password|secret|\.key\.pem|token", s)]
        if told:
            raise _mistake(
                f"{told[0]} must not stand in code",
                f"secrets_env={{{told[0]!r}: 'NAME_OF_A_VARIABLE'}}",
            )
        if not self.name:
            object.__setattr__(self, "name", re.sub(r"[^a-z0-9._-]", "-", self.topic.lower()))
        _require(self.name, self.timeout)


#: A server that events are sent to.
Destination = Http | Kafka


def _require(name: str, timeout: float) -> None:
    if not _NAME.match(name):
        raise _mistake(
            f"a destination cannot be called {name!r}", "small letters and digits: name='marquez'"
        )
    if timeout <= 0:
        raise _mistake("timeout= must be above 0", "seconds: timeout=2")


def _mistake(what: str, such_as: str) -> WorkspaceError:
    return WorkspaceError(what, where="the workspace's lineage names", next=f"write {such_as}")
