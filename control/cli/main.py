"""masterctl: turns and watches a running daemon."""

from __future__ import annotations

import importlib
from typing import Any

import click

from masterd.control.cli.hand import Hand
from masterd.control.cli.where import host_names, where
from masterd.control.errors import Forbidden, MasterdError, UnknownKey, Unreachable, WrongServerKey
from masterd.control.places import DEFAULT_NAME

COMMANDS = {
    "describe": "values",
    "get": "values",
    "set": "values",
    "adjust": "values",
    "undo": "values",
    "redo": "values",
    "preset": "presets",
    "watch": "watch",
    "status": "status",
    "whoami": "guarding",
    "lock": "guarding",
    "unlock": "guarding",
    "confirm": "guarding",
    "revert": "guarding",
    "audit": "guarding",
    "keys": "keys",
    "meters": "meters",
    "tui": "tui",
    "midi": "midi",
    "osc": "osc",
    "metrics": "metrics",
    "monitor": "monitor",
    "hosts": "hosts",
    "fleet": "fleet",
    "discover": "discover",
    "announce": "announce",
    "analyse": "analyse",
    "apply": "analyse",
    "completion": "completion",
}
"""In which file of this folder each command is."""


class Masterctl(click.Group):
    """Loads a command's file when the command is called, and turns errors into exit codes."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of COMMANDS."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Imports the command."""
        if name not in COMMANDS:
            return None
        command: click.Command = getattr(importlib.import_module(f"masterd.control.cli.{COMMANDS[name]}"), name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command; the exit code says what became of it."""
        hand: Hand = ctx.ensure_object(Hand)
        try:
            return super().invoke(ctx)
        except MasterdError as error:
            hand.report(error)
            ctx.exit(exit_code(error))
        except KeyboardInterrupt:
            ctx.exit(130)
        finally:
            hand.close()


def exit_code(error: MasterdError) -> int:
    """1 refused, 3 no daemon answers, 4 not allowed."""
    if isinstance(error, UnknownKey | WrongServerKey | Forbidden):
        return 4
    return 3 if isinstance(error, Unreachable) else 1


@click.group(
    cls=Masterctl,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done; 1 refused, and nothing was changed (the reason is on stderr, and with --json on stdout as "
    '{"error": {"code", "message", "parameter"}}); 2 wrong usage; 3 no daemon answers; 4 not allowed: the key is '
    "not known, its role is not enough, or the daemon has another key.",
)
@click.option("--name", default=DEFAULT_NAME, show_default=True, help="Which daemon of this machine.")
@click.option(
    "--host",
    default="",
    envvar="MASTERD_HOST",
    metavar="NAME|tcp://HOST[:PORT]",
    shell_complete=host_names,
    help="Which daemon of the network: its name in `masterctl hosts`, or where it is.",
)
@click.option(
    "--server-key", default="", envvar="MASTERD_SERVER_KEY", metavar="KEY|FILE", help="With tcp://, the daemon's public key."
)
@click.option("--key", default="", envvar="MASTERD_KEY", metavar="NAME|FILE", help="With tcp://, your own key.")
@click.option("--timeout", default=2.0, show_default=True, metavar="SECONDS", help="How long to wait for an answer.")
@click.version_option(package_name="masterd", prog_name="masterctl")
@click.pass_context
def cli(ctx: click.Context, name: str, host: str, server_key: str, key: str, timeout: float) -> None:
    """Turns and watches a running masterd.

    \b
    masterctl set limiter.ceiling_dbtp -2         one parameter
    masterctl set eq.3.on on eq.3.gain_db 1.5     several, all or nothing
    masterctl get 'eq.3.*'                        read some
    masterctl preset load speech --glide-ms 2000
    masterctl meters                              live bars
    masterctl --host berlin status                a daemon of the network
    """
    hand: Hand = ctx.ensure_object(Hand)
    hand.where, hand.timeout_s = where(ctx, name, host, server_key, key), timeout


def main() -> None:
    """Entry point of the command `masterctl`."""
    cli(prog_name="masterctl")


if __name__ == "__main__":
    main()
