"""An Air on PortAudio's JACK back end, as a program that says each event as a line of JSON, and beside it how the air stands.

A process of its own, killed before the server ends: that back end aborts whoever is opening it then, and an opening of it now and
then hangs until it does. The server's name comes by the environment.
"""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from instruments.child import Child
from instruments.jackd import client_environment
from masterd.control.parameters import defaults
from masterd.daemon.air import Air, AirEvent, AirSettings
from masterd.daemon.hosts.libportaudio import JACK_API
from masterd.daemon.hosts.portaudio import PortAudioOptions


class Events:
    """What the process says."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def wait_for(self, state: str, rate_hz: float | None = None) -> dict[str, Any]:
        """The next event of that state, at that rate if one is given, with the Air's status in `status`."""
        assert self._process.stdout
        for line in self._process.stdout:
            print(line, end="")
            event: dict[str, Any] = json.loads(line)
            if event["state"] == state and rate_hz in (None, event["status"]["sample_rate_hz"]):
                return event
        raise AssertionError(f"it ended before it was {state}")


@contextmanager
def portaudio_air(server_name: str) -> Iterator[Events]:
    """One that waits for a server of that name, or for the next."""
    command = [sys.executable, "-m", "instruments.portaudio_air"]
    environment = os.environ | client_environment(server_name) | {"PYTHONPATH": ":".join(sys.path)}
    with Child(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Events(process)
        process.kill()


def main() -> None:
    options = PortAudioOptions(host_api=JACK_API, input_device="system", output_device="system")

    def tell(event: AirEvent) -> None:
        print(json.dumps(dataclasses.asdict(event) | {"status": dataclasses.asdict(air.status())}), flush=True)

    air = Air(AirSettings(host="portaudio", block_frames=128, portaudio=options), tell)
    air.start(defaults())
    sys.stdin.read()


if __name__ == "__main__":
    main()
