"""The clients that may connect over the network, as clients.toml says at this moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from masterd.control import trust
from masterd.control.trust import TrustedClient, TrustRefused

Clients = Mapping[str, TrustedClient]


class Trusted:
    """Follows the file by its identity, which costs a microsecond to ask for. A file that cannot be used changes nothing, and
    `report` is told why; one that is gone trusts nobody. `changed` hears of each new list. Control thread."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.clients: Clients = {}
        """By public key (Z85)."""
        self.problem: str | None = None
        self.report: Callable[[str | None], object] = lambda problem: None
        self.changed: Callable[[Clients, Clients], object] = lambda before, now: None
        self._seen: object = ()

    def now(self) -> Clients:
        """Who is trusted now."""
        if (seen := self._identity()) != self._seen:
            self._seen = seen
            self._read()
        return self.clients

    def _identity(self) -> object:
        try:
            it = self.file.stat()
        except OSError as reason:
            return reason.errno
        return it.st_dev, it.st_ino, it.st_size, it.st_mtime_ns, it.st_ctime_ns

    def _read(self) -> None:
        before, self.problem = self.clients, None
        try:
            self.clients = trust.read(self.file)
        except TrustRefused as reason:
            self.problem = f"{reason}; those who were trusted before still are"
        self.report(self.problem)
        if self.clients != before:
            self.changed(before, self.clients)
