"""Options of the commands that listen on the network: where, and to whom."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from typing import Any

import click


def _address(ctx: click.Context, parameter: click.Parameter, value: str) -> str:
    try:
        return str(ipaddress.ip_address(value))
    except ValueError:
        raise click.BadParameter(f"{value!r} is no IP address") from None


def _networks(ctx: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        try:
            ipaddress.ip_network(value, strict=False)
        except ValueError:
            raise click.BadParameter(f"{value!r} is neither an IP address nor a network like 192.168.1.0/24") from None
    return values


listen_option = click.option(
    "--listen",
    default="127.0.0.1",
    show_default=True,
    metavar="ADDRESS",
    callback=_address,
    help="The address of this machine to listen on; beyond loopback only with --allow.",
)
allow_option = click.option(
    "--allow",
    multiple=True,
    metavar="ADDRESS|NETWORK",
    callback=_networks,
    help="Who may come, besides this machine: 192.168.1.7, or 192.168.1.0/24. Any number of times.",
)


def port_option(default: int) -> Callable[[Any], Any]:
    """The option --port."""
    return click.option(
        "--port", type=click.IntRange(0, 65535), default=default, show_default=True, help="The port; 0 is any that is free."
    )
