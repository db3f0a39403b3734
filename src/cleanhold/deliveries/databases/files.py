"""Databases that are a file."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

from cleanhold.deliveries.databases.url import DatabaseUrl
from cleanhold.errors import DeliveryError, SourceError


def file_of(url: DatabaseUrl, root: Path) -> Path:
    """The file of `sqlite:///data/crm.db` (below the workspace) or `sqlite:////abs/crm.db`.

    Raises:
        SourceError: the URL names no file.
        DeliveryError: there is no such file.
    """
    path = unquote(url.rest.partition("?")[0])
    if not path.startswith("/") or len(path) < 2:
        raise SourceError(
            "the URL names no file",
            where=url.shown,
            next=f"write {url.kind}:///folder/file.db, or {url.kind}:////folder/file.db for an "
            "absolute path",
        )
    file = root / path[1:]
    if not file.is_file():
        raise DeliveryError(
            "the database does not exist",
            where=url.shown,
            next="check the path; a relative one is below the workspace",
        )
    return file.resolve()
