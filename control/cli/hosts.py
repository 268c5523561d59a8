"""hosts: the daemons of the network that --host and fleet know by name."""

from __future__ import annotations

from typing import Any

import click

from masterd.control.cli.hand import Hand, json_option, pass_hand
from masterd.control.cli.where import host_names, public_key
from masterd.control.text import columns


@click.group()
def hosts() -> None:
    """Lists, adds and removes the daemons of the network, in hosts.toml of the configuration folder."""


@hosts.command("list")
@json_option
@pass_hand
def list_hosts(hand: Hand) -> None:
    """What --host and fleet know."""
    from masterd.control import hosts

    known = hosts.load(hosts.path())
    if hand.json:
        hand.print_json([as_object(name, host) for name, host in known.items()])
    elif not known:
        click.echo(f"none yet, in {hosts.path()}; `masterctl hosts add` puts one in, `masterctl discover` looks for some")
    else:
        rows = [("NAME", "WHERE", "FINGERPRINT", "MY KEY", "GROUPS", "NOTE")]
        rows += [(name, it.where, prints(it), it.key or "-", ",".join(it.groups) or "-", it.note) for name, it in known.items()]
        click.echo(columns(rows))


@hosts.command()
@click.argument("name")
@click.argument("address", metavar="HOST[:PORT]")
@click.option("--server-key", required=True, metavar="KEY|FILE", help="The daemon's public key: 40 characters, or its .key file.")
@click.option("--key", required=True, metavar="NAME|FILE", help="Your key: its name among your keys, or its .key_secret file.")
@click.option("--group", "groups", multiple=True, help="A group it belongs to; may be given several times.")
@click.option("--note", default="", help="A text for people.")
@click.option("--replace", is_flag=True, help="In place of one that has this name.")
@json_option
@pass_hand
def add(
    hand: Hand, name: str, address: str, server_key: str, key: str, groups: tuple[str, ...], note: str, replace: bool
) -> None:
    """Adds a daemon of the network, and shows its key's fingerprint: compare it with what `masterctl keys list` says there."""
    from masterd.control import hosts
    from masterd.control.address import split_host
    from masterd.control.hosts_write import change
    from masterd.control.keys import load_pair

    if name in hosts.load(hosts.path()) and not replace:
        raise click.UsageError(f"there is a host {name!r} already; --replace puts this one in its place")
    try:
        host_name, port = split_host(address)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    host = hosts.Host(host_name, port, public_key(server_key), key, groups=tuple(dict.fromkeys(groups)), note=note)
    load_pair(hosts.key_file(key))  # says now what is wrong with it
    change(hosts.path(), name, host)
    if hand.json:
        hand.print_json(as_object(name, host))
    else:
        click.echo(f"{name}: {host.where}, its key has the fingerprint {prints(host)}")


@hosts.command()
@click.argument("name", shell_complete=host_names)
@pass_hand
def remove(hand: Hand, name: str) -> None:
    """Takes a daemon out of the list."""
    from masterd.control import hosts
    from masterd.control.hosts_write import change

    hosts.named(hosts.load(hosts.path()), name)
    change(hosts.path(), name, None)


def prints(host: Any) -> str:
    """The fingerprint of its server key."""
    from masterd.control.keys import fingerprint

    return fingerprint(host.server_key) if host.server_key else "-"


def as_object(name: str, host: Any) -> dict[str, Any]:
    """What --json says of a host."""
    common = {"name": name, "groups": list(host.groups), "note": host.note}
    if host.local:
        return {**common, "local": host.local}
    return {**common, "address": host.address, "port": host.port, "fingerprint": prints(host), "key": host.key}
