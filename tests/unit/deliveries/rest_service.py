"""A small CRM with a REST interface: pages, a token, and a limit to how often one may ask."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

#: Contacts on a page.
PAGE = 3


@dataclass
class Service:
    """What the service has, and what it was asked."""

    token: str
    contacts: list[dict[str, Any]] = field(default_factory=list)
    #: Paths of the requests, and how each was answered.
    asked: list[tuple[str, int]] = field(default_factory=list)
    #: After so many requests, one is refused with 429.
    patience: int = 10**9
    #: From this page on, the service is broken.
    broken_from: int = 10**9
    url: str = ""

    def answer(self, path: str, authorization: str) -> tuple[int, dict[str, str], Any]:
        if authorization != f"Bearer {self.token}":
            return 401, {}, {"error": "who are you?"}
        if len([1 for _, status in self.asked if status == 200]) >= self.patience:
            self.patience = 10**9
            return 429, {"Retry-After": "1"}, {"error": "not so fast"}
        query = parse_qs(urlsplit(path).query)
        page, since = int(query.get("page", ["1"])[0]), query.get("updated_since", [""])[0]
        if page >= self.broken_from:
            return 400, {}, {"error": "broken"}
        found = [c for c in self.contacts if c["updated_at"] >= since]
        return 200, {}, {"data": found[(page - 1) * PAGE : page * PAGE]}


@contextmanager
def running(service: Service) -> Iterator[Service]:
    """The service, answering at `service.url`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = service.answer(self.path, self.headers.get("Authorization", ""))
            service.asked.append((self.path, status))
            data = json.dumps(body).encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Type": "application/json"}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    service.url = f"http://127.0.0.1:{server.server_port}/"
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
