"""Who is asking: what the daemon itself knows about the sender of a request, whatever the sender says.

The one who is being served stands in `asking`, so that everything done meanwhile, in this task and the threads it waits for,
can be told and written down with a name. Outside requests it is the daemon itself.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass

from masterd.control.protocol.roles import Role


@dataclass(frozen=True, slots=True)
class Asker:
    """A client. `who` is the name of its key, or local/USER: a slash is in no key's name, so neither can pass for the other."""

    who: str
    address: str
    """An IP address, or `local`."""
    role: Role | None
    """None may do nothing: the key is not trusted, or not any more."""
    account: str
    """Whose requests are counted together: a key's, or those of one local process."""
    origin: str = ""
    """What the client calls itself in this request."""


DAEMON = Asker("daemon", "local", Role.ADMIN, "")

asking: ContextVar[Asker] = ContextVar("asking", default=DAEMON)
