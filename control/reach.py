"""Says why a daemon of this machine cannot be reached, in words an operator can act on."""

from __future__ import annotations

import socket
from pathlib import Path

from masterd.control.places import DEFAULT_NAME


def why_unreachable(name: str, endpoint: str) -> str | None:
    """The reason nobody can be behind `endpoint`, found at once by knocking on its socket; None when somebody listens."""
    path = endpoint.removeprefix("ipc://")
    hint = "start it with `masterd run`" + ("" if name == DEFAULT_NAME else f" --name {name}")
    try:
        with socket.socket(socket.AF_UNIX) as knock:
            knock.settimeout(1)
            knock.connect(path)
    except FileNotFoundError:
        return f"no daemon {name!r} is running: there is no socket {path}; {hint}{_others(path)}"
    except ConnectionRefusedError:
        return f"the daemon {name!r} is not running any more: nobody listens at {path}; {hint}"
    except PermissionError:
        return f"not allowed to reach the daemon {name!r} at {path}: join the group that owns the socket, or become its user"
    except OSError as error:
        return f"cannot reach the daemon {name!r} at {path}: {error.strerror or error}"
    return None


def _others(path: str) -> str:
    try:
        names = sorted(found.parent.name for found in Path(path).parent.parent.glob("*/ctl"))
    except OSError:
        return ""
    return f"; daemons seen here: {', '.join(names)} (choose with --name)" if names else ""
