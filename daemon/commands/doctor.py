"""`masterd doctor`: checks this machine for what a live daemon and the rendering of files need, and says what to do."""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import click

from masterd.control import places
from masterd.control.errors import MasterdError
from masterd.daemon import config
from masterd.daemon.commands import devices
from masterd.daemon.commands.doctor_files import files
from masterd.daemon.commands.doctor_network import network
from masterd.daemon.commands.finding import Finding
from masterd.daemon.realtime import CAP_IPC_LOCK, PRIORITY, has_capability, rtprio_limit

CAP_SYS_NICE = 23
GOVERNORS = Path("/sys/devices/system/cpu")


def realtime() -> Finding:
    """May the audio thread go before everything else?"""
    limit = rtprio_limit()
    good = limit >= PRIORITY or has_capability(CAP_SYS_NICE)
    seen = "allowed" if good else f"the limit is {limit}, {PRIORITY} is asked for"
    return Finding(
        "real-time scheduling", good, seen, "use the service, or `@audio - rtprio 75` in /etc/security/limits.d and log in again"
    )


def memory() -> Finding:
    """May memory be kept from being paged out?"""
    limit = resource.getrlimit(resource.RLIMIT_MEMLOCK)[0]
    good = limit == resource.RLIM_INFINITY or has_capability(CAP_IPC_LOCK)
    seen = "allowed" if good else f"the limit is {limit // 1024} kB"
    return Finding(
        "locked memory", good, seen, "use the service, or `@audio - memlock unlimited` in /etc/security/limits.d and log in again"
    )


def governor(folder: Path = GOVERNORS) -> Finding:
    """Does the processor change its clock under the audio?"""
    read = {it.read_text().strip() for it in folder.glob("cpu[0-9]*/cpufreq/scaling_governor")}
    if not read:
        return Finding("processor clock", True, "not under this system's control")
    todo = "`cpupower frequency-set -g performance` keeps it from slowing down between blocks"
    return Finding("processor clock", read == {"performance"}, f"governor {', '.join(sorted(read))}", todo)


def hosts() -> Iterator[Finding]:
    """Is there anything to play through?"""
    todo = {
        "jack": "start jackd or PipeWire's JACK as the same user; not needed where PortAudio is used",
        "portaudio": "install libportaudio2 and plug a card in; not needed where JACK is used",
    }
    seen = devices.found()
    real = [it for it in seen if it.host in todo]
    for it in (it for it in real if it.reason):
        yield Finding(f"host {it.host}", any(not other.reason for other in real), it.reason, todo[it.host])
    for it in (it for it in real if not it.reason):
        yield Finding(f"host {it.host}", True, it.device)


def writable(what: str, folder: Path) -> Finding:
    """Can files, or the folder itself, be made there? Makes neither."""
    there = next((it for it in (folder, *folder.parents) if it.exists()), Path("/"))
    try:
        with tempfile.TemporaryFile(dir=there):
            return Finding(what, True, str(folder))
    except OSError as reason:
        return Finding(what, False, f"{folder}: {reason.strerror}", f"make it writable for user {os.geteuid()}")


def configuration(name: str) -> Finding:
    """Would the daemon take it?"""
    path = places.config_directory() / f"{name}.toml"
    if not path.exists():
        return Finding("configuration", True, f"{path} is not there: defaults")
    try:
        config.load(path)
    except MasterdError as reason:
        return Finding("configuration", False, str(reason), "correct the lines above")
    return Finding("configuration", True, str(path))


def sockets(name: str) -> Finding:
    """Do the sockets' addresses fit?"""
    try:
        places.endpoint(name, "meters")
    except ValueError as reason:
        return Finding("sockets", False, str(reason), "set XDG_RUNTIME_DIR or MASTERD_RUNTIME_DIR to a shorter path")
    return Finding("sockets", True, str(places.runtime_directory(name)))


def examine(name: str) -> Iterator[Finding]:
    """Every check."""
    checks: list[Callable[[], Finding]] = [realtime, memory, governor]
    yield from (check() for check in checks)
    yield from hosts()
    yield writable("runtime folder", places.runtime_directory(name).parent)
    yield writable("state folder", places.state_directory(name))
    yield sockets(name)
    yield configuration(name)
    yield from network(name)
    yield from files()


@click.command()
@click.option(
    "--name", default=places.DEFAULT_NAME, show_default=True, help="Of which daemon to check folders and configuration."
)
@click.option("--json", "as_json", is_flag=True, help="A list of objects.")
def doctor(name: str, as_json: bool) -> None:
    """Checks this machine for what a live daemon, and the rendering of files, need. Exit code 1 when something should be done."""
    findings = list(examine(name))
    if as_json:
        click.echo(json.dumps([asdict(it) for it in findings], indent=1))
    else:
        for it in findings:
            click.echo(f"{'ok  ' if it.good else 'look'}  {it.what}: {it.seen}")
            if not it.good:
                click.echo(f"      {it.todo}")
    sys.exit(any(not it.good for it in findings))
