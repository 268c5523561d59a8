"""keys: who may connect over the network. Work on files of this machine; a running daemon follows at once."""

from __future__ import annotations

import datetime
import grp
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import click

from masterd.control import keys as files, trust as trusting
from masterd.control.cli.hand import Hand, json_option, pass_hand
from masterd.control.keys import SERVER, KeyRefused, Pair
from masterd.control.protocol.roles import Role
from masterd.control.text import columns
from masterd.control.trust import NAME, TrustedClient, TrustRefused

SERVICE_GROUP = "masterd"
SAFE_WAY = "by a safe way, such as scp"

role_choice = click.Choice([str(it) for it in Role])
note_option = click.option("--note", default="", help="Whose it is, for people.")


@contextmanager
def file_work() -> Iterator[None]:
    """What the disk refuses becomes an error that says what to do."""
    try:
        yield
    except OSError as reason:
        raise KeyRefused(f"{reason.filename}: {reason.strerror}; become root, or the daemon's user") from None


@click.group()
def keys() -> None:
    """Makes keys for the network, and says who is trusted as what."""


@keys.command()
@click.argument("name")
@click.option("--role", type=role_choice, help="Trust it on this machine as well: what it may do.")
@note_option
@json_option
@pass_hand
def new(hand: Hand, name: str, role: str | None, note: str) -> None:
    """Makes a key for a client. With --role, on the daemon's machine, the client is trusted at once; without, on the client's
    own machine, the secret never travels, and `masterctl keys trust` tells the daemon."""
    with file_work():
        pair = made(name)
        if role:
            server = server_pair()
            try:
                trusting.trust(trusting.path(), TrustedClient(name, pair.public, trusting.role_named(role), today(), note))
            except TrustRefused:
                files.secret_path(name).unlink()
                raise
    secret = files.secret_path(name)
    told = [f"made {secret}"]
    if role:
        told += [
            f"{name} is trusted as {role}. Carry to {files.folder()} or ~/.config/masterd/keys of its machine, {SAFE_WAY}:",
            f"  {secret}   and remove it here",
            f"  {files.public_path()}   fingerprint {files.fingerprint(server.public)}",
        ]
    else:
        told += ["On the daemon's machine:", f"  masterctl keys trust '{pair.public}' --name {name} --role operator"]
    tell(hand, {"name": name, "public_key": pair.public, "secret_file": str(secret), "role": role}, told)


def today() -> datetime.date:
    """In UTC."""
    return datetime.datetime.now(datetime.UTC).date()


def made(name: str) -> Pair:
    """A new client's pair in its file; KeyRefused when there is one."""
    if name == SERVER or not NAME.fullmatch(name):
        raise KeyRefused(f"{name[:80]!r}: a name has up to 32 letters, digits and _ . -, and is not {SERVER!r}")
    path = files.secret_path(name)
    if path.exists():
        raise KeyRefused(f"{path} is there already; to replace it: `masterctl keys revoke {name}`, and remove the file")
    make_folder()
    pair = files.new_pair()
    files.write_pair(path, pair)
    return pair


def make_folder() -> None:
    """The folder of the keys: everybody may enter, each file protects itself."""
    if not files.folder().exists():
        files.folder().mkdir(parents=True)
        files.folder().chmod(0o755)


def server_pair() -> Pair:
    """The daemon's pair, made when there is none; for root the service's group may read it."""
    if files.secret_path().exists():
        return files.load_pair(files.secret_path(), group_may_read=True)
    make_folder()
    pair, group = files.new_pair(), service_group()
    if group is None:
        files.write_pair(files.secret_path(), pair)
    else:
        files.write_pair(files.secret_path(), pair, files.SHARED, group)
    files.write_public(files.public_path(), pair.public)
    return pair


def service_group() -> int | None:
    """The group of the system's service, when root makes keys for it."""
    try:
        return grp.getgrnam(SERVICE_GROUP).gr_gid if os.geteuid() == 0 else None
    except KeyError:
        return None


@keys.command()
@json_option
@pass_hand
def server(hand: Hand) -> None:
    """Makes the daemon's own key when there is none, and shows what clients need of it."""
    with file_work():
        pair = server_pair()
        files.write_public(files.public_path(), pair.public)
    mark = files.fingerprint(pair.public)
    told = [f"public key   {pair.public}", f"fingerprint  {mark}", f"for clients  {files.public_path()}"]
    tell(hand, {"public_key": pair.public, "fingerprint": mark, "public_file": str(files.public_path())}, told)


@keys.command("list")
@json_option
@pass_hand
def list_keys(hand: Hand) -> None:
    """Who is trusted, as what, since when."""
    clients = trusting.read(trusting.path()).values()
    if hand.json:
        hand.print_json([as_object(it) for it in clients])
    elif clients:
        rows = [(it.name, str(it.role), it.added.isoformat(), files.fingerprint(it.public_key), it.note) for it in clients]
        click.echo(columns([("NAME", "ROLE", "ADDED", "FINGERPRINT", "NOTE"), *rows]))
    else:
        click.echo("nobody is trusted; masterctl keys new NAME --role operator")


def as_object(it: TrustedClient) -> dict[str, str]:
    """For --json."""
    mark = files.fingerprint(it.public_key)
    return {
        "name": it.name,
        "role": str(it.role),
        "added": it.added.isoformat(),
        "public_key": it.public_key,
        "fingerprint": mark,
        "note": it.note,
    }


@keys.command()
@click.argument("name")
@json_option
@pass_hand
def revoke(hand: Hand, name: str) -> None:
    """Trusts a client no longer: a running daemon ends its connections at once."""
    with file_work():
        it = trusting.revoke(trusting.path(), name)
    tell(hand, as_object(it), [f"{name} ({it.role}) is not trusted any more"])


@keys.command()
@click.argument("key", metavar="FILE|KEY")
@click.option("--name", required=True, help="What to call it.")
@click.option("--role", required=True, type=role_choice, help="What it may do.")
@note_option
@json_option
@pass_hand
def trust(hand: Hand, key: str, name: str, role: str, note: str) -> None:
    """Trusts a client whose public key was made elsewhere: the key itself, or a file that holds it."""
    public = key if files.is_key(key) else files.load_public(Path(key))
    it = TrustedClient(name, public, trusting.role_named(role), today(), note)
    with file_work():
        trusting.trust(trusting.path(), it)
    tell(hand, as_object(it), [f"{name} is trusted as {role}, fingerprint {files.fingerprint(public)}"])


def tell(hand: Hand, fields: Mapping[str, str | None], lines: list[str]) -> None:
    """For programs, or for people."""
    if hand.json:
        hand.print_json({name: value for name, value in fields.items() if value is not None})
    else:
        click.echo("\n".join(lines))
