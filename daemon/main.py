"""The command `masterd`: the daemon and the offline engine. What a command needs is imported when it runs."""

from __future__ import annotations

import gc
import importlib
import os
from typing import Any

import click

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # its threads would wait in a circle for work that never comes

LAZY = {
    "run": ("masterd.daemon.commands.run:run", "Take a programme, master it, hand it on; turned by masterctl, MIDI and clients."),
    "render": ("masterd.daemon.commands.render:render", "Master a file offline, with the same engine."),
    "measure": ("masterd.daemon.commands.measure:measure", "Loudness, range and peaks of files."),
    "analyse": ("masterd.daemon.commands.analyse:analyse", "What is unusual about a file, why, and what could be done."),
    "preview": ("masterd.daemon.commands.preview:preview", "What codecs make of a file, and what they changed."),
    "translate": ("masterd.daemon.commands.preview:translate", "What is left of a file on other loudspeakers."),
    "replay": ("masterd.daemon.commands.replay:replay", "Render a recorded session again, to the same bits."),
    "devices": ("masterd.daemon.commands.devices:devices", "List what sound can come from and go to."),
    "doctor": ("masterd.daemon.commands.doctor:doctor", "Check this machine for what a live daemon needs."),
}


class LazyGroup(click.Group):
    """Knows its commands' names and one line about each; imports one when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order a person meets them."""
        return list(LAZY)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """The command, imported."""
        if name not in LAZY:
            return None
        module, _, attribute = LAZY[name][0].partition(":")
        command: click.Command = getattr(imported(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, help) for name, (_, help) in LAZY.items()])


def imported(module: str) -> Any:
    """What modules make stays until the end: nobody looks for garbage in it, neither meanwhile nor later."""
    gc.disable()
    try:
        return importlib.import_module(module)
    finally:
        gc.freeze()
        gc.enable()


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="masterd", prog_name="masterd")
def main() -> None:
    """Live mastering for broadcast: the daemon and the offline engine."""


if __name__ == "__main__":
    main()
