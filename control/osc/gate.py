"""How much one address may ask: more is dropped and counted, and told to it once a second."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from masterd.control.allowed import Allowed

RATE_PER_S = 1000.0
BURST = 2000.0
"""All faders of a big surface at once, 60 times a second; or every parameter asked for when a surface starts."""
MOST_ADDRESSES = 256
SAID_EVERY_S = 1.0


@dataclass(slots=True)
class Account:
    """What one address has left."""

    left: float
    filled_s: float
    said_s: float = float("-inf")


class Gate:
    """Time comes from outside, in seconds from anywhere, forward."""

    def __init__(self, allowed: Allowed) -> None:
        self.strangers = self.floods = 0
        """Datagrams dropped: from addresses that are not allowed, and above the rate."""
        self._allowed = allowed
        self._accounts: OrderedDict[str, Account] = OrderedDict()

    def knows(self, address: str) -> bool:
        """Whether the address is allowed; counted when not."""
        if self._allowed.admits(address):
            return True
        self.strangers += 1
        return False

    def has_room(self, address: str, now_s: float) -> bool:
        """Whether a datagram of the address is within its rate; counted when not."""
        account = self._account(address, now_s)
        if account.left < 1:
            self.floods += 1
            return False
        return True

    def charge(self, address: str, messages: float, now_s: float) -> None:
        """What the address asked, or was told."""
        self._account(address, now_s).left -= messages

    def is_to_be_told(self, address: str, now_s: float) -> bool:
        """Whether an address that floods should be told so now."""
        account = self._account(address, now_s)
        if now_s - account.said_s < SAID_EVERY_S:
            return False
        account.said_s = now_s
        return True

    def _account(self, address: str, now_s: float) -> Account:
        account = self._accounts.setdefault(address, Account(BURST, now_s))
        self._accounts.move_to_end(address)
        account.left = min(BURST, account.left + RATE_PER_S * (now_s - account.filled_s))
        account.filled_s = now_s
        if len(self._accounts) > MOST_ADDRESSES:
            self._accounts.popitem(last=False)
        return account
