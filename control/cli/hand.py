"""What every command of masterctl shares: the client, --json, and how errors are told."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click
import msgspec

from masterd.control.cli.where import Where
from masterd.control.errors import MasterdError

if TYPE_CHECKING:
    from masterd.control.address import Address
    from masterd.control.client import Client
    from masterd.control.protocol import Answer

F = TypeVar("F", bound=Callable[..., Any])


class Hand:
    """The options that hold for all commands, and the connection."""

    def __init__(self) -> None:
        self.where = Where()
        self.timeout_s = 2.0
        self.json = False
        self._address: Address | None = None
        self._client: Client | None = None

    @property
    def address(self) -> Address:
        """Where the daemon is that the options mean; what is wrong with them is raised here."""
        if self._address is None:
            self._address = self.where.address()
        return self._address

    @property
    def client(self) -> Client:
        """The connection to the daemon, made once."""
        if self._client is None:
            from masterd.control.client import Client

            self._client = Client(self.address, self.timeout_s, origin="masterctl")
        return self._client

    def close(self) -> None:
        """Ends the connection."""
        if self._client is not None:
            self._client.close()

    def print_json(self, value: Any) -> None:
        """One line of JSON; lists get one line per element."""
        if isinstance(value, list):
            lines = ",\n ".join(to_json(element) for element in value)
            click.echo(f"[{lines}]")
        else:
            click.echo(to_json(value))

    def done(self, answer: Answer, told: str = "") -> None:
        """The answer of a command that changed something: its result with the revision, or a line for people."""
        if self.json:
            result = answer.result if isinstance(answer.result, dict) else {}
            self.print_json({**result, "revision": answer.revision})
        elif told:
            click.echo(told)

    def report(self, error: MasterdError) -> None:
        """Says why nothing happened, on stderr, and with --json on stdout."""
        click.echo(f"masterctl: {error}", err=True)
        if self.json:
            body = {"code": error.code, "message": str(error), "parameter": error.parameter}
            self.print_json({"error": {key: value for key, value in body.items() if value is not None}})


def to_json(value: Any) -> str:
    """Compact JSON."""
    return msgspec.json.encode(value).decode()


def _remember_json(ctx: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value:
        ctx.ensure_object(Hand).json = True


def json_option(command: F) -> F:
    """The option --json; `hand.json` says whether it was given."""
    return click.option(
        "--json", is_flag=True, expose_value=False, is_eager=True, callback=_remember_json, help="Machine-readable output."
    )(command)


pass_hand = click.make_pass_decorator(Hand, ensure=True)
