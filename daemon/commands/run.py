"""`masterd run`: starts the daemon in the foreground and says where to go from here."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from pathlib import Path
from typing import Any

import click

from masterd.control import places
from masterd.control.errors import MasterdError
from masterd.daemon import config, logs

CANNOT_START = 1
CONFIG_REFUSED = 78  # EX_CONFIG: systemd is told not to try again
ALREADY_RUNNING = 69  # EX_UNAVAILABLE


def split(arguments: tuple[str, ...]) -> tuple[Path | None, tuple[str, ...]]:
    """The configuration, if the first argument is one, and the files."""
    if arguments and arguments[0].endswith(".toml"):
        return Path(arguments[0]), arguments[1:]
    return None, arguments


def overrides(
    name: str | None, host: str | None, device: str | None, input_device: str | None, files: tuple[str, ...]
) -> dict[str, Any]:
    """What the command line says in place of the file."""
    paths = [str(Path(it).absolute()) for it in files] or None
    audio = {"audio.host": host, "audio.device": device, "audio.input_device": input_device}
    given = {"daemon.name": name, **audio, "source.files": paths}
    return {key: value for key, value in given.items() if value is not None}


def read(path: Path | None, name: str | None, given: dict[str, Any]) -> config.Config:
    """The configuration: the file named, else NAME.toml in the configuration folder if there is one. ConfigRefused."""
    usual = places.config_directory() / f"{name or places.DEFAULT_NAME}.toml"
    if path is None and not usual.exists():
        return config.parse("", "command line", given)
    return config.load(path or usual, given)


def banner(desk: Any) -> str:
    """What a person wants to know first."""
    air, name = desk.air.status(), desk.name
    latency_ms = 1000 * air.latency_frames / air.sample_rate_hz
    other = "" if name == places.DEFAULT_NAME else f" --name {name}"
    return "\n".join(
        [
            f"masterd {desk.version} is on air as {name!r}.",
            f"  host     {air.host} ({air.state}), device {air.device or 'default'}",
            f"  audio    {air.sample_rate_hz / 1000:g} kHz, blocks of {air.block_frames}, "
            f"latency {latency_ms:.1f} ms ({air.latency_frames} frames, {air.latency})",
            f"  preset   {desk.state.preset}" + (" (changed)" if desk.state.dirty else ""),
            f"  sockets  {places.runtime_directory(name)}",
            f"Try:  masterctl{other} status    masterctl{other} set limiter.ceiling_dbtp -2    masterctl{other} meters",
            "Ctrl-C stops it.",
        ]
    )


@click.command()
@click.argument("arguments", nargs=-1, metavar="[CONFIG.toml] [FILE]...")
@click.option("--name", help="Name of this daemon; its sockets, state and NAME.toml go by it.")
@click.option("--host", help="auto, jack, portaudio or simulated.")
@click.option("--device", help="Part of a device's name, as `masterd devices` shows it.")
@click.option("--input-device", help="The same of another device for the input, with a clock of its own.")
def run(arguments: tuple[str, ...], name: str | None, host: str | None, device: str | None, input_device: str | None) -> None:
    """Takes a programme, masters it, hands it on.

    FILEs are played in place of the sound card's input. CONFIG.toml is used instead of NAME.toml in the configuration folder.
    """
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))  # nothing to stop yet; an exception amid an import may change its kind
    path, files = split(arguments)
    given = overrides(name, host, device, input_device, files)
    try:
        settings = read(path, name, given)
    except MasterdError as reason:
        click.echo(reason, err=True)
        sys.exit(CONFIG_REFUSED)
    logs.start()
    sys.exit(start(settings, lambda: read(path, name, given)))


def start(settings: config.Config, reread: Any) -> int:
    """Lives; the exit code."""
    from masterd.daemon.lock import AlreadyRunning
    from masterd.daemon.network import NotSecured
    from masterd.daemon.run import live
    from masterd.daemon.status import in_one_line

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # from here on there is something to clear away

    def ready(desk: Any) -> None:
        if logs.read_by_journal():
            air = desk.air.status()
            real_time = f"{air.realtime_reason}; {air.memory_reason}"
            logging.getLogger(__name__).info("on air: %s; blocks of %d; %s", in_one_line(desk), air.block_frames, real_time)
        else:
            click.echo(banner(desk))

    try:
        asyncio.run(live(settings, reread, ready))
    except AlreadyRunning as reason:
        click.echo(reason, err=True)
        return ALREADY_RUNNING
    except NotSecured as reason:
        click.echo(f"masterd does not start: {reason}", err=True)
        return CONFIG_REFUSED
    except (MasterdError, OSError, ValueError) as reason:
        click.echo(f"masterd cannot start: {reason}", err=True)
        return CANNOT_START
    return 0
