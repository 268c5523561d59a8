"""The HTTP side: GET /metrics and nothing else, for a few at a time and none for long."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import threading
from collections.abc import Callable, Iterable
from socketserver import TCPServer, ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from prometheus_client import CollectorRegistry, make_wsgi_app

from masterd.control.allowed import Allowed
from masterd.control.errors import CannotListen

MOST_AT_ONCE = 8
WITHIN_S = 5.0
"""A connection is cut after this time, whatever it is doing."""


def only_metrics(app: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """`app` at /metrics by GET; anything else is told so."""

    def answer(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] != "/metrics":
            start("404 Not Found", [("Content-Type", "text/plain")])
            return [b"there is only /metrics\n"]
        if environ["REQUEST_METHOD"] != "GET":
            start("405 Method Not Allowed", [("Content-Type", "text/plain"), ("Allow", "GET")])
            return [b"only GET\n"]
        return app(environ, start)

    return answer


class Quiet(WSGIRequestHandler):
    """Keeps no log of requests, and waits for nobody longer than WITHIN_S."""

    timeout = WITHIN_S

    def log_message(self, format: str, *arguments: Any) -> None:
        """Says nothing."""


class Endpoint(ThreadingMixIn, WSGIServer):
    """Serves a registry. OSError when it cannot listen there."""

    daemon_threads = True

    def __init__(self, listen: str, port: int, allowed: Allowed, registry: CollectorRegistry) -> None:
        self.address_family = socket.AF_INET6 if ipaddress.ip_address(listen).version == 6 else socket.AF_INET
        self._allowed = allowed
        self._free = threading.BoundedSemaphore(MOST_AT_ONCE)
        super().__init__((listen, port), Quiet)
        self.set_app(only_metrics(make_wsgi_app(registry)))

    @property
    def url(self) -> str:
        """Where Prometheus finds it."""
        host = f"[{self.server_name}]" if ":" in self.server_name else self.server_name
        return f"http://{host}:{self.server_port}/metrics"

    def server_bind(self) -> None:
        """Binds without asking the network for names."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])
        self.setup_environ()

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Whether whoever connects may, and there is room."""
        return self._allowed.admits(client_address[0]) and self._free.acquire(blocking=False)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """One connection, cut when it takes too long."""
        cut = threading.Timer(WITHIN_S, shut, [request])
        cut.daemon = True
        cut.start()
        try:
            super().process_request_thread(request, client_address)
        finally:
            cut.cancel()
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""


def opened(listen: str, port: int, allowed: Allowed, registry: CollectorRegistry) -> Endpoint:
    """An endpoint that serves the registry. CannotListen."""
    try:
        return Endpoint(listen, port, allowed, registry)
    except OSError as error:
        raise CannotListen(listen, port, error) from None


def shut(connection: socket.socket) -> None:
    """Ends both directions, so that whoever waits there goes on."""
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
