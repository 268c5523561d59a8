"""Who may connect to a daemon over the network, and as what: CONFIG/clients.toml, written by `masterctl keys`.

    [[client]]
    name = "studio"
    public_key = "hE!..."
    role = "operator"
    added = 2026-03-14
    note = "desk 2"

The file is used whole or not at all, and a running daemon follows it.
"""

from __future__ import annotations

import contextlib
import datetime
import fcntl
import json
import os
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from masterd.control import places
from masterd.control.errors import MasterdError
from masterd.control.files import write_atomically
from masterd.control.keys import PUBLIC, is_key
from masterd.control.protocol.roles import Role

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}")
NOTE_CHARACTERS = 200
MOST_CLIENTS = 1000
FILE_BYTES = 1 << 20
HEAD = "# Who may connect to masterd over the network. `masterctl keys` writes this file; a running daemon follows it at once.\n"
KEYS = {"name": str, "public_key": str, "role": str, "added": datetime.date, "note": str}


class TrustRefused(MasterdError):
    """clients.toml, or a change of it, cannot be used; the text names everything that is wrong."""

    code = "trust_refused"


@dataclass(frozen=True, slots=True)
class TrustedClient:
    """One client: its name is unique, and so is its public key (Z85)."""

    name: str
    public_key: str
    role: Role
    added: datetime.date
    note: str = ""


def path() -> Path:
    """Where the list is on this machine."""
    return places.config_directory() / "clients.toml"


def role_named(text: str) -> Role:
    """viewer, operator or admin; ValueError."""
    for role in Role:
        if text == str(role):
            return role
    raise ValueError(f"role {text[:80]!r} is not {', '.join(map(str, Role))}")


def read(file: Path) -> dict[str, TrustedClient]:
    """The clients by public key; none when there is no file. TrustRefused names every problem."""
    try:
        with file.open("rb") as opened:
            if os.fstat(opened.fileno()).st_mode & 0o002:
                raise TrustRefused(f"{file}: everybody can write to it, and so make himself admin; `chmod o-w {file}`")
            content = opened.read(FILE_BYTES + 1)
        if len(content) > FILE_BYTES:
            raise TrustRefused(f"{file}: longer than {FILE_BYTES} bytes")
        if not content:  # an editor has just emptied it and is about to write
            raise TrustRefused(f"{file}: is empty; `masterctl keys revoke` leaves a list without clients in order")
        return _clients(tomllib.loads(content.decode()), str(file))
    except FileNotFoundError:
        return {}
    except OSError as reason:
        raise TrustRefused(f"{file}: {reason.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as reason:
        raise TrustRefused(f"{file}: not TOML: {reason}") from None


def _clients(document: dict[str, Any], where: str) -> dict[str, TrustedClient]:
    entries = document.pop("client", [])
    problems = [f"unknown key {name!r}; there are only [[client]] tables" for name in document]
    if not isinstance(entries, list) or len(entries) > MOST_CLIENTS:
        raise TrustRefused(f"{where}: client: must be up to {MOST_CLIENTS} tables [[client]]")
    made: dict[str, TrustedClient] = {}
    for at, entry in enumerate(entries, 1):
        try:
            client = _client(entry)
            if client.public_key in made or client.name in {it.name for it in made.values()}:
                raise ValueError(f"{client.name}: this name or key is there a second time")
            made[client.public_key] = client
        except ValueError as reason:
            problems.append(f"client {at}: {reason}")
    if problems:
        raise TrustRefused("\n  ".join([f"{where}: nothing of it is used:", *problems]))
    return made


def _client(entry: Any) -> TrustedClient:
    """One table, or ValueError."""
    if not isinstance(entry, dict):
        raise ValueError("must be a table [[client]]")
    for name, value in entry.items():
        if name not in KEYS or not isinstance(value, KEYS[name]):
            raise ValueError(f"{name}: {str(value)[:80]}; there are the texts name, public_key, role, note, and the date added")
    if missing := [name for name in KEYS if name not in entry and name != "note"]:
        raise ValueError(f"{', '.join(missing)} missing")
    return checked(TrustedClient(**{**entry, "role": role_named(entry["role"])}))


def checked(client: TrustedClient) -> TrustedClient:
    """`client` if it can be in the list, or ValueError."""
    if not NAME.fullmatch(client.name):
        raise ValueError(f"name {client.name[:80]!r}: up to 32 letters, digits and _ . -")
    if not is_key(client.public_key):
        raise ValueError(f"public_key of {client.name}: not a key of 40 characters (Z85)")
    if len(client.note) > NOTE_CHARACTERS or not client.note.isprintable():
        raise ValueError(f"note of {client.name}: at most {NOTE_CHARACTERS} printable characters")
    return client


def write(file: Path, clients: dict[str, TrustedClient]) -> None:
    """Replaces the list. OSError."""
    write_atomically(file, "\n".join([HEAD, *(_table(it) for it in clients.values())]).encode(), mode=PUBLIC)


def _table(client: TrustedClient) -> str:
    texts = {"name": client.name, "public_key": client.public_key, "role": str(client.role)}
    lines = [f"{name} = {_quoted(text)}" for name, text in texts.items()]
    lines += [f"added = {client.added.isoformat()}", f"note = {_quoted(client.note)}"]
    return "\n".join(["[[client]]", *lines]) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # of printable text a TOML string as well


@contextlib.contextmanager
def changed(file: Path) -> Iterator[dict[str, TrustedClient]]:
    """The list to be changed, written at the end unless something is raised; one at a time may. TrustRefused, OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        clients = read(file)
        yield clients
        write(file, clients)
    finally:
        os.close(handle)


def trust(file: Path, client: TrustedClient) -> None:
    """Adds a client. TrustRefused when its name or key is in the list already; OSError."""
    try:
        checked(client)
    except ValueError as reason:
        raise TrustRefused(str(reason)) from None
    with changed(file) as clients:
        for known in clients.values():
            if known.name == client.name or known.public_key == client.public_key:
                raise TrustRefused(
                    f"{known.name!r} is trusted already, as {known.role}; `masterctl keys revoke {known.name}` first"
                )
        clients[client.public_key] = client


def revoke(file: Path, name: str) -> TrustedClient:
    """Takes a client out; it was the one returned. TrustRefused when there is none; OSError."""
    with changed(file) as clients:
        for key, client in clients.items():
            if client.name == name:
                return clients.pop(key)
        names = ", ".join(it.name for it in clients.values()) or "none"
        raise TrustRefused(f"no client {name!r} is trusted; there are: {names}")
