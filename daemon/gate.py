"""Through here every request must pass: is the asker still somebody, within their limits, of enough rank, and not locked out?"""

from __future__ import annotations

from masterd.control.errors import Forbidden
from masterd.control.protocol import Request
from masterd.control.protocol.roles import Role
from masterd.daemon.asker import Asker
from masterd.daemon.hands_off import HandsOff
from masterd.daemon.peers import LOCAL


def allow(request: Request, asker: Asker, lock: HandsOff) -> None:
    """Nothing, or Forbidden, or Locked. The only place where roles are enforced."""
    op, here = request.__struct_config__.tag, f"{asker.who} ({asker.address})"
    if asker.role is None:
        raise Forbidden(f"{op}: {here} is not trusted" + (" here" if asker.address == LOCAL else " any more"))
    if asker.role < request.role:
        raise Forbidden(f"{op}: needs the role {request.role}; {here} is {asker.role}")
    if request.override and asker.role < Role.ADMIN:
        raise Forbidden(f"{op}: override is for admins; {here} is {asker.role}")
    if request.role >= Role.OPERATOR and not request.harmless and not request.override:
        lock.check(asker)
