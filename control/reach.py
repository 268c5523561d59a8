"""Says why a daemon cannot be reached, in words an operator can act on."""

from __future__ import annotations

import socket
from pathlib import Path

from masterd.control.address import Address
from masterd.control.errors import Unreachable, WrongServerKey
from masterd.control.handshake import Doubt, stranger
from masterd.control.places import DEFAULT_NAME

KNOCK_WITHIN_S = 1.0
SIGNATURE = b"\xff" + bytes(8) + b"\x7f" + bytes([3, 1])
"""What a peer of ZMTP 3.1 says first. It has the other end say the whole of its greeting, whatever the mechanisms."""
GREETING_BYTES = 64
MECHANISM = slice(12, 32)
CURVE = b"CURVE".ljust(20, b"\0")


def settle(doubt: Doubt, address: Address, numeric_host: str = "", within_s: float = KNOCK_WITHIN_S) -> Unreachable | None:
    """What a knock makes of a doubt; None when there is hope again."""
    if doubt is Doubt.NOBODY:
        reason = why_unreachable(address, numeric_host, within_s)
        return Unreachable(reason) if reason else None
    return None if address.is_local else _why_hung_up(address, numeric_host, within_s)


def why_unreachable(address: Address, numeric_host: str = "", within_s: float = KNOCK_WITHIN_S) -> str | None:
    """The reason nobody can be behind `address`, found by knocking on its `ctl`; None when somebody listens."""
    if address.is_local:
        return _why_not_here(address, within_s)
    try:
        _knock(address, numeric_host, within_s).close()
    except ConnectionRefusedError:
        return f"no daemon {address.name!r} is running at {address}: the machine is there, and nobody listens at that port"
    except TimeoutError:
        return f"no daemon {address.name!r} in sight at {address}; is the machine on, and do firewalls let the port through?"
    except OSError as error:
        return f"cannot reach the daemon {address.name!r} at {address}: {error.strerror or error}"
    return None


def _knock(address: Address, numeric_host: str, within_s: float) -> socket.socket:
    return socket.create_connection((numeric_host or address.host, address.port), within_s)


def _why_hung_up(address: Address, numeric_host: str, within_s: float) -> Unreachable:
    """A daemon greets, and hangs up when it cannot open what we locked for another; a tunnel to nowhere does not greet."""
    try:
        with _knock(address, numeric_host, within_s) as door:
            door.sendall(SIGNATURE)
            greeting = _read(door, GREETING_BYTES)
    except OSError:
        greeting = b""
    if len(greeting) < GREETING_BYTES:
        return Unreachable(f"what listens at {address} hangs up at once: a tunnel or proxy whose daemon is not there?")
    if greeting[MECHANISM] != CURVE:
        return stranger(address)
    return WrongServerKey(
        f"what answers at {address} does not have the server key we know of the daemon {address.name!r}: "
        "it was given a new one, or this is another; compare the fingerprints before you trust it"
    )


def _read(door: socket.socket, count: int) -> bytes:
    content = b""
    while len(content) < count and (more := door.recv(count - len(content))):
        content += more
    return content


def _why_not_here(address: Address, within_s: float) -> str | None:
    name, path = address.name, address.endpoint("ctl").removeprefix("ipc://")
    hint = "start it with `masterd run`" + ("" if name == DEFAULT_NAME else f" --name {name}")
    try:
        with socket.socket(socket.AF_UNIX) as knock:
            knock.settimeout(within_s)
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
