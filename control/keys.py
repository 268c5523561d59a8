"""Keys of the network: CURVE pairs in pyzmq's certificate format, which `zmq.auth.load_certificate` reads as well.

    CONFIG/keys/server.key          the daemon's public key: everybody may read it, clients need it
    CONFIG/keys/server.key_secret   its pair: owner and group of the service, nobody else
    CONFIG/keys/NAME.key_secret     a client's pair: its owner, nobody else

A secret that others can read is refused, since it has to be taken for known. File work only. CONFIG is
`places.config_directory()`.
"""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

import zmq
from zmq.utils import z85

from masterd.control import places
from masterd.control.errors import MasterdError
from masterd.control.files import KEPT_GROUP, PRIVATE, write_atomically

Z85_CHARACTERS = 40
SERVER = "server"
SHARED = 0o640
PUBLIC = 0o644
FILE_BYTES = 4096

HEAD = """#   A masterd {kind} key for CURVE (ZeroMQ), fingerprint {fingerprint}.
metadata
curve
    public-key = "{public}"
"""
SECRET = """    secret-key = "{secret}"
#   Whoever has this file is who it names. Carry it over a safe way, and never change its permissions.
"""


class KeyRefused(MasterdError):
    """A key cannot be used; the text says which, why, and what to do."""

    code = "key_refused"


@dataclass(frozen=True, slots=True)
class Pair:
    """A key pair, both halves as Z85 text of 40 characters. The secret shows in no repr."""

    public: str
    secret: str = field(repr=False)


def new_pair() -> Pair:
    """A pair nobody has had before, from libsodium's random numbers."""
    public, secret = zmq.curve_keypair()
    return Pair(public.decode(), secret.decode())


def is_key(text: str) -> bool:
    """Whether this can be half of a pair: 32 bytes as Z85."""
    try:
        return len(text) == Z85_CHARACTERS and len(z85.decode(text)) == 32
    except (ValueError, KeyError, UnicodeEncodeError, ArithmeticError):
        return False


def fingerprint(public: str) -> str:
    """What people compare by eye: the first 128 bits of SHA-256 over the 32 bytes of a public key, `1f3a-09bc-...`."""
    digest = hashlib.sha256(z85.decode(public)).hexdigest()
    return "-".join(digest[at : at + 4] for at in range(0, 32, 4))


def folder() -> Path:
    """Where keys are kept on this machine."""
    return places.config_directory() / "keys"


def public_path(name: str = SERVER) -> Path:
    """The file of a public key alone."""
    return folder() / f"{name}.key"


def secret_path(name: str = SERVER) -> Path:
    """The file of a pair."""
    return folder() / f"{name}.key_secret"


def write_public(path: Path, public: str) -> None:
    """A file for everybody. OSError."""
    write_atomically(path, HEAD.format(kind="public", fingerprint=fingerprint(public), public=public).encode(), mode=PUBLIC)


def write_pair(path: Path, pair: Pair, mode: int = PRIVATE, group: int = KEPT_GROUP) -> None:
    """A file for its owner, and with SHARED for `group`. A folder that it makes is for everybody to enter. OSError."""
    head = HEAD.format(kind="secret", fingerprint=fingerprint(pair.public), public=pair.public)
    write_atomically(path, (head + SECRET.format(secret=pair.secret)).encode(), mode=mode, group=group)


def load_public(path: Path) -> str:
    """The public key in a file of either kind, or KeyRefused."""
    return _load(path)[0]


def load_pair(path: Path, group_may_read: bool = False) -> Pair:
    """The pair in a file that only its owner can read (and its group, when that is allowed); KeyRefused."""
    public, secret, mode = _load(path)
    if not secret:
        raise KeyRefused(f"{path}: holds a public key only; the secret is in a file that ends in .key_secret")
    if mode & (0o027 if group_may_read else 0o077):
        raise KeyRefused(
            f"{path}: its mode is {mode:04o}, so others may have read this secret; make a new pair "
            f"(or `chmod {SHARED if group_may_read else PRIVATE:o} {path}` if you know that nobody has)"
        )
    if zmq.curve_public(secret.encode()).decode() != public:
        raise KeyRefused(f"{path}: its public key does not belong to its secret key; make a new pair")
    return Pair(public, secret)


def _load(path: Path) -> tuple[str, str, int]:
    """Public key, secret key (empty when there is none), and the mode of the very file they were read from; KeyRefused."""
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            text = file.read(FILE_BYTES).decode("ascii", "replace")
    except OSError as reason:
        raise KeyRefused(f"{path}: {reason.strerror}") from None
    fields = dict(_field(line) for line in text.splitlines() if "=" in line and not line.lstrip().startswith("#"))
    public, secret = fields.get("public-key", ""), fields.get("secret-key", "")
    if not is_key(public) or (secret and not is_key(secret)):
        raise KeyRefused(f"{path}: not a key file; `masterctl keys` makes them")
    return public, secret, mode


def _field(line: str) -> tuple[str, str]:
    name, _, value = line.partition("=")
    return name.strip(), value.strip().strip("\"'")
