"""How many requests one client may send: a bucket of tokens each, which fills at a steady rate.

What takes long (`costs`) is served to whoever has a token, and takes more than one: the bucket is in debt then, by no more than
what it holds when it is full.

Counted by key, not by connection: more connections bring no more requests. On this machine each process has a bucket of its own.
"""

from __future__ import annotations

import enum
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

MOST_ACCOUNTS = 1024
"""How many are remembered; the one not heard of for longest is forgotten first, and would begin with a full bucket."""
LOCAL_PER_S = 4000.0
BURST_S = 2.0
"""How much of the rate may come at once."""
PATIENCE_S = 5.0
"""Refused requests that may pile up, as seconds of the rate, at which they also drain; whoever goes on regardless is cut off."""


class Verdict(enum.Enum):
    """What becomes of a request."""

    SERVE = enum.auto()
    REFUSE = enum.auto()
    CUT = enum.auto()
    """Refused, and the connection with it: it can be made anew."""


@dataclass(slots=True)
class Bucket:
    """One client's."""

    tokens: float
    at_s: float
    refused: float = 0.0


class Limits:
    """The buckets. Control thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def judge(self, account: str, per_s: float) -> Verdict:
        """Takes a token for one request of a client that has `per_s` of them."""
        bucket = self._bucket(account, per_s)
        if bucket.tokens >= 1:
            bucket.tokens -= 1
            return Verdict.SERVE
        bucket.refused += 1
        if bucket.refused <= per_s * PATIENCE_S:
            return Verdict.REFUSE
        bucket.refused = 0.0
        return Verdict.CUT

    def charge(self, account: str, per_s: float, seconds: float) -> None:
        """Takes what is served now, and has taken its token, for `seconds` of the client's rate in all."""
        bucket = self._bucket(account, per_s)
        bucket.tokens = max(bucket.tokens - max(0.0, seconds * per_s - 1), -per_s * BURST_S)

    def _bucket(self, account: str, per_s: float) -> Bucket:
        """The client's, filled and drained up to now."""
        now_s = self.clock()
        bucket = self._buckets.setdefault(account, Bucket(per_s * BURST_S, now_s))
        self._buckets.move_to_end(account)
        if len(self._buckets) > MOST_ACCOUNTS:
            self._buckets.popitem(last=False)
        come = (now_s - bucket.at_s) * per_s
        bucket.tokens, bucket.refused = min(bucket.tokens + come, per_s * BURST_S), max(0.0, bucket.refused - come)
        bucket.at_s = now_s
        return bucket
