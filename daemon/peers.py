"""Who sent a message. libzmq attaches to each one what the authenticator (`zap`) said about its connection; the role is looked
up anew each time, so that what was taken away is gone for open connections too. Routing ids are the client's to choose and mean
nothing.
"""

from __future__ import annotations

import zmq

from masterd.control.protocol.roles import Role
from masterd.daemon.asker import Asker
from masterd.daemon.local_roles import LocalRoles
from masterd.daemon.trusted import Trusted

LOCAL, KEY = "local", "key"


class Peers:
    """Names for user ids, which are `key:PUBLIC_KEY` or `local:UID:GID:PID`. Control thread."""

    def __init__(self, trusted: Trusted, local_roles: LocalRoles) -> None:
        self.trusted, self.local_roles = trusted, local_roles

    def sender(self, frame: zmq.Frame) -> Asker:
        """Who sent the message of which `frame` is the last. Never raises."""
        try:
            return self.asker(str(frame.get("User-Id")), str(frame.get("Peer-Address")))
        except zmq.ZMQError:  # no authenticator has seen this connection
            return Asker("nobody", "", None, "")

    def asker(self, user_id: str, address: str) -> Asker:
        """Who a user id is now. Never raises."""
        kind, _, rest = user_id.partition(":")
        if kind == KEY:
            client = self.trusted.now().get(rest)
            return Asker(client.name if client else "unknown", address, client.role if client else None, user_id)
        try:
            uid, gid, _ = map(int, rest.split(":"))
        except ValueError:
            return Asker("nobody", address, None, "")
        name, role = self.local_roles.find(uid, gid)
        return Asker(f"{LOCAL}/{name}", LOCAL, role, user_id)

    def may_listen(self, frame: zmq.Frame) -> bool:
        """Whether the sender of a subscription may have events and meters."""
        role = self.sender(frame).role
        return role is not None and role >= Role.VIEWER
