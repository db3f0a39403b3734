"""A server that takes lineage events, and fails as it is told."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Receiver:
    """What a server got.

    Attributes:
        answers: statuses of the next requests; then 201.
        released: requests wait until it is set, which it is unless a test wants it to hang.
        events: that it answered 201 to.
        headers: of every request.
    """

    port: int = 0
    answers: list[int] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)
    events: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def told(self) -> list[tuple[str | None, str]]:
        return [(event.get("eventType"), event["job"]["name"]) for event in self.events]


@contextmanager
def receiving(port: int = 0, receiver: Receiver | None = None) -> Iterator[Receiver]:
    """A server of this machine, as long as the block; on the same port again if one is given."""
    got = receiver or Receiver()
    got.released.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            got.headers.append(dict(self.headers))
            got.paths.append(self.path)
            got.released.wait(10)
            status = got.answers.pop(0) if got.answers else 201
            if status == 201:
                got.events.append(json.loads(body))
            self.send_response(status)
            if status in (302, 307, 308):
                self.send_header("Location", f"{got.url}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    got.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield got
    finally:
        got.released.set()
        server.shutdown()
        thread.join()
        server.server_close()
