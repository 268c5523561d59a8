"""What people of this machine may do, who need no key: the kernel says who is at the other end of a Unix socket."""

from __future__ import annotations

import grp
import os
import pwd
import time
from pathlib import Path

from masterd.control.protocol.roles import Role

KEPT_S = 60.0
"""How long an answer about a user is good: asking may mean a directory server."""
MOST_USERS = 1000


class LocalRoles:
    """Root and the daemon's own user are admins; members of the group that owns the sockets have `group`, everybody else whom the
    sockets' permissions let in has `others` (None: nothing). Control thread."""

    def __init__(self, socket: Path, group: Role | None, others: Role | None) -> None:
        self.socket, self.group, self.others = socket, group, others
        self._known: dict[tuple[int, int], tuple[float, str, Role | None]] = {}

    def find(self, uid: int, gid: int) -> tuple[str, Role | None]:
        """The user's name and role. Never raises."""
        until_s, name, role = self._known.get((uid, gid), (0.0, "", None))
        if time.monotonic() >= until_s:
            if len(self._known) >= MOST_USERS:
                self._known.clear()
            name, role = user_name(uid), self._role(uid, gid)
            self._known[uid, gid] = time.monotonic() + KEPT_S, name, role
        return name, role

    def _role(self, uid: int, gid: int) -> Role | None:
        if uid in (0, os.geteuid()):
            return Role.ADMIN
        try:
            owner = self.socket.stat().st_gid
            return self.group if gid == owner or user_name(uid) in grp.getgrgid(owner).gr_mem else self.others
        except (OSError, KeyError):
            return self.others


def user_name(uid: int) -> str:
    """As in the password file; the number when there is none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except (KeyError, OSError):
        return str(uid)
