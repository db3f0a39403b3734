"""URLs of databases: where they come from, and how to speak of them without their secrets."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlsplit

from cleanhold.errors import DeliveryUnavailable, SourceError

#: Names before `://` (without `+driver`) → the database they mean.
KINDS = {
    "postgresql": "postgresql",
    "postgres": "postgresql",
    "mysql": "mysql",
    "mariadb": "mysql",
    "sqlite": "sqlite",
    "duckdb": "duckdb",
    "mssql": "mssql",
    "oracle": "oracle",
}

#: Databases that are files, and know no password.
FILES = frozenset({"sqlite", "duckdb"})

#: What a host may be made of. Anything else is a piece of a password that was not encoded.
_HOST = re.compile(r"\A[\w.\-]*\Z|\A[0-9a-fA-F:.]+\Z")

#: Gives the text behind the name of a secret block.
Resolver = Callable[[str], str]

_blocks: ContextVar[Resolver | None] = ContextVar("blocks", default=None)


@contextmanager
def secret_blocks(resolver: Resolver) -> Iterator[None]:
    """In here, `url_block=` is looked up with `resolver`."""
    token = _blocks.set(resolver)
    try:
        yield
    finally:
        _blocks.reset(token)


@dataclass(frozen=True, slots=True)
class DatabaseUrl:
    """A URL that can be spoken of: only `secret` has the password, and no `repr` shows it.

    Attributes:
        secret: the URL as it was given.
        kind: which database: a value of `KINDS`.
        shown: where it is, without user, password and options.
    """

    secret: str = field(repr=False)
    kind: str
    shown: str

    @property
    def rest(self) -> str:
        """What follows `scheme://`."""
        return self.secret.partition("://")[2]

    def without_secrets(self, text: str) -> str:
        """A text of others, such as an error message, with user name and passwords blotted out."""
        for hidden in self._hidden():
            text = text.replace(hidden, "***")
        return text

    def _hidden(self) -> list[str]:
        parts = urlsplit(self.secret)
        plain = [self.secret, self.rest, parts.netloc if "@" in parts.netloc else ""]
        words = [unquote(parts.password or "")]
        words += [value for name, value in parse_qsl(parts.query) if _is_secret(name)]
        for word in words:
            plain += [word, quote(word, safe=""), quote_plus(word)]
        if parts.password:
            plain.append(parts.password)
        return sorted({p for p in plain if p}, key=len, reverse=True)


def _is_secret(option: str) -> bool:
    return any(part in option.lower() for part in ("pass", "pwd", "secret", "token", "key"))


def url_from(url_env: str | None, url_block: str | None, url: str | None) -> DatabaseUrl:
    """The URL of a database, from the first of the three that is given.

    Args:
        url_env: name of an environment variable.
        url_block: name of a secret block, looked up by the flow that runs this.
        url: the URL itself, of a database that is a file.

    Raises:
        SourceError: it is missing, or is no URL of a database known here.
    """
    if url_env:
        where = f"the environment variable {url_env}"
        text = os.environ.get(url_env, "").strip()
        if not text:
            raise SourceError(
                "the URL of the database is not set",
                where=where,
                next=f"export {url_env}='postgresql://user:password@host/database'",
            )
        return parse(text, where)
    if url_block:
        where = f"the secret block {url_block}"
        resolver = _blocks.get()
        if resolver is None:
            raise SourceError(
                "secret blocks can only be read within a flow",
                where=where,
                next="run the flow (docs/flows.md), or use url_env= instead",
            )
        try:
            return parse(resolver(url_block).strip(), where)
        except ValueError as error:
            raise DeliveryUnavailable(
                f"the secret block cannot be read ({type(error).__name__})",
                where=where,
                next="create the block with this name, of type Secret, and run again",
            ) from None
    return parse(url or "", "url=")


def parse(text: str, where: str) -> DatabaseUrl:
    """A URL, taken apart.

    Raises:
        SourceError: it is none, or of a database that is not known here. No part of it is shown,
            for it may be a password in the wrong place.
    """
    scheme, separator, rest = text.partition("://")
    kind = KINDS.get(scheme.lower().partition("+")[0])
    if not separator or kind is None:
        raise SourceError(
            "this is not the URL of a database",
            where=where,
            next="begin it with one of " + ", ".join(f"{name}://" for name in KINDS),
        )
    if kind in FILES:
        return DatabaseUrl(text, kind, f"{kind}:{rest.partition('?')[0]}")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port, parts = "@", None, urlsplit("")
    database = unquote(parts.path.lstrip("/"))
    if parts.netloc.count("@") > 1 or not _HOST.match(host) or re.search(r"[@#\s]", database):
        raise SourceError(
            "the URL of the database is ambiguous",
            where=where,
            next="percent-encode the user name and the password in it (@ is %40, / is %2F, # is "
            "%23): python -c 'import urllib.parse as u, getpass; "
            'print(u.quote(getpass.getpass(), safe=""))\'',
        )
    place = host + (f":{port}" if port else "")
    return DatabaseUrl(text, kind, f"{kind}://{place}/{database}")
