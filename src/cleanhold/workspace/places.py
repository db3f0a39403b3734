"""Places: what the specification of OpenLineage calls where a source's deliveries are.

The rules: https://github.com/OpenLineage/OpenLineage/blob/main/spec/Naming.md
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from cleanhold.core.source import Source
from cleanhold.deliveries.databases.url import DatabaseUrl
from cleanhold.deliveries.folder import Folder
from cleanhold.deliveries.places import place_of
from cleanhold.deliveries.remote import Remote
from cleanhold.deliveries.sql_query import SqlQuery
from cleanhold.errors import CleanholdError
from cleanhold.tracing import Name, Naming, Place

#: Database → what the specification calls it, and the port that its server has if nobody says.
_SERVERS = {
    "postgresql": ("postgres", 5432),
    "mysql": ("mysql", 3306),
    "mssql": ("mssql", 1433),
    "oracle": ("oracle", 1521),
}

#: Schema of a table where the query names none.
_SCHEMAS = {"postgresql": "public", "mssql": "dbo"}

#: Other names of the same stores.
_STORES = {"gcs": "gs", "s3a": "s3", "s3n": "s3"}

#: In these the part before `@` is a container, and no user.
_CONTAINERS = ("abfs", "abfss", "wasb", "wasbs")


def places(sources: Mapping[str, Source], naming: Naming) -> dict[str, Place]:
    """Where sources are, by name; those that cannot be told from what they declare are left out."""
    found = {name: _place(source, naming) for name, source in sources.items()}
    return {name: place for name, place in found.items() if place is not None}


def _place(source: Source, naming: Naming) -> Place | None:
    try:
        place = place_of(source)
        if isinstance(place, SqlQuery):
            return _of_query(source, place)
    except CleanholdError:
        return None  # whoever reads from it will be told
    if isinstance(place, Folder):
        return _of_folder(place, naming)
    return _of_url(place.url) if isinstance(place, Remote) else None


def _of_folder(place: Folder, naming: Naming) -> Place:
    path = PurePosixPath(place.folder)
    name = naming.local(str(path if place.pattern == "*" else path / place.pattern))
    return Place(name, naming.local(str(path)).namespace + ("" if path.is_absolute() else "/"))


def _of_url(url: str) -> Place | None:
    """Of a pattern only the folder counts: its files are the versions."""
    parts = urlsplit(url)
    scheme = _STORES.get(parts.scheme, parts.scheme)
    host = parts.netloc if scheme in _CONTAINERS else parts.netloc.rpartition("@")[2]
    path = unquote(parts.path).strip("/")
    folder, _, last = path.rpartition("/")
    name = folder if set("*?[") & set(last) else path
    if not host:
        return None
    return Place(Name(f"{scheme}://{host}", name or "/"), f"{scheme}://{host}")


def _of_query(source: Source, place: SqlQuery) -> Place | None:
    if place.url_block:
        return None  # only a flow can look it up
    url = place.database()
    question = place.question
    query = question.query or f"select * from {question.table}"
    if url.kind not in _SERVERS:
        path = url.shown.partition(":")[2].lstrip("/")
        name = Name(f"{url.kind}://{path}", question.table or source.name)
        return Place(name, f"{url.kind}:{path}", url.without_secrets(query), url.kind)
    scheme, port = _SERVERS[url.kind]
    host, _, database = url.shown.partition("://")[2].partition("/")
    namespace = f"{scheme}://{host if ':' in host else f'{host}:{port}'}"
    name = Name(namespace, _table(url, database, question.table) or source.name)
    return Place(name, namespace, url.without_secrets(query), url.kind)


def _table(url: DatabaseUrl, database: str, table: str) -> str:
    """`database.schema.table`, or `database.table` where there are no schemas."""
    if not table:
        return ""  # a query may read several: then the source keeps its own name
    schema = _SCHEMAS.get(url.kind)
    full = table if "." in table or schema is None else f"{schema}.{table}"
    return f"{database}.{full}"
