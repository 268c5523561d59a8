"""Which daemon a command means: --name on this machine, --host from hosts.toml, or --host tcp://... with keys."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click
from click.core import ParameterSource
from click.shell_completion import CompletionItem

from masterd.control.address import Address
from masterd.control.errors import MasterdError
from masterd.control.places import DEFAULT_NAME

TCP = "tcp://"


@dataclass(frozen=True, slots=True)
class Where:
    """The options as they were given; none means the daemon `main` of this machine."""

    name: str = DEFAULT_NAME
    host: str = ""
    server_key: str = ""
    key: str = ""

    def address(self) -> Address:
        """Where the daemon is. UnknownHost, ConfigRefused, KeyRefused, or a usage error."""
        if not self.host:
            return Address(self.name)
        from masterd.control import hosts

        if not self.host.startswith(TCP):
            return hosts.named(hosts.load(hosts.path()), self.host).reach(self.host)
        if not (self.server_key and self.key):
            raise click.UsageError("--host tcp://... needs --server-key and --key as well, or MASTERD_SERVER_KEY and MASTERD_KEY")
        return self._with_keys()

    def _with_keys(self) -> Address:
        from masterd.control.address import Keys, split_host
        from masterd.control.hosts import key_file
        from masterd.control.keys import load_pair

        try:
            host, port = split_host(self.host.removeprefix(TCP))
        except ValueError as error:
            raise click.UsageError(f"--host: {error}") from None
        return Address(host, host, port, Keys(public_key(self.server_key), load_pair(key_file(self.key))))


def public_key(given: str) -> str:
    """A public key typed as its 40 characters, or as the path of its file; KeyRefused."""
    from masterd.control.keys import is_key, load_public

    return given if is_key(given) else load_public(Path(given).expanduser())


def where(ctx: click.Context, name: str, host: str, server_key: str, key: str) -> Where:
    """The options, of which --name and --host say the same thing: what is typed wins over the environment."""
    typed = {it for it in ("name", "host") if ctx.get_parameter_source(it) is ParameterSource.COMMANDLINE}
    if typed == {"name", "host"}:
        raise click.UsageError("--name is a daemon of this machine, --host one of the network: give one of them")
    return Where(name, "" if "name" in typed else host, server_key, key)


def host_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Hosts of hosts.toml that begin as typed."""
    from masterd.control import hosts

    try:
        known = hosts.load(hosts.path())
    except MasterdError:
        return []
    return [CompletionItem(name, help=host.note or host.where) for name, host in known.items() if name.startswith(incomplete)]
