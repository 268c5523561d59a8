"""Subscriptions that run out: OSC has no connections, so a client that is still there says so every few seconds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeAlias, TypeVar

from masterd.control.osc.refusals import TooMany

Peer: TypeAlias = tuple[str, int]
"""Address and port of a client."""
LEASE_S = 10.0
MOST_CLIENTS = 8

T = TypeVar("T")


class Leases(Generic[T]):
    """One kind of subscription, a lease for each client. Time comes from outside."""

    def __init__(self) -> None:
        self._leases: dict[Peer, tuple[float, T]] = {}

    def take(self, peer: Peer, make: Callable[[], T], now_s: float) -> T:
        """The client's subscription, made if there is none, from now on for LEASE_S. TooMany."""
        self._forget(now_s)
        if peer not in self._leases and len(self._leases) >= MOST_CLIENTS:
            raise TooMany(f"{MOST_CLIENTS} clients have subscribed already; one of them must end, or be silent for {LEASE_S:g} s")
        _, subscription = self._leases.get(peer) or (0.0, make())
        self._leases[peer] = now_s + LEASE_S, subscription
        return subscription

    def drop(self, peer: Peer) -> None:
        """Ends the client's subscription if it has one."""
        self._leases.pop(peer, None)

    def get(self, peer: Peer) -> T | None:
        """The client's subscription."""
        lease = self._leases.get(peer)
        return lease[1] if lease else None

    def living(self, now_s: float) -> list[T]:
        """All that have not run out."""
        self._forget(now_s)
        return [subscription for _, subscription in self._leases.values()]

    def _forget(self, now_s: float) -> None:
        for peer in [peer for peer, (until_s, _) in self._leases.items() if until_s < now_s]:
            del self._leases[peer]
