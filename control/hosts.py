"""The daemons a person works with from this machine: CONFIG/hosts.toml, read whole or refused with everything that is wrong.

[host.berlin]
address = "berlin.example"         # a name or an IP address
port = 5570                        # ctl; events and meters are on the next two
server_key = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"
key = "studio"                     # mine: CONFIG/keys/studio.key_secret, or a path
groups = ["fm", "north"]
note = "transmitter, rack 2"

[host.desk]
local = "main"                     # a daemon of this machine instead: no address, no keys
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from masterd.control import keys, places
from masterd.control.address import DEFAULT_PORT, LAST_PORT, Address, Keys, split_host, tcp_endpoint
from masterd.control.errors import MasterdError
from masterd.control.toml_keys import NAME, key as entry, optional_name, text, texts, whole
from masterd.control.toml_tables import (
    ConfigRefused,
    Problem,
    document,
    lines_of,
    read_table,
    read_text,
    unknown,
)

EVERYONE = "all"


class UnknownHost(MasterdError):
    """hosts.toml has no such host or group."""

    code = "unknown_host"


def _host(value: Any) -> str:
    host, port = split_host(text(value)) if value else ("", DEFAULT_PORT)
    if port != DEFAULT_PORT:
        raise ValueError
    return host


def _server_key(value: Any) -> str:
    if value and not keys.is_key(text(value)):
        raise ValueError
    return text(value)


def _groups(value: Any) -> tuple[str, ...]:
    groups = texts(value)
    if not all(NAME.fullmatch(it) for it in groups):
        raise ValueError
    return groups


@dataclass(frozen=True, slots=True)
class Host:
    """One daemon, as a table of the file."""

    address: str = entry("", "a host name or an IP address; the port has a key of its own", _host)
    port: int = entry(DEFAULT_PORT, f"a whole number from 1 to {LAST_PORT}", whole(1, LAST_PORT))
    server_key: str = entry(
        "", "the 40 characters of the daemon's public key, as `masterctl keys list` shows it there", _server_key
    )
    key: str = entry("", "the name of one of your keys, or the path of its .key_secret file", text)
    local: str = entry("", "the name of a daemon of this machine", optional_name)
    groups: tuple[str, ...] = entry((), "a list of names: up to 32 letters, digits, - and _ each", _groups)
    note: str = entry("", "a text on one line", text)

    def reach(self, name: str) -> Address:
        """Where it is; keys.KeyRefused when one's own key cannot be used."""
        if self.local:
            return Address(self.local)
        return Address(name, self.address, self.port, Keys(self.server_key, keys.load_pair(key_file(self.key))))

    @property
    def where(self) -> str:
        """For people."""
        return f"{self.local} on this machine" if self.local else tcp_endpoint(self.address, self.port)


def key_file(named: str) -> Path:
    """The file of one's own pair: a path as it is, a plain name in the folder of keys."""
    return Path(named).expanduser() if "/" in named else keys.secret_path(named)


def path() -> Path:
    """Where the list is on this machine."""
    return places.config_directory() / "hosts.toml"


def load(path: Path) -> dict[str, Host]:
    """All hosts by name; none when there is no file. ConfigRefused."""
    return parse(read_text(path), str(path)) if path.exists() else {}


def parse(toml: str, where: str = "hosts") -> dict[str, Host]:
    """All hosts in a text, or ConfigRefused."""
    tables = document(toml, where)
    lines = lines_of(toml)
    problems = [Problem(it, unknown("table", it, {"host.NAME": 0})) for it in tables if it != "host"]
    given = tables.get("host", {})
    hosts: dict[str, Host] = {}
    if not isinstance(given, dict):
        problems.append(Problem("host", "must be tables: [host.NAME]"))
        given = {}
    for name, table in given.items():
        host, wrong = _read(name, table)
        problems += wrong
        if host:
            hosts[name] = host
    problems += _ambiguous(hosts)
    if problems:
        problems = [dataclasses.replace(it, line=lines.get(it.key, 0)) for it in problems]
        raise ConfigRefused(where, sorted(problems, key=lambda it: it.line))
    return hosts


def _read(name: str, table: Any) -> tuple[Host | None, list[Problem]]:
    where = f"host.{name}"
    if not NAME.fullmatch(name) or name == EVERYONE:
        return None, [Problem(where, f"a name has up to 32 letters, digits, - and _, and is not {EVERYONE}")]
    if not isinstance(table, dict):
        return None, [Problem(where, f"must be a table: [{where}]")]
    values, problems = read_table(where, Host, table)
    problems += [Problem(where, what) for what in _missing(set(table))]
    return (None, problems) if problems else (Host(**values), [])


def _missing(given: set[str]) -> Iterator[str]:
    if ("address" in given) == ("local" in given):
        yield "needs an address, or else local: the name of a daemon of this machine"
    elif "address" in given:
        yield from (f"needs {it}: there is no connection without keys" for it in ("server_key", "key") if it not in given)


def _ambiguous(hosts: Mapping[str, Host]) -> Iterator[Problem]:
    for name, host in hosts.items():
        for group in host.groups:
            if group in hosts or group == EVERYONE:
                taken = "everybody" if group == EVERYONE else "a host"
                yield Problem(f"host.{name}.groups", f"{group!r} cannot be a group: it means {taken}")


def named(hosts: Mapping[str, Host], name: str) -> Host:
    """One host, or UnknownHost."""
    if name not in hosts:
        raise UnknownHost(f"{path()} has no host {name!r}: {unknown('name', name, hosts) if hosts else 'it has none yet'}")
    return hosts[name]


def chosen(hosts: Mapping[str, Host], words: str) -> dict[str, Host]:
    """Hosts by names and groups with commas between, or `all`, each once, in the file's order. UnknownHost."""
    groups = {group for host in hosts.values() for group in host.groups}
    wanted: set[str] = set()
    for word in filter(None, (it.strip() for it in words.split(","))):
        if word == EVERYONE:
            wanted |= set(hosts)
        elif word in groups:
            wanted |= {name for name, host in hosts.items() if word in host.groups}
        else:
            named({**hosts, **dict.fromkeys(groups, Host())}, word)
            wanted.add(word)
    if not wanted:
        raise UnknownHost(f"{path()}: {words!r} chooses no host")
    return {name: host for name, host in hosts.items() if name in wanted}
